"""Which wiring rule, and with which exponents, grows networks like a given one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tqdm import tqdm

from netanalysis._core import random, validate
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis._core.types import Network
from netanalysis.comparison.ks import ks_distance
from netanalysis.connectome import Connectome
from netanalysis.generate.growth import WIRING_RULES, grow

__all__ = ["WiringFit", "fit_wiring"]


@result
class WiringFit:
    """What :func:`fit_wiring` returns; arrays have a place for each rule, in the order asked for.

    Attributes
    ----------
    rules : tuple of str
    eta, gamma : ndarray
        The exponents whose networks had the least mean energy.
    energy : ndarray, shape (rules, n_held_out)
        Of new networks with these exponents, which had no part in choosing them.
    tried : tuple of dict
        Every point of every grid: rule, round, eta, gamma, energy (mean over its networks).
    n_networks : int
    """

    rules: tuple[str, ...]
    eta: NDArray[np.float64]
    gamma: NDArray[np.float64]
    energy: NDArray[np.float64]
    tried: tuple[dict[str, Any], ...]
    n_networks: int

    @property
    def best(self) -> str:
        """The rule with the least mean energy of new networks."""
        return self.rules[int(self.energy.mean(axis=1).argmin())]

    def table(self) -> Any:
        """A DataFrame with a row for each rule, the best first.

        Columns: rule, eta, gamma, energy (mean of new networks), energy_low and energy_high (its 95 % interval by the
        spread of networks), energy_std, n.
        """
        import pandas as pd

        n = self.energy.shape[1]
        mean, spread = self.energy.mean(axis=1), self.energy.std(axis=1, ddof=1)
        margin = 1.96 * spread / np.sqrt(n)
        columns = {"rule": self.rules, "eta": self.eta, "gamma": self.gamma, "energy": mean}
        columns |= {"energy_low": mean - margin, "energy_high": mean + margin, "energy_std": spread, "n": n}
        return pd.DataFrame(columns).sort_values("energy", kind="stable", ignore_index=True)

    def landscape(self) -> Any:
        """A DataFrame with a row for each point that was tried: rule, round, eta, gamma, energy."""
        import pandas as pd

        return pd.DataFrame(list(self.tried))


@recorded
def fit_wiring(
    net: Network,
    *,
    distances: ArrayLike | None = None,
    rules: Sequence[str] = WIRING_RULES,
    eta: tuple[float, float] = (-6.0, 0.0),
    gamma: tuple[float, float] = (-1.0, 2.0),
    n_steps: int = 7,
    n_rounds: int = 3,
    n_networks: int = 4,
    n_held_out: int = 20,
    epsilon: float = 1e-6,
    rng: random.RNG = None,
    progress: bool = False,
) -> WiringFit:
    """Exponents of each wiring rule whose networks are most like a given one.

    A grid of exponents is narrowed around its best point, to half its width, in every further round. The energy of a
    grown network is the largest Kolmogorov-Smirnov distance to `net` of degree, clustering, betweenness and edge length
    (:func:`ks_distance`). Rules are compared by the energies of new networks: the least of many noisy energies is too
    small.

    Parameters
    ----------
    net : network
        Undirected; which pairs are connected (w != 0) counts, not how strongly. Symmetrise a directed or a trained
        network, and keep its strongest connections, by :mod:`transform` first.
    distances : array_like, shape (n, n), optional
        Default: those of a Connectome.
    rules : sequence of names
        Of :data:`WIRING_RULES`.
    eta, gamma : (low, high)
        Ends of the first grid. "spatial" has no gamma.
    n_steps : int
        Points of a grid along each exponent.
    n_rounds : int
    n_networks : int
        Networks grown at every point.
    n_held_out : int
        New networks at the best point of each rule.
    epsilon : float
        As in :func:`grow`.
    rng : seed, Generator or SeedSequence, optional
    progress : bool
        Show a progress bar.

    Returns
    -------
    WiringFit

    Raises
    ------
    ValueError
        A directed network, one without connections or places, unknown rules, ends that are not in order.

    References
    ----------
    Betzel et al. 2016, doi:10.1016/j.neuroimage.2015.09.041.

    Examples
    --------
    >>> import numpy as np
    >>> import netanalysis as na
    >>> place = np.random.default_rng(0).normal(size=(50, 3))
    >>> net = na.Connectome(np.zeros((50, 50)), positions=place)
    >>> net = net.replace(weights=na.grow(net, n_connections=150, rule="matching", eta=-1, gamma=1, rng=0))
    >>> found = na.fit_wiring(net, rules=["spatial", "matching"], n_rounds=1, n_steps=4, n_held_out=5, rng=1)
    >>> found.best
    'matching'
    """
    target = _target(net, distances)
    chosen = (rules,) if isinstance(rules, str) else tuple(rules)
    if not chosen:
        raise ValueError(f"rules must name some of {list(WIRING_RULES)}; got none")
    for rule in chosen:
        validate.choice(rule, WIRING_RULES, "rules")
    ends = _ends(eta, "eta"), _ends(gamma, "gamma")
    n_steps = validate.positive_int(n_steps, "n_steps", minimum=2)
    n_rounds = validate.positive_int(n_rounds, "n_rounds")
    n_networks = validate.positive_int(n_networks, "n_networks")
    n_held_out = validate.positive_int(n_held_out, "n_held_out", minimum=2)
    validate.flags(progress=progress)
    root = random.seed_sequence(rng)
    m = int(np.count_nonzero(target.weights)) // 2

    def energies(rule: str, etas: Any, gammas: Any, size: int, seed: Any) -> NDArray[np.float64]:
        grown = grow(target, n_connections=m, rule=rule, eta=etas, gamma=gammas, epsilon=epsilon, size=size, rng=seed)  # type: ignore[arg-type]
        return np.asarray(ks_distance(target.replace(weights=grown), target))

    tried: list[dict[str, Any]] = []
    best = np.empty((len(chosen), 2))
    held_out = np.empty((len(chosen), n_held_out))
    with tqdm(total=len(chosen) * (n_rounds + 1), desc="rules", disable=not progress) as bar:
        for r, rule in enumerate(chosen):
            (low, high), middle = np.array(ends).T, None
            for k in range(n_rounds):
                width = (high - low) / 2**k
                start = low if middle is None else np.clip(middle - width / 2, low, high - width)
                etas = np.linspace(start[0], start[0] + width[0], n_steps)
                gammas = np.array([0.0]) if rule == "spatial" else np.linspace(start[1], start[1] + width[1], n_steps)
                points = np.array(np.meshgrid(etas, gammas, indexing="ij")).reshape(2, -1)
                seed = random.child(random.child(root, r), k)
                found = energies(rule, points[0], points[1], n_networks, seed).mean(axis=-1)
                tried += [
                    {"rule": rule, "round": k + 1, "eta": e, "gamma": g, "energy": value}
                    for e, g, value in zip(*points.tolist(), found.tolist(), strict=True)
                ]
                middle = points[:, int(np.argmin(found))]
                bar.update()
            mine = [point for point in tried if point["rule"] == rule]
            least = min(mine, key=lambda point: float(point["energy"]))
            best[r] = least["eta"], least["gamma"]
            seed = random.child(random.child(root, r), n_rounds)
            held_out[r] = energies(rule, best[r, 0], best[r, 1], n_held_out, seed)
            bar.update()
    return WiringFit(chosen, best[:, 0], best[:, 1], held_out, tuple(tried), n_networks)


def _ends(given: Any, name: str) -> tuple[float, float]:
    ends = validate.as_array(given, name, shape=(2,))
    if ends[0] >= ends[1]:
        raise ValueError(f"{name} must be (low, high), the ends of a grid; got {tuple(ends.tolist())}")
    return float(ends[0]), float(ends[1])


def _target(net: Any, distances: Any) -> Connectome:
    """The binary network with its distances, and nothing else."""
    w = validate.dense(validate.as_weights(net), measure="fit_wiring", instead="fewer nodes")
    if w.ndim != 2 or not validate.is_symmetric(w):
        raise ValueError("net must be one undirected network: symmetrise a directed one by transform.symmetrize")
    adjacent = (w != 0).astype(float)
    np.fill_diagonal(adjacent, 0.0)
    if not adjacent.any():
        raise ValueError("net has no connections to grow")
    d = distances if distances is not None else getattr(net, "distances", None)
    if d is None:
        raise ValueError("distances= must be given for a network that is no Connectome with positions or distances")
    return Connectome(adjacent, distances=validate.as_array(d, "distances", shape=w.shape))
