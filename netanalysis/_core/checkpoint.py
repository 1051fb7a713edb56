"""An append-only file of what is finished, so that a killed run goes on where it stopped."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np


class Checkpoint:
    """JSON lines: the settings first, then one line for each part that is finished, written whole and flushed to disk.

    A last line that a kill cut short is dropped. Other settings than those of the file are refused.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        settings: dict[str, Any],
        *,
        of: str,
        seed: np.random.SeedSequence,
        fixed: bool,
    ) -> None:
        """`of`: the function it belongs to; `fixed`: whether `seed` was asked for, else that in the file is taken."""
        if not isinstance(path, (str, os.PathLike)) or Path(path) == Path() or Path(path).is_dir():
            raise ValueError(f"checkpoint must be the name of a file; got {path!r}")
        self.path, self.of = Path(path), of
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
                    raise ValueError(f"{self.path} is no checkpoint of {self.of}: line {number + 1}") from error
                whole += len(line)
        if whole == 0 and not self._begins_like_one():
            raise ValueError(f"{self.path} is no checkpoint of {self.of}: it has no complete line")
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

    def add(self, position: int, **record: Any) -> None:
        """Record a part that is finished."""
        self._append({"position": position, **record})
