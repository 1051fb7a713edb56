"""What nested mappings hold, under joined names: parameters of models, in files and in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from netanalysis.io._entries import FileError

_NAMES = 100_000
_LETTERS = 1_000  # of a joined name


def leaves(content: Any, separator: str) -> Iterator[tuple[str, Any]]:
    """Every value that is no mapping, with its name, in order.

    A mapping may stand in several places, and those in several others: 30 of them make a billion names.

    Raises
    ------
    FileError
        If there are more than 100,000 names, or one is longer than 1,000 letters (mappings that hold themselves).

    Examples
    --------
    >>> list(leaves({"rnn": {"w": 1, "b": 2}, "k": 3}, "."))
    [('rnn.w', 1), ('rnn.b', 2), ('k', 3)]
    """
    pending, count = [("", content)], 0
    while pending:
        prefix, value = pending.pop()
        count += 1
        if count > _NAMES or len(prefix) > _LETTERS:
            raise FileError(
                f"it holds more than {_NAMES:,} names, or names of more than {_LETTERS:,} letters, as mappings do that "
                "are nested many times over. Save the parameters alone: torch.save(model.state_dict(), path)"
            )
        if not isinstance(value, Mapping):
            yield prefix, value
            continue
        named = [(name, inner) for name, inner in value.items() if isinstance(name, (str, int))]
        pending += [(f"{prefix}{separator}{name}" if prefix else str(name), inner) for name, inner in reversed(named)]
