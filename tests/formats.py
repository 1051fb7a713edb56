"""The tables of docs/formats.md, made from the readers; ``python -m tests.formats`` writes them anew."""

import re
from pathlib import Path

from netanalysis import io
from netanalysis.io import _formats

PAGE = Path(__file__).resolve().parents[1] / "docs" / "formats.md"


def tables():
    """What is read, and what is not and why."""
    return io.formats_table(), _formats.refused_table(io.REFUSED)


if __name__ == "__main__":
    made = iter(tables())
    PAGE.write_text(re.sub(r"(?:^\|[^\n]*\n)+", lambda _: next(made), PAGE.read_text(), flags=re.MULTILINE))
