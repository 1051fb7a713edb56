"""Arrays made inside kernels, by the function that asks: of ``np.empty`` numba compiles a version for every call.

Shapes are numbers or tuples, types numpy's, as in ``empty((n, 8), np.uint64)``.
"""

# mypy: disable-error-code="no-untyped-def"
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array


def _allocate(context, builder, signature, args):
    """The array and its bytes."""
    shape, kind = signature.args[0], signature.return_type
    lengths = cgutils.unpack_tuple(builder, args[0]) if isinstance(shape, types.BaseTuple) else [args[0]]
    kinds = shape if isinstance(shape, types.BaseTuple) else [shape]
    lengths = [context.cast(builder, x, given, types.intp) for x, given in zip(lengths, kinds, strict=True)]
    steps = [context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(kind.dtype)))]
    for length in reversed(lengths):
        steps.insert(0, builder.mul(steps[0], length))
    align = context.get_constant(types.uint32, context.get_preferred_array_alignment(kind.dtype))
    memory = context.nrt.meminfo_alloc_aligned(builder, steps[0], align)
    array = context.make_array(kind)(context, builder)
    populate_array(
        array,
        data=builder.bitcast(context.nrt.meminfo_data(builder, memory), array.data.type),
        shape=cgutils.pack_array(builder, lengths),
        strides=cgutils.pack_array(builder, steps[1:]),
        itemsize=steps[-1],
        meminfo=memory,
    )
    return array, steps[0]


def _signature(shape, dtype):
    return types.Array(dtype.dtype, len(shape) if isinstance(shape, types.BaseTuple) else 1, "C")(shape, dtype)


@intrinsic
def empty(typing_context, shape, dtype):
    """``np.empty(shape, dtype)``."""

    def codegen(context, builder, signature, args):
        return _allocate(context, builder, signature, args)[0]._getvalue()

    return _signature(shape, dtype), codegen


@intrinsic
def zeros(typing_context, shape, dtype):
    """``np.zeros(shape, dtype)``."""

    def codegen(context, builder, signature, args):
        array, size = _allocate(context, builder, signature, args)
        cgutils.memset(builder, array.data, size, 0)
        return array._getvalue()

    return _signature(shape, dtype), codegen
