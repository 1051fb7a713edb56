"""Words and numbers as figures and the page show them: labels that cannot be mistaken for markup."""

from __future__ import annotations

from typing import Any

import numpy as np

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def plain(text: Any) -> str:
    """Text shown as it is: labels come from files, and a ``$`` in them is not mathematics."""
    return str(text).replace("$", r"\$")


def short(name: Any, limit: int = 14, *, tail: int = 0) -> str:
    """A name as plain text of at most `limit` characters: names must not push the data aside.

    What is left out of a longer one stands before its last `tail` characters.
    """
    text = str(name)
    return plain(text if len(text) <= limit else text[: limit - 1 - tail] + "…" + text[len(text) - tail :])


def number(value: float) -> str:
    """Three significant digits with a real minus sign: −0.516, 1,200, 5.91×10⁵."""
    if not np.isfinite(value):
        return "undefined" if np.isnan(value) else ("∞" if value > 0 else "−∞")
    if value != 0 and not 1e-3 <= abs(value) < 1e5:
        digits, power = f"{value:.2e}".split("e")
        return f"{digits}×10{superscript(int(power))}".replace("-", "−")
    return f"{float(f'{value:.3g}'):,g}".replace("-", "−")


def brief(value: float) -> str:
    """The number without digits that say nothing: 0.25, 3×10⁻⁴, −2."""
    digits, _, power = f"{value:.3g}".partition("e")
    return (f"{digits}×10{superscript(int(power))}" if power else digits).replace("-", "−")


def p_value(p: float) -> str:
    """``p = 0.012``; below 0.001 all digits a permutation test has."""
    return "p undefined" if np.isnan(p) else f"p = {p:.2g}"


def superscript(power: int) -> str:
    """``⁻³`` of -3."""
    return str(power).translate(_SUPERSCRIPT)
