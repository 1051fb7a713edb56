"""Hierarchically modular tasks: outputs combine the inputs of their module and of the module beside it.

After Sharma, Goodman & Akarca (doi:10.48550/arXiv.2605.03598), whose exact equations are not published.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.tasks import Batch
from netanalysis._core.options import choice, positive_int

OPERATIONS = ("averaging", "subtraction", "addition", "multiplication")


class Modular:
    """Units form modules, and modules form pairs; the answer is read after the last of `steps` inputs.

    With ``u_t`` the input and ``s_t`` 1 in steps that carry signal, else 0: ``x = sum_t s_t u_t / sqrt(sum_t s_t)``.
    P takes the mean over the own module, Q over the other module of the pair.

    ================  ===================  ==========================================================
    operation         target               optimal map: mean derivative of the target with respect to x
    ================  ===================  ==========================================================
    averaging         x P                  P
    subtraction       x (P - Q)            P - Q
    addition          x (P + Q)            P + Q
    multiplication    (x P) * (x Q)        E|x Q| P + E|x P| Q, of magnitudes
    ================  ===================  ==========================================================

    Normal inputs multiply to an even function of x, with a mean derivative of 0 before magnitudes are taken; a network
    of odd units without biases can learn nothing of it. With uniform inputs no magnitudes are needed.

    Parameters
    ----------
    operation : {"averaging", "subtraction", "addition", "multiplication"}
    signal : {"full", "oscillating", "sparse"} or float in (0, 1]
        Steps that carry signal: all; every second one, the last included; only the one in the middle (the third of
        six); or the given share, evenly spread up to the last. The others are noise of the same distribution.
    inputs : {"normal", "uniform"}
        Standard normal, or uniform from 0 to 1; independent over units and steps.
    modules, size : int
        Number of modules, which is even, and units in each. There are as many outputs as inputs.
    steps : int

    Attributes
    ----------
    optimal : ndarray, shape (n_in, n_out)
        The optimal map.
    signal : ndarray, shape (steps,)
        ``s_t``.
    variance : float
        Of each target. Scores are ``1 - squared error / variance``: their mean is 1 minus the normalised error.

    Examples
    --------
    >>> task = Modular(operation="subtraction", signal="oscillating", size=1)
    >>> task.signal
    array([0., 1., 0., 1., 0., 1.], dtype=float32)
    >>> task.optimal
    array([[ 1., -1.,  0.,  0.],
           [-1.,  1.,  0.,  0.],
           [ 0.,  0.,  1., -1.],
           [ 0.,  0., -1.,  1.]])
    >>> task.sample(128, np.random.default_rng(0)).inputs.shape
    (128, 6, 4)
    """

    name = "modular"
    kind = "regression"
    read_out = "last"

    def __init__(
        self,
        *,
        operation: str = "averaging",
        signal: str | float = "full",
        inputs: str = "normal",
        modules: int = 4,
        size: int = 4,
        steps: int = 6,
    ) -> None:
        choice(operation, OPERATIONS, "operation")
        choice(inputs, ("normal", "uniform"), "inputs")
        if positive_int(modules, "modules") % 2:
            raise ValueError(f"modules must be even, as they form pairs; got {modules}")
        positive_int(size, "size")
        positive_int(steps, "steps")
        self.operation, self.inputs, self.steps = operation, inputs, steps
        self.n_in = self.n_out = modules * size
        self.signal = _signal(signal, steps)
        self.modules = np.repeat(np.arange(modules), size)
        module = self.modules
        self.own = (module[:, None] == module) / size
        self.other = (module[:, None] == module ^ 1) / size
        mean, variance = (0.0, 1.0) if inputs == "normal" else (0.5, 1 / 12)
        self.mean, part = mean * np.sqrt(self.signal.sum()), variance / size  # of one entry of x P, or of x Q
        if operation == "multiplication":
            magnitude = np.sqrt(2 / np.pi * part) if inputs == "normal" else self.mean
            self.optimal = magnitude * (self.own + self.other)
            self.variance = part**2 + 2 * part * self.mean**2
        else:
            sign = {"averaging": 0, "subtraction": -1, "addition": 1}[operation]
            self.optimal = self.own + sign * self.other
            self.variance = part * (1 + abs(sign))

    @property
    def lag_profile(self) -> NDArray[np.float64]:
        """Share of the signal in each lag, (steps,): 0 steps before the read-out (hops k = 2) first."""
        return self.signal[::-1] / self.signal.sum(dtype=float)

    def combine(self, inputs: NDArray[Any]) -> NDArray[Any]:
        """x of inputs: (batch, steps, n_in) to (batch, n_in)."""
        return np.einsum("bti,t->bi", inputs, self.signal / np.sqrt(self.signal.sum()))

    def target(self, x: NDArray[Any]) -> NDArray[Any]:
        """Targets of x, (batch, n_in) to (batch, n_out)."""
        if self.operation == "multiplication":
            return (x @ self.own) * (x @ self.other)
        return x @ self.optimal

    def sample(self, batch: int, rng: np.random.Generator, *, noise: bool = True) -> Batch:
        """Fresh sequences. `noise` changes nothing: to ignore the steps without signal is part of the task.

        The conditions are the means of x over each module.
        """
        size = (batch, self.steps, self.n_in)
        draw = rng.standard_normal if self.inputs == "normal" else rng.random
        u = draw(size, dtype=np.float32)
        x = self.combine(u)
        means = x.reshape(batch, self.modules[-1] + 1, -1).mean(axis=2)
        return Batch(
            inputs=u,
            targets=self.target(x).astype(np.float32),
            conditions={f"module_{k}": column for k, column in enumerate(means.T)},
        )

    def score(self, outputs: NDArray[np.float32], batch: Batch) -> NDArray[Any]:
        """``1 - mean squared error / variance of the targets`` of each trial; 1 is perfect."""
        error = np.square(outputs - batch.targets, dtype=float).mean(axis=1)
        return np.asarray(1 - error / self.variance)


def _signal(signal: str | float, steps: int) -> NDArray[np.float32]:
    """1 in steps with signal, else 0."""
    s = np.zeros(steps, dtype=np.float32)
    if isinstance(signal, str):
        middle = (steps - 1) // 2
        places = {"full": slice(None), "oscillating": slice(-1, None, -2), "sparse": slice(middle, middle + 1)}
        if signal not in places:
            raise ValueError(f"signal must be one of {sorted(places)} or a share of the steps; got {signal!r}")
        s[places[signal]] = 1
        return s
    if not 0 < signal <= 1:
        raise ValueError(f"signal must be a share of the steps, above 0 and at most 1; got {signal}")
    count = max(1, round(signal * steps))
    s[np.arange(1, count + 1) * steps // count - 1] = 1
    return s
