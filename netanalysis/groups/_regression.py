"""One linear model for every edge, and its answers when people are rearranged (Freedman & Lane)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, parallel, scaling
from netanalysis._core.pvalues import share_as_extreme
from netanalysis._core.rounding import ROUNDING
from netanalysis.groups._design import Design

EPS = float(np.finfo(float).eps)
_BLOCK_ENTRIES = 2**21  # values that a block of arrangements holds at once


class Regression:
    """The partial correlation of effect and every edge, however people are rearranged; of an F test the multiple one.

    Freedman & Lane: residuals of the model without the effect change places, its fit is added back, and the full model
    is fitted again. All that depends on the arrangement are products with the residuals: one, and one per covariate.
    """

    def __init__(self, values: NDArray[np.float64], design: Design) -> None:
        q = design.nuisance
        values, unit = scaling.to_one(values, axis=0)
        left = values - q @ (q.T @ values)
        left -= q @ (q.T @ left)
        size = np.linalg.norm(left, axis=0)
        self.varies = size > 100 * EPS * np.sqrt(len(values)) * np.abs(values).max(axis=0)
        self.size = size[self.varies]
        self.scale = unit[0, self.varies]
        self.residuals = np.ascontiguousarray(left[:, self.varies] / self.size)
        self.design = design
        self.unit = np.ascontiguousarray(design.free)

    def correlations(self, arrangements: NDArray[np.intp]) -> NDArray[np.float64]:
        """Partial correlations (arrangements, edges that vary)."""
        parts = [unit[arrangements] @ self.residuals for unit in self.unit.T]
        r = parts[0] if self.design.statistic == "t" else np.sqrt(sum(part**2 for part in parts))
        if self.design.nuisance.shape[1] > 1:
            explained = np.zeros_like(r)
            for basis in self.design.nuisance.T[1:]:
                moved = basis[arrangements]
                if np.abs(moved - basis).max() > ROUNDING:  # else the residuals have nothing of it
                    explained += (moved @ self.residuals) ** 2
            r /= np.sqrt(np.maximum(1 - explained, EPS))
        return r

    def statistic_of(self, r: Any) -> Any:
        """t or F of partial correlations; of a perfect fit 1e6 times the root of df, or its square, not infinite."""
        free, q = self.design.df, self.design.df_effect
        if self.design.statistic == "F":
            return r * r * (free / q) / np.maximum(1 - r * r, ROUNDING)
        return r * np.sqrt(free / np.maximum(1 - r * r, ROUNDING))

    def r_of(self, value: float) -> float:
        """The partial correlation that has this t or F."""
        explained = value * self.design.df_effect if self.design.statistic == "F" else value * value
        return float(np.sqrt(explained / (self.design.df + explained)))

    def statistics(self, arrangements: NDArray[np.intp]) -> NDArray[np.float64]:
        """t or F of every edge that varies (arrangements, edges)."""
        return np.asarray(self.statistic_of(self.correlations(arrangements)))

    def observed(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """t or F of every edge that varies, as people are, and its degrees of freedom."""
        t = self.statistics(np.arange(len(self.residuals))[None])[0]
        return t, np.full(t.shape, float(self.design.df))

    def sizes(self) -> NDArray[np.float64]:
        """Change of every edge that varies per unit of the effect; of groups the contrast of their means.

        Of F tests the partial R^2: the share of what covariates leave that the effects explain.
        """
        if self.design.statistic == "F":
            return np.asarray(((self.unit.T @ self.residuals) ** 2).sum(axis=0))
        unit = self.unit[:, 0]
        return np.asarray((unit @ self.residuals) * self.size / (unit @ self.design.effect[:, 0]) * self.scale)

    def placed(self, values: NDArray[Any], *, otherwise: Any = np.nan) -> NDArray[Any]:
        """Values of the edges that vary among those of all edges."""
        out = np.full(self.varies.shape, otherwise, dtype=values.dtype)
        out[self.varies] = values
        return out


def p_of(values: NDArray[np.float64], null: NDArray[np.float64], *, exact: bool) -> NDArray[np.float64]:
    """Share of arrangements whose value is at least as large; beside a sample of them the observed one counts too."""
    values = np.asarray(values, float)
    scale = float(np.median(np.abs(null)))
    ordered = np.sort(null)
    count = len(null) - np.searchsorted(ordered, values - ROUNDING * np.maximum(np.abs(values), scale), side="left")
    return p_of_counts(count, len(null), exact=exact)


def p_of_counts(count: NDArray[np.integer], n: int, *, exact: bool) -> NDArray[np.float64]:
    """p of how many of n arrangements are as extreme, which are all there are if `exact`."""
    return np.asarray(count / n) if exact else np.asarray(share_as_extreme(count, n))


def signs_of(side: str, design: Design) -> tuple[int, ...]:
    """Signs of t that a side asks for, each a family of edges of its own; F has none."""
    signs = {"two-sided": (1, -1), "greater": (1,), "less": (-1,)}
    options.choice(side, signs, "side")
    if design.statistic == "t":
        return signs[side]
    if side != "two-sided":
        raise ValueError(f"side={side!r} is of a t; F ({design.contrast}) has no sign: leave it out")
    return (1,)


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
