"""Tidy tables as figures take them: one row an observation, columns by name, groups in the order of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from netanalysis.plot._colour import module_style
from netanalysis.plot._text import plain, short

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Tidy:
    """The rows of a table that can be drawn, by the roles of its columns, and the groups in their order."""

    rows: pd.DataFrame
    groups: tuple[Any, ...]

    def of(self, group: Any) -> pd.DataFrame:
        """The rows of one group."""
        return self.rows[self.rows["group"] == group]

    def palette(self) -> dict[Any, str]:
        """The colour of each group."""
        return {group: module_style(k)[0] for k, group in enumerate(self.groups)}

    def markers(self) -> dict[Any, str]:
        """The marker of each group: black and white tells them apart too."""
        return {group: "os^DvP"[k % 6] for k, group in enumerate(self.groups)}


def tidy(table: Any, by: str | None = None, *, categories: tuple[str, ...] = (), **columns: str | None) -> Tidy:
    """Rows whose columns, named by arguments, are all finite numbers (`categories`: anything but missing).

    Columns of the result are called as the arguments are, the group's ``group``; without `by` all are one group.
    """
    import pandas as pd

    if not isinstance(table, pd.DataFrame):
        raise TypeError(
            f"table must be a DataFrame with one row per observation; got {type(table).__name__}: "
            "pandas.DataFrame(...) makes one of a dict of columns"
        )
    rows = pd.DataFrame(index=range(len(table)))
    for argument, column in ({"by": by} | columns).items():
        if column is None:
            continue
        if column not in table.columns:
            there = ", ".join(map(str, table.columns)) or "none"
            raise ValueError(f"{argument} must name a column of table; got {column!r}, the columns are {there}")
        values = table[column].reset_index(drop=True)
        if argument == "by" or argument in categories:
            rows["group" if argument == "by" else argument] = values
            continue
        if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_complex_dtype(values):
            raise ValueError(
                f"{argument} must name a column of numbers; {column!r} holds {values.dtype}: "
                f"pandas.to_numeric(table[{column!r}]) makes numbers of text"
            )
        rows[argument] = values.astype(float)
    if by is None:
        rows["group"] = ""
    elif rows["group"].isna().any():
        raise ValueError(
            f"by must name the group of every row; {by!r} is empty in {rows['group'].isna().sum()} of {len(rows)}"
        )
    if not len(rows):
        raise ValueError("table must have at least one row; got none")
    groups = tuple(rows["group"].cat.categories if hasattr(rows["group"], "cat") else rows["group"].unique())
    numbers = [name for name in rows if name != "group" and name not in categories]
    complete = np.isfinite(rows[numbers].to_numpy()).all(axis=1) & rows[[*categories]].notna().to_numpy().all(axis=1)
    drawn = rows[complete]
    drawn = drawn.assign(group=drawn["group"].astype(object)).reset_index(drop=True)
    if not len(drawn):
        chosen = ", ".join(repr(column) for column in columns.values() if column is not None)
        raise ValueError(f"table must have rows with finite values of {chosen}; got none among {len(rows)}")
    present = set(drawn["group"])
    return Tidy(drawn, tuple(group for group in groups if group in present))


def text_of(labels: Mapping[Any, str] | None, name: Any, *, limit: int = 24) -> str:
    """What a column or group is called in the figure: the text given for it, else its own name."""
    if labels is not None and not isinstance(labels, Mapping):
        raise TypeError(f"labels must be a mapping from columns and groups to text; got {type(labels).__name__}")
    given = (labels or {}).get(name)
    if given is not None:
        return str(given)  # mathematics is allowed where the author wrote it
    return short(name, limit) if isinstance(name, str) else plain(f"{name:g}" if isinstance(name, float) else name)


def counted(name: str, counts: NDArray[Any] | int, *more: str) -> str:
    """A group with its number of observations: ``seRNN (n = 41)``, ``seRNN (n = 3–41)`` where they differ."""
    low, high = int(np.min(counts)), int(np.max(counts))
    n = f"n = {low:,}" if low == high else f"n = {low:,}–{high:,}"
    inside = ", ".join([n, *more])
    return f"{name} ({inside})" if name else inside
