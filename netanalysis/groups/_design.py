"""What is tested of people, what is held constant, and who may change places with whom (Winkler et al. 2014)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, permutations, product
from math import comb, factorial, prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from netanalysis._core import options, random, validate
from netanalysis._core.rounding import alike
from netanalysis.groups._people import column, people_table

_ROUNDING = 1e-9


class Design(NamedTuple):
    """What is tested, and what is held constant."""

    effect: NDArray[np.float64]  # (people, q); q = 1 unless it is an F test
    contrast: str
    statistic: str  # "t" or "F"
    nuisance: NDArray[np.float64]  # (people, 1 + covariates), orthonormal, the intercept first
    covariates: tuple[str, ...]
    two_groups: bool
    classes: tuple[NDArray[np.intp], ...]  # each (units, size): units that may change places, and the people in them
    exchange: str  # the same in words
    whole: bool  # units are of several people

    @property
    def df_effect(self) -> int:
        """Degrees of freedom of the effect."""
        return self.effect.shape[1]

    @property
    def df(self) -> int:
        """Degrees of freedom of the full model."""
        return len(self.effect) - self.nuisance.shape[1] - self.df_effect

    @property
    def free(self) -> NDArray[np.float64]:
        """The effect without what intercept and covariates explain of it, (people, q), orthonormal."""
        x = _residuals(self.effect, self.nuisance)
        if self.statistic == "t":
            return np.asarray(x / np.linalg.norm(x))
        return np.asarray(np.linalg.qr(x)[0])


def design_of(
    stack: Any,
    effect: Any,
    subjects: Any,
    covariates: Any,
    within: Any,
    contrast: Any,
    count: int,
    *,
    whole: Any = None,
) -> Design:
    """The design from values or names of columns of the table of people."""
    table = people_table(subjects, stack, count)
    x, others, label, statistic = _effect(effect, table, contrast, count)
    z, names = covariates_of(covariates, table, count)
    within_name, blocks = _units(within, table, count, "within")
    whole_name, units = _units(whole, table, count, "whole")
    if within is not None:
        z = np.column_stack([z, (blocks[:, None] == np.arange(1, blocks.max() + 1)).astype(float)])
        names = (*names, f"within {within_name}")
    held = orthonormal(z)
    if held.shape[1] < z.shape[1] + 1:
        raise ValueError(f"covariates must be independent of each other and of a constant; got {list(names)}")
    nuisance = orthonormal(np.column_stack([z, others]))
    classes = _classes(blocks, units if whole is not None else np.arange(count))
    if whole is not None and all(len(one) == 1 for one in classes):
        raise ValueError(
            f"whole={whole_name!r} leaves nobody to change places: no two of them have as many people"
            + (f" within one {within_name}" if within is not None else "")
        )
    exchange = (f"whole {whole_name}" if whole is not None else "people") + (
        f" within {within_name}" if within is not None else ""
    )
    two = statistic == "t" and len(np.unique(x)) == 2
    design = Design(x, label, statistic, nuisance, names, two, classes, exchange, whole is not None)
    if design.df < 1:
        effects = "an effect" if x.shape[1] == 1 else f"{x.shape[1]} effects"
        most = blocks.max()
        of = f", {most} of them for who is in which {within_name} (within)" if within is not None else ""
        raise ValueError(
            f"{count} people are too few for {effects}, a constant and {nuisance.shape[1] - 1} covariates{of}"
        )
    left = _residuals(x, nuisance) / np.maximum(np.linalg.norm(x - x.mean(axis=0), axis=0), np.finfo(float).tiny)
    if alike(x, 0).any() or np.linalg.matrix_rank(left, tol=_ROUNDING) < x.shape[1]:
        several = "" if x.shape[1] == 1 else f" in any of its {x.shape[1]} parts, and none of them with the others"
        raise ValueError(
            f"effect must vary, and not only with the covariates{several}; {label!r} leaves nothing to test"
        )
    return design


def _residuals(x: NDArray[np.float64], nuisance: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(x - nuisance @ (nuisance.T @ x))


def _effect(
    effect: Any, table: Any, contrast: Any, count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], str, str]:
    """The effect (people, q), what else of it is held constant (people, k), its name, and t or F."""
    none = np.empty((count, 0))
    if hasattr(effect, "columns") or (not isinstance(effect, str) and np.ndim(effect) == 2):
        if contrast is not None:
            raise ValueError("contrast is of groups; of several scores, those of effect are tested together")
        if hasattr(effect, "columns"):
            parts = {str(name): column(effect[name], None, count, "effect") for name in effect.columns}
            text = [name for name, values in parts.items() if values.dtype.kind == "U"]
            if text or not parts:
                raise TypeError(
                    f"effect must be one value per person, or scores in every column; got a DataFrame in which {text} "
                    "are groups: name a column, and give it as subjects="
                )
            return np.column_stack(list(map(_floats, parts.values()))), none, "any of " + ", ".join(parts), "F"
        x = validate.as_array(effect, "effect", shape=(count, None))
        if not x.shape[1]:
            raise ValueError("effect must have at least one column; got none")
        return x, none, f"any of {x.shape[1]} effects", "F"
    values = column(effect, table, count, "effect")
    name = str(effect if isinstance(effect, str) else getattr(effect, "name", None) or "effect")
    if contrast is None and values.dtype.kind != "U":
        return _floats(values)[:, None], none, f"slope of {name}", "t"
    levels, member = np.unique(values, return_inverse=True)
    if len(levels) < 2:
        raise ValueError(f"effect must have at least two groups; all people are {levels.tolist()[0]!r}")
    weights, label, statistic = _contrast(contrast, levels.tolist())
    # Means of groups are C (C'C)^-1 of the contrasts, whose slopes are then those of the effect, and what is left.
    x = (weights @ np.linalg.inv(weights.T @ weights))[member]
    rest = linalg.null_space(np.column_stack([weights, np.ones(len(levels))]).T)
    return x, rest[member], label, statistic


def _floats(values: NDArray[Any]) -> NDArray[np.float64]:
    return values.astype(float)


def _contrast(contrast: Any, levels: list[Any]) -> tuple[NDArray[np.float64], str, str]:
    """Weights of the groups (groups, q), in words, and t or F."""
    if contrast is None and len(levels) == 2:
        contrast = tuple(levels)
    if contrast is None:
        rows = [(level, levels[-1]) for level in levels[:-1]]
        names = ", ".join(map(str, levels[:9])) + (" …" if len(levels) > 9 else "")
        return np.column_stack([_weights(row, levels)[0] for row in rows]), f"differences of {names}", "F"
    if (
        isinstance(contrast, (list, tuple))
        and contrast
        and all(isinstance(c, (list, tuple, Mapping)) for c in contrast)
    ):
        parts = [_weights(row, levels) for row in contrast]
        weights = np.column_stack([values for values, _ in parts])
        if np.linalg.matrix_rank(weights) < len(parts):
            raise ValueError(f"contrast must hold comparisons that do not follow from each other; got {contrast!r}")
        return weights, "any of " + ", ".join(label for _, label in parts), "F"
    values, label = _weights(contrast, levels)
    return values[:, None], label, "t"


def _weights(contrast: Any, levels: list[Any]) -> tuple[NDArray[np.float64], str]:
    """Of one comparison: (a, b), or a weight for each of some groups."""
    if isinstance(contrast, Mapping):
        of = {name: options.number_in(weight, f"contrast[{name!r}]") for name, weight in contrast.items()}
        if abs(sum(of.values())) > _ROUNDING * sum(map(abs, of.values())) or not any(of.values()):
            raise ValueError(f"weights of contrast must sum to 0 and not all be 0; got {contrast!r}")
        label = " ".join(
            f"{'-' if w < 0 else '+'} {'' if abs(w) == 1 else f'{abs(w):g} '}{k}" for k, w in of.items() if w
        )
        label = label.removeprefix("+ ")
    elif isinstance(contrast, (list, tuple)):
        if len(contrast) != 2 or contrast[0] == contrast[1]:
            raise ValueError(f"contrast must name two groups (a, b), for a - b; got {contrast!r}")
        of, label = {contrast[0]: 1.0, contrast[1]: -1.0}, f"{contrast[0]} - {contrast[1]}"
    else:
        raise TypeError(
            f"contrast must be two groups (a, b), for a - b, a mapping of groups to weights, or a list of those; got "
            f"{contrast!r}"
        )
    absent = [name for name in of if name not in levels]
    if absent:
        raise ValueError(f"contrast names {absent[0]!r}, which no one is; effect has the groups {levels[:9]}")
    return np.array([of.get(level, 0.0) for level in levels]), label


def covariates_of(covariates: Any, table: Any, count: int) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Covariates (people, k) and their names: columns of the table, a DataFrame, or an array (people, k)."""
    if covariates is None:
        return np.empty((count, 0)), ()
    if isinstance(covariates, str):
        covariates = [covariates]
    if isinstance(covariates, (list, tuple)) and covariates and all(isinstance(name, str) for name in covariates):
        parts = {name: column(name, table, count, "covariates") for name in covariates}
    elif hasattr(covariates, "columns"):
        parts = {str(name): column(covariates[name], None, count, "covariates") for name in covariates.columns}
    else:
        array = validate.as_array(covariates, "covariates")
        array = validate.as_array(array[:, None] if array.ndim == 1 else array, "covariates", shape=(count, None))
        parts = {f"covariate {k}": values for k, values in enumerate(array.T)}
    z: list[NDArray[np.float64]] = []
    names: list[str] = []
    for name, values in parts.items():
        if (values == values[0]).all():
            raise ValueError(
                f"covariates: {name!r} is {values.tolist()[0]!r} for all people, so that it need not be held constant: "
                "leave it out"
            )
        if values.dtype.kind != "U":
            z.append(_floats(values))
            names.append(name)
            continue
        for level in np.unique(values)[1:]:  # an indicator for every level but the first
            z.append((values == level).astype(float))
            names.append(f"{name} {level}")
    return np.array(z).reshape(len(z), count).T, tuple(names)


def orthonormal(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """A basis of a constant and the columns of z, the constant first; without what adds nothing."""
    basis = [np.full(len(z), len(z) ** -0.5)]
    for values in z.T:
        left = values - values.mean()
        size = np.linalg.norm(left)
        for _ in range(2):  # the second time takes out what rounding left
            left = left - np.array(basis).T @ (np.array(basis) @ left)
        if np.linalg.norm(left) > _ROUNDING * size:
            basis.append(left / np.linalg.norm(left))
    return np.array(basis).T


def _units(values: Any, table: Any, count: int, name: str) -> tuple[str, NDArray[np.intp]]:
    if values is None:
        return "", np.zeros(count, np.intp)
    said = values if isinstance(values, str) else getattr(values, "name", None) or "blocks"
    return str(said), np.unique(column(values, table, count, name), return_inverse=True)[1]


def _classes(blocks: NDArray[np.intp], units: NDArray[np.intp]) -> tuple[NDArray[np.intp], ...]:
    """Units of one block and of as many people, their people in the order of the table."""
    classes: dict[tuple[int, int], list[NDArray[np.intp]]] = {}
    order = np.argsort(units, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(units[order])) + 1):
        if (blocks[members] != blocks[members[0]]).any():
            raise ValueError(
                f"people who stay together (whole) must lie in one block of within; those of rows "
                f"{members[:5].tolist()} do not"
            )
        classes.setdefault((int(blocks[members[0]]), len(members)), []).append(members)
    return tuple(np.array(classes[key]) for key in sorted(classes))


def arrangements_of(design: Design, n_nulls: int, rng: random.RNG) -> tuple[NDArray[np.intp], bool]:
    """Orders of people (arrangements, people), and whether they are all there are, the observed one among them.

    Two groups without covariates have as many as there are splits.
    """
    m = len(design.effect)
    generator = np.random.default_rng(random.seed_sequence(rng))
    if design.two_groups and design.nuisance.shape[1] == 1 and not design.whole:
        x = design.effect[:, 0]
        ones, zeros = np.flatnonzero(x == x.max()), np.flatnonzero(x != x.max())
        if comb(m, len(ones)) <= n_nulls:
            return _splits(ones, zeros, m), True
        return generator.permuted(np.tile(np.arange(m), (n_nulls, 1)), axis=1), False
    counts = [len(one) for one in design.classes]
    exact = prod(map(factorial, counts)) <= n_nulls
    if exact:
        every = list(product(*(permutations(range(k)) for k in counts)))
        orders = [np.array([choice[k] for choice in every], np.intp) for k in range(len(counts))]
    else:
        orders = [generator.permuted(np.tile(np.arange(k), (n_nulls, 1)), axis=1) for k in counts]
    out = np.empty((len(orders[0]), m), np.intp)
    for one, order in zip(design.classes, orders, strict=True):
        out[:, one.ravel()] = one[order].reshape(len(order), -1)
    return out, exact


def _splits(ones: NDArray[np.intp], zeros: NDArray[np.intp], m: int) -> NDArray[np.intp]:
    first = np.array(list(combinations(range(m), len(ones))), np.intp)
    out = np.empty((len(first), m), np.intp)
    rest = np.ones(out.shape, bool)
    np.put_along_axis(rest, first, False, axis=1)
    np.put_along_axis(out, first, np.broadcast_to(ones, first.shape), axis=1)
    out[rest] = np.tile(zeros, len(first))
    return out
