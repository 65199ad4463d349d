# Which files a fit writes; MATLAB files that another reader finds equal to the NIfTI maps.
heart s --slices 2 --size 40
torcht1 fit s/series.nii.gz -o plain -q || fail "fit"
[ -e plain/T1map.nii.gz ] && [ ! -e plain/maps.mat ] && [ ! -e plain/dicom ] || fail "the usual formats"
torcht1 fit s/series.nii.gz -o png -q --output-format png 2>said.txt || skip "this build draws no pictures: $(cat said.txt)"
[ "$(ls png)" = "$(printf 'T1map.png\nfit.json')" ] || fail "not the picture alone: $(ls png)"
! grep -q 'nii.gz", *"unit\|T1map.nii.gz' png/fit.json || fail "fit.json names files that are not there"
refused 2 "torcht1: --output-format takes one of nifti, png, dicom, mat, svg, pdf, not 'jpeg'" torcht1 fit s/series.nii.gz -o out --output-format nifti,jpeg
refused 2 "torcht1: --output-format takes one of nifti, png, dicom, mat, svg, pdf, not ''" torcht1 fit s/series.nii.gz -o out --output-format nifti,

torcht1 fit s/series.nii.gz -o m --output-format mat,nifti >text.txt 2>said.txt || {
  grep -q matio said.txt && skip "$(cat said.txt)"
  fail "$(cat said.txt)"
}
grep -q '^written  m/fit.json, \*.nii.gz, maps.mat$' text.txt || fail "what was written is not told"
[ ! -e m/T1map.png ] || fail "a picture nobody asked for"
torcht1 fit s/series.nii.gz -o n -q --output-format mat && cmp m/maps.mat n/maps.mat || fail "the same fit gives other bytes"

# What does not fit on the disk is told, whichever call it was that failed.
for room in 1 4 8 12 16 20 40 64; do
  (ulimit -f $room; torcht1 fit s/series.nii.gz -o out --output-format mat >stdout.txt 2>stderr.txt)
  [ $? -eq 1 ] || fail "$room kB: exit $?"
  grep -q '^torcht1: maps.mat cannot be written: ' stderr.txt || fail "$room kB: $(cat stderr.txt)"
  nothing_left out
done

python=$(python_with scipy.io nibabel) || skip "no python3 with scipy and nibabel (the rest agrees)"
"$python" - >&2 <<'PYTHON' || fail "another reader sees something else"
import glob, json, nibabel, numpy, os, scipy.io
found = scipy.io.loadmat('m/maps.mat', simplify_cells=True)
names = [os.path.basename(path)[:-7] for path in glob.glob('m/*.nii.gz')]
assert sorted(names) == sorted(n for n in found if n[0] != '_' and n != 'torcht1'), found.keys()
for name in names:
    image = nibabel.load('m/%s.nii.gz' % name)
    assert numpy.array_equal(numpy.asarray(image.dataobj), found[name], equal_nan=name != 'outcome'), name
    assert numpy.abs(image.affine - found['torcht1']['affine']).max() < 1e-6
    assert numpy.allclose(image.header.get_zooms(), found['torcht1']['voxel_size'])
facts = found['torcht1']
report = json.load(open('m/fit.json'))
assert {m['name']: m['unit'] for m in report['maps']} == facts['units'], facts['units']
assert list(facts['known']['TI']) == report['known'][0]['values']
assert facts['model'] == 'molli' and facts['solver'] == 'varpro' and facts['version'] == report['torcht1']
PYTHON
