#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Torch T1 (Zhang et al., MIDL 2024) as its paper describes it, in PyTorch.

    torch_t1.py SIGNAL --times T,T,... [OPTIONS]

Every voxel is fitted at once: C, k and T1s are three tensors, the model is
|C (1 - k exp(-TI / T1s))|, autograd gives the gradient of the squared error and
Adam with a learning rate of 3e-4 takes the steps. What the paper leaves open is
done as the adam solver of torcht1 does it, so that the two can be compared step
by step: each voxel is scaled to a largest sample of one, times are in seconds, the
start is C 1, k 2, T1s 1 s, the loss is the mean over the samples summed over the
voxels, and parameters are clamped to their bounds after each step.

SIGNAL holds float32 [times][voxels]. With --output PREFIX the parameters go to
PREFIX.parameters, float32 [C, k, T1s][voxels], in the units of the signal.

Ways to run, one after the other in one process:
  eager    each operation on its own, as the paper's code
  compile  the loss through torch.compile
  graph    the whole step, Adam included, through torch.compile with CUDA graphs
  capture  the whole step of `eager` recorded once as a CUDA graph, which needs no compiler

As a module: fit(signal, times, ...) -> parameters, losses.
"""
import argparse
import statistics
import sys
import time

import numpy as np
import torch

START = (1.0, 2.0, 1.0)
LOWER = (0.0, 1.0, 0.01)
UPPER = (float("inf"), 4.0, 10.0)
BETAS, EPSILON = (0.9, 0.999), 1e-8  # Adam's own


def loss_of(C, k, T1s, signal, times):
    """The mean squared error of each voxel, summed: a voxel's path does not depend on the others."""
    model = torch.abs(C * (1 - k * torch.exp(-times / T1s)))
    return ((signal - model) ** 2).mean(0).sum()


def clamp(parameters):
    with torch.no_grad():
        for parameter, lower, upper in zip(parameters, LOWER, UPPER):
            parameter.clamp_(lower, upper)


def capture(step, parameters, optimiser):
    """The step as a recorded graph. What its first runs did is undone, in place: the graph knows places."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(side)
    optimiser.zero_grad(set_to_none=True)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        loss = step()
    with torch.no_grad():
        for parameter, start in zip(parameters, START):
            parameter.fill_(start)
        for state in optimiser.state.values():
            for value in state.values():
                value.zero_()

    def replay():
        graph.replay()
        return loss

    return replay


def make_step(way, parameters, optimiser, signal, times):
    """One iteration as a function without arguments; returns the loss before the step."""
    loss_function = torch.compile(loss_of) if way == "compile" else loss_of

    def step():
        optimiser.zero_grad(set_to_none=True)
        loss = loss_function(*parameters, signal, times)
        loss.backward()
        optimiser.step()
        clamp(parameters)
        return loss.detach()

    if way == "graph":
        return torch.compile(step, mode="reduce-overhead")
    if way == "capture":
        return capture(step, parameters, optimiser)
    return step


def why_not(way, device):
    """The reason why this way cannot be run here, or None."""
    if way in ("compile", "graph") and not hasattr(torch, "compile"):
        return f"PyTorch {torch.__version__} has no torch.compile"
    if way in ("graph", "capture") and device.type != "cuda":
        return "CUDA graphs need a GPU"
    return None


def fit(signal, times, iterations=10000, rate=3e-4, way="eager", device="cpu", dtype=torch.float32,
        watch=None, stops=(), look=None):
    """Fit [times][voxels] magnitudes.

    watch(iteration, loss), if given, sees the summed loss before each step. After each of `stops`
    iterations look(iteration, seconds, parameters) is called with the clock stopped; the fit ends
    there if that is true.
    Returns the parameters, [3][voxels] in the units of the signal, the seconds that the iterations
    took after five to warm up, and the loss at the end.
    """
    device = torch.device(device)
    data = torch.as_tensor(np.ascontiguousarray(signal), dtype=dtype, device=device)
    unit = data.abs().max(0).values.clamp_min(torch.finfo(dtype).tiny)
    data = data / unit
    column = torch.as_tensor(np.asarray(times), dtype=dtype, device=device)[:, None]

    def fresh():
        parameters = [torch.full_like(unit, start, requires_grad=True) for start in START]
        capturable = {"capturable": True} if way in ("graph", "capture") else {}
        optimiser = torch.optim.Adam(parameters, lr=rate, betas=BETAS, eps=EPSILON, **capturable)
        return parameters, make_step(way, parameters, optimiser, data, column)

    def wait():
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    parameters, step = fresh()
    if way == "eager":
        for _ in range(5):
            step()
        parameters, step = fresh()
        warm = 0
    else:  # what was compiled belongs to these tensors: the first steps are taken outside the clock
        warm = min(5, iterations)
        for _ in range(warm):
            step()
    def values():
        with torch.no_grad():
            return torch.stack([parameters[0] * unit, parameters[1], parameters[2]])

    seconds, done = 0.0, warm
    for stop in sorted({stop for stop in stops if warm < stop < iterations} | {iterations}):
        wait()
        begin = time.perf_counter()
        for iteration in range(done, stop):
            loss = step()
            if watch:
                watch(iteration, loss.item())
        wait()
        seconds += time.perf_counter() - begin
        done = stop
        if look and look(stop, seconds * stop / max(1, stop - warm), values()):
            break
    seconds *= done / max(1, done - warm)
    with torch.no_grad():
        loss = loss_of(*parameters, data, column).item()
    return values().cpu().numpy(), seconds, loss


def figure(name, value, unit):
    print(f"{name:<32} {value:.6g} {unit}", flush=True)


def rungs(most):
    """100, 125, 156 ... up to `most`."""
    at, result = 100, []
    while at <= most:
        result.append(at)
        at += at // 4
    return result


def race(way, signal, times, options):
    """The time until 99 % of the voxels have the least cost that brute force finds, to 1e-4."""
    best = torch.as_tensor(np.fromfile(options.optimum, np.float64).reshape(-1, 4).T.copy(),
                           device=options.device)
    data = torch.as_tensor(signal, device=options.device).double()
    column = torch.as_tensor(np.asarray(times), device=options.device).double()[:, None]
    energy = (data ** 2).sum(0)
    last = []

    def look(iteration, seconds, parameters):
        C, k, T1s = parameters.double()
        cost = ((data - torch.abs(C * (1 - k * torch.exp(-column / T1s)))) ** 2).sum(0)
        hits = cost <= best[3] * (1 + 1e-4) + 1e-9 * energy
        close = ((k - 1) * T1s - (best[1] - 1) * best[2]).abs() <= 1e-3
        last[:] = [iteration, seconds, 100 * hits.double().mean().item(),
                   100 * close.double().mean().item()]
        return last[2] >= 99

    fit(signal, times, options.most, options.rate, way, options.device,
        getattr(torch, options.precision), stops=rungs(options.most), look=look)
    print(f"cost {way} {last[1]:.6g} s; {last[0]} iterations; {last[2]:.3f} % of costs, "
          f"{last[3]:.3f} % of T1", flush=True)


def measure(way, signal, times, options):
    seconds, result, loss = [], None, None
    for _ in range(options.rounds):
        result, taken, loss = fit(signal, times, options.iterations, options.rate, way,
                                  options.device, getattr(torch, options.precision))
        seconds.append(taken)
    figure(f"torch_{way}", statistics.median(seconds), "s")
    figure(f"torch_{way}_loss", loss, "mean squared error, summed")
    return result


def main():
    parser = argparse.ArgumentParser(description="Torch T1 in PyTorch")
    parser.add_argument("signal")
    parser.add_argument("--times", required=True, help="inversion times in s, comma between")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--ways", default="eager,capture,compile,graph")
    parser.add_argument("--iterations", type=int, default=10000)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--precision", default="float32", choices=["float32", "float64"])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0, help="of the CPU; 0: as PyTorch likes")
    parser.add_argument("--optimum", help="C, k, T1s, cost of each voxel: time the way there too")
    parser.add_argument("--most", type=int, default=40000, help="iterations at most, on that way")
    parser.add_argument("--output", help="prefix of what is written")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    times = [float(t) for t in options.times.split(",")]
    signal = np.fromfile(options.signal, np.float32).reshape(len(times), -1)
    device = torch.device(options.device)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "the CPU"
    print(f"# PyTorch {torch.__version__} on {name}, {signal.shape[1]} voxels, "
          f"{options.iterations} iterations, Adam {options.rate:g}", flush=True)
    result = None
    for way in options.ways.split(","):
        reason = why_not(way, device)
        try:
            if not reason:
                got = measure(way, signal, times, options)
                result = got if result is None else result
                if options.optimum:
                    race(way, signal, times, options)
        except Exception as failure:  # a compiler that is absent is no reason to lose the other figures
            reason = str(failure).strip().splitlines()[0][:200]
        if reason:
            print(f"# torch_{way} not measured: {reason}", flush=True)
    if result is None:
        sys.exit(1)
    if options.output:
        result.astype(np.float32).tofile(options.output + ".parameters")


if __name__ == "__main__":
    main()
