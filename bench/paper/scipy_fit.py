#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The paper's baseline: SciPy's bounded Nelder-Mead, one voxel after the other.

    scipy_fit.py FOLDER [--basin] [--processes N] [--voxels N]

FOLDER holds a sequence as sequence.h describes it. Fits begin where a user would, or with --basin
5 % beside the optimum (optimum.f64). With --voxels only the first N are fitted, the others are NaN,
and the answer says how many they were.
"""
import argparse
import multiprocessing
import resource
import time

import numpy as np
import scipy
from scipy.optimize import minimize

BOUNDS = [(0, None), (1, 4), (0.01, 10)]


def read(folder):
    with open(folder + "/sequence.txt") as file:
        words = file.read().split()
    voxels, images = int(words[1]), int(words[3])
    times = np.array([float(w) for w in words[5:5 + images]])
    signal = np.fromfile(folder + "/signal.f32", np.float32).reshape(images, voxels)
    return times, signal.T.astype(float)


def read_optima(folder):
    """[voxels][C, k, T1s, cost] of the voxels that are judged, the first of the sequence."""
    return np.fromfile(folder + "/optimum.f64").reshape(-1, 4)


def starts_of(folder, signal, is_in_basin):
    if not is_in_basin:
        return np.column_stack([signal.max(1), np.full(len(signal), 2.0), np.full(len(signal), 1.0)])
    beside = read_optima(folder)[:, :3] * [0.95, 0.95, 1.05]
    return np.clip(beside, [lower for lower, _ in BOUNDS],
                   [upper or np.inf for _, upper in BOUNDS])


def mean_squared_error(parameters, signal, times):
    C, k, T1s = parameters
    return np.mean((signal - np.abs(C * (1 - k * np.exp(-times / T1s)))) ** 2)


def fit(job):
    signal, start, times = job
    result = minimize(mean_squared_error, start, args=(signal, times), method="Nelder-Mead",
                      bounds=BOUNDS)
    return result.x


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--basin", action="store_true")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--voxels", type=int, default=0)
    options = parser.parse_args()
    times, signal = read(options.folder)
    starts = starts_of(options.folder, signal, options.basin)
    count = min(options.voxels or len(starts), len(starts))
    jobs = [(signal[v], starts[v], times) for v in range(count)]
    begin = time.perf_counter()
    if options.processes > 1:
        with multiprocessing.Pool(options.processes) as pool:
            found = pool.map(fit, jobs, chunksize=64)
    else:
        found = [fit(job) for job in jobs]
    seconds = time.perf_counter() - begin
    parameters = np.full((3, len(signal)), np.nan, np.float32)
    parameters[:, :count] = np.array(found).T
    suffix = "-basin" if options.basin else "-all-cores" if options.processes > 1 else ""
    name = f"{options.folder}/scipy{suffix}"
    parameters.tofile(name + ".f32")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    memory += options.processes * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    with open(name + ".txt", "w") as file:
        file.write(f"seconds {seconds:.9g}\nvoxels {count}\nprocesses {options.processes}\n"
                   f"memory {memory}\nnote SciPy {scipy.__version__} bounded Nelder-Mead\n")


if __name__ == "__main__":
    main()
