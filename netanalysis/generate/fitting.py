"""Which wiring rule, and with which exponents, grows networks like a given one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tqdm import tqdm

from netanalysis._core import options, random, undefined, validate
from netanalysis._core.checkpoint import Checkpoint
from netanalysis._core.records import fingerprint, recorded, told
from netanalysis._core.results import result
from netanalysis._core.types import Network
from netanalysis.comparison.ks import BINARY_ENERGY, WEIGHTED_ENERGY, ks_distance
from netanalysis.connectome import Connectome
from netanalysis.generate._rules import WIRING_RULES, form_of
from netanalysis.generate.growth import grow
from netanalysis.generate.weights import OBJECTIVES, Objective

__all__ = ["WiringFit", "fit_wiring"]


Ends = tuple[float, float]
_ENDS = (("low", "min"), ("high", "max"))
_ONE_SIDED = 1.645  # standard errors that noise exceeds in 5 % of cases


@result
class WiringFit:
    """What :func:`fit_wiring` returns; arrays have a place for each rule, in the order asked for.

    Attributes
    ----------
    rules : tuple of str
    eta, gamma : ndarray
        The exponents whose networks had the least mean energy.
    alpha, omega : ndarray
        The parameters of weights whose weights were most like those given; nan without weights.
    energy : ndarray, shape (rules, n_held_out)
        Of new networks with these parameters, which had no part in choosing them.
    tried : tuple of dict
        Every point of every grid: rule, round, eta, gamma, energy (mean over its networks), near; with weights also
        alpha and omega, nan in the rounds that look for eta and gamma. Points are near that the noise of networks does
        not tell from the best one: their energy is less than 1.645 standard errors (one-sided 5 %) above that of new
        networks at the best point.
    n_connections, n_networks : int
    directed : bool
    weights : str or None
    """

    rules: tuple[str, ...]
    eta: NDArray[np.float64]
    gamma: NDArray[np.float64]
    alpha: NDArray[np.float64]
    omega: NDArray[np.float64]
    energy: NDArray[np.float64]
    tried: tuple[dict[str, Any], ...]
    n_connections: int
    n_networks: int
    directed: bool
    weights: str | None

    @property
    def best(self) -> str:
        """The rule with the least mean energy of new networks."""
        return self.rules[int(self.energy.mean(axis=1).argmin())]

    def options(self, rule: str | None = None) -> dict[str, Any]:
        """What :func:`grow` takes to grow networks by a rule as it was fitted, by default the best one."""
        options.choice(rule or self.best, self.rules, "rule")
        r = self.rules.index(rule or self.best)
        found = {"rule": self.rules[r], "eta": float(self.eta[r]), "gamma": float(self.gamma[r])}
        if self.weights is not None:
            found |= {"weights": self.weights, "alpha": float(self.alpha[r]), "omega": float(self.omega[r])}
        return found | {"n_connections": self.n_connections, "directed": self.directed}

    def table(self) -> Any:
        """A DataFrame with a row for each rule, the best first.

        Columns: rule, eta, gamma, with weights alpha and omega; of each of them _low and _high, between which the near
        points lie (of `tried`); energy (mean of new networks), energy_low and energy_high (its 95 % interval by the
        spread of networks), energy_std, n.
        """
        import pandas as pd

        n = self.energy.shape[1]
        mean, spread = self.energy.mean(axis=1), self.energy.std(axis=1, ddof=1)
        margin = 1.96 * spread / np.sqrt(n)
        near = self.landscape().query("near").groupby("rule")
        columns: dict[str, Any] = {"rule": self.rules}
        for name in ("eta", "gamma", *(("alpha", "omega") if self.weights is not None else ())):
            columns |= {name: getattr(self, name)}
            columns |= {f"{name}_{end}": near[name].agg(how)[list(self.rules)].to_numpy() for end, how in _ENDS}
        columns |= {"energy": mean, "energy_low": mean - margin, "energy_high": mean + margin}
        columns |= {"energy_std": spread, "n": n}
        return pd.DataFrame(columns).sort_values("energy", kind="stable", ignore_index=True)

    def landscape(self) -> Any:
        """A DataFrame with a row for each point that was tried: rule, round, the parameters, energy, near."""
        import pandas as pd

        return pd.DataFrame(list(self.tried))


@recorded
def fit_wiring(
    net: Network,
    *,
    distances: ArrayLike | None = None,
    rules: Sequence[str] | None = None,
    eta: Ends = (-6.0, 0.0),
    gamma: Ends = (-1.0, 2.0),
    directed: bool = False,
    weights: Objective | None = None,
    alpha: Ends = (0.0, 0.1),
    omega: Ends = (0.5, 1.5),
    n_steps: int = 7,
    n_rounds: int = 3,
    n_networks: int = 4,
    n_held_out: int = 20,
    epsilon: float = 1e-6,
    rng: random.RNG = None,
    checkpoint: str | os.PathLike[str] | None = None,
    progress: bool = False,
) -> WiringFit:
    """Exponents of each wiring rule whose networks are most like a given one.

    A grid of exponents is narrowed around its best point, to half its width, in every further round. The energy of a
    grown network is the largest Kolmogorov-Smirnov distance to `net` of degree, clustering, betweenness and edge length
    (:func:`ks_distance`). Rules are compared by the energies of new networks: the least of many noisy energies is too
    small.

    With `weights`, eta and gamma are found by which nodes are connected, on which weights have no influence; then as
    many rounds look for alpha and omega by weights that the connections of `net` itself are given, in orders that the
    rule would choose (:func:`grow` with `among`): the energy of these rounds is the distance of the weights over their
    mean. That of the new networks, which grow freely, is the weighted one: strength, weighted clustering, weighted
    betweenness and edge length; 1 where all weights have come to 0.

    Parameters
    ----------
    net : network
        Without `weights`, which pairs are connected (w != 0) counts, not how strongly. Keep the strongest connections
        of a trained network by :mod:`transform` first.
    distances : array_like, shape (n, n), optional
        Default: those of a Connectome.
    rules : sequence of names, optional
        Of :data:`WIRING_RULES`; by default all of them, for directed networks all that have a directed meaning.
        "communicability" takes a hundred times as long as the others.
    eta, gamma : (low, high)
        Ends of the first grid; two that are equal hold the exponent there. "spatial" has no gamma.
    directed : bool
        Grow directed networks. A directed `net` needs it, or has to be symmetrised first.
    weights : name, optional
        Grow weights, too, by this objective of :func:`grow`.
    alpha, omega : (low, high)
        The same of the second stage. Objectives with distances depend on their unit, and so does alpha.
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
    checkpoint : path, optional
        File to which every finished round is written; the same call goes on after the last one. Other networks, rules
        or settings than those of the file are refused; without `rng`, its seed is taken.
    progress : bool
        Show a progress bar.

    Returns
    -------
    WiringFit

    Notes
    -----
    Energies are noisy and valleys of exponents long: read how far the near points go (``table()``, and the dots of
    :func:`netanalysis.plot.wiring_landscape`). 12 networks of 40 nodes and 120 connections had grown by
    "communicability" with eta = -2 and gamma = 0.5: gamma was found in 11 of them, but near points reached from eta =
    -3.8 to -0.6. Other networks that the same rule would have grown, and the order in which connections grew, are not
    in this spread.

    The order matters to weights: with the true one a planted alpha is found exactly, with orders that the rule would
    choose within a factor of 2, at worst 3, where omega is held (equal ends). Of 30 nodes, "sernn" with 0.005 gave
    0.0067 to 0.0083; of 60, "akarca" with 0.3 gave 0.1 to 0.4, their median 0.25. With omega free, points from (0.8,
    0.7) to (0.1, 1.1) were as near as the planted (0.3, 0.9): a longer step with a smaller exponent makes weights as
    unequal. By the weighted energy of networks that grow freely neither is found, since other connections make a larger
    difference than other weights.

    Raises
    ------
    ValueError
        A directed network without `directed`, one without connections or places, unknown rules, rules that have no
        directed meaning, ends that are not in order, negative weights with `weights`.

    References
    ----------
    Betzel et al. 2016, doi:10.1016/j.neuroimage.2015.09.041. Akarca et al. 2023, doi:10.1101/2023.06.23.546237.

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
    >>> like_it = na.grow(net, **found.options(), size=10, rng=2)
    """
    options.flags(progress=progress, directed=directed)
    if weights is not None:
        options.choice(weights, OBJECTIVES, "weights")
    target = _target(net, distances, directed=directed, weighted=weights is not None)
    chosen = _chosen(rules, directed)
    given = {"eta": eta, "gamma": gamma, "alpha": alpha, "omega": omega}
    ends = {name: _ends(value, name) for name, value in given.items()}
    if ends["alpha"][0] < 0:
        raise ValueError(f"alpha must not be below 0, or weights would climb; got {alpha}")
    n_steps = options.positive_int(n_steps, "n_steps", minimum=2)
    n_rounds = options.positive_int(n_rounds, "n_rounds")
    n_networks = options.positive_int(n_networks, "n_networks")
    n_held_out = options.positive_int(n_held_out, "n_held_out", minimum=2)
    epsilon = options.number_in(epsilon, "epsilon", above=0)
    root = random.seed_sequence(rng)
    m = int(np.count_nonzero(target.weights)) // (1 if directed else 2)
    record = None
    if checkpoint is not None:
        settings: dict[str, Any] = {
            "net": fingerprint(target.weights, target.distances),
            "rules": chosen,
            "ends": ends,
        }
        settings |= {"directed": directed, "weights": weights, "n_steps": n_steps, "n_rounds": n_rounds}
        settings |= {"n_networks": n_networks, "n_held_out": n_held_out, "epsilon": epsilon}
        record = Checkpoint(checkpoint, settings, of="fit_wiring", seed=root, fixed=rng is not None)
        root = record.seed
        told("fit_wiring", rng=root)
    stages = (("eta", "gamma"),) if weights is None else (("eta", "gamma"), ("alpha", "omega"))
    each = n_rounds + 1  # parts of a stage, the last one being new networks at the best point
    parts = (
        each if weights is None else 2 * each + 1
    )  # of a rule; with weights, the last one being those that grow freely
    bar = tqdm(total=len(chosen) * parts, desc="rules", disable=not progress)

    def energies(r: int, k: int, point: dict[str, Any], size: int, *, own: bool = False) -> NDArray[np.float64]:
        """Of `size` networks at every point, in part k of rule r: grown (`own`: of its own connections), or read."""
        bar.update()
        position = r * parts + k
        if record is not None and position in record.finished:
            return np.array(record.finished[position]["energies"])
        seed = random.child(random.child(root, r), k)
        with_weights = "alpha" in point
        how: Any = {"rule": chosen[r], "weights": weights if with_weights else None, "directed": directed} | point
        among = target.weights if own else None
        grown = grow(target, n_connections=m, epsilon=epsilon, size=size, rng=seed, among=among, **how)
        of = "weight" if own else WEIGHTED_ENERGY if with_weights else BINARY_ENERGY
        with undefined.noted():
            found = np.nan_to_num(ks_distance(target.replace(weights=grown), target, of=of), nan=1.0)
        if record is not None:
            record.add(position, energies=found.tolist())
        return found

    tried: list[dict[str, Any]] = []
    best: list[dict[str, float]] = []
    held_out = np.empty((len(chosen), n_held_out))
    with bar:
        for r, rule in enumerate(chosen):
            point: dict[str, float] = {}
            for stage, names in enumerate(stages):
                own = stage == 1
                box = np.array([(0.0, 0.0) if rule == "spatial" and name == "gamma" else ends[name] for name in names])
                mine: list[dict[str, Any]] = []
                for k in range(n_rounds):
                    at = dict(zip(names, _grid(box, n_steps), strict=True))
                    found = energies(r, stage * each + k, point | at, n_networks, own=own).mean(axis=-1)
                    mine += [
                        {"rule": rule, "round": k + 1} | point | dict(zip(names, here, strict=True)) | {"energy": value}
                        for here, value in zip(np.transpose(list(at.values())).tolist(), found.tolist(), strict=True)
                    ]
                    box = _narrower(box, np.array([at[name][np.argmin(found)] for name in names]), names, ends)
                least = min(mine, key=lambda one: one["energy"])
                point = point | {name: least[name] for name in names}
                new = energies(r, stage * each + n_rounds, point, n_held_out, own=own)
                noise = new.std(ddof=1) * np.sqrt(1 / n_networks + 1 / n_held_out)
                limit = max(least["energy"], float(new.mean() + _ONE_SIDED * noise))
                tried += [one | {"near": one["energy"] <= limit} for one in mine]
            held_out[r] = new if weights is None else energies(r, parts - 1, point, n_held_out)
            best.append(point)
    if weights is not None:
        tried = [{"alpha": np.nan, "omega": np.nan} | one for one in tried]
    found = {name: np.array([point.get(name, np.nan) for point in best]) for name in given}
    return WiringFit(
        rules=chosen,
        **found,
        energy=held_out,
        tried=tuple(tried),
        n_connections=m,
        n_networks=n_networks,
        directed=directed,
        weights=weights,
    )


def _grid(box: NDArray[np.float64], n_steps: int) -> NDArray[np.float64]:
    """Points of a grid, shape (parameters, points); a parameter whose ends are one has a single value."""
    axes = [np.linspace(low, high, n_steps if high > low else 1) for low, high in box]
    return np.array(np.meshgrid(*axes, indexing="ij")).reshape(len(box), -1)


def _narrower(
    box: NDArray[np.float64], middle: NDArray[np.float64], names: Sequence[str], ends: dict[str, Ends]
) -> NDArray[np.float64]:
    """Half as wide and around `middle`, as far as the first grid goes."""
    width = np.diff(box, axis=1)[:, 0] / 2
    low, high = np.array([ends[name] for name in names]).T
    start = np.where(width > 0, np.clip(middle - width / 2, low, high - width), box[:, 0])
    return np.stack([start, start + width], axis=1)


def _chosen(rules: Any, directed: bool) -> tuple[str, ...]:
    if rules is None:
        return tuple(rule for rule in WIRING_RULES if not (directed and rule.startswith("clu")))
    chosen = tuple(options.names(rules, "rules", f"wiring rules {list(WIRING_RULES)}"))
    for rule in chosen:
        options.choice(rule, WIRING_RULES, "rules")
        form_of(rule, "power", "power", directed)
    return chosen


def _ends(given: Any, name: str) -> tuple[float, float]:
    ends = validate.as_array(given, name, shape=(2,))
    if ends[0] > ends[1]:
        raise ValueError(f"{name} must be (low, high), the ends of a grid; got {tuple(ends.tolist())}")
    return float(ends[0]), float(ends[1])


def _target(net: Any, distances: Any, *, directed: bool, weighted: bool) -> Connectome:
    """The network with its distances, and nothing else; 0 and 1 if weights do not matter."""
    w = validate.dense(validate.as_weights(net), measure="fit_wiring", instead="fewer nodes")
    if w.ndim != 2 or not (directed or validate.is_symmetric(w)):
        raise ValueError(
            "net must be one undirected network, or directed=True: else symmetrise it by transform.symmetrize"
        )
    if weighted:
        validate.require_nonnegative(
            w, "net", measure="fit_wiring with weights", instead="Choose transform.absolute(net)"
        )
    kept = w.copy() if weighted else (w != 0).astype(float)
    np.fill_diagonal(kept, 0.0)
    if not kept.any():
        raise ValueError("net has no connections to grow")
    d = distances if distances is not None else getattr(net, "distances", None)
    if d is None:
        raise ValueError("distances= must be given for a network that is no Connectome with positions or distances")
    return Connectome(kept, distances=validate.as_array(d, "distances", shape=w.shape))
