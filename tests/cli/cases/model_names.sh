# A name of a shipped model means that model, whatever files and folders there are; a file needs a slash or
# the ending .model, and everything that was made with it says so.
models=$(dirname "$case")/../../../models
heart s --size 32
torcht1 fit s/series.nii.gz -o before -q || fail "before"
mkdir t2 && sed 's/(k - 1) \* T1s/2 * (k - 1) * T1s/; /^test/d' "$models/molli.model" >molli
torcht1 fit s/series.nii.gz -o after >said.txt || fail "with a file of that name"
cmp before/T1map.nii.gz after/T1map.nii.gz || fail "a file called molli was taken unasked"
grep -q '^model    molli$' said.txt && grep -q '"file": null' after/fit.json || fail "what was taken: $(cat said.txt)"
torcht1 fit s/series.nii.gz -o asked -q --model molli && cmp before/T1map.nii.gz asked/T1map.nii.gz || fail "asked for by name"
torcht1 models show t2 | cmp - "$models/t2.model" || fail "a folder called t2"
torcht1 cite t2 >cited.txt && grep -q Meiboom cited.txt || fail "cite t2"
rm molli && torcht1 fit s/series.nii.gz -o molli -q && torcht1 fit s/series.nii.gz -o molli -q || fail "into a folder called molli, twice"

# The file, asked for as one.
rm -r molli && sed 's/(k - 1) \* T1s/2 * (k - 1) * T1s/; /^test/d' "$models/molli.model" >molli
torcht1 fit s/series.nii.gz -o own --model ./molli >said.txt || fail "./molli"
grep -q '^model    molli of ./molli, not a shipped one$' said.txt || fail "the table: $(cat said.txt)"
grep -q '"file": "./molli"' own/fit.json || fail "fit.json does not say"
cmp -s before/T1map.nii.gz own/T1map.nii.gz && fail "the shipped model was taken"
cp molli mine.model
torcht1 fit s/series.nii.gz -o mine -q --model mine.model && cmp own/T1map.nii.gz mine/T1map.nii.gz || fail "mine.model"
# The text of a shipped model is that model, wherever it lies.
cp "$models/molli.model" copy.model
torcht1 fit s/series.nii.gz -o copy --model copy.model >said.txt && grep -q '^model    molli$' said.txt || fail "a copy: $(cat said.txt)"
refused 1 "torcht1: unknown model 'own'*" torcht1 fit s/series.nii.gz -o out --model own
