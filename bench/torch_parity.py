#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whether the adam solver and Torch T1 in PyTorch (torch_t1.py) walk the same way.

    torch_parity.py BENCH [VOXELS [ISA]]

Both take 2,000 steps of Adam at a rate of 3e-4 from the paper's start (C the largest
sample, k 2, T1s 1 s) on the same simulated tissue; the loss is the mean over the samples
summed over the voxels. Told is the share of voxels whose C, k and T1s all agree to
1e-3, and how far apart they are. PyTorch in double precision says which of the two
leaves the way where they part.
"""
import subprocess
import sys
import tempfile

import numpy as np
import torch

import torch_t1

TIMES = [0.12, 0.2, 1.12, 1.2, 2.12, 2.2, 3.12, 4.12]
ITERATIONS, RATE, TOLERANCE = 2000, 3e-4, 1e-3


def apart(ours, theirs):
    """The greatest relative difference of the three parameters, for each voxel."""
    return (abs(ours - theirs) / abs(theirs)).max(0)


def report(name, distance):
    print(f"{name + '_within_1e-3':<32} {100 * (distance < TOLERANCE).mean():.6g} %")
    print(f"{name + '_median':<32} {np.median(distance):.3g} relative")
    print(f"{name + '_99':<32} {np.quantile(distance, 0.99):.3g} relative")
    print(f"{name + '_greatest':<32} {distance.max():.3g} relative", flush=True)


def main():
    bench = sys.argv[1]
    voxels = int(sys.argv[2]) if len(sys.argv) > 2 else 4096
    isa = ["--isa", sys.argv[3]] if len(sys.argv) > 3 else []
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        prefix = folder + "/tissue"
        subprocess.run([bench, *isa, "--voxels", str(voxels), "--output", prefix, "export-adam"], check=True)
        signal = np.fromfile(prefix + ".signal", np.float32).reshape(8, voxels)
        ours = np.fromfile(prefix + ".adam", np.float32).reshape(3, voxels).astype(float)
    single, _, _ = torch_t1.fit(signal, TIMES, ITERATIONS, RATE)
    double, _, _ = torch_t1.fit(signal, TIMES, ITERATIONS, RATE, dtype=torch.float64)
    print(f"{'torch_parity_voxels':<32} {voxels} voxels, PyTorch {torch.__version__}")
    report("torch_parity", apart(ours, single.astype(float)))
    report("torch_parity_double", apart(ours, double))
    report("torch_float_double", apart(single.astype(float), double))


main()
