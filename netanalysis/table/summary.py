"""Many networks, many measures, one tidy table, with a null model behind every number."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from netanalysis._core import parallel, random, validate
from netanalysis.connectome import Connectome, hold
from netanalysis.nulls._null_test import as_null, callable_name, chunk_size, null_test
from netanalysis.table._checkpoint import Checkpoint
from netanalysis.table._collection import Item, count, items
from netanalysis.table.measures import MEASURES, Measure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MEASURES", "Measure", "summarize"]

_PROVENANCE = ("file", "sha256", "species", "licence", "doi")
_NUMBERS = ("value", "null_mean", "null_std", "null_low", "null_high", "z", "p")


def summarize(
    networks: Any,
    measures: Sequence[str] | Mapping[str, Callable[[Connectome], Any] | Measure] | None = None,
    *,
    null: Callable[..., Any] | None = None,
    n_nulls: int = 100,
    rng: random.RNG = None,
    n_jobs: int | None = None,
    progress: bool = True,
    checkpoint: str | os.PathLike[str] | None = None,
    metadata: Sequence[str] = (),
) -> pd.DataFrame:
    """Table of measures of networks, each compared with its own null networks.

    Parameters
    ----------
    networks : network, stack, path, iterable of those, or mapping of name to those
        Paths are read by :func:`netanalysis.load`. The networks of a stack become ``name [0]``, ``name [1]``, …
        An iterable is consumed as the work proceeds: thousands of files need not fit in memory. A name
        that comes again gets a number: ``"net"``, ``"net (2)"``.
    measures : sequence of names in :data:`MEASURES`, or mapping of name to function, optional
        A function of your own takes one Connectome and returns a number. None: all of :data:`MEASURES`.
    null : callable, (network, rng) -> weights; or name; optional
        Null model, as for :func:`netanalysis.null_test`; all measures of a network share its null networks.
    n_nulls : int
    rng : seed, Generator or SeedSequence, optional
        Network k uses child k: same seed, same table, for any `n_jobs` and for any selection of measures.
    n_jobs : int, optional
        joblib workers over networks; None leaves it to a surrounding :func:`joblib.parallel_config`, which
        also takes the call to a cluster (``backend="dask"``).
    progress : bool
        Show a progress bar.
    checkpoint : path, optional
        File (JSON lines) to which every finished network is appended. The same call with the same file goes on
        after a kill and gives the same table; without `rng` the seed in the file is used again. Other settings or
        other networks are refused; of a function of your own only the name is known.
    metadata : sequence of str
        Keys of the networks' ``metadata`` to add as columns (``"seed"``, ``"epoch"``, …); None where absent.

    Returns
    -------
    DataFrame, one row per network and measure
        ``network, measure, value``; ``null, null_mean, null_std, null_low, null_high`` (central 95 %), ``z``,
        ``p`` (two-sided), ``n_nulls, n_undefined``; ``note``; ``definition, source``; ``file, sha256, species,
        licence, doi, history, n_nodes``; and the chosen `metadata`.

    Notes
    -----
    A measure that cannot be had for a network (it needs positions, say) has value nan and says why in ``note``.
    The note also tells of values that are undefined (no clustering to compare with, say), in the network or in its
    nulls, and of measures that the null model keeps fixed. An error in a measure or null stops the run and names
    the network; what was finished is in the checkpoint.

    Networks of equal size are measured together, in blocks of bounded memory.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> w = np.array([[0, 2.0, 0], [0, 0, 1], [3, 0, 0]])
    >>> table = na.summarize({"ring": w}, ["density", "total_weight"], progress=False)
    >>> table[["network", "measure", "value"]].values.tolist()
    [['ring', 'density', 0.5], ['ring', 'total_weight', 6.0]]
    """
    return summarize_with_nulls(
        networks,
        measures,
        null=null,
        n_nulls=n_nulls,
        rng=rng,
        n_jobs=n_jobs,
        progress=progress,
        checkpoint=checkpoint,
        metadata=metadata,
        null_values=False,
    )


def summarize_with_nulls(
    networks: Any,
    measures: Any,
    *,
    null: Callable[..., Any] | None,
    n_nulls: int,
    rng: random.RNG,
    n_jobs: int | None,
    progress: bool,
    checkpoint: str | os.PathLike[str] | None = None,
    metadata: Sequence[str] = (),
    null_values: bool = True,
) -> pd.DataFrame:
    """The table of :func:`summarize`, and in a column ``null_values`` what each measure is in the null networks.

    An array of n_nulls values in each row, for figures; None without a null model, or where the measure cannot be had.
    A checkpoint keeps numbers only, so that it goes with ``null_values=False``.
    """
    import pandas as pd
    from threadpoolctl import threadpool_limits
    from tqdm import tqdm

    chosen = _chosen(measures)
    n_nulls = validate.positive_int(n_nulls, "n_nulls") if null is not None else 0
    null = None if null is None else as_null(null)
    if isinstance(metadata, str):
        raise TypeError(f"metadata must be a list of keys; got the string {metadata!r}")
    root = random.seed_sequence(rng)
    record = None
    if checkpoint is not None:
        settings = {
            "measures": {name: measure.definition for name, measure in chosen.items()},
            "null": None if null is None else callable_name(null),
            "n_nulls": n_nulls,
            "metadata": list(metadata),
        }
        record = Checkpoint(checkpoint, settings, seed=root, fixed=rng is not None)
        root = record.seed

    total = count(networks)
    # One network shares its nulls among the workers, many are shared out themselves.
    outer, inner = (1, n_jobs) if total == 1 else (n_jobs, 1)
    job = _Job(chosen, null, n_nulls, root, tuple(metadata), inner, null_values)
    rows: dict[int, list[dict[str, Any]]] = {}
    sent: deque[list[Item]] = deque()
    failure: list[Exception] = []

    def unfinished() -> Iterator[Item]:
        try:
            for item in items(networks):
                done = record.rows(item.position, item.name, item.net) if record else None
                if done is None:
                    yield item
                else:
                    rows[item.position] = done
                    bar.update()
        except Exception as error:  # joblib takes items in its own threads, where an exception would be lost
            failure.append(error)

    def blocks() -> Iterator[list[Item]]:
        for block in _blocks(unfinished(), chosen, n_nulls):
            sent.append(block)
            yield block

    # One BLAS thread everywhere: with two, the last digits would depend on where a network is measured.
    bar = tqdm(total=total, desc="networks", disable=not progress, leave=False)
    with bar, threadpool_limits(1, user_api="blas"):
        for results in parallel.parallel_iter(job, blocks(), n_jobs=outer):
            for item, result in zip(sent.popleft(), results, strict=True):
                rows[item.position] = result
                if record:
                    record.add(item.position, item.name, item.net, result)
                bar.update()
    if failure:
        raise failure[0]
    if not rows:
        raise ValueError("networks is empty: give at least one network or path")
    table = pd.DataFrame([row for position in sorted(rows) for row in rows[position]])
    return table.astype(dict.fromkeys(_NUMBERS, float))


def _blocks(items: Iterable[Item], measures: dict[str, Measure], n_nulls: int) -> Iterator[list[Item]]:
    """Runs of networks that can be measured as one stack, in bounded memory."""
    block: list[Item] = []
    for item in items:
        if block and not (len(block) < _room(item.net, n_nulls) and _fit(block[-1], item, measures)):
            yield block
            block = []
        block.append(item)
    if block:
        yield block


def _room(net: Connectome, n_nulls: int) -> int:
    return max(1, chunk_size(net.n_nodes) // max(1, n_nulls))


def _fit(last: Item, item: Item, measures: dict[str, Measure]) -> bool:
    a, b = last.net, item.net
    if a.n_nodes != b.n_nodes or a.is_sparse or b.is_sparse or item.position != last.position + 1:
        return False
    for key in ("positions", "given_distances", "modules", "inputs", "outputs"):
        x, y = getattr(a, key), getattr(b, key)
        if (x is None) != (y is None) or (x is not None and not np.array_equal(x, y)):
            return False
    return all(m.unmet(a) == m.unmet(b) for m in measures.values())


@dataclass(frozen=True)
class _Battery:
    """Several measures as one statistic."""

    measures: dict[str, Measure]
    takes_stacks: ClassVar[bool] = True

    def __call__(self, net: Connectome) -> NDArray[np.float64]:
        columns = []
        for name, measure in self.measures.items():
            try:
                columns.append(measure.values(net))
            except Exception as error:
                error.add_note(f"measure {name}")
                raise
        return np.stack(columns, axis=-1)


@dataclass(frozen=True)
class _Job:
    """What to do with a block of networks; picklable, so that it can travel to other processes."""

    measures: dict[str, Measure]
    null: Callable[..., Any] | None
    n_nulls: int
    root: np.random.SeedSequence
    keys: tuple[str, ...]
    n_jobs: int | None
    null_values: bool

    def __call__(self, block: list[Item]) -> list[list[dict[str, Any]]]:
        """The rows of every network of the block."""
        net = block[0].net
        notes = {name: measure.unmet(net) for name, measure in self.measures.items()}
        usable = {name: self.measures[name] for name, note in notes.items() if not note}
        if len(block) > 1:
            stacked = np.stack([item.net.weights for item in block])
            net = net.replace(weights=hold(stacked))
        try:
            columns = self._columns(net, usable, block[0].position) if usable else {}
        except Exception as error:
            if len(block) > 1:  # find the network to blame
                return [rows for item in block for rows in self([item])]
            error.add_note(f"network {block[0].name}")
            raise
        return [
            [self._row(item, name, notes[name], {k: v[i] for k, v in columns.items()}, list(usable)) for name in notes]
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

    def _row(
        self, item: Item, name: str, note: str, columns: dict[str, NDArray[Any]], usable: list[str]
    ) -> dict[str, Any]:
        net, measure = item.net, self.measures[name]
        got = {k: v[usable.index(name)] for k, v in columns.items()} if name in usable else {}
        undefined = int(got.get("n_undefined", 0))
        if got and np.isnan(got["value"]):
            note = "undefined for this network"
        elif undefined:
            note = f"undefined for {undefined} of {self.n_nulls} null networks"
        elif "z" in got and np.isnan(got["z"]) and self.n_nulls > 1 and np.isfinite(got["null_mean"]):
            note = "the null model keeps this measure fixed"
        row: dict[str, Any] = {"network": item.name, "measure": name}
        row |= {key: float(got.get(key, np.nan)) for key in _NUMBERS}
        row |= {"null": None if self.null is None else callable_name(self.null), "n_nulls": self.n_nulls}
        row |= {"n_undefined": undefined, "note": note, "definition": measure.definition, "source": measure.source}
        row |= {key: _plain(net.metadata.get(key)) for key in _PROVENANCE}
        row |= {"history": "; ".join(net.history), "n_nodes": net.n_nodes}
        row |= {key: _plain(net.metadata.get(key)) for key in self.keys}
        return row | ({"null_values": got.get("null_values")} if self.null_values else {})


def _plain(value: Any) -> Any:
    """A metadata value as a file of text gives it back."""
    value = value.item() if isinstance(value, np.generic) else value
    return value if value is None or isinstance(value, (str, int, float, bool)) else str(value)


def _chosen(measures: Any) -> dict[str, Measure]:
    """Measures by name, from names or functions."""
    if measures is None:
        return dict(MEASURES)
    if isinstance(measures, str):
        raise TypeError(f"measures must be a list of names; got the string {measures!r}")
    if not isinstance(measures, Mapping):
        unknown = [name for name in measures if name not in MEASURES]
        if unknown:
            raise ValueError(f"measures must be names among {sorted(MEASURES)}; got {unknown}")
        measures = {name: MEASURES[name] for name in measures}
    if not measures:
        raise ValueError("measures is empty: name at least one, or leave it out for all")
    chosen = {}
    for name, function in measures.items():
        if not callable(function):
            raise TypeError(f"measures[{name!r}] must be a function of a network; got {function!r}")
        chosen[str(name)] = function if isinstance(function, Measure) else _own(function)
    return chosen


def _own(function: Any) -> Measure:
    """A measure of a user's own."""
    return Measure(function=function, definition=callable_name(function))
