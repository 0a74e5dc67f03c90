#!/usr/bin/env bash
# optax 0.2.8: the first step of rprop moves nothing.
#
# The sign of a gradient is compared with that of the step before. Before the first step there is none, and
# where the published rule (M. Riedmiller and H. Braun, 1993) moves by the learning rate, optax.rprop keeps
# still. All sizes come one step late: whoever takes a single step from a fresh state has taken none. A gradient
# that does not change shows it, and the square of x from 1, with the rate 0.1.
#
# Seen:
#     moves for a gradient of 3: [0.0, 0.1, 0.12, 0.144]
#     x of x² from 1: [1.0, 0.9, 0.78, 0.636]
#
# Exits with 0 while optax behaves so.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet --disable-pip-version-check optax==0.2.8 jax==0.10.2
"$place/bin/python" - <<'PYTHON'
import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import optax


def walk(gradient):
    rule, x = optax.rprop(0.1), jnp.array([1.0])
    state, points = rule.init(x), [1.0]
    for _ in range(4):
        move, state = rule.update(gradient(x), state, x)
        x = optax.apply_updates(x, move)
        points.append(float(x[0]))
    return points


constant, square = walk(lambda x: 3.0 * jnp.ones_like(x)), walk(lambda x: 2.0 * x)
moves = [round(a - b, 12) + 0.0 for a, b in zip(constant, constant[1:])]
points = [round(x, 12) for x in square[1:]]
print("moves for a gradient of 3:", moves)
print("x of x² from 1:", points)
assert moves == [0.0, 0.1, 0.12, 0.144], "the behaviour has changed"
assert points == [1.0, 0.9, 0.78, 0.636], "the behaviour has changed"
PYTHON
