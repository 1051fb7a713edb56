"""What the commands print: networks in a few lines, tables for people or for programs."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from netanalysis._core.records import write_table
from netanalysis._core.text import cells, cut, shown
from netanalysis.cli._records import of_command
from netanalysis.connectome import Connectome

# What a person reads of a table in a terminal; a file or a pipe gets all of it.
_READ = {
    "measure": ("network", "measure", "value", "null_mean", "z", "p", "note"),
    "compare": (
        "measure",
        "n_a",
        "n_b",
        "n_pairs",
        "mean_a",
        "mean_b",
        "difference",
        "hedges_g",
        "hedges_gz",
        "p",
        "p_holm",
        "note",
    ),
    "distances": ("a", "b", "distance"),
    "over": ("network", "measure", "value", "note"),
    "groups": (
        "component",
        "sign",
        "n_edges",
        "n_nodes",
        "size",
        "source",
        "target",
        "node",
        "measure",
        "estimate",
        "t",
        "p",
        "p_bh",
        "p_max",
        "threshold",
        "contrast",
        "note",
    ),
    "wiring": ("rule", "eta", "gamma", "alpha", "omega", "energy", "energy_low", "energy_high"),
    "paths": ("what", "nodes", "hops", "step", "strength", "weakest", "gross", "inhibitory", "share"),
}


# How the library names what a command calls otherwise.
_OPTIONS = (
    (r"(?:pass )?orientation='(\w+)'", r"--orientation \1"),
    (r"(?:pass )?undirected=True", "--undirected"),
    (r"\bdirected=True", "--directed"),
    (r"strict=True", "--strict"),
    (r"\bmissing=", "--missing "),
    (r"transform\.shared_nodes\(nets\)", "--shared-nodes"),
    (r"pass isolated=False", "give --trusted before the command"),
    (r"key='([^']*)'", r"--key '\1'"),
    (r"contrast=\('([^']*)', '([^']*)'\)", r"--contrast '\1,\2'"),
    (r"\bas by=", "with --by"),
    (r"\bpeople= gives", "--people gives"),
    (r"person='([^']*)'", r"--person '\1'"),
    (r"nulls\.(\w+)", r"--null \1"),
    (
        r"Load it as directed and choose with transform\.symmetrize\([^)]*\)",
        "Leave out --undirected, and give --orientation source_target --transform symmetrize:how=mean (or sum, max)",
    ),
    (r"transform\.(symmetrize|remove_self_connections|largest_component|absolute)\b(?:\(net\))?", r"--transform \1"),
)


def in_options(text: str) -> str:
    """A message of the library in one line, with the options of the command line."""
    text = shown(" ".join(text.split()))
    for pattern, option in _OPTIONS:
        text = re.sub(pattern, option, text)
    return text


def show_table(table: pd.DataFrame, output: str | None, *, of: str, also: str = "", parts: str = "") -> None:
    """A table to a .csv, or to the terminal: for a person in columns, for a pipe as .csv.

    A person reads `parts`, rows that differ in this column, as a table each.
    """
    if output is not None:
        write_table(table, output, of_command(Path(output).name))
        click.echo(f"{output}: {len(table)} rows", err=True)
    elif sys.stdout.isatty():
        tables = [rows for _, rows in table.groupby(parts, sort=False)] if parts else [table]
        click.echo("\n\n".join(readable(rows, of, also) for rows in tables))
    else:
        click.echo(cells(table).to_csv(index=False), nl=False)


def readable(table: pd.DataFrame, of: str, also: str = "") -> str:
    """The columns that a person reads, and one more, without those that are empty."""
    named = (
        table[[name for name in (*_READ[of][:1], also, *_READ[of][1:]) if name in table]]
        .replace("", np.nan)
        .dropna(axis=1, how="all")
    )
    for name in [name for name in named if named[name].dtype.kind not in "biufc"]:
        named[name] = named[name].map(_word)
    return named.to_string(index=False, na_rep="", float_format=lambda x: f"{x:.4g}")


def shown_rows(table: pd.DataFrame) -> str:
    """A short table for a person, numbers in full: their last digits are what it is about."""
    return table.map(_word).to_string(index=False, na_rep="", float_format=repr)


def _word(value: Any) -> Any:
    """Text of a file, short and without signs that steer the terminal."""
    return shown(cut(value, 100)) if isinstance(value, str) else value


def described(net: Connectome) -> str:
    """A few lines about a network, or about a stack and its members."""
    w = net.weights.data if net.is_sparse else net.weights
    density = np.atleast_1d(net.density)
    lines = {
        "nodes": f"{net.n_nodes:,}",
        "networks": f"{density.size:,} in a stack of shape {net.weights.shape[:-2]}" if net.is_stack else None,
        "connections": f"{int(np.count_nonzero(w)):,}" + (" in all" if net.is_stack else ""),
        "density": _span(density),
        "direction": "directed" if net.is_directed else "undirected",
        "weights": f"{w.min(initial=0.0):.4g} to {w.max(initial=0.0):.4g}{', signed' if net.is_signed else ''}",
        "storage": "sparse" if net.is_sparse else "dense",
        "positions": f"{net.positions.shape[1]} coordinates" if net.positions is not None else None,
        "modules": f"{len(np.unique(net.modules))}" if net.modules is not None else None,
        "inputs": f"{net.inputs.shape[0]}" if net.inputs is not None else None,
        "outputs": f"{net.outputs.shape[1]}" if net.outputs is not None else None,
        "labels": None if net.labels is None else ", ".join(map(cut, net.labels[:4])) + " …" * (net.n_nodes > 4),
        "history": "; ".join(net.history) or None,
    }
    lines |= {k: str(v) for k, v in net.metadata.items() if isinstance(v, (str, int, float)) and k not in lines}
    return aligned(net.name or "unnamed", lines)


def aligned(title: str, lines: dict[str, Any]) -> str:
    """A title and below it what is known, one thing a line."""
    width = min(40, max(map(len, lines)))
    said = {cut(shown(k), 40): cut(shown(v), 600) for k, v in lines.items() if v is not None}
    return "\n".join([cut(shown(title), 100)] + [f"  {k:<{width}}  {v}" for k, v in said.items()])


def _span(values: Any) -> str:
    low, high = float(np.min(values)), float(np.max(values))
    return f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"
