"""Small calls beside an older commit of our own, turn by turn, in CPU time.

    git worktree add ../old 63f3e71
    python -m tests.benchmarks.against ../old

Each commit has a process of its own. A turn is as many calls as take about 20 ms, and turns alternate. Where a process
happens to lie in memory makes it up to a third slower for its whole life, so there are several pairs of processes: what
is printed is the median over pairs of the median over turns, and the median, least and most of their ratios.
"""

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

_WORKER = """
import sys, time
import numpy as np
sys.path.insert(0, "")
import netanalysis as na
from tests.benchmarks.networks import small, medium
und, dir_, mid = small(), small(True), medium()
binary = (und != 0).astype(float)
hops = {}
calls = {
    "Q undirected, n = 100": lambda: na.detect_communities(und, rng=0),
    "Q undirected, n = 1,000": lambda: na.detect_communities(mid, rng=0),
    "Q directed, n = 100": lambda: na.detect_communities(dir_, rng=0),
    "clustering binary, n = 100": lambda: na.clustering(und, method="binary"),
    "clustering Onnela, n = 100": lambda: na.clustering(und),
    "clustering Fagiolo, n = 100": lambda: na.clustering(dir_),
    "hops, n = 100": lambda: na.path_length(und, lengths="hops"),
}
counts = {}
for name, call in calls.items():
    call(); call()
    begin = time.process_time(); call(); took = time.process_time() - begin
    counts[name] = max(1, min(2000, int(0.02 / max(took, 1e-6))))
print(*calls, sep="|", flush=True)
for line in sys.stdin:
    call, count = calls[line.strip()], counts[line.strip()]
    begin = time.process_time()
    for _ in range(count):
        call()
    print((time.process_time() - begin) / count, flush=True)
"""


def worker(folder):
    """A process that times calls of the package in a folder."""
    environment = {**os.environ, "PYTHONPATH": folder, "OPENBLAS_NUM_THREADS": "1"}
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-c", _WORKER], cwd=folder, env=environment, stdin=pipe, stdout=pipe, text=True
    )
    return process, process.stdout.readline().strip().split("|")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("-p", "--pairs", type=int, default=7, help="of processes")
    parser.add_argument("-n", "--turns", type=int, default=8, help="of each pair")
    parser.add_argument("-k", "--words", default="", help="calls whose name holds this")
    arguments = parser.parse_args()
    folders = (arguments.old, str(Path.cwd()))
    medians = {}
    for _ in range(arguments.pairs):
        pair = [worker(folder) for folder in folders]
        for name in filter(lambda name: arguments.words in name, pair[0][1]):
            took = [[], []]
            for _ in range(arguments.turns):
                for (process, _), times in zip(pair, took, strict=True):
                    process.stdin.write(name + "\n")
                    process.stdin.flush()
                    times.append(float(process.stdout.readline()))
            medians.setdefault(name, []).append([1e6 * statistics.median(times) for times in took])
        for process, _ in pair:
            process.stdin.close()
            process.wait()
    print("| call | old, us | new, us | new / old | least to most |\n| --- | ---: | ---: | ---: | ---: |")
    for name, pairs in medians.items():
        before, after = (statistics.median(times) for times in zip(*pairs, strict=True))
        ratios = sorted(new / old for old, new in pairs)
        spread = f"{ratios[0]:.2f} to {ratios[-1]:.2f}"
        print(f"| {name} | {before:.1f} | {after:.1f} | {statistics.median(ratios):.2f} | {spread} |")


if __name__ == "__main__":
    main()
