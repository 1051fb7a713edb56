"""A set of ordered node pairs for kernels that switch edges: one bit per pair, or a hash set when that is too big.

A set is ``(table, shift)``, uint64 words from :func:`new`; ``shift == 0`` marks the bit array. The hash set has
open addressing with linear probing, keys ``pair + 1``, and closes the gap when a key leaves, so that it never fills
with tombstones.
"""

import numpy as np
from numba import uint64

from netanalysis._kernels.compiling import part

BITS_LIMIT = 22_000  # nodes; 60 MB of bits. Beyond it the hash set is smaller and kinder to the caches.


def new(n, count):
    """An empty set for pairs of n nodes that will hold at most `count`.

    Made outside of kernels: numpy asks the system for large pages of memory, and a word of a set of gigabytes is then
    found in half the time.
    """
    size, shift = (n * n + 63) // 64, 0
    if n > BITS_LIMIT:
        log2 = 4
        while (1 << log2) < 3 * count:
            log2 += 1
        size, shift = 1 << log2, 64 - log2
    return np.zeros(size, np.uint64), shift


@part
def pair(a, b, n, directed):
    """The number of a pair of nodes; the same for (a, b) and (b, a) if undirected."""
    first, second = uint64(a), uint64(b)
    if not directed and first < second:
        first, second = second, first
    return first * uint64(n) + second


@part
def home(key, shift):
    """Where a pair's search begins; reading the word there brings its cache line in."""
    if shift == 0:
        return key >> uint64(6)
    return ((key + uint64(1)) * uint64(0x9E3779B97F4A7C15)) >> uint64(shift)


@part
def _find(table, shift, key):
    mask = uint64(len(table) - 1)
    at = home(key, shift)
    while table[at] != 0 and table[at] != key + uint64(1):
        at = (at + uint64(1)) & mask
    return at


@part
def holds(table, shift, key):
    """Whether the pair is in the set."""
    if shift == 0:
        return (table[key >> uint64(6)] >> (key & uint64(63))) & uint64(1) != 0
    return table[_find(table, shift, key)] != 0


@part
def add(table, shift, key):
    """Put a pair in."""
    if shift == 0:
        table[key >> uint64(6)] |= uint64(1) << (key & uint64(63))
    else:
        table[_find(table, shift, key)] = key + uint64(1)


@part
def discard(table, shift, key):
    """Take a pair out."""
    if shift == 0:
        table[key >> uint64(6)] &= ~(uint64(1) << (key & uint64(63)))
    else:
        _close_gap(table, shift, _find(table, shift, key))


@part
def _close_gap(table, shift, gap):
    mask = uint64(len(table) - 1)
    at = gap
    while True:
        at = (at + uint64(1)) & mask
        word = table[at]
        if word == 0:
            break
        # A later key may move up unless its search begins behind the gap.
        if ((at - home(word - uint64(1), shift)) & mask) >= ((at - gap) & mask):
            table[gap] = word
            gap = at
    table[gap] = uint64(0)
