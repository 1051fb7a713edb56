"""What is packed, declared and run: wheel, imports, the parts of `make thorough`."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.imports import problems

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = """
[project]
dependencies = ["numpy>=2.0", "scikit-learn"]
[project.optional-dependencies]
models = ["torch"]
formats = ["h5py"]
test = ["netanalysis[models]", "pytest>=8", "ruff"]
"""
SOURCES = {
    "netanalysis/a.py": "import os\nfrom numpy.typing import NDArray\n\ndef read():\n    import h5py\n",
    "netanalysis/b.py": "from sklearn import svm\nfrom netanalysis import a\nfrom . import a\n",
    "models/c.py": "import torch.nn\n",
    "tests/test_d.py": "import pytest\nimport build\npytest.importorskip('torch')\n",
    "data/build.py": "import anything\n",
}


def made(*words):
    """What `make` would run, with all parts still to do."""
    alone = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}  # in `make test`, too
    command = ["make", "-n", "-B", *words]
    done = subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def parts(output):
    return set(re.findall(r"pytest .*-m slow tests/(\S+)\.py", output))


def test_every_slow_test_is_in_a_part_of_make_thorough_and_parts_go_by_folder_or_file():
    slow = {
        str(path.relative_to(ROOT / "tests").with_suffix(""))
        for path in (ROOT / "tests").rglob("test_*.py")
        if re.search(r"\bmark\.slow", path.read_text(encoding="utf-8"))
    }
    assert parts(made("thorough")[1]) == slow
    assert parts(made("thorough", "PART=nulls")[1]) == {part for part in slow if part.startswith("nulls/")}
    assert parts(made("thorough", "PART=nulls/test_null_test")[1]) == {"nulls/test_null_test"}
    code, output = made("thorough", "PART=nonsense")
    assert code
    assert "PART=nonsense names no part; there are: " in output
    assert not parts(made("test")[1])


@pytest.fixture(scope="module")
def wheel():
    """Paths in the wheel, and where each is from."""
    return {
        Path(file.distribution_path): Path(file.relative_path)
        for file in WheelBuilder(str(ROOT)).recurse_included_files()
    }


def test_the_wheel_holds_data_licences_manifests_and_no_script(wheel):
    data = {path for path in wheel if path.is_relative_to("netanalysis/_data")}
    assert {path.suffix for path in data} == {".npz", ".csv", ".json", ".md", ".txt"}
    assert {path.name for path in data if path.suffix == ".md"} == {"README.md"}
    assert {path.name for path in data if path.suffix == ".json"} == {"manifest.json", "atlas.json", "references.json"}
    assert {path.parent.name for path in data if path.suffix == ".txt"} == {"licences"}
    kept = {path.relative_to("data") for path in wheel.values() if path.is_relative_to("data")}
    assert {path.relative_to("netanalysis/_data") for path in data} == kept
    assert kept >= {path.relative_to(ROOT / "data") for path in (ROOT / "data").rglob("*.npz")}


def test_the_wheel_holds_every_module_and_what_the_page_is_made_of_and_nothing_else(wheel):
    packed = {path for path in wheel if not path.is_relative_to("netanalysis/_data")}
    packages = {p.relative_to(ROOT) for folder in ("netanalysis", "models") for p in (ROOT / folder).rglob("*.py")}
    others = {path for path in packed - packages if "__pycache__" not in path.parts}
    assert packages <= packed
    scripts = {"sort.js", "scroll.js", "walks.js", "layers.js", "paths.js"}
    assert {path.name for path in others} == {"py.typed", "template.html.j2", "style.css", *scripts}


def written(root, **changes):
    for path, text in {**SOURCES, "pyproject.toml": PYPROJECT, **changes}.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text)
    return root


def test_what_is_declared_and_imported_passes(tmp_path):
    assert problems(written(tmp_path)) == []


@pytest.mark.parametrize(
    ("path", "text", "problem"),
    [
        (
            "netanalysis/a.py",
            "import numpy, h5py\n",
            "netanalysis/a.py:1 imports h5py at its head, which is not declared",
        ),
        ("netanalysis/b.py", "import sklearn, yaml\n", "netanalysis/b.py:1 imports yaml at its head"),
        ("netanalysis/b.py", "def f():\n    from yaml import x\nimport sklearn", "b.py:2 imports yaml in a function"),
        ("models/c.py", "import torch\nimport pytest\n", "models/c.py:2 imports pytest at its head"),
        ("tests/test_d.py", "import pytest, bct\n", "tests/test_d.py:1 imports bct"),
        ("netanalysis/b.py", "", "pyproject declares sklearn in dependencies, and nothing imports it"),
        ("netanalysis/a.py", "import numpy\n", "pyproject declares h5py in formats, and nothing imports it"),
        ("tests/test_d.py", "", "pyproject declares pytest in test, and nothing imports it"),
    ],
)
def test_what_is_undeclared_or_unused_is_named(tmp_path, path, text, problem):
    found = problems(written(tmp_path, **{path: text}))
    assert len(found) == 1
    assert problem in found[0]
