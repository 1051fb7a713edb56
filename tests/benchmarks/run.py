"""Time netanalysis and its peers on the same networks, interleaved, and print a table of ratios.

    python -m tests.benchmarks.run [-k WORDS] [-n ROUNDS] [-o RESULTS.md]

Every implementation lives in a process of its own, so that peak memory is its own too, and takes its turn in each
round: a machine that slows down slows all of them. Quoted are the median wall time and its range; the first turn
(compilation, caches) does not count. A process that has just waited for the others needs longer for its first call,
and on a virtual machine much longer for its first memory: what takes less than half a second is called once before the
clock starts, in every turn, and what takes less than a fiftieth is then called for as long, and the mean counts.
BLAS and OpenMP get one thread each; what a library does with its own threads is its business. Results carry a number
(Q, a mean) by which they can be compared. A peer that did a part of the work says so in its name, "(50 of 1,000)", and
its times are scaled up. A result of many values, one per node say, is averaged after the clock has stopped, or summed
with weights where the answers have to agree: a result that is not that of netanalysis is marked "differs". Peers of
which there is no checkout (:mod:`tests.benchmarks.checkouts`) show the CPU time of an earlier day, and a ratio of that.
What is to be said about the results is in NOTES.md, which goes into the table's file.
"""

import argparse
import datetime
import importlib.metadata
import multiprocessing
import os
import platform
import re
import resource
import statistics
import sys
import time
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

PEERS = (
    "bctpy",
    "igraph",
    "leidenalg",
    "networkit",
    "scikit-network",
    "netneurotools",
    "pybirewirex",
    "scipy",
    "numpy",
)


TURN, WAKING = 0.02, 0.5  # seconds


def work(pipe, workload, name):
    """Prepare, then run once for every message until told to stop."""
    import numpy as np

    from tests.benchmarks.workloads import WORKLOADS

    try:
        run = WORKLOADS[workload][name]()
        pipe.send(None)
        repeats, first, waking = 1, True, False
        while pipe.recv():
            if waking:
                run()
            wall, cpu = time.perf_counter(), time.process_time()
            for _ in range(repeats):
                value = run()
            wall, cpu = (time.perf_counter() - wall) / repeats, (time.process_time() - cpu) / repeats
            if first and wall < 30:  # the first turn, which does not count, may have compiled
                start = time.perf_counter()
                run()
                once = time.perf_counter() - start
                repeats, waking = max(1, int(TURN / once)), once < WAKING
            first = False
            value = float(getattr(run, "number", np.nanmean)(value))
            pipe.send((wall, cpu, value, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
    except Exception as error:  # a peer that fails is a row that says so
        pipe.send(f"{type(error).__name__}: {error}")


def measure(workload, names, rounds, limit):
    """Interleaved timings of one workload: name -> list of (wall, cpu, value, MiB), or a message."""
    context = multiprocessing.get_context("spawn")
    workers, results = {}, {}
    for name in names:
        here, there = context.Pipe()
        process = context.Process(target=work, args=(there, workload, name), daemon=True)
        process.start()
        ready = here.recv() if here.poll(limit) else "not ready in time"
        if ready is None:
            workers[name], results[name] = (process, here), []
        else:
            process.kill()
            results[name] = ready
    for turn in range(rounds + 1):
        for name, (process, pipe) in list(workers.items()):
            pipe.send(True)
            answer = pipe.recv() if pipe.poll(limit) else f"more than {limit:g} s"
            if isinstance(answer, str):
                process.kill()
                del workers[name]
                results[name] = results[name] or answer
            elif turn or answer[0] > limit / (rounds + 1):
                results[name].append(answer)
                if not turn:  # too slow to repeat: one run must do
                    pipe.send(False)
                    del workers[name]
    for process, pipe in workers.values():
        pipe.send(False)
        process.join(5)
    return results


def seconds(x):
    """Three digits and a unit."""
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if x * factor >= 1:
            return f"{x * factor:.3g} {unit}"
    return f"{x * 1e6:.2g} µs"


def rows(workload, results, recorded, tolerance, clock=0):
    """Markdown rows, ours first; the ratio is theirs over ours, of wall (0) or CPU time (1)."""
    ours = results["netanalysis"]
    base = statistics.median(r[clock] for r in ours) if not isinstance(ours, str) else float("nan")
    for name, runs in results.items():
        if isinstance(runs, str):
            yield f"| {workload} | {name} | {runs[:60]} | | | | |"
            continue
        walls = [r[0] for r in runs]
        part = re.search(r"\(([\d,]+) of ([\d,]+)", name)
        scale = int(part[2].replace(",", "")) / int(part[1].replace(",", "")) if part else 1
        median = statistics.median(walls) * scale
        compared = statistics.median(r[clock] for r in runs) * scale
        ratio = "1" if name == "netanalysis" else f"{compared / base:.3g}"
        spread = f"{seconds(min(walls) * scale)} – {seconds(max(walls) * scale)}"
        cpu = seconds(statistics.median(r[1] for r in runs) * scale)
        result, peak = f"{runs[-1][2]:.4g}", f"{runs[-1][3]:.0f}"
        if tolerance and not isinstance(ours, str) and abs(runs[-1][2] / ours[-1][2] - 1) > tolerance:
            result += ", differs"
        yield f"| {workload} | {name} | {seconds(median)} | {spread} | {cpu} | {ratio} | {result} | {peak} |"
    for name, before in recorded.items():
        ratio = "" if isinstance(ours, str) else f"{before.cpu / statistics.median(r[1] for r in ours):.3g} of CPU"
        yield f"| {workload} | {name}, recorded {before.date} | | | {seconds(before.cpu)} | {ratio} | | |"


def machine():
    """Processor, cores and versions."""
    model = next(
        (x.split(":")[1].strip() for x in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in x), ""
    )
    found = []
    for name in ("netanalysis", "numba", *PEERS):
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{name} absent")
    return (
        f"{datetime.date.today()}, {os.cpu_count()} cores, {model or platform.processor()}, "
        f"Python {platform.python_version()}; load before: {os.getloadavg()[0]:.1f}\n\n{', '.join(found)}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-k", default="", help="only workloads whose name holds all these words")
    parser.add_argument("-n", type=int, default=5, help="rounds")
    parser.add_argument("--limit", type=float, default=120, help="seconds after which a run is given up")
    parser.add_argument("--cpu", action="store_true", help="ratios of CPU times, on a machine that is shared")
    parser.add_argument("-o", type=Path, help="write the table here as well")
    options = parser.parse_args()
    from tests.benchmarks.checkouts import Recorded
    from tests.benchmarks.walks import AGREE
    from tests.benchmarks.workloads import WORKLOADS

    lines = [
        "# Benchmarks\n",
        machine() + "\n",
        "Ratio: the peer's median wall time over ours, above 1 we are faster. Peers marked with a part of the work did",
        "that part, and their times are scaled up.\n",
        (Path(__file__).parent / "NOTES.md").read_text(),
        "| workload | implementation | median | range | CPU | ratio | result | peak MiB |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    print("\n".join(lines), flush=True)
    for workload, names in WORKLOADS.items():
        if all(word in workload for word in options.k.split()):
            recorded = {name: entry for name, entry in names.items() if isinstance(entry, Recorded)}
            results = measure(workload, [name for name in names if name not in recorded], options.n, options.limit)
            for line in rows(workload, results, recorded, AGREE.get(workload), 1 if options.cpu else 0):
                print(line, flush=True)
                lines.append(line)
                if options.o:
                    options.o.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
