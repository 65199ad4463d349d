# `info` and `fit` agree: what `info` says can be fitted is fitted, and what it says cannot is refused in the same
# sentence. Over inputs of all kinds, good and bad, and the cases of people, where they are there.
python=$(python_with nibabel numpy) || skip "no python3 with nibabel and numpy"
heart n --size 32
torcht1 simulate heart -o d -q --physics equation --format dicom --size 32 --slices 1 2>said.txt || rm -rf d
mkdir -p inputs
"$python" - <<'PYTHON' || fail "files"
import gzip, json, os, shutil, nibabel, numpy
image = nibabel.load("n/series.nii.gz")
data, times = numpy.asanyarray(image.dataobj), json.load(open("n/series.json"))["InversionTime"]
def write(name, array, told=None, text=None):
    name = "inputs/" + name
    os.makedirs(os.path.dirname(name), exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(array, image.affine), name + ".nii.gz")
    if told is not None: json.dump(told, open(name + ".json", "w"))
    if text is not None: open(name + ".json", "wb").write(text)
every = {"InversionTime": times}
stack = numpy.ascontiguousarray(data[:, :, 0, :])
write("plain/s", data, every); write("bare/s", data); write("stack/s", stack, every); write("complex/s", data.astype(numpy.complex64), every)
write("scalar/s", data, {"InversionTime": 0.12}); write("ms/s", data, {"InversionTime": [1000 * t for t in times]})
write("zero/s", data, {"InversionTime": [0.0] + times[1:]}); write("few/s", data, {"InversionTime": times[:5]})
write("mark/s", data, text=b"\xef\xbb\xbf" + json.dumps(every).encode()); write("comment/s", data, text=b"{ // no\n}")
write("nan/s", data, text=json.dumps(every)[:-1].encode() + b', "x": NaN}'); write("latin/s", data, text=json.dumps(every)[:-1].encode() + b', "x": "\xe4"}')
write("echoes/s", data[..., :4], {"EchoTime": [0.01, 0.02, 0.03, 0.05]}); write("flips/s", data[..., :3], {"FlipAngle": [3, 10, 20], "RepetitionTime": 0.01})
write("one/s", data[..., 0], {"InversionTime": 0.1}); write("two/a", data, every); write("two/b", data, every)
write("parts/x_real", data, every); write("parts/x_imaginary", data - 5, every); write("phase/x_ph", data, every)
write("mag/x", data, every); write("mag/x_ph", numpy.where(data > 90, 3, -3).astype(numpy.float32), {"Units": "rad"}); write("nothing/mask", data[..., 0])
for i, t in enumerate(times):
    write(f"files/{i}", data[..., i], {"InversionTime": t}); write(f"set/a_inv-{i + 1}_IRT1", data[..., i], {"InversionTime": t})
    if i != 3: write(f"gap/a_inv-{i + 1}_IRT1", data[..., i], {"InversionTime": t})
    write(f"grid/{i}", data[..., i], {"InversionTime": t, "EchoTime": 0.01}); write(f"grid/e{i}", data[..., i], {"InversionTime": t, "EchoTime": 0.02})
os.makedirs("inputs/empty"); os.makedirs("inputs/text"); open("inputs/text/a.txt", "w").write("x")
os.makedirs("inputs/cut"); open("inputs/cut/s.nii.gz", "wb").write(open("inputs/plain/s.nii.gz", "rb").read()[:900])
if os.path.isdir("d"):
    names = sorted(os.listdir("d/magnitude"))
    for kind in "magnitude", "phase": shutil.copytree("d/" + kind, "inputs/dicom-" + kind)
    shutil.copytree("d", "inputs/dicom-both")
    for folder in "gz", "lost", "foreign", "cutone": os.makedirs("inputs/dicom-" + folder)
    for i, name in enumerate(names):
        b = open("d/magnitude/" + name, "rb").read()
        open(f"inputs/dicom-gz/{name}.gz", "wb").write(gzip.compress(b))
        if i != 4: open(f"inputs/dicom-lost/{name}", "wb").write(b)
        open(f"inputs/dicom-foreign/{name}", "wb").write(b)
        open(f"inputs/dicom-cutone/{name}", "wb").write(b if i else b[:-100])
    open("inputs/dicom-foreign/zz.dcm", "wb").write(b"no DICOM")
PYTHON
cases=$(dirname "$case")/../../../../shared/cases
for kind in "$cases"/*/; do [ -d "$kind" ] && cp -r "$kind" "inputs/case-$(basename "$kind")"; done
"$python" - <<'PYTHON' || fail "info and fit disagree"
import glob, json, os, shutil, subprocess, sys
def run(*words):
    got = subprocess.run(["torcht1", *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return got.returncode, got.stdout, got.stderr
inputs = sorted(glob.glob("inputs/*")) + sorted(f for f in glob.glob("inputs/*/*") if not f.endswith((".json", ".md", ".txt")))
n_fitted = n_refused = 0
wrong = []
for path in inputs:
    code, out, said = run("info", path, "--json")
    fit_code, _, fit_said = run("fit", path, "-o", "maps", "-q")
    shutil.rmtree("maps", ignore_errors=True)
    first = fit_said.split("\n")[0]
    n_fitted += fit_code == 0
    n_refused += fit_code != 0
    if fit_code < 0 or code < 0 or fit_code > 2: wrong.append((path, "crashed", fit_said))
    if code != 0: # neither reads it, for one reason
        if fit_code == 0 or said.split("\n")[0] != first: wrong.append((path, said, first))
        continue
    told = json.loads(out)
    if isinstance(told.get("series"), list) and "chosen" in told:
        chosen, series = told["chosen"], told["series"]
        if chosen < 0:
            if fit_code == 0 or first != "torcht1: " + told["not_chosen"]: wrong.append((path, told["not_chosen"], first))
        elif series[chosen]["images"] == 1: # the table says that one image cannot be fitted
            if fit_code == 0: wrong.append((path, "info: one image", "fitted"))
        elif fit_code == 0 or told["refusal"]:
            if (fit_code == 0) != (told["refusal"] is None) or (fit_code and first != "torcht1: " + told["refusal"]):
                wrong.append((path, told["refusal"], first))
        else:
            wrong.append((path, "info: can be fitted", first))
    table = " ".join(run("info", path)[1].split())
    if fit_code and told.get("refusal") and "takes" in table and not any(t in table for t in (
            "have to be given", "one image cannot be fitted", "has to be named", "--model", " ".join(told["refusal"].split())[:60])):
        wrong.append((path, told["refusal"], "is not in the table: " + table[-300:]))
for w in wrong: print(w, file=sys.stderr)
print(n_fitted, "fitted,", n_refused, "refused", file=sys.stderr)
sys.exit(bool(wrong) or n_fitted < 20 or n_refused < 20)
PYTHON
