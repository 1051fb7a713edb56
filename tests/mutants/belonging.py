"""Which tests belong to a file: the mirror of the tree; for a file without a mirror, the tests of what it makes."""

from __future__ import annotations

import ast
import re
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOST = 3  # test files per module
# Files that are tested under another name than their own.
ELSEWHERE = {
    "groups/_regression.py": ("groups/test_designs.py", "groups/test_edgewise.py", "groups/test_components.py"),
    "groups/_design.py": ("groups/test_designs.py", "groups/test_edgewise.py"),
    "io/__init__.py": ("io/test_load.py", "io/test_text_files.py", "io/test_hdf5_files.py"),
    "io/_cells.py": ("io/test_torch_files.py", "io/test_hdf5_files.py"),
    "io/_entries.py": ("io/test_load.py", "io/test_memory.py", "io/test_hostile_files.py"),
    "io/_attributes.py": ("io/test_hdf5_files.py", "io/test_numpy_files.py"),
    "io/_layout.py": ("io/test_checked_fields.py", "io/test_round_trips.py", "io/test_numpy_files.py"),
    "io/_matlab4.py": ("io/test_matlab_files.py", "io/test_lying_files.py"),
    "io/_matlab*.py": ("io/test_matlab_files.py", "io/test_hdf5_files.py"),
    "io/_roles.py": ("io/test_torch_files.py", "io/test_hdf5_files.py", "io/test_load.py"),
    "io/from_memory.py": ("io/test_torch_files.py", "io/test_hdf5_files.py"),
    "io/hdf5_files.py": ("io/test_hdf5_files.py", "io/test_facts.py"),
    "io/mtx_files.py": ("io/test_graph_files.py", "io/test_memory.py"),
    "io/_tables.py": ("io/test_text_files.py", "io/test_tables.py"),
    "io/safetensors_files.py": ("io/test_torch_files.py", "io/test_formats.py"),
    "io/table_files.py": ("io/test_tables.py", "io/test_text_files.py"),
    "io/text_files.py": ("io/test_text_files.py",),
    "nulls/_choose_null.py": ("nulls/test_correlation.py", "nulls/test_null_test.py"),
    "nulls/_correlation_kind.py": ("nulls/test_correlation.py",),
    "nulls/time_series.py": ("nulls/test_correlation.py",),
    "nulls/correlation.py": ("nulls/test_correlation.py",),
    "nulls/blocks.py": ("nulls/test_blocks.py",),
    "nulls/_null_test.py": ("nulls/test_null_test.py",),
    "nulls/_wiring_test.py": ("nulls/test_wiring_test.py",),
    "nulls/_uncertainty.py": ("nulls/test_uncertainty.py",),
    "nulls/_pairs_by_distance.py": ("nulls/test_pairs_by_distance.py",),
    "nulls/geometry.py": ("nulls/test_nulls.py", "nulls/test_pairs_by_distance.py"),
    "nulls/kernels/rewire_blocks.py": ("nulls/test_blocks.py",),
    "nulls/*.py": ("nulls/test_nulls.py", "nulls/test_nulls_uniform.py"),
    "structure/_matrix_search.py": ("structure/test_communities.py", "structure/test_constant_potts.py"),
    "structure/communication.py": ("test_contract.py",),
    "structure/components.py": ("structure/test_cores.py",),
    "structure/kernels/block_*.py": ("structure/test_block_model.py", "generate/test_block_draws.py"),
    "structure/kernels/expm.py": ("structure/test_communicability.py",),
    "structure/kernels/labels.py": ("structure/test_communities.py", "structure/test_cores.py"),
    "structure/kernels/leiden_sparse.py": ("structure/test_communities.py", "structure/test_constant_potts.py"),
    "structure/kernels/sparse_moves.py": ("structure/test_communities.py", "structure/test_constant_potts.py"),
}


@cache
def tests_of(path: str) -> tuple[str, ...]:
    """The module's doctests, then its test files, the nearest first."""
    module = Path(path)
    elsewhere = next((tests for files, tests in ELSEWHERE.items() if fnmatch(path, f"netanalysis/{files}")), ())
    tests = [f"tests/{test}" for test in elsewhere] or _mirror(module) or _by_name(module) or _by_importers(module)
    if not tests:
        raise LookupError(f"{path} has no test file of its own; say in tests/mutants/belonging.py which test it")
    doctests = (path,) if ">>>" in (ROOT / path).read_text(encoding="utf-8") else ()
    return (*doctests, *tests[:MOST])


def _folder(module: Path) -> Path:
    """Where the tests of a module lie; kernels stand in the folder of their only user."""
    folder = module.parent.parent if module.parent.name == "kernels" else module.parent
    return Path("tests", *folder.parts[1:])


def _mirror(module: Path) -> list[str]:
    stem = module.parent.name if module.stem == "__init__" else module.stem.lstrip("_")
    test = _folder(module) / f"test_{stem}.py"
    return [str(test)] if (ROOT / test).exists() else []


def _by_name(module: Path) -> list[str]:
    """Test files that call the public functions of a module, those that do so most often first."""
    names = _public(module)
    if not names or module.stem.startswith("_"):
        return []
    called = re.compile(rf"\b(?:na|nulls|transform|io)\.(?:\w+\.)?(?:{'|'.join(names)})\b")
    return _ranked(_folder(module), called)


def _by_importers(module: Path) -> list[str]:
    """Tests of the modules of the same folder that import this one; at last, tests that name the module."""
    name = f"kernels.{module.stem}" if module.parent.name == "kernels" else module.stem
    home = ROOT / (module.parent.parent if module.parent.name == "kernels" else module.parent)
    imports = re.compile(rf"\b{re.escape(name)}\b|import .*\b{re.escape(module.stem)}\b")
    users = [p.relative_to(ROOT) for p in sorted(home.rglob("*.py")) if p != ROOT / module]
    users = [p for p in users if imports.search((ROOT / p).read_text(encoding="utf-8")) and p.stem != "__init__"]
    found: list[str] = []
    for user in sorted(users, key=lambda p: p.stem.startswith("_")):
        found += [test for test in _mirror(user) or _by_name(user) if test not in found]
    if not found:
        for user in users:
            found += [test for test in _by_importers(user) if test not in found] if user.parent == module.parent else []
    return found or _ranked(_folder(module), re.compile(rf"\b{module.stem.lstrip('_')}\b"))


def _ranked(folder: Path, words: re.Pattern[str]) -> list[str]:
    counts = {
        str(test.relative_to(ROOT)): len(words.findall(test.read_text(encoding="utf-8")))
        for test in sorted((ROOT / folder).glob("test_*.py"))
    }
    return sorted((test for test in counts if counts[test]), key=lambda test: -counts[test])


def _public(module: Path) -> list[str]:
    for node in ast.parse((ROOT / module).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return list(ast.literal_eval(node.value))
    return []
