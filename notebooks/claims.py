"""Claims of a paper, what is published, what our networks show, and a verdict by one rule."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from findings import Finding, at_equal, difference, number

from netanalysis._core.pvalues import holm, is_significant

RULE = """\
**Rule.** A claim has a side: its number lies above or below what it would be if there were nothing to find.

- *replicated*: the whole 95 % interval lies on the claimed side, p is at most 0.05 (Holm, over all tests of the table),
  and the published number, if there is one, lies in the interval or nearer to nothing than it.
- *partly*: the same, but all of the interval is nearer to nothing than the published number.
- *not*: everything else; *not, the opposite* if the interval lies on the other side with p at most 0.05.

Claims that something is absent, or near a value, have two bounds in place of a side, and no p: *replicated* if the
interval lies within them, *partly* if our number does, *not* otherwise. A claim as a whole has the verdict of its rows
read *as published*: *partly* if they differ. Other rows stand beside it and do not count. *At equal weight* and *at
equal accuracy* are least squares over the range that both groups cover, *undecided* with fewer than five networks of a
group there. A reading *found by looking* was chosen after its result was seen; only *new seeds* can confirm it."""

PUBLISHED = "as published"
Side = Literal["above", "below"]
_COLUMNS = ("claim", "reading", "published", "claimed", "ours", "n", "effect", "test", "p (Holm)", "verdict")


@dataclass(frozen=True)
class Row:
    """One reading of one claim."""

    claim: str
    reading: str
    published: str
    finding: Finding | None
    side: Side | tuple[float, float] | None = None
    expected: float | None = None
    why: str = ""

    @property
    def tested(self) -> bool:
        """Whether its p counts in Holm's correction."""
        return self.finding is not None and isinstance(self.side, str)

    @property
    def claimed(self) -> str:
        """Where the claim says that the number lies."""
        if isinstance(self.side, tuple):
            return f"{number(self.side[0])} to {number(self.side[1])}"
        if self.finding is None:
            return ""
        return f"{self.side} {number(self.finding.null)}" + (
            f", {number(self.expected)}" if self.expected is not None else ""
        )


def verdict(row: Row, p: float) -> str:
    """The rule; p is corrected already."""
    found = row.finding
    if found is None:
        return "not tested"
    if not np.isfinite(found.value):
        return "undecided"
    if isinstance(row.side, tuple):
        low, high = row.side
        if low <= found.low and found.high <= high:
            return "replicated"
        return "partly" if low <= found.value <= high else "not"
    up = row.side == "above"
    near, far = (found.low, found.high) if up else (found.high, found.low)
    sign = 1 if up else -1
    if not is_significant(p) or sign * (near - found.null) <= 0:
        opposite = is_significant(p) and sign * (far - found.null) < 0
        return "not, the opposite" if opposite else "not"
    weaker = row.expected is not None and sign * (far - row.expected) < 0
    return "partly" if weaker else "replicated"


@dataclass
class Claims:
    """The claims of one paper, in the order in which they are added."""

    paper: str
    rows: list[Row] = field(default_factory=list)

    def add(
        self,
        claim: str,
        published: str,
        finding: Finding,
        side: Side | tuple[float, float],
        *,
        expected: float | None = None,
        reading: str = PUBLISHED,
    ) -> None:
        """One reading: what is published (with its certainty), what was found, and where the claim says it lies.

        `side` is "above" or "below" (what there would be if there were nothing to find), or two bounds; `expected` is
        the published value of the finding's quantity.
        """
        self.rows.append(Row(claim, reading, published, finding, side, expected))

    def compare(
        self,
        claim: str,
        published: str,
        a: pd.DataFrame,
        b: pd.DataFrame,
        measure: str,
        side: Side,
        *,
        expected: float | None = None,
        log: bool = False,
        readings: dict[str, str] | None = None,
        accuracy: bool = True,
        weight: str | None = "total_weight",
    ) -> None:
        """Two groups of networks by a column: as published, in other readings, at equal accuracy and equal weight.

        `readings` are further columns of the same measure, by what they are called. Equal accuracy is that of the
        networks that solve the task without error where accuracies hardly vary, else least squares.
        """
        self.add(claim, published, difference(a[measure], b[measure], log=log), side, expected=expected)
        for name, column in (readings or {}).items():
            self.add(claim, "", difference(a[column], b[column], log=log), side, expected=expected, reading=name)
        if accuracy:
            self.add(claim, "", at_equal_accuracy(a, b, measure), side, expected=expected, reading="at equal accuracy")
        if weight:
            equal = at_equal(a, b, measure, given=weight)
            self.add(claim, "", equal, side, expected=expected, reading="at equal weight")

    def untested(self, claim: str, published: str, why: str) -> None:
        """A claim that our data cannot speak of."""
        self.rows.append(Row(claim, PUBLISHED, published, None, why=why))

    def verdicts(self) -> list[str]:
        """One of each row, with p corrected over the rows that have a side."""
        return [verdict(row, p) for row, p in zip(self.rows, self._p(), strict=True)]

    def _p(self) -> Any:
        return holm([row.finding.p if row.finding and row.tested else np.nan for row in self.rows])

    def table(self) -> pd.DataFrame:
        """One row a reading."""
        lines = []
        for row, p, said in zip(self.rows, self._p(), self.verdicts(), strict=True):
            f = row.finding
            test = "" if f is None else f.test if row.tested else "interval within bounds"
            cells = (f.ours, f.n, f.effect) if f else (row.why, "", "")
            lines.append((row.claim, row.reading, row.published, row.claimed, *cells, test, p, said))
        return pd.DataFrame(lines, columns=list(_COLUMNS))

    def overall(self) -> dict[str, str]:
        """The verdict of each claim as a whole."""
        table = self.table()
        published = table[table["reading"] == PUBLISHED]
        return {claim: together(rows["verdict"].tolist()) for claim, rows in published.groupby("claim", sort=False)}

    def summary(self) -> pd.DataFrame:
        """One row a claim: verdict as published, and in every other reading."""
        table, overall = self.table(), self.overall()
        lines = []
        for claim, rows in table.groupby("claim", sort=False):
            others = rows[rows["reading"] != PUBLISHED].groupby("reading", sort=False)["verdict"]
            said = "; ".join(f"{reading}: {together(verdicts.tolist())}" for reading, verdicts in others)
            lines.append((claim, overall[claim], said))
        return pd.DataFrame(lines, columns=["claim", "verdict as published", "in other readings"])

    def _repr_markdown_(self) -> str:
        """Both tables, as a notebook shows them and `notebooks/README.md` collects them."""
        full = self.table()
        order = {claim: k for k, claim in enumerate(full["claim"].unique())}
        full = full.sort_values("claim", key=lambda claim: claim.map(order), kind="stable")
        full["p (Holm)"] = [f"{p:.2g}" if np.isfinite(p) else "" for p in full["p (Holm)"]]
        full.loc[full["claim"].duplicated(), "claim"] = ""
        return f"### {self.paper}\n\n{as_markdown(self.summary())}\n\n{as_markdown(full)}\n"


def together(verdicts: list[str]) -> str:
    """The verdict of a claim of several parts."""
    if len(set(verdicts)) == 1:
        return verdicts[0]
    tested = [v for v in verdicts if v != "not tested"]
    return "partly" if any(v in ("replicated", "partly") for v in tested) else "not"


def at_equal_accuracy(a: pd.DataFrame, b: pd.DataFrame, measure: str) -> Finding:
    """The difference among networks that are equally accurate."""
    perfect = [x[x["accuracy"] >= 0.999] for x in (a, b)]
    if all(len(some) >= 0.8 * len(every) for some, every in zip(perfect, (a, b), strict=True)):
        found = difference(*(x[measure] for x in perfect))
        return replace(found, test=f"{found.test}, accuracy at least 0.999")
    return at_equal(a, b, measure, given="accuracy", log=False, squared=False)


def as_markdown(table: pd.DataFrame) -> str:
    """A table as Markdown has it."""

    def line(cells: Iterator[Any]) -> str:
        return "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    rows = [line(iter(table.columns)), line("---" for _ in table.columns)]
    return "\n".join(rows + [line(iter(values)) for values in table.itertuples(index=False)])
