"""Rows of an edge list, byte by byte: nodes numbered in their order of appearance, and plain numbers as float64.

What is read here is ASCII of one shape: cells between separators, quoted from end to end or not at all, as many in
every line, and weights of digits, signs, points and exponents. :func:`scan` gives up at anything else, which is then
read with care (and refused with a reason) by :mod:`netanalysis.io._tables`.
"""

import numpy as np
from numba import uint64

from netanalysis._kernels.compiling import kernel, maker, part
from netanalysis._kernels.llvm import eight_bytes, lowest_bit

_TAB, _NEWLINE, _RETURN, _SPACE, _QUOTE = 9, 10, 13, 32, 34
_POWERS = np.array([10.0**k for k in range(23)])  # all of them are exact
_TENS = np.array([10**k for k in range(9)])
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
def _digits(word):
    """How many of eight letters, of which the first is the lowest byte, begin with digits, and their number.

    Pairs of neighbours are joined first, then pairs of pairs.
    """
    word ^= uint64(0x3030303030303030)
    other = (word | (word + uint64(0x7676767676767676))) & uint64(0x8080808080808080)
    count = np.int64(lowest_bit(other) >> uint64(3)) if other else 8
    word = word << uint64(8 * (8 - count)) if count else uint64(0)
    word = (word * uint64(10) + (word >> uint64(8))) & uint64(0x00FF00FF00FF00FF)
    word = (word * uint64(100) + (word >> uint64(16))) & uint64(0x0000FFFF0000FFFF)
    return count, np.int64((word * uint64(10000) + (word >> uint64(32))) & uint64(0xFFFFFFFF))


@maker
def _grown(old):
    new = np.empty(2 * len(old), np.int64)
    for k in range(len(old)):
        new[k] = old[k]
    return new


@part
def _home(key, slots):
    h = uint64(key) * uint64(0x9E3779B97F4A7C15)
    return (h ^ (h >> uint64(32))) & uint64(len(slots) // 2 - 1)


@maker
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
def _numbered(text, ends, cells, slots, names, count):
    """The nodes of these ends, in place of their keys, and how many there are by now.

    Apart from the parsing, so that many wait for the memory at once.
    """
    mask = uint64(len(slots) // 2 - 1)
    for k in range(len(ends)):
        key = ends[k]
        at = _home(key, slots)
        # A whole number is its own key.
        while slots[2 * at + 1] != 0 and (
            slots[2 * at] != key
            or (key < 0 and not _same(text, cells[2 * k], cells[2 * k + 1], names, slots[2 * at + 1] - 1))
        ):
            at = (at + uint64(1)) & mask
        if slots[2 * at + 1] == 0:
            names[2 * count], names[2 * count + 1] = cells[2 * k], cells[2 * k + 1]
            count += 1
            slots[2 * at], slots[2 * at + 1] = key, count
        ends[k] = slots[2 * at + 1] - 1
    return count


@part
def _row(text, at, separator, width, source, target, weight):
    """Any row of the shape told above, after blank lines.

    Where it ends, -1 if it is no such row; where the cells of its ends begin and end, and their keys; its weight, nan
    where only Python can tell, and where that begins and ends. The first cell ends at -1 if there is no row any more.
    """
    n = len(text)
    second = separator if separator != _SPACE else _TAB
    s0, s1, source_key, t0, t1, target_key, value, w0, w1 = 0, -1, 0, 0, 0, 0, 0.0, 0, 0
    while at < n and text[at] <= _SPACE:  # a blank line? A tab may also end an empty cell
        ahead = at
        while ahead < n and (text[ahead] == _SPACE or text[ahead] == _TAB):
            ahead += 1
        if ahead < n and text[ahead] != _NEWLINE:
            at = ahead if separator == _SPACE else at
            break
        at = ahead + 1
    if at >= n:
        return n, s0, s1, source_key, t0, t1, target_key, value, w0, w1
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
            s0, s1, source_key = first, last, whole if plain else _text_key(text, first, last)
        elif column == target:
            t0, t1, target_key = first, last, whole if plain else _text_key(text, first, last)
        elif column == weight:
            w0, w1, value = first, last, float(whole) if plain and digits <= 15 else _number(text, first, last)
            odd |= value == np.inf
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
    if odd or column != width:
        at = _GIVE_UP - 1
    return at + 1, s0, s1, source_key, t0, t1, target_key, value, w0, w1


@part
def _rows(text, at, separator, width, source, target, weight, ends, values, cells, late):
    """The next rows, as many as `cells` holds: where they end, -1 at none of this shape, and how many there are.

    And how many weights are late. Rows of whole numbers are read here, others by :func:`_row`. No array is made here or
    handed on, row by row: numba would count who holds it, which takes as long as the rest.
    """
    rows = n_late = 0
    while at < len(text) and 4 * rows < len(cells):
        end, column, value = at, 0, 0.0
        s0, s1, source_key, t0, t1, target_key = 0, 0, 0, 0, 0, 0
        while column < width and end + 32 <= len(text):
            first = end
            digits, whole = _digits(eight_bytes(text, end))
            if digits == 8:
                more, rest = _digits(eight_bytes(text, end + 8))
                digits, whole = 8 + more, whole * _TENS[more] + rest
                if more == 8:
                    more, rest = _digits(eight_bytes(text, end + 16))
                    digits, whole = 16 + more, whole * _TENS[more] + rest
            end += digits
            mark, wanted = text[end], separator
            if column == width - 1:
                wanted = _NEWLINE
                end += mark == _RETURN
                mark = text[end]
            most = 15 if column == weight else 18
            if mark != wanted or digits == 0 or digits > most or (text[first] == 48 and digits > 1):
                break
            if column == source:
                s0, s1, source_key = first, first + digits, whole
            elif column == target:
                t0, t1, target_key = first, first + digits, whole
            elif column == weight:
                value = float(whole)
            end += 1
            column += 1
        if column < width:
            end, s0, s1, source_key, t0, t1, target_key, value, w0, w1 = _row(
                text, at, separator, width, source, target, weight
            )
            if end == _GIVE_UP or s1 < 0:
                return end, rows, n_late
            if value != value:
                late[n_late], late[n_late + 1] = w0, w1
                n_late += 2
        at = end
        if weight >= 0:
            values[rows] = value
        ends[2 * rows], ends[2 * rows + 1] = source_key, target_key
        cells[4 * rows], cells[4 * rows + 1], cells[4 * rows + 2], cells[4 * rows + 3] = s0, s1, t0, t1
        rows += 1
    return at, rows, n_late


@kernel
def scan(text, begin, lines, separator, width, source, target, weight):
    """All rows from a byte on, of at most so many lines.

    `separator` is a space for any blanks, `weight` is -1 for none. Returns the number of rows, or -1 at what is not of
    this shape; sources and targets in turn; values, nan where only Python can tell; where those begin and end, in turn;
    and where the names of nodes do, in order of appearance.
    """
    ends = np.empty(2 * lines, np.int64)
    values = np.empty(lines if weight >= 0 else 0)
    late, n_late = np.empty(1024, np.int64), 0
    slots, names, count = np.zeros(8192, np.int64), np.empty(4096, np.int64), 0
    cells, odd = np.empty(4 * _BATCH, np.int64), np.empty(2 * _BATCH, np.int64)
    row, at = 0, begin
    while at < len(text):
        at, rows, n_odd = _rows(
            text, at, separator, width, source, target, weight, ends[2 * row :], values[row:], cells, odd
        )
        if at == _GIVE_UP:
            return _GIVE_UP, ends, values, late, names
        while n_late + n_odd > len(late):
            late = _grown(late)
        late[n_late : n_late + n_odd] = odd[:n_odd]
        n_late += n_odd
        if 4 * (count + 2 * rows) > len(slots):
            slots, names = _rehashed(slots), _grown(names)
        count = _numbered(text, ends[2 * row : 2 * (row + rows)], cells, slots, names, count)
        row += rows
    return row, ends, values, late[:n_late], names[: 2 * count]
