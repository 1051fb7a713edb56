"""List the files of this folder in manifest.json, with checksums: ``python data/trained/manifest.py``."""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

from netanalysis._core.files import written_whole
from netanalysis.datasets import TrainedNetworks

HERE = Path(__file__).resolve().parent
ONE_CHOICE = "100-unit rate networks trained on one-choice inference with a penalty on "
MODULAR = "16-unit rate networks trained on hierarchically modular tasks: "
SPIKING = "100-unit spiking networks trained on invented spoken digits with a penalty on "
COGNITIVE = "100-unit rate networks trained on 20 cognitive tasks with a penalty on the sum of absolute weights"
LARGE = COGNITIVE.replace("100-unit rate networks", "a 400-unit rate network")
BIMT_DOI = "10.48550/arXiv.2310.07711"
ONE_CHOICE_DOI = "10.1038/s42256-023-00748-9"
RESOLVENT_DOI, SPIKING_DOI = "10.48550/arXiv.2605.03598", "10.48550/arXiv.2409.17693"
WHAT = {
    "sernn": (
        ONE_CHOICE + "distance x communicability of connections (spatially embedded)",
        ONE_CHOICE_DOI,
    ),
    "l1": (ONE_CHOICE + "the sum of absolute weights", ONE_CHOICE_DOI),
    "distance": (ONE_CHOICE + "the distance of connections", ONE_CHOICE_DOI),
    "communicability": (ONE_CHOICE + "the communicability of connections", ONE_CHOICE_DOI),
    **{
        f"{kind}_one_strength": (ONE_CHOICE + f"{what}: up to 20 that solve it at each strength", ONE_CHOICE_DOI)
        for kind, what in {
            "sernn": "distance x communicability (spatially embedded)",
            "l1": "the sum of absolute weights",
            "distance": "the distance of connections",
        }.items()
    },
    "resolvent": (MODULAR + "averaging, with a penalty on the signed sum of pathways", RESOLVENT_DOI),
    "resolvent_hop": (MODULAR + "averaging, with a penalty on pathways hop by hop", RESOLVENT_DOI),
    "resolvent_l1": (MODULAR + "averaging, with a penalty on the sum of all absolute weights", RESOLVENT_DOI),
    **{
        f"resolvent_{task}": (MODULAR + f"{task}, signal in every step, no penalty", RESOLVENT_DOI)
        for task in ("averaging", "subtraction", "addition", "multiplication")
    },
    "bimt": (COGNITIVE + " times distance, units exchanging places (brain-inspired modular training)", BIMT_DOI),
    "bimt_l1": (COGNITIVE, BIMT_DOI),
    "bimt_400": (LARGE + " times distance, units exchanging places (brain-inspired modular training)", BIMT_DOI),
    "bimt_l1_400": (LARGE, BIMT_DOI),
    "spiking_sernn": (SPIKING + "distance x communicability of connections (spatially embedded)", SPIKING_DOI),
    "spiking_l1": (SPIKING + "the sum of absolute weights", SPIKING_DOI),
    "spiking_distance": (SPIKING + "the distance of connections", SPIKING_DOI),
    "spiking_sernn_strong": (SPIKING + "distance x communicability of connections, stronger", SPIKING_DOI),
}
# Measurements of more networks and snapshots than are kept: what, DOI of the definitions.
TABLES = {
    "one_choice": (
        "structure of one-choice networks before training and after each of 10 epochs, all penalties and strengths",
        ONE_CHOICE_DOI,
    ),
    "one_choice_function": (
        "selectivity, its place, and activity of the one-choice networks that solve the task at epoch 9",
        ONE_CHOICE_DOI,
    ),
    "resolvent_statistics": (
        "error and pathways of networks on modular tasks, each with its signal, penalty, strength and seed",
        RESOLVENT_DOI,
    ),
    "bimt_statistics": (
        "accuracy by task, active units, wiring and spatial compactness of the networks on 20 cognitive tasks",
        BIMT_DOI,
    ),
    "bimt_400_statistics": ("the same of networks of 400 units over strengths of either penalty", BIMT_DOI),
    "spiking_statistics": ("structure and accuracy of the spiking networks at each of 10 epochs", SPIKING_DOI),
}
CITATIONS = {
    ONE_CHOICE_DOI: "Achterberg J et al. (2023) Nature Machine Intelligence 5:1369-1381",
    BIMT_DOI: "Liu, Khona, Fiete & Tegmark (2023) arXiv:2310.07711",
    RESOLVENT_DOI: "Sharma, Goodman & Akarca (2026) arXiv:2605.03598",
    SPIKING_DOI: "Sheeran, Ham, Astle, Achterberg & Akarca (2024) arXiv:2409.17693",
}

SIZE = ("n_nodes", "n_networks", "directed", "weighted", "signed")


def entry(kind: str, path: Path, what: str, doi: str) -> dict[str, Any]:
    """What every file of this folder has in the manifest."""
    content = path.read_bytes()
    print(f"{len(content):>9} {path.name}")
    return {
        "kind": kind,
        "file": f"trained/{path.name}",
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "species": "none (trained network)",
        "what": what,
        "licence": "BSD-3-Clause",
        "doi": doi,
        "citation": f"Trained by this package, after {CITATIONS[doi]}",
    }


def main() -> None:
    """Write the manifest."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    manifest: dict[str, dict[str, Any]] = {}
    for name, (what, doi) in WHAT.items():
        path = HERE / f"{name}.npz"
        if not path.exists():
            continue
        trained = TrainedNetworks(path)
        size = dict(zip(SIZE, (trained[0].n_nodes, len(trained), True, True, True), strict=True))
        manifest[name] = entry("ensemble", path, what, doi) | size | {"command": trained.metadata["command"]}
    for name, (what, doi) in TABLES.items():
        path = HERE / f"{name}.csv"
        if path.exists():
            manifest[name] = entry("table", path, what, doi) | dict.fromkeys(SIZE)
    with written_whole(HERE / "manifest.json") as part:
        part.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
