# Files of four scanners: values and places as pydicom and dcm2niix find them, maps told from images.
data=${TORCHT1_TEST_DATA:-$(dirname "$case")/../../../../shared/data}
[ -d "$data/nist-plates" ] || skip "no test data (TORCHT1_TEST_DATA)"
python=$(python_with pydicom nibabel) || skip "no python3 with pydicom and nibabel"
same() { # NAME FOLDER KIND [INPUT]
  "$TORCHT1_DUMP" "${4:-$data/$2}" "$1" >said.txt 2>&1
  [ $? -ne 77 ] || skip "this build has no DICOM"
  [ -d "$1" ] || fail "$2: $(cat said.txt)"
  converted=
  if [ "$3" = magnitude ] && command -v dcm2niix >/dev/null; then
    # One file is enough for the place, and series of one image each become several.
    local first=${first_of[$2]:-$(ls "$data/$2" | head -n 1)}
    mkdir "$1.one" "$1.nii" && cp "$data/$2/$first" "$1.one"
    dcm2niix -o "$1.nii" -f x "$1.one" >said.txt 2>&1 || fail "dcm2niix: $(tail -n 2 said.txt)"
    converted=$1.nii/x.nii
  fi
  "$python" "$(dirname "$case")/../read_dicom.py" "$1" "$data/$2" "$3" $converted >&2 || fail "$2"
}
declare -A first_of=([nist-plates/ge-1p5t-plate4-t1]=Z682.dcm [nist-plates/ge-1p5t-plate4-t2]=Z826.dcm)
same siemens siemens-shmolli-phantom/magnitude magnitude
same paired siemens-shmolli-phantom/phase phase "$data/siemens-shmolli-phantom"
same plate nist-plates/siemens-1p5t-plate5-t1 magnitude
same philips nist-plates/philips-1p5t-plate5-t1 philips
same ge1 nist-plates/ge-1p5t-plate4-t1 magnitude
same ge2 nist-plates/ge-1p5t-plate4-t2 magnitude
refused 1 '*no series can be fitted: 14 "ShMOLLI_192i_e11_T1MAP": it is a map*' \
  torcht1 fit "$data/siemens-shmolli-phantom/vendor-t1map" -o out
refused 1 '*4 series can be fitted: *choose one with --series*' torcht1 fit "$data/nist-plates" -o out

# The model that the sequence is for, without being named; and the same in info.
takes() { # SERIES MODEL [MODEL]: fit, and info where that names the model of the sequence alone
  torcht1 fit "$data/$1" -o chosen -q 2>said.txt || fail "$1: $(cat said.txt)"
  grep -q "\"name\": \"$2\"" chosen/fit.json || fail "$1: not $2"
  torcht1 info "$data/$1" | grep -q "^  model  *${3:-$2}, for " || fail "info $1: not ${3:-$2}"
  rm -r chosen
}
takes nist-plates/siemens-1p5t-plate5-t1 irse
takes nist-plates/philips-1p5t-plate5-t1 ir3
takes nist-plates/ge-1p5t-plate4-t1 ir3
takes nist-plates/ge-1p5t-plate4-t2 t2
takes siemens-shmolli-phantom mollirest molli
