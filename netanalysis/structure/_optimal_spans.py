"""Control at least cost between two states: what spans of time make of a state and a costate, joined to longer ones.

The inputs ``u = B^T p`` that minimise ``sum or integral |u|^2 + (x - r)^T S (x - r)`` have a costate p with

    dx/dt = A x + B B^T p,  dp/dt = -A^T p + S (x - r);  or  x' = A x + B B^T p',  p = A^T p' - S (x - r)

where ' is one step on. Followed forward p grows like ``exp(-A^T t)``, and with it every error. From the state at the
start of a span and the costate at its end the other two follow without growth, however long the span is:

    x_end = F x_start + G p_end + C r,  p_start = -H x_start + F^T p_end + D r

With S = 0, G is the Gramian of the inputs, H, C and D are 0. Two spans become one by what is known where they meet
(Redheffer's star product), from spans so short that the exponential is accurate.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_POINTS = 8  # of Gauss's rule in each span, over which nothing changes by more than e
_MOST_STEPS = 10**6
_TERMS = 22  # of Taylor's series there


@dataclass(frozen=True)
class Span:
    """F and G of so many steps; H, C and D where states cost something; and the two spans that it is joined of."""

    steps: int
    f: Array
    g: Array
    hcd: tuple[Array, Array, Array] | None
    parts: tuple[Span, Span] | None = None
    middle: tuple[Array, ...] = ()

    def end(self, x: Array, p: Array, r: Array) -> Array:
        """The state at the end, (n, k)."""
        out = self.f @ x + self.g @ p
        return out if self.hcd is None else out + self.hcd[1] @ r

    def start(self, x: Array, p: Array, r: Array) -> Array:
        """The costate at the start, (n, k)."""
        out = self.f.T @ p
        return out if self.hcd is None else out - self.hcd[0] @ x + self.hcd[2] @ r

    def between(self, x: Array, p: Array, r: Array) -> list[tuple[Array, Array]]:
        """State and costate wherever two steps meet inside."""
        if self.parts is None:
            return []
        first, second = self.parts
        here = np.asarray(sum(by @ given for by, given in zip(self.middle, (x, p, r), strict=False)))
        costate = second.start(here, p, r)
        return [*first.between(x, costate, r), (here, costate), *second.between(here, p, r)]


def joined(first: Span, second: Span) -> Span:
    """One span after the other."""
    n = len(first.f)
    middle, hcd = np.hstack([first.f, first.g @ second.f.T]), None
    if first.hcd is not None and second.hcd is not None:
        (h, c, d), (later_h, later_c, later_d) = first.hcd, second.hcd
        middle = np.linalg.solve(np.eye(n) + first.g @ later_h, np.hstack([middle, c + first.g @ later_d]))
        by_x, by_r = middle[:, :n], middle[:, 2 * n :]
        hcd = (
            _even(h + first.f.T @ later_h @ by_x),
            later_c + second.f @ by_r,
            d + first.f.T @ (later_d - later_h @ by_r),
        )
    return Span(
        steps=first.steps + second.steps,
        f=second.f @ middle[:, :n],
        g=_even(second.g + second.f @ middle[:, n : 2 * n]),
        hcd=hcd,
        parts=(first, second),
        middle=tuple(middle[:, k : k + n] for k in range(0, middle.shape[1], n)),
    )


@dataclass(frozen=True)
class Problem:
    """``x' = A x + B u`` over some time with a cost of the state, cut into equal steps."""

    a: Array
    nodes: NDArray[np.intp]
    cost: Array | None  # S, of inputs that cost 1
    time: float
    dynamics: str

    @property
    def steps(self) -> int:
        needed = self.time
        if self.dynamics == "continuous":
            rate = np.abs(self.a).sum(axis=1).max()
            if self.cost is not None:  # with p in the unit in which both are as large
                rate += np.sqrt(np.abs(self.cost).sum(axis=1).max())
            needed *= rate
        if not needed <= _MOST_STEPS:
            raise ValueError(
                f"control_energy follows time in steps over which little changes, here {needed:.3g}, more than "
                f"{_MOST_STEPS:,}: take a shorter time, or less state_cost in relation to rho"
            )
        return max(1, int(np.ceil(needed)))

    @property
    def source(self) -> Array:
        out = np.zeros_like(self.a)
        out[self.nodes, self.nodes] = 1
        return out

    def whole(self) -> Span:
        """The span of all steps, by halves."""
        one = self.step()

        @cache
        def of(steps: int) -> Span:
            return one if steps == 1 else joined(of(steps // 2), of(steps - steps // 2))

        return of(self.steps)

    def step(self) -> Span:
        if self.dynamics == "discrete":
            hcd = None if self.cost is None else (self.cost, np.zeros_like(self.a), self.cost)
            return Span(1, self.a, self.source, hcd)
        return self._short(self.time / self.steps)

    def _short(self, time: float) -> Span:
        """From the exponential of state, costate and reference together, whose costate is then turned round."""
        from scipy.linalg import expm

        n = len(self.a)
        unit = 1.0 if self.cost is None else float(np.sqrt(np.abs(self.cost).sum(axis=1).max())) or 1.0
        block = np.zeros(((2 if self.cost is None else 3) * n,) * 2)
        x, p, r = slice(0, n), slice(n, 2 * n), slice(2 * n, 3 * n)
        block[x, x], block[x, p], block[p, p] = self.a, unit * self.source, -self.a.T
        if self.cost is not None:
            block[p, x], block[p, r] = self.cost / unit, -self.cost / unit
        found = expm(block * time)
        back = np.linalg.inv(found[p, p])
        g = _even(found[x, p] @ back / unit)
        if self.cost is None:
            return Span(1, found[x, x], g, None)
        h, d = unit * back @ found[p, x], -unit * back @ found[p, r]
        c = found[x, r] + found[x, p] @ d / unit
        return Span(1, back.T, g, (_even(h), c, d))

    def inside(self, x: Array, p: Array, r: Array, times: Array) -> tuple[Array, Array]:
        """State and costate (len(times), n, k) at times after the start of a step, by Taylor's series."""
        source, cost = self.source, self.cost
        states, costates = np.zeros((2, len(times), *x.shape))
        for k in range(_TERMS):
            power = (times**k)[:, None, None]
            states += power * x
            costates += power * p
            more = -self.a.T @ p
            if cost is not None:
                more = more + cost @ (x - r if k == 0 else x)
            x, p = (self.a @ x + source @ p) / (k + 1), more / (k + 1)
        return states, costates

    def squares(self, x: list[Array], p: list[Array], r: Array) -> tuple[Array, Array]:
        """Sum or integral of the squared input of each node (n, k), and of what the states cost (k,).

        `x`, `p`: state and costate at the ends of all steps.
        """
        energy, cost = np.zeros_like(r), np.zeros(r.shape[1])
        if self.dynamics == "discrete":
            points, weights = np.zeros(1), np.ones(1)
        else:
            points, weights = np.polynomial.legendre.leggauss(_POINTS)
            points, weights = (0.5 * self.time / self.steps * y for y in (points + 1, weights))
        for k in range(self.steps):
            if self.dynamics == "discrete":
                states, costates = x[k][None], p[k + 1][None]
            else:
                states, costates = self.inside(x[k], p[k], r, points)
            energy += np.tensordot(weights, costates**2, 1)
            if self.cost is not None and (k or self.dynamics == "continuous"):  # nothing can be done about the start
                away = states - r
                cost += weights @ (away * (self.cost @ away)).sum(axis=1)
        out = np.zeros_like(energy)
        out[self.nodes] = energy[self.nodes]
        return out, cost


def along(span: Span, x: Array, p: Array, r: Array) -> tuple[list[Array], list[Array]]:
    """State and costate at the ends of all steps, given the first state and the last costate."""
    inner = span.between(x, p, r)
    return [x, *(state for state, _ in inner), span.end(x, p, r)], [span.start(x, p, r), *(q for _, q in inner), p]


def _even(m: Any) -> Any:
    return 0.5 * (m + m.T)
