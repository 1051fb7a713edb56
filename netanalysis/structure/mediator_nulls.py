"""Does a mediator carry more than wiring like this would have it carry? Null distributions of mediators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import options, random, stacks
from netanalysis._core.pvalues import Side, standardized_maximum_p
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis._core.types import Network, Null
from netanalysis.nulls._null_test import null_test
from netanalysis.structure.mediators import tidy
from netanalysis.structure.pathways import pathways

__all__ = ["MediatorTest", "mediator_test"]

Value = Literal["share", "gross", "excitatory", "inhibitory", "net"]


@result
class MediatorTest:
    """What :func:`mediator_test` returns; arrays have the axes of :class:`Mediators`, mediators last.

    Attributes
    ----------
    names : ndarray, (m,) or (m, 2)
    hops, steps : ndarray, or None
    observed : ndarray, shape (H, [T], [inputs], [outputs], m)
    z : ndarray
        ``(observed - null_mean) / null_std``; nan for a mediator whose null never varies.
    p : ndarray
        Of each mediator by itself.
    p_corrected : ndarray
        Corrected over the mediators of one hop and step (input, output) by the maximum statistic.
    null_mean, null_std : ndarray
    n_nulls : int
    value, null, alternative : str
    inputs, outputs : ndarray or None
        What the axes of inputs and outputs stand for, if `per` asked for them.
    step_axis : bool
        Whether there is an axis of steps.
    note : str
        What is nan and why.
    """

    names: NDArray[Any]
    hops: NDArray[np.intp]
    steps: NDArray[np.intp] | None
    observed: NDArray[np.float64]
    z: NDArray[np.float64]
    p: NDArray[np.float64]
    p_corrected: NDArray[np.float64]
    null_mean: NDArray[np.float64]
    null_std: NDArray[np.float64]
    n_nulls: int
    value: str
    null: str
    alternative: str
    inputs: Any = None
    outputs: Any = None
    step_axis: bool = True
    note: str = ""

    def table(self) -> Any:
        """A DataFrame with a row for each mediator that has flow, here or in null networks, least corrected p first.

        Columns: hops, step, input, output (those there are), mediator (or source and target), the value that was
        tested, null_mean, null_std, z, p, p_corrected.
        """
        axes: dict[str, Any] = {"hops": self.hops}
        if self.step_axis:
            axes["step"] = self.steps
        axes |= {k: v for k, v in (("input", self.inputs), ("output", self.outputs)) if v is not None}
        values = {self.value: self.observed}
        values |= {name: getattr(self, name) for name in ("null_mean", "null_std", "z", "p", "p_corrected")}
        shown = (np.nan_to_num(self.observed) != 0) | (np.nan_to_num(self.null_mean) != 0)
        rows = tidy(axes, self.names, values, shown)
        return rows.sort_values([*axes, "p_corrected", "p"], kind="stable", ignore_index=True)


@recorded
def mediator_test(
    net: Network,
    null: Null | str,
    *,
    inputs: ArrayLike | None = None,
    outputs: ArrayLike | None = None,
    max_hops: int,
    alpha: float = 1.0,
    normalize: str | float | None = None,
    groups: Any = None,
    at: int | Literal["any"] | None = None,
    per: Literal["input", "output", "pair"] | None = None,
    hops: ArrayLike | None = None,
    of: Literal["nodes", "connections"] = "nodes",
    value: Value = "share",
    n_nulls: int = 1000,
    alternative: Side = "two-sided",
    rng: random.RNG = None,
    n_jobs: int | None = None,
    progress: bool = False,
) -> MediatorTest:
    """What each mediator carries, against the same in networks of a null model.

    Parameters
    ----------
    net : network
    null : callable, (network, rng) -> weights; or name
        As in :func:`netanalysis.null_test`; :func:`netanalysis.choose_null` names one that fits.
    inputs, outputs, max_hops, alpha, normalize
        As in :func:`netanalysis.pathways`; nodes by module or label are looked up once.
    groups, at, per, hops, of
        As in :meth:`Pathways.through`. Connections need groups, as single ones are not there in every null network.
    value : {"share", "gross", "excitatory", "inhibitory", "net"}
        The attribute of :class:`Mediators` that is tested.
    n_nulls : int
        Number of null networks.
    alternative : {"two-sided", "greater", "less"}
    rng : seed, Generator or SeedSequence, optional
        The same seed gives the same answer for any number of jobs.
    n_jobs : int, optional
        Parallel jobs; default one, or what a surrounding ``joblib.parallel_config`` says.
    progress : bool
        Show a progress bar.

    Returns
    -------
    MediatorTest

    Notes
    -----
    On raw flows hubs would decide the maximum. Each mediator is standardised first, by the mean and the standard
    deviation of its observed and null values together, so that the observed network is one of ``n_nulls + 1`` alike
    if the null holds (Westfall & Young 1993; Nichols & Holmes 2002, doi:10.1002/hbm.1058). ``p_corrected`` is the
    share of these networks in which any mediator lies at least as far out, ties counted: ``(b + 1) / (n + 1)``. It
    holds for the mediators of one hop and step; choose `hops` and `at` beforehand, or correct over them too. Among
    hundreds of neurons some null network nearly always has one that is far out, so that few single neurons pass;
    their groups (classes, types) are fewer and pass more easily.

    Raises
    ------
    ValueError
        A stack, or single connections.

    Examples
    --------
    >>> import netanalysis as na
    >>> worm = na.datasets.load("celegans_chemical")
    >>> test = na.mediator_test(worm, "degree_preserving", inputs="sensory", outputs="motor", max_hops=2, at=1,
    ...                         hops=2, groups=worm.modules, n_nulls=19, rng=0)
    >>> test.names.tolist(), test.p_corrected.shape
    (['interneuron', 'motor', 'polymodal', 'sensory', 'unknown'], (1, 5))
    """
    stacks.one_network(net, instead="test its networks one by one")
    options.choice(value, get_args(Value), "value")
    options.choice(alternative, get_args(Side), "alternative")
    if of == "connections" and groups is None:
        raise ValueError(
            "connections differ from one null network to the next; give groups= to test those between them"
        )
    ends: dict[str, Any] = {
        "inputs": inputs,
        "outputs": outputs,
        "max_hops": max_hops,
        "alpha": alpha,
        "normalize": normalize,
    }
    asked = {"groups": groups, "at": at, "per": per, "hops": hops, "of": of}
    carried = pathways(net, **ends).through(**asked)
    if not len(carried.names):
        raise ValueError("no two groups are connected, so there are no connections to test")
    codes = None if of == "nodes" else carried.names
    test = null_test(
        net,
        _Flow(ends, asked, value, codes),
        null,
        n_nulls=n_nulls,
        alternative=alternative,
        rng=rng,
        n_jobs=n_jobs,
        progress=progress,
    )
    return MediatorTest(
        names=carried.names,
        hops=carried.hops,
        steps=carried.steps,
        observed=test.observed,
        z=test.z,
        p=test.p,
        p_corrected=standardized_maximum_p(test.observed, test.null_distribution, alternative),
        null_mean=test.null_mean,
        null_std=test.null_std,
        n_nulls=n_nulls,
        value=value,
        null=test.null,
        alternative=alternative,
        inputs=carried.inputs,
        outputs=carried.outputs,
        step_axis=carried.step_axis,
        note=test.note,
    )


@dataclass(frozen=True)
class _Flow:
    """The statistic: an array of what mediators carry."""

    ends: dict[str, Any]
    asked: dict[str, Any]
    value: str
    pairs: Any

    def __call__(self, net: Any) -> NDArray[np.float64]:
        carried = pathways(net, **self.ends).through(**self.asked)
        values: NDArray[np.float64] = getattr(carried, self.value)
        if self.pairs is None:
            return values
        # The pairs of groups of the observed network, 0 where this one has no connection between them.
        place = {tuple(pair): k for k, pair in enumerate(carried.names.tolist())}
        out = np.zeros((*values.shape[:-1], len(self.pairs)))
        for k, pair in enumerate(self.pairs.tolist()):
            if tuple(pair) in place:
                out[..., k] = values[..., place[tuple(pair)]]
        return out
