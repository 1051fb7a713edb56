"""The trajectory of a recurrent network during training, in any training loop, in one file.

Snapshots go one by one to a journal beside the file (append only, a broken last record is dropped), from which the .npz
is written whole, whenever their number has doubled and at the end. Memory holds one snapshot, however many there are.
"""

from __future__ import annotations

import json
import os
import struct
import zipfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import torch

import netanalysis as na
from netanalysis._core.files import written_whole
from netanalysis.io import _layout

__all__ = ["Watch", "watch"]

_LENGTH = struct.Struct("<I")
_ARRAYS = {"weights": "weights", "inputs": "W_in", "outputs": "W_out"}  # of a Connectome, and their names in the file


def watch(
    module: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    path: str | os.PathLike[str],
    *,
    every: int = 100,
    step: int = 0,
    cell: str | None = None,
    layer: int | None = None,
    gate: str | int | None = None,
    reverse: bool = False,
) -> Watch:
    """Record the recurrent weights of a module while an optimizer trains it.

    Parameters
    ----------
    module : torch.nn.Module
        One that contains a recurrent cell, as :func:`netanalysis.from_torch` takes it; so are `cell`, `layer`, `gate`
        and `reverse`.
    optimizer : torch.optim.Optimizer
        Its calls of ``step()`` are counted.
    path : path
        An .npz. :func:`netanalysis.load` opens it as a stack, one network a snapshot, in float32, at any time during
        training, and ``metadata["step"]`` says when each was taken.
    every : int
        Steps between snapshots. The first is taken at once, the last when the watch is closed.
    step : int
        Steps that the module has been trained already. A run that goes on from a checkpoint of its own says it, and the
        file goes on too: its snapshots up to that step are kept, later ones dropped.

    Returns
    -------
    Watch
        For a ``with`` block, at whose end the file is complete; after an error or a Ctrl-C as well. `note` adds values
        to the next snapshot; `save` writes the file at once; the property `networks` gives what is recorded.

    Raises
    ------
    FileExistsError
        If there is a recording and `step` is 0.
    ValueError
        If the recording is of another network, or the module has no recurrent cell, or several and none is chosen.

    Notes
    -----
    A run that is killed leaves the journal ``.<name>.journal``; the next watch with its `step` goes on from it.

    Examples
    --------
    >>> import netanalysis as na, pathlib, tempfile, torch
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "run.npz"
    >>> rnn = torch.nn.RNN(2, 5)
    >>> optimizer = torch.optim.SGD(rnn.parameters(), lr=0.1)
    >>> with watch(rnn, optimizer, path, every=10) as seen:
    ...     for _ in range(25):
    ...         optimizer.zero_grad()
    ...         loss = rnn(torch.ones(4, 1, 2))[0].square().mean()
    ...         loss.backward()
    ...         seen.note(loss=loss.item())
    ...         optimizer.step()
    >>> trajectory = na.load(path)
    >>> trajectory.weights.shape, trajectory.metadata["step"]
    ((4, 5, 5), [0, 10, 20, 25])
    """
    for name, value, least in (("every", every, 1), ("step", step, 0)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ValueError(f"{name} must be an integer of at least {least}; got {value!r}")
    path = Path(path)
    if path.suffix != ".npz":
        raise ValueError(f"path must end in .npz; got {path}")
    chosen = {"cell": cell, "layer": layer, "gate": gate, "reverse": reverse}
    return Watch(module, optimizer, path, every, step, chosen)


class Watch:
    """A recording in progress; see :func:`watch`, which makes it."""

    def __init__(
        self,
        module: torch.nn.Module,
        optimizer: torch.optim.Optimizer,
        path: Path,
        every: int,
        step: int,
        chosen: dict[str, Any],
    ) -> None:
        self.module, self.path, self.every, self.step, self._chosen = module, path, every, step, chosen
        self._notes: dict[str, float] = {}
        self._journal = _Journal(path, self._network(), step)
        if self._journal.last < step or not len(self._journal):
            self._record()
        self._hook = optimizer.register_step_post_hook(self._after_step)

    def note(self, **values: float) -> None:
        """Values to keep with the next snapshot (loss, accuracy); nan where none was noted."""
        if "step" in values:
            raise ValueError("step is counted, not noted")
        self._notes |= {name: float(value) for name, value in values.items()}

    def save(self) -> None:
        """Write what is recorded to the file, whole."""
        self._journal.save(self.path)

    def close(self) -> None:
        """Take the last snapshot, write the file, and stop recording."""
        if self._journal.closed:
            return
        self._hook.remove()
        if self._journal.last < self.step:
            self._record()
        self.save()
        self._journal.remove()

    @property
    def networks(self) -> na.Connectome:
        """The snapshots so far, as :func:`netanalysis.load` opens the file."""
        if not self._journal.closed:
            self.save()
        net: na.Connectome = na.load(self.path)
        return net

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Watch {self.path.name}: {len(self._journal)} snapshots, the last at step {self._journal.last}>"

    def _after_step(self, *_: Any) -> None:
        self.step += 1
        if self.step % self.every == 0:
            self._record()

    def _record(self) -> None:
        count = self._journal.append(self._network(), self.step, self._notes)
        self._notes = {}
        if count & (count - 1) == 0:  # each time the number has doubled: all writing costs twice the last
            self.save()

    def _network(self) -> na.Connectome:
        return na.from_torch(self.module, **self._chosen)


class _Journal:
    """Records of one size: a line of JSON with step and notes, then the arrays in float32."""

    def __init__(self, path: Path, net: na.Connectome, step: int) -> None:
        self.path = path.with_name(f".{path.name}.journal")
        self.shapes = {name: np.shape(getattr(net, name)) for name in _ARRAYS if getattr(net, name) is not None}
        self.about = {"model": net.metadata["source"], "key": net.metadata["key"], "shapes": _plain(self.shapes)}
        self.sizes = {name: int(np.prod(shape)) * 4 for name, shape in self.shapes.items()}
        self.rows: list[dict[str, Any]] = []
        self.at: list[int] = []
        self.closed = False
        there = [old for old in (self.path, path) if old.exists()]
        if there and step == 0:
            raise FileExistsError(
                f"{there[0]} is a recording already. To go on with it, say after which step of training the module is, "
                "step=; to begin anew, delete it"
            )
        if self.path not in there:
            self._begin(path if there else None)
        self._read(step)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def last(self) -> int:
        """The step of the last snapshot, -1 if there is none."""
        return int(self.rows[-1]["step"]) if self.rows else -1

    def append(self, net: na.Connectome, step: int, notes: dict[str, float]) -> int:
        """Add a snapshot; how many there are."""
        row = {"step": step, **notes}
        with self.path.open("ab") as file:
            self._put(file, row, [np.asarray(getattr(net, name), dtype="<f4").tobytes() for name in self.shapes])
        self.rows.append(row)
        self.at.append(self._end() - sum(self.sizes.values()))
        return len(self.rows)

    def save(self, path: Path) -> None:
        """All snapshots as one .npz in the layout of :func:`netanalysis.save`, read and written one by one."""
        names = [key for key in dict.fromkeys(key for row in self.rows for key in row) if key != "step"]
        columns = {"step": [row["step"] for row in self.rows]}
        columns |= {name: [row.get(name, float("nan")) for row in self.rows] for name in names}
        metadata = {"model": self.about["model"], "key": self.about["key"], **columns}
        _, header = _layout.pack(na.Connectome([[0.0]], name=path.stem, metadata=metadata))
        with written_whole(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            with archive.open(f"{_layout.HEADER}.npy", "w") as member:
                np.save(member, np.array(header))
            before = 0
            for name, shape in self.shapes.items():
                with (
                    archive.open(f"{_ARRAYS[name]}.npy", "w", force_zip64=True) as member,
                    self.path.open("rb") as file,
                ):
                    layout = {"descr": "<f4", "fortran_order": False, "shape": (len(self.rows), *shape)}
                    np.lib.format.write_array_header_1_0(member, layout)
                    for at in self.at:
                        file.seek(at + before)
                        member.write(file.read(self.sizes[name]))
                before += self.sizes[name]

    def remove(self) -> None:
        """The file holds everything."""
        self.path.unlink(missing_ok=True)
        self.closed = True

    def _begin(self, path: Path | None) -> None:
        """A journal with the snapshots of a finished file, or none."""
        if path is None:
            self.path.write_bytes(b"")
            with self.path.open("ab") as file:
                self._put(file, self.about, [])
            return
        try:
            with np.load(path, allow_pickle=False) as saved:
                columns = dict(json.loads(str(saved[_layout.HEADER]))["metadata"])
            with zipfile.ZipFile(path) as archive, written_whole(self.path) as part, part.open("wb") as file:
                names = [name for name, member in _ARRAYS.items() if f"{member}.npy" in archive.namelist()]
                members = {name: archive.open(f"{_ARRAYS[name]}.npy") for name in names}
                shapes = {name: _header(member) for name, member in members.items()}
                about = {"model": columns.pop("model"), "key": columns.pop("key")}
                self._put(file, about | {"shapes": _plain({name: shape[1:] for name, shape in shapes.items()})}, [])
                for k in range(len(columns["step"])):
                    row = {name: values[k] for name, values in columns.items()}
                    self._put(file, row, [members[name].read(int(np.prod(shapes[name][1:])) * 4) for name in names])
        except Exception as error:  # whatever numpy, zipfile and json raise on damaged files
            raise ValueError(f"{path} is not a recording of models.watch, or damaged ({error!r})") from error

    def _read(self, step: int) -> None:
        """Find the records up to a step, and cut off what is later or broken."""
        with self.path.open("rb") as file:
            about = self._get(file)
            if about != self.about:
                raise ValueError(f"{self.path} is a recording of another network, {about}; here it is {self.about}")
            keep, size = file.tell(), self._end()
            while (row := self._get(file)) is not None and row["step"] <= step:
                at = file.tell()
                if at + sum(self.sizes.values()) > size:
                    break
                self.rows.append(row)
                self.at.append(at)
                keep = file.seek(sum(self.sizes.values()), os.SEEK_CUR)
        os.truncate(self.path, keep)

    def _end(self) -> int:
        return self.path.stat().st_size

    @staticmethod
    def _put(file: Any, row: dict[str, Any], arrays: list[bytes]) -> None:
        text = json.dumps(row).encode()
        file.write(b"".join([_LENGTH.pack(len(text)), text, *arrays]))

    @staticmethod
    def _get(file: Any) -> Any:
        """The next line, None at the end or where a record was cut off."""
        head = file.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            return None
        text = file.read(_LENGTH.unpack(head)[0])
        try:
            return json.loads(text)
        except ValueError:
            return None


def _plain(shapes: dict[str, tuple[int, ...]]) -> dict[str, list[int]]:
    return {name: list(shape) for name, shape in shapes.items()}


def _header(member: Any) -> tuple[int, ...]:
    """Shape of a .npy stream of float32, which stands behind its header then."""
    np.lib.format.read_magic(member)
    shape, _, dtype = np.lib.format.read_array_header_1_0(member)
    if dtype != np.dtype("<f4"):
        raise ValueError(f"numbers of type {dtype}")
    return shape
