"""Checkpoints of a training run as a trajectory: one table over epochs, and a figure of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import netanalysis as na
from netanalysis.connectome import Connectome

SHOWN = 24  # panels of a figure


def placed(networks: Iterable[Connectome], over: str) -> Iterator[Connectome]:
    """Networks whose metadata hold a number called `over`: their own, or the one in the name of their file.

    In a name it is the number behind the word (``epoch_010.pt``, ``run3-epoch-10.npz``), or the only number there is.
    A stack whose metadata hold one for each of its networks, as :func:`models.watch` writes them, is taken apart.
    """
    for net in (one for each in networks for one in _apart(each, over)):
        own: Any = net.metadata.get(over)
        if np.ndim(own):
            raise ValueError(
                f"{net.name}: {over} must be a number for each network; got {np.shape(own)} of them for "
                f"{net.shape[:-2] or 'one network'}"
            )
        if own is None:
            own = _in_name(str(net.metadata.get("file") or net.name or ""), over)
        if isinstance(own, bool) or not isinstance(own, (int, float, np.number)) or not np.isfinite(own):
            raise ValueError(f"{net.name}: {over} must be a number; got {own!r}")
        yield net.replace(metadata={**net.metadata, over: own})


def _apart(net: Connectome, over: str) -> Iterator[Connectome]:
    own: Any = net.metadata.get(over)
    if net.is_stack and np.shape(own) == net.shape[:1]:
        yield from (net[k] for k in range(net.shape[0]))
    else:
        yield net


def _in_name(file: str, over: str) -> int | float:
    stem = Path(file).stem
    found = re.findall(rf"{re.escape(over)}[ _=-]*(\d+(?:\.\d+)?)", stem, re.IGNORECASE) or re.findall(r"\d+", stem)
    if len(found) != 1:
        raise ValueError(
            f"{file or 'a network'}: neither its metadata nor its name tells its {over}: name files as {over}_10.pt, "
            f"or save networks with metadata={{'{over}': 10}}"
        )
    return float(found[0]) if "." in found[0] else int(found[0])


def trajectory(networks: Iterable[Connectome], over: str, measures: list[str] | None, **options: Any) -> pd.DataFrame:
    """A row per checkpoint and measure, in the order of `over`, which is the second column."""
    table = na.summarize(placed(networks, over), measures, metadata=[over], progress=False, **options)
    table.insert(1, over, table.pop(over))
    order = {measure: k for k, measure in enumerate(dict.fromkeys(table["measure"]))}
    rank = table["measure"].map(order)
    return table.assign(_rank=rank).sort_values([over, "_rank"], kind="stable").drop(columns="_rank")


def draw(table: pd.DataFrame, over: str, path: str) -> list[Path]:
    """A panel for each measure that has values, written as .svg and .png."""
    from matplotlib.figure import Figure

    defined = table[np.isfinite(table["value"])]
    measures = list(dict.fromkeys(defined["measure"]))
    if not measures:
        raise ValueError("no measure has a value to draw; the column note of the table says why")
    if len(measures) > SHOWN:
        raise ValueError(f"a figure shows at most {SHOWN} measures; got {len(measures)}: choose some with --measures")
    columns = min(3, len(measures))
    rows = -(-len(measures) // columns)
    figure = Figure((2.6 * columns, 2.2 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for measure, ax in zip(measures, panels, strict=False):
        text = {"value": measure.replace("_", " ").capitalize(), over: over.replace("_", " ").capitalize()}
        na.plot.curve(defined[defined["measure"] == measure], x=over, y="value", labels=text, ax=ax)
    for ax in panels[len(measures) :]:
        ax.remove()
    return list(na.plot.save(figure, path))
