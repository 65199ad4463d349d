# A DICOM folder gives the maps that the NIfTI file of the same simulation gives, but for 12 bits.
dicom_heart s --slices 2 --format both
torcht1 fit s -o d -q --sign magnitude && torcht1 fit s/series.nii.gz -o n -q || fail "fit"
# Measured: 99.9 % of the voxels of heart and liver within 0.55 ms, where noise scatters T1 by about 20 ms.
for label in 3 4 5; do
  "$TORCHT1_WORLD" d/T1map.nii.gz n/T1map.nii.gz s/labels.nii.gz $label 0.001 0.995 >&2 || fail "label $label"
done
for line in '"description": "MOLLI 5(3)3 digital heart"' '"number": 1' '"scaling": "none"' '"phase": true' \
  '"source": "(0018,0082) of 8 images"' '"values": \[0.12, 1.12, 2.12, 3.12, 4.12, 0.2, 1.2, 2.2\]'; do
  grep -q "$line" d/fit.json || fail "no $line in fit.json"
done
[ "$(grep -c 'crc32.*"$' d/fit.json)" -ge 32 ] || fail "checksums of the files"
cmp d/T1map.png n/T1map.png || [ -s d/T1map.png ] || fail "no picture"

# Images are counted in the order of acquisition, as info shows them.
torcht1 fit s -o i -q --images 2-5,1 || fail "--images"
grep -q '"values": \[1.12, 2.12, 3.12, 4.12, 0.12\]' i/fit.json || fail "order of --images"
torcht1 fit s/magnitude/0003.dcm -o f -q || fail "a file stands for its series"
torcht1 fit s -o u -q --sign magnitude --series "$(torcht1 info s --json | sed -n 's/.*"uid": "\(.*\)".*/\1/p' | head -n 1)" || fail "--series UID"
torcht1 fit s -o t --sign magnitude --series HEART >printed.txt || fail "--series TEXT"
grep -q '^series   1 MOLLI 5(3)3 digital heart, 8 images$' printed.txt || fail "no series in the table"
cmp d/T1map.nii.gz u/T1map.nii.gz && cmp d/T1map.nii.gz t/T1map.nii.gz || fail "--series changed the map"

refused 1 'torcht1: no series is called "9"*' torcht1 fit s -o out --series 9
refused 1 "torcht1: no series can be fitted: *no time varies over its 8 images*" torcht1 fit s -o out --times trigger
refused 1 "torcht1: --images 9: the series has images 1 to 8" torcht1 fit s -o out --images 9
refused 2 "torcht1: --times takes one of auto, trigger, not 'x'" torcht1 fit s -o out --times x
mkdir two && dicom_heart two/a --size 32 && dicom_heart two/b --size 32 --seed 2
refused 1 "torcht1: 2 series can be fitted: *choose one with --series*" torcht1 fit two -o out
refused 2 "torcht1: --signed is for NIfTI*" torcht1 simulate heart -o out --format dicom --signed
refused 2 "torcht1: --format takes one of nifti, dicom, both, bids, not 'dcm'" torcht1 simulate heart -o out --format dcm

# Masks and maps that are stored bottom up, as NIfTI is, lie on DICOM slices, which are stored top down.
torcht1 fit s -o masked -q --sign magnitude --mask s/labels.nii.gz || fail "--mask"
torcht1 compare masked/T1map.nii.gz n/T1map.nii.gz --mask s/labels.nii.gz --json >compared.json || fail "compare turned"
grep -q '"position_mm": 0,' compared.json || fail "the maps lie apart"
"$TORCHT1_WORLD" masked/T1map.nii.gz n/T1map.nii.gz s/labels.nii.gz 4 0.001 0.995 >&2 || fail "the mask is turned"
