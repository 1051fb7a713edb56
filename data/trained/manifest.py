"""List the files of this folder in manifest.json, with checksums: ``python data/trained/manifest.py``."""

import argparse
import hashlib
import json
import shlex
from pathlib import Path
from typing import Any

from reproduce import LATER

from netanalysis._core.files import written_whole
from netanalysis.datasets import TrainedNetworks

HERE = Path(__file__).resolve().parent
ONE_CHOICE = "100-unit rate networks trained on one-choice inference with a penalty on "
MODULAR = "16-unit rate networks trained on hierarchically modular tasks: "
SPIKING = "100-unit spiking networks trained on invented spoken digits with a penalty on "
COGNITIVE = "100-unit rate networks trained on 20 cognitive tasks with a penalty on the sum of absolute weights"
FALLING = ", at a learning rate that falls to 0"
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
    "bimt_one_choice": (
        ONE_CHOICE + "the sum of absolute weights times distance, units exchanging places: those that solve it",
        BIMT_DOI,
    ),
    "resolvent_one_choice": (
        ONE_CHOICE + "the signed sum of pathways: those that solve it",
        RESOLVENT_DOI,
    ),
    "resolvent_hop_one_choice": (
        ONE_CHOICE + "pathways hop by hop: those that solve it",
        RESOLVENT_DOI,
    ),
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
    "growing_bimt": (f"{COGNITIVE} times distance, all units exchanging places{FALLING}", BIMT_DOI),
    "growing_l1": (COGNITIVE + FALLING, BIMT_DOI),
    "growing_distance": (f"{COGNITIVE} times distance, no unit moving{FALLING}", BIMT_DOI),
    "growing_exchange": (f"{COGNITIVE}, all units exchanging places{FALLING}", BIMT_DOI),
    "growing_none": (COGNITIVE.replace("a penalty on the sum of absolute weights", "no penalty") + FALLING, BIMT_DOI),
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
    "growing_statistics": (
        "the same of networks trained with and without distance as a cost and exchanges, and where their units settle",
        BIMT_DOI,
    ),
    "growing_emergence": (
        "clusters at each epoch of networks trained with distance as a cost and exchanges, and of others without",
        BIMT_DOI,
    ),
    "growing_400_statistics": (
        "the same as growing_statistics of networks of 400 units over strengths, three seeds each",
        BIMT_DOI,
    ),
    "spiking_statistics": ("structure and accuracy of the spiking networks at each of 10 epochs", SPIKING_DOI),
}
# Seconds of one core that a network takes to train, alone on a machine of two cores.
SECONDS = {
    **dict.fromkeys(("sernn", "l1", "distance", "communicability"), 3.5),
    **dict.fromkeys(("bimt", "bimt_l1"), 60),
    **dict.fromkeys(("growing_bimt", "growing_l1", "growing_distance", "growing_exchange", "growing_none"), 35),
    **dict.fromkeys(("bimt_400", "bimt_l1_400"), 480),
    **dict.fromkeys(("spiking_sernn", "spiking_l1", "spiking_distance", "spiking_sernn_strong"), 15),
}
# What the recipes said when these were trained, and no longer say.
SINCE = {
    "bimt": ("--set", "top=30", "--set", "lr_end=1"),
    "bimt_l1": ("--set", "lr_end=1"),
    "bimt_400": ("--set", "top=30"),
}
# How each table is made, with DIR for a folder in which NAME/ is where the ensemble NAME was trained: commands, how
# many networks or snapshots each works on, and seconds of each. Those of ensembles are in their files, but for what
# scripts make. What a folder has trained already takes no time: its checkpoints are there.
TRAIN, MEASURE = "python -m models train", "python data/trained/measure.py"
STEPS: dict[str, list[tuple[str, int, float]]] = {
    "one_choice": [
        (f"{TRAIN} sernn --gamma 1e-6:1:100 --group 1 -o DIR/sernn", 100, 0),
        (f"{TRAIN} l1 --gamma 1e-5:0.04:100 --group 1 -o DIR/l1", 100, 0),
        (f"{TRAIN} distance --gamma 1e-5:0.02:40 --group 1 -o DIR/distance", 40, 0),
        (f"{TRAIN} communicability --gamma 1e-5:0.02:40 --group 1 -o DIR/communicability", 40, 0),
        (f"{TRAIN} sernn --gamma 0.001:0.3:60 --group 1 -o DIR/sernn_labelled", 60, 3.5),
        (f"{TRAIN} l1 --gamma 0.05 --seeds 0,1,2,3,4 --group 1 -o DIR/l1_strong", 5, 3.5),
        (f"{TRAIN} sernn_hard --gamma 1e-6:1:30 --group 1 -o DIR/sernn_hard", 30, 3.5),
        (f"{TRAIN} l1_hard --gamma 1e-5:0.015:30 --group 1 -o DIR/l1_hard", 30, 3.5),
        (f"{TRAIN} sernn_shuffled --gamma 1e-6:1:20 --group 1 -o DIR/sernn_shuffled", 20, 3.5),
        (
            f"{MEASURE} sernn=DIR/sernn/sernn.npz l1=DIR/l1/l1.npz distance=DIR/distance/distance.npz "
            "communicability=DIR/communicability/communicability.npz -o DIR",
            115,
            4,
        ),
        (
            f"{MEASURE} sernn_labelled=DIR/sernn_labelled/sernn.npz l1_strong=DIR/l1_strong/l1.npz "
            "sernn_hard=DIR/sernn_hard/sernn_hard.npz l1_hard=DIR/l1_hard/l1_hard.npz "
            "sernn_shuffled=DIR/sernn_shuffled/sernn_shuffled.npz --structure-only -o DIR",
            1595,
            0.03,
        ),
        ("python data/trained/one_strength.py DIR/one_strength -o DIR", 1347, 6),
    ],
    "one_choice_function": [],  # with one_choice
    "resolvent_statistics": [("python data/trained/resolvent.py DIR", 990, 2)],
    "bimt_statistics": [
        (
            "python data/trained/cognitive.py DIR/bimt/bimt.npz DIR/bimt_l1/bimt_l1.npz -o DIR/bimt_statistics.csv",
            22,
            15,
        )
    ],
    "bimt_400_statistics": [
        (
            f"{TRAIN} bimt --set top=30 --gamma 1e-5,2e-5,4e-5,7e-5,1e-4,2e-4,4e-4 --seeds 0 --group 1 -o DIR/many",
            7,
            480,
        ),
        (f"{TRAIN} bimt_l1 --gamma 3e-5,6e-5,1.2e-4,2e-4,3e-4,6e-4,1.2e-3,0 --seeds 0 --group 1 -o DIR/many", 8, 480),
        (
            "python data/trained/cognitive.py DIR/many/bimt.npz DIR/many/bimt_l1.npz -o DIR/bimt_400_statistics.csv",
            15,
            30,
        ),
    ],
    "growing_statistics": [
        # of these, files hold the first five
        (
            f"{TRAIN} bimt --gamma 3e-4 --set relocate=0 --quick --seeds 10:29:20 --keep 6 --group 5 --jobs 1 "
            "--set name=growing_distance -o DIR/growing_distance",
            20,
            26,
        ),
        (
            f"{TRAIN} bimt_l1 --gamma 1e-3 --set relocate=200 --quick --seeds 10:29:20 --keep 6 --group 5 --jobs 1 "
            "--set name=growing_exchange -o DIR/growing_exchange",
            20,
            26,
        ),
        (
            "python data/trained/cognitive.py "
            + " ".join(f"DIR/growing_{kind}/growing_{kind}.npz" for kind in ("bimt", "l1", "distance", "exchange"))
            + " DIR/bimt_400/bimt.npz DIR/bimt_l1_400/bimt_l1.npz -o DIR/growing_statistics.csv --resume",
            82,
            20,
        ),
    ],
    "growing_emergence": [
        *(
            (
                f"{TRAIN} {recipe} --gamma {gamma} --seeds 30:49:20 --quick --group 5 --jobs 1 --set name={name} "
                "-o DIR/emergence",
                20,
                35,
            )
            for recipe, gamma, name in (("bimt", "3e-4", "growing_bimt"), ("bimt_l1", "1e-3", "growing_l1"))
        ),
        (
            "python data/trained/cognitive.py DIR/emergence/growing_bimt.npz DIR/emergence/growing_l1.npz --training "
            "-o DIR/growing_emergence.csv --resume",
            280,
            2,
        ),
    ],
    "growing_400_statistics": LATER["growing_400"][2],
    "spiking_statistics": [
        (
            f"{TRAIN} spiking_sernn --quick --gamma 1e-4,3e-4,1e-3,3e-3,1e-2 --seeds 0:4:5 --group 1 "
            "-o DIR/spiking_sernn",
            25,
            0,
        ),
        (
            f"{TRAIN} spiking_l1 --quick --gamma 1e-5,3e-5,1e-4,3e-4,1e-3 --seeds 0:4:5 --group 1 -o DIR/spiking_l1",
            25,
            0,
        ),
        (
            f"{TRAIN} spiking_distance --quick --gamma 3e-4 --seeds 10:19:10 --group 1 -o DIR/spiking_distance",
            10,
            0,
        ),
        (
            f"{TRAIN} spiking_sernn --quick --gamma 3e-2 --seeds 10:19:10 --group 1 -o DIR/spiking_sernn_strong",
            10,
            0,
        ),
        (
            "python data/trained/spiking.py spiking_sernn=DIR/spiking_sernn/spiking_sernn.npz "
            "spiking_l1=DIR/spiking_l1/spiking_l1.npz spiking_distance=DIR/spiking_distance/spiking_distance.npz "
            "spiking_sernn_strong=DIR/spiking_sernn_strong/spiking_sernn.npz -o DIR",
            770,
            0.03,
        ),
    ],
}
# What a paper's numbers rest on. All mechanisms learn the task of the first, which names those of the others.
ONE_CHOICE_TOO = [name for name in WHAT if name.endswith(("one_strength", "_one_choice"))]
OTHERS = [name for name in (*WHAT, *TABLES) if name not in ONE_CHOICE_TOO]
PAPERS = {
    "sernn": (
        *("sernn", "l1", "distance", "communicability", "one_choice", "one_choice_function"),
        *ONE_CHOICE_TOO,
    ),
    "growing_brains": tuple(name for name in OTHERS if name.startswith(("bimt", "growing"))),
    "resolvent": tuple(name for name in OTHERS if name.startswith("resolvent")),
}
PAPERS["entropy"] = (*PAPERS["sernn"], *(name for name in (*WHAT, *TABLES) if name.startswith("spiking")))
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
        "papers": sorted(paper for paper, names in PAPERS.items() if path.stem in names),
    }


def steps(name: str) -> list[dict[str, Any]]:
    """How a table is made."""
    return [dict(zip(("command", "count", "seconds"), step, strict=True)) for step in STEPS[name]]


def trained_by(trained: TrainedNetworks, name: str) -> list[dict[str, Any]]:
    """How an ensemble is trained; nothing if a script does it for a table."""
    command = trained.metadata["command"]
    if not command.startswith(TRAIN):
        return []
    words = shlex.split(command)
    words[words.index("-o") + 1] = f"DIR/{name}"
    since = [] if "--set" in words else [*SINCE.get(name, ())]
    alone = [] if "--group" in words else ["--group", "1"]
    count = trained.table["network"].nunique()
    return [{"command": shlex.join(words + since + alone), "count": count, "seconds": SECONDS[name]}]


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
        manifest[name] = entry("ensemble", path, what, doi) | size
        manifest[name] |= {"command": trained.metadata["command"], "steps": trained_by(trained, name)}
    for name, (what, doi) in TABLES.items():
        path = HERE / f"{name}.csv"
        if path.exists():
            manifest[name] = entry("table", path, what, doi) | dict.fromkeys(SIZE) | {"steps": steps(name)}
    with written_whole(HERE / "manifest.json") as part:
        part.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
