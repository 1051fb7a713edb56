"""Adjacency as rows of bits: 64 pairs of nodes in one AND and one population count."""

import numpy as np
from llvmlite import ir
from numba import types, uint64
from numba.core import cgutils, errors
from numba.extending import intrinsic

from netanalysis._kernels.compiling import kernel, part


@intrinsic
def popcount(typingctx, word):
    """Number of set bits of a uint64."""

    def codegen(context, builder, signature, args):
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), codegen


@intrinsic
def lowest_bit(typingctx, word):
    """Index of the lowest set bit of a uint64 that is not 0."""

    def codegen(context, builder, signature, args):
        return builder.cttz(args[0], context.get_constant(types.boolean, True))

    return types.uint64(types.uint64), codegen


@intrinsic
def union(typingctx, out, rows, members, first, last):
    """``out[:8]`` becomes the union of ``rows[members[e], :8]``, e in first:last; uint64, held in one register."""

    def codegen(context, builder, signature, args):
        out, rows, members = (
            context.make_array(kind)(context, builder, array).data
            for kind, array in zip(signature.args[:3], args[:3], strict=True)
        )
        eight = ir.VectorType(ir.IntType(64), 8)
        total = cgutils.alloca_once_value(builder, ir.Constant(eight, [0] * 8))
        with cgutils.for_range(builder, builder.sub(args[4], args[3])) as loop:
            member = builder.load(builder.gep(members, [builder.add(args[3], loop.index)]))
            place = builder.mul(builder.sext(member, ir.IntType(64)), ir.Constant(ir.IntType(64), 8))
            row = builder.bitcast(builder.gep(rows, [place]), eight.as_pointer())
            builder.store(builder.or_(builder.load(total), builder.load(row, align=8)), total)
        builder.store(builder.load(total), builder.bitcast(out, eight.as_pointer()), align=8)
        return context.get_dummy_value()

    return types.void(out, rows, members, types.int64, types.int64), codegen


@part
def beyond(i, k):
    """Mask of the nodes after i within word k of a row; every edge is met once through it."""
    if k > i >> 6:
        return ~uint64(0)
    return ~((uint64(2) << uint64(i & 63)) - uint64(1))


@intrinsic
def _word(typingctx, weights, at):
    """Which of the 64 entries from place `at` of a row-major float64 array are not 0."""
    if weights.layout != "C":
        raise errors.TypingError("bits are packed from row-major arrays only")

    def codegen(context, builder, signature, args):
        many = ir.VectorType(ir.DoubleType(), 64)
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        values = builder.load(builder.bitcast(builder.gep(data, [args[1]]), many.as_pointer()), align=8)
        return builder.bitcast(builder.fcmp_unordered("!=", values, ir.Constant(many, [0.0] * 64)), ir.IntType(64))

    return types.uint64(weights, types.int64), codegen


@kernel
def pack(weights):
    """Rows of bits of ``weights != 0`` without the diagonal, shape (n, ceil(n / 64))."""
    n = len(weights)
    rows = np.zeros((n, (n + 63) // 64), np.uint64)
    whole, rest = n // 64, n % 64
    for i in range(n):
        for k in range(whole):
            rows[i, k] = _word(weights, i * n + 64 * k)
        if rest and whole:
            rows[i, whole] = _word(weights, i * n + n - 64) >> uint64(64 - rest)
        elif rest:
            for j in range(n):
                rows[i, 0] |= uint64(weights[i, j] != 0) << uint64(j)
        rows[i, i >> 6] &= ~(uint64(1) << uint64(i & 63))
    return rows


@part
def transpose(rows):
    """Rows of bits of the reversed network."""
    n, words = rows.shape
    out = np.zeros((n, words), np.uint64)
    for i in range(n):
        bit = uint64(1) << uint64(i & 63)
        for k in range(words):
            word = rows[i, k]
            while word:
                out[64 * k + np.int64(lowest_bit(word)), i >> 6] |= bit
                word &= word - uint64(1)
    return out


@kernel
def to_lists(rows):
    """Neighbour lists (indptr, indices) of the set bits."""
    n, words = rows.shape
    indptr = np.zeros(n + 1, np.int64)
    for i in range(n):
        total = uint64(0)
        for k in range(words):
            total += popcount(rows[i, k])
        indptr[i + 1] = indptr[i] + np.int64(total)
    indices = np.empty(indptr[n], np.int32)
    at = 0
    for i in range(n):
        for k in range(words):
            word = rows[i, k]
            while word:
                indices[at] = 64 * k + np.int64(lowest_bit(word))
                at += 1
                word &= word - uint64(1)
    return indptr, indices
