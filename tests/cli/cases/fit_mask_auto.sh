# --mask auto: tissue is kept and air is left out; the table is of what is kept, and of tissue without it, too.
torcht1 simulate heart -o s -q --snr 50 --seed 1 || fail "cannot simulate"
fit() { torcht1 fit s/series.nii.gz "$@" || fail "fit $*"; }
fit -o auto --mask auto --keep-bound >auto.txt
fit -o plain >plain.txt
count() { torcht1 regions "$1/T1map.nii.gz" --labels "$2" | awk -v column="$3" '$1 == "all" {print $column}'; }
on=$(count auto s/labels.nii.gz 2) off=$(count auto s/labels.nii.gz 3)
masked=$(awk '$3 == "%" && $4 == "masked" {print $1}' auto.txt)
[ "$on" -gt 5000 ] && [ "$masked" -gt 5000 ] || fail "on $on, masked $masked"
# Of all 128 x 128 voxels those without a label are air.
awk -v on="$on" -v off="$off" -v masked="$masked" 'BEGIN {air = 16384 - on - off; lit = 16384 - masked - on
  printf "air on %.2f %%\n", 100 * lit / air; exit !(lit >= 0 && lit <= 0.025 * air)}' || fail "too much air is kept"
myocardium=$(count auto s/myocardium.nii.gz 2) lost=$(count auto s/myocardium.nii.gz 3)
[ $((200 * lost)) -le $((lost + myocardium)) ] || fail "$lost voxels of the myocardium are lost"
grep -q '"mask": "auto"' auto/fit.json || fail "fit.json does not say so"
grep -q 'voxels in the mask$' auto.txt && grep -q 'voxels with signal$' plain.txt || fail "the table does not say what it is of"
awk '$1 == "T1map" {n++; if ($2 < 900 || $2 > 1050) exit 1} END {exit n != 2}' auto.txt plain.txt || fail "medians: $(cat auto.txt plain.txt)"
# The maps of a fit without a mask are those of before: air has its values.
[ "$(count plain s/labels.nii.gz 2)" -gt 8000 ] || fail "plain"

# Pictures: in each format that is asked for; the window as asked for.
torcht1 fit s/series.nii.gz -o drawn -q --output-format png,svg,pdf --range 0,1500 2>said.txt || skip "this build draws no pictures: $(cat said.txt)"
[ "$(ls drawn | tr '\n' ' ')" = 'T1map.pdf T1map.png T1map.svg fit.json ' ] || fail "files: $(ls drawn)"
head -c 5 drawn/T1map.pdf | grep -q '%PDF-' && grep -q '<svg' drawn/T1map.svg || fail "no PDF or SVG"
torcht1 fit s/series.nii.gz -o usual -q --output-format png && ! cmp -s usual/T1map.png drawn/T1map.png || fail "--range does nothing"
# An own model's map is drawn before its parameters.
models=$(dirname "${BASH_SOURCE[0]}")/../../../models
sed 's/^model .*/model own/; s/ *bids T1map//' "$models/molli.model" >own.model
torcht1 fit s/series.nii.gz -o own -q --model ./own.model --output-format png || fail "own model"
[ -s own/T1.png ] || fail "another map is drawn: $(ls own)"
