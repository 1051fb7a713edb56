"""Damages files and reads them, or kills writers: ``python -m tests.io.hostile`` prints what became of each.

Files are read in a process forked after everything is imported, with a limit on time and on memory: a crash of one is a
result, not the end of the run. All is drawn by seed, so that a file that did harm can be made again.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import io
import json
import os
import resource
import shutil
import signal
import sqlite3
import sys
import tempfile
import threading
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import h5py
import networkx as nx
import numpy as np
import openpyxl
import pandas as pd
import scipy.io
import torch
from scipy import sparse
from tqdm import tqdm

import netanalysis as na
from netanalysis._core.files import written_whole
from netanalysis.io import _READERS
from tests.io import foreign
from tests.io.foreign import LABELS, W

SECONDS = 10  # of computing for a file of a few kilobytes
WAITING = 12  # times as long by the clock: a process that waits for ever computes nothing
SLOW = 1  # second is named
MEMORY = 4 * 2**30  # beside what is loaded: the limit that the documentation states
EDGES = pd.DataFrame({"pre": ["a", "a", "b"], "post": ["b", "c", "c"], "weight": [1.5, 2.0, -3.0]})
FULL = na.Connectome(
    W,
    positions=np.arange(9.0).reshape(3, 3),
    labels=LABELS,
    modules=["a", "b", "b"],
    inputs=np.ones((2, 3)),
    outputs=np.ones((3, 4)),
    metadata={"seed": 3},
)
OWN = {".npz", ".npy", ".csv", ".tsv", ".mat", ".h5", ".hdf5", ".safetensors"}  # what na.save writes


# ---------------------------------------------------------------- sound files


def _graph() -> nx.DiGraph:
    graph = nx.DiGraph(name="g")
    for row in EDGES.itertuples():
        graph.add_edge(row.pre, row.post, weight=row.weight)
    return graph


def _sqlite(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        EDGES.to_sql("connections", database, index=False)


def _xlsx(path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [list(EDGES), *EDGES.to_numpy().tolist()]:
        book.active.append(row)
    book.save(path)


def _keras(path: Path) -> None:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        at = file.create_group("layers/simple_rnn/cell/vars")
        at["0"], at["1"], at["2"] = np.ones((2, 3)), W, np.zeros(3)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.h5", buffer.getvalue())


def _text(content: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(content)


_PAJEK = '*Vertices 3\n1 "a"\n2 "b"\n3 "c"\n*Arcs\n1 2 1.5\n2 3 -2\n'
_PLAIN = "\n".join(" ".join(map(repr, row)) for row in W.tolist()) + "\n"
_GRAPHS: dict[str, Callable[[Path], object]] = {
    ".graphml": lambda path: nx.write_graphml(_graph(), path),
    ".gml": lambda path: nx.write_gml(_graph(), path),
    ".gexf": lambda path: nx.write_gexf(_graph(), path),
    ".json": lambda path: path.write_text(json.dumps(nx.node_link_data(_graph(), edges="links"))),
    ".net": _text(_PAJEK),
    ".graph": _text("3 2\n2 3\n1\n1\n"),
    ".mtx": lambda path: scipy.io.mmwrite(path, sparse.coo_array(W)),
    ".parquet": EDGES.to_parquet,
    ".feather": EDGES.to_feather,
    ".xlsx": _xlsx,
    ".keras": _keras,
    ".zip": lambda path: foreign._tvb(path, W),
}


def sound(suffix: str) -> list[bytes]:
    """Files of a format as we and others write them."""
    end = suffix.removesuffix(".gz")
    writers: list[Callable[[Path], object]] = [
        lambda path, write=write: write(path, W) for write, own in foreign.FOREIGN if own == end
    ]
    if end in OWN:
        writers.append(lambda path: na.save(FULL, path))
    if end in _GRAPHS:
        writers.append(_GRAPHS[end])
    if end in (".sqlite", ".sqlite3", ".db"):
        writers.append(_sqlite)
    if end in (".ckpt", ".pth.tar", ".pt.tar", ".bin"):
        writers.append(lambda path: torch.save({"state_dict": {"weight_hh_l0": torch.tensor(W)}}, path))
    if end == ".h5ad":
        writers.append(lambda path: foreign._h5_sparse(path, W))
    if end in (".dat", ".ssv", ".1d", ".edge", ".edgelist", ".txt"):
        writers += [_text(_PLAIN), _text("a b 1.5\na c 2\nb c -3\n")]
    files = []
    with tempfile.TemporaryDirectory() as folder:
        for k, write in enumerate(writers):
            path = Path(folder, f"{k}{end}")
            write(path)
            files.append(gzip.compress(path.read_bytes()) if suffix.endswith(".gz") else path.read_bytes())
    return files


# ---------------------------------------------------------------- damage

_EDGES = [0, 1, -1, 2**7, 2**15, 2**31 - 1, -(2**31), 2**32 - 1, 2**40, 2**63 - 1, -(2**63)]
_WORDS = [b"nan", b"inf", b"-1", b"1e999", b"99999999999999999999", b"\x00", b"\xff\xfe", b'"', b"[", b"{", b"<", b"\n"]


def damaged(good: bytes, rng: np.random.Generator) -> bytes:
    """A file that is wrong in one to four places; of packed files also what is packed, with its checksums right."""
    if good[:2] == b"\x1f\x8b" and rng.random() < 0.7:
        return gzip.compress(damaged(gzip.decompress(good), rng))
    if good[:2] == b"PK" and rng.random() < 0.7:
        return _repacked(good, rng)
    bad = bytearray(good)
    for _ in range(rng.integers(1, 5)):
        _DAMAGE[rng.integers(len(_DAMAGE))](bad, rng)
    return bytes(bad)


def _flip(bad: bytearray, rng: np.random.Generator) -> None:
    if bad:
        bad[rng.integers(len(bad))] ^= 1 << int(rng.integers(8))


def _byte(bad: bytearray, rng: np.random.Generator) -> None:
    if bad:
        bad[rng.integers(len(bad))] = int(rng.choice([0, 255, rng.integers(256)]))


def _number(bad: bytearray, rng: np.random.Generator) -> None:
    """An integer at the edge of what fits, where one may lie."""
    size = int(rng.choice([2, 4, 8]))
    if len(bad) > size:
        at = int(rng.integers(len(bad) - size)) // size * size
        value = int(rng.choice(np.array(_EDGES, dtype=object))) % 2 ** (8 * size)
        bad[at : at + size] = value.to_bytes(size, "little")


def _cut(bad: bytearray, rng: np.random.Generator) -> None:
    a, b = _span(bad, rng)
    del bad[a:b]


def _repeat(bad: bytearray, rng: np.random.Generator) -> None:
    a, b = _span(bad, rng)
    bad[a:a] = bad[a:b]


def _end(bad: bytearray, rng: np.random.Generator) -> None:
    del bad[int(rng.integers(len(bad) + 1)) :]


def _word(bad: bytearray, rng: np.random.Generator) -> None:
    at = int(rng.integers(len(bad) + 1))
    word = _WORDS[rng.integers(len(_WORDS))]
    bad[at : at + int(rng.integers(2)) * len(word)] = word


def _span(bad: bytearray, rng: np.random.Generator) -> tuple[int, int]:
    a = int(rng.integers(len(bad) + 1))
    return a, min(len(bad), a + int(rng.integers(1, 65)))


_DAMAGE = [_flip, _byte, _number, _cut, _repeat, _end, _word]


def _repacked(good: bytes, rng: np.random.Generator) -> bytes:
    """An archive whose members are damaged, one of them missing or twice there, perhaps under another name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        hit = names[rng.integers(len(names))]
        for name in names:
            content = old.read(name)
            if name == hit and rng.random() < 0.15:
                continue
            renamed = name[:-1] if name == hit and rng.random() < 0.1 else name
            new.writestr(renamed, damaged(content, rng) if name == hit else content)
    return buffer.getvalue()


# ---------------------------------------------------------------- reading


def _read(path: Path) -> str:
    """What `load` makes of a file: a checked network, a refusal, or an error that no user should see."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + SECONDS, resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_REAL, WAITING * SECONDS)
    try:
        found = na.load(path, orientation="source_target")
    except (ValueError, MemoryError) as error:
        return "refused" if str(error) else f"wrong error: {type(error).__name__} that says nothing"
    except Exception as error:
        return f"wrong error: {type(error).__name__}: {error}"[:200]
    weights = getattr(found, "weights", None)
    values = weights.data if sparse.issparse(weights) else weights
    return "read" if values is None or np.isfinite(values).all() else "wrong: weights that are no numbers"


def _read_on(paths: list[Path]) -> list[tuple[str, float]]:
    """Outcomes and seconds of the first files, in a process of its own: all of them, unless one of them ends it."""
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        held = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (held + MEMORY, held + MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        with contextlib.suppress(BaseException):
            for path in paths:
                began = time.process_time()
                outcome = _read(path)
                os.write(theirs, json.dumps((outcome, time.process_time() - began)).encode() + b"\n")
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as pipe:
        outcomes = [(what, seconds) for what, seconds in map(json.loads, pipe)]
    _, status = os.waitpid(child, 0)
    if len(outcomes) < len(paths):
        kind = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else f"exit {status}"
        outcomes.append(("never ended", SECONDS) if kind in ("SIGXCPU", "SIGALRM") else (f"crashed: {kind}", 0.0))
    return outcomes


def files(suffix: str, count: int, seed: int, keep: Path | None = None) -> dict[str, object]:
    """How many damaged files of a format were read or refused, and what did harm."""
    good = sound(suffix)
    rng = np.random.default_rng([seed, *suffix.encode()])
    outcomes: list[tuple[str, float]] = []
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"{k}{suffix}") for k in range(count)]
        for k, path in enumerate(paths):
            path.write_bytes(damaged(good[k % len(good)], rng))
        while len(outcomes) < count:
            outcomes += _read_on(paths[len(outcomes) :])
        harm = {k: outcome for k, (outcome, _) in enumerate(outcomes) if outcome not in ("read", "refused")}
        for k in harm if keep is not None else ():
            shutil.copy(paths[k], keep)
    counts = Counter(outcome.partition(":")[0] for outcome, _ in outcomes)
    slow = {k: round(seconds, 2) for k, (_, seconds) in enumerate(outcomes) if seconds > SLOW}
    used = round(sum(seconds for _, seconds in outcomes), 2)
    return {"suffix": suffix, "files": count, "outcomes": dict(counts), "harm": harm, "seconds": used, "slow": slow}


# ---------------------------------------------------------------- killing


def _write_forever(folder: Path) -> None:
    """Networks, tables and a checkpoint, written again and again."""
    tqdm.set_lock(threading.RLock())  # its own: one that a killed process holds would be waited for after the fork
    networks = list(np.random.default_rng(1).normal(size=(6, 5, 5)))
    k = 0
    while True:
        k += 1
        for suffix in (".npz", ".h5", ".csv"):
            na.save(na.Connectome(np.full((60, 60), float(k))), folder / f"net{suffix}")
        table = na.summarize(networks, ["density"], progress=False, checkpoint=folder / f"{k}.jsonl")
        with written_whole(folder / "table.csv") as part:
            table.to_csv(part)


def kills(count: int, seed: int) -> dict[str, object]:
    """How many kills at a random moment left a file that is not whole, or a checkpoint that does not go on."""
    rng = np.random.default_rng(seed)
    harm = []
    done = 0
    networks = list(np.random.default_rng(1).normal(size=(6, 5, 5)))
    right = na.summarize(networks, ["density"], progress=False)["value"].tolist()
    for k in range(count):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            child = os.fork()
            if child == 0:
                with contextlib.suppress(BaseException):
                    _write_forever(folder)
                os._exit(1)
            while not (folder / "table.csv").exists() and not os.waitpid(child, os.WNOHANG)[0]:
                time.sleep(0.001)
            time.sleep(rng.uniform(0, 0.2))
            os.kill(child, signal.SIGKILL)
            done += os.WIFSIGNALED(os.waitpid(child, 0)[1])
            for path in [folder / f"net{suffix}" for suffix in (".npz", ".h5", ".csv")]:
                w = na.load(path).weights
                if w.shape != (60, 60) or len(np.unique(w)) != 1:
                    harm.append(f"{k}: {path.name}")
            if len(pd.read_csv(folder / "table.csv")) != len(networks):
                harm.append(f"{k}: table.csv")
            for path in folder.glob("*.jsonl"):
                again = na.summarize(networks, ["density"], progress=False, checkpoint=path)
                if again["value"].tolist() != right:
                    harm.append(f"{k}: {path.name}")
    return {"kills": done, "harm": harm}


def main() -> None:
    """Print a line of JSON for every format, and one for the kills."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=0, help="damaged files of each format")
    options.add_argument("--kills", type=int, default=0)
    options.add_argument("--suffix", nargs="*", default=list(_READERS))
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--keep", type=Path, help="a folder for the files that did harm")
    asked = options.parse_args()
    warnings.simplefilter("ignore")
    for suffix in asked.suffix if asked.files else ():
        print(json.dumps(files(suffix, asked.files, asked.seed, asked.keep)), flush=True)
    if asked.kills:
        print(json.dumps(kills(asked.kills, asked.seed)))


if __name__ == "__main__":
    sys.exit(main())
