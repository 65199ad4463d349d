# SPDX-License-Identifier: MIT
"""written_maps.py FOLDER SOURCE|- [CONVERTED.nii]: what `fit --dicom` wrote as DICOM, read by pydicom (and the
T1 map by dcm2niix), is what it wrote as NIfTI: every voxel at its place in the world, and patient, study and
references are those of the DICOM files in SOURCE."""
import glob
import os
import sys

import nibabel
import numpy
import pydicom

folder, source = sys.argv[1:3]
raw = [pydicom.dcmread(p, stop_before_pixels=True) for p in glob.glob(source + "/**/*.dcm", recursive=True)]
CARRIED = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate",
           "StudyTime", "AccessionNumber", "FrameOfReferenceUID")


def check(what, largest, limit):
    print(f"{what}: {largest:.4g}, at most {limit:.4g}")
    assert largest <= limit, what


def world(orientation, position, spacing):
    """Pixel (row, column, 0, 1) to the axes of NIfTI, in mm (DICOM PS3.3, equation C.7.6.2.1-1)."""
    row, column = numpy.array(orientation, float).reshape(2, 3)
    matrix = numpy.eye(4)
    matrix[:3, 0] = column * float(spacing[0])
    matrix[:3, 1] = row * float(spacing[1])
    matrix[:3, 3] = position
    return numpy.diag([-1.0, -1.0, 1.0, 1.0]) @ matrix


def frames(path):
    """Matrix, pixels, mapping, references and header of every frame of a file."""
    f = pydicom.dcmread(path)
    if "FloatPixelData" not in f:
        assert f.ImageType[:2] == ["DERIVED", "PRIMARY"] and f.ContentQualification == "RESEARCH"
        yield (world(f.ImageOrientationPatient, f.ImagePositionPatient, f.PixelSpacing), f.pixel_array,
               f.RealWorldValueMappingSequence[0], f.get("SourceImageSequence", []), f)
        return
    shared = f.SharedFunctionalGroupsSequence[0]
    pixels = numpy.frombuffer(f.FloatPixelData, "<f4").reshape(int(f.NumberOfFrames), f.Rows, f.Columns)
    for i, own in enumerate(f.PerFrameFunctionalGroupsSequence):
        derivation = own.get("DerivationImageSequence", [])
        yield (world(shared.PlaneOrientationSequence[0].ImageOrientationPatient,
                     own.PlanePositionSequence[0].ImagePositionPatient,
                     shared.PixelMeasuresSequence[0].PixelSpacing), pixels[i],
               shared.RealWorldValueMappingSequence[0],
               derivation[0].SourceImageSequence if derivation else [], f)


def place(d):
    return [float(x) for x in d.ImagePositionPatient]


def check_header(f):
    assert f.SeriesDescription.endswith("RESEARCH - NOT FOR DIAGNOSIS")
    assert f.SOPInstanceUID.startswith("2.25.") and f.SeriesInstanceUID.startswith("2.25.")
    for name in CARRIED if raw else ():
        assert f.get(name) == raw[0].get(name), name
    if not raw:
        assert f.PatientName == "UNKNOWN^RESEARCH" and f.StudyInstanceUID.startswith("2.25.")


def check_references(references, position):
    here = {d.SOPInstanceUID for d in raw if numpy.allclose(place(d), position)}
    assert {r.ReferencedSOPInstanceUID for r in references} == here, "other source images"


def check_map(name):
    image = nibabel.load(f"{folder}/{name}.nii.gz")
    voxels, inverse = image.get_fdata().reshape(image.shape[:3]), numpy.linalg.inv(image.affine)
    found, off, series = numpy.full(voxels.shape, numpy.nan), 0.0, set()
    for path in glob.glob(f"{folder}/dicom/{name}/*.dcm"):
        for matrix, pixels, mapping, references, f in frames(path):
            rows, columns = numpy.mgrid[0:pixels.shape[0], 0:pixels.shape[1]].reshape(2, -1)
            points = matrix @ [rows, columns, 0 * rows, 0 * rows + 1]
            nearest = numpy.rint(inverse @ points).astype(int)
            off = max(off, abs(image.affine @ nearest - points).max())
            found[nearest[0], nearest[1], nearest[2]] = pixels.ravel()
            check_header(f)
            check_references(references, numpy.diag([-1, -1, 1, 1])[:3, :3] @ matrix[:3, 3])
            series.add(f.SeriesInstanceUID)
            unit = mapping.MeasurementUnitsCodeSequence[0].CodeValue
            assert mapping.RealWorldValueSlope == 1 and mapping.RealWorldValueIntercept == 0
    check(name + ", mm off its place", off, 0.01)
    assert len(series) == 1 and not numpy.isnan(found).any(), "voxels are missing"
    is_whole = name in ("T1map", "T1map_sd")
    expected = numpy.nan_to_num(voxels * (1000.0 if unit == "ms" else 1.0), posinf=0.0, neginf=0.0)
    if is_whole:
        expected = numpy.clip(expected, 0, 65535)
        quantity = mapping.QuantityDefinitionSequence[0].ConceptCodeSequence[0]
        assert unit == "ms" and (quantity.CodeValue, quantity.CodingSchemeDesignator) == ("113063", "DCM")
        check(name + ", ms off the rounded value", abs(found - numpy.floor(expected + 0.5)).max(), 0)
    else:
        check(name + ", relative", (abs(found - expected) / numpy.maximum(abs(expected), 1e-30)).max(), 1e-6)
    return found, image


names = sorted(os.listdir(folder + "/dicom"))
maps = {name: check_map(name) for name in names}
assert {"T1map", "T1map_sd", "C", "k", "rsquared"} <= set(names)
if len(sys.argv) > 3:
    other, (found, image) = nibabel.load(sys.argv[3]), maps["T1map"]
    theirs = other.get_fdata().reshape(other.shape[:3])
    index = numpy.indices(theirs.shape).reshape(3, -1)
    points = other.affine @ numpy.vstack([index, 0 * index[:1] + 1])
    nearest = numpy.rint(numpy.linalg.inv(image.affine) @ points).astype(int)
    check("dcm2niix, mm", abs(image.affine @ nearest - points).max(), 0.01)
    check("dcm2niix, ms", abs(found[nearest[0], nearest[1], nearest[2]] - theirs.ravel()).max(), 0)
