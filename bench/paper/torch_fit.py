#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Torch T1 in PyTorch on a sequence as sequence.h describes it.

    torch_fit.py FOLDER [--share 0.99] [--most 20000] [--voxels N]

Adam with 3e-4 from the start of a user goes on until so large a share of the judged voxels has its T1
within 1 ms of the optimum (optimum.f64), or has taken so many steps; looking is off the clock. From one
start some voxels never come there. So the time is that until it had 99.5 % of the voxels that it ever has:
the paper does not tell when it stopped.
"""
import argparse
import os
import resource
import sys

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import torch_t1  # noqa: E402
from scipy_fit import read, read_optima  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--share", type=float, default=0.99)
    parser.add_argument("--most", type=int, default=20000)
    parser.add_argument("--voxels", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    times, signal = read(options.folder)
    torch.set_num_threads(os.cpu_count())
    count = min(options.voxels or len(signal), len(signal))
    best = read_optima(options.folder)
    judged = min(len(best), count)
    optimum = torch.as_tensor((best[:judged, 1] - 1) * best[:judged, 2])
    looks = []

    def look(iteration, seconds, parameters):
        T1 = ((parameters[1] - 1) * parameters[2])[:judged].cpu().double()
        share = ((T1 - optimum).abs() <= 1e-3).double().mean().item()
        looks.append((iteration, seconds, share))
        return share >= options.share

    parameters, _, _ = torch_t1.fit(signal[:count].T.astype(np.float32), times, options.most,
                                          device=options.device, stops=torch_t1.rungs(options.most),
                                          look=look)
    furthest = max(share for _, _, share in looks)
    iteration, seconds, share = next(at for at in looks if at[2] >= 0.995 * furthest)
    found = np.full((3, len(signal)), np.nan, np.float32)
    found[:, :count] = parameters
    found.tofile(options.folder + "/torch.f32")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with open(options.folder + "/torch.txt", "w") as file:
        file.write(f"seconds {seconds:.9g}\nvoxels {count}\nprocesses {torch.get_num_threads()}\n"
                   f"memory {memory}\nnote PyTorch {torch.__version__} on {options.device}, Adam 3e-4; "
                   f"{iteration} of {looks[-1][0]} iterations\n")


if __name__ == "__main__":
    main()
