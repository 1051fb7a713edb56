"""Twenty cognitive tasks for one network: reach, decide, remember, compare.

After Yang et al. 2019 (doi:10.1038/s41593-018-0310-2), and as Growing Brains (arXiv:2310.07711) trained them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models._settings import number
from models.tasks import Batch
from models.tasks._neurogym import Neurogym
from models.tasks._trials import TASKS, Floats, Ints, Profile, Stimuli, Timing, bump, draw_stimuli
from models.tasks._yang import Yang
from netanalysis._core.options import choice, positive_int

__all__ = ["TASKS", "Cognitive"]


class Cognitive:
    """The tasks, mixed in every batch: each appears equally often, up to one trial, in random order.

    Inputs: fixation, two rings of direction-tuned units, one rule unit per task. Outputs: fixation and one ring. In
    the go tasks a network points to a stimulus, or (anti) away from it: after a go signal, at once (rt) or after a
    delay (dly). In dm tasks it points to the stronger of two stimuli, shown together or in turn (dly), in one ring
    (1, 2), in both with one to be ignored (ctx), or in both together (multi). In dms and dmc it points to the second
    of two stimuli if it matches the first in place or category, in dnms and dnmc if it does not.

    ================  ==============================================  ===============================================
    profile           ``"neurogym-2022"``                             ``"yang2019"``
    ================  ==============================================  ===============================================
    step, ring        100 ms, 16 units                                20 ms, 32 units
    channels          53 in, 17 out                                   85 in, 33 out
    targets           class of each step: 0 fixate, 1 + direction     regression: 0.05 … 0.85, for a sigmoid read-out
    noise             sd 0.1, only with stimuli of dm and match       sd 0.0316, everywhere
    weights in loss   1                                               0 for 100 ms from the start and from the go
                                                                      signal, 1 before, 25 after; fixation fourfold
    correct           largest output at the last step                 population vector at the last step within 36
                                                                      degrees, or fixation above 0.5 where due
    ================  ==============================================  ===============================================

    Trials are padded to the longest of the batch, with weight 0 after their end.

    Parameters
    ----------
    profile : {"neurogym-2022", "yang2019"}
    tasks : sequence of names, optional
        A subset of :data:`TASKS`; all rule inputs stay. Yang's names are fdgo, reactgo, delaygo, … in the same order.
    compat : bool
        Keep what neurogym had: both rings may cancel in multidm and multidlydm (the answer is then random), direction
        8 as a sample of dmc and dnmc counts to the first half of the ring, and the alternatives of decisions may be
        neighbours. False: no ties, clean halves, alternatives at least a quarter turn apart. Of no effect in yang2019.
    block : int
        Trials in a row that share task, timing and ring; the batch size for batches of one task, as Yang et al.
        trained.
    response_weight : float, optional
        Weight in the loss of a trial's whole response, however many steps it has, relative to one step before it;
        default: that of the profile, where responses of 2 steps (dm) count less than those of 9 (match).

    Examples
    --------
    >>> task = Cognitive()
    >>> batch = task.sample(40, np.random.default_rng(0))
    >>> batch.inputs.shape, batch.targets.shape, sorted(set(batch.lengths.tolist()))
    ((40, 32, 53), (40, 32), [9, 10, 11, 15, 20, 24, 25, 26, 32])
    >>> sorted(batch.conditions)[:6]
    ['end', 'go', 'location_1', 'location_2', 'response', 'stimulus_1_off']
    """

    name = "cognitive"
    read_out = "every"

    def __init__(
        self,
        *,
        profile: str = "neurogym-2022",
        tasks: Sequence[str] | None = None,
        compat: bool = True,
        block: int = 1,
        response_weight: float | None = None,
    ) -> None:
        profiles: dict[str, Profile] = {"neurogym-2022": Neurogym(compat=compat), "yang2019": Yang()}
        self.profile = profiles[choice(profile, sorted(profiles), "profile")]
        chosen = list(TASKS if tasks is None else tasks)
        if not chosen or not set(chosen) <= set(TASKS):
            raise ValueError(f"tasks must be some of {list(TASKS)}; got {tasks!r}")
        self.tasks = np.array([TASKS.index(name) for name in chosen])
        self.block = positive_int(block, "block")
        self.response_weight = None if response_weight is None else number(response_weight, "response_weight", above=0)
        self.kind = self.profile.kind
        self.n_in, self.n_out = 1 + 2 * self.profile.ring + len(TASKS), 1 + self.profile.ring

    def sample(self, batch: int, rng: np.random.Generator, *, noise: bool = True) -> Batch:
        """`batch` trials."""
        blocks = -(-batch // self.block)
        of_block = rng.permutation(np.resize(rng.permutation(self.tasks), blocks))
        block = np.arange(batch) // self.block
        timing = self.profile.timing(of_block, rng)[block]
        task = of_block[block]
        stimuli = draw_stimuli(self.profile, task, timing.ring, rng)
        inputs = self._render(task, timing, stimuli)
        if noise:
            self.profile.add_noise(inputs, task, timing, rng)
        steps = inputs.shape[1]
        targets, weights = self.profile.goals(timing, stimuli.response, steps, self.response_weight)
        return Batch(
            inputs=inputs,
            targets=targets,
            weights=weights,
            lengths=timing.end,
            conditions=_columns(task, timing, stimuli),
        )

    def score(self, outputs: NDArray[np.float32], batch: Batch) -> NDArray[Any]:
        """Whether the answer at the last step of each trial is right."""
        assert batch.lengths is not None
        return self.profile.correct(outputs[np.arange(len(outputs)), batch.lengths - 1], batch)

    def _render(self, task: Ints, timing: Timing, stimuli: Stimuli) -> NDArray[np.float32]:
        """Inputs without noise."""
        ring = self.profile.ring
        t = np.arange(int(timing.end.max()))
        inputs = np.zeros((len(task), len(t), self.n_in), np.float32)
        inputs[:, :, 0] = t < timing.fixation[:, None]
        shown = (t[:, None] >= timing.on[:, None]) & (t[:, None] < timing.off[:, None])
        shape = stimuli.strength[..., None] * bump(stimuli.location, ring)[:, :, None]
        inputs[:, :, 1 : 1 + 2 * ring] = shown.astype(np.float32) @ shape.reshape(len(task), 2, -1).astype(np.float32)
        inputs[np.arange(len(task)), :, 1 + 2 * ring + task] = t < timing.end[:, None]
        return inputs


def _columns(task: Ints, timing: Timing, stimuli: Stimuli) -> dict[str, NDArray[Any]]:
    """Conditions of the trials: angles in radians (nan: no stimulus, no response), times in steps."""
    columns: dict[str, NDArray[Any]] = {"task": _NAMES[task]}
    for k in (0, 1):
        strength: Floats = stimuli.strength[:, k]
        columns[f"location_{k + 1}"] = np.where(strength.any(axis=1), stimuli.location[:, k], np.nan)
        columns |= {f"strength_{k + 1}_ring_{m + 1}": strength[:, m] for m in (0, 1)}
        columns |= {f"stimulus_{k + 1}_on": timing.on[:, k], f"stimulus_{k + 1}_off": timing.off[:, k]}
    return columns | {"go": timing.go, "end": timing.end, "response": stimuli.response}


_NAMES = np.array(TASKS)
