"""Small calls beside an older commit of our own, turn by turn, in CPU time.

    git worktree add ../old 63f3e71
    python -m tests.benchmarks.against ../old

Each commit has a process of its own. A turn is as many calls as take about 20 ms; turns alternate, and what is printed
is the median over them and the ratio of the medians.
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
    parser.add_argument("-n", "--turns", type=int, default=40)
    parser.add_argument("-k", "--words", default="", help="calls whose name holds this")
    arguments = parser.parse_args()
    (old, names), (new, _) = worker(arguments.old), worker(str(Path.cwd()))
    print("| call | old, us | new, us | new / old |\n| --- | ---: | ---: | ---: |")
    for name in filter(lambda name: arguments.words in name, names):
        took = {old: [], new: []}
        for _ in range(arguments.turns):
            for process, times in took.items():
                process.stdin.write(name + "\n")
                process.stdin.flush()
                times.append(float(process.stdout.readline()))
        before, after = (1e6 * statistics.median(times) for times in took.values())
        print(f"| {name} | {before:.1f} | {after:.1f} | {after / before:.2f} |", flush=True)
    for process in (old, new):
        process.stdin.close()
        process.wait()


if __name__ == "__main__":
    main()
