"""Sparse matrix times a block of vectors."""

# mypy: disable-error-code="no-untyped-def"
from numba import njit


@njit(cache=True, nogil=True)
def matmul(indptr, indices, data, x, out, start, stop):
    """Rows start:stop of ``out = a @ x``, a in csr form, x and out row-major (n, k)."""
    k = x.shape[1]
    for i in range(start, stop):
        for c in range(k):
            out[i, c] = 0.0
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            weight = data[e]
            for c in range(k):
                out[i, c] += weight * x[j, c]
