#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# What the library read from scanners' files (dump_series) against what pydicom finds in
# them, by its own way, and where dcm2niix puts them.
#   read_dicom.py DUMPED DICOM_FOLDER KIND [CONVERTED.nii]     KIND: magnitude, philips, phase
import glob
import os
import sys

import nibabel
import numpy as np
import pydicom


def values(d, kind):
    stored = d.pixel_array.astype(float)  # [row][column]
    if kind == "phase":
        half = 2 ** (d.BitsStored - 1)
        return (stored - half) / half * np.pi
    scaled = stored * float(d.get("RescaleSlope", 1)) + float(d.get("RescaleIntercept", 0))
    return scaled / (float(d.RescaleSlope) * d[0x2005, 0x100E].value) if kind == "philips" else scaled


def world(d):
    # PS3.3 equation C.7.6.2.1-1, turned from LPS to RAS; columns for i (along a row) and j.
    along_row, along_column = (np.array(d.ImageOrientationPatient[k:k + 3], float) for k in (0, 3))
    m = np.zeros((4, 4))
    m[:3, 0] = along_row * float(d.PixelSpacing[1])
    m[:3, 1] = along_column * float(d.PixelSpacing[0])
    m[:3, 3] = np.array(d.ImagePositionPatient, float)
    m[3, 3] = 1
    return np.diag([-1, -1, 1, 1]) @ m


def farthest(a, b, shape):
    corners = np.array([[i, j, 0, 1] for i in (0, shape[0] - 1) for j in (0, shape[1] - 1)], float).T
    return np.abs((a - b) @ corners).max()


def order(d):
    return (str(d.get("AcquisitionDate", "")), float(d.AcquisitionTime), int(d.InstanceNumber))


def main(dumped, folder, kind, converted=None):
    image = nibabel.load(os.path.join(dumped, "phase.nii" if kind == "phase" else "series.nii"))
    ours = np.asarray(image.dataobj)
    files = sorted((pydicom.dcmread(f) for f in glob.glob(folder + "/*.dcm")), key=order)
    assert ours.shape[:2] == (files[0].Columns, files[0].Rows) and ours.shape[3] == len(files), ours.shape
    for i, d in enumerate(files):
        expected = values(d, kind).T
        worst = np.abs(ours[:, :, 0, i] - expected).max() / np.abs(expected).max()
        assert worst < 1e-6, "image %d of %s differs by %g" % (i + 1, folder, worst)
    for affine in (image.affine, image.header.get_sform(), image.header.get_qform()):
        distance = farthest(affine, world(files[0]), ours.shape)
        assert distance < 0.01, "%s lies %g mm away" % (folder, distance)
    if converted:
        check_converted(image, ours, nibabel.load(converted), files[0])


# dcm2niix counts rows from below: each of our voxels must have its value at its place.
def check_converted(image, ours, other, d):
    theirs = np.asarray(other.dataobj).reshape(other.shape[:3] + (-1,))[..., 0]
    i, j = np.meshgrid(np.arange(ours.shape[0]), np.arange(ours.shape[1]), indexing="ij")
    place = image.affine @ np.stack([i, j, 0 * i, 0 * i + 1]).reshape(4, -1)
    index = np.linalg.inv(other.affine) @ place
    spacing = np.array(other.header.get_zooms()[:3])[:, None]
    off = (np.abs(index[:3] - np.rint(index[:3])) * spacing).max()
    assert off < 0.01, "dcm2niix puts it %g mm away" % off
    x, y, z = np.rint(index[:3]).astype(int)
    same = np.corrcoef(theirs[x, y, z], ours[:, :, 0, 0].reshape(-1))[0, 1]
    assert same > 0.999999, "dcm2niix has other values at the same places: correlation %g" % same


main(*sys.argv[1:])
