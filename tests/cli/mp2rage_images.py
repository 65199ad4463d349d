# SPDX-License-Identifier: MIT
"""Images of an MP2RAGE, by step-by-step evolution of the magnetisation: mp2rage_images.py FOLDER.

12 x 12 x 2 voxels, T1 0.5 to 3 s along x; UNI as scanners store it, in whole numbers from 0 to 4095, and as
UNI_float from -0.5 to 0.5; `noisy` and `robust` are UNI images of a head in air, the second by the robust
combination (O'Brien et al. 2014)."""
import array
import math
import os
import random
import struct
import sys

SIZE = (12, 12, 2)
N = SIZE[0] * SIZE[1] * SIZE[2]


def put(name, images):
    head = bytearray(352)
    struct.pack_into("<i", head, 0, 348)
    struct.pack_into("<8h", head, 40, 4 if len(images) > 1 else 3, *SIZE, len(images), 1, 1, 1)
    struct.pack_into("<2h", head, 70, 16, 32)
    struct.pack_into("<8f", head, 76, 1, 1, 1, 1, 1, 0, 0, 0)
    struct.pack_into("<3f", head, 108, 352, 1, 0)
    struct.pack_into("<2h", head, 252, 0, 1)
    for row in range(3):
        struct.pack_into("<f", head, 280 + 20 * row, 1)
    head[344:348] = b"n+1\0"
    with open(os.path.join(sys.argv[1], name), "wb") as file:
        file.write(head + b"".join(array.array("f", image).tobytes() for image in images))


def mp2rage(t1, ti, fa, tr, gap, n):
    mz, signal = 1.0, [0.0, 0.0]
    for _ in range(30):
        now, mz = 0.0, -0.96 * mz
        for train in range(2):
            begin, angle = ti[train] - n / 2 * gap, math.radians(fa[train])
            mz = 1 - (1 - mz) * math.exp(-(begin - now) / t1)
            for pulse in range(n):
                if pulse == n // 2:
                    signal[train] = 1e4 * mz * math.sin(angle)
                mz = 1 - (1 - mz * math.cos(angle)) * math.exp(-gap / t1)
            now = begin + n * gap
        mz = 1 - (1 - mz) * math.exp(-(tr - now) / t1)
    return signal


def uni(first, second, beta=0.0):
    power = abs(first) ** 2 + abs(second) ** 2
    return ((complex(first).conjugate() * second).real - beta) / (power + 2 * beta)


def in_air(signals, beta):
    noise = lambda: complex(random.gauss(0, 10), random.gauss(0, 10))
    return [uni(*((s if v % 2 else 0) + noise() for s in signals[v % 12]), beta) for v in range(N)]


def whole(values):
    return [round((value + 0.5) * 4095) for value in values]


def main():
    random.seed(1)
    t1 = [0.5 + 2.5 * x / 11 for x in range(12)]
    signals = [mp2rage(t, (0.8, 2.7), (4, 5), 5, 0.0067, 160) for t in t1]
    long_trains = [mp2rage(t, (0.7, 2.5), (7, 5), 6, 0.007, 128) for t in t1]
    values = [uni(*signals[v % 12]) for v in range(N)]
    put("truth.nii", [[t1[v % 12] for v in range(N)]])
    for i in range(2):
        put("inv%d.nii" % (i + 1), [[abs(signals[v % 12][i]) for v in range(N)]])
    put("magnitudes.nii", [[abs(signals[v % 12][i]) for v in range(N)] for i in range(2)])
    put("UNI.nii", [whole(values)])
    put("UNI_float.nii", [values])
    put("UNI_halves.nii", [[value + 0.5 for value in values]])
    put("UNI_7_5.nii", [[uni(*long_trains[v % 12]) for v in range(N)]])
    put("noisy.nii", [whole(in_air(signals, 0.0))])
    put("robust.nii", [whole(in_air(signals, 1e4))])


main()
