"""The public surface as text, one line a name; ``python -m tests.public`` writes it anew.

What this file's list says is what users may rely on: a name that moves or an argument that changes shows up here.
"""

import inspect
import re
from pathlib import Path

import models
import netanalysis as na

FILE = Path(__file__).with_name("public.txt")


def described(name, value):
    """Its name, and how it is called."""
    if inspect.isclass(value):
        members = sorted(m for m in dir(value) if not m.startswith("_") and m in _own(value))
        return [f"{name}{_signature(value)}", *(f"{name}.{m}{_signature(getattr(value, m))}" for m in members)]
    if inspect.ismodule(value):
        inside = getattr(value, "__all__", [])
        return [line for m in sorted(inside) for line in described(f"{name}.{m}", getattr(value, m))]
    return [f"{name}{_signature(value)}"]


def _own(kind):
    return {
        m for base in kind.__mro__ if base.__module__.split(".")[0] in ("netanalysis", "models") for m in vars(base)
    }


def _signature(value):
    if not callable(value):
        return ""
    try:
        parameters = inspect.signature(value).parameters.values()
    except ValueError:
        return "(...)"
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in parameters if p.name != "self"]
    return re.sub(r"<[^>]*>", "…", str(inspect.Signature(bare)))


def surface():
    """All lines."""
    lines = []
    for package, name in ((na, "na"), (models, "models")):
        for public in sorted(package.__all__, key=str.lower):
            lines += described(f"{name}.{public}", getattr(package, public))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(surface())
