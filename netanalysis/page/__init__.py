"""One page about any networks: what they are, what was measured, and what a null model makes of it."""

from __future__ import annotations

import platform
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

import netanalysis as na
from netanalysis._core import options
from netanalysis._core.files import written_together
from netanalysis._core.pvalues import too_few
from netanalysis._core.renamed import renamed
from netanalysis._core.text import cells
from netanalysis.connectome import Connectome
from netanalysis.nulls._choose_null import choose_null
from netanalysis.nulls._null_test import NullTest, as_null
from netanalysis.page import content as _page
from netanalysis.page.costs import measured
from netanalysis.page.coupling import as_connectivity, coupling_part
from netanalysis.page.figures import Card, epoch_cards, group_cards, network_cards, position_cards
from netanalysis.page.function import as_recording, function_part
from netanalysis.page.inputs import ACCURATE, MOST, as_connectomes, as_groups, entries, keep_inputs, over_epochs
from netanalysis.page.paths import path_view
from netanalysis.page.people import people_part
from netanalysis.page.workers import over
from netanalysis.table._collection import Item, Reading
from netanalysis.table._people import people_of
from netanalysis.table._study import Study, consensus_of, study_of

if TYPE_CHECKING:
    from os import PathLike

__all__ = ["MEASURES", "report"]

MAX_WITH_FIGURES = 12
MEASURES = (  # by default: some of each family (for communicability its entropy), none that takes seconds for each null
    "density",
    "clustering",
    "path_length",
    "efficiency",
    "propensity",
    "modularity",
    "weight_distance_correlation",
    "connection_distance",
    "weight_entropy",
    "communicability_entropy",
    "spectral_entropy",
    "spectral_radius",
    "pathway_mean_hops",
)
ALIKE = 1e-9  # relative difference below which networks have the same value
SHOWN_NULLS = ("clustering", "efficiency", "modularity")
SOFTWARE = ("netanalysis", "numpy", "scipy", "numba", "scikit-learn", "networkx", "pandas", "matplotlib")


def report(
    networks: Any,
    *,
    against: Any = None,
    groups: Mapping[str, Any] | None = None,
    recording: Any = None,
    function: Any = None,
    people: Any = None,
    by: str | None = None,
    contrast: Sequence[str] | None = None,
    covariates: Sequence[str] = (),
    person: str | None = None,
    whole: str | None = None,
    output: str | PathLike[str] = "report",
    measures: Sequence[str] | None = None,
    null: Callable[..., Any] | str | None = None,
    n_nulls: int = 100,
    rng: int = 0,
    n_jobs: int | None = None,
    progress: bool = True,
    title: str | None = None,
    command: str | None = None,
    orientation: Literal["source_target", "target_source"] | None = None,
    key: str | None = None,
    undirected: bool | None = None,
    strict: bool = False,
) -> Path:
    """Analyse networks and write ``measures.csv`` and one self-contained ``index.html``.

    Parameters
    ----------
    networks : network, path, or iterable of them
        What to analyse: anything the measures take, files for :func:`netanalysis.load`, folders of them, or bundled
        data sets by name (see :func:`netanalysis.datasets.available`). The members of a stack, or of a file that holds
        an ensemble, count one by one. With `by`, one network per person.
    against : as `networks`, optional
        Networks to compare with, such as real connectomes. They are measured and tested in the same way and
        appear in the tables and comparisons, without figures of their own.
    groups : mapping of name to networks, optional
        Groups to compare with each other, such as networks trained under different penalties; the first is the one
        the others are compared with. Of an ensemble of trained networks
        (:class:`netanalysis.datasets.TrainedNetworks`) those that solve their task (accuracy at least 0.9 at the last
        epoch that the file holds of all networks) count, at most 16. A group whose metadata hold several epochs is a
        training run: its measures are drawn as curves over epochs, and it is not compared. Adds a part on groups,
        ``groups.csv`` and ``comparison.csv``.
    recording : Recording, path, or name of a bundled one, optional
        What the units of the one network did: adds a part on function, with ``alignment.csv`` and, if conditions
        allow, ``selectivity.csv``.
    function : network, Recording, array (time, n), path, or name of a bundled one, optional
        Functional connectivity of the nodes of the one network, or activity to take it from: adds a part on coupling,
        with ``coupling.csv``. Of a file that holds several arrays, ``na.load(path, key=...)``.
    people : DataFrame or path, optional
        A row per network: who it is of. Rows find their networks by what these, or their files, are called: the
        whole name in one column, or a word of it (``sub-01`` of ``sub-01_connectome.csv``). Networks without names,
        such as those of an array, are taken in order. Default: the metadata of the networks.
    by : str, optional
        A column of `people`: groups (more than two are compared by F), or a score. The page is then about the consensus
        of all networks (:func:`netanalysis.group_consensus`) and has a part on people, with ``people_*.csv``: which
        measures, nodes, edges and components (:func:`netanalysis.network_based_statistic`) go with it.
    contrast : (a, b), optional
        Of more than two groups, two to compare, for a - b.
    covariates : sequence of str
        Columns of `people` that are held constant.
    person : str, optional
        The column that names the person, where some were scanned more than once: their scans are averaged, or
        compared within the person if `by` changes between them, and are found again in each other
        (:func:`netanalysis.identifiability`).
    whole : str, optional
        The column that says who stay together when people are rearranged, such as families
        (:func:`netanalysis.network_based_statistic`).
    output : path
        Directory, made if need be. Files of the same names in it are replaced.
    measures : sequence of str, optional
        Among :data:`netanalysis.MEASURES`. Default: :data:`MEASURES` of this module, some of each family. Of a large
        network, what takes more than 5 s of one core is then left out, and what takes more than 60 s for all null
        networks together is given without them; the table says of which, and sigma and reciprocity come in addition.
    null : null model or its name, optional
        For all networks. Default: for each network the one of :func:`netanalysis.choose_null`; the page says which.
    n_nulls : int
        Null networks per network.
    rng : int
        Seed of everything random.
    n_jobs : int, optional
        joblib workers: over networks, or over the null networks of a single one.
    progress : bool
        Show progress bars.
    title : str, optional
        Heading of the page.
    command : str, optional
        How to repeat this, printed on the page. Default: the Python call.
    orientation, key, undirected
        How to read files, as for :func:`netanalysis.load`; `orientation` and `undirected` also say so of arrays. They
        are refused where nothing given is a file (or array).
    strict : bool
        Stop at the first network that cannot be loaded or measured, rather than say so on the page and go on.

    Returns
    -------
    pathlib.Path
        Of ``index.html``. Figures are drawn for the first 12 networks; values are given for all. With figures comes a
        view of walks, hop by hop (:meth:`netanalysis.Pathways.through`), whose ends the reader chooses among inputs
        and outputs, classes and nodes; above 2,000 nodes or 10,000 connections among classes.

    Raises
    ------
    ValueError
        If there is no network, or a recording or function that is not of the nodes of a single one; if no row of
        `people` belongs to a network.

    Examples
    --------
    >>> import numpy as np, netanalysis as na
    >>> from tempfile import TemporaryDirectory
    >>> net = na.Connectome(np.roll(np.eye(5), 1, axis=1), name="ring")
    >>> with TemporaryDirectory() as folder:
    ...     page = na.report(net, output=folder, measures=["density"], n_nulls=5, progress=False)
    ...     page.name, page.read_text().count("<svg")
    ('index.html', 7)
    """
    begin = time.perf_counter()
    null = None if null is None else as_null(null)
    options.flags(progress=progress, strict=strict)
    options.jobs(n_jobs)
    reading = Reading(orientation=orientation, key=key, undirected=undirected).checked()
    if isinstance(rng, bool) or not isinstance(rng, (int, np.integer)) or rng < 0:
        raise TypeError(f"rng must be a seed, a non-negative integer, which the page names; got {rng!r}")
    given = [networks, against, *(groups or {}).values()]
    keep_inputs(Path(output), *given, recording, function, people)
    reading.unheeded([entry for each in given if each is not None for entry in entries(each)], "what is given")
    lost: list[Item] | None = None if strict else []
    main = as_connectomes(networks, reading=reading, lost=lost)
    if not main and lost:
        raise ValueError(f"networks: none could be loaded; {lost[0].name}: {lost[0].fault}")
    if not main:
        raise ValueError("networks must hold at least one network; got none")
    if recording is not None:
        if len(main) != 1:
            raise ValueError(f"recording belongs to one network; got {len(main)} networks")
        recording = as_recording(recording, main[0])
    study = _study(main, people, by, contrast, covariates, person, whole)
    if study is not None:
        main = [consensus_of(study.networks)]
    if function is not None:
        if len(main) != 1:
            raise ValueError(f"function belongs to one network; got {len(main)} networks")
        function = as_connectivity(function, main[0])
    sets = as_groups(groups or {}, reading=reading, lost=lost)
    everything = as_connectomes(
        [*main, *([] if against is None else as_connectomes(against, reading=reading, lost=lost))]
    )
    if lost:
        said = "; ".join(f"{item.name}: {item.fault}" for item in lost)
        warnings.warn(f"{len(lost)} networks could not be loaded and are not on the page ({said})", stacklevel=2)
    nulls = [_null_of(net, null) for net in everything]
    # Several networks are shared out among the workers, one has its null networks shared out.
    outer, inner = (n_jobs, 1) if len(everything) > 1 and n_jobs is not None else (1, n_jobs)
    measuring = partial(
        _measured, measures=measures, default=MEASURES, n_nulls=n_nulls, rng=rng, n_jobs=inner, strict=strict
    )
    models = [model for model, _ in nulls]
    tables = over(measuring, everything, models, what="measures", n_jobs=outer, progress=progress, strict=strict)
    tests = [_null_tests(part) for part in tables]
    tables = [part.drop(columns="null_values") for part in tables]
    table = pd.concat(tables, ignore_index=True)
    names = [str(name) for name in dict.fromkeys(table["measure"])]
    asked = list(measures or MEASURES)
    with written_together(output) as folder:
        _write_csv(table, folder / "measures.csv")

        keys: list[str] = []
        for net in everything[: len(main)]:
            keys.append(_page.slug(str(net.name), keys))
        drawn = everything[: min(len(main), MAX_WITH_FIGURES)]
        figures = over(partial(_drawn, rng=rng), drawn, keys, tests, what="figures", n_jobs=outer, progress=progress)
        none: tuple[list[Card], Any, list[str]] = (
            [],
            None,
            [f"figures, drawn for the first {MAX_WITH_FIGURES} networks"],
        )
        figures += [none] * (len(main) - len(drawn))
        sections = [
            _page.section(net, key, part, cards, paths, missing, model, reason)
            for net, key, part, (cards, paths, missing), (model, reason) in zip(
                everything, keys, tables, figures, nulls, strict=False
            )
        ]
        content: dict[str, Any] = {
            "title": title or _page.title([str(net.name) for net in everything[: len(main)]], study and study.by),
            "version": na.__version__,
            "generated": datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC"),
            "measures": _page.measures(table),
            "networks": sections,
            "function": function_part(main[0], recording, folder, rng=rng) if recording is not None else None,
            "coupling": coupling_part(main[0], function, folder, rng=rng) if function is not None else None,
            "people": people_part(study, main[0], asked, folder, rng=rng, n_jobs=n_jobs) if study is not None else None,
            "pivot": _page.pivot(everything, tables, sections, names),
            "positions": position_cards(table, names, [str(net.name) for net in everything[: len(main)]]),
            "groups": _groups_part(sets, table, asked, folder, null, n_nulls, rng, n_jobs, progress) if sets else None,
            "n_nulls": n_nulls,
            "too_few": too_few(n_nulls),
            "n_reference": len(everything) - len(main),
        }
        content["run"] = [
            ("To reproduce", command or _page.call(networks, against, n_nulls, rng)),
            ("Seed", str(rng)),
            ("Null networks", f"{n_nulls:,} for each network"),
            *[(f"Not loaded: {item.name}", item.fault) for item in lost or []],
            ("Time", _page.duration(time.perf_counter() - begin)),
            (
                "Software",
                ", ".join(f"{name} {na.__version__ if name == 'netanalysis' else version(name)}" for name in SOFTWARE),
            ),
            ("Machine", f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"),
        ]
        (folder / "index.html").write_text(_page.write(content), encoding="utf-8")
    return Path(output) / "index.html"


def _study(
    networks: list[Connectome],
    people: Any,
    by: str | None,
    contrast: Sequence[str] | None,
    covariates: Sequence[str],
    person: str | None,
    whole: str | None,
) -> Study | None:
    """What is asked of people, if anything is."""
    if by is None:
        given = {"people": people, "contrast": contrast, "covariates": covariates or None, "person": person}
        given["whole"] = whole
        idle = [name for name, value in given.items() if value is not None]
        if idle:
            raise ValueError(f"{idle[0]} says something of people: name the column to look at as by=")
        return None
    covariates = [covariates] if isinstance(covariates, str) else covariates
    found = people_of(networks, people)
    return study_of(found, by, contrast=contrast, covariates=covariates, person=person, whole=whole)


def _groups_part(
    sets: dict[str, list[Connectome]],
    others: pd.DataFrame,
    names: list[str],
    folder: Path,
    null: Callable[..., Any] | None,
    n_nulls: int,
    rng: int,
    n_jobs: int | None,
    progress: bool,
) -> dict[str, Any]:
    """Groups measured, compared and drawn, above the networks of the page."""
    models = {group: _null_of(nets[0], null)[0] for group, nets in sets.items()}
    tables = {
        group: na.summarize(
            list(nets),
            names,
            null=models[group],
            n_nulls=n_nulls,
            rng=rng,
            n_jobs=n_jobs,
            progress=progress,
            metadata=["epoch"] if over_epochs(nets) else (),
        )
        for group, nets in sets.items()
    }
    followed = [group for group, nets in sets.items() if over_epochs(nets)]
    table = pd.concat([part.assign(group=group) for group, part in tables.items()], ignore_index=True)
    _write_csv(table, folder / "groups.csv")
    # Epochs of one training run are no independent networks: groups that hold some are followed, not compared.
    samples = [group for group in tables if group not in followed]
    comparisons = [na.compare(tables[group], tables[samples[0]]).assign(a=group, b=samples[0]) for group in samples[1:]]
    if comparisons:
        _write_csv(pd.concat(comparisons), folder / "comparison.csv")
    spans = table.groupby("measure")["value"].agg(lambda v: v.max() - v.min())
    alike = [name for name in names if not spans[name] > ALIKE * table["value"][table["measure"] == name].abs().max()]
    differing = [name for name in names if name not in alike]
    return {
        "summaries": _page.group_summaries(sets, models),
        "rows": [
            row for part in comparisons for row in _page.comparison_rows(part, tables) if row["measure"] not in alike
        ],
        "figures": epoch_cards(table[table["group"].isin(followed)], differing)
        + group_cards(table[table["group"].isin(samples)], others.assign(group="networks of this page"), differing),
        "followed": followed,
        "alike": [_page.measure_label(name).lower() for name in alike],
        "rule": f"accuracy of at least {ACCURATE:g} on held-out trials at the last epoch on file, {MOST} at most",
        "trained": any("accuracy" in net.metadata for nets in sets.values() for net in nets),
    }


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    cells(table).to_csv(path, index=False)


def _null_of(net: Connectome, null: Callable[..., Any] | None) -> tuple[Callable[..., Any] | None, str]:
    """The null model of a network and why it; None where none means anything, and why not."""
    if null is not None:
        return null, "chosen by the caller."
    try:
        return choose_null(net)
    except ValueError as error:
        return None, f"none: {error}"


def _measured(task: tuple[Connectome, Any], **how: Any) -> pd.DataFrame:
    net, null = task
    return measured(net, null=null, **how)


def _drawn(task: tuple[Connectome, str, Any], *, rng: int) -> tuple[list[Card], Any, list[str]]:
    """Figures and view of paths of one network, and what cannot be drawn."""
    net, key, tests = task
    cards, missing = network_cards(net, key=key, null_tests=tests, rng=rng)
    try:
        return cards, path_view(net), missing
    except ValueError as error:
        return cards, None, [*missing, f"paths, hop by hop ({error})"]


def _null_tests(table: pd.DataFrame) -> dict[str, NullTest]:
    """Null distributions to show, of measures that the null model does not keep fixed."""
    tests = {}
    for name in SHOWN_NULLS:
        for row in table[(table["measure"] == name) & table["z"].notna()].to_dict("records"):
            tests[_page.measure_label(name)] = NullTest(
                observed=row["value"],
                null_distribution=row["null_values"],
                null_mean=row["null_mean"],
                null_std=row["null_std"],
                z=row["z"],
                p=row["p"],
                interval=(row["null_low"], row["null_high"]),
                n_undefined=row["n_undefined"],
                n_nulls=row["n_nulls"],
                statistic=name,
                null=row["null"],
                alternative="two-sided",
            )
    return tests


# What the module of this name held.
report.report = renamed("netanalysis.report.report", "netanalysis.report", report)  # type: ignore[attr-defined]
report.choose_null = renamed(  # type: ignore[attr-defined]
    "netanalysis.report.choose_null", "netanalysis.choose_null", choose_null
)
