#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The paper's baseline: SciPy's bounded Nelder-Mead, one voxel after the other.

    scipy_nelder_mead.py BENCH [VOXELS [ISA]]

BENCH is the bench program: it writes the voxels with their optimum, and is timed
on one core on 65,536 voxels of the same set in turn with SciPy. SciPy fits the
first VOXELS (256) of them, and its time is extrapolated to 65,536 in proportion.
"""
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
from scipy.optimize import minimize

TIMES = np.array([0.12, 0.2, 1.12, 1.2, 2.12, 2.2, 3.12, 4.12])
BOUNDS = [(0, None), (1, 4), (0.01, 10)]
ALL_VOXELS = 65536
ROUNDS = 5


def mean_squared_error(parameters, signal):
    C, k, T1s = parameters
    return np.mean((signal - np.abs(C * (1 - k * np.exp(-TIMES / T1s)))) ** 2)


def fit(signal):
    start = [signal.max(), 2.0, 1.0]
    return minimize(mean_squared_error, start, args=(signal,), method="Nelder-Mead", bounds=BOUNDS)


def figure(name, value, unit):
    print(f"{name:<32} {value:.6g} {unit}")


def our_rate(bench, isa, part):
    """Fits per second of one core."""
    text = subprocess.run([bench, *isa, part], check=True, capture_output=True, text=True).stdout
    return 1e6 * float(text.split()[1])


def main():
    bench = sys.argv[1]
    voxels = int(sys.argv[2]) if len(sys.argv) > 2 else 256
    isa = ["--isa", sys.argv[3]] if len(sys.argv) > 3 else []
    with tempfile.TemporaryDirectory() as folder:
        prefix = folder + "/tissue"
        subprocess.run([bench, "--voxels", str(voxels), "--output", prefix, "export"], check=True)
        signal = np.fromfile(prefix + ".signal", np.float32).reshape(8, voxels).T.astype(float)
        optimum = np.fromfile(prefix + ".optimum", np.float64).reshape(voxels, 4)
    seconds, ratios, own_ratios = [], [], []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        results = [fit(s) for s in signal]
        seconds.append(time.perf_counter() - begin)
        ratios.append(our_rate(bench, isa, "varpro") * seconds[-1] / voxels)
        own_ratios.append(our_rate(bench, ["--voxels", "8192"], "nelder-mead") * seconds[-1] / voxels)
    cost = np.array([8 * r.fun for r in results])
    energy = (signal**2).sum(axis=1)
    hits = cost <= optimum[:, 3] * (1 + 1e-4) + 1e-9 * energy
    T1 = np.array([(r.x[1] - 1) * r.x[2] for r in results])
    truth = (optimum[:, 1] - 1) * optimum[:, 2]
    figure("scipy_voxels", voxels, "fitted")
    figure("scipy_per_voxel", 1e3 * statistics.median(seconds) / voxels, "ms")
    figure("scipy_extrapolated", statistics.median(seconds) / voxels * ALL_VOXELS, "s")
    figure("scipy_optimum", 100 * hits.mean(), "%")
    figure("scipy_T1_off_by_10_percent", 100 * (abs(T1 / truth - 1) > 0.1).mean(), "%")
    figure("scipy_over_varpro", statistics.median(ratios), "times")
    figure("scipy_over_nelder_mead", statistics.median(own_ratios), "times")


main()
