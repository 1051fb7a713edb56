"""The loop over networks that advance together, each as if it were alone.

A network's initial weights, trials and noise are functions of its own seed and of the step, so results depend neither
on which networks are trained beside it nor on interruptions; on how many share its products, only by rounding. CPU and
GPU run the same lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models._recipe import Recipe
from models.cells._protocol import gates, sized, wiring
from models.draws import NOISE, START, TEST, TRAIN, Trials, stack, stream
from models.relocation import relocate
from models.tasks import Task, check

__all__ = ["Group", "Layout", "Trainer", "task_loss"]

BETAS = (0.9, 0.999)  # of Adam


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
        self.shrink = getattr(self.penalty, "shrink", None)
        task, cell, space = self.task, recipe.cell, recipe.space
        if space is not None and space.inputs is not None and space.outputs is not None:
            places, channels = (len(space.inputs), len(space.outputs)), (task.n_in, task.n_out)
            if places != channels:
                raise ValueError(
                    f"space must have a place for each input and output of the task {task.name!r}, {channels}; "
                    f"got {places}"
                )
        self.layout = Layout(sized(cell.axes, task.n_in, cell.n, task.n_out))

    @torch.no_grad()
    def rehearse(self) -> None:
        """Two trials of two networks: what does not fit together is refused before any work."""
        task, cell = self.task, self.recipe.cell
        check(task, task.sample(2, np.random.default_rng(0)), 2)
        group = self.start(np.zeros(2), np.arange(2))
        p = self.layout.views(group.theta)
        trials = Trials.draw(task, 2, group.seeds, TRAIN, device=self.device)
        states = self._states(p, trials, self._noise(trials, group.seeds, 0))
        wanted = (*trials.targets.shape, task.n_out) if task.kind == "class" else tuple(trials.targets.shape)
        for what, answers in (("outputs", cell.outputs(p, states)), ("decisions", cell.decisions(p, states))):
            if tuple(answers.shape) != wanted:
                raise ValueError(
                    f"{what} of {type(cell).__name__} must be {wanted} for two networks and two trials of the task "
                    f"{task.name!r}, read at {task.read_out} step; got {tuple(answers.shape)}"
                )
        if self.penalty is not None and (got := tuple(self._cost(p).shape)) != (2,):
            raise ValueError(f"penalty must give one cost per network, (2,) for two; got {got}")

    @torch.no_grad()
    def refuse_infinite(self, gammas: NDArray[np.float64], seeds: NDArray[np.int64]) -> None:
        """A cost that is not finite before training."""
        if self.penalty is None or not (gammas > 0).any():
            return
        gammas, seeds = gammas[gammas > 0], seeds[gammas > 0]
        cost = self._cost(self.layout.views(self.start(gammas, seeds).theta)).cpu().numpy()
        if not np.isfinite(cost).all():
            k = int(np.isfinite(cost).argmin())
            raise ValueError(
                f"penalty must be finite before training; it is {cost[k]} for the network of seed {seeds[k]}. "
                "Leave that seed out, or start from smaller weights (initial, of the cell)"
            )

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

    def run(self, group: Group, keep: Callable[[Group], None]) -> None:
        """Train to the end; `keep` is called after every epoch."""
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
            keep(group)

    def _update(self, group: Group, step: int) -> None:
        r = self.recipe
        theta = group.theta.requires_grad_()
        p = self.layout.views(theta)
        trials = Trials.draw(self.task, r.batch, group.seeds, TRAIN, step, device=self.device)
        states = self._states(p, trials, self._noise(trials, group.seeds, step))
        loss = self._loss(p, states, trials)
        strength = torch.as_tensor(group.gammas * self._ramp(step), dtype=theta.dtype, device=theta.device)
        if self.penalty is not None and self.shrink is None:
            loss = loss + torch.where(strength > 0, strength * self._cost(p), 0)
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
            if self.shrink is not None:
                by = torch.where(group.alive[:, 0], strength * self._rate(step), 0)
                for gate in gates(r.cell, self.layout.views(theta)):
                    self.shrink(gate, by)
            r.cell.constrain(self.layout.views(theta))
        if r.relocate and r.space is not None and (step + 1) % r.relocate == 0:
            whole = (self.layout.views(state) for state in (group.theta, group.mean, group.square))
            relocate(r.cell, r.space, r.top, *whole)

    def _cost(self, p: dict[str, Tensor]) -> Tensor:
        """Penalty of each network, without its strength."""
        assert self.penalty is not None
        return self.penalty(wiring(self.recipe.cell, p))

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
        return self.recipe.cell.states(p, trials.x, noise=noise, last=last, running=trials.running)

    def _loss(self, p: dict[str, Tensor], states: Tensor, trials: Trials) -> Tensor:
        """Loss of each network."""
        return task_loss(self.task, self.recipe.cell.outputs(p, states), trials.targets, trials.weights)

    @torch.no_grad()
    def _keep(self, group: Group, held_out: Trials) -> None:
        """Snapshot and evaluation on held-out trials."""
        p = self.layout.views(group.theta)
        states = self._states(p, held_out)
        loss = self._loss(p, states, held_out).double().cpu().numpy()
        cost = np.zeros(len(loss))
        if self.penalty is not None:
            np.multiply(self._cost(p).double().cpu().numpy(), group.gammas, out=cost, where=group.gammas > 0)
        answers = self.recipe.cell.decisions(p, states).cpu().numpy()
        if self.task.read_out == "every":
            answers = answers.swapaxes(1, 2)
        score = [float(np.mean(self.task.score(a, b))) for a, b in zip(answers, held_out.batches, strict=True)]
        dead = ~group.alive[:, 0].cpu().numpy()
        group.history.append(np.where(dead, np.nan, np.array([loss, cost, score])))
        group.snapshots.append(group.theta.cpu().numpy().copy())


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
