"""Whether motifs are more or less frequent than a null model has them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from netanalysis import transform
from netanalysis._core import random, stacks
from netanalysis._core.pvalues import Side, maximum_p
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis._core.types import Network, Null, takes_stacks
from netanalysis.connectome import Connectome
from netanalysis.nulls import degree_preserving, hirschberger_qi_steuer, triad_preserving
from netanalysis.nulls._choose_null import choose_null
from netanalysis.nulls._null_test import as_null, null_test, unwrapped
from netanalysis.structure.motifs import motif_census

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MotifTest", "motif_test"]

_FAR = 1e9  # the z of a count that the null model never has and always is the same


@result
class MotifTest:
    """Result of :func:`motif_test`. The arrays have a value per class on their last axis.

    Attributes
    ----------
    classes : tuple of str
    counts : ndarray, shape (..., classes)
    null_mean, null_std : ndarray, shape (..., classes)
    z : ndarray, shape (..., classes)
        nan where the null model keeps the count fixed.
    profile : ndarray, shape (..., classes)
        z over the root of its sum of squares: comparable between networks of different sizes (Milo et al. 2004).
    p : ndarray, shape (..., classes)
        Of each class by itself, as :func:`null_test` gives it.
    p_corrected : ndarray, shape (..., classes)
        Corrected for the number of classes: the share of nulls of which any class is as far from its mean, in z;
        not below `p`.
    size : int
    directed, induced : bool
    n_nulls : int
    null, alternative : str
    note : str
        What is nan and why; empty if nothing is.
    """

    classes: tuple[str, ...]
    counts: NDArray[np.float64]
    null_mean: NDArray[np.float64]
    null_std: NDArray[np.float64]
    z: NDArray[np.float64]
    profile: NDArray[np.float64]
    p: NDArray[np.float64]
    p_corrected: NDArray[np.float64]
    size: int
    directed: bool
    induced: bool
    n_nulls: int
    null: str
    alternative: str
    note: str = ""

    def to_frame(self) -> pd.DataFrame:
        """A row per class: motif, count, null_mean, null_std, z, p, p_corrected (for one network, not a stack)."""
        import pandas as pd

        columns = ("null_mean", "null_std", "z", "p", "p_corrected")
        numbers = {name: getattr(self, name) for name in columns}
        return pd.DataFrame({"motif": self.classes, "count": self.counts.astype(int), **numbers})


@recorded
def motif_test(
    net: Network,
    *,
    size: Literal[3, 4] = 3,
    directed: bool | None = None,
    induced: bool = True,
    null: Null | str | None = None,
    n_nulls: int = 1000,
    alternative: Side = "two-sided",
    rng: random.RNG = None,
    n_jobs: int | None = None,
    progress: bool = False,
) -> MotifTest:
    """Which motifs a network has more or less often than its null model.

    Parameters
    ----------
    net : network or stack (..., n, n)
        As for :func:`motif_census`; the null model gets its connections, each counted 1.
    size, directed, induced
        As for :func:`motif_census`.
    null : callable or name, optional
        Default: :func:`netanalysis.nulls.degree_preserving`, which keeps the numbers of incoming and outgoing
        connections of every node. It does not keep the number of mutual ones, of which connectomes have many, so that
        every motif with a mutual pair stands out; :func:`netanalysis.nulls.reciprocity_preserving` does. Of motifs of
        four nodes, those stand out whose parts of three do; :func:`netanalysis.nulls.triad_preserving` keeps these, so
        that what is left is of four.
    n_nulls : int
        Number of null networks.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"`` asks whether a motif is more frequent than under the null.
    rng : seed, Generator or SeedSequence, optional
    n_jobs : int, optional
        joblib workers, as for :func:`null_test`.
    progress : bool
        Show a progress bar.

    Returns
    -------
    MotifTest

    Raises
    ------
    ValueError
        Without a `null`, of correlations: their entries depend on each other, and all of them are connected
        (:func:`choose_null`). Motifs of three nodes against the null model that keeps their numbers.

    References
    ----------
    Milo et al. 2002, doi:10.1126/science.298.5594.824; Milo et al. 2004, doi:10.1126/science.1089167 (profile).

    Examples
    --------
    >>> import netanalysis as na
    >>> worm = na.datasets.load("celegans_chemical")
    >>> test = na.motif_test(worm, n_nulls=50, rng=0)
    >>> [name for name, z in zip(test.classes, test.z) if z > 60]
    ['120U', '210', '300']
    >>> test = na.motif_test(worm, null="reciprocity_preserving", n_nulls=50, rng=0)
    >>> [name for name, z in zip(test.classes, test.z) if z > 15]
    ['030T', '120D', '120U', '210', '300']
    """
    first = motif_census(net, size=size, directed=directed, induced=induced)
    bare = transform.binarize(transform.remove_self_connections(net))
    model: Any = _default_null(net) if null is None else as_null(null)
    if size == 3 and unwrapped(model) is triad_preserving:
        raise ValueError(
            "null='triad_preserving' keeps the numbers of motifs of 3 nodes: it is for size=4. "
            "Use reciprocity_preserving or degree_preserving"
        )
    statistic = partial(motif_counts, size=size, directed=first.directed, induced=induced)
    test = null_test(
        bare, statistic, model, n_nulls=n_nulls, alternative=alternative, rng=rng, n_jobs=n_jobs, progress=progress
    )
    spread = np.nan_to_num(test.null_std)
    fixed = np.isnan(test.z)
    apart = np.where(fixed, np.sign(test.observed - test.null_mean) * _FAR, test.z)
    unit = np.where(fixed | (spread == 0), 1.0, spread)[..., None, :]
    drawn = (test.null_distribution - np.asarray(test.null_mean)[..., None, :]) / unit
    root = np.sqrt(np.nansum(np.square(test.z), axis=-1, keepdims=True))
    return MotifTest(
        classes=first.classes,
        counts=test.observed,
        null_mean=test.null_mean,
        null_std=test.null_std,
        z=test.z,
        profile=stacks.ratio(test.z, root),
        p=test.p,
        p_corrected=np.maximum(test.p, maximum_p(apart, np.where(fixed[..., None, :], 0.0, drawn), alternative)),
        size=first.size,
        directed=first.directed,
        induced=first.induced,
        n_nulls=test.n_nulls,
        null=test.null,
        alternative=alternative,
        note=test.note,
    )


@takes_stacks
def motif_counts(net: Network, **options: Any) -> NDArray[np.int64]:
    """The counts of :func:`motif_census` alone."""
    return motif_census(net, **options).counts


def _default_null(net: Network) -> Any:
    """The one that keeps degrees, unless the weights are correlations."""
    whole = net if isinstance(net, Connectome) else Connectome(net)
    for index in np.ndindex(whole.shape[:-2]):
        if choose_null(whole[index] if index else whole)[0] is hirschberger_qi_steuer:
            raise ValueError(
                "net holds correlations, which connect all pairs: motifs of them say nothing. "
                "If they are connections, give null="
            )
    return degree_preserving
