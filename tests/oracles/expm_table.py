"""The table of the matrix exponential of non-negative matrices, `netanalysis.structure._expm._POSITIVE`, derived.

``python tests/oracles/expm_table.py`` prints it. With q = q_5 x^5 + ... + q_8 x^8 and b, c, d of degree 4, c without a
constant, ``(b + q) (c + q) + d`` shall agree with exp(x) in every term up to x^16. Its terms of degree 16 to 13 hold q
alone and give it; those of degree 12 to 9 give the sums s_k = b_k + c_k; those of degree 8 to 5 tell b_k and c_k apart,
the first by a quadratic equation; and d is what then lacks in the terms of degree 4 to 0. One number is free, b_0. All
others are non-negative where it lies from 6.512 to 6.549 or from 8.304 to 9.074; within, none is better.
"""

from decimal import Decimal, localcontext
from math import factorial

FREE = Decimal("9.029900982600937")


def table(b_0=FREE):
    """Rows of factors q, b, c, d: of x, x^2, x^3, x^4 (of q: times x^4), and 1; None where they are not real."""
    with localcontext(prec=60):
        t = [1 / Decimal(factorial(k)) for k in range(17)]
        q, s, b, c = {}, {0: b_0}, {0: b_0}, {0: Decimal(0)}
        q[8] = t[16].sqrt()
        q[7] = t[15] / (2 * q[8])
        q[6] = (t[14] - q[7] ** 2) / (2 * q[8])
        q[5] = (t[13] - 2 * q[6] * q[7]) / (2 * q[8])

        def left(k, terms):
            """Of the term of degree k: what q by itself and with the sums listed in `terms` does not give."""
            own = sum(q[i] * q[k - i] for i in range(5, 9) if k - i in q)
            return t[k] - own - sum(q[k - j] * s[j] for j in terms if k - j in q)

        for j in (4, 3, 2, 1):
            s[j] = left(j + 8, range(j + 1, 5)) / q[8]
        half = s[4] / 2
        inside = half**2 - left(8, range(5))
        if inside < 0:
            return None
        b[4], c[4] = half + inside.sqrt(), half - inside.sqrt()
        for j in (3, 2, 1):  # b_j + c_j = s_j and b_j c_4 + c_j b_4 = what is left
            rest = left(j + 4, range(5)) - sum(b[i] * c[j + 4 - i] for i in range(j + 1, 4))
            c[j] = (rest - s[j] * c[4]) / (b[4] - c[4])
            b[j] = s[j] - c[j]
        d = [t[k] - sum(b[i] * c[k - i] for i in range(k + 1)) for k in range(5)]
        rows = [[q[5], q[6], q[7], q[8], Decimal(0)], *([x[1], x[2], x[3], x[4], x[0]] for x in (b, c, d))]
    return [[float(x) for x in row] for row in rows]


if __name__ == "__main__":
    print(*table(), sep=",\n")
