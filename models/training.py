"""One trainer for all networks: many at a time, each as if it were alone, restartable at any moment.

A network's initial weights, trials and noise are functions of its own seed and of the step, so results depend neither
on which networks are trained beside it nor on interruptions; on how many share its products, only by rounding. On a
CPU up to 8 networks are a job, on one thread; on a GPU all are one batch. Both run the same lines.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor
from tqdm import tqdm

from models.draws import NOISE, START, TEST, TRAIN, Trials, stack, stream
from models.ensemble import Ensemble, tabulate
from models.recipes import Recipe
from models.relocation import relocate
from models.tasks import Task

__all__ = ["train"]

# Networks in a group on a CPU. Interpreting the loop costs a network of 100 units a third of its time when alone, and
# threads wait for each other's interpreting; beyond 8 the states leave the cache.
TOGETHER = 8
BETAS = (0.9, 0.999)


class Layout:
    """Where each parameter lies in one flat vector per network, each at a multiple of 64 bytes.

    One vector makes optimiser, clipping and checkpoints single operations; alignment makes every network's products
    run through the same instructions, so that its place in a group cannot change a bit.
    """

    def __init__(self, shapes: dict[str, tuple[int, ...]]) -> None:
        self.shapes = shapes
        self.sizes = []
        for shape in shapes.values():
            size = int(np.prod(shape))
            self.sizes += [size, -size % 16]
        self.total = sum(self.sizes)

    def views(self, theta: Tensor) -> dict[str, Tensor]:
        """Parameters, (networks, …), as views of `theta`, (networks, total)."""
        blocks = theta.split(self.sizes, dim=1)[::2]
        return {
            name: block.view(len(theta), *shape)
            for (name, shape), block in zip(self.shapes.items(), blocks, strict=True)
        }


@dataclass
class Group:
    """Networks that advance together: parameters, moments of Adam, and what is kept of every epoch."""

    gammas: NDArray[np.float64]
    seeds: NDArray[np.int64]
    theta: Tensor
    mean: Tensor
    square: Tensor
    alive: Tensor
    epoch: int
    snapshots: list[NDArray[np.float32]]
    history: list[NDArray[np.float64]]  # (3, networks) per epoch: loss, penalty, accuracy on held-out trials


class Trainer:
    """The loop over one group."""

    def __init__(self, recipe: Recipe, device: str) -> None:
        self.recipe, self.device = recipe, device
        self.task = recipe.make_task()
        self.penalty = recipe.make_penalty()
        self.layout = Layout(recipe.cell.shapes(self.task.n_in, self.task.n_out))

    def start(self, gammas: NDArray[np.float64], seeds: NDArray[np.int64]) -> Group:
        """Untrained networks."""
        theta = torch.zeros(len(seeds), self.layout.total, device=self.device)
        views = self.layout.views(theta)
        for k, seed in enumerate(seeds):
            initial = self.recipe.cell.start(self.task.n_in, self.task.n_out, stream(seed, START))
            for name, value in initial.items():
                views[name][k] = torch.from_numpy(value)
        zeros = torch.zeros_like
        alive = torch.ones(len(seeds), 1, dtype=torch.bool, device=self.device)
        return Group(gammas, seeds, theta, zeros(theta), zeros(theta), alive, 0, [], [])

    def run(self, group: Group, checkpoint: Path | None, tick: Callable[[Group], None]) -> Group:
        """Train to the end, saving every epoch."""
        held_out = Trials.draw(self.task, self.recipe.held_out, group.seeds, TEST, noise=False, device=self.device)
        if not group.history:
            self._keep(group, held_out)
        while group.epoch < self.recipe.epochs:
            first = group.epoch * self.recipe.steps
            for step in range(first, first + self.recipe.steps):
                if not group.alive.any():
                    break
                self._update(group, step)
            group.epoch += 1
            self._keep(group, held_out)
            if checkpoint is not None:
                _write(checkpoint, self._arrays(group))
            tick(group)
        return group

    def _update(self, group: Group, step: int) -> None:
        r = self.recipe
        theta = group.theta.requires_grad_()
        p = self.layout.views(theta)
        trials = Trials.draw(self.task, r.batch, group.seeds, TRAIN, step, device=self.device)
        states = self._states(p, trials, self._noise(trials, group.seeds, step))
        loss = self._loss(p, states, trials)
        if self.penalty is not None:
            strength = torch.as_tensor(group.gammas * self._ramp(step), dtype=theta.dtype, device=theta.device)
            loss = loss + strength * self.penalty(p)
        (grad,) = torch.autograd.grad(loss.sum(), theta)
        group.theta = theta = theta.detach()
        with torch.no_grad():
            norm = torch.linalg.vector_norm(grad, dim=1, keepdim=True)
            # A diverged network stays as it was before the step; the others do not notice.
            group.alive &= torch.isfinite(norm) & torch.isfinite(loss.detach()[:, None])
            if r.clip is not None:
                grad *= (r.clip / (norm + 1e-6)).clamp(max=1)
            grad = torch.where(group.alive, grad, 0)
            group.mean.lerp_(grad, 1 - BETAS[0])
            group.square.mul_(BETAS[1]).addcmul_(grad, grad, value=1 - BETAS[1])
            scale = (group.square / (1 - BETAS[1] ** (step + 1))).sqrt_().add_(r.epsilon)
            change = (group.mean / scale).mul_(self._rate(step) / (1 - BETAS[0] ** (step + 1)))
            theta.sub_(torch.where(group.alive, change, 0))
            r.cell.constrain(self.layout.views(theta))
        if r.relocate and r.space is not None and (step + 1) % r.relocate == 0:
            whole = (self.layout.views(state) for state in (group.theta, group.mean, group.square))
            relocate(r.space, r.top, *whole)

    def _ramp(self, step: int) -> float:
        return 0.1 if step < self.recipe.ramp * self.recipe.epochs * self.recipe.steps else 1.0

    def _rate(self, step: int) -> float:
        r = self.recipe
        return r.lr * (1 - (1 - r.lr_end) * step / (r.epochs * r.steps))

    def _noise(self, trials: Trials, seeds: NDArray[np.int64], step: int) -> Tensor | None:
        cell = self.recipe.cell
        if not cell.noise:
            return None
        size = (*trials.x.shape[1:3], cell.n)
        draws = [stream(seed, NOISE, step).standard_normal(size, dtype=np.float32) for seed in seeds]
        return stack(draws, self.device).mul_(cell.noise)

    def _states(self, p: dict[str, Tensor], trials: Trials, noise: Tensor | None = None) -> Tensor:
        last = self.task.read_out == "last"
        states: Tensor = self.recipe.cell.states(p, trials.x, noise=noise, last=last, running=trials.running)
        return states

    def _loss(self, p: dict[str, Tensor], states: Tensor, trials: Trials) -> Tensor:
        """Loss of each network."""
        return task_loss(self.task, self.recipe.cell.outputs(p, states), trials.targets, trials.weights)

    @torch.no_grad()
    def _keep(self, group: Group, held_out: Trials) -> None:
        """Snapshot and evaluation on held-out trials."""
        p = self.layout.views(group.theta)
        states = self._states(p, held_out)
        loss = self._loss(p, states, held_out).double().cpu().numpy()
        cost = np.zeros(len(loss)) if self.penalty is None else self.penalty(p).double().cpu().numpy() * group.gammas
        answers = self.recipe.cell.decisions(p, states).cpu().numpy()
        if self.task.read_out == "every":
            answers = answers.swapaxes(1, 2)
        score = [float(np.mean(self.task.score(a, b))) for a, b in zip(answers, held_out.batches, strict=True)]
        dead = ~group.alive[:, 0].cpu().numpy()
        group.history.append(np.where(dead, np.nan, np.array([loss, cost, score])))
        group.snapshots.append(group.theta.cpu().numpy().copy())

    def _arrays(self, group: Group) -> dict[str, Any]:
        return {
            "settings": np.array(json.dumps(self.recipe.settings(), sort_keys=True)),
            "gammas": group.gammas,
            "seeds": group.seeds,
            "theta": group.theta.cpu().numpy(),
            "mean": group.mean.cpu().numpy(),
            "square": group.square.cpu().numpy(),
            "alive": group.alive.cpu().numpy(),
            "epoch": np.array(group.epoch),
            "snapshots": np.stack(group.snapshots),
            "history": np.stack(group.history),
        }

    def resume(self, path: Path, gammas: NDArray[np.float64], seeds: NDArray[np.int64]) -> Group:
        """The group as its checkpoint left it."""
        group = self.start(gammas, seeds)
        with np.load(path) as saved:
            there = json.loads(str(saved["settings"])) | {name: saved[name].tolist() for name in ("gammas", "seeds")}
            here = self.recipe.settings() | {"gammas": gammas.tolist(), "seeds": seeds.tolist()}
            if differs := [key for key in sorted(here.keys() | there.keys()) if here.get(key) != there.get(key)]:
                raise ValueError(
                    f"{path} belongs to another run, with other {', '.join(differs)} "
                    f"({differs[0]}: {there.get(differs[0])} there, {here.get(differs[0])} here); "
                    "choose an empty folder or delete it"
                )
            # into memory that torch has aligned: products of misaligned arrays may round differently
            for name in ("theta", "mean", "square", "alive"):
                getattr(group, name).copy_(torch.from_numpy(saved[name]))
            group.epoch = int(saved["epoch"])
            group.snapshots, group.history = list(saved["snapshots"]), list(saved["history"])
        return group


def task_loss(task: Task, y: Tensor, targets: Tensor, weights: Tensor | None) -> Tensor:
    """Mean cross-entropy or squared error of each network: (networks, …) to (networks,)."""
    if task.kind == "class":
        losses = -y.log_softmax(-1).gather(-1, targets[..., None])[..., 0]
    else:
        losses = (y - targets).square()
        if weights is not None and weights.dim() < losses.dim():
            losses = losses.mean(-1)
    losses = losses.flatten(1)
    if weights is None:
        return losses.mean(1)
    weights = weights.flatten(1)
    return (losses * weights).sum(1) / weights.sum(1)


_bars: dict[str, Any] = {}


def _work(
    recipe: Recipe,
    gammas: NDArray[np.float64],
    seeds: NDArray[np.int64],
    *,
    device: str,
    checkpoint: Path | None,
    run: str,
) -> Group:
    """Train one group, from its checkpoint if there is one; in a thread or in a process of joblib's."""

    def tick(group: Group, epochs: int = 1) -> None:
        if (bar := _bars.get(run)) is None:  # another process
            return
        loss, _, accuracy = np.nanmean(group.history[-1], axis=1) if group.alive.any() else (np.nan,) * 3
        bar.set_postfix(loss=f"{loss:.3g}", accuracy=f"{accuracy:.3f}", refresh=False)
        bar.update(len(group.seeds) * epochs)

    with _threads(1 if device == "cpu" else None):
        trainer = Trainer(recipe, device)
        if checkpoint is not None and checkpoint.exists():
            group = trainer.resume(checkpoint, gammas, seeds)
            tick(group, group.epoch)
        else:
            group = trainer.start(gammas, seeds)
        return trainer.run(group, checkpoint, tick)


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
    strength, seed = np.broadcast_arrays(np.atleast_1d(np.asarray(gammas, float)), np.atleast_1d(np.asarray(seeds)))
    if seed.dtype.kind not in "iu" or seed.min() < 0:
        raise TypeError(f"seeds must be non-negative integers; got {seeds!r}")
    size = group or (min(max(len(seed) // 8, 1), TOGETHER) if device == "cpu" else len(seed))
    parts = [slice(start, start + size) for start in range(0, len(seed), size)]
    place = None if folder is None else Path(folder)
    if place is not None:
        place.mkdir(parents=True, exist_ok=True)
        _refuse_other_groups(place, {(part.start, min(part.stop, len(seed)) - 1) for part in parts})
    run = uuid.uuid4().hex
    jobs = [
        joblib.delayed(_work)(
            recipe,
            strength[part].copy(),
            seed[part].astype(np.int64),
            device=device,
            checkpoint=place and place / f"networks-{part.start}-{min(part.stop, len(seed)) - 1}.npz",
            run=run,
        )
        for part in parts
    ]
    if device != "cpu":
        n_jobs = 1
    _bars[run] = bar = tqdm(total=len(seed) * recipe.epochs, unit="epoch", desc=recipe.name, disable=not progress)
    try:
        groups: list[Group] = []
        for done in joblib.Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(jobs):
            groups.append(done)
            bar.update(max(0, recipe.epochs * sum(len(g.seeds) for g in groups) - bar.n))  # other processes do not tick
    finally:
        del _bars[run]
        bar.close()
    snapshots = torch.from_numpy(np.concatenate([np.stack(g.snapshots, axis=1) for g in groups])).flatten(0, 1)
    values = {name: view.numpy() for name, view in Trainer(recipe, "cpu").layout.views(snapshots).items()}
    history = np.concatenate([np.stack(g.history, axis=1) for g in groups], axis=2)
    return Ensemble(recipe, tabulate(strength, seed, history), values)


def _refuse_other_groups(folder: Path, groups: set[tuple[int, int]]) -> None:
    """Checkpoints of the same networks in groups of other sizes would be passed over, and their work done again."""
    for path in sorted(folder.glob("networks-*-*.npz")):
        first, last = (int(number) for number in path.stem.split("-")[1:])
        if (first, last) not in groups and any(a <= last and first <= b for a, b in groups):
            raise ValueError(
                f"{path} is of a group of {last - first + 1}; go on with group={last - first + 1} and as many "
                "networks as then, or choose an empty folder"
            )


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    """One thread for each network: threads inside one product of this size cost more than they bring."""
    before = torch.get_num_threads()
    if count is not None:
        torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _write(path: Path, arrays: dict[str, Any]) -> None:
    """A complete file or none."""
    part = path.with_name(f".{uuid.uuid4().hex}.npz")
    try:
        with part.open("wb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
