#!/bin/sh
# SPDX-License-Identifier: MIT
# Nothing may run against the order of dependence (src/README.md): no #include, of a private header
# or of the public one of another room, and no call. Programs and examples use public headers only.
# arrows.sh [ROOT [BUILD]]
set -eu
cd "${1:-$(dirname "$0")/..}"
build=${2:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

# ROOM OTHER...: files of ROOM may use ROOM and OTHERs. Everybody's are torcht1.h and
# tt1_json.h, in which base/ has its part.
cat >"$work/rooms" <<'ROOMS'
base
model base
kernel
device base model kernel
fit base model kernel device
design base model fit
file base
image base file
bids base file image
dicom base file image
input base file image bids dicom
simulate base image
network base file simulate
analysis base image
report base file image
mapping base model device fit file image bids dicom input network report
measure base file image dicom input mapping analysis
abi base model device fit design file image bids dicom input simulate network analysis report mapping measure
ROOMS

while read -r room others; do
  pattern=$(echo "$room $others" | tr ' ' '|')
  found=$(grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"([a-z]+/|tt1_[a-z]+\.h)' "src/$room" \
    --include='*.[ch]' --include='*.cc' --include='*.def' |
    grep -vE "include[[:space:]]*\"(($pattern|models)/|tt1_($pattern|json|version)\.h)" || true)
  [ -z "$found" ] || { echo "src/$room may include only $pattern:"; echo "$found"; bad=1; }
done <"$work/rooms"
for room in src/*/; do
  grep -qE "^$(basename "$room")( |\$)" "$work/rooms" ||
    { echo "$room has no place in the order of dependence (tests/arrows.sh)"; bad=1; }
done

# What each room defines and what it calls, by its objects.
if [ -n "$build" ] && command -v nm >/dev/null; then
  while read -r room others; do
    find "$build/src/$room" -name '*.o' -exec nm -g {} + 2>/dev/null |
      awk -v room="$room" '$NF ~ /^tt1_/ { print (NF > 2 ? "has" : "calls"), $NF, room }'
  done <"$work/rooms" | sort -u >"$work/symbols"
  while read -r room others; do
    awk -v room="$room" -v others=" $room $others " '
      $1 == "has" { owner[$2] = $3 }
      $1 == "calls" && $3 == room { called[$2] = 1 }
      END { for (name in called)
              if (name in owner && index(others, " " owner[name] " ") == 0)
                print "src/" room " calls " name "() of src/" owner[name] }' "$work/symbols"
  done <"$work/rooms" >"$work/calls"
  [ -s "$work/symbols" ] || { echo "no objects in $build/src"; bad=1; }
  [ ! -s "$work/calls" ] || { cat "$work/calls"; bad=1; }
fi

# A command uses its own folder and cli/, which uses no command.
for command in programs/*/; do
  command=$(basename "$command")
  found=$(grep -rnE '#[[:space:]]*include[[:space:]]*"([a-z]+/|\.\.)' "programs/$command" --include='*.[ch]' |
    grep -vE "include[[:space:]]*\"($command|cli)/" || true)
  [ -z "$found" ] || { echo "programs/$command may include only include/, cli/ and itself:"; echo "$found"; bad=1; }
done
found=$(grep -rnE '#[[:space:]]*include[[:space:]]*"([a-z]+/|\.\.)' examples --include='*.[ch]' || true)
[ -z "$found" ] || { echo "examples may include only include/:"; echo "$found"; bad=1; }
exit $bad
