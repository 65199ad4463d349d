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
# Milliseconds and percent: where sidecars refuse them, --known does, too.
refused 1 "torcht1: --known TI: value 1 is 100, more than 60: ms are suspected, times are given in seconds" torcht1 fit a.nii.gz -o out --known TI=100,180,900,980,1700,1780,2500,3300
refused 1 "torcht1: --known TE: value 1 is 10, more than 3: ms are suspected*" torcht1 fit a.nii.gz -o out --model t2 --known TE=10,30,50,70,90,110,130,150
refused 1 "torcht1: --known FA: value 2 is 400, more than 360; angles in degrees are expected" torcht1 fit a.nii.gz -o out --model vfa --known FA=3,400,3,4,5,6,7,8 --known TR=0.015
torcht1 fit s/series.nii.gz -o f -q || fail "fit"
vfa() { torcht1 fit a.nii.gz -q --model vfa --known FA=3,6,9,12,15,18,21,24 --known TR=0.015 "$@"; }
refused 1 "torcht1: f/C.nii.gz: the median of B1 is *: percent are suspected, 1 is expected where the field is as wanted; divide the map by 100, or write its unit into a sidecar, *" vfa -o out --known B1=f/C.nii.gz
vfa -o good --known B1=f/k.nii.gz || fail "a factor"
