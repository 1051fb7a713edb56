"""Does the wiring matter? A score on the real wiring and on null networks that keep more and more of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis import nulls
from netanalysis._core import options, random, stacks, validate
from netanalysis._core.pvalues import Side, holm
from netanalysis._core.records import recorded
from netanalysis._core.results import result
from netanalysis._core.types import Network, Null
from netanalysis.connectome import Connectome
from netanalysis.nulls._null_test import NullTest, null_test

__all__ = ["WiringTest", "wiring_test"]

_LADDER = ("erdos_renyi", "degree_preserving", "strength_preserving")


@result
class WiringTest:
    """What :func:`wiring_test` returns; a row for each null model, in the order of the ladder.

    Attributes
    ----------
    observed : float
        Score of the real wiring.
    nulls : tuple of str
    null_mean, null_std, z : ndarray, shape (k,)
    p : ndarray, shape (k,)
        Corrected over the null models (Holm).
    tests : tuple of NullTest
        One for each null model, with all its values; their p are not corrected.
    """

    observed: float
    nulls: tuple[str, ...]
    null_mean: NDArray[np.float64]
    null_std: NDArray[np.float64]
    z: NDArray[np.float64]
    p: NDArray[np.float64]
    tests: tuple[NullTest, ...]

    def suffices(self, level: float = 0.05) -> str | None:
        """The first null model whose networks score as the real one does, by p not below a level.

        What it keeps is enough for the score as far as this many nulls can tell; None if every null differs. A null
        that scores alike because it varies so much shows nothing: see `null_std`.
        """
        options.number_in(level, "level", above=0, below=1)
        alike = [name for name, p in zip(self.nulls, self.p, strict=True) if not p < level]
        return alike[0] if alike else None

    def table(self) -> Any:
        """A DataFrame with the null models as rows."""
        import pandas as pd

        columns = {"null": self.nulls, "observed": self.observed, "null_mean": self.null_mean}
        return pd.DataFrame(columns | {"null_std": self.null_std, "z": self.z, "p": self.p})


@recorded
def wiring_test(
    net: Network,
    run: Callable[[Any], float],
    *,
    nulls: Sequence[str | Null] | Mapping[str, Null] | None = None,
    n_nulls: int = 200,
    alternative: Side = "two-sided",
    rng: random.RNG = None,
    n_jobs: int | None = None,
    progress: bool = False,
) -> WiringTest:
    """Whether a network scores as it does because of its wiring, and which property of the wiring suffices.

    The score is computed on the real network and on null networks of each model of a ladder, from models that keep
    little to models that keep much. The first at which null networks score alike keeps what the score needs.

    Parameters
    ----------
    net : network
    run : callable, network -> float
        The score: ``lambda net: netanalysis.memory_capacity(net).total``, the accuracy of a network that you
        simulate, … It must give the same for the same network; draw its noise from a fixed seed inside. Of a
        Connectome it gets Connectomes.
    nulls : names or null models, or mapping of name to null model, optional
        The ladder. Default: ``erdos_renyi`` (as many connections), ``degree_preserving``, ``strength_preserving``, and,
        of signed weights, ``sign_preserving`` in place of the last, of a network with distances
        ``distance_binned`` after them.
    n_nulls : int
        Null networks of each model.
    alternative, rng, n_jobs, progress
        As for :func:`netanalysis.null_test`. Each model has its own seed, so that none depends on the others.

    Returns
    -------
    WiringTest

    Raises
    ------
    ValueError
        For a stack, an empty ladder, or fewer null networks than p below 0.05 after correction takes.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> w = np.kron(np.eye(3), np.ones((6, 6)) - np.eye(6))
    >>> w[0, 6] = w[6, 0] = w[6, 12] = w[12, 6] = 1
    >>> def triangles(w):
    ...     return float(np.trace(w @ w @ w))
    >>> found = na.wiring_test(w, triangles, nulls=["erdos_renyi", "degree_preserving"], n_nulls=99, rng=0)
    >>> found.suffices() is None, found.z.min() > 5
    (True, np.True_)
    """
    if not callable(run):
        raise TypeError(f"run must be a callable, network -> score; got {run!r}")
    w = stacks.one_network(net, instead="test each network by itself")
    ladder = _ladder(net, w, nulls)
    options.count(n_nulls, "n_nulls")
    sides = 2 if alternative == "two-sided" else 1
    if sides * len(ladder) / (n_nulls + 1) > 0.05:
        raise ValueError(
            f"n_nulls must be at least {int(20 * sides * len(ladder)) - 1} for p below 0.05 to be possible, corrected "
            f"over {len(ladder)} null models; got {n_nulls}"
        )
    seeds = random.seed_sequence(rng).spawn(len(ladder))
    common: dict[str, Any] = {"n_nulls": n_nulls, "alternative": alternative, "n_jobs": n_jobs, "progress": progress}
    tests = tuple(
        null_test(net, run, null, rng=seed, **common) for null, seed in zip(ladder.values(), seeds, strict=True)
    )
    if np.ndim(tests[0].observed):
        raise ValueError(f"run must return one number; got shape {np.shape(tests[0].observed)}")
    mean, std, z, p = (np.array([getattr(test, f) for test in tests]) for f in ("null_mean", "null_std", "z", "p"))
    return WiringTest(float(tests[0].observed), tuple(ladder), mean, std, z, holm(p), tests)


def _ladder(net: Network, w: Any, given: Any) -> dict[str, Any]:
    if given is None:
        names = list(_LADDER)
        if validate.has_negative(w):
            names[-1] = "sign_preserving"
        if isinstance(net, Connectome) and net.has_distances:
            names.append("distance_binned")
        given = names
    if isinstance(given, Mapping):
        ladder = dict(given)
    elif isinstance(given, str) or callable(given):
        ladder = {_name(given): given}
    else:
        ladder = {_name(null): null for null in given}
        if len(ladder) < len(given):
            raise ValueError("nulls must have names of their own; give a mapping of name to null model")
    if not ladder:
        raise ValueError("nulls must hold at least one null model; got none")
    return ladder


def _name(null: Any) -> str:
    if isinstance(null, str):
        return str(options.choice(null, nulls.__all__, "nulls"))
    return str(getattr(null, "__name__", getattr(getattr(null, "func", None), "__name__", repr(null))))
