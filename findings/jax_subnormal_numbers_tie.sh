#!/usr/bin/env bash
# JAX 0.10.2 on a CPU: the greater of two different positive numbers is 0, with half a slope to each.
#
# jnp.maximum(2e-308, 1e-308) is 0.0 in double precision: numbers below 2.2e-308 are flushed to zero
# on the way in, which makes them tie. jnp.abs keeps the same number. So a comparison made by jnp.maximum
# and one made by Python disagree, and the gradient (1, 0) becomes (½, ½).
#
# Seen:
#     maximum(2e-308, 1e-308) = 0.0, slopes 0.5 0.5
#     abs(2e-308) = 2e-308
#
# Exits with 0 while JAX behaves so.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place"
"$place/bin/pip" install --quiet --disable-pip-version-check jax==0.10.2
JAX_PLATFORMS=cpu "$place/bin/python" - <<'PYTHON'
import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp

a, b = 2e-308, 1e-308
value, slopes = jax.value_and_grad(jnp.maximum, argnums=(0, 1))(a, b)
print(f"maximum({a}, {b}) = {float(value)}, slopes {float(slopes[0])} {float(slopes[1])}")
print(f"abs({a}) = {float(jnp.abs(a))}")
assert a > b > 0.0
assert float(jnp.abs(a)) == a
seen = float(value), float(slopes[0]), float(slopes[1])
assert seen == (0.0, 0.5, 0.5), "the behaviour has changed"
PYTHON
