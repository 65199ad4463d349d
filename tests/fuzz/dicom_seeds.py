#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# Small DICOM files, one for each way of writing that torcht1 reads: for the fuzz target
# and the tests of the command line. dicom_seeds.py FOLDER; needs python3-pydicom, and
# for compressed files the programs of the packages dcmtk and libopenjp2-tools.
import os
import shutil
import struct
import subprocess
import sys
import zipfile

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian,
                         ImplicitVRLittleEndian, JPEG2000, JPEG2000Lossless)

ROWS, COLUMNS = 6, 8


def pixels(frame=0, signed=False):
    values = [(7 * i + 13 * frame) % 1000 - (300 if signed else 0) for i in range(ROWS * COLUMNS)]
    return struct.pack("<%d%s" % (len(values), "h" if signed else "H"), *values)


def plain(frames=1):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    meta.MediaStorageSOPInstanceUID = "2.25.3"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    d = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    d.SOPClassUID, d.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    d.StudyInstanceUID, d.SeriesInstanceUID, d.FrameOfReferenceUID = "2.25.1", "2.25.2", "2.25.4"
    d.ImageType, d.Modality, d.Manufacturer = ["ORIGINAL", "PRIMARY", "M"], "MR", "SIEMENS"
    d.SeriesDescription, d.SeriesNumber, d.InstanceNumber = "seed", 5, 1
    d.AcquisitionDate, d.AcquisitionTime = "20200102", "101112.5"
    d.InversionTime, d.EchoTime, d.RepetitionTime, d.FlipAngle = 100, 1.5, 300, 35
    d.ImageComments = "TIeff 100 ms"
    d.ImagePositionPatient, d.ImageOrientationPatient = [-10.5, 20, 3], [0.8, 0.6, 0, 0, 0, -1]
    d.PixelSpacing, d.SliceThickness = [1.5, 2], 8
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
    d.Rows, d.Columns, d.BitsAllocated, d.BitsStored, d.HighBit = ROWS, COLUMNS, 16, 12, 11
    d.PixelRepresentation = 0
    d.PixelData = b"".join(pixels(i) for i in range(frames))
    d["PixelData"].VR = "OW"
    return d


def item(**values):
    d = Dataset()
    for name, value in values.items():
        setattr(d, name, value)
    return d


def enhanced():
    d = plain(4)
    d.SOPClassUID = d.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.4.1"
    d.NumberOfFrames = 4
    for name in ("InversionTime", "EchoTime", "RepetitionTime", "ImagePositionPatient",
                 "ImageOrientationPatient", "PixelSpacing", "SliceThickness", "ImageComments"):
        delattr(d, name)
    d.SharedFunctionalGroupsSequence = Sequence([item(
        PixelMeasuresSequence=Sequence([item(PixelSpacing=[1.5, 2], SliceThickness=8)]),
        PlaneOrientationSequence=Sequence([item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])]),
        MREchoSequence=Sequence([item(EffectiveEchoTime=1.5)]),
        MRTimingAndRelatedParametersSequence=Sequence([item(RepetitionTime=300, FlipAngle=35)]))])
    groups = []
    for i in range(4):
        group = item(PlanePositionSequence=Sequence([item(ImagePositionPatient=[0, 0, 8 * (i % 2)])]))
        private = Dataset()
        private.add_new(0x00210010, "LO", "SIEMENS MR SDI 02")
        private.add_new(0x00211189, "FD", 100.0 + 1000 * (i // 2))
        group.add_new(0x00210010, "LO", "SIEMENS MR SDI 02")
        group.add_new(0x002111FE, "SQ", Sequence([private]))
        groups.append(group)
    d.PerFrameFunctionalGroupsSequence = Sequence(groups)
    return d


def parametric(keyword, code):
    d = enhanced()
    d.SOPClassUID = d.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.30"
    for name in ("PixelData", "BitsStored", "HighBit", "PixelRepresentation"):
        delattr(d, name)
    d.BitsAllocated = 8 * struct.calcsize(code)
    count = 4 * ROWS * COLUMNS
    setattr(d, keyword, struct.pack("<%d%s" % (count, code), *[0.25 * i for i in range(count)]))
    d.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence = Sequence([item(
        RealWorldValueIntercept=1.0, RealWorldValueSlope=2.0,
        MeasurementUnitsCodeSequence=Sequence([item(CodeValue="ms", CodingSchemeDesignator="UCUM")]))])
    return d


def save(d, folder, name, syntax=ExplicitVRLittleEndian):
    d.file_meta.TransferSyntaxUID = syntax
    d.is_little_endian = syntax != ExplicitVRBigEndian
    d.is_implicit_VR = syntax == ImplicitVRLittleEndian
    if not d.is_little_endian:
        d.PixelData = b"".join(d.PixelData[i + 1:i + 2] + d.PixelData[i:i + 1]
                               for i in range(0, len(d.PixelData), 2))
    path = os.path.join(folder, name)
    d.save_as(path, write_like_original=False)
    return path


def compress(program, folder, name, *options):
    source = os.path.join(folder, "explicit.dcm")
    if shutil.which(program):
        subprocess.run([program, *options, source, os.path.join(folder, name)], check=True)


# The codestream of a frame; `options` of opj_compress.
def jpeg2000(folder, values, *options):
    raw, out = os.path.join(folder, "pixels.rawl"), os.path.join(folder, "pixels.j2k")
    with open(raw, "wb") as f:
        f.write(values)
    subprocess.run(["opj_compress", "-i", raw, "-o", out, "-F", "%d,%d,1,12,u" % (COLUMNS, ROWS),
                    "-n", "3", *options], check=True, stdout=subprocess.DEVNULL)
    with open(out, "rb") as f:
        code = f.read()
    os.remove(raw)
    os.remove(out)
    return code


def save_fragments(d, folder, name, syntax, pixel_data):
    d.PixelData = pixel_data
    d["PixelData"].is_undefined_length = True
    d["PixelData"].VR = "OB"
    save(d, folder, name, syntax)


def save_jpeg2000(folder):
    if not shutil.which("opj_compress"):
        return
    codes = [jpeg2000(folder, pixels(i)) for i in range(4)]
    save_fragments(plain(), folder, "jpeg_2000.dcm", JPEG2000Lossless, encapsulate(codes[:1]))
    save_fragments(plain(), folder, "jpeg_2000_tiles.dcm", JPEG2000Lossless,
                   encapsulate([jpeg2000(folder, pixels(), "-t", "4,4")], fragments_per_frame=2))
    lossy = plain()
    lossy.LossyImageCompression = "01"
    save_fragments(lossy, folder, "jpeg_2000_lossy.dcm", JPEG2000,
                   encapsulate([jpeg2000(folder, pixels(), "-I", "-r", "1.5")]))
    for name, has_table in (("table", True), ("no_table", False)):
        save_fragments(enhanced(), folder, "enhanced_jpeg_2000_%s.dcm" % name, JPEG2000Lossless,
                       encapsulate(codes, fragments_per_frame=3, has_bot=has_table))


def save_zip(folder):
    with zipfile.ZipFile(os.path.join(folder, "study.zip"), "w") as archive:
        archive.write(os.path.join(folder, "explicit.dcm"), "a/explicit.dcm", zipfile.ZIP_DEFLATED)
        archive.write(os.path.join(folder, "implicit.dcm"), "implicit.dcm", zipfile.ZIP_STORED)


def main(folder):
    os.makedirs(folder, exist_ok=True)
    save(plain(), folder, "explicit.dcm")
    save(plain(), folder, "implicit.dcm", ImplicitVRLittleEndian)
    save(plain(), folder, "big_endian.dcm", ExplicitVRBigEndian)
    save(plain(), folder, "deflated.dcm", DeflatedExplicitVRLittleEndian)
    save(enhanced(), folder, "enhanced.dcm")
    save(enhanced(), folder, "enhanced_implicit.dcm", ImplicitVRLittleEndian)
    save(parametric("FloatPixelData", "f"), folder, "parametric.dcm")
    save(parametric("FloatPixelData", "f"), folder, "parametric_implicit.dcm", ImplicitVRLittleEndian)
    save(parametric("DoubleFloatPixelData", "d"), folder, "parametric_double.dcm")
    signed = plain()
    signed.Manufacturer, signed.PixelRepresentation, signed.BitsStored, signed.HighBit = (
        "GE MEDICAL SYSTEMS", 1, 16, 15)
    signed.PixelData = pixels(signed=True)
    signed.add_new(0x00430010, "LO", "GEMS_PARM_01")
    signed.add_new(0x0043102F, "SS", 2)
    save(signed, folder, "signed.dcm")
    philips = plain()
    philips.Manufacturer, philips.RescaleSlope, philips.RescaleIntercept = "Philips", 1.25, 0
    philips.add_new(0x20050010, "LO", "Philips MR Imaging DD 001")
    philips.add_new(0x2005100E, "FL", 0.125)
    save(philips, folder, "philips.dcm")
    save_fragments(plain(), folder, "jpeg_2000_none.dcm", JPEG2000Lossless,
                   encapsulate([b"\xff\x4f\xff\x51 no picture "]))
    save_fragments(plain(), folder, "jpeg_2000_part_2.dcm", "1.2.840.10008.1.2.4.92",
                   encapsulate([b"\xff\x4f\xff\x51 no picture "]))
    save_jpeg2000(folder)
    save_zip(folder)
    compress("dcmcrle", folder, "rle.dcm")
    compress("dcmcjpls", folder, "jpeg_ls.dcm", "+el")
    compress("dcmcjpeg", folder, "jpeg_lossless.dcm", "+e1")


main(sys.argv[1])
