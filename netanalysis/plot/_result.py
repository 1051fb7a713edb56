"""What figures are given beside networks: results and tables, known by what they hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd


def need_result(result: Any, argument: str, function: str, *fields: str) -> None:
    """Refuse what is no result of `function`."""
    if not all(hasattr(result, field) for field in fields):
        raise TypeError(
            f"{argument} must be what netanalysis.{function} returns; got {type(result).__name__}: call it first"
        )


def need_one(values: Any, axes: int, argument: str, function: str) -> None:
    """Refuse a result of a stack, known by its `values` having more than so many axes."""
    lead = np.shape(values)[: np.ndim(values) - axes]
    if lead:
        raise ValueError(
            f"{argument} is of a stack of shape {lead}, and a figure shows one network: call {function} on each"
        )


def need_window(result: Any, window: int) -> None:
    """Refuse an index into ``result.windows`` that leads nowhere."""
    count = len(result.windows)
    if window not in range(-count, count):
        raise ValueError(f"window must be an index into the {count} windows of the result; got {window!r}")


def need_names(names: Iterable[Any], argument: str, there: Iterable[Any]) -> None:
    """Refuse names that the table does not have."""
    known = list(dict.fromkeys(there))
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"{argument} must be among {', '.join(map(str, known))}; got {', '.join(map(str, unknown))}")


def rows_of(table: Any, measure: str, *columns: str, **chosen: str) -> pd.DataFrame:
    """The rows of one measure, from a table that has `columns` and those that arguments have `chosen`."""
    import pandas as pd

    if not isinstance(table, pd.DataFrame):
        raise TypeError(f"table must be a DataFrame, such as netanalysis.summarize returns; got {type(table).__name__}")
    there = f"the columns are {', '.join(map(str, table.columns)) or 'none'}"
    for column in ("measure", *columns):
        if column not in table.columns:
            raise ValueError(f"table must have a column {column!r}, as those of netanalysis.summarize; {there}")
    for argument, column in chosen.items():
        if column not in table.columns:
            raise ValueError(
                f"{argument} must name a column of table; got {column!r}, {there}: "
                f"name one of them, or add it with table.assign({column}=...)"
            )
    rows = table[table["measure"] == measure]
    if len(rows) == 0:
        raise ValueError(f"measure must be one of {sorted(set(table['measure']))}; got {measure!r}")
    return rows
