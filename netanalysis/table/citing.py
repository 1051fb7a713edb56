"""BibTeX for what was used: measures, data sets, tables, and the package itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from netanalysis._core import records
from netanalysis.connectome import Connectome
from netanalysis.datasets import bundled
from netanalysis.table.measures import MEASURES

__all__ = ["cite"]

_DOI = re.compile(r"10\.\d{4,9}/[^\s;,\"'`}]+(?:;2)?")  # Wiley's old ones end in ;2


def cite(*used: Any) -> str:
    """BibTeX of what was used, the package first; ready for a .bib file.

    Parameters
    ----------
    *used : names, functions, networks, tables, DOIs
        A name or function of a measure; a function of this package whose docstring names a source; the name of a data
        set, or a Connectome that came from one; a table of :func:`summarize` or :func:`compare` (its columns source,
        doi and citation); a DOI. Nothing: the package alone.

    Returns
    -------
    str
        One entry for each source. Where only its DOI is known, a ``@misc`` entry with that; for data sets with the
        citation as its source asks for it.

    Raises
    ------
    ValueError
        For a name that is neither a measure nor a data set nor a DOI.

    Examples
    --------
    >>> import netanalysis as na
    >>> print(na.cite("reciprocity").split("\\n\\n")[1])
    @article{Garlaschelli2004,
      author = {Garlaschelli, D. and Loffredo, M. I.},
      title = {Patterns of link reciprocity in directed networks},
      journal = {Physical Review Letters},
      volume = {93},
      pages = {268701},
      year = {2004},
      doi = {10.1103/PhysRevLett.93.268701},
    }
    """
    entries = {"netanalysis": _package()}
    keys: set[str] = {"netanalysis"}
    for thing in used:
        for doi, note in _sources(thing):
            if doi not in entries:
                entries[doi] = _entry(doi, note, keys)
    return "\n\n".join(entries.values())


def _sources(thing: Any) -> Iterator[tuple[str, str]]:
    """DOIs of one thing, with the citation that data ask for."""
    import pandas as pd

    if isinstance(thing, pd.DataFrame):
        for column in ("source", "doi"):
            for value in pd.unique(thing[column]) if column in thing else ():
                same = thing[thing[column] == value]
                note = str(same["citation"].iloc[0]) if column == "doi" and "citation" in thing else ""
                yield from ((doi, note) for doi in _dois(value))
        return
    if isinstance(thing, Connectome):
        yield from ((doi, str(thing.metadata.get("citation") or "")) for doi in _dois(thing.metadata.get("doi")))
        return
    if callable(thing):
        name = getattr(thing, "__name__", "")
        yield from ((doi, "") for doi in _dois(getattr(thing, "__doc__", "")) or _dois(_source_of(name)))
        return
    if isinstance(thing, str):
        if _source_of(thing):
            yield from ((doi, "") for doi in _dois(_source_of(thing)))
            return
        credit = bundled.credit(thing)
        if credit is not None:
            yield from ((doi, str(credit.get("citation") or "")) for doi in _dois(credit.get("doi")))
            return
        if _dois(thing):
            yield from ((doi, "") for doi in _dois(thing))
            return
    raise ValueError(
        f"cite takes measures, data sets, networks, tables, functions and DOIs; got {thing!r}: names of measures are "
        "in na.MEASURES, those of data sets in na.datasets.available()"
    )


def _source_of(name: str) -> str:
    return MEASURES[name].source if name in MEASURES else ""


def _dois(text: Any) -> list[str]:
    found = (doi.rstrip(".:") for doi in _DOI.findall(text)) if isinstance(text, str) else ()
    return list(dict.fromkeys(doi.rstrip(").") if doi.count("(") < doi.count(")") else doi for doi in found))


def _package() -> str:
    return _bibtex(
        "software",
        "netanalysis",
        {
            "author": "{the netanalysis authors}",
            "title": "netanalysis: network neuroscience for any weight matrix",
            "version": records.versions()["netanalysis"],
        },
    )


def _entry(doi: str, note: str, taken: set[str]) -> str:
    known = bundled.references().get(doi)
    if known is None:
        fields = {"doi": doi} | ({"note": note} if note else {})
        return _bibtex("misc", _key(re.sub(r"\W+", "_", doi), taken), fields)
    first = re.sub(r"\W", "", known["author"].split(",")[0].split(" ")[0])
    fields = {"author": " and ".join(map(_person, _people(known["author"]))), "title": known["title"]}
    fields |= {name: str(known[name]) for name in ("journal", "volume", "pages", "year") if name in known}
    return _bibtex("article", _key(f"{first}{known['year']}", taken), fields | {"doi": doi})


def _people(text: str) -> list[str]:
    return [name.strip() for part in text.split(",") for name in part.split(" and ") if name.strip()]


def _person(name: str) -> str:
    """ "Loffredo MI" as BibTeX has it."""
    match = re.fullmatch(r"(.+) ([A-Z]{1,4})", name)
    return f"{match[1]}, {' '.join(f'{letter}.' for letter in match[2])}" if match else name


def _key(wanted: str, taken: set[str]) -> str:
    key = next(k for n in range(len(taken) + 1) if (k := wanted + ("" if not n else chr(96 + n))) not in taken)
    taken.add(key)
    return key


def _bibtex(kind: str, key: str, fields: dict[str, str]) -> str:
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@{kind}{{{key},\n{lines}}}"
