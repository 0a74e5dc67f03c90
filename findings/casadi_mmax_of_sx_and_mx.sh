#!/usr/bin/env bash
# CasADi 3.8.2: the gradient of mmax at a tie depends on the kind of symbol, and for SX on the order.
#
# mmax of (2, 2, 2) has slopes (1/4, 1/4, 1/2) with SX, where it is a chain of fmax from the left, and
# (1/3, 1/3, 1/3) with MX, where it is one operation. norm_2 of one number at 0 has slope 0 with SX,
# where the root of a square becomes fabs, and NaN with MX. So expanding a function from MX to SX, as
# is done for speed, changes its gradient.
#
# Seen:
#     SX mmax at (2, 2, 2) [0.25, 0.25, 0.5]
#     SX norm_2 at 0 [0.0]
#     MX mmax at (2, 2, 2) [0.3333, 0.3333, 0.3333]
#     MX norm_2 at 0 [nan]
#     expanded mmax at (2, 2, 2) [0.25, 0.25, 0.5]
#
# Exits with 0 while CasADi behaves so.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet --disable-pip-version-check casadi==3.8.2
"$place/bin/python" - <<'PYTHON'
import math

import casadi as ca


def numbers(dm):
    return [round(float(x), 4) for x in ca.DM(dm).full().ravel()]


def slope(kind, f, at):
    x = kind.sym("x", len(at))
    return numbers(ca.Function("slope", [x], [ca.gradient(f(x), x)])(at))


seen = {}
for kind in (ca.SX, ca.MX):
    seen[kind] = slope(kind, ca.mmax, [2, 2, 2]), slope(kind, ca.norm_2, [0])
    print(kind.__name__, "mmax at (2, 2, 2)", seen[kind][0])
    print(kind.__name__, "norm_2 at 0", seen[kind][1])

x = ca.MX.sym("x", 3)
expanded = ca.Function("most", [x], [ca.mmax(x)]).expand()
y = ca.SX.sym("y", 3)
moved = numbers(ca.Function("slope", [y], [ca.gradient(expanded(y), y)])([2, 2, 2]))
print("expanded mmax at (2, 2, 2)", moved)

changed = "the behaviour has changed"
assert seen[ca.SX] == ([0.25, 0.25, 0.5], [0.0]), changed
assert seen[ca.MX][0] == [0.3333] * 3 and math.isnan(seen[ca.MX][1][0]), changed
assert moved == [0.25, 0.25, 0.5], changed
PYTHON
