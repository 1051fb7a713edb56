"""Spoken digits as spikes of a cochlea: the Spiking Heidelberg Digits from their files, or invented ones like them.

Cramer et al. 2022 (doi:10.1109/TNNLS.2020.3044364), as used in arXiv:2409.17693. The recordings are not bundled.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models._settings import number
from models.tasks import Batch
from netanalysis._core.options import positive_int

CLASSES, CHANNELS = 20, 700
FILES = ("shd_train.h5", "shd_test.h5")


class Digits:
    """Say which of 20 words is heard, from the spikes of up to 700 channels in `frames` bins.

    Each recording is cut into bins of equal width, from its first spike to its last; inputs are spike counts. Training
    trials come from ``shd_train.h5``, and each of their spikes is lost with probability `drop`; trials without noise,
    which are those the trainer holds out, come whole from ``shd_test.h5``. A batch has no recording twice unless it is
    larger than the file.

    Without files the words are invented. Three bands of sound glide over the channels; the bands of word 2k + 1 are
    those of word 2k backwards in time, so that half of the answer is in the order. Every trial differs in pitch, tempo
    and loudness, and a fifth of its spikes is noise. Held-out trials are drawn afresh.

    Parameters
    ----------
    folder : path, optional
        Where the two files are, unpacked. Without it: invented words.
    frames : int
        Steps of a trial.
    channels : int
        The 700 channels in this many groups of neighbours, whose spikes are counted together.
    drop : float
        Probability that a spike is lost in training.

    Examples
    --------
    >>> batch = Digits(frames=20, channels=70).sample(2, np.random.default_rng(0))
    >>> batch.inputs.shape, batch.targets.tolist()
    ((2, 20, 70), [17, 12])
    """

    name = "digits"
    kind = "class"
    read_out = "last"
    n_out = CLASSES

    def __init__(
        self,
        *,
        folder: str | os.PathLike[str] | None = None,
        frames: int = 200,
        channels: int = CHANNELS,
        drop: float = 0.001,
    ) -> None:
        if positive_int(channels, "channels") > CHANNELS:
            raise ValueError(f"channels must be at most {CHANNELS}; got {channels}")
        if number(drop, "drop", least=0, most=1) == 1:
            raise ValueError("drop must be below 1, or no spike is left; got 1")
        self.frames, self.n_in, self.drop = positive_int(frames, "frames"), channels, drop
        self._recordings: tuple[_Recordings, ...] | None = None
        if folder is not None:
            paths = [Path(folder) / name for name in FILES]
            if missing := [path.name for path in paths if not path.is_file()]:
                raise FileNotFoundError(
                    f"{folder} lacks {' and '.join(missing)}: download and unpack the Spiking Heidelberg Digits "
                    "(https://zenkelab.org/datasets), or leave folder out for invented words"
                )
            self._recordings = tuple(_read(path, path.stat().st_mtime_ns, frames, channels) for path in paths)

    def sample(self, batch: int, rng: np.random.Generator, *, noise: bool = True) -> Batch:
        """Random recordings; without `noise` from the held-out file, with every spike."""
        if self._recordings is None:
            trial, code, columns = self._invent(batch, rng)
        else:
            recordings = self._recordings[0 if noise else 1]
            chosen = rng.choice(len(recordings.labels), size=batch, replace=batch > len(recordings.labels))
            trial, code = recordings.spikes(chosen)
            columns = {"word": recordings.labels[chosen], "speaker": recordings.speakers[chosen]}
        if noise and self.drop:
            kept = rng.random(len(code), dtype=np.float32) >= self.drop
            trial, code = trial[kept], code[kept]
        # Time first, as networks read it
        x = np.zeros(self.frames * batch * self.n_in, dtype=np.float32)
        frame, channel = np.divmod(code, self.n_in)
        np.add.at(x, (frame * batch + trial) * self.n_in + channel, np.float32(1))
        inputs = x.reshape(self.frames, batch, self.n_in).swapaxes(0, 1)
        return Batch(inputs=inputs, targets=columns["word"], conditions=columns)

    def score(self, outputs: NDArray[np.float32], batch: Batch) -> NDArray[Any]:
        """Whether the largest output is the word."""
        return np.asarray(outputs.argmax(axis=-1) == batch.targets)

    def _invent(
        self, batch: int, rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], dict[str, NDArray[Any]]]:
        """Trial of each spike, its place as frame * channels + channel, and the conditions."""
        word = rng.integers(CLASSES, size=batch)
        pitch = rng.normal(0, 0.03, batch)
        tempo = np.exp(rng.normal(0, 0.15, batch))
        # as dense as the recordings: some 8,000 spikes in 700 channels
        count = rng.poisson(8000 * self.n_in / CHANNELS * np.exp(rng.normal(0, 0.2, batch)))
        trial = np.repeat(np.arange(batch), count)
        time = rng.random(len(trial))
        band = rng.integers(3, size=len(trial))
        heard = np.clip(0.5 + (time - 0.5) * tempo[trial], 0, 1)
        start, end, bend = _BANDS[word[trial], band].T
        place = start + (end - start) * heard + bend * np.sin(np.pi * heard)
        place += pitch[trial] + rng.normal(0, 0.03, len(trial))
        noise = rng.random(len(trial)) < 0.2
        place[noise] = rng.random(noise.sum())
        frame = (time * self.frames).astype(np.int64)
        channel = (place % 1 * self.n_in).astype(np.int64)
        # rounding may lift a place just below 1 to the end
        code = frame * self.n_in + np.minimum(channel, self.n_in - 1)
        return trial, code, {"word": word, "pitch": pitch, "tempo": tempo}


def _bands() -> NDArray[np.float64]:
    """Start, end and bend of the bands of each word, (20, 3, 3), as shares of the channels."""
    rng = np.random.default_rng(2022)
    forward = np.stack(
        [rng.uniform(0.1, 0.9, (10, 3)), rng.uniform(0.1, 0.9, (10, 3)), rng.normal(0, 0.1, (10, 3))], -1
    )
    return np.stack([forward, forward[..., [1, 0, 2]]], axis=1).reshape(CLASSES, 3, 3)


_BANDS = _bands()


@dataclass(frozen=True, eq=False)
class _Recordings:
    """One file: the spikes of all recordings one after the other, as frame * channels + channel."""

    codes: NDArray[np.int32]
    first: NDArray[np.int64]  # (recordings + 1,)
    labels: NDArray[np.int64]
    speakers: NDArray[np.int64]

    def spikes(self, chosen: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Place in `chosen` and code of each spike of some recordings."""
        count = self.first[chosen + 1] - self.first[chosen]
        trial = np.repeat(np.arange(len(chosen)), count)
        before = np.cumsum(count) - count
        index = np.arange(len(trial)) + (self.first[chosen] - before)[trial]
        return trial, self.codes[index].astype(np.int64)


@lru_cache(maxsize=2)
def _read(path: Path, changed: int, frames: int, channels: int) -> _Recordings:
    """A file of the Spiking Heidelberg Digits, binned; once for all networks that are trained on it."""
    try:
        import h5py
    except ImportError as error:
        raise ImportError("the recordings are HDF5, which needs h5py: pip install 'netanalysis[formats]'") from error
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        raise ValueError(f"{path} is not an HDF5 file; unpack it first (gunzip) if it is an .h5.gz") from error
    with file:
        times, units, labels, speakers = (
            _dataset(file, key, path)[()] for key in ("spikes/times", "spikes/units", "labels", "extra/speaker")
        )
    sizes = {
        "spikes/times": len(times),
        "spikes/units": len(units),
        "labels": len(labels),
        "extra/speaker": len(speakers),
    }
    if len(set(sizes.values())) > 1 or not len(labels):
        raise ValueError(f"{path} must have one entry per recording in each of its arrays; got {sizes}")
    codes = [_bin(path, k, t, u, frames, channels) for k, (t, u) in enumerate(zip(times, units, strict=True))]
    labels = np.asarray(labels, dtype=np.int64)
    if labels.min() < 0 or labels.max() >= CLASSES:
        raise ValueError(f"{path}: labels must be 0 to {CLASSES - 1}; got {labels.min()} to {labels.max()}")
    first = np.cumsum([0] + [len(code) for code in codes])
    return _Recordings(np.concatenate(codes), first, labels, np.asarray(speakers, dtype=np.int64))


def _dataset(file: Mapping[str, Any], key: str, path: Path) -> Any:
    if key not in file:
        raise ValueError(
            f"{path} lacks {key!r}; files of the Spiking Heidelberg Digits have spikes/times, "
            "spikes/units, labels and extra/speaker"
        )
    return file[key]


def _bin(path: Path, recording: int, times: Any, units: Any, frames: int, channels: int) -> NDArray[np.int32]:
    """frame * channels + channel of each spike of one recording."""
    t, unit = np.asarray(times, dtype=np.float64), np.asarray(units, dtype=np.int64)
    where = f"{path}, recording {recording}"
    if t.shape != unit.shape or t.ndim != 1:
        raise ValueError(f"{where}: spikes/times and spikes/units must be equally long; got {t.shape} and {unit.shape}")
    if not len(t):
        return np.zeros(0, dtype=np.int32)
    if not np.isfinite(t).all():
        raise ValueError(f"{where}: spikes/times must be finite")
    if unit.min() < 0 or unit.max() >= CHANNELS:
        raise ValueError(f"{where}: spikes/units must be 0 to {CHANNELS - 1}; got {unit.min()} to {unit.max()}")
    length = np.ptp(t) or 1.0
    frame = np.minimum((t - t.min()) / length * frames, frames - 1).astype(np.int32)
    return frame * np.int32(channels) + (unit * channels // CHANNELS).astype(np.int32)
