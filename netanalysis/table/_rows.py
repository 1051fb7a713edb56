"""From a block of networks to the rows of the table, each with its reason where a number cannot be had."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from netanalysis._core import reuse, undefined
from netanalysis._core.pvalues import too_few
from netanalysis.connectome import Connectome, hold
from netanalysis.nulls._null_test import callable_name, handles_stacks, null_test, takes_size
from netanalysis.table._collection import Item
from netanalysis.table._measure import Measure

NUMBERS = ("value", "null_mean", "null_std", "null_low", "null_high", "z", "p")
NOT_LOADED, NOT_MEASURED, NO_NULLS = "not loaded: ", "not measured: ", "no null networks: "

_PROVENANCE = ("file", "sha256", "species", "licence", "doi")
# What a network can be at fault for; anything else is a mistake in a function, and stops the run.
_FAULTS = (ValueError, ArithmeticError, MemoryError, RuntimeError)


@dataclass(frozen=True)
class _Battery:
    """Several measures as one statistic."""

    measures: dict[str, Measure]
    takes_stacks: ClassVar[bool] = True

    def __call__(self, net: Connectome) -> NDArray[np.float64]:
        columns = {}
        handed = self._handed(net)
        calls: dict[tuple[int, int], tuple[list[Any], list[str]]] = {}  # results, and measures that still read them
        for name, measure in self.measures.items():
            calls.setdefault((id(measure.function), id(handed[measure.of])), ([], []))[1].append(name)
        with reuse.reusing():
            # Those that are handed the same weights one after the other: they have most in common.
            for name, measure in sorted(self.measures.items(), key=lambda entry: entry[1].of):
                results, waiting = calls[id(measure.function), id(handed[measure.of])]
                try:
                    if not results:
                        results += measure._results(handed[measure.of])
                    columns[name] = measure._read(results, net.shape[:-2])
                except Exception as error:
                    error.add_note(f"measure {name}")
                    raise
                waiting.remove(name)
                if not waiting:
                    results.clear()
        return np.stack([columns[name] for name in self.measures], axis=-1)

    def _handed(self, net: Connectome) -> dict[str, Connectome]:
        """What functions are handed: one for all that come to the same, as |W| and W of a network without signs do."""
        handed: dict[str, Connectome] = {}
        for name, measure in self.measures.items():
            if measure.of in handed:
                continue
            try:
                made = measure._handed(net)
            except Exception as error:
                error.add_note(f"measure {name}")
                raise
            handed[measure.of] = next((one for one in handed.values() if _alike(one.weights, made.weights)), made)
        return handed


def _alike(a: Any, b: Any) -> bool:
    """Whether two matrices of weights, both dense or both sparse, are the same."""
    if not sparse.issparse(a):
        return bool(np.array_equal(a, b))
    parts = ("indptr", "indices", "data")
    return a.nnz == b.nnz and all(np.array_equal(getattr(a, part), getattr(b, part)) for part in parts)


@dataclass(frozen=True)
class Rows:
    """What to do with a block of networks that can be measured as one stack; picklable, to travel to other processes.

    ``Rows(...)(block)`` gives the rows of every network. Without `strict` a network that cannot be measured, or has no
    null networks, says so in its rows.
    """

    measures: dict[str, Measure]
    null: Callable[..., Any] | None
    n_nulls: int
    root: np.random.SeedSequence
    keys: tuple[str, ...]
    n_jobs: int | None
    null_values: bool
    strict: bool

    @property
    def takes_stacks(self) -> bool:
        """Whether networks can be measured together; else each goes by itself, with all that is known of it."""
        return all(handles_stacks(m.function) for m in self.measures.values()) and (
            self.null is None or takes_size(self.null)
        )

    def __call__(self, block: list[Item]) -> list[list[dict[str, Any]]]:
        with undefined.noted():  # the rows have notes
            return self._of(block)

    def _of(self, block: list[Item]) -> list[list[dict[str, Any]]]:
        net = block[0].net
        if net is None:
            return [self._all(item, NOT_LOADED + item.fault) for item in block]
        if len(block) > 1:
            stacked = hold(np.stack([item.net.weights for item in block if item.net]))
            net = net.replace(weights=stacked, name=None, labels=None, metadata={}, history=())  # those of one of them
        notes = {name: measure.unmet(net) for name, measure in self.measures.items()}
        usable = {name: self.measures[name] for name, note in notes.items() if not note}
        try:
            columns = self._columns(net, usable, block[0].position) if usable else {}
        except Exception as error:
            if len(block) > 1:  # find the network to blame
                return [rows for item in block for rows in self._of([item])]
            if self.strict or not isinstance(error, _FAULTS):
                error.add_note(f"network {block[0].name}")
                raise
            return [[self._alone(block[0], name, notes[name]) for name in notes]]
        places = {name: k for k, name in enumerate(usable)}
        return [
            [
                self._row(item, name, notes[name], {k: v[i, places[name]] for k, v in columns.items()} if m else {})
                for name in notes
                for m in [name in places]
            ]
            for i, item in enumerate(block)
        ]

    def _columns(self, net: Connectome, usable: dict[str, Measure], first: int) -> dict[str, NDArray[Any]]:
        """Arrays of shape (networks, usable measures)."""
        battery = _Battery(usable)
        shape = (-1, len(usable))
        if self.null is None:
            return {"value": np.reshape(battery(net), shape)}
        # A Generator gives the networks of a stack one child each: here those from `first` on.
        seed = np.random.SeedSequence(
            self.root.entropy, spawn_key=self.root.spawn_key, pool_size=self.root.pool_size, n_children_spawned=first
        )
        test = null_test(
            net, battery, self.null, n_nulls=self.n_nulls, rng=np.random.default_rng(seed), n_jobs=self.n_jobs
        )
        fields = {"value": test.observed, "null_mean": test.null_mean, "null_std": test.null_std}
        fields |= {"null_low": test.interval[0], "null_high": test.interval[1], "z": test.z, "p": test.p}
        columns = {k: np.reshape(v, shape) for k, v in (fields | {"n_undefined": test.n_undefined}).items()}
        if self.null_values:
            columns["null_values"] = np.moveaxis(test.null_distribution, -1, -2).reshape(*shape, self.n_nulls)
        return columns

    def _alone(self, item: Item, name: str, note: str) -> dict[str, Any]:
        """The row of one measure of one network, of which something failed: as much of it as can be had."""
        assert item.net is not None
        if note:
            return self._row(item, name, note, {})
        measure = self.measures[name]
        try:
            columns = self._columns(item.net, {name: measure}, item.position)
        except _FAULTS as error:
            if self.null is None:
                return self._row(item, name, NOT_MEASURED + _said(error), {})
            try:
                value = measure.values(item.net)
            except _FAULTS as own:
                return self._row(item, name, NOT_MEASURED + _said(own), {})
            return self._row(item, name, NO_NULLS + _said(error), {"value": value})
        return self._row(item, name, "", {key: values[0, 0] for key, values in columns.items()})

    def _all(self, item: Item, note: str) -> list[dict[str, Any]]:
        return [self._row(item, name, note, {}) for name in self.measures]

    def _row(self, item: Item, name: str, note: str, got: dict[str, Any]) -> dict[str, Any]:
        measure = self.measures[name]
        metadata = item.net.metadata if item.net else {"file": item.file}
        n_undefined = int(got.get("n_undefined", 0))
        if got and np.isnan(got["value"]):
            note = "undefined for this network" + _why(measure, item)
        elif n_undefined:
            note = f"undefined for {n_undefined} of {self.n_nulls} null networks"
        elif "z" in got and np.isnan(got["z"]) and self.n_nulls > 1 and np.isfinite(got["null_mean"]):
            note = "the null model keeps this measure fixed"
        elif got and not note and measure.remark and item.net:
            note = measure.remark(item.net)
        if "z" in got and not note and np.isfinite(got["z"]):
            note = too_few(self.n_nulls)
        row: dict[str, Any] = {"network": item.name, "measure": name}
        row |= {key: float(got.get(key, np.nan)) for key in NUMBERS}
        row |= {"null": None if self.null is None else callable_name(self.null), "n_nulls": self.n_nulls}
        row |= {"n_undefined": n_undefined, "note": note, "definition": measure.definition, "source": measure.source}
        row |= {key: _plain(metadata.get(key)) for key in _PROVENANCE}
        history, n_nodes = (item.net.history, item.net.n_nodes) if item.net else ((), 0)
        row |= {"history": "; ".join(history), "n_nodes": n_nodes}
        row |= {key: _plain(metadata.get(key)) for key in self.keys}
        return row | ({"null_values": got.get("null_values")} if self.null_values else {})


def _why(measure: Measure, item: Item) -> str:
    """Why a measure is nan, as far as it says so: it may have been measured in a stack of many."""
    assert item.net is not None
    with undefined.noted() as reasons:
        measure.values(item.net)
    return f": {reasons[0].partition(': ')[2]}" if reasons else ""


def _said(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _plain(value: Any) -> Any:
    """A metadata value as a file of text gives it back."""
    value = value.item() if isinstance(value, np.generic) else value
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)
