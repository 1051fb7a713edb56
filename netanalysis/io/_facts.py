"""What a file says of the network itself beside the weights (age, sex, group, threshold): into its metadata."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from netanalysis._core.text import text_array
from netanalysis.io._entries import Entry, TextError

# What the name of a fact may be besides a word of its own: "group" is a module of nodes, or what a subject belongs to.
_ROLES = ("", "about", "modules", "labels", "delays or statistics")
_MEMBER = re.compile(r"(.*)(?:\((\d+)\)\.|\{(\d+)\}\.)[^.]+")  # subjects(2).conn


def of_networks(
    entries: Sequence[Entry], network: Entry, count: int | None, *, taken: Collection[str]
) -> tuple[dict[str, Any], list[str]]:
    """Metadata from single values, and from lists with one for each of `count` networks; and what is left out.

    They lie beside the network or at the top of the file; those of another subject are not this one's.
    """
    n = sorted(network.shape)[-1] if count is None else next(s for s in network.shape if network.shape.count(s) > 1)
    member = _MEMBER.fullmatch(network.name)
    places = {"", _place(network.name)} | ({member[1] + "."} if member else set())
    facts: dict[str, Any] = {}
    left_out = []
    for entry in sorted(entries, key=lambda e: _place(e.name) != _place(network.name)):
        word = re.split(r"[./]", entry.name)[-1]
        if entry.name == network.name or _place(entry.name) not in places or entry.role not in _ROLES or word in facts:
            continue
        if entry.refusal or entry.sparse or entry.role in taken or word.isdigit():
            continue
        if not (entry.is_numeric or entry.is_text):
            continue
        size = math.prod(entry.shape)
        of_member = member is not None and _place(entry.name) == member[1] + "."
        try:
            if size == 1 and n > 1 and not of_member:
                facts[word] = np.ravel(_text(entry.values()))[0].item()
            elif of_member and entry.shape == (size,) and int(member[2] or member[3]) <= size:  # type: ignore[index]
                facts[word] = _text(entry.values())[int(member[2] or member[3]) - 1].item()  # type: ignore[index]
            elif count is not None and count != n and count > 1 and count in entry.shape:
                if size == count:
                    facts[word] = np.ravel(_text(entry.values()))
                else:
                    left_out.append(f"{entry.name!r} {entry.shape}")
        except TextError:
            left_out.append(f"{entry.name!r} (text that is not UTF-8)")
    return facts, left_out


def _place(name: str) -> str:
    """Where in the file a name is, up to its last part."""
    return re.sub(r"[^./]+$", "", name)


def _text(values: Any) -> Any:
    values = np.asarray(values)
    if values.dtype.kind != "S":
        return values
    return text_array([value.decode("utf-8") for value in values.ravel().tolist()]).reshape(values.shape)
