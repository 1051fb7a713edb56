"""Train pathway-regularised networks on all modular tasks: ``python data/trained/resolvent.py DIR`` (restartable).

Writes DIR/resolvent_statistics.csv, one row per trained network, and DIR/resolvent_TASK.npz, the unpenalised networks
of each task. ``--part NAME`` trains one of its parts; rows of the others, if DIR has the table already, stay in it.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

import netanalysis as na
from models import Ensemble, recipes, train
from netanalysis._core.files import written_whole

ALPHA = 0.9
BETAS = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
# What identifies networks in the table, changes to the recipe, and strengths of the penalty.
_Group = tuple[dict[str, Any], dict[str, Any], tuple[float, ...]]
# Columns that name a network.
KNOWN = ("inputs", "operation", "signal", "activation", "bias", "penalty", "epochs", "alpha", "beta", "seed")
PENALTIES = {"l1": "resolvent_l1", "sum": "resolvent", "hop": "resolvent_hop"}


def cells() -> Iterator[_Group]:
    """Every task and penalty."""
    for signal in ("oscillating", "full"):
        yield from beside_l1(BETAS, operation="averaging", signal=signal)
    for activation, bias, inputs in (("tanh", False, "normal"), ("tanh", True, "normal"), ("tanh", False, "uniform")):
        yield group("none", activation, bias, operation="multiplication", signal="full", inputs=inputs)
    yield from beside_l1(BETAS[1:5], "relu", operation="averaging", signal="oscillating")
    for operation in ("subtraction", "addition"):
        yield from beside_l1(BETAS[2:5], operation=operation, signal="oscillating")
        for signal in ("full", "sparse"):
            yield group("none", operation=operation, signal=signal)
    yield from beside_l1(BETAS[2:4], "linear", operation="averaging", signal="oscillating")
    yield from beside_l1(BETAS[1:4], operation="averaging", signal="sparse")
    for share in (1 / 3, 2 / 3, 5 / 6):
        yield from beside_l1(BETAS[2:3], operation="averaging", signal=round(share, 2))
    # A single step of signal, and true products, are learned late.
    yield group("none", epochs=30, operation="averaging", signal="sparse")
    yield group("none", bias=True, epochs=30, operation="multiplication", signal="full", inputs="normal")


def claims() -> Iterator[_Group]:
    """Those that the paper's claims are about."""
    yield from beside_l1(BETAS, operation="averaging", signal="oscillating")


def alphas() -> Iterator[_Group]:
    """The signed sum under less damping, and over walks of every length."""
    for alpha in (0.5, 0.8, 0.9):
        for penalty in ("sum", "inverse"):
            if (penalty, alpha) != ("sum", ALPHA):
                betas = BETAS[1:5]
                yield group(penalty, betas=betas, alpha=alpha, operation="averaging", signal="oscillating")


def products() -> Iterator[_Group]:
    """Products of normal inputs with rectified units and biases."""
    yield group("none", "relu", bias=True, epochs=30, operation="multiplication", signal="full", inputs="normal")


# Networks of each part, and their seeds.
PARTS: dict[str, tuple[Callable[[], Iterator[_Group]], range]] = {
    "cells": (cells, range(5)),
    "claims": (claims, range(5, 20)),
    "alphas": (alphas, range(5)),
    "products": (products, range(20)),
}


def beside_l1(betas: tuple[float, ...], activation: str = "tanh", **task: Any) -> Iterator[_Group]:
    """The same without penalty, with L1 and with both penalties on pathways."""
    for penalty in ("none", *PENALTIES):
        yield group(penalty, activation, betas=betas, **task)


def group(
    penalty: str,
    activation: str = "tanh",
    bias: bool = False,
    epochs: int = 10,
    betas: tuple[float, ...] = (0.0,),
    alpha: float = ALPHA,
    **task: Any,
) -> _Group:
    """Networks of one task and penalty."""
    base = recipes.get(PENALTIES.get(penalty, "resolvent"))
    cost: dict[str, Any] = {"penalty": "none", "penalty_options": {}}
    if penalty == "inverse":
        cost = {"penalty": "resolvent", "penalty_options": {"alpha": alpha, "form": "inverse"}}
    elif penalty in PENALTIES:
        damping = {"alpha": alpha} if "alpha" in base.penalty_options else {}
        cost = {"penalty": base.penalty, "penalty_options": {**base.penalty_options, **damping}}
    changes = cost | {
        "name": base.name,
        "task_options": task,
        "cell": replace(base.cell, activation=activation, bias=bias),
        "epochs": epochs,
    }
    what = {"inputs": "normal"} | task | {"activation": activation, "bias": bias, "penalty": penalty, "epochs": epochs}
    return what | {"alpha": alpha}, changes, (0.0,) if penalty == "none" else betas


def statistics(trained: Ensemble) -> Iterator[dict[str, Any]]:
    """Measures of each network after training."""
    task = trained.recipe.make_task()
    # The optimum of a product of normal inputs is one of magnitudes.
    size_only = task.operation == "multiplication" and task.inputs == "normal"

    def r(found: NDArray[Any]) -> float:
        return correlation(np.abs(found) if size_only else found, task.optimal)

    start = trained.at(0).table["penalty"]
    last = trained.at(-1)
    for row, net in enumerate(last):
        entry = last.table.iloc[row]
        raw = na.pathways(net, max_hops=task.steps - 1, normalize=None)
        damped = na.pathways(net, max_hops=task.steps - 1, alpha=ALPHA, normalize=None)
        scaled = na.pathways(net, max_hops=task.steps - 1, alpha=ALPHA, normalize="spectral_radius")
        size = np.abs(damped.total)
        blocks = np.concatenate([np.abs(last.parameters[name][row]).ravel() for name in ("W_in", "W", "W_out")])
        yield {
            "beta": entry["gamma"],
            "seed": entry["seed"],
            "beta_omega_start": start[row],
            "nmse": 1 - entry["accuracy"],
            "r_pathways": r(damped.total),
            "r_pathways_scaled": r(scaled.total),
            "r_weights": r(net.weights),
            "r_jacobian": correlation(jacobian(last, row, size_only), task.optimal),
            "auroc_pathways": roc_auc_score(task.optimal.ravel() != 0, size.ravel()),
            "off_signal_mass": raw.off_signal_mass(task.lag_profile),
            "temporal_alignment": raw.temporal_alignment(task.lag_profile),
            "gini_hops": raw.gini,
            "silent_hops": raw.hop_sparsity,
            "silent_pathways": raw.sparsity,
            "total_weight": blocks.sum(),
            "silent_weights": (blocks < 0.05 * blocks.max()).mean(),
            "communication": raw.hop_mass.sum(),
            "cancellation_raw": raw.cancellation_index,
            "cancellation": damped.cancellation_index,
            "spectral_radius": na.spectral_radius(net),
            "structural_q": na.modularity(np.abs(net.weights), task.modules),
            "functional_within": size[task.own > 0].sum() / size.sum(),
            **{f"share_{k}": share for k, share in zip(raw.hops, raw.hop_share, strict=True)},
            **{f"r_{k}": r(m) for k, m in zip(raw.hops, raw.maps, strict=True)},
        }


def jacobian(trained: Ensemble, row: int, size_only: bool) -> NDArray[np.float64]:
    """Mean derivative of the output with respect to the signal, over 256 trials, by central differences."""
    task, cell, h = trained.recipe.make_task(), trained.recipe.cell, 0.05
    u = task.sample(256, np.random.default_rng(0)).inputs
    push = h * np.eye(task.n_in)[:, None, None] * (task.signal / np.sqrt(task.signal.sum()))[:, None]
    moved = torch.from_numpy(np.stack([u + sign * push for sign in (1, -1)]).astype(np.float32))
    p = {name: torch.from_numpy(value[[row]]) for name, value in trained.parameters.items()}
    with torch.no_grad():
        x = moved.flatten(0, 2).swapaxes(0, 1)[None].contiguous()
        y = cell.outputs(p, cell.states(p, x, last=True))[0].unflatten(0, moved.shape[:3]).numpy()
    slopes = (y[0] - y[1]) / (2 * h)
    return np.asarray((np.abs(slopes) if size_only else slopes).mean(axis=1), dtype=float)


def correlation(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Pearson r of the entries, nan if one is constant."""
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1]) if np.ptp(a) and np.ptp(b) else np.nan


def label(what: Mapping[str, Any]) -> str:
    """Name of the folder of a group."""
    return "-".join(str(value) for value in what.values())


def main() -> None:
    """Train what is not trained yet, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", choices=PARTS, action="append", help="may be given several times; default: all")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="share of seeds, one at least, and of updates")
    options = parser.parse_args()
    for part in options.part or PARTS:
        networks, seeds = PARTS[part]
        seeds = seeds[: max(1, round(options.scale * len(seeds)))]
        for what, changes, strengths in networks():
            recipe = recipes.get("resolvent", **changes)
            recipe = replace(recipe, steps=max(1, round(options.scale * recipe.steps)))
            gammas, seed = np.repeat(strengths, len(seeds)), np.tile(seeds, len(strengths))
            place = options.folder / "checkpoints" / part / label(what)
            trained = train(recipe, gammas, seed, folder=place, group=30, n_jobs=options.jobs, progress=False)
            rows = pd.DataFrame([what | row for row in statistics(trained)])
            update(options.folder / "resolvent_statistics.csv", rows)
            last = rows.groupby("beta")[["nmse", "r_pathways", "off_signal_mass"]].median()
            print(part, label(what), last.round(3).to_string(), sep="\n", flush=True)
            if part == "cells":
                keep(what, trained.at(-1), options.folder)


def update(path: Path, rows: pd.DataFrame) -> None:
    """Put networks into the table, in place of what it says of them."""
    known = [name for name in rows if name in KNOWN]
    if path.exists():
        old = pd.read_csv(path, dtype={"signal": str})
        both = pd.concat([old.assign(alpha=old.get("alpha", ALPHA)), rows.astype({"signal": str})], ignore_index=True)
        rows = both.drop_duplicates(known, keep="last")
    with written_whole(path) as part:
        rows.to_csv(part, index=False, float_format="%.4g")


def keep(what: Mapping[str, Any], trained: Ensemble, folder: Path) -> None:
    """Write the networks that are bundled: one file a penalty for the main task, and one for each other operation."""
    command = "python data/trained/resolvent.py DIR"
    if (what["operation"], what["signal"], what["activation"]) == ("averaging", "oscillating", "tanh"):
        free = folder / "resolvent_none.npz"
        if what["penalty"] == "none":
            trained.save(free)
        else:
            join(Ensemble.load(free), trained).save(folder / f"{trained.recipe.name}.npz", command=command)
    wanted = "uniform" if what["operation"] == "multiplication" else "normal"
    if (what["penalty"], what["signal"], what["inputs"]) == ("none", "full", wanted):
        named = replace(trained.recipe, name=f"resolvent_{what['operation']}")
        Ensemble(named, trained.table, trained.parameters).save(folder / f"{named.name}.npz", command=command)


def join(free: Ensemble, penalised: Ensemble) -> Ensemble:
    """The networks without penalty are those of every penalty with strength 0."""
    table = pd.concat([free.table, penalised.table], ignore_index=True)
    table["network"] = range(len(table))
    parameters = {name: np.concatenate([free.parameters[name], value]) for name, value in penalised.parameters.items()}
    return Ensemble(penalised.recipe, table, parameters)


if __name__ == "__main__":
    main()
