# --fix, --bounds, --start-at, --start-map, --correction: what they do, record and refuse.
heart s --size 48
fit() { torcht1 fit s/series.nii.gz "$@" || fail "$*"; }
has() { grep -Eq -- "$2" "$1" || fail "$1 lacks '$2'"; }
value() { grep -A 4 "\"file\": \"$2\"" "$1/fit.json" | sed -n 's/.*"median": \([0-9.e-]*\),*/\1/p'; }

fit -o plain -q
fit -o fixed --fix k=2 >table
has table '^fixed    k = 2$'
[ ! -e fixed/k.nii.gz ] && [ ! -e fixed/k_sd.nii.gz ] || fail "a fixed parameter has a map"
[ -e fixed/T1map.nii.gz ] && [ -e fixed/T1s_sd.nii.gz ] || fail "maps are missing"
has fixed/fit.json '"fixed": 2'
# The text in fit.json is that of a whole model: it alone repeats the fit.
sed -n 's/^    "text": "\(.*\)"$/\1/p' fixed/fit.json | sed 's/\\n/\n/g; s/\\"/"/g' >own.model
fit -o again -q --model ./own.model
for map in C T1s T1map T1map_sd rmse outcome; do
  cmp fixed/$map.nii.gz again/$map.nii.gz || fail "$map differs from that of the text in fit.json"
done

fit -o bounded -q --bounds k=1.5,1.8 --keep-bound
has bounded/fit.json '"bounds": \[1.5, 1.8\]'
awk -v k="$(value bounded k.nii.gz)" 'BEGIN { exit !(k >= 1.5 && k <= 1.8) }' || fail "k leaves its bounds"

fit -o started -q --solver lm --start-map T1s=plain/T1s.nii.gz --start-at k=1.9
has started/fit.json '"start": "fixed"'
has started/fit.json '"file": "plain/T1s.nii.gz"'

fit -o corrected --correction 1.0365 >table
has table '^note     T1 and its SD are multiplied by 1.0365$'
has corrected/fit.json '"factor": 1.0365'
[ "$(grep -c '"multiplied_by": 1.0365' corrected/fit.json)" -eq 2 ] || fail "not both maps are marked"
awk -v a="$(value plain T1map.nii.gz)" -v b="$(value corrected T1map.nii.gz)" \
  'BEGIN { d = b / a - 1.0365; exit !(d < 1e-6 && d > -1e-6) }' || fail "T1map is not corrected"
cmp plain/T1s.nii.gz corrected/T1s.nii.gz || fail "T1s changed"
fit -o named -q --correction T1map=1.0365 && cmp corrected/T1map.nii.gz named/T1map.nii.gz || fail "T1map is T1"
fit -o other -q --correction T1s=2
cmp plain/T1map.nii.gz other/T1map.nii.gz || fail "T1map changed"
gzip -dc corrected/T1map_sd.nii.gz | head -c 300 | grep -aq 'x 1.0365' || fail "the file does not say so"

run() { refused "$1" "$2" torcht1 fit s/series.nii.gz -o out "${@:3}"; }
run 1 "torcht1: model molli has no parameter 'K', only C, k, T1s" --fix K=2
run 1 "torcht1: the fixed value 5 of k lies outside its bounds 1 to 4" --fix k=5
run 1 "torcht1: bounds 3 to 1 of k leave nothing*" --bounds k=3,1
run 1 "torcht1: the start 20 of T1s lies outside its bounds 0.01 to 10" --start-at T1s=20
run 1 "torcht1: all parameters of model molli are fixed" --fix k=2 --fix C=1 --fix T1s=1
run 1 "torcht1: --start-map T1=*finds no parameter of that name*" --start-map T1=plain/T1map.nii.gz
run 1 "torcht1: no.nii*" --start-map T1s=no.nii
run 1 "torcht1: --correction T2=*has no map of that name*" --correction T2=1.1
run 2 "torcht1: --fix takes NAME=VALUE, for instance k=2, not 'k'" --fix k
run 2 "torcht1: --bounds takes NAME=LOWER,UPPER, for instance k=1,3, not 'k=1'" --bounds k=1
run 2 "torcht1: --correction takes a number from *" --correction nan
run 2 "torcht1: --start grid takes no --start-at or --start-map" --start grid --start-at k=2
run 2 "torcht1: varpro searches globally*" --solver varpro --start-at k=2
