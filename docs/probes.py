"""What every measure of the table does with signs, directions and the rest: asked of the measure itself."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import netanalysis as na

N = 24

_HOW = """\
What happens with signs, directions, self-connections? Each column of the table of measures was asked, when this page
was built, on a directed weighted network: does its number change where some weights become negative (signs), where all
directions are turned round (direction), where every connection also goes back (both ways), where weights are squared
(weights), multiplied by 1,000 (unit), where self-connections are added, where the network falls into two parts?
*Ignored* means the same number; *refused*, an error that names what to do; *undefined*, nan with a note.
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


def _value(measure: Any, net: na.Connectome) -> Any:
    """Its number, or None where it refuses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return float(measure(net))
        except (ValueError, MemoryError):
            return None


def answers(measure: Any, net: na.Connectome) -> dict[str, str]:
    """What happens to the number under each change."""
    before = _value(measure, net)
    said = {}
    for name, change in CHANGES.items():
        after = _value(measure, change(net))
        if after is None:
            said[name] = "refused"
        elif np.isnan(after) and before is not None and not np.isnan(before):
            said[name] = "undefined"
        else:
            same = before is not None and np.isclose(after, before, rtol=1e-7, equal_nan=True)
            said[name] = "ignored" if same else "counts"
    return said


def page() -> str:
    """By question, from README; then by kind of network, from the measures."""
    net = _network()
    lines = [
        "# Which measure?",
        "",
        "## By question",
        "",
        "```{include} ../../README.md",
        ":start-after: '## Measures'",
        ":end-before: '## Many networks'",
        "```",
        "",
        "## By kind of network: signed, directed, weighted, disconnected",
        "",
        _HOW,
        "| measure | " + " | ".join(CHANGES) + " | handed | definition |",
        "| --- " * (len(CHANGES) + 3) + "|",
    ]
    for name, measure in na.MEASURES.items():
        found = answers(measure, net)
        definition = measure.definition.replace("|", "\\|")
        lines.append(f"| `{name}` | " + " | ".join(found.values()) + f" | {measure.of} | {definition} |")
    return "\n".join(lines) + "\n"
