"""P of a permutation test, from scipy's null distribution and our rule for ties."""

from __future__ import annotations

from typing import Any

from netanalysis._core.pvalues import at_least_as_extreme, share_as_extreme


def two_sided(result: Any, *, exact: bool, n_nulls: int, scale: float) -> float:
    """Twice the smaller share; the observed arrangement is one of all if `exact`, else it counts as one more."""
    shares = []
    for side in ("greater", "less"):
        extreme = at_least_as_extreme(result.null_distribution, result.statistic, side, scale=scale)
        shares.append(float(extreme.mean()) if exact else float(share_as_extreme(extreme.sum(), n_nulls)))
    return min(1.0, 2 * min(shares))
