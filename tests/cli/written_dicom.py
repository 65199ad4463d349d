# SPDX-License-Identifier: MIT
"""written_dicom.py FOLDER [CONVERTED.nii]: what `simulate --format both` wrote as DICOM, read by pydicom
(and what dcm2niix made of it), is what it wrote as NIfTI: every voxel at its place in the world."""
import glob
import json
import sys

import nibabel
import numpy
import pydicom

folder = sys.argv[1]
series = nibabel.load(folder + "/series.nii.gz")
voxels, affine = series.get_fdata(), series.affine
times = json.load(open(folder + "/series.json"))["InversionTime"]
step = voxels.max() / 4095


def check(what, largest, limit):
    print(f"{what}: {largest:.4g}, at most {limit:.4g}")
    assert largest <= limit, what


def world(f):
    """Pixel (row, column, 0, 1) to the axes of NIfTI, in mm (DICOM PS3.3, equation C.7.6.2.1-1)."""
    row, column = numpy.array(f.ImageOrientationPatient, float).reshape(2, 3)
    matrix = numpy.eye(4)
    matrix[:3, 0] = column * float(f.PixelSpacing[0])
    matrix[:3, 1] = row * float(f.PixelSpacing[1])
    matrix[:3, 3] = f.ImagePositionPatient
    return numpy.diag([-1.0, -1.0, 1.0, 1.0]) @ matrix


def read(kind):
    """The series on the grid of the NIfTI file: by coordinates alone, and times by the header alone."""
    found = numpy.full(voxels.shape, numpy.nan)
    for path in sorted(glob.glob(f"{folder}/{kind}/*.dcm")):
        f = pydicom.dcmread(path)
        image = times.index(min(times, key=lambda t: abs(1000 * t - float(f.InversionTime))))
        rows, columns = numpy.mgrid[0 : f.Rows, 0 : f.Columns].reshape(2, -1)
        points = world(f) @ [rows, columns, 0 * rows, 0 * rows + 1]
        index = numpy.linalg.inv(affine) @ points
        nearest = numpy.rint(index).astype(int)
        assert abs(affine @ (index - nearest)).max() < 0.01, "off the grid"
        found[nearest[0], nearest[1], nearest[2], image] = f.pixel_array.ravel()
    return found


files = [pydicom.dcmread(p) for p in glob.glob(folder + "/*/*.dcm")]
assert len({f.StudyInstanceUID for f in files}) == 1 and len({f.SeriesInstanceUID for f in files}) == 2
assert len({f.SOPInstanceUID for f in files}) == len(files)
assert all(u.startswith("2.25.") and len(u) <= 64 for f in files for u in (f.SOPInstanceUID, f.SeriesInstanceUID))
check("stored magnitude, in steps", abs(read("magnitude") - voxels / step).max(), 0.5001)
phase = (2 * read("phase") - 4096) / 4096 * numpy.pi
assert abs(phase).max() <= numpy.pi and phase.std() > 1
if len(sys.argv) > 2:
    other = nibabel.load(sys.argv[2])
    check("dcm2niix, mm", abs(other.affine - affine).max(), 0.001)
    check("dcm2niix, in steps", abs(other.get_fdata() - voxels / step).max(), 0.5001)
