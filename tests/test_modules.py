"""Modules can be reached by their names, and what takes long to import is left until it is needed."""

import importlib
import pkgutil
import subprocess
import sys

import pytest


@pytest.mark.parametrize("root", ["netanalysis", "models"])
def test_no_module_is_hidden_in_its_package(root):
    package = importlib.import_module(root)
    names = [info.name for info in pkgutil.walk_packages(package.__path__, f"{root}.")]
    assert len(names) > 10
    hidden = []
    for name in names:
        if name.endswith(".__main__"):
            continue
        module = importlib.import_module(name)
        parent, _, leaf = name.rpartition(".")
        if getattr(importlib.import_module(parent), leaf) is not module:
            hidden.append(name)
    assert not hidden


def test_importing_the_package_imports_nothing_that_takes_as_long():
    """scipy.stats and scipy.optimize once doubled the time."""
    heavy = {"matplotlib", "networkx", "numba", "pandas", "scipy.optimize", "scipy.special", "scipy.stats", "sklearn"}
    code = f"import sys, netanalysis; print(*sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
