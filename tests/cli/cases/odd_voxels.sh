# NaN and constant voxels end with an outcome and NaN, never a silent number.
"$TORCHT1_ODD" series.nii || fail "cannot make the series"
torcht1 fit series.nii -o out -q --known TI=0.1,0.2,0.4,0.8,1.6,3.2 || fail "fit"
"$TORCHT1_ODD" --check out || fail "the maps are wrong"
