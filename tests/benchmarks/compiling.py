"""What compiling costs, once per machine, and loading what was compiled, in every process after that.

``python -m tests.benchmarks.compiling`` runs all measures and null models in fresh processes, first with an empty cache
and then with the one that leaves behind, and prints a markdown table of CPU seconds by file of kernels.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from functools import partial


def everything() -> None:
    """Every measure and null model on a small network of every kind, and on one so sparse that it stays lists."""
    import numpy as np
    from scipy import sparse

    import netanalysis as na

    n, rng = 40, np.random.default_rng(0)
    lists = sparse.random_array((400, 400), density=0.02, format="csr", rng=rng)
    signed = (rng.random((n, n)) < 0.3) * rng.normal(size=(n, n))
    w = abs(signed)
    kinds = [w, w + w.T, signed, signed + signed.T, np.stack([w, 2 * w[::-1, ::-1]]), np.stack([w + w.T] * 2)]
    models = [partial(na.nulls.degree_preserving, connected=True), *(getattr(na.nulls, x) for x in na.nulls.__all__)]
    models.remove(na.nulls.hirschberger_qi_steuer)  # takes correlations only, and compiles nothing
    for kind in [*kinds, *(sparse.csr_array(kind) for kind in kinds[:4]), lists]:
        n = kind.shape[-1]
        net = na.Connectome(kind, positions=rng.random((n, 3)), modules=np.arange(n) % 4)
        for function in [m for m in na.MEASURES.values() if not m.unmet(net)]:
            function(net)
        for model in models:
            if model is not na.nulls.lattice or not (kind < 0).sum():
                model(net, 0)


def measured() -> dict[str, float]:
    """CPU seconds of this process; what is compiled of numba itself counts for its caller."""
    from numba.core import caching, event

    spent, running = Counter({"importing": time.process_time()}), [("other", time.process_time())]

    def leave() -> None:
        name, began = running.pop()
        spent[name] += time.process_time() - began
        spent[running[-1][0]] -= time.process_time() - began

    class Compilation(event.Listener):
        def on_start(self, event: event.Event) -> None:
            package, _, module = event.data["dispatcher"].py_func.__module__.rpartition(".")
            ours = package.startswith("netanalysis.") and package.endswith("kernels")
            running.append((module if ours else running[-1][0], time.process_time()))

        def on_end(self, event: event.Event) -> None:
            leave()

    def load(*args: object) -> object:
        running.append(("loading", time.process_time()))
        overload = found(*args)
        leave()
        return overload

    found, caching.Cache.load_overload = caching.Cache.load_overload, load
    event.register("numba:compile", Compilation())
    everything()
    return dict(spent)


if __name__ == "__main__" and sys.argv[1:] == ["measure"]:
    warnings.simplefilter("ignore")
    print(json.dumps(measured()))
elif __name__ == "__main__":
    with tempfile.TemporaryDirectory() as cache:
        os.environ["NUMBA_CACHE_DIR"] = cache
        command = [sys.executable, "-m", "tests.benchmarks.compiling", "measure"]
        first, *later = (json.loads(subprocess.check_output(command)) for _ in range(6))
    for name in ("importing", "other", "loading"):
        first.pop(name)
    lines = [f"| {name} | {seconds:.2f} |" for name, seconds in sorted(first.items(), key=lambda item: -item[1])]
    print("| kernels | CPU s |", "| --- | --- |", *lines, f"| **in all** | **{sum(first.values()):.1f}** |", sep="\n")
    loading, importing = (min(run[name] for run in later) for name in ("loading", "importing"))
    print(f"\nLoading what was compiled: {loading:.2f} s, and {importing:.2f} s to start Python and import numba.")
