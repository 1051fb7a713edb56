"""Random numbers inside kernels: xoshiro256++ seeded by splitmix64 (Blackman & Vigna, doi:10.1145/3460772).

numba's own generator is one state per thread, so its numbers would depend on how blocks fall on threads.
Here every replicate carries its own 4-word state, made from its own 64-bit seed.
"""

import numpy as np
from numba import uint64

from netanalysis._kernels.compiling import inlined, kernel, part


@inlined
def rotl(x, k):
    """Rotate left."""
    return (x << uint64(k)) | (x >> uint64(64 - k))


@kernel
def new_state(seed):
    """State of a generator, from one 64-bit seed."""
    state = np.empty(4, np.uint64)
    z = uint64(seed)
    for i in range(4):
        z = z + uint64(0x9E3779B97F4A7C15)
        x = z
        x = (x ^ (x >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> uint64(27))) * uint64(0x94D049BB133111EB)
        state[i] = x ^ (x >> uint64(31))
    return state


@part
def next_uint64(s):
    """Next 64 random bits."""
    result = rotl(s[0] + s[3], 23) + s[0]
    t = s[1] << uint64(17)
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = rotl(s[3], 45)
    return result


@part
def below(s, n):
    """Uniform integer in 0..n-1, n < 2**32 (multiply-shift on 32 bits; bias below n / 2**32)."""
    return np.int64(((next_uint64(s) >> uint64(32)) * uint64(n)) >> uint64(32))


@part
def uniform(s):
    """Uniform float in [0, 1) with 53 random bits."""
    return (next_uint64(s) >> uint64(11)) * (1.0 / 9007199254740992.0)


@kernel
def shuffle(s, values):
    """Fisher-Yates, in place."""
    for i in range(len(values) - 1, 0, -1):
        j = below(s, i + 1)
        values[i], values[j] = values[j], values[i]
