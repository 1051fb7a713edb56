"""Is a person's network the same in the next scan, and another one than other people's?"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import node_order, options, random, scaling, stacks, undefined, validate
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis.connectome import Connectome
from netanalysis.groups._people import edges_of, stacked
from netanalysis.groups._regression import p_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Identifiability", "identifiability", "reliability"]

_KINDS = ("1,1", "2,1", "3,1", "1,k", "2,k", "3,k")


def reliability(scans: Any, *, icc: Literal["1,1", "2,1", "3,1", "1,k", "2,k", "3,k"] = "2,1") -> Any:
    """Intraclass correlation of repeated scans: the share of variance that lies between people.

    Parameters
    ----------
    scans : array_like, shape (people, scans, ...)
        A number per scan, one per node ``(people, scans, n)``, or networks ``(people, scans, n, n)``; a Connectome
        stack with these two leading axes.
    icc : {"1,1", "2,1", "3,1", "1,k", "2,k", "3,k"}
        With BP, BS, E the mean squares between people, between scans and of the rest, W that within people, for n
        people and k scans (Shrout & Fleiss 1979):

        "1,1" ``(BP - W) / (BP + (k - 1) W)``: scans of each person are interchangeable;
        "2,1" ``(BP - E) / (BP + (k - 1) E + k (BS - E) / n)``: agreement, a shift between scans counts as error;
        "3,1" ``(BP - E) / (BP + (k - 1) E)``: consistency, a shift of everybody does not count;
        "1,k" ``(BP - W) / BP``, "2,k" ``(BP - E) / (BP + (BS - E) / n)``, "3,k" ``(BP - E) / BP``: the same of the
        mean of k scans.

    Returns
    -------
    float or ndarray
        A value per trailing entry; nan where nothing varies. Negative values mean that scans of one person differ more
        than those of different people. With few people the denominators of "2,1" and "2,k", estimates themselves, can
        be negative, and the quotient is no share then.

    Raises
    ------
    ValueError
        With fewer than 2 people or 2 scans.

    References
    ----------
    Shrout & Fleiss 1979, doi:10.1037/0033-2909.86.2.420; McGraw & Wong 1996, doi:10.1037/1082-989X.1.1.30.

    Examples
    --------
    >>> import netanalysis as na
    >>> scans = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> round(na.reliability(scans, icc="2,1"), 3), round(na.reliability(scans, icc="3,1"), 3)
    (0.29, 0.715)
    """
    options.choice(icc, _KINDS, "icc")
    if isinstance(scans, (list, tuple)) and all(isinstance(of_one, (list, tuple)) for of_one in scans):
        named = [
            (f"scans[{k}][{j}]", scan)
            for k, of_one in enumerate(scans)
            for j, scan in enumerate(of_one)
            if node_order.own_labels(scan) is not None
        ]
        for name, scan in named[1:]:
            node_order.same_nodes(named[0][1], scan, (named[0][0], name))
    x = validate.as_array(scans, "scans")
    if x.ndim < (4 if isinstance(scans, Connectome) else 2) or min(x.shape[:2]) < 2:
        raise ValueError(f"scans must have shape (people, scans, ...), at least 2 of both; got {x.shape}")
    if x.ndim == 3 and x.shape[1] == x.shape[2] > 2 and np.array_equal(x, x.swapaxes(1, 2)):
        raise ValueError(
            f"scans look like one network per person, {x.shape}: of several scans they have shape (people, scans, n, n)"
            ", such as np.stack([first, second], axis=1)"
        )
    n, k = x.shape[:2]
    if x.ndim == 4 and k > 2 * n:
        warnings.warn(
            f"scans of shape {x.shape} are {n} people with {k} scans of each; of {n} scans of {k} people they are "
            "np.stack([first, second], axis=1)",
            stacklevel=2,
        )
    x, _ = scaling.to_one(x, axis=(0, 1))
    size = np.abs(x).max(axis=(0, 1))
    x = x - x.mean(axis=(0, 1))
    scale = np.abs(x).max(axis=(0, 1))
    people, repeats = x.mean(axis=1), x.mean(axis=0)
    between = k * (people**2).sum(axis=0) / (n - 1)
    shift = n * (repeats**2).sum(axis=0) / (k - 1)
    within = ((x - people[:, None]) ** 2).sum(axis=(0, 1)) / (n * (k - 1))
    error = ((x - people[:, None] - repeats) ** 2).sum(axis=(0, 1)) / ((n - 1) * (k - 1))
    rest = within if icc[0] == "1" else error
    extra = (shift - error) / n if icc[0] == "2" else 0.0
    whole = between + (0.0 if icc[-1] == "k" else (k - 1) * rest) + extra * (1 if icc[-1] == "k" else k)
    defined = (scale > 1e-12 * size) & (np.abs(whole) > 1e-12 * scale**2)
    values = stacks.number(stacks.ratio(between - rest, np.where(defined, whole, 0.0)))
    network = np.ndim(values) == 2 and values.shape[0] == values.shape[1]
    counted = values[~np.eye(len(values), dtype=bool)] if network else values  # nobody has self-connections
    undefined.spoken(counted, "reliability", "nothing varies between people", of="values")
    return values


@result
class Identifiability:
    """How much more a person's two networks are alike than those of different people.

    ``similarity[a, b]`` is the correlation over edges of person a in the first scan with b in the second. `with_self`
    is the mean of its diagonal, `with_others` of the rest, `difference` the one less the other, with p from pairing
    people at random (`null_distribution`). `accuracy` is the share of people whose other scan is the most similar of
    all, the mean of both directions.
    """

    similarity: NDArray[np.float64]
    with_self: float
    with_others: float
    difference: float
    accuracy: float
    p: float
    null_distribution: NDArray[np.float64]
    n_nulls: int

    def table(self) -> pd.DataFrame:
        """A row per person: similarity with oneself, mean with others, and how often somebody else came closer."""
        import pandas as pd

        s = self.similarity
        own = np.diag(s)
        alone = len(s) - 1
        others = (s.sum(axis=0) + s.sum(axis=1) - 2 * own) / (2 * alone)
        closer = {
            "closer_in_second": (s > own[:, None]).sum(axis=1),
            "closer_in_first": (s > own[None]).sum(axis=0),
        }
        return pd.DataFrame({"person": np.arange(len(s)), "with_self": own, "with_others": others} | closer)


@recorded
def identifiability(first: Any, second: Any, *, n_nulls: int = 1000, rng: random.RNG = None) -> Identifiability:
    """Find people again by their network in a second scan.

    Parameters
    ----------
    first, second : network, shape (people, n, n), or list of networks
        Two scans of the same people in the same order.
    n_nulls : int
        Random pairings of people, for p of the difference.
    rng : seed, Generator or SeedSequence, optional

    Returns
    -------
    Identifiability
        The paper's differential identifiability is ``100 * difference``. With ``.table()``, a row per person.

    Raises
    ------
    ValueError
        If the scans have other people or nodes, fewer than 2 people, or somebody's edges are all equal.

    References
    ----------
    Amico & Goñi 2018, doi:10.1038/s41598-018-25089-1; Finn et al. 2015, doi:10.1038/nn.4135.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> rng = np.random.default_rng(0)
    >>> people = rng.normal(size=(12, 9, 9))
    >>> found = na.identifiability(people, people + rng.normal(size=people.shape), rng=0)
    >>> found.accuracy, round(found.difference, 2), round(found.p, 3)
    (1.0, 0.67, 0.001)
    """
    n_nulls = options.count(n_nulls, "n_nulls")
    parts = [stacked(first, name="first"), stacked(second, name="second")]
    if parts[0].shape != parts[1].shape:
        raise ValueError(
            f"first and second must have the same people and nodes; got shapes {parts[0].shape} and {parts[1].shape}"
        )
    node_order.same_nodes(first, second, ("first", "second"))
    if len(parts[0]) < 2:
        raise ValueError("identifiability needs at least 2 people; got 1")
    values = edges_of(np.concatenate(parts), name="first").values
    similarity = _correlations(*np.split(values, 2))
    n = len(similarity)
    own = np.diag(similarity)
    others = (similarity.sum() - own.sum()) / (n * (n - 1))
    found = [(similarity.argmax(axis=k) == np.arange(n)).mean() for k in (0, 1)]
    generator = np.random.default_rng(random.seed_sequence(rng))
    pairings = generator.permuted(np.tile(np.arange(n), (n_nulls, 1)), axis=1)
    paired = similarity[np.arange(n), pairings].mean(axis=1)
    null = paired - (similarity.sum() - n * paired) / (n * (n - 1))
    difference = own.mean() - others
    return Identifiability(
        similarity=similarity,
        with_self=float(own.mean()),
        with_others=float(others),
        difference=float(difference),
        accuracy=float(np.mean(found)),
        p=float(p_of(np.array([difference]), null, exact=False)[0]),
        null_distribution=null,
        n_nulls=n_nulls,
    )


def _correlations(*scans: NDArray[np.float64]) -> NDArray[np.float64]:
    parts = []
    for given, name in zip(scans, ("first", "second"), strict=True):
        values, _ = scaling.to_one(given, axis=1)
        left = values - values.mean(axis=1, keepdims=True)
        size = np.linalg.norm(left, axis=1, keepdims=True)
        flat = np.flatnonzero(size[:, 0] <= 1e-12 * np.linalg.norm(values, axis=1))
        if len(flat):
            raise ValueError(f"{name} must have edges that differ; those of person {int(flat[0])} are all equal")
        parts.append(left / size)
    return np.asarray(np.clip(parts[0] @ parts[1].T, -1, 1))
