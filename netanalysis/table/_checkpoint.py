"""The checkpoint of many networks: which of them are finished, and their rows."""

from __future__ import annotations

from typing import Any

from netanalysis._core import checkpoint, records
from netanalysis.connectome import Connectome


class Checkpoint(checkpoint.Checkpoint):
    """One line per network."""

    def rows(self, position: int, name: str, net: Connectome) -> list[dict[str, Any]] | None:
        """Rows of a network that is finished, None if it is not; another network in its place is refused."""
        record = self.finished.get(position)
        if record is None:
            return None
        if record["fingerprint"] != fingerprint(net) or record["name"] != name:
            raise ValueError(
                f"checkpoint {self.path} holds another network at position {position}: "
                f"{record['name']!r} there, {name!r} now, and they must be the same, in the same order"
            )
        return list(record["rows"])

    def add_rows(self, position: int, name: str, net: Connectome, rows: list[dict[str, Any]]) -> None:
        """Record a finished network."""
        self.add(position, name=name, fingerprint=fingerprint(net), rows=rows)


def fingerprint(net: Connectome) -> str:
    """Hash of everything in a network that a measure can see."""
    return records.fingerprint(net.weights, net.positions, net.given_distances, net.inputs, net.outputs, net.modules)
