"""Assortativity: whether nodes connect to nodes of a degree or strength like their own."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from scipy import sparse

from netanalysis import transform
from netanalysis._core import options, scaling, stacks, undefined, validate
from netanalysis._core.types import Network, takes_stacks

__all__ = ["assortativity"]

Ends = Literal["out-in", "out-out", "in-in", "in-out"]
_ROUNDING = 1e-12


@takes_stacks
def assortativity(
    net: Network,
    *,
    of: Literal["degree", "strength"] = "degree",
    ends: Ends = "out-in",
    each: Literal["once", "weight"] = "once",
) -> Any:
    """Correlation over connections of the degrees or strengths at their two ends.

    Parameters
    ----------
    net : network or stack (..., n, n)
        Self-connections are ignored.
    of : {"degree", "strength"}
        Number of connections (w != 0, of either sign), or sum of weights.
    ends : {"out-in", "out-out", "in-in", "in-out"}
        Of directed networks, which degree or strength of the source and which of the target; all are the same for an
        undirected one.
    each : {"once", "weight"}
        Every connection counts once (the Brain Connectivity Toolbox, networkx), or as much as its weight.

    Returns
    -------
    float, or array over the leading axes
        Between -1 and 1; nan where all ends are alike (regular networks) and without connections.

    Raises
    ------
    ValueError
        Negative weights where they count.

    References
    ----------
    Newman 2002, doi:10.1103/PhysRevLett.89.208701. Foster et al. 2010, doi:10.1073/pnas.0912671107 (directed). Leung &
    Chau 2007, doi:10.1016/j.physa.2006.12.022 (by weight).

    Examples
    --------
    >>> import netanalysis as na
    >>> round(na.assortativity([[0, 1.0, 1, 1], [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]]), 6)
    -1.0
    """
    options.choice(of, ["degree", "strength"], "of")
    options.choice(ends, get_args(Ends), "ends")
    options.choice(each, ["once", "weight"], "each")
    w = validate.as_weights(net, as_given=True)
    if sparse.issparse(w):
        w = transform.remove_self_connections(w)
    elif np.diagonal(w, axis1=-2, axis2=-1).any():
        w, index = w.copy(), np.arange(w.shape[-1])
        w[..., index, index] = 0.0
    if "strength" in of or each == "weight":
        validate.require_nonnegative(
            w,
            "net",
            measure="assortativity by weight",
            instead='Use of="degree" and each="once", or choose transform.absolute(net) or positive_part',
        )
        w, _ = scaling.near_one(w)
    present = (w != 0).astype(float)
    values, counts = (w if of == "strength" else present), (w if each == "weight" else present)
    sums = {"out": np.asarray(values.sum(axis=-1), float), "in": np.asarray(values.sum(axis=-2), float)}
    first, second = (sums[end] for end in ends.split("-"))
    alike = counts is values
    leaving = sums["out"] if alike else np.asarray(counts.sum(axis=-1), float)
    arriving = sums["in"] if alike else np.asarray(counts.sum(axis=-2), float)
    total = leaving.sum(axis=-1, keepdims=True)

    def centred(x: Any, weight: Any) -> tuple[Any, Any]:
        """Less its mean over connections, and its variance; 0 where that is rounding."""
        mean = stacks.ratio((weight * x).sum(axis=-1, keepdims=True), total)
        x = x - mean
        variance = stacks.ratio((weight * x * x).sum(axis=-1), total[..., 0])
        return x, np.where(variance > _ROUNDING * mean[..., 0] ** 2, variance, 0.0)

    x, var_x = centred(first, leaving)
    y, var_y = centred(second, arriving)
    across = counts @ y if sparse.issparse(counts) else (counts @ y[..., None])[..., 0]
    covariance = stacks.ratio((x * across).sum(axis=-1), total[..., 0])
    values = stacks.number(np.clip(stacks.ratio(covariance, np.sqrt(var_x) * np.sqrt(var_y)), -1, 1))
    return undefined.spoken(values, "assortativity", f"there are no connections, or their ends all have the same {of}")
