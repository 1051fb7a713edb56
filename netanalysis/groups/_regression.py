"""One linear model for every edge, and its answers when people are rearranged (Freedman & Lane)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations, permutations, product
from math import comb, factorial, prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import parallel, random, scaling, validate
from netanalysis._core.pvalues import ROUNDING, share_as_extreme
from netanalysis.groups._people import column, people_table

EPS = float(np.finfo(float).eps)
_BLOCK_ENTRIES = 2**21  # values that a block of arrangements holds at once


class Design(NamedTuple):
    """What is tested, and what is held constant."""

    effect: NDArray[np.float64]  # (people,)
    contrast: str
    nuisance: NDArray[np.float64]  # (people, 1 + covariates), orthonormal, the intercept first
    covariates: tuple[str, ...]
    two_groups: bool
    blocks: NDArray[np.intp]  # (people,), who may change places with whom

    @property
    def df(self) -> int:
        """Degrees of freedom of the full model."""
        return len(self.effect) - self.nuisance.shape[1] - 1

    @property
    def free(self) -> NDArray[np.float64]:
        """The effect without what intercept and covariates explain of it, of unit length."""
        x = self.effect - self.nuisance @ (self.nuisance.T @ self.effect)
        return x / np.linalg.norm(x)


def design_of(
    stack: Any, effect: Any, subjects: Any, covariates: Any, within: Any, contrast: Any, count: int
) -> Design:
    """The design from values or names of columns of the table of people."""
    table = people_table(subjects, stack, count)
    values = column(effect, table, count, "effect")
    said = effect if isinstance(effect, str) else getattr(effect, "name", None) or "effect"
    x, label = _coded(values, str(said), contrast)
    z, names = covariates_of(covariates, table, count)
    blocks = np.zeros(count, np.intp)
    if within is not None:
        blocks = np.unique(column(within, table, count, "within"), return_inverse=True)[1]
        name = within if isinstance(within, str) else getattr(within, "name", None) or "blocks"
        z = np.column_stack([z, (blocks[:, None] == np.arange(1, blocks.max() + 1)).astype(float)])
        names = (*names, f"within {name}")
    nuisance = orthonormal(z)
    if nuisance.shape[1] < z.shape[1] + 1:
        raise ValueError(f"covariates must be independent of each other and of a constant; got {list(names)}")
    design = Design(x, label, nuisance, names, len(np.unique(x)) == 2, blocks)
    if design.df < 1:
        raise ValueError(f"{count} people are too few for an effect, a constant and {z.shape[1]} covariates")
    left = x - nuisance @ (nuisance.T @ x)
    if np.linalg.norm(left) <= 1e-9 * np.linalg.norm(x - x.mean()) or np.ptp(x) == 0:
        raise ValueError(f"effect must vary, and not only with the covariates; {label!r} leaves nothing to test")
    return design


def _coded(values: NDArray[Any], name: str, contrast: Any) -> tuple[NDArray[np.float64], str]:
    """The effect as numbers: as it is, or 1 for the first group of the contrast and 0 for the second."""
    levels = np.unique(values)
    if contrast is None:
        if values.dtype.kind != "U":
            return values.astype(float), f"slope of {name}"
        contrast = tuple(levels.tolist())
    if not isinstance(contrast, (tuple, list)):
        raise TypeError(f"contrast must be two groups (a, b), for a - b; got {contrast!r}")
    if len(levels) != 2 or len(contrast) != 2 or set(contrast) != set(levels.tolist()):
        raise ValueError(
            f"effect must have two groups, and contrast=(a, b) name both for a - b; got groups {levels.tolist()[:9]} "
            f"and contrast {contrast!r}"
        )
    return (values == contrast[0]).astype(float), f"{contrast[0]} - {contrast[1]}"


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
        array = np.asarray(covariates)
        array = validate.as_array(array[:, None] if array.ndim == 1 else array, "covariates", shape=(count, None))
        return array, tuple(f"covariate {k}" for k in range(array.shape[1]))
    z: list[NDArray[np.float64]] = []
    names: list[str] = []
    for name, values in parts.items():
        if values.dtype.kind != "U":
            z.append(values.astype(float))
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
        if np.linalg.norm(left) > 1e-9 * size:
            basis.append(left / np.linalg.norm(left))
    return np.array(basis).T


class Regression:
    """The partial correlation of effect and every edge, however people are rearranged.

    Freedman & Lane: residuals of the model without the effect change places, its fit is added back, and the full model
    is fitted again. All that depends on the arrangement are products with the residuals: one, and one per covariate.
    """

    def __init__(self, values: NDArray[np.float64], design: Design) -> None:
        q = design.nuisance
        values, unit = scaling.to_one(values, axis=0)  # squares of very large or small values are no doubles
        left = values - q @ (q.T @ values)
        left -= q @ (q.T @ left)
        size = np.linalg.norm(left, axis=0)
        self.varies = size > 100 * EPS * np.sqrt(len(values)) * np.abs(values).max(axis=0)
        self.size = size[self.varies]
        self.unit = unit[0, self.varies]
        self.residuals = np.ascontiguousarray(left[:, self.varies] / self.size)
        self.design = design

    def correlations(self, arrangements: NDArray[np.intp]) -> NDArray[np.float64]:
        """Partial correlations (arrangements, edges that vary)."""
        r = self.design.free[arrangements] @ self.residuals
        if self.design.nuisance.shape[1] > 1:
            explained = np.zeros_like(r)
            for basis in self.design.nuisance.T[1:]:
                moved = basis[arrangements]
                if np.abs(moved - basis).max() > ROUNDING:  # else the residuals have nothing of it
                    explained += (moved @ self.residuals) ** 2
            r /= np.sqrt(np.maximum(1 - explained, EPS))
        return r

    def t_of(self, r: Any) -> Any:
        """Student's t of partial correlations; that of a perfect fit is 1e6 times the root of df, not infinite."""
        return r * np.sqrt(self.design.df / np.maximum(1 - r * r, ROUNDING))

    def r_of(self, t: float) -> float:
        """The partial correlation that has this t."""
        return float(t / np.sqrt(self.design.df + t * t))

    def t(self, arrangements: NDArray[np.intp]) -> NDArray[np.float64]:
        """t of every edge that varies (arrangements, edges)."""
        return np.asarray(self.t_of(self.correlations(arrangements)))

    def observed(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """t of every edge that varies, as people are, and its degrees of freedom."""
        t = self.t(np.arange(len(self.residuals))[None])[0]
        return t, np.full(t.shape, float(self.design.df))

    def slopes(self) -> NDArray[np.float64]:
        """Change of every edge that varies per unit of the effect; of two groups the difference of their means."""
        unit = self.design.free
        return np.asarray((unit @ self.residuals) * self.size / (unit @ self.design.effect) * self.unit)

    def placed(self, values: NDArray[Any], *, otherwise: Any = np.nan) -> NDArray[Any]:
        """Values of the edges that vary among those of all edges."""
        out = np.full(self.varies.shape, otherwise, dtype=values.dtype)
        out[self.varies] = values
        return out


def arrangements_of(design: Design, n_nulls: int, rng: random.RNG) -> tuple[NDArray[np.intp], bool]:
    """Orders of people (arrangements, people), and whether they are all there are, the observed one among them.

    Two groups without covariates have as many as there are splits.
    """
    m = len(design.effect)
    generator = np.random.default_rng(random.seed_sequence(rng))
    if design.two_groups and not design.covariates:
        ones = np.flatnonzero(design.effect == design.effect.max())
        if comb(m, len(ones)) <= n_nulls:
            zeros = np.flatnonzero(design.effect != design.effect.max())
            return _splits(combinations(range(m), len(ones)), ones, zeros, m), True
        return generator.permuted(np.tile(np.arange(m), (n_nulls, 1)), axis=1), False
    blocks = [np.flatnonzero(design.blocks == k) for k in range(design.blocks.max() + 1)]
    exact = prod(factorial(len(block)) for block in blocks) <= n_nulls
    if exact:
        every = list(product(*(permutations(block) for block in blocks)))
        parts = [np.array([choice[k] for choice in every], np.intp) for k in range(len(blocks))]
    else:
        parts = [generator.permuted(np.tile(block, (n_nulls, 1)), axis=1) for block in blocks]
    out = np.empty((len(parts[0]), m), np.intp)
    for block, part in zip(blocks, parts, strict=True):
        out[:, block] = part
    return out, exact


def _splits(chosen: Iterable[Any], ones: NDArray[np.intp], zeros: NDArray[np.intp], m: int) -> NDArray[np.intp]:
    first = np.array(list(chosen), np.intp)
    out = np.empty((len(first), m), np.intp)
    rest = np.ones(out.shape, bool)
    np.put_along_axis(rest, first, False, axis=1)
    np.put_along_axis(out, first, np.broadcast_to(ones, first.shape), axis=1)
    out[rest] = np.tile(zeros, len(first))
    return out


def p_of(values: NDArray[np.float64], null: NDArray[np.float64], *, exact: bool) -> NDArray[np.float64]:
    """Share of arrangements whose value is at least as large; beside a sample of them the observed one counts too."""
    values = np.asarray(values, float)
    scale = float(np.median(np.abs(null)))
    ordered = np.sort(null)
    count = len(null) - np.searchsorted(ordered, values - ROUNDING * np.maximum(np.abs(values), scale), side="left")
    return np.asarray(count / len(null)) if exact else share_as_extreme(count, len(null))


def signs_of(side: str) -> tuple[int, ...]:
    """Signs of t that a side asks for, each a family of edges of its own."""
    signs = {"two-sided": (1, -1), "greater": (1,), "less": (-1,)}
    return signs[validate.choice(side, signs, "side")]


def in_blocks(
    function: Callable[[NDArray[np.intp]], NDArray[np.float64]],
    arrangements: NDArray[np.intp],
    n_edges: int,
    *,
    n_jobs: int | None,
    progress: bool,
) -> NDArray[np.float64]:
    """A value for every arrangement, from blocks of them that fit in memory, in threads."""
    step = max(1, _BLOCK_ENTRIES // max(1, n_edges))
    blocks = [arrangements[k : k + step] for k in range(0, len(arrangements), step)]
    caption = "arrangements" if progress else None
    return np.concatenate(list(parallel.thread_iter(function, blocks, n_jobs=n_jobs, progress=caption)))
