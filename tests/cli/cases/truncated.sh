# Every cut of a NIfTI file is refused with one sentence, compressed or not.
heart s --size 32
gzip -dc s/series.nii.gz >whole.nii
cp s/series.json cut.json
for suffix in nii nii.gz; do
  file=whole.nii
  [ $suffix = nii.gz ] && file=s/series.nii.gz
  size=$(stat -c %s $file)
  for ((at = 0; at < size; at += 100)); do
    head -c $at $file >cut.$suffix
    refused 1 "torcht1: *cut.$suffix*" torcht1 fit cut.$suffix -o out
  done
  rm cut.$suffix
done
