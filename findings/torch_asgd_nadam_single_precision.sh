#!/usr/bin/env bash
# PyTorch 2.15.0: ASGD and NAdam keep numbers of their own in single precision, for double parameters too.
#
# The rate eta and the share mu of ASGD and the product of momenta mu_product of NAdam are tensors of the default
# type, which is float32, whatever the type of the parameters. So of a double trajectory eight digits or nine are
# right; nothing says so. Below each optimizer goes down ½ x² from 1 for fifty steps, beside its recurrence in
# plain doubles. After torch.set_default_dtype(torch.float64) both agree to rounding.
#
# Seen:
#     float32: ASGD eta float32, mu float32, x off by 4.7e-10, mean off by 2.4e-08; NAdam mu_product float32, x off by 1.2e-09
#     float64: ASGD eta float64, mu float64, x off by 3.3e-16, mean off by 0.0e+00; NAdam mu_product float64, x off by 4.4e-16
#
# Exits with 0 while PyTorch behaves so. Installs some 5 GB.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/pip" install --quiet --disable-pip-version-check --no-cache-dir torch==2.15.0 numpy
"$place/env/bin/python" - <<'PYTHON'
import torch

STEPS = 50


def walked(build):
    x = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    optimizer = build([x])
    for _ in range(STEPS):
        optimizer.zero_grad()
        (0.5 * x * x).sum().backward()
        optimizer.step()
    return x.item(), optimizer.state[x]


def asgd(lr=0.1, lambd=1e-4, alpha=0.75, t0=10.0):
    x, mean, eta, mu = 1.0, 0.0, lr, 1.0
    for step in range(1, STEPS + 1):
        x = x * (1 - lambd * eta) - eta * x
        mean = x if mu == 1 else mean + (x - mean) * mu
        eta = lr / (1 + lambd * lr * step) ** alpha
        mu = 1 / max(1.0, step - t0)
    return x, mean


def nadam(lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8, decay=4e-3):
    x, m, v, product = 1.0, 0.0, 0.0, 1.0
    for step in range(1, STEPS + 1):
        mu = beta1 * (1 - 0.5 * 0.96 ** (step * decay))
        following = beta1 * (1 - 0.5 * 0.96 ** ((step + 1) * decay))
        product *= mu
        m = beta1 * m + (1 - beta1) * x
        v = beta2 * v + (1 - beta2) * x * x
        root = (v / (1 - beta2**step)) ** 0.5 + eps
        x -= lr * (1 - mu) / (1 - product) * x / root + lr * following / (1 - product * following) * m / root
    return x


def off(seen, right):
    return abs(seen / right - 1.0)


def name(tensor):
    return str(tensor.dtype).removeprefix("torch.")


worst = {}
for default in (torch.float32, torch.float64):
    torch.set_default_dtype(default)
    x, state = walked(lambda p: torch.optim.ASGD(p, lr=0.1, t0=10.0))
    right, mean = asgd()
    y, kept = walked(lambda p: torch.optim.NAdam(p, lr=0.1))
    offs = off(x, right), off(state["ax"].item(), mean), off(y, nadam())
    names = name(state["eta"]), name(state["mu"]), name(kept["mu_product"])
    print(
        "{}: ASGD eta {}, mu {}, x off by {:.1e}, mean off by {:.1e}; NAdam mu_product {}, x off by {:.1e}".format(
            name(torch.zeros(())), *names[:2], *offs[:2], names[2], offs[2]
        )
    )
    expected = name(torch.zeros(()))
    assert names == (expected,) * 3, "the behaviour has changed"
    worst[expected] = offs
assert all(1e-10 < off < 1e-6 for off in worst["float32"]), "the behaviour has changed"
assert all(off < 1e-12 for off in worst["float64"]), "the recurrence is another"
PYTHON
