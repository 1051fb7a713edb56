"""What the page says: from networks and their table to the words and cells of the template."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from importlib import resources
from os import PathLike
from typing import Any

import jinja2
import numpy as np
import pandas as pd
from markupsafe import Markup

from netanalysis._core.pvalues import is_significant
from netanalysis._core.text import cut
from netanalysis.connectome import Connectome
from netanalysis.plot._text import number

_LONGEST = 600  # letters of a text

PROVENANCE = {  # metadata key -> label, in the order of the page
    "what": "What it is",
    "species": "Species",
    "weight_unit": "Weights are",
    "unit": "Unit of length",
    "file": "File",
    "key": "Array in the file",
    "orientation": "Orientation",
    "sha256": "SHA-256",
    "source": "Source",
    "licence": "Licence",
    "citation": "Cite",
    "doi": "DOI",
}

SCRIPTS = ("sort.js", "scroll.js", "walks.js", "layers.js", "paths.js")


def write(page: Mapping[str, Any]) -> str:
    """The whole page as one string; everything that is not Markup is escaped."""
    folder = resources.files("netanalysis.page")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["breakable"] = breakable
    template = environment.from_string((folder / "template.html.j2").read_text(encoding="utf-8"))
    css, *scripts = (Markup((folder / name).read_text(encoding="utf-8").strip()) for name in ("style.css", *SCRIPTS))
    return template.render(page=page, css=css, script=Markup("\n").join(scripts)) + "\n"


def slug(name: str, taken: Iterable[str]) -> str:
    """An anchor for a name, unlike those taken."""
    base = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "network"
    taken = set(taken)
    return next(s for k in range(len(taken) + 2) if (s := f"net-{base}" + (f"-{k + 1}" if k else "")) not in taken)


def cell(value: Any, *, p: Any = None, z: Any = None) -> dict[str, Any]:
    """A number as shown, as sorted, and whether it lies above or below its null."""
    value = float("nan") if value is None else float(value)
    side = ""
    if p is not None and z is not None and is_significant(p) and not math.isnan(z):
        side = "hi" if z > 0 else "lo"
    shown = "–" if math.isnan(value) else number(value)
    return {"value": shown, "sort": "" if math.isnan(value) else repr(value), "side": side}


def facts(net: Connectome) -> list[str]:
    """The first line under a network's name."""
    n = net.n_nodes
    kind = ("signed, " if net.is_signed else "") + ("directed" if net.is_directed else "undirected")
    w = net.weights
    diagonal = w.diagonal()
    total = int((w.nnz if net.is_sparse else np.count_nonzero(w)) - np.count_nonzero(diagonal))
    selves = int(np.count_nonzero(diagonal))
    out = [
        f"{n:,} nodes",
        f"{total if net.is_directed else total // 2:,} connections",
        f"density {number(float(net.density))}",
        kind,
    ]
    if selves:
        out.append(f"{selves:,} self-connections")
    return out


def provenance(net: Connectome) -> list[tuple[str, Any]]:
    """Where the network came from and what was done to it, as label and text."""
    known = [key for key in PROVENANCE if net.metadata.get(key)]
    other = [key for key, value in net.metadata.items() if key not in PROVENANCE and _is_short(value)]
    rows = [(PROVENANCE.get(key, cut(key).replace("_", " ")), _shown(key, net.metadata[key])) for key in known + other]
    return [*rows, ("Transforms", cut(" → ".join(net.history), 10 * _LONGEST) if net.history else "none")]


def _shown(key: str, value: Any) -> Any:
    if key == "doi":
        return _doi_link(cut(value, _LONGEST))
    text = "; ".join(str(item) for item in value) if isinstance(value, (list, tuple)) else str(value)
    return cut(text, 4 * _LONGEST)


def _is_short(value: Any) -> bool:
    return isinstance(value, (str, int, float, bool)) and value != "" and len(str(value)) <= _LONGEST


def breakable(name: str) -> Markup:
    """A name that may be broken after its underscores rather than anywhere."""
    return Markup("_<wbr>").join(str(name).split("_"))


def _doi_link(doi: str) -> Any:
    url = doi_url(doi)
    return Markup('<a href="{}" rel="noreferrer">{}</a>').format(url, doi) if url else doi


def doi_url(text: str) -> str:
    """The address of the first DOI in a text; empty if there is none."""
    found = re.search(r"10\.\d{4,9}/[^\s,;)\]]+", text)
    return f"https://doi.org/{found[0].rstrip('.')}" if found else ""


def measure_label(name: str) -> str:
    """``path_length`` as ``Path length``."""
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]


def measures(table: pd.DataFrame) -> list[dict[str, str]]:
    """Name, label, definition and source of every measure in the table, in its order."""
    out = []
    for name, rows in table.groupby("measure", sort=False):
        first = rows.iloc[0]
        source = str(first["source"])
        out.append(
            {
                "name": str(name),
                "label": measure_label(str(name)),
                "definition": str(first["definition"]),
                "source": source,
                "url": doi_url(source),
            }
        )
    return out


def network_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """One network's measures for its own table."""
    out = []
    for _, row in table.iterrows():
        z, p = row["z"], row["p"]
        cells = [cell(row["value"]), cell(row["null_mean"]), cell(row["null_std"])]
        cells += [cell(z, p=p, z=z), cell(p)]
        name = str(row["measure"])
        out.append({"measure": name, "label": measure_label(name), "cells": cells, "why": row["note"]})
    return out


def pivot_cells(table: pd.DataFrame, names: list[str]) -> list[dict[str, Any]]:
    """One network's row in the table of all networks."""
    by_name = {str(row["measure"]): row for _, row in table.iterrows()}
    out = []
    for name in names:
        row = by_name.get(name)
        if row is None:
            out.append({"value": "–", "sort": "", "z": "", "side": "", "why": "not asked for"})
            continue
        shown = cell(row["value"], p=row["p"], z=row["z"])
        z = "" if math.isnan(row["z"]) else number(row["z"])
        out.append(shown | {"z": z, "why": row["note"]})
    return out


def section(
    net: Connectome,
    key: str,
    table: pd.DataFrame,
    cards: list[Any],
    paths: Any,
    missing: list[str],
    null: Any,
    reason: str,
) -> dict[str, Any]:
    """One network's part of the page."""
    return {
        "id": key,
        "name": str(net.name),
        "facts": facts(net),
        "what": cut(net.metadata.get("what", ""), _LONGEST),
        "figures": cards,
        "paths": paths,
        "missing": missing,
        "null": null_name(null),
        "null_reason": reason,
        "rows": network_rows(table),
        "provenance": provenance(net),
    }


def null_name(null: Any) -> str:
    """``degree preserving`` from the function, also under functools.partial."""
    if null is None:
        return "no null model"
    function = getattr(null, "func", null)
    return str(getattr(function, "__name__", type(function).__name__)).replace("_", " ")


def pivot(
    nets: list[Connectome], tables: list[pd.DataFrame], sections: list[dict[str, Any]], names: list[str]
) -> list[dict[str, Any]]:
    """One row per network for the table of all; networks without a section of their own come last."""
    out = []
    for k, (net, table) in enumerate(zip(nets, tables, strict=True)):
        out.append(
            {
                "name": str(net.name),
                "id": sections[k]["id"] if k < len(sections) else "",
                "kind": cut(net.metadata.get("species") or f"{net.n_nodes:,} nodes"),
                "is_reference": k >= len(sections),
                "cells": pivot_cells(table, names),
            }
        )
    return out


def group_summaries(sets: Mapping[str, list[Connectome]], models: Mapping[str, Any]) -> list[dict[str, str]]:
    """Each group in words: how many networks of what kind, and their null model."""
    return [
        {"name": group, "text": f"{len(nets)} networks ({facts(nets[0])[0]}); null model: {null_name(models[group])}"}
        for group, nets in sets.items()
    ]


def comparison_rows(comparison: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Two groups, measure by measure: means, shares beyond their null models, effect size and p."""
    out = []
    for _, row in comparison.iterrows():
        name = str(row["measure"])
        beyond = [_share_beyond(tables[str(row[group])], name) for group in "ab"]
        out.append(
            {
                "measure": name,
                "label": measure_label(name),
                "a": str(row["a"]),
                "b": str(row["b"]),
                "means": [spread(row[f"mean_{g}"], row[f"std_{g}"]) for g in "ab"],
                "beyond": beyond,
                "effect": cell(row["hedges_g"]),
                "interval": f"{number(row['g_low'])} to {number(row['g_high'])}",
                "p": cell(row["p_holm"]),
            }
        )
    return out


def spread(mean: float, std: float) -> dict[str, str]:
    """``0.35 ± 0.02``, sorted by the mean."""
    value = number(float(mean)) + ("" if math.isnan(std) else f" ± {number(float(std))}")
    return {"value": value, "sort": repr(float(mean))}


def _share_beyond(table: pd.DataFrame, measure: str) -> str:
    """``12 of 16`` networks differ from their null model; a dash where the null keeps the measure fixed."""
    p = table.loc[(table["measure"] == measure) & table["z"].notna(), "p"]
    return f"{int(is_significant(p).sum())} of {len(p)}" if len(p) else "–"


def title(names: list[str], by: str | None = None) -> str:
    """A heading from what was analysed, or from what was asked of people."""
    if by is not None:
        return f"Networks of people: {cut(by)}"
    return names[0] if len(names) == 1 else f"{len(names)} networks and their null models"


def call(networks: Any, against: Any, n_nulls: int, rng: int) -> str:
    """The Python call, with paths where paths were given."""

    def shown(item: Any) -> str:
        if isinstance(item, (str, PathLike)):
            return repr(str(item))
        if isinstance(item, (list, tuple)) and all(isinstance(x, (str, PathLike)) for x in item):
            return repr([str(x) for x in item])
        return "networks"

    other = "" if against is None else f", against={shown(against).replace('networks', 'others')}"
    return f"netanalysis.report({shown(networks)}{other}, n_nulls={n_nulls}, rng={rng})"


def duration(seconds: float) -> str:
    """``48 s`` or ``2 min 5 s``."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"
