#!/usr/bin/env python3
"""Prints the coefficients of the polynomials and rational functions in this directory.

A polynomial is the one of least weighted error, by the exchange algorithm of Remez; a rational
function is the interpolant at Chebyshev nodes, whose error is within a small factor of the least.
All in 60-digit arithmetic, then rounded to f64. Beside each stands its greatest error after
rounding, measured on a dense grid, as a power of two and with the weight that the function gives
it: what it adds to the result, relative to the result.

    python3 coefficients.py [name]
"""

import sys

from mpmath import (acos, asin, atan, atanh, cos, erf, erfc, exp, expm1, inf, log, matrix, lu_solve, mp, mpf, pi,
                    sin, sinh, sqrt, tanh)

mp.dps = 60


def nodes(low, high, count):
    """Chebyshev nodes of the first kind on an interval."""
    middle, half = (mpf(low) + high) / 2, (mpf(high) - low) / 2
    return [middle + half * cos(pi * (2 * i + 1) / (2 * count)) for i in range(count)]


def rational(g, low, high, top, bottom):
    """P of degree `top` and Q of degree `bottom`, Q(0) = 1, with P/Q = g at Chebyshev nodes."""
    points = nodes(low, high, top + bottom + 1)
    rows = [[z ** i for i in range(top + 1)] + [-g(z) * z ** i for i in range(1, bottom + 1)] for z in points]
    solution = lu_solve(matrix(rows), matrix([g(z) for z in points]))
    values = [float(c) for c in solution]
    return values[: top + 1], [1.0] + values[top + 1 :]


def minimax(g, low, high, degree, weight):
    """The polynomial of a degree with the least greatest |(p - g) weight|, by exchange of nodes.

    The grid leaves out the end points, where a weight may be 0.
    """
    grid = sorted(nodes(low, high, 60 * (degree + 2)))
    values, weights = [g(z) for z in grid], [weight(z) for z in grid]
    reference = [(2 * i + 1) * len(grid) // (2 * (degree + 2)) for i in range(degree + 2)]
    for _ in range(12):
        rows = [[grid[j] ** i for i in range(degree + 1)] + [(-1) ** n / weights[j]] for n, j in enumerate(reference)]
        solution = list(lu_solve(matrix(rows), matrix([values[j] for j in reference])))
        p = solution[:-1]
        errors = [(evaluate(p, z) - v) * w for z, v, w in zip(grid, values, weights)]
        # The greatest error between two changes of sign, then the best run of alternating ones.
        peaks = []
        for j, e in enumerate(errors):
            if peaks and (errors[peaks[-1]] > 0) == (e > 0):
                if abs(e) > abs(errors[peaks[-1]]):
                    peaks[-1] = j
            else:
                peaks.append(j)
        while len(peaks) > degree + 2:
            peaks.pop(0 if abs(errors[peaks[0]]) < abs(errors[peaks[-1]]) else -1)
        if len(peaks) < degree + 2 or peaks == reference:
            break
        reference = peaks
    return p


def rounded(g, low, high, degree, weight):
    """The same with coefficients of f64."""
    return [float(c) for c in minimax(g, low, high, degree, weight)]


def refitted(g, low, high, degree, weight):
    """The same, where each coefficient is rounded before those above it are fitted. On both sides of
    0 that is not well posed."""
    first = rounded(g, low, high, degree, weight)[0]
    if degree == 0:
        return [first]
    return [first] + refitted(lambda z: (g(z) - first) / z, low, high, degree - 1, lambda z: weight(z) * z)


def evaluate(coefficients, z):
    sum = mpf(0)
    for c in reversed(coefficients):
        sum = sum * z + c
    return sum


def worst(g, low, high, p, q, weight):
    grid = nodes(low, high, 1999)
    return max(abs((evaluate(p, z) / evaluate(q, z) - g(z)) * weight(z)) for z in grid)


def series(f, terms):
    """`f` near 0, where its closed form cancels: the sum of `terms(k)` for k = 0, 1, ..."""

    def g(z):
        if abs(z) > mpf("1e-3"):
            return f(z)
        return sum(terms(k) * z ** k for k in range(25))

    return g


def erfcx(x):
    """`e^(x²) erfc(x)`; the digits that the product of such sizes costs are added first."""
    return exp(x**2) * erfc(x)


def factorial(n):
    return mp.factorial(n)


LN2 = log(mpf(2))
# name: (function, interval, degrees of numerator and denominator, weight of its error, what it is)
FITS = {
    "EXP": (
        series(lambda r: (expm1(r) - r) / r**2, lambda k: 1 / factorial(k + 2)),
        (-LN2 * 0.5005, LN2 * 0.5005), (10, 0), lambda r: r**2 / abs(expm1(r)),
        "(e^r - 1 - r) / r²",
    ),
    "EXP2": (
        series(lambda r: (2**r - 1 - r * LN2) / r**2, lambda k: LN2 ** (k + 2) / factorial(k + 2)),
        (-0.5, 0.5), (9, 0), lambda r: r**2 / 2**r,
        "(2^r - 1 - r ln 2) / r²",
    ),
    "LN": (
        series(lambda z: (2 * atanh(sqrt(z)) / sqrt(z) - 2) / z, lambda k: mpf(2) / (2 * k + 3)),
        (0, (3 - 2 * sqrt(mpf(2))) ** 2 * 1.001), (6, 0), lambda z: z / 2,
        "(2 atanh(s)/s - 2) / s² in z = s²",
    ),
    "SIN": (
        series(lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, lambda k: (-1) ** (k + 1) / factorial(2 * k + 3)),
        (0, (pi / 4) ** 2 * 1.001), (5, 0), lambda z: z / (sin(sqrt(z)) / sqrt(z)),
        "(sin(r)/r - 1) / r² in z = r²",
    ),
    "COS": (
        series(lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, lambda k: (-1) ** k / factorial(2 * k + 4)),
        (0, (pi / 4) ** 2 * 1.001), (5, 0), lambda z: z**2 / cos(sqrt(z)),
        "(cos(r) - 1 + r²/2) / r⁴ in z = r²",
    ),
    "SINH": (
        series(lambda z: (sinh(sqrt(z)) / sqrt(z) - 1) / z, lambda k: 1 / factorial(2 * k + 3)),
        (0, 1), (7, 0), lambda z: z / (sinh(sqrt(z)) / sqrt(z)),
        "(sinh(x)/x - 1) / x² in z = x²",
    ),
    "TANH": (
        lambda z: (tanh(sqrt(z)) / sqrt(z) - 1) / z,
        (0, mpf("0.625") ** 2), (2, 3), lambda z: z / (tanh(sqrt(z)) / sqrt(z)),
        "(tanh(x)/x - 1) / x² in z = x²",
    ),
    "ATAN": (
        series(lambda z: (atan(sqrt(z)) / sqrt(z) - 1) / z, lambda k: mpf((-1) ** (k + 1)) / (2 * k + 3)),
        (0, mpf("0.2505")), (12, 0), lambda z: z / (atan(sqrt(z)) / sqrt(z)),
        "(atan(t)/t - 1) / t² in z = t²",
    ),
    "ASIN": (
        series(
            lambda z: (asin(sqrt(z)) / sqrt(z) - 1) / z,
            lambda k: factorial(2 * k + 2) / (4 ** (k + 1) * factorial(k + 1) ** 2 * (2 * k + 3)),
        ),
        (0, mpf("0.25")), (12, 0), lambda z: z / (asin(sqrt(z)) / sqrt(z)),
        "(asin(x)/x - 1) / x² in z = x²",
    ),
    "ERF": (
        series(
            lambda z: erf(sqrt(z)) / sqrt(z) - 1,
            lambda k: 2 / sqrt(pi) * (-1) ** k / (factorial(k) * (2 * k + 1)) - (1 if k == 0 else 0),
        ),
        (0, 1), (12, 0), lambda z: sqrt(z) / erf(sqrt(z)) if z else 1,
        "erf(x)/x - 1 in z = x²",
    ),
    "ERFCX": (
        lambda q: erfcx(2 * (1 + q) / (1 - q)) * 4 / (1 - q), (mpf("-0.6001"), mpf("0.87")), (23, 0),
        lambda q: (1 - q) / 4 / erfcx(2 * (1 + q) / (1 - q)),
        "(x + 2) e^(x²) erfc(x) in q = (x - 2) / (x + 2), for x from 0.5 to 28",
    ),
    "CBRT": (
        lambda x: x ** (mpf(1) / 3), (1, 2), (7, 0), lambda x: x ** (-mpf(1) / 3),
        "∛x",
    ),
    "POW": (
        series(
            lambda z: (3 * atanh(sqrt(z)) / sqrt(z) - 3 - z) / z**2,
            lambda k: mpf(3) / (2 * k + 5),
        ),
        (0, (3 - 2 * sqrt(mpf(2))) ** 2 * 1.001), (7, 0), lambda z: z**2 / 3,
        "(3 atanh(s)/s - 3 - s²) / s⁴ in z = s²",
    ),
}


# Here the first two coefficients are given in two parts, the second being what the first lacks.
IN_TWO_PARTS = {"ERFCX"}


def show(name):
    g, (low, high), (top, bottom), weight, what = FITS[name]
    if bottom:
        p, q = rational(g, low, high, top, bottom)
    else:
        ways = [rounded] if low < 0 else [rounded, refitted]
        q = [1.0]
        p = min((way(g, low, high, top, weight) for way in ways), key=lambda p: worst(g, low, high, p, q, weight))
    if name in IN_TWO_PARTS:
        p[:2] = exact = minimax(g, low, high, top, weight)[:2]
        print(f"{name}: the first two lack {[float(c - mpf(float(c))) for c in exact]}")
    error = worst(g, low, high, p, q, weight)
    print(f"{name}: {what}, error 2^{float(log(error, 2)):.1f}")
    for title, values in (("", p), (" below", q)):
        if len(values) > 1:
            print(f"  const{title}: [f64; {len(values)}] = [")
            for value in values:
                print(f"    {float(value)!r},")
            print("  ];")


if __name__ == "__main__":
    for name in sys.argv[1:] or FITS:
        show(name)
