"""What is measured on a page of a large network, and what of that gets null networks: decided by what it costs.

Costs are seconds of one core, measured on networks of 1,000 to 5,000 nodes and grown as the algorithm grows. They
are rough, but the same on every machine, so that a page holds the same numbers wherever it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from joblib import parallel_config
from scipy import sparse

from netanalysis.connectome import Connectome
from netanalysis.nulls._null_test import from_values, unwrapped
from netanalysis.nulls.degree import degree_preserving
from netanalysis.table._rows import NUMBERS
from netanalysis.table.measures import MEASURES
from netanalysis.table.summary import summarize_with_nulls

ALONE, NULLS = 5.0, 60.0  # seconds: of a measure of the network itself, and of one of all null networks
# What a page of a large network shows in place of what is left out; sigma comes from its last two.
CHEAP = ("reciprocity", "clustering_binary", "path_length_binary")
_COSTS: dict[str, Callable[[float, float], float]] = {  # of n nodes and m stored connections
    "clustering": lambda n, m: 5e-9 * m * m / n,
    "clustering_binary": lambda n, m: 5e-9 * m * m / n,
    "path_length_binary": lambda n, m: 3e-10 * n * m,
    "path_length": lambda n, m: 5.6e-9 * n * m,
    "efficiency": lambda n, m: 5.6e-9 * n * m,
    "propensity": lambda n, m: 1e-9 * n * m,
    "modularity": lambda n, m: 1.1e-6 * m,
    "weight_distance_correlation": lambda n, m: 1.6e-7 * m,
    "connection_distance": lambda n, m: 1.4e-7 * m,
    "communicability_entropy": lambda n, m: min(2.6e-9 * n * m, 2.1e-10 * n**3),
    "spectral_entropy": lambda n, m: 2.5e-10 * n**3,
    "pathway_mean_hops": lambda n, m: min(4.5e-9 * n * m, 2e-10 * n**3),
    "n_blocks": lambda n, m: 1e-4 * m,
    "block_compression": lambda n, m: 1e-4 * m,
}
_INSTEAD = {
    "path_length": "estimate_path_length",
    "efficiency": "estimate_efficiency",
    "spectral_entropy": "estimate_spectral_entropy",
}


@dataclass(frozen=True)
class Scope:
    """Of a page of one network: what is tested against nulls, what is measured alone, and why not, by measure."""

    tested: list[str]
    alone: dict[str, str]
    left_out: dict[str, str]

    @property
    def is_large(self) -> bool:
        """Whether anything is given without null networks."""
        return bool(self.alone or self.left_out)


def measured(
    net: Connectome,
    *,
    measures: Sequence[str] | None,
    default: Sequence[str],
    null: Callable[..., Any] | None,
    n_nulls: int,
    rng: int,
    n_jobs: int | None,
    strict: bool,
) -> pd.DataFrame:
    """One network's table: measures that were named, or of the default ones those that its size allows."""
    settings: dict[str, Any] = {"rng": rng, "progress": False, "strict": strict}
    of = scope(net, default, n_nulls) if measures is None else Scope(list(measures), {}, {})
    if not of.is_large:
        return summarize_with_nulls(net, of.tested, null=null, n_nulls=n_nulls, n_jobs=n_jobs, **settings)
    # Threads for all cores: the networks are large, and nothing is copied.
    threads = parallel_config("threading", n_jobs=-1) if n_jobs is None else nullcontext()
    with threads:
        tested = summarize_with_nulls(net, of.tested, null=null, n_nulls=n_nulls, n_jobs=n_jobs, **settings)
    sigma = sigma_row(tested, null)
    alone = [name for name in of.alone if name not in of.tested]
    parts = [tested, *([] if sigma is None else [sigma])]
    if alone:
        rows = summarize_with_nulls(net, alone, null=None, n_nulls=n_nulls, n_jobs=n_jobs, **settings)
        rows["note"] = [note or of.alone[name] for name, note in zip(rows["measure"], rows["note"], strict=True)]
        parts.append(rows)
    if of.left_out:
        empty = tested.iloc[[0] * len(of.left_out)].copy()
        empty["measure"], empty["note"] = list(of.left_out), list(of.left_out.values())
        for name, text in (("definition", "definition"), ("source", "source")):
            empty[name] = [getattr(MEASURES[measure], text) for measure in of.left_out]
        empty[[*NUMBERS]], empty["null_values"], empty["null"] = float("nan"), None, None
        empty[["n_nulls", "n_undefined"]] = 0
        parts.append(empty)
    table = pd.concat(parts, ignore_index=True)
    order = {name: k for k, name in enumerate([*default, "sigma", *CHEAP])}
    return table.sort_values("measure", key=lambda names: names.map(order), ignore_index=True)


def cost(net: Connectome, name: str) -> float:
    """Seconds of one core that a measure of a network takes, about."""
    m = float(net.weights.nnz if sparse.issparse(net.weights) else np.count_nonzero(net.weights))
    return _COSTS[name](net.n_nodes, m) if name in _COSTS else 0.0


def scope(net: Connectome, names: Sequence[str], n_nulls: int) -> Scope:
    """What of the default measures a network of its size gets."""
    tested: list[str] = []
    alone: dict[str, str] = {}
    left_out: dict[str, str] = {}
    for name in [*names, *CHEAP]:
        seconds = cost(net, name)
        if name in tested or (name in CHEAP and not (alone or left_out)):
            continue
        if seconds > ALONE:
            instead = f", or call {_INSTEAD[name]}" if name in _INSTEAD else ""
            left_out[name] = (
                f"not measured: takes about {seconds:.2g} s of one core, and a page stops at {ALONE:g}; name it in "
                f"measures={instead}"
            )
        elif seconds * n_nulls > NULLS:
            alone[name] = (
                f"no null networks: {n_nulls} times {seconds:.2g} s of one core are more than the {NULLS:g} s of a "
                "page; name it in measures="
            )
        else:
            tested.append(name)
    return Scope(tested, alone, left_out)


def sigma_row(table: pd.DataFrame, null: Any) -> pd.DataFrame | None:
    """Sigma from the clustering and path lengths of the null networks that the page has, if these keep degrees."""
    rows = table.set_index("measure")
    if unwrapped(null) is not degree_preserving or not {*CHEAP[1:]} <= set(rows.index):
        return None
    c, length = (rows.loc[name] for name in CHEAP[1:])
    if c["null_values"] is None or length["null_values"] is None:
        return None
    with np.errstate(all="ignore"):
        nulls = np.asarray(c["null_values"] / c["null_mean"]) / np.asarray(length["null_values"] / length["null_mean"])
        value = (c["value"] / c["null_mean"]) / (length["value"] / length["null_mean"])
    test = from_values(np.array([value]), nulls[np.newaxis], (), "two-sided", "sigma", str(c["null"]))
    row = c.copy()
    row["value"], row["null_mean"], row["null_std"], row["z"], row["p"] = (
        float(x) for x in (test.observed, test.null_mean, test.null_std, test.z, test.p)
    )
    row["null_low"], row["null_high"] = map(float, test.interval)
    row["null_values"], row["n_undefined"] = nulls, int(test.n_undefined)
    row["definition"] = "(C / C_null) / (L / L_null), binary (w != 0), means over the null networks of this page."
    row["source"] = "doi:10.1371/journal.pone.0002051"
    return pd.DataFrame([{"network": row["network"], "measure": "sigma", **row.drop("network").to_dict()}])
