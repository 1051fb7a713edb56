"""PyTorch files. The only module of this package that imports torch, and only when asked to read one."""

from __future__ import annotations

import io
import re
import zipfile
from functools import partial
from pathlib import Path
from textwrap import shorten
from typing import Any

from netanalysis._core.text import shown
from netanalysis.io._entries import Entry, FileError, Loaded, check_bytes
from netanalysis.io._leaves import leaves
from netanalysis.io._roles import select, with_roles

NEEDS = {"read": "torch"}


def read(path: Path, key: str | None, content: bytes | None = None) -> Loaded:
    """PyTorch: one tensor of a state dict or checkpoint, read with ``weights_only=True`` and never otherwise."""
    try:
        import torch
    except ImportError as error:
        raise ImportError(".pt, .pth and .ckpt files need torch: pip install 'netanalysis[models]'") from error
    _check_container(path)
    try:
        found = torch.load(path if content is None else io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:
        raise FileError(
            f"{path} could not be read as tensors alone ({_reason(error)}). Either it is damaged, or "
            "it holds Python objects, which can run any code when read: refused. Where it was written, save "
            "torch.save(model.state_dict(), path), or of a checkpoint torch.save(checkpoint['state_dict'], path), or "
            "safetensors"
        ) from error
    return select(with_roles(entries_of(torch, found)), key, path)


def _reason(error: Exception) -> str:
    """What torch says, in a line of whole words: the fault, not its colours nor its advice to trust the file."""
    said = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", str(error)).strip() or type(error).__name__
    fault = re.search(r"WeightsUnpickler error: ([^\n]+)", said)
    return shorten(shown(fault[1] if fault else said.splitlines()[0]), 150, placeholder=" …")


def _check_container(path: Path) -> None:
    """torch.save stores without compression: what is larger unpacked than packed was not written by it."""
    total = path.stat().st_size
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            total = max(total, sum(info.file_size for info in archive.infolist()))
    check_bytes(total, f"{path}, unpacked,")


def entries_of(torch: Any, content: Any) -> list[Entry]:
    """Tensors of nested dicts, under dotted names."""
    found = ((name or "tensor", value) for name, value in leaves(content, ".") if isinstance(value, torch.Tensor))
    return [entry(torch, name, tensor) for name, tensor in found]


def entry(torch: Any, name: str, tensor: Any) -> Entry:
    """One tensor."""
    return Entry(name, tuple(tensor.shape), _numpy_dtype(torch, tensor), partial(_numpy, torch, tensor))


def _numpy_dtype(torch: Any, tensor: Any) -> str:
    if tensor.layout is not torch.strided or tensor.is_complex() or tensor.is_quantized:
        return "V8"  # listed, but not a candidate
    if not tensor.is_floating_point():
        return "i8"
    return "f8" if tensor.dtype == torch.float64 else "f4"  # the precision of the weights


def _numpy(torch: Any, tensor: Any) -> Any:
    kind = {"f8": torch.float64, "f4": torch.float32, "i8": torch.int64}[_numpy_dtype(torch, tensor)]
    return tensor.detach().cpu().to(kind).numpy()
