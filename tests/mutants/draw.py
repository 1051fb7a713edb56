"""Which faults: drawn by seed among all that cosmic-ray can make, as many in each stratum.

A place in the code counts once, however many operators fit it, so that arithmetic does not crowd out the rest; the
operator is drawn, too. The rank of a place is a hash of its own line, so that edits elsewhere leave the draw alone.
"""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code

ROOT = Path(__file__).resolve().parents[2]
STRATA = {
    "inference": (
        "_core/pvalues.py",
        "nulls/_null_test.py",
        "nulls/_wiring_test.py",
        "nulls/_uncertainty.py",
        "groups/*.py",
        "table/compare.py",
    ),
    "measures": ("structure/*.py", "activity/*.py"),
    "nulls": ("nulls/*.py",),
    "readers": ("io/*.py",),
}
# Operators are exchanged within a family only: `a << b` of two floats is an error that any test would notice.
FAMILIES = (
    {"Add", "Sub", "Mul", "Div", "FloorDiv", "Mod", "Pow"},
    {"BitOr", "BitAnd", "BitXor", "RShift", "LShift"},
    {"Eq", "NotEq", "Lt", "LtE", "Gt", "GtE"},
    {"Is", "IsNot"},
    {"USub", "UAdd", "Invert", "Not", "Delete"},
)
# These change how fast something is, or what only a type checker sees.
HARMLESS = ("@cache", "@overload", "@kernel", "@part", "@inlined", "@lru_cache", "@staticmethod")


@dataclass(frozen=True)
class Mutant:
    """One fault: `line` of `path` reads `after` instead of `before`; its key names it for good."""

    stratum: str
    path: str
    operator: str
    occurrence: int
    line: int
    before: str
    after: str
    key: str

    def source(self) -> str:
        """The whole file with the fault in it."""
        code = (ROOT / self.path).read_text(encoding="utf-8")
        return mutate_code(code, plugins.get_operator(self.operator)(), self.occurrence)


def draw(count: int, seed: int) -> list[Mutant]:
    """`count` faults, as many in each stratum, in an order that alternates between the strata."""
    share = count // len(STRATA)
    drawn, taken = [], set()
    for stratum, patterns in STRATA.items():
        files = [path for path in _modules() if any(fnmatch(path, f"netanalysis/{p}") for p in patterns)]
        places = [place for path in files if path not in taken for place in _places(path, seed)]
        taken.update(files)
        made: list[Mutant] = []
        for path, operator, occurrence, key in sorted(places, key=lambda place: place[-1]):
            mutant = _made(stratum, path, operator, occurrence, key)
            if mutant is not None:
                made.append(mutant)
            if len(made) == share:
                break
        drawn.append(made)
    return [mutant for several in zip(*drawn, strict=True) for mutant in several]


def _modules() -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / "netanalysis").rglob("*.py"))


def _places(path: str, seed: int) -> Iterator[tuple[str, str, int, str]]:
    """Every place of a file with the operator drawn for it, and its rank."""
    code = (ROOT / path).read_text(encoding="utf-8")
    lines, skipped = code.splitlines(), _annotations(code)
    fitting: dict[tuple[str, tuple[int, int]], list[tuple[str, int]]] = {}
    nodes = list(ast_nodes(get_ast(code)))
    for name, operator in _operators():
        found = (start for node in nodes for start, _ in operator.mutation_positions(node))
        for occurrence, start in enumerate(found):
            if not any(begin <= start < end for begin, end in skipped):
                fitting.setdefault((_family(name), start), []).append((name, occurrence))
    seen: Counter[str] = Counter()
    for (family, (row, column)), options in fitting.items():
        text = f"{seed} {path} {family} {column} {lines[row - 1]}"
        seen[text] += 1
        key = hashlib.sha256(f"{text} {seen[text]}".encode()).hexdigest()
        yield path, *options[int(key, 16) % len(options)], key[:16]


def _made(stratum: str, path: str, operator: str, occurrence: int, key: str) -> Mutant | None:
    """The fault, unless the file means the same with it."""
    code = (ROOT / path).read_text(encoding="utf-8")
    changed = mutate_code(code, plugins.get_operator(operator)(), occurrence)
    old, new = code.splitlines(), changed.splitlines()
    row = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), None)
    if row is None or old[row].strip().startswith(HARMLESS):
        return None
    try:
        if ast.dump(ast.parse(code)) == ast.dump(ast.parse(changed)):
            return None
    except SyntaxError:
        return None
    return Mutant(stratum, path, operator, occurrence, row + 1, old[row].strip(), new[row].strip(), key)


@cache
def _operators() -> list[tuple[str, object]]:
    """Those without arguments, within families."""
    names = [name for name in plugins.operator_names() if not plugins.get_operator(name).arguments()]
    return [(name, plugins.get_operator(name)()) for name in sorted(names) if _within(name)]


def _within(name: str) -> bool:
    _, *ends = name.split("_")
    return not ends or any(set(ends) <= family for family in FAMILIES) or "Delete" in ends


def _family(name: str) -> str:
    return name.split("_")[0]


def _annotations(code: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where a file says of what types things are, which no run notices."""
    found: list[ast.AST] = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.arg | ast.AnnAssign):
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef):
            found.append(node.returns)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript):
            found += [node.value] if getattr(node.value.value, "id", "") in ("Literal", "Union", "Callable") else []
        elif isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            found.append(node)
    return [((n.lineno, n.col_offset), (n.end_lineno, n.end_col_offset)) for n in found if n is not None]
