heart s --size 32
cp s/series.nii.gz a.nii.gz
refused 1 "torcht1: a.nii.gz: no inversion time (TI) is given; *InversionTime*--known TI=*8 numbers*" torcht1 fit a.nii.gz -o out
echo '{"InversionTime": [0.1, 0.2]}' >a.json
refused 1 "torcht1: *a.json*InversionTime*" torcht1 fit a.nii.gz -o out
echo '{"InversionTime": [0.1, 0.2' >a.json
refused 1 "torcht1: *a.json*" torcht1 fit a.nii.gz -o out
echo '{"InversionTime": [0.1, 0.2, "x", 0.4, 0.5, 0.6, 0.7, 0.8]}' >a.json
refused 1 "torcht1: *a.json*" torcht1 fit a.nii.gz -o out
rm a.json
refused 1 "torcht1: --known TI: 2 values given, 8 expected, one per image" torcht1 fit a.nii.gz -o out --known TI=0.1,0.2
refused 1 "torcht1: --known TI=...: number 2 of the list cannot be read: 'x'" torcht1 fit a.nii.gz -o out --known TI=0.1,x
refused 1 "torcht1: --known TI=...: number 1 of the list cannot be read: 'nan*" torcht1 fit a.nii.gz -o out --known TI=nan,1,1,1,1,1,1,1
refused 1 "torcht1: model molli has no known quantity 'TE'*" torcht1 fit a.nii.gz -o out --known TE=1
refused 1 "torcht1: --images 1-9: the series has images 1 to 8" torcht1 fit s/series.nii.gz -o out --images 1-9
refused 1 "torcht1: --images 1,1: image 1 is listed twice" torcht1 fit s/series.nii.gz -o out --images 1,1
refused 1 "torcht1: *" torcht1 fit s/series.nii.gz -o out --images 1,2
