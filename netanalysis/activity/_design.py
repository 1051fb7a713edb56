"""From a recording to regression: predictors of trials, activity in windows, cross-validation folds."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import options, validate
from netanalysis._core.rounding import alike
from netanalysis.recording import Recording, as_recording


def predictors(
    recording: Recording, variables: Sequence[str] | Mapping[str, Any]
) -> tuple[NDArray[np.float64], tuple[str, ...], NDArray[np.int64]]:
    """Design matrix (trials, p), names of the variables, and which variable each column belongs to."""
    if isinstance(variables, str):
        raise TypeError(f"variables must be a list of columns or a mapping; got the string {variables!r}")
    if not isinstance(variables, Mapping):
        variables = {name: name for name in options.names(variables, "variables", "columns of recording.conditions")}
    if not variables:
        raise ValueError("variables must name at least one variable")
    blocks, groups = [], []
    for k, (name, source) in enumerate(variables.items()):
        if isinstance(source, str) or (
            isinstance(source, (list, tuple)) and all(isinstance(item, str) for item in source)
        ):
            columns = [source] if isinstance(source, str) else list(source)
            block = np.concatenate([_as_predictors(column(recording, c, "variables")) for c in columns], axis=1)
        else:
            block = validate.as_array(source, f"variables[{name!r}]")
            block = block[:, None] if block.ndim == 1 else block
            if block.ndim != 2 or len(block) != recording.n_trials:
                raise ValueError(
                    f"variables[{name!r}] must have one row per trial, {recording.n_trials}; got shape {block.shape}"
                )
        if alike(block, 0).all():
            raise ValueError(f"variables[{name!r}] has the same value on every trial: it cannot explain anything")
        blocks.append(block)
        groups += [k] * block.shape[1]
    return np.ascontiguousarray(np.concatenate(blocks, axis=1)), tuple(map(str, variables)), np.array(groups)


def column(recording: Recording, name: Any, argument: str) -> NDArray[Any]:
    """One column of the conditions, complete: numbers, booleans or strings."""
    if not isinstance(name, Hashable) or name not in as_recording(recording).conditions:
        raise ValueError(
            f"{argument} must name columns of recording.conditions; got {name!r}, "
            f"there are {list(recording.conditions.columns)}"
        )
    values = recording.conditions[name]
    if values.isna().any():
        raise ValueError(f"{argument}: recording.conditions[{name!r}] has missing values; leave those trials out first")
    return validate.as_labels(values, recording.n_trials, f"recording.conditions[{name!r}]")


def _as_predictors(values: NDArray[Any]) -> NDArray[np.float64]:
    """Numbers as they are, anything else as one indicator per level."""
    if values.dtype.kind in "iuf":
        return values.astype(float)[:, None]
    return np.asarray(np.unique(values)[None, :] == values[:, None], dtype=float)


def window_means(
    recording: Recording, windows: int | Sequence[tuple[int, int]]
) -> tuple[NDArray[np.float64], tuple[tuple[int, int], ...]]:
    """Mean activity (trials, units, windows) and the steps of each window."""
    steps = as_recording(recording).n_time
    if isinstance(windows, (int, np.integer)):
        count = options.count(windows, "windows")
        if count > steps or steps % count:
            raise ValueError(
                f"windows must divide the {steps} time steps evenly; got {count}: give (start, stop) pairs"
            )
        edges = np.linspace(0, steps, count + 1).astype(int)
        spans = tuple((int(a), int(b)) for a, b in pairwise(edges))
    else:
        try:
            spans = tuple((int(a), int(b)) for a, b in windows)
        except (TypeError, ValueError):
            raise ValueError(f"windows must be a number, or (start, stop) pairs of steps; got {windows!r}") from None
        if not spans or any(not 0 <= a < b <= steps for a, b in spans):
            raise ValueError(f"windows must be (start, stop) pairs with 0 <= start < stop <= {steps}; got {spans}")
    means = [recording.activity[:, a:b].mean(axis=1) for a, b in spans]
    return np.stack(means, axis=-1), spans


def folds(n: int, k: int, repeats: int, generator: np.random.Generator) -> list[NDArray[np.intp]]:
    """Test trials of every fold of `repeats` shuffled k-fold partitions."""
    return [part for _ in range(repeats) for part in np.array_split(generator.permutation(n), k)]
