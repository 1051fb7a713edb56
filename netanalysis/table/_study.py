"""What is asked of a table of people and their networks, and the one network that stands for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import scipy  # its special functions are loaded when they are called
from numpy.typing import NDArray

from netanalysis.connectome import Connectome
from netanalysis.groups._design import design_of
from netanalysis.groups._people import stacked
from netanalysis.groups.consensus import group_consensus
from netanalysis.groups.edgewise import node_test
from netanalysis.table._people import People, chosen, repeated
from netanalysis.table.measures import diagonal_remark
from netanalysis.table.summary import summarize


class Study(NamedTuple):
    """A network per person, and what is asked of them."""

    nodes: Connectome  # what the nodes are: one of the networks
    stack: NDArray[np.float64]  # (people, n, n); scans, where the effect changes between those of a person
    subjects: pd.DataFrame
    by: str
    groups: tuple[str, ...]  # none: a score
    covariates: list[str]
    within: str | None
    whole: str | None
    scans: tuple[NDArray[np.float64], NDArray[np.float64]] | None  # the first two of everybody who has two
    said: list[str]

    @property
    def networks(self) -> Connectome:
        """The stack with the names and places of its nodes."""
        kept = {
            key: self.nodes.metadata[key] for key in ("species", "unit", "weight_unit") if key in self.nodes.metadata
        }
        return self.nodes.replace(weights=self.stack, metadata=kept, name="people")

    @property
    def contrast(self) -> tuple[str, str] | None:
        """The two groups, the first less the second; None for a score, and for more groups, which are tested by F."""
        return (self.groups[0], self.groups[1]) if len(self.groups) == 2 else None

    @property
    def statistic(self) -> str:
        """What is tested: t, or F of more than two groups."""
        return "F" if len(self.groups) > 2 else "t"

    @property
    def options(self) -> dict[str, Any]:
        """Arguments of the tests."""
        own = {"subjects": self.subjects, "covariates": self.covariates or None, "within": self.within}
        own["whole"] = self.whole
        return {**own, "contrast": self.contrast}

    @property
    def effect(self) -> Any:
        """Groups as text, a score as numbers."""
        values = self.subjects[self.by]
        return pd.Series(values.astype(str).tolist() if self.groups else values.to_numpy(float), name=self.by)

    def threshold(self, level: float) -> float:
        """The t of an edge whose two-sided p is `level`, or the F, of independent people."""
        own = {name: value for name, value in self.options.items() if name != "whole"}
        design = design_of(None, self.effect, count=len(self.stack), **own)
        if design.statistic == "F":
            return float(scipy.special.fdtri(design.df_effect, design.df, 1 - level))
        return float(scipy.special.stdtrit(design.df, 1 - level / 2))

    def measures(
        self, names: Sequence[str] | None, *, n_nulls: int, rng: int, n_jobs: int | None, progress: bool = False
    ) -> tuple[pd.DataFrame | None, list[str]]:
        """Measures of everybody's whole network against the effect, and those that are undefined for somebody."""
        table = summarize(self.networks, names, rng=rng, n_jobs=n_jobs, progress=progress)
        order = list(dict.fromkeys(table["measure"]))
        values = table["value"].to_numpy(float).reshape(len(self.stack), -1)
        defined = np.isfinite(values).all(axis=0)
        dropped = [str(name) for name, keep in zip(order, defined, strict=True) if not keep]
        if not defined.any():
            return None, dropped
        frame = pd.DataFrame(values[:, defined], columns=np.array(order)[defined])
        tested = node_test(frame, self.effect, n_nulls=n_nulls, rng=rng, n_jobs=n_jobs, **self.options)
        return tested.rename(columns={"node": "measure"}), dropped


def study_of(
    people: People,
    by: str,
    *,
    contrast: Sequence[str] | None = None,
    covariates: Sequence[str] = (),
    person: str | None = None,
    whole: str | None = None,
) -> Study:
    """What is tested: scans of one person are averaged, or compared within the person where the effect changes."""
    people = chosen(people, by, contrast, [*covariates, *([whole] if whole is not None else [])])
    table, said = people.table, list(people.said)
    heavy = [remark for remark in map(diagonal_remark, people.networks) if remark]
    if heavy:
        said.append(f"{len(heavy)} of {len(people.networks)} networks: {heavy[0]}")
    key = repeated(people, person)
    stack = stacked(people.networks, name="people")
    pair, within = _two_scans(stack, table, key)
    if key is not None:
        if (table.groupby(key)[by].nunique() > 1).any():
            within = key
            said.append(f"{by} changes between scans of a person: people are compared with themselves")
        else:
            codes, first = np.unique(table[key].astype(str), return_index=True)
            member = np.searchsorted(codes, table[key].astype(str))
            stack = np.stack([stack[member == k].mean(axis=0) for k in range(len(codes))])
            table = table.iloc[first].reset_index(drop=True)
            said.append(f"scans of one person ({key}) are averaged")
    groups: tuple[str, ...] = ()
    if contrast is not None or not pd.api.types.is_numeric_dtype(table[by]):
        names = list(contrast) if contrast is not None else sorted(set(table[by].astype(str)))
        if len(names) < 2:
            raise ValueError(f"{by} must have two groups or be a score; all people are {names[0]!r}")
        groups = tuple(map(str, names))
        table = table.assign(**{by: table[by].astype(str)})
    return Study(people.networks[0], stack, table, by, groups, list(covariates), within, whole, pair, said)


def _two_scans(stack: NDArray[np.float64], table: pd.DataFrame, key: str | None) -> tuple[Any, None]:
    """The first and the second scan of everybody who has two, in the order of the table."""
    if key is None:
        return None, None
    rows = [index[:2] for index in table.groupby(key, sort=False).indices.values() if len(index) > 1]
    first, second = np.array(rows).T
    return (stack[first], stack[second]), None


def consensus_of(stack: Connectome) -> Connectome:
    """One network for all: by length where lengths are known, else by consistency; of full matrices the mean."""
    full = float(np.mean(stack.density)) > 0.99
    method: Any = "average" if full else "distance" if stack.has_distances else "consistency"
    found: Connectome = group_consensus(stack, method=method)
    return found.replace(name=f"Consensus of {stack.shape[0]} networks")
