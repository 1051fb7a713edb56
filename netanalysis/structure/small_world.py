"""Small-worldness: clustered like a lattice, with the short paths of a random network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis import nulls, transform
from netanalysis._core import options, parallel, random, reuse, stacks, undefined, validate
from netanalysis._core.results import result
from netanalysis._core.types import Network, takes_stacks
from netanalysis.nulls._null_test import as_null, chunk_size
from netanalysis.nulls._replicate import Batch, in_batches
from netanalysis.nulls.degree import rewire
from netanalysis.structure import kernels
from netanalysis.structure.clustering import Method, clustering
from netanalysis.structure.paths import mean_length, path_length

__all__ = ["SmallWorldness", "small_worldness"]

_DEFINITIONS = {
    "sigma": "(C / C_null) / (L / L_null), Humphries & Gurney 2008",
    "omega": "L_null / L - C / max(C_lattice, C), Telesford et al. 2011",
    "propensity": "1 - sqrt((D_C^2 + D_L^2) / 2), Muldoon, Bridgeford & Bassett 2016",
}
# Up to this size rewiring on a dense matrix is the faster one, and all nulls stay in compiled code.
_DENSE_UP_TO = 2000


@result
class SmallWorldness:
    """Small-worldness of a network with everything it was computed from.

    Attributes
    ----------
    value : float, or array over the leading axes of a stack
        The coefficient named by `kind`.
    kind, definition : str
    clustering, path_length : float or array
        C (mean over nodes) and L (mean over ordered pairs) of the network.
    null_clustering, null_path_length : ndarray, shape (..., n_nulls)
        C and L of every random network.
    lattice_clustering, lattice_path_length : ndarray, shape (..., n_lattices)
        C and L of every lattice; None for sigma, which has none.
    clustering_ratio, path_length_ratio : float or array
        C / mean C_null and L / mean L_null. Their quotient is sigma.
    null, lattice : str
        Names of the null models; `lattice` is None for sigma.
    weighted : bool
    unreachable : str
    note : str
        Why a value is nan: a complete network, say, has nothing to rewire. Empty if none is.
    """

    value: Any
    kind: str
    definition: str
    clustering: Any
    path_length: Any
    null_clustering: NDArray[np.float64]
    null_path_length: NDArray[np.float64]
    lattice_clustering: NDArray[np.float64] | None
    lattice_path_length: NDArray[np.float64] | None
    clustering_ratio: Any
    path_length_ratio: Any
    null: str
    lattice: str | None
    weighted: bool
    unreachable: Literal["exclude", "infinite"]
    note: str


@takes_stacks
def small_worldness(
    net: Network,
    *,
    kind: Literal["sigma", "omega", "propensity"] = "sigma",
    weighted: bool = False,
    null: str | Callable[..., Any] | None = None,
    lattice: Callable[..., Any] | None = None,
    n_nulls: int = 100,
    n_lattices: int = 10,
    swaps_per_edge: int = 10,
    clustering_method: Method | None = None,
    unreachable: Literal["exclude", "infinite"] = "exclude",
    rng: random.RNG = None,
    n_jobs: int | None = None,
) -> SmallWorldness:
    r"""Small-worldness against random networks and lattices.

    With C the mean clustering coefficient and L the characteristic path length, and bars for means over nulls:

    ``"sigma"``
        :math:`(C / \bar C_{null}) / (L / \bar L_{null})`; small worlds have sigma well above 1
        (Humphries & Gurney 2008).
    ``"omega"``
        :math:`\bar L_{null} / L - C / \max(\bar C_{lattice}, C)`; near 0 for small worlds, towards 1 for random
        networks, -1 for lattices (Telesford et al. 2011). A network that clusters more than its lattices is its own
        lattice, as in their implementation, so that omega stays above -1. It exceeds 1 where paths are shorter than
        in the nulls by more than C over that of the lattice; that is said here and not clipped.
    ``"propensity"``
        :math:`1 - \sqrt{(\Delta_C^2 + \Delta_L^2) / 2}` with
        :math:`\Delta_C = (\bar C_{lattice} - C) / (\bar C_{lattice} - \bar C_{null})` and
        :math:`\Delta_L = (L - \bar L_{null}) / (\bar L_{lattice} - \bar L_{null})`, each clipped to [0, 1]
        (Muldoon, Bridgeford & Bassett 2016).

    Parameters
    ----------
    net : network or stack (..., n, n)
        Undirected or directed, taken as it is: threshold or symmetrise it first if that is what you mean.
    kind : {"sigma", "omega", "propensity"}
    weighted : bool
        False: every weight that is not 0, of either sign, counts 1; C is Watts-Strogatz (Fagiolo if directed), L in
        hops. True: weights must not be negative; C is Onnela's (Fagiolo's if directed), L uses lengths ``1 / w``.
    null : {"degree_preserving", "erdos_renyi"} or callable, optional
        Random networks: rewiring that keeps degrees (default for sigma and omega), or as many connections and
        weights anywhere (default for propensity, as published). Or any function ``(weights, rng) -> weights``.
    lattice : callable, optional
        ``(weights, rng) -> weights``. By default :func:`netanalysis.nulls.lattice` (keeps degrees) for omega, and for
        propensity, as published, a ring lattice with the strongest weights between nearest nodes.
    n_nulls, n_lattices : int
        How many of each.
    swaps_per_edge : int
        Attempted switches per connection of "degree_preserving".
    clustering_method : str, optional
        `method` of :func:`netanalysis.clustering`, in place of the above.
    unreachable : {"exclude", "infinite"}
        Rule of :func:`netanalysis.path_length` for pairs without a path. "infinite" makes the value nan whenever
        the network or one of its nulls falls apart.
    rng : seed, Generator or SeedSequence, optional
        The first nulls do not depend on how many there are.
    n_jobs : int, optional
        Joblib workers over nulls, except for null models of :mod:`netanalysis.nulls` of networks of up to 2,000
        nodes, which run in threads.

    Returns
    -------
    SmallWorldness

    Raises
    ------
    ValueError
        Negative weights with ``weighted=True``; unknown names.

    Notes
    -----
    The value is nan where it is undefined: no clustering in the nulls (sigma) or lattices (omega), no paths, lattices
    no more clustered or no longer-pathed than the nulls (propensity), and networks in which nothing can be rewired
    (complete ones, or with fewer than two connections) under rewiring nulls. Self-connections are ignored.

    *Two readings of one published sigma.* The spatially embedded networks of Achterberg et al. 2023
    (doi:10.1038/s42256-023-00748-9) were thresholded to their strongest 10 % and compared with Erdős-Rényi networks.
    Sigma in the sense of its formula is ``value`` for the symmetrised top 10 %::

        top = na.transform.binarize(na.transform.threshold(na.transform.absolute(net), density=0.1))
        na.small_worldness(na.transform.symmetrize(top, how="max"), null="erdos_renyi", n_nulls=1000)

    Their code hands ``charpath`` the adjacency matrix where it expects distances, so that both L are the density and
    cancel, and applies the undirected clustering formula to the directed matrix. That number is ``clustering_ratio``
    here, of the same top 10 % left directed::

        na.small_worldness(top, null="erdos_renyi", n_nulls=1000, clustering_method="out").clustering_ratio

    (Their random networks are undirected with half as many edges; the expected C, close to the density, is the same.)

    References
    ----------
    doi:10.1371/journal.pone.0002051, doi:10.1089/brain.2011.0038, doi:10.1038/srep22057.

    Examples
    --------
    >>> import networkx as nx, netanalysis as na
    >>> ring = nx.to_numpy_array(nx.watts_strogatz_graph(60, 6, 0.1, seed=1))
    >>> result = na.small_worldness(ring, n_nulls=20, rng=0)
    >>> bool(result.value > 2), result.null_clustering.shape
    (True, (20,))
    """
    options.flags(weighted=weighted)
    options.jobs(n_jobs)
    options.choice(unreachable, ["exclude", "infinite"], "unreachable")
    if clustering_method is not None:
        options.choice(clustering_method, get_args(Method), "clustering_method")
    options.choice(kind, list(_DEFINITIONS), "kind")
    options.count(n_nulls, "n_nulls")
    options.count(n_lattices, "n_lattices")
    options.positive_int(swaps_per_edge, "swaps_per_edge")
    w = reuse.once(_simplified, validate.as_weights(net), weighted)
    if null is None:
        null = "erdos_renyi" if kind == "propensity" else "degree_preserving"
    if lattice is not None and not callable(lattice):
        raise TypeError(f"lattice must be a function (weights, rng) -> weights; got {lattice!r}")
    if kind == "sigma":
        lattice = None
    elif lattice is None:
        lattice = {"omega": nulls.lattice, "propensity": ring_lattice}[kind]
    properties = _Properties(weighted, clustering_method or (None if weighted else "binary"), unreachable)

    members, lead = ([w], ()) if sparse.issparse(w) else stacks.flatten(w)
    own = reuse.once(_own, w, properties)
    roots = random.per_network(rng, len(members))
    small = w.shape[-1] <= _DENSE_UP_TO
    if null == "degree_preserving" and small and not weighted and properties.method == "binary":
        seeds = np.stack([random.seeds(random.child(root, 0), n_nulls) for root in roots])
        randomized = reuse.once(_rewired, w, seeds.tobytes(), swaps_per_edge, unreachable)
    else:
        degrees = partial(nulls.degree_preserving, swaps_per_edge=swaps_per_edge)
        model = degrees if null == "degree_preserving" else as_null(null)
        sources = [random.generators(random.child(root, 0), n_nulls) for root in roots]
        randomized = _randomized(members, model, sources, properties, n_jobs)
    regular = None
    if lattice is not None:
        sources = [random.generators(random.child(root, 1), n_lattices) for root in roots]
        regular = _randomized(members, lattice, sources, properties, n_jobs)

    # Rows: C, L; C and L of the nulls; C and L of the lattices.
    parts = np.stack([own, randomized.mean(axis=1)] + ([] if regular is None else [regular.mean(axis=1)]), axis=1)
    with np.errstate(all="ignore"):
        value = np.array([_value(kind, *p) if np.isfinite(p).all() else np.nan for p in parts])
        value[~np.isfinite(value)] = np.nan
        ratios = parts[:, 0] / parts[:, 1]

    def shaped(x: Any) -> Any:
        return stacks.restore(np.ascontiguousarray(x), lead)

    return SmallWorldness(
        value=shaped(value),
        kind=kind,
        definition=_DEFINITIONS[kind],
        clustering=shaped(own[:, 0]),
        path_length=shaped(own[:, 1]),
        null_clustering=shaped(randomized[..., 0]),
        null_path_length=shaped(randomized[..., 1]),
        lattice_clustering=None if regular is None else shaped(regular[..., 0]),
        lattice_path_length=None if regular is None else shaped(regular[..., 1]),
        clustering_ratio=shaped(ratios[:, 0]),
        path_length_ratio=shaped(ratios[:, 1]),
        null=_name(null),
        lattice=None if lattice is None else _name(lattice),
        weighted=weighted,
        unreachable=unreachable,
        note=_note(value, parts),
    )


def _note(value: NDArray[np.float64], parts: NDArray[np.float64]) -> str:
    """Why a coefficient is nan, where one is."""
    undefined = np.isnan(value)
    if not undefined.any():
        return ""
    names = ("the network", "its random networks", "its lattices")
    missing = [name for k, name in enumerate(names[: parts.shape[1]]) if np.isnan(parts[undefined, k]).any()]
    which = f"{undefined.sum()} of {len(value)} networks: " if len(value) > 1 else ""
    if not missing:
        return which + "undefined, as C or L of the random networks or lattices is 0"
    return which + (
        f"undefined, as {' and '.join(missing)} have no C or L (no pair is connected, or nothing can be rewired: "
        "threshold a network in which all pairs are connected)"
    )


def ring_lattice(net: Network, rng: random.RNG = None) -> Any:
    """All connections between the nearest nodes on a ring, the strongest between the nearest of all.

    Nodes keep their order; weights fill the pairs at distance 1 in random order, then those at distance 2, and so
    on (Muldoon et al. 2016). Keeps the number of connections, the weights as a set, and directedness.
    """
    w = validate.as_weights(net)
    n = w.shape[0]
    directed = not validate.is_symmetric(w)
    if sparse.issparse(w):
        entries = w.tocoo()
        values = entries.data[entries.row != entries.col if directed else entries.row < entries.col]
    else:
        values = w[~np.eye(n, dtype=bool) if directed else np.tri(n, k=-1, dtype=bool).T]
        values = values[values != 0]
    values = np.sort(values)[::-1]
    steps = np.arange(1, min(n // 2, -(-len(values) // n)) + 1)
    sources, gaps = (x.ravel() for x in np.meshgrid(np.arange(n), np.append(steps, -steps) if directed else steps))
    once = ~((2 * np.abs(gaps) == n) & ((gaps < 0) if directed else (sources >= n // 2)))  # opposite nodes meet twice
    sources, gaps = sources[once], gaps[once]
    draws = np.random.default_rng(random.seed_sequence(rng)).random(len(gaps))  # below 1, the least difference of gaps
    chosen = np.argsort(np.abs(gaps) + draws)[: len(values)]
    rows, columns = sources[chosen], (sources + gaps)[chosen] % n
    if sparse.issparse(w):
        out = sparse.csr_array((values, (rows, columns)), shape=(n, n))
        return out if directed else sparse.csr_array(out + out.T)
    full = np.zeros((n, n))
    full[rows, columns] = values
    if not directed:
        full[columns, rows] = values
    return full


@dataclass(frozen=True)
class _Properties:
    """C and L of a network or stack, by the definitions chosen."""

    weighted: bool
    method: Method | None
    unreachable: Literal["exclude", "infinite"]

    def __call__(self, w: Any) -> tuple[Any, Any]:
        c = clustering(w, method=self.method).mean(axis=-1)
        with undefined.noted():  # the result has a note
            return c, path_length(w, lengths="inverse" if self.weighted else "hops", unreachable=self.unreachable)


def _simplified(w: Any, weighted: bool) -> Any:
    """What is measured: connections, or weights, between distinct nodes."""
    w = transform.remove_self_connections(w if weighted else transform.binarize(w))
    if sparse.issparse(w):
        return w.toarray() if w.shape[0] <= _DENSE_UP_TO else w
    return validate.for_kernels(w)


def _own(w: Any, properties: _Properties) -> NDArray[np.float64]:
    """C and L of networks, shape (networks, 2)."""
    return np.array([properties(w)]) if sparse.issparse(w) else np.stack(properties(stacks.flatten(w)[0]), axis=-1)


def _null_properties(task: tuple[Any, Callable[..., Any], _Properties, np.random.Generator]) -> tuple[float, float]:
    w, model, properties, rng = task
    return properties(model(w, rng))


def _randomized(
    members: Any,
    model: Callable[..., Any],
    sources: list[list[np.random.Generator]],
    properties: _Properties,
    n_jobs: int | None,
) -> NDArray[np.float64]:
    """C and L of nulls, shape (networks, nulls, 2); nan where the model is ours and has nothing to rewire."""
    function = model.func if isinstance(model, partial) else model
    rewires = function in (nulls.degree_preserving, nulls.lattice)
    together = rewires or function is nulls.erdos_renyi
    out = np.full((len(members), len(sources[0]), 2), np.nan)
    for k, w in enumerate(members):
        if rewires and _is_fixed(w):
            continue
        if not properties.weighted and (together or function is ring_lattice) and _is_complete(w):
            out[k] = properties(w)  # with every pair connected there is one network
            continue
        if together and not sparse.issparse(w):
            step = chunk_size(len(w))
            for a in range(0, len(sources[k]), step):
                some = random.Each(sources[k][a : a + step])
                out[k, a : a + step] = np.stack(properties(model(w, some, size=len(some))), axis=-1)
        else:
            tasks = [(w, model, properties, rng) for rng in sources[k]]
            out[k] = parallel.parallel_map(_null_properties, tasks, n_jobs=n_jobs)
    return out


def _rewired(w: Any, drawn: bytes, swaps_per_edge: int, unreachable: str) -> NDArray[np.float64]:
    """C and L of binary degree-preserving nulls, (networks, nulls, 2), in one compiled loop over all of them.

    The seeds of the nulls come as bytes, so that sigma and omega of the same networks know that they draw the same.
    """
    members, _ = stacks.flatten(w)
    seeds = np.frombuffer(bytearray(drawn), np.uint64).reshape(len(members), -1)  # writeable, as all seeds are
    out = np.full((*seeds.shape, 2), np.nan)
    free = np.array([not _is_fixed(w) for w in members])
    if not free.any():
        return out
    members, seeds = validate.for_kernels(members if free.all() else members[free]), seeds[free]
    directed = np.array([not validate.is_symmetric(w) for w in members])
    n = members.shape[-1]
    c, sums = np.empty(seeds.size), np.empty((seeds.size, 3))

    def use(which: slice, batch: Batch) -> None:
        rewire(batch, swaps_per_edge * batch.counts)
        edges = batch.begins, batch.directed, batch.sources, batch.targets
        kernels.small_world.summarize(n, *edges, c[which], sums[which])

    network = np.repeat(np.arange(len(members)), seeds.shape[1])
    in_batches(use, members, directed, network, seeds.ravel())
    out[free] = np.stack([c, mean_length(sums, n, unreachable)], axis=-1).reshape(*seeds.shape, 2)
    return out


def _is_fixed(w: Any) -> bool:
    """Whether no connection can be switched: fewer than two, or all there are."""
    connections = w.nnz if sparse.issparse(w) else np.count_nonzero(w)
    return bool(connections < (2 if not validate.is_symmetric(w) else 4) or _is_complete(w))


def _is_complete(w: Any) -> bool:
    """Whether every pair of nodes is connected, of a network without self-connections."""
    connections = w.nnz if sparse.issparse(w) else np.count_nonzero(w)
    return bool(connections == w.shape[0] * (w.shape[0] - 1))


def _value(kind: str, own: Any, null: Any, lattice: Any = None) -> float:
    """The coefficient, from C and L of the network, and their means over nulls and lattices."""
    if kind == "sigma":
        return float((own[0] / null[0]) / (own[1] / null[1]))
    if kind == "omega":
        return float(null[1] / own[1] - own[0] / max(lattice[0], own[0]))
    room = lattice - null
    if not (room > 0).all():
        return np.nan
    lost_clustering = np.clip((lattice[0] - own[0]) / room[0], 0, 1)
    added_length = np.clip((own[1] - null[1]) / room[1], 0, 1)
    return float(1 - np.sqrt((lost_clustering**2 + added_length**2) / 2))


def _name(model: Any) -> str:
    if isinstance(model, str):
        return model
    function = model.func if isinstance(model, partial) else model
    return str(getattr(function, "__name__", type(function).__name__))
