"""Turn the public files of the connectomes in atlas.json into the one form, and check each against biology.

    python data/atlas.py [--from FOLDER] [--to FOLDER] [--pin] [NAME ...]

Files come from FOLDER (repository/commit/path, or by their names) or are fetched. Every set is converted, its
direction compared with what is known of the animal, and its arrays with the digest in atlas.json. ``--to`` writes them
as .npz, which ``netanalysis.datasets.load(name, path=...)`` reads. ``--pin``, for a new set only, writes the size and
sha256 of its files, and its digest, into atlas.json: they are those of the commit that stands in the path.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from build import write_npz
from numpy.typing import NDArray

from netanalysis.datasets import fetched
from netanalysis.datasets.originals import digest

Arrays = dict[str, NDArray[Any]]
ATLAS = Path(__file__).resolve().parent / "atlas.json"


def total(a: Arrays, sources: str, targets: str) -> float:
    """Weight from the nodes that `sources` names to those that `targets` names: names, or beginnings with a ``*``."""

    def mask(text: str) -> NDArray[np.bool_]:
        names = text.split()
        return np.array([any(n.startswith(t[:-1]) if t.endswith("*") else n == t for t in names) for n in a["labels"]])

    return float(a["weights"][np.ix_(mask(sources), mask(targets))].sum(dtype=float))


def traced(a: Arrays) -> None:
    """Neurons labelled by one injection are shares of all that it labels, so they add up over sources."""
    w = a["weights"]
    assert w.sum(0).max() <= 1 < w.sum(1).max()
    assert not np.diag(w).any()


def macaque(a: Arrays) -> None:
    """V1 sends its strongest connection to V2 (Markov et al. 2014)."""
    traced(a)
    names = list(a["labels"])
    assert names[int(a["weights"][names.index("V1")].argmax())] == "V2"
    assert round(total(a, "V1", "V2"), 3) == 0.763


def mouse(a: Arrays) -> None:
    """Connections from the cortex to the striatum lead one way (Shipp 2017, 10.1007/s00429-016-1250-9)."""
    cortex = "PTLp ACA ILA AI RSP SSp SSs VIS* TEa ORB ECT MOp MOs AUD* GU"
    assert total(a, cortex, "Strp Stri") > 20 * total(a, "Strp Stri", cortex)


def finch(a: Arrays) -> None:
    """Axons from outside Area X only send; medium spiny neurons are what they reach (Dorkenwald et al. 2017)."""
    assert total(a, "*", "EA*") == 0
    assert total(a, "EA*", "MSN*") > 10_000


def fly(a: Arrays) -> None:
    """Projection neurons lead from the antennal lobe to the lateral horn and the mushroom body (Chiang et al. 2011)."""
    for side in (str.upper, str.lower):
        lobe, horn, body = (side(name) for name in ("al", "lh", "mb"))
        assert total(a, lobe, horn) > 5 * total(a, horn, lobe)
        assert total(a, lobe, body) > 5 * total(a, body, lobe)


def ciona(a: Arrays) -> None:
    """Photoreceptors and antenna cells send, motor neurons reach muscles, muscles send nothing (Ryan et al. 2016)."""
    muscles = "mul mur mulm murm"
    assert total(a, "pr*", "*") > 1.5 * total(a, "*", "pr*")
    assert total(a, "Ant1 Ant2", "*") > 10 * total(a, "*", "Ant1 Ant2")
    assert total(a, "MN*", muscles) > 0.5 * total(a, "*", muscles)
    assert total(a, f"{muscles} bm bm-noto", "*") == 0


def platynereis(a: Arrays) -> None:
    """Sensory neurons send more than they receive, effectors receive (Verasztó et al. 2025)."""
    w, group = a["weights"].astype(float), a["modules"]
    sensory, effector = group == "Sensory neuron", group == "effector"
    assert w[sensory].sum() > 2 * w[:, sensory].sum()
    assert w[:, effector].sum() > 100 * w[effector].sum()


def human(a: Arrays) -> None:
    """Weights fall with distance; parcels lie in the hemisphere that their name says."""
    x, sc = a["positions"], a["sc"]
    assert np.array_equal(sc, sc.T)
    assert np.array_equal(a["fc"], a["fc"].T)
    i, j = np.nonzero(np.triu(sc))
    assert np.corrcoef(sc[i, j], np.sqrt(((x[i] - x[j]) ** 2).sum(1)))[0, 1] < -0.35
    left = [name.removeprefix("7Networks_").startswith("L") for name in a["labels"]]
    assert np.array_equal(x[:, 0] < 0, left)


def apes(a: Arrays) -> None:
    """Symmetric, and stronger within a hemisphere than between them."""
    w = a["weights"]
    assert np.array_equal(w, w.T)
    left = np.array([name.startswith("ctx-lh") for name in a["labels"]])
    assert left.sum() == 57
    assert w[np.ix_(left, left)].sum() > 3 * w[np.ix_(left, ~left)].sum()
    assert "positions" not in a or np.array_equal(a["positions"][:, 0] < 0, left)


def undirected(a: Arrays) -> None:
    """Each pair of nodes was named once."""
    assert np.array_equal(a["weights"], a["weights"].T)


def unnamed(a: Arrays) -> None:
    """Nothing is known of areas without names; the file is no symmetric one."""
    assert not np.array_equal(a["weights"], a["weights"].T)


FACTS: dict[str, Callable[[Arrays], None]] = {
    "macaque_markov29": macaque,
    "macaque_cocomac242": unnamed,
    "marmoset_majka55": traced,
    "mouse_gamanut19": traced,
    "mouse_oh56": mouse,
    "cat_scannell65": unnamed,
    "rat_bams503": undirected,
    "zebrafinch_areax610": finch,
    "fly_medulla1770": undirected,
    "fly_lpu49": fly,
    "ciona_ryan222": ciona,
    "platynereis_veraszto2544": platynereis,
    "human_dk114": apes,
    "chimpanzee_dk114": apes,
}


def main() -> None:
    """Convert and check the sets that are named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--from", dest="folder", type=Path, help="folder with the public files")
    parser.add_argument("--to", type=Path, help="folder for the .npz files")
    parser.add_argument("--pin", action="store_true", help="write sizes, sha256 and digests into atlas.json")
    options = parser.parse_args()
    atlas = json.loads(ATLAS.read_text(encoding="utf-8"))
    originals = atlas.setdefault("originals", {})
    for name in options.names or atlas["datasets"]:
        entry = atlas["datasets"][name]
        for file in entry["files"].values() if options.pin else ():
            content = (options.folder / file).read_bytes()
            pin = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
            if originals.setdefault(file, pin) != pin:
                raise SystemExit(f"{file} is pinned already, to another sha256: a new file needs a new commit")
        arrays = fetched.one_form(entry, fetched.contents(name, entry, originals, options.folder))
        FACTS.get(name, human)(arrays)
        if options.pin:
            entry["digest"] = digest(arrays)
        if entry["digest"] != digest(arrays):
            raise SystemExit(f"{name}: the arrays are not those of atlas.json")
        if options.to:
            write_npz(options.to / f"{name}.npz", arrays)
        w = arrays[entry["weights"]]
        print(f"{name}: {len(w)} nodes, {np.count_nonzero(w)} weights; {entry['orientation']}")
    if options.pin:
        ATLAS.write_text(json.dumps(atlas, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
