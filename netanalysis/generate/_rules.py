"""What the wiring rules are, how a kernel knows them, and the values that are no kernel's."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options
from netanalysis.generate import kernels
from netanalysis.structure.communicability import communicability

Rule = Literal[
    "spatial",
    "neighbors",
    "matching",
    "clu-avg",
    "clu-min",
    "clu-max",
    "clu-diff",
    "clu-prod",
    "deg-avg",
    "deg-min",
    "deg-max",
    "deg-diff",
    "deg-prod",
    "communicability",
]
Form = Literal["power", "exponential"]

WIRING_RULES: tuple[str, ...] = get_args(Rule)

_KINDS = {"spatial": 0, "communicability": 0, "neighbors": 1, "matching": 2, "clu": 3, "deg": 4}
_HOW = {"avg": 0, "min": 1, "max": 2, "diff": 3, "prod": 4}


class Formula(NamedTuple):
    """A rule as the kernel knows it, and how distance and value enter."""

    rule: Rule
    kind: int
    how: int
    by_distance: Form
    by_value: Form


def room(form: Formula, n: int, epsilon: float, directed: bool) -> Any:
    """Room for a network that grows."""
    blocks = -(-n // kernels.growth.BLOCK)
    padded = -(-n // kernels.growth.COLUMNS) * kernels.growth.COLUMNS
    targets, sends, as_source = np.empty((n, n), np.int32), np.empty(n, np.int64), np.empty(n)
    return kernels.growth.Growth(
        directed=directed,
        kind=form.kind,
        how=form.how,
        gamma=0.0,
        exponential=form.by_value == "exponential",
        epsilon=float(epsilon),
        cost=np.empty((n, n)),
        adjacent=np.empty((n, n), np.uint8),
        targets=targets,
        sources=np.empty_like(targets) if directed else targets,
        sends=sends,
        receives=np.empty_like(sends) if directed else sends,
        shared=np.empty((n, n), np.int32),
        triangles=np.empty(n, np.int64),
        as_source=as_source,
        as_target=np.empty(n) if directed else as_source,
        powers=np.empty((kernels.growth.REMEMBERED, 2)),
        weight=np.empty((blocks * kernels.growth.BLOCK, padded)),
        blocks=np.empty((blocks, padded)),
        sums=np.empty((1, padded)),
    )


def cost_of(d: NDArray[np.float64], form: Formula, eta: float) -> NDArray[np.float64]:
    """What distance alone makes of the probability of each pair, up to a factor."""
    apart = d[~np.eye(len(d), dtype=bool)]
    unit = float(apart.max()) if len(apart) else 1.0  # of no consequence, but for powers that are no doubles
    with np.errstate(divide="ignore", over="ignore"):
        if form.by_distance == "exponential":
            cost = np.exp(eta * d)
        else:
            cost = np.where(np.eye(len(d), dtype=bool), 1.0, d / unit) ** eta
    np.fill_diagonal(cost, 0.0)
    return cost


def form_of(rule: Any, distance_form: Any, value_form: Any, directed: Any) -> Formula:
    options.choice(rule, WIRING_RULES, "rule")
    options.choice(distance_form, get_args(Form), "distance_form")
    options.choice(value_form, get_args(Form), "value_form")
    options.flags(directed=directed)
    family, _, how = rule.partition("-")
    if directed and family == "clu":
        raise ValueError(
            f'rule="{rule}" has no directed meaning: a directed network has five clustering coefficients '
            "(doi:10.1103/PhysRevE.76.026107), and no rule says which. Take another rule, or directed=False"
        )
    return Formula(rule, _KINDS[family], _HOW.get(how, 0), distance_form, value_form)


def begin(g: Any, form: Formula) -> None:
    """Probabilities of the first step."""
    kernels.growth.begin(g)
    if form.rule == "communicability":
        by_communicability(g, form)


def grow(g: Any, form: Formula, state: Any, made: NDArray[np.int64]) -> int:
    """Make the connections `made`; how many there are before no pair is left that can be connected."""
    begin(g, form)
    if form.rule != "communicability":
        return int(kernels.growth.grow(g, state, made))
    for step in range(len(made)):
        if not kernels.growth.grow(g, state, made[step : step + 1]):
            return step
        by_communicability(g, form)
    return len(made)


def by_communicability(g: Any, form: Formula) -> None:
    """Probabilities by the communicability of the network as it is, of which one connection changes every entry."""
    n = len(g.cost)
    value = communicability(g.adjacent.astype(float), normalize="both") + g.epsilon
    power = np.exp(g.gamma * value) if form.by_value == "exponential" else value**g.gamma
    g.weight[:n, :n] = (g.cost * power).T  # the cost of what is connected is 0, and of the diagonal
    kernels.growth.sum_all(g)
