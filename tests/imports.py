"""Held against each other: what pyproject.toml declares and what is imported (``python -m tests.imports``).

- `netanalysis` imports dependencies; packages of the extras "models", "formats", "tables", "surface" and "datasets"
  only inside functions.
- `models` imports dependencies and its own extra; "formats" only inside functions.
- Tests and what notebooks import from beside them import what is declared anywhere.
- Every declared package is imported: dependencies and the two extras by the packages themselves, others by tests
  and notebooks, unless they are tools that are run rather than imported.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

OWN = {"netanalysis", "models", "tests"}
MODULES = {"scikit-learn": "sklearn", "scikit-network": "sknetwork", "bctpy": "bct"}  # named unlike their packages
PARTS = {"mpl_toolkits": "matplotlib"}  # modules that a package brings under another name
# Tested or timed where they are installed.
OPTIONAL = {"neurogym", "brainsmash", "brainspace", "neuromaps", "nctpy", "netrd", "DSA", "graspologic"}
TOOLS = {"pytest-xdist", "pytest-cov", "ipykernel", "ruff", "mypy", "pandas-stubs", "import-linter"} | {
    "sphinx",
    "numpydoc",
    "myst-nb",
    "pydata-sphinx-theme",
    "latex2mathml",
    "uv",
}


def problems(root: Path) -> list[str]:
    """A sentence for everything that is imported and not declared, or declared and not imported."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    base = _modules(project["dependencies"])
    extras = {name: _modules(packages) for name, packages in project["optional-dependencies"].items()}
    every = base.union(*extras.values())
    optional = set().union(*(extras.get(name, set()) for name in ("formats", "tables", "surface", "datasets")))
    scripts = {path.stem for folder in ("data", "notebooks") for path in (root / folder).glob("*.py")}
    allowed = {  # folder: at the head of a module, inside functions
        "netanalysis": (base, base | extras["models"] | optional),
        "models": (base | extras["models"], base | extras["models"] | optional),
        "tests": (every | scripts | OPTIONAL, every | scripts | OPTIONAL),
        "notebooks": (every | scripts, every | scripts),
    }
    out: list[str] = []
    imported: dict[str, set[str]] = {}
    for folder, (head, inside) in allowed.items():
        imported[folder] = set()
        for path in sorted((root / folder).rglob("*.py")):
            for module, line, in_function in imports(ast.parse(path.read_text(encoding="utf-8"))):
                imported[folder].add(module)
                if module not in (inside if in_function else head):
                    place = "in a function" if in_function else "at its head"
                    out.append(f"{path.relative_to(root)}:{line} imports {module} {place}, which is not declared")
    shipped = imported["netanalysis"] | imported["models"]
    tested = shipped | imported["tests"] | imported["notebooks"] | _modules(TOOLS)
    for name, modules in {"dependencies": base, **extras}.items():
        used = shipped if name in ("dependencies", "models", "formats", "tables", "surface", "datasets") else tested
        out += [f"pyproject declares {module} in {name}, and nothing imports it" for module in sorted(modules - used)]
    return out


def imports(tree: ast.AST, in_function: bool = False) -> Iterator[tuple[str, int, bool]]:
    """Modules of other packages by their first name, with the line, and whether a function imports them."""
    for node in ast.iter_child_nodes(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [str(node.module)]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", None) in ("importorskip", "import_module"):
            names = [str(arg.value) for arg in node.args[:1] if isinstance(arg, ast.Constant)]
        for name in names:
            first = name.split(".")[0]
            module = PARTS.get(first, first)
            if module not in sys.stdlib_module_names and module not in OWN:
                yield module, node.lineno, in_function
        yield from imports(node, in_function or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)))


def _modules(requirements: Iterable[str]) -> set[str]:
    """What the packages of some requirements are imported as."""
    names = [re.match(r"[\w.-]+", line)[0].lower() for line in requirements]
    return {MODULES.get(name, name.replace("-", "_")) for name in names} - OWN


if __name__ == "__main__":
    found = problems(Path(__file__).resolve().parents[1])
    print("\n".join(found) or "imports and declared packages agree")
    sys.exit(bool(found))
