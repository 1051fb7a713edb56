"""What the network loses with each group of its units."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netanalysis._core import validate
from netanalysis._core.results import result

__all__ = ["LesionEffects", "lesion"]


@result
class LesionEffects:
    """What silencing each group does: ``effects[group, score] = lesioned[group, score] - baseline[score]``."""

    groups: tuple[Any, ...]
    scores: tuple[Any, ...]
    baseline: NDArray[np.float64]
    lesioned: NDArray[np.float64]

    @property
    def effects(self) -> NDArray[np.float64]:
        """Change from the intact network; negative is a loss."""
        return self.lesioned - self.baseline


def lesion(
    run: Callable[[NDArray[np.bool_]], Mapping[Any, float] | ArrayLike],
    groups: Any,
    *,
    which: Iterable[Any] | None = None,
) -> LesionEffects:
    """Silence each group of units in turn and score what is left.

    Parameters
    ----------
    run : callable
        ``run(silenced)`` re-runs the model with the units where the mask is True silenced, and returns its
        scores: a mapping name -> score (accuracy per task, say) or an array.
    groups : FunctionalClusters or array_like, shape (n,)
        Group of each unit; negative integers belong to no group.
    which : iterable, optional
        Groups to lesion; default all.

    Returns
    -------
    LesionEffects

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> strength = np.array([1.0, 2, 3])
    >>> na.lesion(lambda silenced: {"sum": strength[~silenced].sum()}, [0, 0, 1]).effects
    array([[-3.],
           [-3.]])
    """
    raw = validate.label_array(getattr(groups, "labels", groups), "groups")
    labels = validate.as_labels(raw, len(np.atleast_1d(raw)), "groups")
    if which is None:
        which = np.unique(labels[labels >= 0] if labels.dtype.kind in "iuf" else labels).tolist()
    which = tuple(which)
    missing = [g for g in which if not np.any(labels == g)]
    if missing or not which:
        raise ValueError(f"which must name groups that have units; got {list(which)}, without units: {missing}")
    intact = run(np.zeros(len(labels), bool))
    names = tuple(intact) if isinstance(intact, Mapping) else tuple(range(np.size(intact)))

    def scores(result: Any) -> NDArray[np.float64]:
        values = [result[name] for name in names] if isinstance(result, Mapping) else np.ravel(result)
        try:
            return np.asarray(values, dtype=float)
        except (TypeError, ValueError):
            raise ValueError(f"run must return scores that are numbers; got {values[:5]!r}") from None

    lesioned = np.stack([scores(run(labels == g)) for g in which])
    return LesionEffects(which, names, scores(intact), lesioned)
