"""Whether docstrings and pages hold what would break the build, in seconds and without building: for ordinary tests.

`make docs` takes a minute and more of one core: it draws each figure, asks each measure, and renders some hundred
pages. What breaks it is nearly always a line of a docstring, and docutils alone finds that.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import netanalysis as na

HERE = Path(__file__).resolve().parent
SPACES = ("plot", "nulls", "transform", "maps", "datasets")
PARTS = ("cells", "penalties", "tasks", "recipes", "space")
_STAR = re.compile(r"(?<![\w*`\\/(\[ ])\*(?=[\w(])|(?<=[ (\[])\*{1,2}(?=\w)")  # what docutils takes for emphasis
_LITERAL = re.compile(r"``.*?``|`[^`]*`|\*\*[^*\n]+\*\*|(?<![\w*])\*[^\s*][^*]*?\*(?!\w)", re.S)
_ITEM = re.compile(r"^(\*{1,2})(?=\w+)", re.M)  # numpydoc escapes the star of "*args" itself
_ROLES = ("func", "class", "meth", "mod", "attr", "data", "doc", "ref", "obj", "exc")


def modules() -> list[ModuleType]:
    """Those whose public names have pages."""
    import models

    return [na, *(getattr(na, space) for space in SPACES), models] + [
        importlib.import_module(f"models.{part}") for part in PARTS
    ]


def docstrings() -> Iterator[tuple[str, str]]:
    """Every public docstring under its name: modules, functions, classes and their methods."""
    seen: set[int] = set()
    for module in modules():
        yield module.__name__, inspect.getdoc(module) or ""
        for name in module.__all__:
            value = getattr(module, name)
            if inspect.ismodule(value) or id(value) in seen or not callable(value):
                continue
            seen.add(id(value))
            yield f"{module.__name__}.{name}", inspect.getdoc(value) or ""
            for member, method in vars(value).items() if inspect.isclass(value) else ():
                method = getattr(method, "__func__", getattr(method, "fget", method))
                if not member.startswith("_") and inspect.isfunction(method):
                    yield f"{module.__name__}.{name}.{member}", inspect.getdoc(method) or ""


def stars(text: str) -> list[str]:
    """Lines with a star that begins emphasis and does not end it; code and examples aside."""
    kept = re.sub(r"^ *(>>>|\.\.\.).*$", "", text, flags=re.M)
    kept = _LITERAL.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), _ITEM.sub("", kept))
    return [line.strip() for line in kept.splitlines() if _STAR.search(line)]


def parsed(text: str) -> list[str]:
    """What docutils says of a docstring; the tags of Sphinx are known by name, headings are those of numpydoc."""
    from docutils import core, nodes
    from docutils.parsers.rst import roles

    def plain(role: Any, raw: str, said: str, *rest: Any, **options: Any) -> Any:
        return [nodes.literal(raw, said)], []

    for role in _ROLES:
        roles.register_local_role(role, plain)
    settings = {"report_level": 2, "halt_level": 5, "warning_stream": False, "doctitle_xform": False}
    document = core.publish_doctree(prose(text), settings_overrides=settings)
    said = [m.astext() for m in document.findall(nodes.system_message) if m["level"] > 1]
    return [" ".join(message.split()) for message in said if "Unknown" not in message]


def prose(text: str) -> str:
    """What numpydoc hands on of a docstring: each description by itself; examples and lists of names aside."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}\n", text, flags=re.M)
    kept = [parts[0]]
    for heading, body in zip(parts[1::2], parts[2::2], strict=True):
        if heading in ("Notes", "References"):
            kept.append(body)
        elif heading not in ("Examples", "See Also"):
            kept += map(_dedented, re.split(r"^\S.*\n?", body, flags=re.M))
    return "\n\n".join(kept)


def _dedented(text: str) -> str:
    return inspect.cleandoc(text) if text.strip() else ""


def pages() -> list[Path]:
    """The pages that are written by hand."""
    return [path for path in sorted(HERE.rglob("*.md")) if not {"made", "_build", "jupyter_execute"} & {*path.parts}]


def lost(path: Path) -> list[str]:
    """Links and roles of a page that lead nowhere; pages that the build makes are known by how they are made."""
    text = re.sub(
        r"```.*?```", lambda block: block[0] if "{" in block[0][:5] else "", path.read_text("utf-8"), flags=re.S
    )
    found = []
    for target in re.findall(r"\]\((?!http|#|mailto)([^)#\s]+)", text) + re.findall(r"```\{include\} (\S+)", text):
        place = (path.parent / target).resolve()
        if place.is_relative_to(HERE / "made"):
            found += [] if _is_made(place.relative_to(HERE / "made")) else [target]
        elif not place.exists():
            found.append(target)
    for where, name in re.findall(r"\{(?:func|class)\}`~?(netanalysis|models)\.([\w.]+)`", text):
        value: Any = importlib.import_module(where)
        for part in name.split("."):
            value = getattr(value, part, None)
        if value is None:
            found.append(f"{where}.{name}")
    return found


def _is_made(path: Path) -> bool:
    if path.parts[0] == "gallery":
        return (HERE.parent / "notebooks" / path.name).exists()
    if path.parts[0] == "api":
        names = {"index", "models", *SPACES, *(f"models_{part}" for part in PARTS)}
        return path.stem in names
    return path.name in {"which_measure.md", "which_null.md", "verdicts.md", "extras.md"}
