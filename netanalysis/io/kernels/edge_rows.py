"""Rows of an edge list, byte by byte: nodes numbered in their order of appearance, and plain numbers as float64.

What is read here is ASCII of one shape: cells between separators, quoted from end to end or not at all, as many in
every line, and weights of digits, signs, points and exponents. :func:`scan` gives up at anything else, which is then
read with care (and refused with a reason) by :mod:`netanalysis.io._tables`.
"""

import numpy as np
from numba import uint64

from netanalysis._kernels.compiling import kernel, part

_TAB, _NEWLINE, _RETURN, _SPACE, _QUOTE = 9, 10, 13, 32, 34
_POWERS = np.array([10.0**k for k in range(23)])  # all of them are exact
_GIVE_UP = -1
_BATCH = 256  # rows


@part
def _upper(x):
    """The first 26 bits of a number; products of two such halves are exact."""
    large = x * 134217729.0
    return large - (large - x)


@part
def _quotient(mantissa, power):
    """A whole number of up to 18 digits by a power of ten, rounded once; nan where that is too close to call.

    What the first quotient leaves over is exact, so that the second has twice the digits of a float64.
    """
    whole = float(mantissa)
    first = whole / power
    a, b, product = _upper(first), _upper(power), first * power
    c, d = first - a, power - b
    second = (whole - product - (a * b - product + a * d + c * b + c * d) + (mantissa - np.int64(whole))) / power
    error = abs(second) * 2.0**-50
    value = first + (second - error)
    return value if value == first + (second + error) else np.nan


@part
def _number(text, first, last):
    """The number in a cell, nan if only Python can tell it exactly, inf if it is none."""
    digits, mantissa, decimals, point, at = 0, 0, 0, False, first
    if at < last and (text[at] == 43 or text[at] == 45):
        at += 1
    while at < last:
        c = text[at]
        if 48 <= c <= 57:
            digits += 1
            if mantissa < 10**17:
                mantissa = mantissa * 10 + (c - 48)
                decimals += point
            else:
                decimals = 23
        elif c == 46 and not point:
            point = True
        elif digits > 0 and (c == 101 or c == 69 or c == 43 or c == 45):
            return np.nan
        else:
            return np.inf
        at += 1
    if digits == 0:
        return np.inf
    if decimals > 22:
        return np.nan
    power = _POWERS[decimals]
    # Both are exact below 2^53, so that one rounding is left: that of the quotient.
    value = mantissa / power if mantissa < 1 << 53 else _quotient(mantissa, power)
    return -value if text[first] == 45 else value


@part
def _grown(old):
    new = np.empty(2 * len(old), np.int64)
    for k in range(len(old)):
        new[k] = old[k]
    return new


@part
def _home(key, slots):
    h = uint64(key) * uint64(0x9E3779B97F4A7C15)
    return (h ^ (h >> uint64(32))) & uint64(len(slots) // 2 - 1)


@part
def _rehashed(old):
    """A table of twice the size. A slot is two numbers side by side, in one cache line: key, node + 1."""
    new = np.zeros(2 * len(old), np.int64)
    for k in range(0, len(old), 2):
        if old[k + 1] != 0:
            at = _home(old[k], new)
            while new[2 * at + 1] != 0:
                at = (at + uint64(1)) & uint64(len(old) - 1)
            new[2 * at], new[2 * at + 1] = old[k], old[k + 1]
    return new


@part
def _text_key(text, first, last):
    """A negative number for a name, rarely the same for two."""
    h = uint64(0xCBF29CE484222325)
    for k in range(first, last):
        h = (h ^ uint64(text[k])) * uint64(0x9E3779B97F4A7C15)
    return np.int64((h ^ (h >> uint64(32))) | (uint64(1) << uint64(63)))


@part
def _same(text, first, last, names, node):
    begin, same = names[2 * node], names[2 * node + 1] - names[2 * node] == last - first
    if same:
        for d in range(last - first):
            same &= text[first + d] == text[begin + d]
    return same


@part
def _numbered(text, ends, begin, cells, held, slots, names, count):
    """The nodes of the last ends, in place of their keys, and how many there are by now.

    Apart from the parsing, so that many wait for the memory at once.
    """
    for k in range(0, held, 2):
        e, first, last = begin + k // 2, cells[k], cells[k + 1]
        key = ends[e]
        at = _home(key, slots)
        while slots[2 * at + 1] != 0:
            # A whole number is its own key.
            if slots[2 * at] == key and (key >= 0 or _same(text, first, last, names, slots[2 * at + 1] - 1)):
                break
            at = (at + uint64(1)) & uint64(len(slots) // 2 - 1)
        if slots[2 * at + 1] == 0:
            names[2 * count], names[2 * count + 1] = first, last
            count += 1
            slots[2 * at], slots[2 * at + 1] = key, count
        ends[e] = slots[2 * at + 1] - 1
    return count


@kernel
def scan(text, begin, separator, width, source, target, weight):
    """All rows from a byte on; `separator` is a space for any blanks, `weight` is -1 for none.

    Returns the number of rows, or -1 at what is not of this shape; sources and targets in turn; values, nan where only
    Python can tell; where those begin and end, in turn; and where the names of nodes do, in order of appearance.
    """
    n, lines = len(text), 1
    for at in range(begin, n):
        lines += text[at] == _NEWLINE
    ends = np.empty(2 * lines, np.int64)
    values = np.empty(lines if weight >= 0 else 0)
    late, n_late = np.empty(1024, np.int64), 0
    slots, names, count = np.zeros(8192, np.int64), np.empty(4096, np.int64), 0
    cells, held = np.empty(4 * _BATCH, np.int64), 0
    second = separator if separator != _SPACE else _TAB
    s0, s1, t0, t1, source_key, target_key = 0, 0, 0, 0, 0, 0
    row, at = 0, begin
    while at < n:
        if text[at] <= _SPACE:  # a blank line? A tab may also end an empty cell
            ahead = at
            while ahead < n and (text[ahead] == _SPACE or text[ahead] == _TAB):
                ahead += 1
            if ahead == n:
                break
            if text[ahead] == _NEWLINE:
                at = ahead + 1
                continue
            if separator == _SPACE:
                at = ahead
        column, odd = 0, False
        while True:
            while at < n and text[at] == _SPACE:
                at += 1
            quoted = at < n and text[at] == _QUOTE
            at += quoted
            first, whole = at, 0
            while at < n:
                digit = np.int64(text[at]) - 48
                if digit < 0 or digit > 9:
                    break
                whole = whole * 10 + digit
                at += 1
            digits, last = at - first, at
            # What is left of the cell, mostly nothing.
            while at < n:
                c = text[at]
                if c in (_NEWLINE, _RETURN) or (not quoted and c in (separator, second)):
                    break
                if c == _QUOTE and quoted:
                    break
                odd |= c >= 128 or c == _QUOTE or (c < _SPACE and c != _TAB)
                at += 1
                last = at
            if quoted:
                odd |= at == n or text[at] != _QUOTE or separator == _SPACE
                at += 1
                odd |= at < n and text[at] != separator and text[at] != _NEWLINE and text[at] != _RETURN
            if last > first + digits:
                while first < last and (text[first] == _SPACE or text[first] == _TAB):
                    first += 1
                while first < last and (text[last - 1] == _SPACE or text[last - 1] == _TAB):
                    last -= 1
                if column == 0 and first < last:  # a comment?
                    c = text[first]
                    odd |= c == 35 or c == 37 or (c == 47 and first + 1 < last and text[first + 1] == 47)
            plain = last - first == digits and digits > 0 and digits <= 18 and (text[first] != 48 or digits == 1)
            if column == source:
                s0, s1 = first, last
                source_key = whole if plain else _text_key(text, first, last)
            elif column == target:
                t0, t1 = first, last
                target_key = whole if plain else _text_key(text, first, last)
            elif column == weight:
                if plain and digits <= 15:
                    values[row] = whole
                else:
                    value = _number(text, first, last)
                    values[row] = value
                    odd |= value == np.inf
                    if value != value:
                        if n_late + 2 > len(late):
                            late = _grown(late)
                        late[n_late], late[n_late + 1] = first, last
                        n_late += 2
            column += 1
            if separator == _SPACE:
                while at < n and (text[at] == _SPACE or text[at] == _TAB):
                    at += 1
                at -= at < n and text[at] != _NEWLINE and text[at] != _RETURN
            if odd or at >= n or text[at] == _NEWLINE or text[at] == _RETURN:
                break
            at += 1
        if at < n and text[at] == _RETURN:
            at += 1
            odd |= at == n or text[at] != _NEWLINE
        at += 1
        if odd or column != width:
            row = _GIVE_UP
            break
        if held == len(cells):
            if 4 * count + 2 * held > len(slots):
                slots, names = _rehashed(slots), _grown(names)
            count = _numbered(text, ends, 2 * row - held // 2, cells, held, slots, names, count)
            held = 0
        ends[2 * row], ends[2 * row + 1] = source_key, target_key
        cells[held], cells[held + 1], cells[held + 2], cells[held + 3] = s0, s1, t0, t1
        held += 4
        row += 1
    if row > 0:
        if 4 * count + 2 * held > len(slots):
            slots, names = _rehashed(slots), _grown(names)
        count = _numbered(text, ends, 2 * row - held // 2, cells, held, slots, names, count)
    return row, ends, values, late[:n_late], names[: 2 * count]
