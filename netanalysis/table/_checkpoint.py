"""An append-only file of finished networks, so that a killed run goes on where it stopped."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from netanalysis._core import records
from netanalysis.connectome import Connectome


class Checkpoint:
    """JSON lines: the settings first, then one line per network, written whole and flushed to disk.

    A last line that a kill cut short is dropped. Other settings than those of the file are refused.
    """

    def __init__(
        self, path: str | os.PathLike[str], settings: dict[str, Any], *, seed: np.random.SeedSequence, fixed: bool
    ) -> None:
        """`fixed` tells whether `seed` was asked for; otherwise the seed in the file is taken."""
        self.path = Path(path)
        self.finished: dict[int, dict[str, Any]] = {}
        own = {"seed": {"entropy": seed.entropy, "spawn_key": seed.spawn_key, "pool_size": seed.pool_size}}
        settings = json.loads(json.dumps(settings | own))
        stored = self._read()
        if stored is None:
            self._append({"settings": settings})
            stored = settings
        elif not fixed:
            settings["seed"] = stored.get("seed")
        changed = [key for key in settings if settings[key] != stored.get(key)]
        if changed:
            raise ValueError(
                f"checkpoint {self.path} was made with other settings: "
                + "; ".join(f"{key} {stored.get(key)!r}, now {settings[key]!r}" for key in changed)
                + ". Give the same settings or another file"
            )
        self.seed = np.random.SeedSequence(**stored["seed"])

    def _read(self) -> dict[str, Any] | None:
        """Settings in the file, if it has any; fills `finished` and cuts off a torn last line."""
        if not self.path.exists():
            return None
        whole, settings = 0, None
        with self.path.open("rb") as file:
            for number, line in enumerate(file):
                if not line.endswith(b"\n"):
                    break
                try:
                    record = json.loads(line)
                    if number == 0:
                        settings = record["settings"]
                    else:
                        self.finished[record["position"]] = record
                except (ValueError, KeyError, TypeError) as error:
                    raise ValueError(f"{self.path} is no checkpoint of summarize: line {number + 1}") from error
                whole += len(line)
        if whole == 0 and not self._begins_like_one():
            raise ValueError(f"{self.path} is no checkpoint of summarize: it has no complete line")
        os.truncate(self.path, whole)
        return settings

    def _begins_like_one(self) -> bool:
        start = b'{"settings"'
        with self.path.open("rb") as file:
            head = file.read(len(start))
        return start.startswith(head)

    def _append(self, record: dict[str, Any]) -> None:
        line = (json.dumps(record) + "\n").encode()
        with self.path.open("ab", buffering=0) as file:
            file.write(line)
            os.fsync(file.fileno())

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

    def add(self, position: int, name: str, net: Connectome, rows: list[dict[str, Any]]) -> None:
        """Record a finished network."""
        self._append({"position": position, "name": name, "fingerprint": fingerprint(net), "rows": rows})


def fingerprint(net: Connectome) -> str:
    """Hash of everything in a network that a measure can see."""
    return records.fingerprint(net.weights, net.positions, net.given_distances, net.inputs, net.outputs, net.modules)
