"""Randomness: one seed in, one independent stream per replicate out, whatever the number of jobs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

RNG = int | np.integer | np.random.Generator | np.random.SeedSequence | None


def seed_sequence(rng: RNG) -> np.random.SeedSequence:
    """The SeedSequence a call draws from: fixed for a seed, the next child for a Generator."""
    if isinstance(rng, np.random.Generator):
        bits = rng.bit_generator.seed_seq
        if not isinstance(bits, np.random.SeedSequence):
            return np.random.SeedSequence(int(rng.integers(2**63)))
        return bits.spawn(1)[0]
    if isinstance(rng, np.random.SeedSequence):
        return rng
    if rng is None:
        return np.random.SeedSequence()
    if isinstance(rng, bool) or not isinstance(rng, (int, np.integer)) or rng < 0:
        raise TypeError(f"rng must be a non-negative integer seed, a numpy Generator or None; got {rng!r}")
    return np.random.SeedSequence(int(rng))


def per_network(rng: RNG, count: int) -> list[Any]:
    """One source of randomness per network of a stack, so that a stack equals the loop.

    A seed stands for the same stream in every call of the loop; a Generator hands each call its next child, and
    without either every call draws its own.
    """
    if isinstance(rng, np.random.Generator):
        return [seed_sequence(rng) for _ in range(count)]
    if isinstance(rng, Each):
        return [rng] * count
    return [seed_sequence(None) for _ in range(count)] if rng is None else [seed_sequence(rng)] * count


class Each(tuple[RNG, ...]):
    """Sources of randomness, one for each replicate that is asked for: each is what it is from that source alone."""


def seeds(rng: RNG | Each, count: int) -> NDArray[np.uint64]:
    """`count` 64-bit seeds for compiled kernels; the first k do not depend on `count`."""
    if isinstance(rng, Each):
        return np.concatenate([seeds(source, 1) for source in rng[:count]])
    return np.asarray(seed_sequence(rng).generate_state(count, np.uint64), dtype=np.uint64)


def child(root: np.random.SeedSequence, key: int) -> np.random.SeedSequence:
    """Child `key` of a seed, by key rather than by spawn(), which would change `root` and so the next call."""
    return np.random.SeedSequence(root.entropy, spawn_key=(*root.spawn_key, key), pool_size=root.pool_size)


def generators(rng: RNG, count: int) -> list[np.random.Generator]:
    """`count` independent Generators for Python callables; the first k do not depend on `count`."""
    root = seed_sequence(rng)
    return [np.random.default_rng(child(root, k)) for k in range(count)]


def of_replicate(root: np.random.SeedSequence, number: int, seed: np.uint64) -> np.random.Generator:
    """The Generator of one replicate of a null model that makes them one by one: child `number` of the root.

    A null model of ours that it is handed to, through whatever wraps it, gets `seed`, which is what the replicate has
    where ours makes many at once.
    """
    sequence = _OfReplicate(root.entropy, spawn_key=(*root.spawn_key, number), pool_size=root.pool_size)
    sequence.kernel_seed = seed
    return np.random.Generator(np.random.PCG64(sequence))


class _OfReplicate(np.random.SeedSequence):
    """A SeedSequence whose first child starts with the seed of a compiled kernel."""

    kernel_seed: np.uint64

    def spawn(self, n_children: int) -> list[Any]:
        first = self.n_children_spawned == 0
        children: list[Any] = list(super().spawn(n_children))
        if first and children:
            child = _Seeded(children[0].entropy, spawn_key=children[0].spawn_key, pool_size=children[0].pool_size)
            child.kernel_seed = self.kernel_seed
            children[0] = child
        return children


class _Seeded(np.random.SeedSequence):
    kernel_seed: np.uint64

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> NDArray[Any]:
        words = super().generate_state(n_words, dtype)
        if np.dtype(dtype) == np.uint64 and n_words:
            words[0] = self.kernel_seed
        return words
