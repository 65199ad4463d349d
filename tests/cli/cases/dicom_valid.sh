# What is written as DICOM is what the standard asks for.
command -v dciodvfy >/dev/null || skip "dciodvfy (dicom3tools) is absent"
dicom_heart s --size 32 --slices 2
for file in s/magnitude/*.dcm s/phase/*.dcm; do
  dciodvfy "$file" >said.txt 2>&1
  grep -q '^MRImage$' said.txt || fail "$file: not seen as an MR image: $(head -n 3 said.txt)"
  ! grep '^Error' said.txt >&2 || fail "$file"
done
[ "$(ls s/magnitude s/phase | grep -c dcm)" -eq 32 ] || fail "number of files"
dcentvfy s/*/*.dcm >said.txt 2>&1; ! grep . said.txt >&2 || fail "the files do not agree with each other"
