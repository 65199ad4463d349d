#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""SciPy's bounded Nelder-Mead as the paper's baseline used it: for tests.

    nelder_mead.py table > nelder_mead.def     the stored table (made with SciPy 1.10.1)
    nelder_mead.py fit SIGNALS RESULTS         MOLLI voxels: float32 [n][8] to float64
                                               [n][5]: C, k, T1*, value, evaluations
    nelder_mead.py version                     of SciPy

From SciPy 1.11 on the first simplex is reflected into the bounds, not clipped."""
import sys

import numpy as np
import scipy
from scipy.optimize import minimize

TI = np.array([0.12, 0.2, 1.12, 1.2, 2.12, 2.2, 3.12, 4.12])
TE = np.array([0.01, 0.02, 0.03, 0.045, 0.06, 0.08, 0.11, 0.15])


def molli(p):
    return np.abs(p[0] * (1 - p[1] * np.exp(-TI / p[2])))


def t2offset(p):
    return p[0] * np.exp(-TE / p[2]) + p[1]


def t2(p):
    return p[0] * np.exp(-TE / p[1])


def sort_of(model, y):
    """Start and bounds: molli as in `--like torch-t1`, the others as in their model texts."""
    top = float(np.abs(y).max())
    if model is molli:
        return [top, 2.0, 1.0], [(0, 5 * top), (1, 4), (0.01, 10)]
    if model is t2:
        return [top, 0.05], [(0, None), (0.001, 5)]
    return [top, 0.1 * top, 0.05], [(0, None), (0, None), (0.001, 5)]


def fit(model, signal):
    y = signal.astype(float)
    start, bounds = sort_of(model, y)
    return minimize(lambda p: np.mean((y - model(p)) ** 2), start, method="Nelder-Mead",
                    bounds=bounds)


def draw(model, rng):
    """A voxel with noise; every eighth is hardly more than noise."""
    A = rng.uniform(100, 1000) if rng.integers(8) else 1.0
    if model is molli:
        p = [A, rng.uniform(1.6, 2.0), rng.uniform(0.1, 2.2)]
    elif model is t2:
        p = [A, rng.uniform(0.02, 0.08)]
    else:
        p = [A, 0.1 * A, rng.uniform(0.02, 0.08)]
    y = model(p) + rng.normal(0, rng.uniform(1, 20), 8)
    return (np.round(4 * np.abs(y)) / 4).astype(np.float32)  # quarters: exact in the table


def table():
    rng = np.random.default_rng(1)
    print(f"/* SPDX-License-Identifier: MIT\n * Made by nelder_mead.py with SciPy {scipy.__version__}"
          f" and numpy {np.__version__}: do not edit.\n"
          " * SCIPY(model, {signal}, {parameters}, value, evaluations) */\n// clang-format off")
    for model, count in (molli, 96), (t2, 24), (t2offset, 24):
        for _ in range(count):
            y = draw(model, rng)
            r = fit(model, y)
            signal = ", ".join(f"{a:.9g}" for a in y)
            p = ", ".join(f"{a:.17g}" for a in r.x)
            print(f'SCIPY("{model.__name__}", ({signal}),\n      ({p}), {r.fun:.17g}, {r.nfev})')


def fit_file(source, target):
    results = [fit(molli, y) for y in np.fromfile(source, np.float32).reshape(-1, 8)]
    np.array([[*r.x, r.fun, r.nfev] for r in results]).tofile(target)


if sys.argv[1] == "table":
    table()
elif sys.argv[1] == "version":
    print(scipy.__version__)
else:
    fit_file(sys.argv[2], sys.argv[3])
