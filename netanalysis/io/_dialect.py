"""How a text file is written: its encoding, comments, separator and decimal sign; and its lines as rows of cells."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from netanalysis.io._entries import FileError, check_bytes

COMMENTS = ("#", "%", "//")
_SEPARATORS = ("\t", ";", "|", ",", None)  # None: any spaces
_SAMPLE = 200  # lines
_SEVERAL_NUMBERS = re.compile(r"[+-]?[0-9.]+[eE0-9+-]*\s+[+-]?[0-9.]+.*")
_COMMA = re.compile(r"[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]+)?")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(\.[0-9]*)?")
_WORDS = {"true": 1.0, "false": 0.0}
_MISSING = ("", "na", "n/a", "null", "none")  # as pandas, R and databases write them; nan is a number


class _Counted(io.RawIOBase):
    """Bytes that are unpacked on the way, up to the limit: a small file may unpack to any size."""

    def __init__(self, source: IO[bytes], what: str) -> None:
        self._source, self._what, self._seen = source, what, 0

    def close(self) -> None:
        self._source.close()
        super().close()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count: int = self._source.readinto(buffer)  # type: ignore[attr-defined]
        self._seen += count
        check_bytes(self._seen, self._what)
        return count


def open_bytes(path: Path) -> IO[bytes]:
    """The bytes of a file, unpacked if it was packed by gzip."""
    check_bytes(path.stat().st_size, f"the text of {path}")
    source: Any = gzip.open(path, "rb") if _is_packed(path) else path.open("rb")  # noqa: SIM115
    return io.BufferedReader(_Counted(source, f"the text of {path}"), 2**17)


def whole_bytes(path: Path) -> bytes:
    """All of these bytes; those that are not packed, as many as the file has, in one step."""
    if _is_packed(path):
        with open_bytes(path) as file:
            return file.read()
    check_bytes(path.stat().st_size, f"the text of {path}")
    return path.read_bytes()


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def encodings(path: Path) -> list[str]:
    """The encoding that a file has, or those to try in turn."""
    with open_bytes(path) as file:
        head = file.read(4096)
    if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return ["utf-32"]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ["utf-16"]
    for at, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(head) > 3 and head[at::2].count(0) > 0.4 * len(head) / 2 and 0 not in head[1 - at :: 2]:
            return [name]
    if 0 in head:
        raise FileError(f"{path} is no text: it holds bytes of value 0")
    return ["utf-8-sig", "latin-1"]


class Numbers:
    """Cells of a row, or of a column, as float64; one that is no number is an error that says where.

    Cells without a value are NaN, which is refused later unless a number is asked to stand for them.
    """

    def __init__(self, path: Path, *, decimal_comma: bool = False) -> None:
        self._path, self._decimal_comma = path, decimal_comma
        self.first_missing = ""  # the first cell without a value, and where it is

    def __call__(self, cells: list[str], row: int, column: int) -> list[float]:
        """The cells from this row and column on."""
        try:
            if not self._decimal_comma and "_" not in "".join(cells):
                return list(map(float, cells))
        except ValueError:
            pass
        return [self._number(cell, f"(from row {row}, column {column} on)") for cell in cells]

    def _number(self, cell: str, where: str) -> float:
        if is_number(cell):
            if self._decimal_comma and "." in cell:
                raise FileError(f"{self._path}: {cell!r} {where} has a decimal point, other numbers a decimal comma")
            return float(cell)
        if cell.lower() in _WORDS:
            return _WORDS[cell.lower()]
        if is_missing(cell):
            self.first_missing = self.first_missing or f"{cell!r} {where}"
            return float("nan")
        thousands = _THOUSANDS.fullmatch(cell)
        if thousands and not (self._decimal_comma and cell.count(",") == 1 and "." not in cell):
            point = cell.replace(",", ".")
            other = f" or {point} with a decimal comma" if cell.count(",") == 1 and "." not in cell else ""
            raise FileError(
                f"{self._path}: {cell!r} {where} could be {cell.replace(',', '')} with thousands separators"
                f"{other}. Save the table with decimal "
                "points and without thousands separators"
            )
        if _COMMA.fullmatch(cell):
            self._decimal_comma = True
            return float(cell.replace(",", "."))
        raise FileError(f"{self._path}: expected a number, got {cell!r} {where}")


class Dialect:
    """One reading of a file's text: `rows` are its cells, `numbers` what they say."""

    def __init__(self, path: Path, file: IO[str]) -> None:
        self._path = path
        lines = iter(file)
        self.comments: list[str] = []
        before = 0  # letters up to the second line of the table
        sample: list[str] = []
        separator: Any = ""
        for line in lines:
            before += 0 if sample else len(line)
            if _is_blank(line):
                continue
            if not sample and (said := re.fullmatch(r'"?sep=(.)"?', line.strip("\r\n"))):
                separator = said[1]
            elif line.lstrip().startswith(COMMENTS) and not sample:
                self.comments.append(line.strip())
            else:
                sample.append(line)
                if len(sample) >= _SAMPLE:
                    break
        self.separator = _separator(sample) if separator == "" else separator
        split = [row for row in _split(sample, self.separator) if row]
        self.drops_last = (
            len(split) > 1
            and not (len(sample) < _SAMPLE and _lacks_its_last_node(len(split), split[-1]))
            and all(len(row) > 1 and not row[-1] for row in split[1:])
            and (not split[0][-1] or len(split[0]) < len(split[1]))
        )
        # Cells that can be read in no other way settle those that could.
        clear = (_COMMA.fullmatch(cell) and not _THOUSANDS.fullmatch(cell) for row in split for cell in row)
        self.numbers = Numbers(path, decimal_comma=self.separator != "," and any(clear))
        self._lines: Iterable[str] = chain(sample, (line for line in lines if not _is_blank(line)))
        self.begins = before - len(sample[0]) if sample else 0, before  # letters before the first and the second line

    @property
    def commented_names(self) -> list[str]:
        """The cells of the last comment: some name the columns there."""
        text = self.comments[-1].lstrip("#%/ ") if self.comments else ""
        return next(_split([text], self.separator if self.separator and self.separator in text else None), [])

    def rows(self) -> Iterator[list[str]]:
        """The cells of every line that is neither blank nor a comment."""
        width, count, first = None, 0, list[str]()
        given: list[str] = []
        empty: list[list[str]] = []  # since the last row: nodes without values, or lines that a program left behind
        ends_empty = True  # all rows but the first
        for row in _split(self._lines, self.separator):
            if not row:
                continue
            whole = row[:] if self.drops_last else row
            if self.drops_last and not row[-1]:
                row.pop()
            if width is not None and not any(row):
                if len(row) == width:
                    empty.append(row)
                continue
            if width is not None and len(row) != width and row[0].startswith(COMMENTS):
                continue
            yield from empty
            ends_empty = ends_empty and (not count or not row[-1])
            first, given, count, empty = first or row, whole, count + 1 + len(empty), []
            width = len(row) if width is None or not row[0].startswith(COMMENTS) else width
            yield row
        if empty and self.drops_last:
            given, count = [""] * (len(first) + 1), count + len(empty)
        elif empty and _are_of_nodes(first, count + len(empty), ends_empty):
            yield from empty
        if self.drops_last and _lacks_its_last_node(count, given):
            raise FileError(
                f"{self._path}: the last cell of every line is empty: a separator that ends it, or a node without "
                "values? Write nan where values are missing"
            )


def dialects(path: Path) -> Iterator[tuple[Dialect, tuple[str, ...]]]:
    """The file, read as each encoding that it may have, and what to say of it."""
    for encoding in encodings(path):
        with open_bytes(path) as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as file:
            said = () if encoding.startswith("utf") else ("load: not UTF-8, so read as Latin-1",)
            try:
                dialect = Dialect(path, file)
            except UnicodeDecodeError:
                continue
            yield dialect, said


def is_number(cell: str) -> bool:
    """Whether a cell is a number with a decimal point, or nan or inf."""
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell  # Python's 1_000, which may well be a label here


def _are_of_nodes(first: list[str], count: int, ends_empty: bool) -> bool:
    """Whether rows of nothing at the end belong to a square of so many rows in all, with a line of names or without."""
    values = all(is_number(cell) or is_missing(cell) for cell in first)
    return (values and count == len(first)) or (bool(first[0]) and ends_empty and count == len(first) + 1)


def _lacks_its_last_node(count: int, last: list[str]) -> bool:
    """Whether so many rows are a square matrix, with or without a column of names, whose last row has no values."""
    return len(last) > 2 and len(last) - count in (0, 1) and not any(last[1:])


def _is_blank(line: str) -> bool:
    """Nothing in it; tabs may stand between cells without a value."""
    return not line.strip() and "\t" not in line


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.lower() in _MISSING


def _split(lines: Iterable[str], separator: str | None) -> Iterator[list[str]]:
    if separator is None:
        for line in lines:
            if '"' in line:
                yield [a or b for a, b in re.findall(r'"([^"]*)"|(\S+)', line)]
            else:
                yield line.split()
    else:
        for row in csv.reader(lines, delimiter=separator, skipinitialspace=True):
            yield [cell.strip() for cell in row]


def _separator(sample: list[str]) -> str | None:
    """The first sign that cuts all lines into as many cells, none of which holds several numbers.

    The first line may differ, but only where no sign cuts that one, too: it may hold names with other signs in them.
    """
    odd: list[str | None] = []
    for separator in _SEPARATORS:
        rows = [row for row in _split(islice(sample, _SAMPLE), separator) if row]
        body = rows[1:] or rows
        widths = {len(row) for row in body}
        if len(widths) == 1 and widths != {1} and not any(_SEVERAL_NUMBERS.fullmatch(c) for row in body for c in row):
            if len(rows[0]) in (len(body[0]), len(body[0]) - 1):  # R writes no corner cell
                return separator
            odd.append(separator)
    if odd:
        return odd[0]
    text = "".join(sample)
    found = Counter({s: text.count(s) for s in _SEPARATORS if s})
    return found.most_common(1)[0][0] if found.total() else None
