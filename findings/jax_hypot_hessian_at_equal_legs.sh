#!/usr/bin/env bash
# JAX 0.10.2: the Hessian of jnp.hypot vanishes where both legs have the same length.
#
# At (3, 4) it is right. At (3, 3) it is [[1/(6√2), -1/(6√2)], [-1/(6√2), 1/(6√2)]], and JAX answers
# zeros up to rounding: the gradient is written by the greater and the lesser of two magnitudes, which
# share at the tie, and the second derivative goes through that tie. jnp.sqrt(a * a + b * b) is right.
# Whoever minimises a distance by Newton's method meets it on a diagonal. Of JAX 0.12.0.1 the
# Hessian was found right.
#
# Seen:
#     hypot at (3, 4) [[0.128, -0.096], [-0.096, 0.072]]
#     hypot at (3, 3) [[0.0, 0.0], [0.0, 0.0]]
#     root  at (3, 3) [[0.11785, -0.11785], [-0.11785, 0.11785]]
#
# Exits with 0 while JAX behaves so.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet --disable-pip-version-check jax==0.10.2
"$place/bin/python" - <<'PYTHON'
import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp


def hessian(f, a, b):
    rows = jax.hessian(lambda v: f(v[0], v[1]))(jnp.array([a, b]))
    return [[round(float(x), 5) + 0.0 for x in row] for row in rows]


root = hessian(lambda a, b: jnp.sqrt(a * a + b * b), 3.0, 3.0)
print("hypot at (3, 4)", hessian(jnp.hypot, 3.0, 4.0))
print("hypot at (3, 3)", hessian(jnp.hypot, 3.0, 3.0))
print("root  at (3, 3)", root)
assert root == [[0.11785, -0.11785], [-0.11785, 0.11785]]
assert hessian(jnp.hypot, 3.0, 4.0) == [[0.128, -0.096], [-0.096, 0.072]]
assert hessian(jnp.hypot, 3.0, 3.0) == [[0.0, 0.0], [0.0, 0.0]], "the behaviour has changed"
PYTHON
