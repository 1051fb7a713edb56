"""BibTeX of what was used: one entry a source, whatever it is asked by."""

import inspect
import re

import pytest

import netanalysis as na
from netanalysis.table.citing import _dois


def keys(text):
    return re.findall(r"^@\w+\{([^,]+),", text, re.M)


def test_the_package_alone():
    assert keys(na.cite()) == ["netanalysis"]
    assert na.__version__ in na.cite()


def test_a_measure_by_name_by_function_and_by_doi():
    by_name = na.cite("reciprocity")
    assert by_name == na.cite(na.reciprocity) == na.cite("doi:10.1103/PhysRevLett.93.268701")
    assert keys(by_name) == ["netanalysis", "Garlaschelli2004"]
    assert "author = {Garlaschelli, D. and Loffredo, M. I.}" in by_name
    assert keys(na.cite("reciprocity", "reciprocity")) == keys(by_name)


def test_a_data_set_and_its_network():
    by_name = na.cite("celegans_chemical")
    worm = na.datasets.load("celegans_chemical")
    assert by_name == na.cite(worm)
    assert worm.metadata["doi"] in by_name


def test_a_table_cites_its_measures_and_data():
    worm = na.datasets.load("celegans_gap")
    table = na.summarize(worm, ["reciprocity", "clustering"], progress=False)
    found = na.cite(table)
    for doi in (*(na.MEASURES[name].source.removeprefix("doi:") for name in table["measure"]), worm.metadata["doi"]):
        assert doi in found
    assert len(set(keys(found))) == len(keys(found))


def test_every_measure_and_data_set_can_be_cited():
    text = na.cite(*na.MEASURES, *na.datasets.available()["name"])
    assert len(set(keys(text))) == len(keys(text))
    assert text.count("{") == text.count("}")
    assert not re.search(r"\{\s*\}", text)


def test_what_is_unknown_is_refused():
    for thing in ("reciprocty", 3, None):
        with pytest.raises(ValueError, match="cite takes measures, data sets"):
            na.cite(thing)


def test_dois_end_where_the_sentence_goes_on():
    """Seen: "(doi:10.1/x):" kept the bracket and the colon."""
    for name in na.__all__:
        function = getattr(na, name)
        if inspect.isfunction(function):
            dois = _dois(function.__doc__)
            assert not [doi for doi in dois if doi[-1] in "):.`}," and doi.count("(") != doi.count(")")], name
            assert not [doi for doi in dois if doi.endswith((":", ".", "`", "}"))], name
    assert _dois("Onnela (doi:10.1103/PhysRevE.71.065103): more") == ["10.1103/PhysRevE.71.065103"]
    reactivity = "10.1890/0012-9658(1997)078[0653:ATRFMT]2.0.CO;2"
    assert _dois(f"Neubert & Caswell 1997, doi:{reactivity}; others") == [reactivity]
