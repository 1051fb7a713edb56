"""CONTRIBUTING.md's examples run, and its map of the folders is the one of the contract."""

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

import netanalysis as na

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_null_model_of_the_example_is_one(signed):
    space = {}
    exec(next(code for code in re.findall(r"```python\n(.*?)```", TEXT, re.S) if "def random_signs" in code), space)
    null = space["random_signs"]
    stack = np.stack([signed, np.abs(signed)])
    made = null(stack, 3, size=4)
    np.testing.assert_array_equal(made[0], null(stack, 3))
    np.testing.assert_array_equal(made[:, 1], null(stack[1], 3, size=4))
    off = ~np.eye(len(signed), dtype=bool)
    np.testing.assert_array_equal(np.abs(made[2, 0][off]), np.abs(signed[off]))
    test = na.null_test(signed, na.spectral_radius, null, n_nulls=9, rng=0)
    assert 0 < test.p <= 1


def test_every_folder_stands_on_the_page():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(c["layers"] for c in contracts if c["type"] == "layers")
    for name in re.findall(r"\w+", " ".join(layers)):
        assert re.search(rf"`{name}(/|\.py)`", TEXT), name


@pytest.mark.parametrize("path", re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.(?:py|md|txt))`", TEXT))
def test_files_it_names_exist(path):
    if path.split("/")[-1].startswith(("your_", "test_your_", "name")):
        pytest.skip("a file to be made")
    assert any((root / path).exists() for root in (ROOT, ROOT / "netanalysis"))
