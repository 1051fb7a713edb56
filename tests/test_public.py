"""The public surface: what there is, how it is called, and how it is described."""

import importlib
import inspect
import pkgutil
import re
from types import ModuleType

import pytest

import models
import netanalysis as na
from tests.public import FILE, surface


def test_the_public_surface_is_the_one_on_file():
    """Meant to change? Then run ``python -m tests.public`` and look at the difference."""
    assert surface() == FILE.read_text()


def test_completion_shows_the_public_names_and_no_other():
    assert sorted(dir(na)) == sorted([*na.__all__, "__version__"])
    assert {"plot", "report", "transform", "nulls", "datasets"} <= set(na.__all__)
    assert all(getattr(na, name) is not None for name in na.__all__)


def test_every_public_name_stands_in_one_group_of_the_docstring():
    listed = re.findall(r"\w+", " ".join(line for line in na.__doc__.splitlines() if line.startswith("    ")))
    assert sorted(listed) == sorted(na.__all__)


@pytest.mark.parametrize("package", [na, models], ids=["netanalysis", "models"])
def test_no_module_is_hidden_by_what_has_its_name(package):
    """Seen: ``import netanalysis.clustering as m`` gave a function."""
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if module.name.endswith("__main__"):
            continue
        parent, name = module.name.rsplit(".", 1)
        loaded = importlib.import_module(module.name)
        assert isinstance(loaded, ModuleType)
        assert getattr(importlib.import_module(parent), name) is loaded, module.name


def _functions():
    for space in (na, na.nulls, na.transform, na.plot):
        for name in space.__all__:
            value = getattr(space, name)
            if inspect.isfunction(value) and value.__module__.startswith("netanalysis."):
                yield pytest.param(value, id=f"{space.__name__}.{name}")


# What a parameter of this name is, wherever it occurs; help shows it where it stands, so it is written there.
SENTENCES = {
    "rng": "rng : seed, Generator or SeedSequence, optional",
    "size": "size : int, optional\n    Number of replicates; None gives a single network",
    "ax": "ax : Axes, optional",
    "distances": "distances : array_like, shape (n, n), optional",
    "n_jobs": "n_jobs : int, optional",
    "progress": "progress : bool",
    "n_nulls": "n_nulls : int",
}
# A page repeats itself from its seed, so it takes a number only; the size of dots is a column, as in seaborn;
# motifs have a size of their own.
ELSEWHERE = {"report": {"rng"}, "scatter": {"size"}, "motif_census": {"size"}}


@pytest.mark.parametrize("function", list(_functions()))
def test_a_parameter_of_one_name_is_described_in_one_way(function):
    doc = inspect.getdoc(function)
    assert doc, "no docstring"
    described = doc.split("Parameters\n----------\n")[-1].split("\n\nReturns\n")[0]
    for name in inspect.signature(function).parameters:
        if name in SENTENCES and name not in ELSEWHERE.get(function.__name__, ()):
            together = rf"^(\w+, )*{name}(, \w+)+( :|$)|^(\w+, )+{name}( :|$)"  # "n_nulls, n_lattices : int"
            own = SENTENCES[name] in described or re.search(together, described, re.M)
            assert own, f"{name} is described in another way than {SENTENCES[name]!r}"


def test_results_print_in_a_line():
    w = na.datasets.load("celegans_gap")
    shown = [
        repr(value)
        for value in (
            na.small_worldness(w, n_nulls=2, rng=0),
            na.null_test(w, na.degree, "weight_shuffle", n_nulls=2, rng=0),
            na.detect_communities(w, rng=0),
            na.pathways(w, max_hops=1),
            na.estimate_path_length(w, rng=0),
        )
    ]
    assert all(text.startswith("<") and text.endswith(">") and "\n" not in text for text in shown)
    assert max(map(len, shown)) < 500
