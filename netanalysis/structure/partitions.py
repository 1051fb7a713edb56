"""How alike two partitions of the same nodes are."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, stacks, validate
from netanalysis._core.results import result
from netanalysis._core.rounding import ROUNDING

__all__ = ["PartitionComparison", "compare_partitions"]

EPS = float(np.finfo(float).eps)
Mean = Literal["arithmetic", "geometric", "max", "min"]


@result
class PartitionComparison:
    """Result of :func:`compare_partitions`: numbers, or arrays over the leading axes of the labels.

    Attributes
    ----------
    variation_of_information : float or ndarray
        In nats, ``H(a) + H(b) - 2 I(a; b)``: 0 for the same partition, a metric, at most log n.
    normalized_mutual_information : float or ndarray
        ``I(a; b) / mean(H(a), H(b))``, with the mean named in `mean`; 1 for the same partition.
    adjusted_mutual_information : float or ndarray
        The same less what partitions of these sizes share by chance (Vinh et al. 2010): 0 on average for random ones,
        and where one of two different partitions parts all nodes, as any other then shares with it just that.
    adjusted_rand_index : float or ndarray
        Share of pairs of nodes on which the two agree, less what is expected by chance (Hubert & Arabie).
    joint_entropy : float or ndarray
        In nats.
    n_nodes : int
    mean : str
    """

    variation_of_information: Any
    normalized_mutual_information: Any
    adjusted_mutual_information: Any
    adjusted_rand_index: Any
    joint_entropy: Any
    n_nodes: int
    mean: str

    @property
    def variation_in_bits(self) -> Any:
        """Variation of information in bits."""
        return stacks.number(np.asarray(self.variation_of_information) / np.log(2))

    @property
    def variation_over_log_n(self) -> Any:
        """Variation of information over its largest value, log n: what `partition_distance` of bctpy returns."""
        return stacks.number(stacks.ratio(self.variation_of_information, np.log(self.n_nodes), otherwise=0.0))

    @property
    def variation_over_joint_entropy(self) -> Any:
        """Variation of information over the joint entropy, within [0, 1] for any n, and a metric as well."""
        return stacks.number(stacks.ratio(self.variation_of_information, self.joint_entropy, otherwise=0.0))


def compare_partitions(a: ArrayLike, b: ArrayLike, *, mean: Mean = "arithmetic") -> PartitionComparison:
    """Compare two partitions of the same nodes, whatever their labels are called.

    Parameters
    ----------
    a, b : array_like, shape (n,) or (..., n)
        A label per node, numbers or strings. Leading axes are matched as numpy broadcasts: all runs of
        :func:`detect_communities` against one partition, say.
    mean : {"arithmetic", "geometric", "max", "min"}
        The mean of both entropies that the mutual information is divided by, normalised and adjusted.

    Returns
    -------
    PartitionComparison

    Raises
    ------
    ValueError
        If a and b are not of the same nodes.

    Notes
    -----
    Two partitions that both put all nodes together, or each node alone, are the same one: 1, and variation 0.

    References
    ----------
    Meilă 2007, doi:10.1016/j.jmva.2006.11.013 (variation of information); Vinh, Epps & Bailey 2010,
    https://jmlr.org/papers/v11/vinh10a.html (adjusted); Hubert & Arabie 1985, doi:10.1007/BF01908075 (Rand index).

    Examples
    --------
    >>> import netanalysis as na
    >>> found = na.compare_partitions([0, 0, 0, 1, 1, 1], ["x", "x", "y", "y", "z", "z"])
    >>> round(found.variation_of_information, 6), round(found.normalized_mutual_information, 6)
    (0.867563, 0.515804)
    """
    options.choice(mean, get_args(Mean), "mean")
    first, second = _codes(a, "a"), _codes(b, "b")
    n = first.shape[-1]
    if second.shape[-1] != n:
        raise ValueError(f"a and b must hold a label for each of the same nodes; got {n} and {second.shape[-1]}")
    try:
        lead = np.broadcast_shapes(first.shape[:-1], second.shape[:-1])
    except ValueError:
        raise ValueError(f"a of shape {first.shape} and b of shape {second.shape} do not match") from None
    pairs = [np.broadcast_to(codes, (*lead, n)).reshape(-1, n) for codes in (first, second)]
    values = np.empty((len(pairs[0]), 5))
    for k, (x, y) in enumerate(zip(*pairs, strict=True)):
        values[k] = _compared(x, y, mean)
    variation, normalized, joint, adjusted, rand = (stacks.restore(column, lead) for column in values.T)
    return PartitionComparison(
        variation_of_information=variation,
        normalized_mutual_information=normalized,
        adjusted_mutual_information=adjusted,
        adjusted_rand_index=rand,
        joint_entropy=joint,
        n_nodes=n,
        mean=mean,
    )


def _codes(labels: ArrayLike, name: str) -> NDArray[np.intp]:
    """Labels of any kind as integers."""
    array = validate.label_array(labels, name)
    if array.ndim == 0 or array.shape[-1] == 0:
        raise ValueError(f"{name} must hold one label per node, shape (..., n); got shape {array.shape}")
    return np.unique(array, return_inverse=True)[1].reshape(array.shape)


def _compared(x: NDArray[np.intp], y: NDArray[np.intp], mean: str) -> tuple[float, float, float, float, float]:
    """Variation of information, normalised and joint information (in nats), adjusted mutual information and Rand."""
    cells, count = np.unique(x * (int(y.max()) + 1) + y, return_counts=True)
    rows, columns = (sizes[sizes > 0] for sizes in (np.bincount(x), np.bincount(y)))
    n, of_x, of_y, joint = len(x), _entropy(rows), _entropy(columns), _entropy(count)
    mutual = max(0.0, of_x + of_y - joint)
    middle = {
        "arithmetic": (of_x + of_y) / 2,
        "geometric": float(np.sqrt(of_x * of_y)),
        "max": max(of_x, of_y),
        "min": min(of_x, of_y),
    }[mean]
    same = joint == 0.0  # both put all nodes together
    normalized = 1.0 if same else mutual / middle if middle else 0.0
    alike = len(cells) == len(rows) == len(columns)  # the same parts
    adjusted = 1.0
    if not alike:
        chance = _expected_information(rows, columns)
        gain, room = mutual - chance, middle - chance
        # Where one of them parts all nodes, any other shares with it just what is expected: no rounding by rounding.
        if abs(gain) <= ROUNDING * mutual:
            adjusted = 0.0
        else:
            adjusted = gain / (room if abs(room) > EPS else np.copysign(EPS, room))
    return max(0.0, 2 * joint - of_x - of_y), normalized, joint, adjusted, _rand(rows, columns, count, n)


def _rand(rows: NDArray[np.intp], columns: NDArray[np.intp], count: NDArray[np.intp], n: int) -> float:
    """Pairs that are together in both, less those expected, over the most that could be (Hubert & Arabie)."""
    both, one, other, every = (float((c.astype(float) * (c - 1)).sum()) for c in (count, rows, columns, np.array([n])))
    if both == one == other or every == 0:
        return 1.0
    chance = one * other / every
    return (both - chance) / ((one + other) / 2 - chance)


def _expected_information(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> float:
    """Mutual information of partitions with parts of these sizes whose labels are shuffled (Vinh et al. 2010).

    Parts of a and b nodes share k of n with the probability of the hypergeometric distribution. Parts of equal size are
    taken together.
    """
    from scipy.special import gammaln

    n = int(rows.sum())
    log_factorial = gammaln(np.arange(n + 2) + 1.0)
    (a_sizes, a_times), (b_sizes, b_times) = (np.unique(sizes, return_counts=True) for sizes in (rows, columns))
    total = 0.0
    for a, times in zip(a_sizes.tolist(), a_times.tolist(), strict=True):
        low, high = np.maximum(1, a + b_sizes - n), np.minimum(a, b_sizes)
        length = np.maximum(high - low + 1, 0)
        b = np.repeat(b_sizes, length)
        k = np.arange(len(b)) - np.repeat(np.cumsum(length) - length - low, length)
        log_p = log_factorial[a] + log_factorial[b] + log_factorial[n - a] + log_factorial[n - b] - log_factorial[n]
        log_p -= log_factorial[k] + log_factorial[a - k] + log_factorial[b - k] + log_factorial[n - a - b + k]
        shared = k / n * np.log(n * k / (a * b.astype(float))) * np.exp(log_p)
        total += times * float(shared @ np.repeat(b_times, length))
    return total


def _entropy(counts: NDArray[np.intp]) -> float:
    share = counts / counts.sum()
    return max(0.0, -float(share @ np.log(share)))
