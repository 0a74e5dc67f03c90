#!/usr/bin/env python3
"""Writes the truth that tests/oracle/main.rs compares every entry of the table with.

    pip install mpmath
    python3 tests/oracle/generate.py [name ...]

writes unary.txt, binary.txt, nary.txt and curves.txt beside this script; with names, their entries
alone, while the others stay. Nothing here looks at the Rust code: the
formulas are written anew from the definitions and evaluated to 60 significant digits or more, and
what happens at zeros, infinities, NaN, kinks and edges of domains is in the explicit `special`
tables below.

Format: `[name parameters]` opens an entry. A line `arguments | value slope ...` is one point. A number
is the 16 hexadecimal digits of the bits of an f64; a truth is the f64 nearest to it, and after a
colon how far beyond that the exact number lies, in thousandths of a unit in the last place. In
curves.txt the truths are second derivatives, of an entry of two arguments by the first argument twice,
by both, and by the second twice; of more arguments the upper triangle, line by line. A dot product has
the numbers of one side and then those of the other; of a softmax it is the first share.
"""

import math
import random
import struct
import sys
from fractions import Fraction
from pathlib import Path

import mpmath
from mpmath import mp, mpf

INF, NAN = math.inf, math.nan
MAX, MIN, TINY = 1.7976931348623157e308, 2.2250738585072014e-308, 5e-324
DIGITS = 60


class Lines(list):
    """The lines of a file, of which entries that are not asked for are those of before."""

    def __init__(self, path, names):
        super().__init__([f"# Written by generate.py with mpmath {mpmath.__version__}; it says what the lines mean."])
        self.names, self.before = names, {}
        for line in path.read_text().splitlines()[1:] if names and path.exists() else []:
            if line.startswith("["):
                entries = self.before.setdefault(line, [])
            else:
                entries.append(line)

    def begin(self, name, parameters=()):
        """Begins an entry; its random numbers, or None if it is there already."""
        head = "[" + " ".join([name] + [bits(float(p)) for p in parameters]) + "]"
        self.append(head)
        if self.names and name not in self.names and head in self.before:
            self.extend(self.before[head])
            return None
        return random.Random(f"1964 {head}")


# Numbers and their spelling.

def bits(x):
    return struct.pack(">d", x).hex() if x == x else "7ff8000000000000"


def nearest(x):
    """The f64 nearest to an mpf (ties to even), and the rest in units in the last place."""
    sign, man, exp, bc = x._mpf_
    if man == 0:
        return 0.0, 0
    unit = max(exp + bc - 53, -1074)
    shift = unit - exp
    if shift <= 0:
        n, rest = man << -shift, 0
    elif shift > bc + 64:
        n, rest = 0, 0
    else:
        n, rest = man >> shift, man & ((1 << shift) - 1)
        half = 1 << (shift - 1)
        up = rest > half or (rest == half and n & 1)
        n, rest = n + up, rest - (up << shift)
    if n.bit_length() + unit > 1024:
        return (-INF if sign else INF), 0
    thousandths = 0 if rest == 0 else (rest * 2000 + (1 << shift)) >> (shift + 1)
    y = math.ldexp(n, unit)
    return (-y, -thousandths) if sign else (y, thousandths)


def spell(x):
    y, rest = (x, 0) if isinstance(x, (float, int)) else nearest(x)
    return bits(float(y)) + (f":{rest:+d}" if rest else "")


def exactly(f, args):
    """`f(*args)` with DIGITS correct digits, however much cancels on the way."""
    scale = max([1] + [abs(math.log10(abs(x))) for x in args if x != 0])
    digits = int(DIGITS + 2.2 * scale + 20)
    before = None
    while True:
        with mp.workdps(digits):
            now = [mpf(y) for y in f(*map(mpf, args))]
            if before and all(abs(a - b) <= abs(b) * mpf(10) ** -DIGITS for a, b in zip(before, now)):
                return now
        before, digits = now, digits * 3 // 2
        assert digits < 20000, f"no convergence at {args}"


# Points.

def ulps(x, n):
    """`x` and its `n` neighbours on each side."""
    out, up, down = [x], x, x
    for _ in range(n):
        up, down = math.nextafter(up, INF), math.nextafter(down, -INF)
        out += [up, down]
    return out


def both(xs):
    return [s * x for x in xs for s in (1.0, -1.0)]


SPECIAL = [0.0, -0.0, INF, -INF, NAN]
EXTREME = [TINY, 3 * TINY, 1e-320, MIN, math.nextafter(MIN, 0.0), 1e-300, 1e300, 1e308, MAX]
WIDE = [m * 10.0**e for e in range(-290, 291, 29) for m in (1.7, 4.1)]


def unary_points(entry, rng):
    points = SPECIAL + both(EXTREME + WIDE) + ulps(1.0, 4) + ulps(-1.0, 4)
    points += [0.5, -0.5, 2.0, -2.0, 1.5, -1.5, 2.5, -2.5, 3.0, -3.0, 10.0, -10.0]
    for at in entry.get("near", []):
        points += ulps(at, 4)
    for lo, hi, n in entry.get("ranges", [(-10, 10, 30)]):
        points += [rng.uniform(lo, hi) for _ in range(n)]
    points += [s * 10 ** rng.uniform(-17, 3) for _ in range(12) for s in (1, -1)]
    return points


# Entries of one argument. `f` gives value and slope; `special` overrides it where arithmetic does not
# go or a convention rules; outside `domain` both are NaN.

def sech2(x):
    e = mp.exp(-2 * abs(x))
    return 4 * e / (1 + e) ** 2


def logistic(x):
    return 1 / (1 + mp.exp(-x))


def logistic_slope(x):
    e = mp.exp(-abs(x))
    return e / (1 + e) ** 2


def sinc(x):
    y = mp.sinpi(x) / (mp.pi * x)
    return y, (mp.cospi(x) - y) / x


def erf_slope(x):
    return 2 / mp.sqrt(mp.pi) * mp.exp(-x * x)


def erfc(x):
    # Beyond 40 on both sides f64 sees 0 and 2.
    return mp.erfc(x) if abs(x) < 40 else (mpf(2) - mpf(10) ** -400 if x < 0 else mpf(10) ** -400)


def round_away(x):
    return mp.sign(x) * mp.floor(abs(x) + mpf(1) / 2)


def trunc(x):
    return mp.sign(x) * mp.floor(abs(x))


def ln_gamma(x):
    return mp.re(mp.loggamma(x)), mp.psi(0, x)


def whole(x):
    return abs(x) == INF or x == math.floor(x)


def pole(x, value, slope):
    """Overrides at 0 (where the sides are told apart by the sign of zero) and at -1, -2, ..."""
    if x == 0:
        s = math.copysign(1.0, x)
        return (value(s), slope(s))
    return (value(0), slope(0)) if x < 0 and whole(x) else None


UP, DOWN, EDGE = (INF, INF), (-INF, INF), (0.0, INF)
STEP = dict(near=[0.0, 0.5, -0.5, 2.0, 2.5, -2.5, 2.0**52, -(2.0**53)], ranges=[(-10, 10, 20)])
FLAT = {INF: (INF, 0.0), -INF: (-INF, 0.0)}
POSITIVE = dict(domain=(0, INF), near=[0.0, 1.0, 0.5, 2.0], ranges=[(0, 2, 20), (0, 1000, 20)])
RANGE = [(-10, 10, 40), (-1, 1, 20)]
OVERFLOW = math.log(MAX)
UNDERFLOW = math.log(MIN)
DIGAMMA_ROOT = 1.4616321449683622

UNARY = {
    "neg": dict(f=lambda x: (-x, -1), special={INF: (-INF, -1.0), -INF: (INF, -1.0), NAN: (NAN, -1.0)}),
    "abs": dict(f=lambda x: (abs(x), mp.sign(x)), special={INF: (INF, 1.0), -INF: (INF, -1.0)}),
    "sqrt": dict(f=lambda x: (mp.sqrt(x), 1 / (2 * mp.sqrt(x))),
                 special={0.0: EDGE, INF: (INF, 0.0)}, **POSITIVE),
    "cbrt": dict(f=lambda x: (mp.sign(x) * mp.cbrt(abs(x)), 1 / (3 * mp.cbrt(abs(x)) ** 2)),
                 special={0.0: EDGE, INF: (INF, 0.0), -INF: (-INF, 0.0)}, near=[0.0, 8.0, -27.0], ranges=RANGE),
    "recip": dict(f=lambda x: (1 / x, -1 / (x * x)),
                  special=lambda x: (math.copysign(INF, x), -INF) if x == 0 else
                  (0.0, 0.0) if abs(x) == INF else None,
                  near=[0.0, 2.0**-1024, 2.0**1023, 1e-154, 1e154, 1e160], ranges=RANGE),
    "exp": dict(f=lambda x: (mp.exp(x),) * 2, special={INF: UP, -INF: (0.0, 0.0)},
                near=[0.0, OVERFLOW, UNDERFLOW, -745.1], ranges=RANGE + [(-745, 709, 30)]),
    "exp2": dict(f=lambda x: (2**x, 2**x * mp.ln2), special={INF: UP, -INF: (0.0, 0.0)},
                 near=[0.0, 1024.0, 1024.5, -1022.0, -1074.0], ranges=RANGE + [(-1074, 1024.5, 30)]),
    "exp_m1": dict(f=lambda x: (mp.expm1(x), mp.exp(x)), special={INF: UP, -INF: (-1.0, 0.0)},
                   near=[0.0, OVERFLOW, -37.0, -40.0], ranges=RANGE + [(-745, 709, 30)]),
    "ln": dict(f=lambda x: (mp.log(x), 1 / x), special={0.0: DOWN, INF: (INF, 0.0)}, **POSITIVE),
    "log2": dict(f=lambda x: (mp.log(x) / mp.ln2, 1 / (x * mp.ln2)),
                 special={0.0: DOWN, INF: (INF, 0.0)}, **POSITIVE),
    "log10": dict(f=lambda x: (mp.log(x) / mp.ln10, 1 / (x * mp.ln10)),
                  special={0.0: DOWN, INF: (INF, 0.0)}, **POSITIVE),
    "ln_1p": dict(f=lambda x: (mp.log1p(x), 1 / (1 + x)), domain=(-1, INF),
                  special={-1.0: DOWN, INF: (INF, 0.0)},
                  near=[0.0, -0.5], ranges=[(-1, 1, 40), (0, 1000, 20)]),
    "sin": dict(f=lambda x: (mp.sin(x), mp.cos(x)), special={INF: (NAN, NAN), -INF: (NAN, NAN)},
                near=[0.0, math.pi, math.pi / 2, 1e22], ranges=RANGE + [(-1000, 1000, 20)]),
    "cos": dict(f=lambda x: (mp.cos(x), -mp.sin(x)), special={INF: (NAN, NAN), -INF: (NAN, NAN)},
                near=[0.0, math.pi, math.pi / 2, 1e22], ranges=RANGE + [(-1000, 1000, 20)]),
    "tan": dict(f=lambda x: (mp.tan(x), 1 / mp.cos(x) ** 2), special={INF: (NAN, NAN), -INF: (NAN, NAN)},
                near=[0.0, math.pi, math.pi / 2, -math.pi / 2, 1e22], ranges=RANGE + [(1.5, 1.65, 20)]),
    "asin": dict(f=lambda x: (mp.asin(x), 1 / mp.sqrt((1 - x) * (1 + x))), domain=(-1, 1),
                 special=lambda x: (math.copysign(1, x) * mp.pi / 2, INF) if abs(x) == 1 else None,
                 near=[0.0, 0.5], ranges=[(-1, 1, 60)]),
    "acos": dict(f=lambda x: (mp.acos(x), -1 / mp.sqrt((1 - x) * (1 + x))), domain=(-1, 1),
                 special=lambda x: (mp.pi if x < 0 else 0.0, -INF) if abs(x) == 1 else None,
                 near=[0.0, 0.5], ranges=[(-1, 1, 60)]),
    "atan": dict(f=lambda x: (mp.atan(x), 1 / (1 + x * x)),
                 special=lambda x: (math.copysign(1, x) * mp.pi / 2, 0.0) if abs(x) == INF else None,
                 near=[0.0, 1e8, 1e154, 1e160], ranges=RANGE + [(1e8, 1e10, 10)]),
    "sinh": dict(f=lambda x: (mp.sinh(x), mp.cosh(x)), special={INF: UP, -INF: DOWN},
                 near=[0.0, OVERFLOW, 710.4], ranges=RANGE + [(-710, 710, 30)]),
    "cosh": dict(f=lambda x: (mp.cosh(x), mp.sinh(x)), special={INF: UP, -INF: (INF, -INF)},
                 near=[0.0, OVERFLOW, 710.4], ranges=RANGE + [(-710, 710, 30)]),
    "tanh": dict(f=lambda x: (mp.tanh(x), sech2(x)), special={INF: (1.0, 0.0), -INF: (-1.0, 0.0)},
                 near=[0.0, 19.0, 300.0, 354.0, 354.5, 372.0],
                 ranges=RANGE + [(-30, 30, 20), (-375, 375, 20)]),
    "asinh": dict(f=lambda x: (mp.asinh(x), 1 / mp.sqrt(1 + x * x)), special=FLAT,
                  near=[0.0, 1e8, 1e154], ranges=RANGE),
    "acosh": dict(f=lambda x: (mp.acosh(x), 1 / mp.sqrt((x - 1) * (x + 1))), domain=(1, INF),
                  special={1.0: EDGE, INF: (INF, 0.0)},
                  near=[1.0, 1e8, 1e154], ranges=[(1, 2, 30), (1, 1.001, 10), (1, 1000, 30)]),
    "atanh": dict(f=lambda x: (mp.atanh(x), 1 / ((1 - x) * (1 + x))), domain=(-1, 1),
                  special={1.0: UP, -1.0: DOWN}, near=[0.0, 0.5], ranges=[(-1, 1, 60)]),
    "signum": dict(f=lambda x: (mp.sign(x), 0),
                   special=lambda x: (math.copysign(1.0, x), 0.0) if x == 0 or abs(x) == INF else None, near=[0.0]),
    "floor": dict(f=lambda x: (mp.floor(x), 0), special=FLAT, **STEP),
    "ceil": dict(f=lambda x: (mp.ceil(x), 0), special=FLAT, **STEP),
    "round": dict(f=lambda x: (round_away(x), 0), special=FLAT, **STEP),
    "trunc": dict(f=lambda x: (trunc(x), 0), special=FLAT, **STEP),
    "fract": dict(f=lambda x: (x - trunc(x), 1), special={INF: (NAN, NAN), -INF: (NAN, NAN)}, **STEP),
    "relu": dict(f=lambda x: (max(x, 0), 1 if x > 0 else 0),
                 special={INF: (INF, 1.0), -INF: (0.0, 0.0), 0.0: (0.0, 0.0)}, near=[0.0]),
    "softplus": dict(f=lambda x: (max(x, 0) + mp.log1p(mp.exp(-abs(x))), logistic(x)),
                     special={INF: (INF, 1.0), -INF: (0.0, 0.0)},
                     near=[0.0, 37.0, -37.0, UNDERFLOW, -745.1], ranges=RANGE + [(-745, 745, 30)]),
    "sigmoid": dict(f=lambda x: (logistic(x), logistic_slope(x)),
                    special={INF: (1.0, 0.0), -INF: (0.0, 0.0)},
                    near=[0.0, 37.0, UNDERFLOW, -745.1, 710.0], ranges=RANGE + [(-745, 745, 30)]),
    "log_sigmoid": dict(f=lambda x: (min(x, 0) - mp.log1p(mp.exp(-abs(x))), logistic(-x)),
                        special={INF: (0.0, 0.0), -INF: (-INF, 1.0)},
                        near=[0.0, 37.0, -37.0, 710.0], ranges=RANGE + [(-745, 745, 30)]),
    "sinc": dict(f=sinc, special={0.0: (1.0, 0.0), INF: (0.0, 0.0), -INF: (0.0, 0.0)},
                 near=[0.0, 0.5, 1.4302966531242027, -2.459024038040421, 5.4814, 1000.4999,
                       2.0**51 + 0.5, 2.0**52 + 1],
                 ranges=RANGE + [(1.3, 1.55, 20), (2.4, 2.5, 10), (-1000, 1000, 20)]),
    "erf": dict(f=lambda x: (mp.erf(x) if abs(x) < 40 else mp.sign(x) * (1 - mpf(10) ** -400), erf_slope(x)),
                special={INF: (1.0, 0.0), -INF: (-1.0, 0.0)}, near=[0.0, 0.84375, 26.5, 27.2],
                ranges=RANGE + [(-28, 28, 30)]),
    "erfc": dict(f=lambda x: (erfc(x), -erf_slope(x)), special={INF: (0.0, 0.0), -INF: (2.0, 0.0)},
                 near=[0.0, 0.84375, 26.5, 27.2], ranges=RANGE + [(-6, 28, 30)]),
    "ln_gamma": dict(f=ln_gamma, special=lambda x:
                     (INF, INF) if x == INF else (INF, NAN) if x == -INF else
                     pole(x, lambda s: INF, lambda s: -s * INF if s else NAN),
                     near=[0.0, 2.0, -1.0, -2.0, DIGAMMA_ROOT, -0.5, -2.457024738220801, 8.0],
                     ranges=[(0, 3, 40), (0, 20, 20), (-10, 0, 30), (20, 1000, 10), (-150, -10, 10)]),
    "digamma": dict(f=lambda x: (mp.psi(0, x), mp.psi(1, x)), special=lambda x:
                    (INF, 0.0) if x == INF else (NAN, NAN) if x == -INF else
                    pole(x, lambda s: -s * INF if s else NAN, lambda s: INF),
                    near=[0.0, 2.0, -1.0, -2.0, DIGAMMA_ROOT, -0.5, -0.5040830082644554, 8.0],
                    ranges=[(0, 3, 40), (0, 20, 20), (-10, 0, 30), (20, 1000, 10), (-150, -10, 10)]),
}


# Beyond a thousand f64 sees 0.
NOTHING = mpf(10) ** -9999


def cdf(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2 if abs(x) < 1000 else NOTHING if x < 0 else 1 - NOTHING


def pdf(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi) if abs(x) < 1000 else NOTHING


def gelu_argument(x):
    return 2 * mp.sqrt(2 / mp.pi) * (x + mpf("0.044715") * x**3)


def gelu_tanh(x):
    if abs(x) > 1000:
        return max(x, 0), int(x > 0)
    v, rise = gelu_argument(x), 2 * mp.sqrt(2 / mp.pi) * (1 + 3 * mpf("0.044715") * x * x)
    return x * logistic(v), logistic(v) + x * logistic_slope(v) * rise


def mish(x):
    if x > 1000:
        return x, 1
    s = mp.log1p(mp.exp(x))
    return x * mp.tanh(s), mp.tanh(s) + x * sech2(s) * logistic(x)


def ln_cdf(x):
    # Far below 0 the distribution itself is beyond the range of f64, but not of mpf.
    return mp.log1p(-cdf(-x)) if x > 0 else mp.log(cdf(x)), pdf(x) / cdf(x)


def erf_inv(y):
    x = mp.erfinv(y)
    return x, mp.sqrt(mp.pi) / 2 * mp.exp(x * x)


def held(x, lo, hi):
    return min(max(x, lo), hi)


SELU_SCALE = "1.0507009873554804934193349852946"
SELU_ALPHA = "1.6732632423543772848170429916717"


def selu(x):
    low = mpf(SELU_SCALE) * mpf(SELU_ALPHA)
    return (mpf(SELU_SCALE) * x, mpf(SELU_SCALE)) if x > 0 else (low * mp.expm1(x), low * mp.exp(x))


RISING = {INF: (INF, 1.0), -INF: (0.0, 0.0)}
UNARY |= {
    "selu": dict(f=selu, near=[0.0, -37.0], ranges=RANGE + [(-745, 0, 20)],
                 special=lambda x: (INF, mpf(SELU_SCALE)) if x == INF else
                 (-mpf(SELU_SCALE) * mpf(SELU_ALPHA), 0.0) if x == -INF else (0.0, mpf(SELU_SCALE)) if x == 0 else None),
    "gelu": dict(f=lambda x: (x * cdf(x), cdf(x) + x * pdf(x)), special=RISING, least=-1e3,
                 near=[0.0, -0.7517915246935645, -38.0, 8.3], ranges=RANGE + [(-39, 10, 40)]),
    "gelu_tanh": dict(f=gelu_tanh, special=RISING, least=-1e3,
                      near=[0.0, -0.7524, -20.0, 5.0], ranges=RANGE + [(-21, 10, 40)]),
    "silu": dict(f=lambda x: (x * logistic(x), logistic(x) * (1 + x * logistic(-x))), special=RISING,
                 near=[0.0, -1.2784645427610738, -700.0, 37.0], ranges=RANGE + [(-750, 40, 40)]),
    "mish": dict(f=mish, special=RISING, near=[0.0, -1.1924, -700.0, 20.0, 40.0], ranges=RANGE + [(-750, 45, 40)]),
    "softsign": dict(f=lambda x: (x / (1 + abs(x)), 1 / (1 + abs(x)) ** 2),
                     special={INF: (1.0, 0.0), -INF: (-1.0, 0.0)}, near=[0.0, 1e8], ranges=RANGE),
    "hard_tanh": dict(f=lambda x: (held(x, -1, 1), int(abs(x) < 1)), near=[0.0], ranges=RANGE,
                      special={INF: (1.0, 0.0), -INF: (-1.0, 0.0)}),
    "relu6": dict(f=lambda x: (held(x, 0, 6), int(0 < x < 6)), near=[0.0, 6.0], ranges=RANGE,
                  special={INF: (6.0, 0.0), -INF: (0.0, 0.0)}),
    "hard_sigmoid": dict(f=lambda x: (held((x + 3) / 6, 0, 1), mpf(1) / 6 if abs(x) < 3 else 0), near=[0.0, -3.0, 3.0],
                         ranges=RANGE, special={INF: (1.0, 0.0), -INF: (0.0, 0.0)}),
    "hard_swish": dict(f=lambda x: (x * held((x + 3) / 6, 0, 1), 0 if x <= -3 else 1 if x >= 3 else (2 * x + 3) / 6),
                       near=[0.0, -3.0, 3.0, -1.5], ranges=RANGE, special=RISING),
    "log1mexp": dict(f=lambda x: (mp.log1p(-mp.exp(x)), -1 / mp.expm1(-x)), domain=(-INF, 0),
                     special={0.0: (-INF, -INF), -INF: (0.0, 0.0)}, near=[-0.6931471805599453, -37.0, -740.0],
                     ranges=[(-1, 0, 40), (-745, 0, 40)]),
    "logit": dict(f=lambda x: (mp.log(x / (1 - x)), 1 / (x * (1 - x))), domain=(0, 1),
                  special={0.0: DOWN, 1.0: UP}, near=[0.5, 0.25, 0.75], ranges=[(0, 1, 60)]),
    "erf_inv": dict(f=erf_inv, domain=(-1, 1), special={1.0: UP, -1.0: DOWN}, near=[0.0, 0.5, -0.5, 1e-3],
                    ranges=[(-1, 1, 60), (0.999, 1, 20)]),
    "normal_cdf": dict(f=lambda x: (cdf(x) if x < 40 else 1 - mpf(10) ** -400, pdf(x)), least=-1e3,
                       special={INF: (1.0, 0.0), -INF: (0.0, 0.0)}, near=[0.0, -37.5, -38.4, 8.2],
                       ranges=RANGE + [(-38, 9, 40)]),
    "ln_normal_cdf": dict(f=ln_cdf, special={INF: (0.0, 0.0), -INF: (-INF, INF)}, near=[0.0, -25.0, -38.0, 8.2, 37.0],
                          ranges=RANGE + [(-60, 20, 40)], least=-1e3),
    "trigamma": dict(f=lambda x: (mp.psi(1, x), mp.psi(2, x)), special=lambda x:
                     (0.0, 0.0) if x == INF else (NAN, NAN) if x == -INF else
                     pole(x, lambda s: INF, lambda s: -s * INF if s else NAN),
                     near=[0.0, 2.0, -1.0, -0.5, 8.0], ranges=[(0, 3, 40), (0, 20, 20), (-10, 0, 30), (20, 1000, 10)],
                     least=-1e5),
}


def leaky_relu(alpha):
    kink = 0.0 if alpha <= 0 else min(alpha, 1.0)
    low = -INF * alpha if alpha else 0.0
    return dict(f=lambda x: (x, 1) if x > 0 else (alpha * x, alpha), near=[0.0],
                special={0.0: (0.0, kink), INF: (INF, 1.0), -INF: (low, alpha)})


def elu(alpha):
    kink = 0.0 if alpha <= 0 else min(alpha, 1.0)
    return dict(f=lambda x: (x, 1) if x > 0 else (alpha * mp.expm1(x), alpha * mp.exp(x)),
                special={0.0: (0.0, kink), INF: (INF, 1.0), -INF: (-alpha, 0.0)},
                near=[0.0, -37.0, -745.1], ranges=RANGE + [(-745, 0, 20)])


def celu(alpha):
    return dict(f=lambda x: (x, 1) if x > 0 else (alpha * mp.expm1(x / mpf(alpha)), mp.exp(x / mpf(alpha))),
                special={INF: (INF, 1.0), -INF: (-alpha, 0.0)}, near=[0.0, -37.0], ranges=RANGE + [(-745, 0, 20)])


def soft_shrink(lam):
    def f(x):
        return (x - lam, 1) if x > lam else (x + lam, 1) if x < -lam else (0, int(lam == 0))
    return dict(f=f, near=[0.0, lam, -lam], special={INF: (INF, 1.0), -INF: (-INF, 1.0)})


def hard_shrink(lam):
    return dict(f=lambda x: (x, 1) if abs(x) > lam else (0, int(lam == 0)), near=[0.0, lam, -lam],
                special={INF: (INF, 1.0), -INF: (-INF, 1.0)})


def clamp(lo, hi):
    def f(x):
        return (lo, 0) if x <= lo else (hi, 0) if x >= hi else (x, 1)
    ends = {INF: (hi, 0.0 if hi < INF or lo == hi else 0.0), -INF: (lo, 0.0)}
    return dict(f=f, special=ends, near=[x for x in (0.0, lo, hi) if abs(x) < INF])


def powi(n):
    def special(x):
        odd = n % 2 == 1
        if n == 0:
            return (1.0, NAN if x != x else 0.0)
        if x != x:
            return (NAN, NAN)
        if x == 0:
            sign = math.copysign(1.0, x)
            return (0.0, 1.0 if n == 1 else 0.0) if n > 0 else \
                (sign * INF if odd else INF, -INF if odd else -sign * INF)
        if abs(x) == INF:
            sign = math.copysign(1.0, x)
            return (0.0, 0.0) if n < 0 else (sign * INF if odd else INF, 1.0 if n == 1 else INF if odd else sign * INF)
        return None
    edge = [1.7e308 ** (1 / abs(n)), 3e-308 ** (1 / abs(n))] if n else []
    return dict(f=lambda x: (x**n, n * x ** (n - 1)), special=special, near=edge, ranges=[(-3, 3, 24)], few=True)


PARAMETERS = {
    "leaky_relu": (leaky_relu, [(0.25,), (2.0,), (-0.5,), (0.0,)]),
    "elu": (elu, [(2.0,), (1.0,), (0.25,), (-0.5,)]),
    "celu": (celu, [(1.0,), (2.0,), (0.3,)]),
    "soft_shrink": (soft_shrink, [(0.5,), (0.0,), (2.0,)]),
    "hard_shrink": (hard_shrink, [(0.5,), (0.0,), (2.0,)]),
    "clamp": (clamp, [(0.0, 1.0), (-2.0, 3.5), (-INF, 1.0), (1.5, 1.5)]),
    "powi": (powi, [(n,) for n in (0, 1, 2, 3, 4, 7, 8, 9, 31, 1000, -1, -2, -3, -8, -31)]),
}


def unary_line(entry, x):
    special = entry.get("special", {})
    given = special(x) if callable(special) else special.get(x)
    lo, hi = entry.get("domain", (-INF, INF))
    if given is None and x != x:
        given = (NAN, NAN)
    if given is None and not lo <= x <= hi:
        given = (NAN, NAN)
    return given if given is not None else exactly(entry["f"], [x])


def write_unary(out):
    entries = [(name, (), entry) for name, entry in UNARY.items()]
    entries += [(name, p, make(*p)) for name, (make, sets) in PARAMETERS.items() for p in sets]
    for name, parameters, entry in entries:
        rng = out.begin(name, parameters)
        if rng is None:
            continue
        points = unary_points(entry, rng)
        if entry.get("few"):
            points = points[:5] + points[5::3] + [x for at in entry["near"] for x in ulps(at, 2)]
        # Where digits enough for the tail would take long.
        points = [x for x in points if not -INF < x < entry.get("least", -INF)]
        seen = set()
        for x in points:
            if bits(x) not in seen:
                seen.add(bits(x))
                with mp.workdps(DIGITS):
                    out.append(bits(x) + " | " + " ".join(map(spell, unary_line(entry, x))))


# Entries of two arguments, and the operators. `special` gives the whole line, or None.

def zero_base(b, negative_zero):
    """d/da and d/db of a^b at a = 0."""
    even = whole(b) and b % 2 == 0
    by_a = 0.0 if b > 1 or b == 0 else 1.0 if b == 1 else INF if b > 0 else \
        INF if even and negative_zero else -INF
    return by_a, 0.0 if b > 0 else -INF


def powf_special(a, b):
    if a != a or b != b:
        return (1.0 if b == 0 or a == 1 else NAN, NAN, NAN)
    if a == 0:
        return (math.pow(a, b) if b >= 0 else math.copysign(INF, a) if abs(b) < INF and b % 2 == 1 else INF,
                *zero_base(b, math.copysign(1.0, a) < 0))
    if a == -INF or (a < 0 and abs(b) == INF) or (a == 1 and abs(b) == INF):
        return ()  # not asked
    if a == INF:
        if b == 0:
            return (1.0, 0.0, INF)
        return (0.0, 0.0, 0.0) if b < 0 else (INF, INF if b > 1 else 1.0 if b == 1 else 0.0, INF)
    if abs(b) == INF:
        if (a > 1) == (b > 0):
            return (INF, INF, INF) if b > 0 else (INF, -INF, -INF)
        return (0.0, 0.0, 0.0)
    if a < 0 and not whole(b):
        return (NAN, NAN, NAN)
    return None


def powf(a, b):
    sign = -1 if a < 0 and b % 2 == 1 else 1
    ln = mp.log(abs(a))
    v = sign * mp.exp(b * ln)
    return (v, b * v / a, v * ln if a > 0 else NAN)


def log_special(a, b):
    if a != a or b != b or a < 0 or b < 0:
        return (NAN, NAN, NAN)
    if b == 1:
        return (NAN if a == 1 else INF if a > 1 else -INF, NAN, NAN)
    if b == 0 or b == INF:
        if a == 0 or a == INF:
            return (NAN, NAN, NAN)
        if b == INF:
            return (0.0, 0.0, 0.0)
        return (0.0, 0.0, 0.0 if a == 1 else -INF if a > 1 else INF)
    s = 1.0 if b > 1 else -1.0
    if a == 0:
        return (-s * INF, s * INF, INF)
    if a == INF:
        return (s * INF, 0.0, -INF)
    return None


def log(a, b):
    return mp.log(a) / mp.log(b), 1 / (a * mp.log(b)), -mp.log(a) / (b * mp.log(b) ** 2)


def log_add_exp_special(a, b):
    if a != a or b != b:
        return (NAN, NAN, NAN)
    if abs(a) == INF or abs(b) == INF:
        return (max(a, b), 0.5 if a == b else float(a > b), 0.5 if a == b else float(b > a))
    return None


def log_add_exp(a, b):
    e = mp.exp(-abs(a - b))
    more, less = 1 / (1 + e), e / (1 + e)
    return max(a, b) + mp.log1p(e), more if a >= b else less, less if a >= b else more


def xlogy_special(a, b):
    if a != a or b != b:
        return (NAN, NAN, NAN if b != b or a != a else 0.0)
    if a == 0:
        return (0.0, NAN if b < 0 else -INF if b == 0 else INF if b == INF else mp.log(b), 0.0)
    if b < 0:
        return (NAN, NAN, NAN)
    if abs(a) == INF:
        return ()
    if b == 0:
        return (math.copysign(INF, -a), -INF, math.copysign(INF, a))
    return (math.copysign(INF, a), INF, 0.0) if b == INF else None


def atan2_special(a, b):
    if a != a or b != b:
        return (NAN, NAN, NAN)
    # The value's truth is a multiple of π/4 to full precision.
    if a == 0 or b == 0 or abs(a) == INF or abs(b) == INF:
        value = mp.pi / 4 * round(math.atan2(a, b) / (math.pi / 4))
        if abs(a) == INF or abs(b) == INF or (a == 0 and b == 0):
            return (value, 0.0, 0.0)
        return (value, *exactly(lambda a, b: atan2(a, b)[1:], [a, b]))
    return None


def atan2(a, b):
    square = a * a + b * b
    return mp.atan2(a, b), b / square, -a / square


def hypot_special(a, b):
    if abs(a) == INF and abs(b) == INF:
        return (INF, NAN, NAN)
    if a != a or b != b:
        return (INF if abs(a) == INF or abs(b) == INF else NAN, NAN, NAN)
    if abs(a) == INF:
        return (INF, math.copysign(1.0, a), 0.0)
    if abs(b) == INF:
        return (INF, 0.0, math.copysign(1.0, b))
    return (0.0, 0.0, 0.0) if a == 0 and b == 0 else None


def hypot(a, b):
    h = mp.sqrt(a * a + b * b)
    return h, a / h, b / h


def choice_special(sign):
    def special(a, b):
        if a != a or b != b:
            return (NAN, NAN, NAN) if a != a and b != b else (b, 0.0, 1.0) if a != a else (a, 1.0, 0.0)
        if a == b:
            return (a, 0.5, 0.5)
        return (a, 1.0, 0.0) if sign * a > sign * b else (b, 0.0, 1.0)
    return special


def copysign_special(a, b):
    if a != a:
        return (NAN, NAN, NAN)
    same = math.copysign(1.0, a) * math.copysign(1.0, b) if a != 0 else 0.0
    return (math.copysign(a, b), same, 0.0) if b == b else ()


def remainder_special(euclid):
    def special(a, b):
        if a != a or b != b or abs(a) == INF or b == 0:
            return (NAN, NAN, NAN) if euclid else ()
        if abs(b) == INF:
            return (INF, 1.0, math.copysign(1.0, b)) if euclid and a < 0 else (a, 1.0, 0.0)
        ratio = Fraction(a) / Fraction(b)
        q = int(ratio)
        r = Fraction(a) - q * Fraction(b)
        if euclid and r < 0:
            q, r = (q - 1, r + Fraction(b)) if b > 0 else (q + 1, r - Fraction(b))
        with mp.workprec(5000):
            return (mpf(r.numerator) / r.denominator, 1.0, mpf(-q))
    return special


def finite_only(*args):
    """The operators are asked about finite numbers; the slope of NaN + x is 1, of NaN x is x."""
    return None if all(abs(x) < INF for x in args) else ()


def div_special(a, b):
    if b == 0 or finite_only(a, b) is not None:
        return ()
    # A subnormal quotient is too coarse to divide again; the operator does not pay for that.
    return () if 0 < abs(Fraction(a) / Fraction(b)) < Fraction(MIN) else None


def ln_beta_special(a, b):
    if a != a or b != b or a < 0 or b < 0:
        return (NAN, NAN, NAN)
    if a == 0 or b == 0 or a == INF or b == INF:
        return ()  # not asked
    return None


def ln_beta(a, b):
    both = mp.psi(0, a + b)
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b), mp.psi(0, a) - both, mp.psi(0, b) - both


BINARY = {
    "ln_beta": (ln_beta, ln_beta_special),
    "powf": (powf, powf_special), "log": (log, log_special),
    "log_add_exp": (log_add_exp, log_add_exp_special),
    "xlogy": (lambda a, b: (a * mp.log(b), mp.log(b), a / b), xlogy_special),
    "atan2": (atan2, atan2_special), "hypot": (hypot, hypot_special),
    "max": (None, choice_special(1)), "min": (None, choice_special(-1)),
    "copysign": (None, copysign_special),
    "rem": (None, remainder_special(False)), "rem_euclid": (None, remainder_special(True)),
    "add": (lambda a, b: (a + b, 1, 1), finite_only), "sub": (lambda a, b: (a - b, 1, -1), finite_only),
    "mul": (lambda a, b: (a * b, b, a), finite_only),
    "div": (lambda a, b: (a / b, 1 / b, -a / (b * b)), div_special),
}

# Where digits enough for all of them would take long.
MODEST = {"ln_beta": 1e20}

GRID = SPECIAL + [1.0, -1.0, 2.0, -2.0, 3.0, 0.5, -0.5, 1.5, -3.0, TINY, -TINY, 1e300, -1e300, 1e-300, MAX]


def binary_points(name, rng):
    points = [(a, b) for a in GRID for b in GRID]
    points = points if name in ("powf", "log", "xlogy", "atan2", "hypot") else \
        points[: 5 * len(GRID)] + points[5 * len(GRID):: 3]
    positive = name in ("powf", "log", "ln_beta")
    sign = (lambda: 1.0) if positive else (lambda: rng.choice((1.0, -1.0)))
    for _ in range(40):
        points.append((sign() * rng.uniform(0, 10), sign() * rng.uniform(0, 10)))
        points.append((sign() * 10 ** rng.uniform(-20, 20), sign() * 10 ** rng.uniform(-3, 3)))
    for _ in range(25):
        points.append((sign() * 10 ** rng.uniform(-307, 308), sign() * 10 ** rng.uniform(-307, 308)))
    points += [(a, b) for a in ulps(1.0, 2) for b in ulps(1.0, 2)]
    extra = {
        "ln_beta": lambda: [(1e15, 1.0), (1e10, 3.5), (12.0, 11.0), (10.0, 9.9), (1e-10, 1e10), (1e8, 1e8), (1.0, 1.0)]
        + [(rng.uniform(0, 30), rng.uniform(0, 30)) for _ in range(60)],
        "powf": lambda: [(10 ** rng.uniform(-300, 300), rng.uniform(-2, 2)) for _ in range(40)]
        + [(1e200, 1.6), (1e-200, 1.6), (1e-310, 1e-10), (math.nextafter(1.0, 2.0), 3.2e18), (1e-155, 2.0),
           (1e-300, 1e-300), (-2.0, 3.0), (-1e200, 2.0), (-1e-200, 3.0), (0.5, 5e-324), (0.999, 7e5), (-0.0, -2.0),
           (-0.0, -3.0), (0.0, 0.25), (-0.0, 0.5), (1e-3, 102.9), (10.0, -307.9), (3.0, -650.0), (0.0, 2.5)]
        + [(rng.uniform(0.9, 1.1), s * 10 ** rng.uniform(0, 4)) for _ in range(10) for s in (1, -1)],
        "log": lambda: [(a, b) for a in ulps(1.0, 1) + [1e-320, MAX] for b in (1 + 1e-10, 1 - 1e-16, 1e-320, 1e308)],
        "log_add_exp": lambda: [(a, a + d) for a in (0.1, -700.3, 1e5 / 3) for d in (1e-16, 0.3, -37.7, 700.1, -744.9)]
        + [(1e16, 1e16 + 2), (-0.6931471805599453, -0.6931471805599453), (-0.1, -2.3)],
        "atan2": lambda: [(s * m, t * m * k) for m in (1e-320, 1e-200, 1e150, 1e155, 1.3e308)
                          for k in (1.0, 0.3) for s in (1, -1) for t in (1, -1)],
        "hypot": lambda: [(s * m, m * k) for m in (TINY, 1e-320, 1e-300, 1e155, 1.3e308) for k in (1.0, 0.3) for s in (1, -1)],
        "rem": lambda: [(1e300, 3.0), (7.0, 0.1), (-7.0, 0.1), (1e17, 7.0), (3.0, 1.0), (0.3, 0.1), (2.9999999999999996, 1.0)],
        "rem_euclid": lambda: [(-1e300, 3.0), (-7.0, 0.1), (7.0, -0.1), (-1e-20, 3.0), (-3.0, 1.0), (-0.3, -0.1)],
        "max": lambda: [(a, b) for a in ulps(1.0, 2) for b in (1.0,)] + [(0.0, -0.0), (TINY, 0.0)],
        "min": lambda: [(a, b) for a in ulps(1.0, 2) for b in (1.0,)] + [(0.0, -0.0), (TINY, 0.0)],
    }
    points += extra.get(name, lambda: [])()
    most = MODEST.get(name, INF)
    return [args for args in points if all(x != x or x == 0 or 1 / most <= abs(x) <= most for x in args)]


def binary_line(f, special, args):
    given = special(*args)
    if given is not None:
        return given
    slots = [i for i, y in enumerate(f(*map(mpf, args))) if not (isinstance(y, float) and y != y)]
    exact = exactly(lambda *a: [f(*a)[i] for i in slots], args)
    line = [NAN] * (1 + len(args))
    for i, y in zip(slots, exact):
        line[i] = y
    return line


def write_many(out, name, points, f, special):
    rng = out.begin(name)
    seen = set()
    for args in points(rng) if rng else []:
        key = " ".join(map(bits, args))
        if key in seen:
            continue
        seen.add(key)
        with mp.workdps(DIGITS):
            line = binary_line(f, special, list(args))
            if line:
                out.append(key + " | " + " ".join(map(spell, line)))


def triples(rng):
    points = [[rng.choice((1, -1)) * 10 ** rng.uniform(-s, s) for _ in range(3)] for s in (1, 100) for _ in range(40)]
    return points + [(0.1, 10.0, -1.0), (1e200, 1e200, -1e300), (0.0, 2.0, 3.0), (NAN, 1.0, 1.0)]


def lerp(a, b, t):
    return [(1 - t) * a + t * b, 1 - t, t, b - a, 0, 0, -1, 0, 1, 0]


def shares_of_ways(rng):
    points = triples(rng)[:-1]
    for _ in range(40):
        a, b = rng.uniform(-10, 10), rng.uniform(-10, 10)
        points += [(a, b, rng.uniform(0, 1)), (a, b, 0.0), (a, b, 1.0), (a, a, rng.uniform(0, 1)), (a, b, 10 * a)]
    points += [(a, b, t) for a, b in ((1.0, 3.0), (-2.0, 0.0), (TINY, MAX)) for t in ulps(0.0, 2) + ulps(1.0, 2)]
    return points + [(MAX, -MAX, 0.5), (-MAX, MAX, 0.25), (1e-320, 3e-320, 0.5)]


# Entries of three arguments: `f` gives the value, the slopes, and the second derivatives.
THREE = {"lerp": (lerp, shares_of_ways)}


def choices(rng):
    return [(m, a, b) for m in SPECIAL + [1.0, TINY, -TINY] for a, b in ((2.0, -3.0), (INF, 0.5), (0.25, NAN))]


def write_binary(out):
    for name, (f, special) in BINARY.items():
        write_many(out, name, lambda rng: binary_points(name, rng), f, special)
    write_many(out, "mul_add", triples, lambda a, b, c: (a * b + c, b, a, 1), finite_only)
    for name, (f, points) in THREE.items():
        write_many(out, name, points, lambda *x: f(*x)[:4], finite_only)
    write_many(out, "select", choices, None, lambda m, a, b: (a, 0.0, 1.0, 0.0) if m > 0 else (b, 0.0, 0.0, 1.0))


# Entries of any number of arguments. `f` gives the value, the slopes, and the second derivatives.

def triangle(n, entry):
    return [entry(i, j) for i in range(n) for j in range(i, n)]


def sum_of(*x):
    return [mp.fsum(x)] + [1] * len(x) + triangle(len(x), lambda i, j: 0)


def mean(*x):
    n = mpf(len(x))
    return [mp.fsum(x) / n] + [1 / n] * len(x) + triangle(len(x), lambda i, j: 0)


def dot(*x):
    n = len(x) // 2
    a, b = x[:n], x[n:]
    slopes = [*b, *a]
    return [mp.fsum(p * q for p, q in zip(a, b)), *slopes, *triangle(2 * n, lambda i, j: int(j == i + n))]


def norm(*x):
    length = mp.sqrt(mp.fsum(t * t for t in x))
    u = [t / length for t in x]

    def curve(i, j):
        # 1 - u² is what the others come to.
        rest = mp.fsum(u[k] ** 2 for k in range(len(u)) if k != i)
        return (rest if i == j else -u[i] * u[j]) / length
    return [length, *u, *triangle(len(x), curve)]


def shares(x):
    most = max(x)
    e = [mp.exp(t - most) for t in x]
    total = mp.fsum(e)
    rest = [mp.fsum(e[:i] + e[i + 1:]) / total for i in range(len(e))]
    return most, total, [t / total for t in e], rest


def log_sum_exp(*x):
    most, total, p, rest = shares(x)
    curve = lambda i, j: p[i] * rest[i] if i == j else -p[i] * p[j]
    # The sum less 1, which would take its digits.
    return [most + mp.log1p(rest[list(x).index(most)] * total), *p, *triangle(len(x), curve)]


def softmax(*x):
    _, _, p, rest = shares(x)
    slopes = [p[0] * rest[0]] + [-p[0] * q for q in p[1:]]

    def curve(i, j):
        if i == 0 and j == 0:
            return slopes[0] * (rest[0] - p[0])
        if i == 0:
            return p[0] * p[j] * (p[0] - rest[0])
        return p[0] * p[i] * (p[i] - rest[i] if i == j else 2 * p[j])
    return [p[0], *slopes, *triangle(len(x), curve)]


def extreme(best):
    def line(x):
        if any(t != t for t in x):
            first = next(i for i, t in enumerate(x) if t != t)
            return [NAN] + [float(i == first) for i in range(len(x))]
        most = best(x)
        share = 1 / mpf(sum(t == most for t in x))
        return [most] + [share if t == most else 0.0 for t in x]
    return line


def norm_line(x):
    if any(t != t for t in x):
        return ()
    if all(t == 0 for t in x):
        return [0.0] * (len(x) + 1)
    infinite = [t for t in x if abs(t) == INF]
    if infinite:
        return [INF] + [math.copysign(float(abs(t) == INF), t) for t in x] if len(infinite) == 1 else ()
    return None


def exponential_line(value):
    """Where the greatest is infinite its equals share."""
    def line(x):
        if any(t != t for t in x):
            return ()
        most = max(x)
        if abs(most) < INF:
            return None if min(x) > -INF else ()
        if not value:
            return ()
        share = 1 / mpf(sum(t == most for t in x))
        return [most] + [share if t == most else 0.0 for t in x]
    return line


def finite_line(x):
    return None if all(abs(t) < INF for t in x) else ()


def variance(*x):
    # With numerators that are exact, so that what is 0 comes out as 0.
    n = len(x)
    total = mp.fsum(x)
    value = (n * mp.fsum(t * t for t in x) - total * total) / mpf(n * n)
    slopes = [2 * (n * t - total) / mpf(n * n) for t in x]
    return [value, *slopes, *triangle(n, lambda i, j: 2 * ((i == j) - 1 / mpf(n)) / n)]


NARY = {
    "variance": (variance, finite_line),
    "sum_of": (sum_of, finite_line), "mean": (mean, finite_line), "dot": (dot, finite_line),
    "norm": (norm, norm_line), "max_of": (None, extreme(max)), "min_of": (None, extreme(min)),
    "log_sum_exp": (log_sum_exp, exponential_line(True)), "softmax": (softmax, exponential_line(False)),
}


def nary_points(name, rng):
    points = [[x] for x in SPECIAL + both(EXTREME) + [1.0, -2.5]]
    points += [[a, b] for a in SPECIAL + [1.0, -1.0, TINY, 1.5e308] for b in (0.0, 1.0, -INF, 5e-324)]
    for n in range(1, 21):
        width = 2 * n if name == "dot" else n
        points.append([0.1] * width)
        points.append([rng.uniform(-10, 10) for _ in range(width)])
        points.append([rng.uniform(0, 1) for _ in range(width)])
        points.append([10 ** rng.uniform(-3, 3) for _ in range(width)])
        points.append([rng.choice((1, -1)) * 10 ** rng.uniform(-160, 150) for _ in range(width)])
    if name == "norm":
        points += [[m] * n for m in (TINY, 1e-323, 3e-320, 1e-170, 1e160, 1.5e308) for n in (2, 3, 7)]
        points += [[3 * m, -4 * m] for m in (TINY, 1e-323, 1e-200, 1e-140, 1e150, 1e200, 4e307)]
        points += [[3e-139 * (1 + k / 7), 1e-140] for k in range(14)] + [[1e150, 1.0], [1e-150, 1.0, 1e-310]]
    if name in ("log_sum_exp", "softmax"):
        points += [[d, 0.0] for d in (30.0, 40.0, -40.0, 700.0, 745.0, -745.0, 800.0, 1e-9, 36.7)]
        points += [[x, x + d, x - d] for x in (0.1, -700.3, 1e5) for d in (0.0, 1e-9, 0.3, 40.0, 800.0)]
        # Near the zeros of the logarithm: shares that sum to 1, moved a little; a sum that is nearly 1; and both.
        for n in (2, 2, 3, 10, 20):
            for d in (0.0, 1e-16, 1e-15, 1e-12, -1e-9, 3e-5, -1e-4, 1e-3, -0.02, 0.1, -0.4, 0.7, -1.1):
                parts = [rng.uniform(0, 1) ** rng.choice((1, 8)) for _ in range(n)]
                points.append([math.log(part / sum(parts)) + d for part in parts])
            points.append([math.log(1 / n)] * n)
        points += [[m, -d] for m in (0.0, 1e-9, -1e-9, -1e-3, 0.2) for d in (0.3, 3.0, 7.0, 20.0, 30.0, 300.0)]
        points += [[math.log1p(-math.exp(-d)), -d] for d in (1.0, 5.0, 12.0, 20.0, 35.0, 37.5, 60.0, 78.3, 304.1, 620.0)]
        points += [[1000.0] * 5, [-1000.0, -1000.5, -2000.0], [INF, INF, 1.0], [-INF, -INF], [-INF, 2.0, 1.0]]
    if name == "variance":
        points += [[x + d * k for k in range(5)] for x in (1e9, -0.3, 1e16) for d in (1.0, 1e-6, 1e3)]
        points += [[1e6] + [rng.uniform(-1, 1) for _ in range(9)], [1.0] * 9 + [math.nextafter(1.0, 2.0)]]
        points += [[1e308, -1e308, 0.0], [MAX, -MAX], [1.5e308, -9e307, 1e300, -5.0], [TINY, 0.0, 3e-320]]
    if name in ("max_of", "min_of"):
        points += [[1.0, 1.0, 0.5], [2.0, 1.0, 2.0, 2.0], [NAN, 1.0], [1.0, NAN, NAN], [0.0, -0.0], [INF, INF]]
    return points


def write_nary(out):
    for name, (f, line) in NARY.items():
        rng = out.begin(name)
        seen = set()
        for x in nary_points(name, rng) if rng else []:
            x = [float(t) for t in x]
            key = " ".join(map(bits, x))
            if key in seen or name == "dot" and len(x) % 2:
                continue
            seen.add(key)
            with mp.workdps(DIGITS):
                given = line(x)
                if given is None:
                    given = exactly(f, x)[: len(x) + 1]
                if given:
                    out.append(key + " | " + " ".join(map(spell, given)))


def write_nary_curves(out):
    for name, (f, _) in NARY.items():
        rng = f and out.begin(name)
        if rng is None:
            continue
        for n in range(1, 5):
            width = 2 * n if name == "dot" else n
            for scale in (0.1, 1.0, 8.0, 40.0):
                for _ in range(3):
                    x = [rng.uniform(-scale, scale) for _ in range(width)]
                    with mp.workdps(DIGITS):
                        out.append(" ".join(map(bits, x)) + " | " + " ".join(map(spell, exactly(f, x)[width + 1:])))


# Second derivatives: differences of the values, in as many digits as that takes.

CURVE_RANGES = {
    "sqrt": [(0, 100)], "ln": [(0, 100)], "log2": [(0, 100)], "log10": [(0, 100)], "ln_1p": [(-1, 100)],
    "asin": [(-1, 1)], "acos": [(-1, 1)], "atanh": [(-1, 1)], "acosh": [(1, 50)],
    "ln_gamma": [(0, 30), (-10, 0)], "digamma": [(0, 30), (-10, 0)], "tan": [(-1.5, 1.5)],
    "trigamma": [(0, 30), (-10, 0)], "log1mexp": [(-20, 0)], "logit": [(0, 1)], "erf_inv": [(-1, 1)],
    "powf": [(0, 5)], "log": [(0, 5)], "ln_beta": [(0, 30)],
}


def second(f, args, order):
    with mp.workdps(40):
        return mp.diff(f, tuple(map(mpf, args)) if len(args) > 1 else mpf(args[0]), order)


def write_curves(out):
    entries = [(name, (), entry["f"]) for name, entry in UNARY.items() if name != "neg"]
    entries += [(name, p, make(*p)["f"]) for name, (make, sets) in PARAMETERS.items() for p in sets]
    for name, parameters, f in entries:
        rng = out.begin(name, parameters)
        if rng is None:
            continue
        for lo, hi in CURVE_RANGES.get(name, [(-8, 8), (-1, 1)]):
            for _ in range(24):
                x = rng.uniform(lo, hi)
                out.append(f"{bits(x)} | {spell(second(lambda t: f(t)[0], [x], 2))}")
    flat = ["max", "min", "copysign", "rem_euclid"]
    for name in ["powf", "log", "ln_beta", "log_add_exp", "xlogy", "atan2", "hypot", *flat]:
        rng = out.begin(name)
        if rng is None:
            continue
        for lo, hi in CURVE_RANGES.get(name, [(-8, 8)]):
            for _ in range(40):
                a, b = rng.uniform(lo, hi), rng.uniform(lo, hi)
                b = abs(b) if name == "xlogy" else b
                orders = [(2, 0), (1, 1), (0, 2)]
                truth = [mpf(0)] * 3 if name in flat else \
                    [second(lambda s, t: BINARY[name][0](s, t)[0], [a, b], o) for o in orders]
                out.append(f"{bits(a)} {bits(b)} | " + " ".join(map(spell, truth)))
    for name, (f, _) in THREE.items():
        rng = out.begin(name)
        for scale in (1.0, 8.0) if rng else []:
            for _ in range(20):
                x = [rng.uniform(-scale, scale) for _ in range(3)]
                with mp.workdps(DIGITS):
                    out.append(" ".join(map(bits, x)) + " | " + " ".join(map(spell, exactly(f, x)[4:])))
    write_nary_curves(out)


def main():
    here, names = Path(__file__).parent, set(sys.argv[1:])
    files = {"unary.txt": write_unary, "binary.txt": write_binary, "nary.txt": write_nary, "curves.txt": write_curves}
    for name, write in files.items():
        out = Lines(here / name, names)
        write(out)
        (here / name).write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
