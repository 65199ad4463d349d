#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# join_slices.py FOLDER SERIES...: series of one slice each, as DICOM, become the slices of one series
# whose files come in no order, as scanners that measure slice by slice leave them. Needs pydicom.
import os
import sys

import pydicom


def main(folder, *series):
    os.makedirs(folder)
    for kind, number in (("magnitude", 1), ("phase", 2)):
        for k, one in enumerate(series):
            names = sorted(os.listdir(os.path.join(one, kind)))
            for i, name in enumerate(names):
                d = pydicom.dcmread(os.path.join(one, kind, name))
                d.StudyInstanceUID, d.SeriesInstanceUID = "2.25.1", "2.25.%d" % (1 + number)
                d.FrameOfReferenceUID = "2.25.9"
                d.SOPInstanceUID = d.file_meta.MediaStorageSOPInstanceUID = "2.25.%d" % (
                    1000 * number + 100 * k + i)
                d.InstanceNumber = k * len(names) + i + 1
                d.ImagePositionPatient = [*d.ImagePositionPatient[:2], d.ImagePositionPatient[2] + 10 * k]
                d.save_as(os.path.join(folder, "%d%d%d.dcm" % ((7 * i + 3) % 10, k, number)))


main(*sys.argv[1:])
