"""Networks thresholded to one density, so that what differs is not how many connections they have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from netanalysis import transform
from netanalysis._core import options, validate
from netanalysis.structure.basic import density as density_of

__all__ = ["match_density"]


def match_density(networks: Any, *, density: float | None = None) -> Any:
    """Keep the strongest connections of each network, so that all have the same density.

    Parameters
    ----------
    networks : sequence of networks, mapping of name to network, or stack
        Of any size, two of them as well: ``a, b = na.match_density([a, b])``.
    density : float in (0, 1], optional
        Share of the n (n - 1) ordered pairs of distinct nodes to keep, by magnitude
        (:func:`netanalysis.transform.threshold`: rounded half up, ties at the cut by row order). None: that of the
        sparsest network, which stays as it is.

    Returns
    -------
    list, dict or stack
        As they came, without self-connections; a Connectome has the step in its history. Densities are equal up to the
        one connection (pair, if undirected) that a whole number of connections allows.

    Raises
    ------
    ValueError
        If a network has fewer connections than asked: they would be of other densities still. If one would be left
        without any, as a small one at the density of a large one. The error names it.

    Notes
    -----
    Thresholding takes weak connections away from the denser network only, and with them what they make. Say which
    density was taken; :func:`profile` takes it as ``density=``.

    References
    ----------
    van Wijk, Stam & Daffertshofer 2010, doi:10.1371/journal.pone.0013701.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> rng = np.random.default_rng(0)
    >>> a, b = na.match_density([rng.random((10, 10)), rng.random((20, 20)) * (rng.random((20, 20)) < 0.3)])
    >>> round(na.density(a), 2), round(na.density(b), 2)
    (0.31, 0.31)
    """
    if density is not None:
        options.number_in(density, "density", above=0, at_most=1)
    if isinstance(networks, Mapping):
        made = match_density(list(networks.values()), density=density)
        return dict(zip(networks, made, strict=True))
    if not isinstance(networks, (list, tuple)):
        w = validate.as_weights(networks, name="networks")
        if w.ndim == 2:
            raise ValueError("networks must be several: a list, mapping or stack of networks; got one")
        found = {f"[{k}]": float(d) for k, d in enumerate(np.ravel(density_of(w)))}
        target = _target(found, density)
        out = transform.threshold(networks, density=target)
        _not_bare(found, np.ravel(density_of(out)), target)
        return out
    if not networks:
        raise ValueError("networks is empty: give at least one network")
    found = {}
    for k, net in enumerate(networks):
        name = str(getattr(net, "name", None) or f"[{k}]")
        found[name if name not in found else f"{name} [{k}]"] = float(np.min(density_of(net)))
    target = _target(found, density)
    made = [transform.threshold(net, density=target) for net in networks]
    _not_bare(found, [np.min(density_of(net)) for net in made], target)
    return made


def _target(found: dict[str, float], density: float | None) -> float:
    """The density to take, which all networks have, and which is not 0."""
    name, lowest = min(found.items(), key=lambda item: item[1])
    if not lowest:
        raise ValueError(f"network {name} has no connections, and so no density that others could have: leave it out")
    if density is not None and lowest < density * (1 - 1e-12):
        raise ValueError(
            f"density={density:g} is more than network {name} has ({lowest:.4g}): its connections cannot be added to. "
            "Take that one, or leave density out for the lowest of all"
        )
    return lowest if density is None else density


def _not_bare(found: dict[str, float], left: Any, target: float) -> None:
    """A small network at the density of a large one may be empty, which is no network to compare."""
    bare = [name for name, density in zip(found, left, strict=True) if not density]
    if bare:
        raise ValueError(
            f"a density of {target:.3g} leaves network {bare[0]} without any connection: it has too few nodes. Leave "
            "the sparsest networks out, or compare with null networks of the same density, na.profile(networks)"
        )
