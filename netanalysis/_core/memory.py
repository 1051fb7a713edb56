"""The one limit on memory, which a user sets in GiB."""

from __future__ import annotations

import os


def _limit(said: str) -> int:
    """The limit in bytes, from the text of the environment variable."""
    try:
        gib = float(said)
    except ValueError:
        gib = 0.0
    if not 1 <= gib * 2**30 < 2**63:
        raise ValueError(f"the environment variable NETANALYSIS_MEMORY must be a number of GiB above 0; got {said!r}")
    return int(gib * 2**30)


LIMIT_BYTES = _limit(os.environ.get("NETANALYSIS_MEMORY", "4"))


def fits(n_bytes: float) -> bool:
    """Whether it is within the limit."""
    return n_bytes <= LIMIT_BYTES


def require(n_bytes: float, what: str, *, instead: str) -> None:
    """Refuse `what` would take more than the limit; `instead` says what to do."""
    if not fits(n_bytes):
        raise MemoryError(
            f"{what} would take {n_bytes / 2**30:,.3g} GiB, more than the limit of {LIMIT_BYTES / 2**30:.3g} GiB: "
            f"{instead}; or, where this machine has more, set the environment variable NETANALYSIS_MEMORY to a "
            "number of GiB"
        )
