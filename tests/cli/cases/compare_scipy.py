#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every figure of `torcht1 compare --json` against NumPy and SciPy, on random maps with invalid
voxels, labels and bands. compare_scipy.py TORCHT1; 77 where NumPy or SciPy are absent."""
import json
import os
import struct
import subprocess
import sys
import tempfile
import warnings

try:
    import numpy as np
    from scipy import stats
except ImportError as absent:
    print(f"skipped: {absent}")
    sys.exit(77)

warnings.simplefilter("ignore")  # SciPy warns of its own non-central t
EDGES = [0, 200, 400, 700, 1000, 1400, 2000]
wrong = []


def write(path, values, unit):
    """A NIfTI-1 file of float32, with the unit where torcht1 looks for it."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, *values.shape[::-1], 1, 1, 1, 1)
    struct.pack_into("<hh", header, 70, 16, 32)
    struct.pack_into("<8f", header, 76, 1, 1, 1, 1, 0, 0, 0, 0)
    struct.pack_into("<f", header, 108, 352)
    header[148:148 + 16] = f"random ({unit})".encode().ljust(16, b"\0")
    header[344:348] = b"n+1\0"
    with open(path, "wb") as file:
        file.write(header + values.astype("<f4").tobytes())


def check(where, name, found, expected, tolerance=1e-9):
    if found is None or not np.isfinite(expected):
        good = found is None and not np.isfinite(expected)
    else:
        good = abs(found - expected) <= tolerance * max(1.0, abs(expected))
    if not good:
        wrong.append(f"{where} {name}: {found}, expected {expected}")


def summary(where, found, name, x):
    check(where, name + "_mean", found[name + "_mean"], x.mean())
    check(where, name + "_sd", found[name + "_sd"], x.std(ddof=1) if len(x) > 1 else np.nan)
    for key, q in (("median", 50), ("lower_quartile", 25), ("upper_quartile", 75), ("least", 0), ("greatest", 100)):
        check(where, f"{name}_{key}", found[f"{name}_{key}"], np.percentile(x, q))


def pairs(where, found, a, b):
    n, d, m = len(a), a - b, (a + b) / 2
    check(where, "n", found["n"], n, 0)
    if n == 0:
        return
    summary(where, found, "a", a)
    summary(where, found, "b", b)
    summary(where, found, "difference", d)
    check(where, "mad", found["mad"], np.median(abs(d - np.median(d))))
    check(where, "rms", found["rms"], np.sqrt((d * d).mean()))
    check(where, "absolute_95", found["absolute_95"], np.percentile(abs(d), 95))
    if n < 4:
        return
    z, bias, sd = stats.norm.ppf(0.975), d.mean(), d.std(ddof=1)
    low, high = stats.t.interval(0.95, n - 1, bias, sd / np.sqrt(n))
    check(where, "bias_from", found["bias_from"], low, 1e-7)
    check(where, "bias_to", found["bias_to"], high, 1e-7)
    check(where, "upper_limit", found["upper_limit"], bias + z * sd)
    check(where, "lower_limit", found["lower_limit"], bias - z * sd)
    if n < 3000:  # SciPy's non-central t loses its way far out
        near, far = (sd * stats.nct.ppf(q, n - 1, z * np.sqrt(n)) / np.sqrt(n) for q in (0.025, 0.975))
        for key, value in (("upper_limit_from", bias + near), ("upper_limit_to", bias + far),
                           ("lower_limit_from", bias - far), ("lower_limit_to", bias - near)):
            check(where, key, found[key], value, 1e-5)
    line = stats.linregress(m, d)
    reach = stats.t.ppf(0.975, n - 2) * line.stderr
    check(where, "slope", found["slope"], line.slope)
    check(where, "intercept", found["intercept"], line.intercept)
    check(where, "slope_from", found["slope_from"], line.slope - reach, 1e-7)
    check(where, "slope_to", found["slope_to"], line.slope + reach, 1e-7)
    check(where, "slope_p", found["slope_p"], line.pvalue)
    r = stats.pearsonr(a, b)[0]
    rc = 2 * r * a.std() * b.std() / (a.var() + b.var() + (a.mean() - b.mean()) ** 2)
    u2 = (a.mean() - b.mean()) ** 2 / (a.std() * b.std())
    variance = ((1 - r**2) * rc**2 * (1 - rc**2) / r**2 + 2 * rc**3 * (1 - rc) * u2 / r
                - rc**4 * u2**2 / (2 * r**2)) / (n - 2)
    reach = z * np.sqrt(variance) / (1 - rc**2)
    check(where, "pearson", found["pearson"], r)
    check(where, "concordance", found["concordance"], rc)
    check(where, "concordance_from", found["concordance_from"], np.tanh(np.arctanh(rc) - reach))
    check(where, "concordance_to", found["concordance_to"], np.tanh(np.arctanh(rc) + reach))


def trial(torcht1, folder, seed, shape, noise):
    random = np.random.default_rng(seed)
    truth = random.uniform(0.1, 2.4, shape)
    a = (truth * random.normal(1.02, noise, shape)).astype(np.float32)
    b = (1000 * (truth + random.normal(0, noise, shape))).astype(np.float32)  # ms
    labels = random.integers(0, 5, shape) * 7
    for map, share in ((a, 0.05), (b, 0.03)):
        for odd in (np.nan, np.inf, -np.inf, 0):
            map[random.uniform(size=shape) < share] = odd
    a[labels == 28] = np.nan  # a region without a voxel
    mask = random.uniform(size=shape) < 0.9
    names = [os.path.join(folder, name) for name in ("a.nii", "b.nii", "labels.nii", "mask.nii")]
    for name, values, unit in zip(names, (a, b, labels, mask), ("s", "ms", "1", "1")):
        write(name, values, unit)
    said = subprocess.run([torcht1, "compare", names[0], names[1], "--labels", names[2], "--mask", names[3], "--json"],
                          check=True, capture_output=True, text=True)
    found = json.loads(said.stdout)
    x, y = 1000 * a[mask].astype(float), b[mask].astype(float)
    labels = labels[mask]
    valid = np.isfinite(x) & np.isfinite(y) & (x != 0) & (y != 0)
    where = f"seed {seed}, all:"
    check(where, "n_offered", found["all"]["n_offered"], mask.sum(), 0)
    for key, values in (("a", x), ("b", y)):
        check(where, key + "_nan", found["all"][key + "_nan"], np.isnan(values).sum(), 0)
        check(where, key + "_infinite", found["all"][key + "_infinite"], np.isinf(values).sum(), 0)
        check(where, key + "_zero", found["all"][key + "_zero"], (values == 0).sum(), 0)
    pairs(where, found["all"], x[valid], y[valid])
    if [region["label"] for region in found["regions"]] != [7, 14, 21, 28]:
        wrong.append("the labels")
    means = []
    for region in found["regions"]:
        inside = valid & (labels == region["label"])
        pairs(f"seed {seed}, region {region['label']}:", region, x[inside], y[inside])
        if inside.any():
            means.append((x[inside].mean(), y[inside].mean()))
    pairs(f"seed {seed}, across regions:", found["across_regions"], *np.array(means).T)
    middle = np.where(valid, (np.where(valid, x, 0) + np.where(valid, y, 0)) / 2, np.nan)
    for band, low, high in zip(found["bands"], EDGES, EDGES[1:] + [np.inf]):
        inside = valid & (middle >= low) & (middle < high)
        pairs(f"seed {seed}, band {low}:", band, x[inside], y[inside])


with tempfile.TemporaryDirectory() as folder:
    for seed, (shape, noise) in enumerate([((1, 6, 7), 0.1), ((3, 20, 30), 0.05), ((2, 90, 110), 0.2)]):
        trial(sys.argv[1], folder, seed, shape, noise)
print("\n".join(wrong[:40]) or "all figures agree")
sys.exit(bool(wrong))
