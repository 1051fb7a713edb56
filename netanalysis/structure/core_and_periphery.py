"""Core and periphery: a group whose nodes connect to each other, and the rest, whose nodes do not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis import transform
from netanalysis._core import options, scaling, stacks, undefined, validate
from netanalysis._core.results import result
from netanalysis._core.rounding import ROUNDING
from netanalysis._core.types import Network, takes_stacks

__all__ = ["CorePeriphery", "core_periphery"]


@result
class CorePeriphery:
    """Result of :func:`core_periphery`.

    Attributes
    ----------
    core : ndarray of bool, shape (..., n)
        Whether each node is in the core.
    quality : float or ndarray
        Weight within the core less weight within the periphery, each beyond what the mean weight would put there, over
        all weight.
    gain : ndarray, shape (..., n)
        What each node adds to the quality by being in the core; negative in the periphery.
    n_core : int or ndarray
    resolution : float
    """

    core: NDArray[np.bool_]
    quality: Any
    gain: NDArray[np.float64]
    n_core: Any
    resolution: float


@takes_stacks
def core_periphery(net: Network, *, resolution: float = 1.0) -> CorePeriphery:
    r"""Divide a network into a core and a periphery, the best of all 2^n ways.

    The quality of a division, with s the sum of all weights and m their mean (Borgatti & Everett's idea in the form of
    Rubinov et al.), is

    .. math:: q = \frac{1}{s} \Big[ \sum_{i,j \in core} (W_{ij} - \gamma m)
              - \sum_{i,j \in periphery} (W_{ij} - \gamma m) \Big]

    It is linear in who belongs to the core: node i adds :math:`(k^{out}_i + k^{in}_i - 2 \gamma s / n) / s` whoever
    else does. The best core is therefore the nodes whose strength exceeds gamma times the mean strength. Nothing is
    searched for, so that no answer is a local optimum, as those of ``core_periphery_dir`` of the Brain Connectivity
    Toolbox may be.

    Parameters
    ----------
    net : network or stack (..., n, n), weights >= 0
        Directed or not. Self-connections are left out.
    resolution : float
        :math:`\gamma \ge 0`. Above 1 for a smaller core.

    Returns
    -------
    CorePeriphery
        A node that makes no difference, up to rounding, is in the periphery. Without weights the quality is nan, and
        all are in the periphery. The mean is over pairs of different nodes; counting the diagonal in changes nothing.

    Raises
    ------
    ValueError
        If weights are negative.

    Notes
    -----
    The quality depends on strengths alone: null models that keep degrees or strengths keep it, and tell nothing of it.
    Against :func:`netanalysis.nulls.erdos_renyi` it says how unequal strengths are.

    References
    ----------
    Borgatti & Everett 2000, doi:10.1016/S0378-8733(99)00019-2; Rubinov et al. 2015, doi:10.1073/pnas.1420315112; Lip
    2011, doi:10.48550/arXiv.1102.5511 (the best division follows from degrees).

    Examples
    --------
    >>> import netanalysis as na
    >>> found = na.core_periphery([[0, 1, 1, 1], [1, 0, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]])
    >>> found.core, found.quality
    (array([ True, False, False, False]), 0.25)
    """
    gamma = options.number_in(resolution, "resolution", at_least=0)
    w, _ = scaling.near_one(validate.as_weights(transform.remove_self_connections(net)))
    instead = "Choose transform.absolute(net) or transform.positive_part(net)"
    validate.require_nonnegative(w, "net", measure="core_periphery", instead=instead)
    strength = np.asarray(w.sum(axis=-1)) + np.asarray(w.sum(axis=-2))
    whole = strength.sum(axis=-1, keepdims=True) / 2
    asked = 2 * gamma * whole / w.shape[-1]
    apart = strength - asked
    core = apart > ROUNDING * np.maximum(strength, asked)
    gain = stacks.ratio(apart, whole)
    # None in the core: all weight is in the periphery, -(1 - gamma); each node of the core adds its gain.
    quality = np.where(whole[..., 0] > 0, gamma - 1 + np.where(core, gain, 0.0).sum(axis=-1), np.nan)
    lead = () if sparse.issparse(w) else w.shape[:-2]
    return CorePeriphery(
        core=core,
        quality=undefined.spoken(stacks.restore(quality.reshape(-1), lead), "core_periphery", "there are no weights"),
        gain=gain,
        n_core=stacks.number(core.sum(axis=-1)),
        resolution=gamma,
    )
