"""Parts of kernels, for which numba does not count who holds an array, make none and hand none on."""

import ast
from pathlib import Path

import pytest

SOURCES = sorted((Path(__file__).resolve().parents[2] / "netanalysis").rglob("kernels/*.py"))
SOURCES += sorted((Path(__file__).resolve().parents[2] / "netanalysis/_kernels").glob("*.py"))


def functions(kind):
    """The functions under a decorator, with their files."""
    for path in SOURCES:
        for found in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(found, ast.FunctionDef) and kind in map(ast.unparse, found.decorator_list):
                yield path.name, found


def returned(function):
    """Every value that a function returns."""
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield from node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]


def is_array(value, function):
    """Whether a value is a slice, or a name that the function subscripts."""
    subscripted = {ast.unparse(n.value) for n in ast.walk(function) if isinstance(n, ast.Subscript)}
    return ast.unparse(value) in subscripted or (
        isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Slice)
    )


PARTS = list(functions("part"))
MAKERS = {function.name for _, function in functions("maker")}


def test_there_are_parts_and_makers():
    assert len(PARTS) > 90
    assert {"shuffled", "_grown"} <= MAKERS


@pytest.mark.parametrize(("file", "part"), PARTS, ids=[f"{file}:{part.name}" for file, part in PARTS])
def test_a_part_makes_no_array_and_returns_none(file, part):
    """Seen: parts whose arrays were counted spent half of the time of block_model on it; numba refuses np.empty here.

    It would not refuse a maker, whose array nobody would give back, nor an array that is handed back to the caller,
    who would give it back twice.
    """
    called = {ast.unparse(node.func).split(".")[-1] for node in ast.walk(part) if isinstance(node, ast.Call)}
    assert not called & MAKERS
    assert not [ast.unparse(value) for value in returned(part) if is_array(value, part)]
