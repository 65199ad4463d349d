# Ctrl-C at many moments: nothing is left behind, and what was there before stays.
heart s --size 256
set -m # so that background jobs do not ignore SIGINT
start() {
  "$TORCHT1" fit s/series.nii.gz -o "$1" --solver adam --iterations "$2" -q &
  pid=$!
}
for delay in 0.01 0.02 0.03 0.05 0.07 0.1 0.15 0.2 0.3; do
  start out 100
  sleep $delay
  kill -INT $pid 2>/dev/null
  wait $pid
  code=$?
  [ $code -eq 0 ] && { rm -rf out; continue; }
  [ $code -eq 130 ] || fail "exit $code after $delay s"
  nothing_left out
done
mkdir kept && echo old >kept/T1map.nii.gz
start kept 100000
for try in $(seq 100); do # until it has begun to write there
  [ "$(ls -A kept | wc -l)" -gt 1 ] && break
  sleep 0.05
done
kill -INT $pid
wait $pid
[ $? -eq 130 ] || fail "the signal did not end the fit"
[ "$(ls -A kept)" = T1map.nii.gz ] && [ "$(cat kept/T1map.nii.gz)" = old ] || fail "kept was changed: $(ls -A kept)"
