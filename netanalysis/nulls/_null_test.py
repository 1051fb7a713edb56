"""Is this number surprising? One statistic of a network against the same statistic of its null model."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import options, parallel, random, stacks, undefined, validate
from netanalysis._core.pvalues import Side, p_value, standard_score
from netanalysis._core.results import result
from netanalysis._core.types import Network, Null, Statistic
from netanalysis.connectome import Connectome

__all__ = ["NullTest", "null_test"]


@result
class NullTest:
    r"""Result of :func:`null_test`. For a stack of networks every field has the stack's axes first.

    Attributes
    ----------
    observed : float or ndarray, shape (..., \*s)
        The statistic of the network; s is its own shape, empty for a number.
    null_distribution : ndarray, shape (..., n_nulls, \*s)
    null_mean, null_std : float or ndarray, shape (..., \*s)
        Of the null distribution; the standard deviation with ``n_nulls - 1`` in the denominator, 0 where the values
        differ by rounding only.
    z : float or ndarray, shape (..., \*s)
        ``(observed - null_mean) / null_std``; nan where the null does not vary.
    p : float or ndarray, shape (..., \*s)
    interval : tuple of float or ndarray, shape (..., \*s)
        Central 95 % of the null distribution (2.5 % and 97.5 % quantiles).
    n_undefined : int or ndarray, shape (..., \*s)
        Replicates whose statistic was nan.
    n_nulls : int
    statistic, null, alternative : str
    note : str
        What is nan and why; empty if nothing is.
    """

    observed: Any
    null_distribution: NDArray[np.float64]
    null_mean: Any
    null_std: Any
    z: Any
    p: Any
    interval: tuple[Any, Any]
    n_undefined: Any
    n_nulls: int
    statistic: str
    null: str
    alternative: str
    note: str = ""


def null_test(
    net: Network,
    statistic: Statistic,
    null: Null | str,
    *,
    n_nulls: int = 1000,
    alternative: Side = "two-sided",
    rng: random.RNG = None,
    n_jobs: int | None = None,
    progress: bool = False,
    vectorized: bool | None = None,
) -> NullTest:
    """Compare a statistic of a network with its distribution over a null model.

    Parameters
    ----------
    net : network, or stack (..., n, n)
        A stack gives a stack of results, equal to testing its networks one by one.
    statistic : callable, network -> float or array
        An array is tested element by element, without correction for their number.
    null : callable, (network, rng) -> weights; or name
        A function of :mod:`netanalysis.nulls` or its name, options by :func:`functools.partial`, or your own: it gets
        a :class:`numpy.random.Generator` and returns weights of the same shape (or a Connectome). One that has a
        parameter `size` is asked for many null networks at once, as ``null(net, rng=..., size=k)``.
    n_nulls : int
        Number of null networks. The smallest p is ``1 / (n_nulls + 1)``, twice that if two-sided.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"`` asks whether the observed value is larger than under the null.
    rng : seed, Generator or SeedSequence, optional
        Same seed, same answer, for any `n_jobs`; the first k null networks do not depend on `n_nulls`.
    n_jobs : int, optional
        joblib workers; None leaves it to a surrounding :func:`joblib.parallel_config`.
    progress : bool
        Show a progress bar.
    vectorized : bool, optional
        Whether `statistic` takes a stack (k, n, n) and returns k values. None: if it is marked so, as all measures of
        netanalysis are (:func:`netanalysis.takes_stacks`). A sparse network is always handled one null at a time.

    Returns
    -------
    NullTest

    Notes
    -----
    *What the callables get.* If `net` is a Connectome, both get a Connectome with positions, labels and all,
    so that spatial nulls and statistics work; else both get weights (ndarray or csr_array). Neither may edit it.

    *p-values.* With b of the n null values at least as large as the observed one,
    p = (b + 1) / (n + 1) for ``"greater"``, likewise for ``"less"``; two-sided is twice the smaller of
    the two, at most 1 (Phipson & Smyth 2010, doi:10.2202/1544-6115.1585). Values that differ by rounding alone, by
    less than 1e-12 of their size, count as ties.

    *Undefined values.* Nothing is dropped. A nan replicate is counted in `n_undefined`, counts as at least
    as extreme in p, and makes mean, standard deviation, z and interval nan. Infinite values are ranked like any
    others in p. A nan observed value has p and z nan. z is nan where the null values are all the same up to
    rounding: that null keeps the statistic fixed, and p is then near 1 or at its minimum.

    *Memory.* Null networks are made and measured in chunks whose size depends on n alone.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong kind, or `null` or `statistic` return something unusable.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> w = np.kron(np.eye(2), np.ones((4, 4)))
    >>> def shuffled(weights, rng):
    ...     return rng.permutation(weights.ravel()).reshape(weights.shape)
    >>> test = na.null_test(w, np.trace, shuffled, n_nulls=99, alternative="greater", rng=0)
    >>> test.observed, test.p
    (8.0, 0.01)
    """
    options.flags(progress=progress)
    options.optional_flags(vectorized=vectorized)
    options.jobs(n_jobs)
    if not callable(statistic):
        measure = f": a measure is one, na.MEASURES[{statistic!r}]" if isinstance(statistic, str) else ""
        raise TypeError(f"statistic must be a function of a network; got {statistic!r}{measure}")
    model = as_null(null)
    options.count(n_nulls, "n_nulls")
    options.choice(alternative, get_args(Side), "alternative")
    w = validate.as_weights(net)
    keep = net if isinstance(net, Connectome) else None
    members = [w]
    lead: tuple[int, ...] = ()
    if not sparse.issparse(w):
        flat, lead = stacks.flatten(w.view())
        flat.flags.writeable = False  # what a null model or statistic wrote would change the caller's network
        members = list(flat)
    roots = random.per_network(rng, len(members))
    stacked = not sparse.issparse(w) and (handles_stacks(statistic) if vectorized is None else vectorized)
    sized = takes_size(model)

    chunk = chunk_size(w.shape[-1])
    plan = _Plan(keep, statistic, model, stacked, sized, chunk)
    # A null or statistic of the user's own may be slow: small tasks share it out better.
    span = min(chunk if sized else 16, n_nulls)
    block = max(1, chunk // span)
    tasks = [
        _Task(members[a : a + block], roots[a : a + block], start, min(start + span, n_nulls), start // span)
        for a in range(0, len(members), block)
        for start in range(0, n_nulls, span)
    ]
    caption = f"{callable_name(statistic)}, {n_nulls} nulls" if progress else None
    # One BLAS thread everywhere: with two, the last digits would depend on where a chunk runs.
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        with undefined.noted() as reasons:
            observed = np.concatenate([plan.evaluate(members[a : a + block]) for a in range(0, len(members), block)])
        parts = parallel.parallel_map(plan, tasks, n_jobs=n_jobs, progress=caption)
    for part in parts:
        if part.shape[2:] != observed.shape[1:]:
            raise ValueError(
                f"statistic must have the same shape for every network; got {observed.shape[1:]} for net and "
                f"{part.shape[2:]} for a null network"
            )
    per_block = -(-n_nulls // span)
    values = np.concatenate(
        [np.concatenate(parts[k : k + per_block], axis=1) for k in range(0, len(parts), per_block)], axis=0
    )
    names = callable_name(statistic), callable_name(model)
    return from_values(observed, values, lead, alternative, *names, reasons=reasons)


class _Task(NamedTuple):
    """Replicates start:stop of some networks; `key` is the number of their chunk."""

    members: list[Any]
    roots: list[np.random.SeedSequence]
    start: int
    stop: int
    key: int


@dataclass(frozen=True)
class _Plan:
    """What to do with a task; picklable, so that it can travel to other processes."""

    net: Connectome | None  # what the weights came with
    statistic: Callable[[Any], Any]
    null: Callable[..., Any]
    stacked: bool
    sized: bool
    chunk: int

    def __call__(self, task: _Task) -> NDArray[np.float64]:
        """The statistic of the task's null networks, shape (members, stop - start, *s)."""
        nulls = [w for m, root in zip(task.members, task.roots, strict=True) for w in self._nulls(m, root, task)]
        with undefined.noted():  # they are counted
            values = self.evaluate(nulls)
        return values.reshape(len(task.members), task.stop - task.start, *values.shape[1:])

    def _nulls(self, weights: Any, root: np.random.SeedSequence, task: _Task) -> list[Any]:
        net = self._wrap(weights)
        count = task.stop - task.start
        if self.sized:
            made = self.null(net, rng=random.child(root, task.key), size=count)
            if isinstance(made, np.ndarray):
                made = validate.as_weights(made, name="what null returned")
                if made.shape != (count, *weights.shape):
                    raise ValueError(f"null must return size={count} networks {weights.shape}; got {made.shape}")
                return list(made)
            if len(made) != count:
                raise ValueError(f"null must return size={count} networks; got {len(made)}")
            return [self._checked(m, weights) for m in made]
        seeds = {
            key: random.seeds(random.child(root, key), min(self.chunk, task.stop - key * self.chunk))
            for key in self._chunks(task)
        }
        streams = (
            random.of_replicate(root, r, seeds[r // self.chunk][r % self.chunk]) for r in range(task.start, task.stop)
        )
        return [self._checked(self.null(net, rng), weights) for rng in streams]

    def _chunks(self, task: _Task) -> range:
        """Numbers of the chunks that a null model which makes many at once would have made these replicates in."""
        return range(task.start // self.chunk, (task.stop - 1) // self.chunk + 1)

    def _checked(self, made: Any, weights: Any) -> Any:
        w = validate.as_weights(made, name="the network that null returned")
        if w.shape != weights.shape:
            raise ValueError(f"null must return weights of shape {weights.shape}; got {w.shape}")
        return made if isinstance(made, Connectome) else w

    def _wrap(self, weights: Any) -> Any:
        if self.net is None or isinstance(weights, Connectome):
            return weights
        return self.net.replace(weights=weights)

    def evaluate(self, networks: list[Any]) -> NDArray[np.float64]:
        """The statistic of each network, shape (len(networks), *s)."""
        if self.stacked and not any(isinstance(w, Connectome) for w in networks):
            values = as_values(self.statistic(self._wrap(np.stack(networks))))
            if values.shape[:1] != (len(networks),):
                raise ValueError(
                    f"a vectorized statistic must return one value per network of a stack: for {len(networks)} "
                    f"networks it returned shape {values.shape}; pass vectorized=False"
                )
            return values
        each = [as_values(self.statistic(self._wrap(w))) for w in networks]
        if len({v.shape for v in each}) > 1:
            raise ValueError(
                f"statistic must have the same shape for every network; got {sorted({v.shape for v in each})}"
            )
        return np.stack(each)


def as_values(result: Any) -> NDArray[np.float64]:
    """What a statistic returned, as floats."""
    values = np.asarray(result)
    if values.dtype.kind not in "biuf":
        raise TypeError(
            f"statistic must return a real number or an array of them; got {type(result).__name__}. "
            f"For a result with fields, take one: lambda net: f(net).{_a_number_of(result)}"
        )
    return values.astype(np.float64)


def _a_number_of(result: Any) -> str:
    """The name of a field that is a number."""
    fields = getattr(result, "__dataclass_fields__", {})
    return next((name for name in fields if isinstance(getattr(result, name), (int, float))), "value")


def unwrapped(function: Any) -> Any:
    """The function inside any functools.partial."""
    while isinstance(function, partial):
        function = function.func
    return function


def handles_stacks(function: Any) -> bool:
    """Whether a callable is marked as one that takes stacks."""
    return bool(getattr(unwrapped(function), "takes_stacks", False))


def as_null(null: Any) -> Any:
    """A null model, from a function or from the name of one of ours."""
    if isinstance(null, str):
        from netanalysis import nulls

        return getattr(nulls, options.choice(null, nulls.__all__, "null"))
    if not callable(null):
        raise TypeError(f"null must be a function (network, rng) -> weights, or the name of one; got {null!r}")
    return null


def takes_size(null: Any) -> bool:
    """Whether a null model is asked for many networks at once."""
    try:
        parameter = inspect.signature(null).parameters.get("size")
    except (TypeError, ValueError):  # a builtin without a signature
        return False
    return parameter is not None and not (isinstance(null, partial) and "size" in null.keywords)


def callable_name(function: Any) -> str:
    """Name of a callable with the options bound to it, as it goes into tables."""
    inner = unwrapped(function)
    name = getattr(inner, "__name__", type(inner).__name__)
    bound: list[str] = []
    while isinstance(function, partial):
        bound = [*map(repr, function.args), *(f"{k}={v!r}" for k, v in function.keywords.items()), *bound]
        function = function.func
    return f"{name}({', '.join(bound)})" if bound else str(name)


def chunk_size(n: int) -> int:
    """Null networks held at a time: 8 MiB of them, at least 16 if those take no more than 128 MiB."""
    size = 8 * n * n
    return max(2**23 // size, min(16, 2**27 // size), 1)


def _note(test: NullTest, reasons: Sequence[str]) -> str:
    """What is nan in a result, and why."""
    said: list[str] = []
    for values, what, why in (
        (test.observed, "observed", "; ".join(reasons) or f"{test.statistic} is nan"),
        (test.null_mean, "null_mean", f"{test.statistic} is nan for {np.sum(test.n_undefined)} null networks"),
        (test.z, "z", "the null model keeps it fixed" if test.n_nulls > 1 else "one null network has no spread"),
    ):
        undefined = np.isnan(values)
        if undefined.any() and not said:  # what comes later is nan for the same reason
            of = f" for {undefined.sum()} of {undefined.size} values" if undefined.size > 1 else ""
            said.append(f"{what} is nan{of}: {why}")
    return "".join(said)


def from_values(
    observed: NDArray[np.float64],
    values: NDArray[np.float64],
    lead: tuple[int, ...],
    alternative: Side,
    statistic: str,
    null: str,
    *,
    reasons: Sequence[str] = (),
) -> NullTest:
    """Summaries of the null values (m, n_nulls, *s) against the observed ones (m, *s), nan for these reasons."""
    n = values.shape[1]
    # Each distribution contiguous: else the order of summation would depend on how many statistics there are.
    drawn = np.ascontiguousarray(np.moveaxis(values, 1, -1))
    p = p_value(observed, drawn, alternative)
    undefined = np.isnan(drawn).sum(axis=-1)
    mean, std, z = standard_score(observed, drawn)
    with np.errstate(invalid="ignore"):
        low, high = np.quantile(drawn, [0.025, 0.975], axis=-1)

    def back(array: NDArray[Any]) -> Any:
        return stacks.restore(array, lead)

    test = NullTest(
        observed=back(observed),
        null_distribution=np.asarray(back(values)),
        null_mean=back(mean),
        null_std=back(std),
        z=back(z),
        p=back(p),
        interval=(back(low), back(high)),
        n_undefined=back(undefined),
        n_nulls=n,
        statistic=statistic,
        null=null,
        alternative=alternative,
    )
    return replace(test, note=_note(test, reasons))
