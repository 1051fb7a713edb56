"""Checkpoints: a group as it was after an epoch, from which its training goes on to the same bits."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models._recipe import Recipe, spelled_out
from models.loop import Group, Trainer
from models.space import Space
from netanalysis._core.files import written_whole

__all__ = ["check", "path_of", "read", "refuse_other_groups", "write"]

_STATE = ("theta", "mean", "square", "alive")


def path_of(folder: Path, group: range) -> Path:
    """Where the checkpoint of these networks lies."""
    return folder / f"networks-{group.start}-{group.stop - 1}.npz"


def write(path: Path, recipe: Recipe, group: Group) -> None:
    """Save a group."""
    with written_whole(path) as part, part.open("wb") as file:
        np.savez(
            file,
            settings=np.array(json.dumps(recipe.settings(), sort_keys=True)),
            places=np.array(_places(recipe.space)),
            gammas=group.gammas,
            seeds=group.seeds,
            **{name: getattr(group, name).cpu().numpy() for name in _STATE},
            epoch=np.array(group.epoch),
            snapshots=np.stack(group.snapshots),
            history=np.stack(group.history),
        )


def read(path: Path, group: Group) -> None:
    """Bring an untrained group to where its checkpoint left it."""
    with np.load(path) as saved:
        # into memory that torch has aligned: products of misaligned arrays may round differently
        for name in _STATE:
            getattr(group, name).copy_(torch.from_numpy(saved[name]))
        group.epoch = int(saved["epoch"])
        group.snapshots, group.history = list(saved["snapshots"]), list(saved["history"])


def check(path: Path, trainer: Trainer, gammas: NDArray[np.float64], seeds: NDArray[np.int64]) -> None:
    """Refuse a checkpoint that is damaged or of another run."""
    recipe = trainer.recipe
    here = recipe.settings() | {"gammas": gammas.tolist(), "seeds": seeds.tolist(), "places": _places(recipe.space)}
    try:
        with zipfile.ZipFile(path) as archive:
            if damaged := archive.testzip():
                raise zipfile.BadZipFile(f"{damaged} is not what was written")
        with np.load(path) as saved:
            there = json.loads(str(saved["settings"])) | {name: saved[name].tolist() for name in ("gammas", "seeds")}
            # not in checkpoints of older versions
            there["places"] = str(saved["places"]) if "places" in saved else here["places"]
            shapes = {saved[name].shape for name in _STATE if name != "alive"}
    except PermissionError:
        raise
    except Exception as error:  # whatever numpy, zipfile and json raise on damaged files
        raise ValueError(
            f"{path} is damaged ({error}); delete it, and its networks are trained anew while others go on"
        ) from error
    here, there = spelled_out(here), spelled_out(there)
    if not (here.get("relocate") or there.get("relocate")):
        here["top"] = there["top"] = None  # of no effect, and of another default in older versions
    if shapes != {(len(seeds), trainer.layout.total)}:
        here["parameters"], there["parameters"] = f"(networks, {trainer.layout.total})", f"of shape {shapes}"
    if differs := [key for key in sorted(here.keys() | there.keys()) if here.get(key) != there.get(key)]:
        raise ValueError(
            f"{path} belongs to another run, with other {', '.join(differs)} "
            f"({differs[0]}: {there.get(differs[0])} there, {here.get(differs[0])} here); "
            "choose an empty folder or delete it"
        )


def refuse_other_groups(folder: Path, groups: Iterable[range]) -> None:
    """Checkpoints of the same networks in groups of other sizes would be passed over, and their work done again."""
    groups = list(groups)
    for path in sorted(folder.glob("networks-*-*.npz")):
        if not (numbers := re.fullmatch(r"networks-(\d+)-(\d+)", path.stem)):
            continue
        first, last = map(int, numbers.groups())
        there = range(first, last + 1)
        if there not in groups and any(group.start <= last and first < group.stop for group in groups):
            raise ValueError(
                f"{path} is of a group of {len(there)}; go on with group={len(there)} and as many networks as then, "
                "or choose an empty folder"
            )


def _places(space: Space | None) -> str:
    """What tells one space from another."""
    if space is None:
        return "none"
    arrays = space.arrays()
    content = b"".join(name.encode() + np.ascontiguousarray(array, float).tobytes() for name, array in arrays.items())
    return hashlib.sha256(content).hexdigest()[:16]
