"""What every measure of the table does with signs, directions and the rest: asked of the measure itself."""

from __future__ import annotations

import importlib
import inspect
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import netanalysis as na

N = 24
N_NULLS = 6
NULLS = ("weight_shuffle", "degree_preserving", "strength_preserving", "geometry_preserving")
ROOT = Path(__file__).resolve().parents[1]
README, RESULTS = ROOT / "README.md", ROOT / "tests" / "benchmarks" / "RESULTS.md"

_HOW = """\
What happens with signs, directions, self-connections? Each column of the table of measures was asked, when this page
was built, on a directed weighted network: does its number change where some weights become negative (signs), where all
directions are turned round (direction), where every connection also goes back (both ways), where weights are squared
(weights), multiplied by 1,000 (unit), where self-connections are added, where the network falls into two parts?
*Ignored* means the same number; *refused*, an error that names what to do; *undefined*, nan with a note. *Handed* is
what the column of the table gives to its function: the weights as they are (signed), their magnitudes, both directions
averaged (undirected), or the strongest tenth of them.
"""

_NULLS_AND_SIZE = f"""\
Which null fits, and what does it cost? A null model that keeps a measure fixed says nothing about it: each measure was
asked of {N_NULLS} null networks of four kinds, and the table names those under which it can vary ({", ".join(NULLS)}).
[Which null model?](which_null.md) says what each keeps. The last columns are measured
([speed](../speed.md)): seconds and memory on a network of 140,000 nodes with 5 million connections; where a measure
needs all n x n pairs it refuses a network of that size and names what to use instead.
"""


def _network() -> na.Connectome:
    """A directed, weighted network in space with modules, strongly connected, without signs or self-connections."""
    rng = np.random.default_rng(0)
    w = rng.lognormal(size=(N, N)) * (rng.random((N, N)) < 0.25)
    w[np.arange(N), (np.arange(N) + 1) % N] = 1.0
    np.fill_diagonal(w, 0.0)
    return na.Connectome(w, positions=rng.normal(size=(N, 3)), modules=np.repeat(["a", "b", "c"], N // 3))


def _changed(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[na.Connectome], na.Connectome]:
    return lambda net: net.replace(weights=change(np.array(net.weights)))


def _some_negative(w: np.ndarray) -> np.ndarray:
    sign = np.where(np.random.default_rng(1).random(w.shape) < 0.3, -1.0, 1.0)
    return w * sign


def _with_loops(w: np.ndarray) -> np.ndarray:
    return w + np.diag(np.linspace(0.5, 2.0, len(w)))


def _in_parts(w: np.ndarray) -> np.ndarray:
    half = len(w) // 2
    w[:half, half:] = w[half:, :half] = 0.0
    return w


CHANGES = {
    "signs": _changed(_some_negative),
    "direction": _changed(lambda w: w.T.copy()),
    "both ways": _changed(lambda w: np.maximum(w, w.T)),
    "weights": _changed(lambda w: w**2),
    "unit": _changed(lambda w: 1000 * w),
    "self-connections": _changed(_with_loops),
    "in parts": _changed(_in_parts),
}


class Defect(str):
    """What a measure raised that is no refusal: shown on the page, and a warning that fails the build."""


def _value(measure: Any, net: na.Connectome) -> Any:
    """Its number, None where it refuses, or the defect."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return float(measure(net))
        except (ValueError, MemoryError):
            return None
        except Exception as error:
            return Defect(f"defect: {type(error).__name__}")


def answers(measure: Any, net: na.Connectome) -> dict[str, str]:
    """What happens to the number under each change."""
    before = _value(measure, net)
    said = {}
    for name, change in CHANGES.items():
        after = _value(measure, change(net))
        if isinstance(before, Defect) or isinstance(after, Defect):
            said[name] = after if isinstance(after, Defect) else before
        elif after is None:
            said[name] = "refused"
        elif np.isnan(after) and before is not None and not np.isnan(before):
            said[name] = "undefined"
        else:
            same = before is not None and np.isclose(after, before, rtol=1e-7, equal_nan=True)
            said[name] = "ignored" if same else "counts"
    return said


def informative(net: na.Connectome) -> dict[str, list[str]]:
    """The null models under which each measure varies, of those that were asked."""
    found: dict[str, list[str]] = {name: [] for name in na.MEASURES}
    for null in NULLS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = na.summarize(net, null=null, n_nulls=N_NULLS, rng=0, progress=False)
        for row in table.itertuples():
            if np.isfinite(row.z):
                found[row.measure].append(null)
    return found


def costs() -> dict[str, tuple[str, str]]:
    """Seconds and GiB of each measure on the large network, from the benchmarks."""
    rows = re.findall(r"^\| (\w+) \| \S+ \| ([\d.]+) \| ([\d.]+) \|$", RESULTS.read_text(encoding="utf-8"), re.M)
    return {name: (seconds, memory) for name, seconds, memory in rows}


def by_question() -> str:
    """The table of README."""
    return README.read_text(encoding="utf-8").partition("## Measures\n")[2].partition("## Many networks")[0].strip()


def linked(text: str) -> str:
    """The text with every name in code that is a function of the package as a link to its page."""

    def link(found: re.Match[str]) -> str:
        name = found[1] if found[1].startswith("models.") else f"netanalysis.{found[1]}"
        space, *parts = name.split(".")
        value: Any = importlib.import_module(space)
        for part in parts:
            value = getattr(value, part, None)
        return f"{{func}}`{found[0].strip('`')} <{name}>`" if inspect.isfunction(value) else found[0]

    return re.sub(r"`([A-Za-z_.]+)(\(…\)[^`]*)?`", link, text)


def page() -> tuple[str, list[str]]:
    """By question, from README; by kind of network, from the measures; and what in them is a defect."""
    net = _network()
    defects: list[str] = []
    lines = [
        "# Which measure?",
        "",
        "## By question",
        "",
        linked(by_question()),
        "",
        "## By kind of network: signed, directed, weighted, disconnected",
        "",
        _HOW,
        "| measure | " + " | ".join(CHANGES) + " | handed | definition |",
        "| --- " * (len(CHANGES) + 3) + "|",
    ]
    for name, measure in na.MEASURES.items():
        found = answers(measure, net)
        defects += [f"{name}, {change}: {said}" for change, said in found.items() if isinstance(said, Defect)]
        definition = measure.definition.replace("|", "\\|")
        what = linked(f"`{name}`")
        lines.append(f"| {what} | " + " | ".join(found.values()) + f" | {measure.of} | {definition} |")
    lines += ["", "## What varies, and what it costs", "", _NULLS_AND_SIZE]
    lines += ["| measure | null models that say something | seconds | GiB | instead, where it is too large |"]
    lines += ["| --- " * 5 + "|"]
    varied, spent = informative(net), costs()
    for name, measure in na.MEASURES.items():
        seconds, memory = spent.get(name, ("refused" if "dense" in measure.needs else "", ""))
        nulls = linked(", ".join(f"`nulls.{null}`" for null in varied[name])) or "none of these"
        lines.append(f"| {linked(f'`{name}`')} | {nulls} | {seconds} | {memory} | {measure.instead} |")
    return "\n".join(lines) + "\n", defects
