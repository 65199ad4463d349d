heart s --size 32
refused 1 "torcht1: *none.nii*" torcht1 fit none.nii -o out
heart other --size 48
refused 1 "torcht1: *the mask is 48 x 48 x 1 voxels, the series is 32 x 32 x 1" torcht1 fit s/series.nii.gz -o out --mask other/labels.nii.gz
refused 1 "torcht1: *the mask has 8 images, one is expected" torcht1 fit s/series.nii.gz -o out --mask s/series.nii.gz
refused 1 "torcht1: *" torcht1 fit s/series.nii.gz -o no/such/out
refused 1 "torcht1: *" torcht1 fit s/series.nii.gz -o out --device nowhere
refused 1 "torcht1: *" torcht1 fit s/series.nii.gz -o out --isa nowhere
touch plain
refused 1 "torcht1: *plain*" torcht1 fit s/series.nii.gz -o plain
[ -f plain ] || fail "the file 'plain' was touched"
if [ "$(id -u)" -ne 0 ]; then
  mkdir locked && chmod a-w locked
  refused 1 "torcht1: *" torcht1 fit s/series.nii.gz -o locked/out
fi
refused 1 "torcht1: *" torcht1 fit s/series.nii.gz -o /proc/out
# A set in BIDS form with an image of another size.
mkdir set
torcht1 simulate heart -o one -q --size 32
cp s/series.nii.gz set/sub-1_inv-1_IRT1.nii.gz; cp other/series.nii.gz set/sub-1_inv-2_IRT1.nii.gz
for i in 1 2; do echo '{"InversionTime": 0.1}' >set/sub-1_inv-${i}_IRT1.json; done
refused 1 "torcht1: *" torcht1 fit set/sub-1_inv-1_IRT1.nii.gz -o out

# Names may hold anything: one sentence, nothing that a terminal obeys, and JSON that is JSON.
refused 1 "torcht1: no?such?\[1mfile.nii*" torcht1 fit $'no\nsuch\e[1mfile.nii' -o out
heart odd --size 32
name=$'odd/b\xffd \xc3\xa9.nii.gz'
if cp odd/series.nii.gz "$name" 2>/dev/null; then
  times=$(tr -d ' \n' <odd/series.json | sed 's/.*"InversionTime":\[\([^]]*\)\].*/\1/')
  torcht1 fit "$name" -o named -q --known TI="$times" || fail "a name that is no UTF-8"
  grep -q 'b\\ufffdd é.nii.gz' named/fit.json || fail "fit.json: $(grep -a nii.gz named/fit.json)"
fi
