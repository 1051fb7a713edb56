"""Many networks, many measures, one tidy table, with a null model behind every number."""

from __future__ import annotations

import os
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from netanalysis._core import options, parallel, random, records
from netanalysis._core.records import recorded
from netanalysis._core.text import suggested
from netanalysis.connectome import Connectome
from netanalysis.nulls._null_test import as_null, callable_name, chunk_size
from netanalysis.table._checkpoint import Checkpoint
from netanalysis.table._collection import Item, Reading, count, is_one, items, listed
from netanalysis.table._rows import NO_NULLS, NOT_LOADED, NOT_MEASURED, NUMBERS, Rows
from netanalysis.table.measures import MEASURES, Measure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MEASURES", "Measure", "summarize"]


@recorded(files=("networks",))
def summarize(
    networks: Any,
    measures: Sequence[str] | Mapping[str, Callable[[Connectome], Any] | Measure] | None = None,
    *,
    null: Callable[..., Any] | str | None = None,
    n_nulls: int = 100,
    rng: random.RNG = None,
    n_jobs: int | None = None,
    progress: bool = True,
    checkpoint: str | os.PathLike[str] | None = None,
    metadata: Sequence[str] = (),
    orientation: Literal["source_target", "target_source"] | None = None,
    key: str | None = None,
    undirected: bool | None = None,
    strict: bool = False,
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
    orientation, key, undirected
        How to read files, as for :func:`netanalysis.load`; `orientation` and `undirected` also say so of arrays. They
        are refused where no network is a file (or array).
    strict : bool
        Stop at the first network that cannot be loaded, measured or rewired, rather than note it and go on.

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
    nulls, and of measures that the null model keeps fixed.

    One of many networks never ends the run: a file that cannot be loaded, a measure that refuses a network and a null
    model that cannot rewire it leave rows whose note says "not loaded", "not measured" or "no null networks" and why,
    and a warning names the networks. A mistake in a function of your own (a TypeError, say) stops the run and names
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
    reading = Reading(orientation=orientation, key=key, undirected=undirected).checked()
    reading.unheeded(listed(networks), "networks")
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
        reading=reading,
        strict=strict,
        null_values=False,
    )


def summarize_with_nulls(
    networks: Any,
    measures: Any,
    *,
    null: Callable[..., Any] | str | None,
    n_nulls: int,
    rng: random.RNG,
    n_jobs: int | None,
    progress: bool,
    checkpoint: str | os.PathLike[str] | None = None,
    metadata: Sequence[str] = (),
    reading: Reading | None = None,
    strict: bool = False,
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
    options.flags(progress=progress, strict=strict)
    options.jobs(n_jobs)
    n_nulls = options.count(n_nulls, "n_nulls")
    n_nulls = 0 if null is None else n_nulls
    model = None if null is None else as_null(null)
    if isinstance(metadata, str):
        raise TypeError(f"metadata must be a list of keys; got the string {metadata!r}")
    root = random.seed_sequence(rng)
    record = None
    if checkpoint is not None:
        settings = {
            "measures": {name: measure.definition for name, measure in chosen.items()},
            "null": None if model is None else callable_name(model),
            "n_nulls": n_nulls,
            "metadata": list(metadata),
        }
        record = Checkpoint(checkpoint, settings, of="summarize", seed=root, fixed=rng is not None)
        root = record.seed
    records.told("summarize", rng=root)

    total = count(networks)
    # One network shares its nulls among the workers, many are shared out themselves.
    outer, inner = (1, n_jobs) if total == 1 else (n_jobs, 1)
    job = Rows(chosen, model, n_nulls, root, tuple(metadata), inner, null_values, strict)
    rows: dict[int, list[dict[str, Any]]] = {}
    sent: deque[list[Item]] = deque()
    failure: list[Exception] = []

    def unfinished() -> Iterator[Item]:
        try:
            for item in items(networks, reading=reading, strict=strict or is_one(networks)):
                done = record.rows(item.position, item.name, item.net) if record and item.net else None
                if done is None:
                    yield item
                else:
                    rows[item.position] = done
                    bar.update()
        except Exception as error:  # joblib takes items in its own threads, where an exception would be lost
            failure.append(error)

    def blocks() -> Iterator[list[Item]]:
        for block in _blocks(unfinished(), job):
            sent.append(block)
            yield block

    # One BLAS thread everywhere: with two, the last digits would depend on where a network is measured.
    bar = tqdm(total=total, desc="networks", disable=not progress, leave=False)
    with bar, threadpool_limits(1, user_api="blas"):
        for results in parallel.parallel_iter(job, blocks(), n_jobs=outer):
            for item, result in zip(sent.popleft(), results, strict=True):
                rows[item.position] = result
                if record and item.net:
                    record.add_rows(item.position, item.name, item.net, result)
                bar.update()
    if failure:
        raise failure[0]
    if not rows:
        raise ValueError("networks is empty: give at least one network or path")
    table = pd.DataFrame([row for position in sorted(rows) for row in rows[position]])
    _warn(table)
    return table.astype(dict.fromkeys(NUMBERS, float))


def _blocks(items: Iterable[Item], job: Rows) -> Iterator[list[Item]]:
    """Runs of networks that can be measured as one stack, in bounded memory."""
    block: list[Item] = []
    for item in items:
        if block and not _fit(block, item, job):
            yield block
            block = []
        block.append(item)
    if block:
        yield block


def _fit(block: list[Item], item: Item, job: Rows) -> bool:
    """Whether a network can be measured with those before it."""
    a, b = block[-1].net, item.net
    if not job.takes_stacks:
        return False
    if a is None or b is None or a.is_sparse or b.is_sparse or item.position != block[-1].position + 1:
        return False
    if a.n_nodes != b.n_nodes or len(block) >= max(1, chunk_size(a.n_nodes) // max(1, job.n_nulls)):
        return False
    for key in ("positions", "given_distances", "modules", "inputs", "outputs"):
        x, y = getattr(a, key), getattr(b, key)
        if (x is None) != (y is None) or (x is not None and not np.array_equal(x, y)):
            return False
    return all(m.unmet(a) == m.unmet(b) for m in job.measures.values())


def _warn(table: pd.DataFrame) -> None:
    """Name the networks that failed, where the table may be too long to look at."""
    failed = table[table["note"].str.startswith((NOT_LOADED, NOT_MEASURED, NO_NULLS))].drop_duplicates("network")
    if len(failed):
        said = "; ".join(f"{row.network}: {row.note}" for row in failed.head(3).itertuples())
        more = f"; and {len(failed) - 3} more" if len(failed) > 3 else ""
        warnings.warn(
            f"{len(failed)} of {table['network'].nunique()} networks could not be measured in full ({said}{more}). The "
            "column note has every reason; strict=True stops at the first",
            stacklevel=5,
        )


def measure_meant(name: Any) -> str:
    """What a name that no measure has may mean: those of the function of that name, or one spelled alike."""
    same = [key for key, measure in MEASURES.items() if measure.__name__ == name]
    return f"{name} gives the measures {', '.join(same)}. " if same else suggested(name, MEASURES)


def _chosen(measures: Any) -> dict[str, Measure]:
    """Measures by name, from names or functions."""
    if measures is None:
        return dict(MEASURES)
    if isinstance(measures, str):
        raise TypeError(f"measures must be a list of names; got the string {measures!r}")
    if not isinstance(measures, Mapping):
        measures = options.names(measures, "measures", "names of na.MEASURES")
        for name in measures:
            if name not in MEASURES:
                meant = measure_meant(name)
                raise ValueError(
                    f"measures must be names of na.MEASURES; got {name!r}. {meant}All: {', '.join(MEASURES)}"
                )
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
