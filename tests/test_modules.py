"""Modules can be reached by their names: none is hidden by a function or a class of the same name."""

import importlib
import pkgutil

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
