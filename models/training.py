"""Training many networks: spread over cores or in one batch, restartable at any moment.

On a CPU up to 8 networks are a group, on one thread; on another device all are one batch.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from tqdm import tqdm

from models import checkpoints
from models._recipe import Recipe
from models.ensemble import Ensemble, tabulate
from models.loop import Group, Trainer
from netanalysis._core.options import positive_int
from netanalysis._core.validate import as_array

__all__ = ["prepare", "train"]

# Groups on a CPU: at least so many, to be spread over cores, of at most so many networks. Interpreting the loop costs a
# network of 100 units a third of its time when alone, and threads wait for each other's interpreting; beyond 8 the
# states leave the cache.
GROUPS, TOGETHER = 8, 8


def train(
    recipe: Recipe,
    gammas: ArrayLike,
    seeds: ArrayLike,
    *,
    folder: str | os.PathLike[str] | None = None,
    device: str = "cpu",
    group: int | None = None,
    n_jobs: int | None = -1,
    progress: bool = True,
) -> Ensemble:
    """Train one network for each penalty strength and seed.

    Parameters
    ----------
    recipe : Recipe
        From :func:`models.recipes.get`, or one of your own.
    gammas, seeds : array_like, shape (networks,) or a scalar for all
        Strength of the penalty and seed of each network.
    folder : path, optional
        Where checkpoints go, after every epoch. A run that was killed goes on from them, to the same bits.
    device : str
        "cpu", or a torch device such as "cuda".
    group : int, optional
        Networks per batch of products. Default: on a CPU 1 to 8, so that there are at least 8 groups to spread over
        cores; all on other devices. Groups of other sizes round differently, which training can amplify: with 1 a
        network is the same to the bit however many are trained. A run goes on from checkpoints of the same groups
        and refuses others.
    n_jobs : int, optional
        Groups at a time on a CPU, as threads unless a surrounding ``joblib.parallel_config`` names another backend.
    progress : bool
        Show a bar with held-out loss and accuracy.

    Returns
    -------
    Ensemble
        Snapshots before training and after every epoch, with losses and accuracies on held-out trials. A network
        whose loss or gradient stops being finite keeps its last finite weights, with accuracy NaN from then on.

    Raises
    ------
    ValueError, TypeError
        Before any work, if an argument is out of bounds, if task, cell, space and penalty do not fit together, or if a
        checkpoint is damaged or of another run.

    Examples
    --------
    >>> from models import recipes
    >>> short = recipes.get("sernn", epochs=1, steps=2, batch=8, held_out=16)
    >>> trained = train(short, gammas=[0.01, 0.1], seeds=[0, 1], progress=False)
    >>> trained
    <Ensemble sernn: 4 snapshots of 2 networks>
    >>> trained.connectome(3)
    <Connectome sernn gamma=0.1 seed=1 epoch=1: 100 nodes, signed directed, density 1; positions, inputs, outputs>
    """
    if n_jobs is not None and (isinstance(n_jobs, bool) or not isinstance(n_jobs, (int, np.integer))):
        raise TypeError(f"n_jobs must be an integer; got {n_jobs!r}")
    if n_jobs == 0:
        raise ValueError("n_jobs must be a number of groups at a time, or -1 for one per core; got 0")
    plan = prepare(recipe, gammas, seeds, folder=folder, device=device, group=group)
    if plan.folder is not None:
        plan.folder.mkdir(parents=True, exist_ok=True)
    run = uuid.uuid4().hex
    jobs = [joblib.delayed(_work)(plan, group, run) for group in plan.groups]
    everything = len(plan.seeds) * recipe.epochs
    _bars[run] = bar = tqdm(total=everything, unit="epoch", desc=recipe.name, disable=not progress)
    try:
        groups: list[Group] = []
        n_jobs = n_jobs if plan.on_cpu else 1
        for done in joblib.Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(jobs):
            groups.append(done)
            bar.update(max(0, recipe.epochs * sum(len(g.seeds) for g in groups) - bar.n))  # other processes do not tick
    finally:
        del _bars[run]
        bar.close()
    snapshots = torch.from_numpy(np.concatenate([np.stack(g.snapshots, axis=1) for g in groups])).flatten(0, 1)
    values = {name: view.numpy() for name, view in plan.trainer().layout.views(snapshots).items()}
    history = np.concatenate([np.stack(g.history, axis=1) for g in groups], axis=2)
    return Ensemble(recipe, tabulate(plan.gammas, plan.seeds, history), values)


@dataclass(frozen=True)
class Plan:
    """What is to be trained, and in which groups."""

    recipe: Recipe
    gammas: NDArray[np.float64]
    seeds: NDArray[np.int64]
    groups: list[range]
    folder: Path | None
    device: str

    @property
    def on_cpu(self) -> bool:
        """Whether groups are spread over cores."""
        return torch.device(self.device).type == "cpu"

    def trainer(self) -> Trainer:
        """A trainer for one group."""
        return Trainer(self.recipe, self.device)

    def checkpoint(self, group: range) -> Path | None:
        """Where a group is kept."""
        return None if self.folder is None else checkpoints.path_of(self.folder, group)


def prepare(
    recipe: Recipe,
    gammas: ArrayLike,
    seeds: ArrayLike,
    *,
    folder: str | os.PathLike[str] | None = None,
    device: str = "cpu",
    group: int | None = None,
) -> Plan:
    """All that :func:`train` does before any work: what cannot be trained is refused by name."""
    if not isinstance(recipe, Recipe):
        raise TypeError(f"recipe must be a models.Recipe, as models.recipes.get gives; got {recipe!r}")
    strength, seed = _networks(gammas, seeds)
    count = len(seed)
    if group is not None:
        positive_int(group, "group")
    try:
        torch.zeros((), device=torch.device(device)).item()  # meta tensors have no values
    except (RuntimeError, AssertionError, TypeError) as error:  # torch built without CUDA asserts
        raise ValueError(f"device must be 'cpu' or a torch device that is here; got {device!r} ({error})") from error
    place = None if folder is None else Path(folder)
    if place is not None and not (there := next(p for p in (place, *place.absolute().parents) if p.exists())).is_dir():
        raise NotADirectoryError(f"folder must be one, for checkpoints; {there} is a file")
    alone = torch.device(device).type != "cpu"
    size = group or (count if alone else min(max(count // GROUPS, 1), TOGETHER))
    groups = [range(start, min(start + size, count)) for start in range(0, count, size)]
    plan = Plan(recipe, strength, seed, groups, place, str(device))
    trainer = plan.trainer()
    trainer.rehearse()
    for some in groups:
        trainer.refuse_infinite(strength[some], seed[some])
    if place is not None:
        checkpoints.refuse_other_groups(place, groups)
        for some in groups:
            if (path := checkpoints.path_of(place, some)).exists():
                checkpoints.check(path, trainer, strength[some], seed[some])
    return plan


def _networks(gammas: ArrayLike, seeds: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Strength and seed of each network."""
    strength, seed = as_array([gammas] if np.isscalar(gammas) else gammas, "gammas"), np.asarray(seeds)
    if not (strength.size and seed.size):
        raise ValueError(f"gammas and seeds must be those of at least one network; got {gammas!r} and {seeds!r}")
    if (strength < 0).any():
        raise ValueError(f"gammas must not be negative; got {strength.min():g}")
    if seed.dtype.kind not in "iu":
        raise TypeError(f"seeds must be non-negative integers; got {seeds!r}")
    if seed.min() < 0 or seed.max() > np.iinfo(np.int64).max:
        raise ValueError(f"seeds must be non-negative integers of 64 bits; got {seeds!r}")
    if max(strength.ndim, seed.ndim) > 1 or 1 != strength.size != seed.size != 1:
        raise ValueError(
            f"gammas and seeds must be equally many, or one for all; got shapes {strength.shape} and {seed.shape}"
        )
    strength, seed = np.broadcast_arrays(np.atleast_1d(strength), np.atleast_1d(seed))
    return strength.copy(), seed.astype(np.int64)


_bars: dict[str, Any] = {}


def _work(plan: Plan, group: range, run: str) -> Group:
    """Train one group, from its checkpoint if there is one; in a thread or in a process of joblib's."""
    path = plan.checkpoint(group)

    def tick(state: Group, epochs: int = 1) -> None:
        if (bar := _bars.get(run)) is None:  # another process
            return
        loss, _, accuracy = np.nanmean(state.history[-1], axis=1) if state.alive.any() else (np.nan,) * 3
        bar.set_postfix(loss=f"{loss:.3g}", accuracy=f"{accuracy:.3f}", refresh=False)
        bar.update(len(state.seeds) * epochs)

    def keep(state: Group) -> None:
        if path is not None:
            checkpoints.write(path, plan.recipe, state)
        tick(state)

    with _threads(1 if plan.on_cpu else None):
        trainer = plan.trainer()
        state = trainer.start(plan.gammas[group], plan.seeds[group])
        if path is not None and path.exists():
            checkpoints.read(path, state)
            tick(state, state.epoch)
        trainer.run(state, keep)
        return state


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    """So many threads in products (None: as many as before): more than one cost more than they bring at this size."""
    before = torch.get_num_threads()
    if count is not None:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
