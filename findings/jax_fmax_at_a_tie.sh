#!/usr/bin/env bash
# JAX 0.10.2: at a tie jnp.maximum shares its slope and jnp.fmax gives all of it to the second operand.
#
# The two differ by how they treat NaN, not by what they are of numbers. Of a rectifier spelled
# jnp.fmax(x, 0.0) the slope at 0 is 0, spelled jnp.fmax(0.0, x) it is 1, and spelled with jnp.maximum ½ in
# either order. And jnp.fmax(x, -x), which is |x|, has slope -1 at 0, where jnp.abs has 1.
#
# Seen:
#     maximum(a, b) at (2, 2) (0.5, 0.5)
#     fmax(a, b) at (2, 2) (0.0, 1.0)
#     fmax(x, 0) and fmax(0, x) at 0: 0.0 1.0
#     fmax(x, -x) and abs(x) at 0: -1.0 1.0
#
# Exits with 0 while JAX behaves so.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet --disable-pip-version-check jax==0.10.2
"$place/bin/python" - <<'PYTHON'
import jax
import jax.numpy as jnp


def slopes(f, *at):
    found = tuple(float(x) for x in jax.grad(f, argnums=tuple(range(len(at))))(*at))
    return found if len(at) > 1 else found[0]


shared, given = slopes(jnp.maximum, 2.0, 2.0), slopes(jnp.fmax, 2.0, 2.0)
rectifiers = slopes(lambda x: jnp.fmax(x, 0.0), 0.0), slopes(lambda x: jnp.fmax(0.0, x), 0.0)
sizes = slopes(lambda x: jnp.fmax(x, -x), 0.0), slopes(jnp.abs, 0.0)
print("maximum(a, b) at (2, 2)", shared)
print("fmax(a, b) at (2, 2)", given)
print("fmax(x, 0) and fmax(0, x) at 0:", *rectifiers)
print("fmax(x, -x) and abs(x) at 0:", *sizes)
seen = shared, given, rectifiers, sizes
assert seen == ((0.5, 0.5), (0.0, 1.0), (0.0, 1.0), (-1.0, 1.0)), "the behaviour has changed"
PYTHON
