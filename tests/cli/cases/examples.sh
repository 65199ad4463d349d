# The examples of the library give the maps of the command line, byte for byte.
map_study=$TORCHT1_MAP_STUDY fit_arrays=$TORCHT1_FIT_ARRAYS

same() { # STUDY: map_study and fit write the same files; the record but for its clock
  torcht1 fit "$1" -o by-command -q || fail "fit $1"
  "$map_study" "$1" by-library >said.txt 2>&1 || fail "map_study $1: $(cat said.txt)"
  [ "$(cd by-command && find . -type f | sort)" = "$(cd by-library && find . -type f | sort)" ] ||
    fail "other files of $1: $(ls by-command by-library)"
  (cd by-command && find . -type f ! -name fit.json) | while read -r file; do
    cmp "by-command/$file" "by-library/$file" || fail "$file of $1 differs"
  done
  clock='"(read|fit|write)": [0-9]|s estimated, less than'
  diff <(grep -Ev "$clock" by-command/fit.json) <(grep -Ev "$clock" by-library/fit.json) >differs.txt ||
    fail "records of $1 differ: $(cat differs.txt)"
  rm -r by-command by-library
}

heart plain --size 32 --slices 2
same plain/series.nii.gz
! "$map_study" nowhere out 2>said.txt && grep -q 'nowhere cannot be read' said.txt || fail "no sentence: $(cat said.txt)"
nothing_left out

# Numbers in memory: no file of ours, no geometry.
torcht1 fit plain/series.nii.gz -o maps -q || fail "fit"
times=$(tr -d ' \n' <plain/series.json | sed 's/.*"InversionTime":\[\([^]]*\)\].*/\1/')
gzip -dc plain/series.nii.gz | tail -c +353 | "$fit_arrays" "$times" >t1.raw || fail "fit_arrays"
gzip -dc maps/T1map.nii.gz | tail -c +353 | cmp - t1.raw || fail "fit_arrays gives other bits than fit"

# DICOM: phase gives the signs.
dicom_heart scanned --size 32 --slices 2
same scanned
dicom_heart other --size 32 --slices 2 --vendor philips --rr-sd 0.05
same other
