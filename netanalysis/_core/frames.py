"""pandas DataFrames as square weight matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import columns


def weights_of(frame: Any, name: str, *, incomplete: bool = False) -> NDArray[Any]:
    """The numbers of a square table, in their own type where all columns share one; NaN among them if `incomplete`."""
    if frame.shape[0] != frame.shape[1]:
        raise ValueError(
            f"{name} must be square, shape (n, n); got a DataFrame of shape {frame.shape}. "
            f"An edge list becomes a network through netanalysis.load({name})"
        )
    labels_of(frame, name)
    import pandas as pd

    kinds = pd.api.types
    for column, dtype in zip(frame.columns, frame.dtypes, strict=True):
        if not kinds.is_numeric_dtype(dtype) or kinds.is_complex_dtype(dtype):
            raise TypeError(
                f"{name} must hold real numbers; got the column {column!r} with dtype {dtype}. "
                f"If its values are numbers, convert them: {name}.astype(float)"
            )
    missing = frame.isna().to_numpy()
    if missing.any() and incomplete:
        return np.asarray(frame.to_numpy(dtype=np.float64, na_value=np.nan))
    if missing.any():
        i, j = (int(k) for k in np.argwhere(missing)[0])
        raise ValueError(
            f"{name} must be finite; got {int(missing.sum())} missing values (NaN or NA), the first in row "
            f"{frame.index[i]!r}, column {frame.columns[j]!r}. They are never filled here: set them to a value you can "
            "defend, or leave those nodes out"
        )
    types = {np.dtype(getattr(dtype, "numpy_dtype", np.float64) if not isinstance(dtype, np.dtype) else dtype)
             for dtype in frame.dtypes}  # fmt: skip
    return np.asarray(frame.to_numpy(dtype=types.pop() if len(types) == 1 else np.float64))


def labels_of(frame: Any, name: str) -> list[Any]:
    """Node names, by which rows and columns must agree: as text, or one of them only counts 0, 1, 2, …"""
    rows, above = list(frame.index), list(frame.columns)
    a, b = _names(rows), _names(above)
    if a == b:
        return rows
    count = [*range(len(rows))]
    if sorted(map(str, a)) != sorted(map(str, b)):
        if a == count:
            return above
        if b == count:
            return rows
        raise ValueError(
            f"{name} must have the same index and columns in the same order (rows are sources, columns targets); "
            f"got index {rows[:3]}… and columns {above[:3]}…. If one column names the nodes, make it the index: "
            f"{name}.set_index(column)"
        )
    as_text = "" if set(map(type, rows)) == set(map(type, above)) else ".rename(index=str, columns=str)"
    order = f"list({name}{as_text}.columns)"
    raise ValueError(
        f"{name} must have the same index and columns in the same order (rows are sources, columns targets); "
        f"got index {rows[:3]}… and columns {above[:3]}…. Reorder with order = {order}; "
        f"{name}{as_text}.loc[order, order]"
    )


def _names(values: list[Any]) -> list[Any]:
    return columns.identities([str(value) for value in values])
