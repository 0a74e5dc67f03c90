#!/usr/bin/env bash
# PyTorch 2.13.0 and 2.15.0: the slope of clamp at its ends went from 1 to 0, or ½ by how bounds are given.
#
# x.clamp(0, 2) at 0 and at 2 has slope 1 in 2.13.0 and 0 in 2.15.0; with bounds that are tensors 1 and
# ½. Losses made of it follow: hinge_embedding_loss at its margin has slope -1, then 0, so that
# a parameter held by clamp at a bound, or a point on the margin, moved by the old release and does not by the
# new one. clamp(0, 1) + clamp(1, 2), which is x around 1, has slope 2, then 0; right is 1.
#
# Seen:
#     2.13.0: numbers 1.0 1.0, tensors 1.0 1.0, hinge embedding -1.0, sum of two 2.0
#     2.15.0: numbers 0.0 0.0, tensors 0.5 0.5, hinge embedding 0.0, sum of two 0.0
#
# Exits with 0 while PyTorch behaves so. Installs both releases in turn, some 5 GB each.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
for release in 2.13.0 2.15.0; do
    python3 -m venv --clear "$place/env"
    "$place/env/bin/pip" install --quiet --disable-pip-version-check --no-cache-dir "torch==$release" numpy
    "$place/env/bin/python" - "$release" <<'PYTHON'
import sys

import torch
import torch.nn.functional as F


def slope(f, at):
    x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(f(x), x)[0].item()


bounds = torch.tensor(0.0, dtype=torch.float64), torch.tensor(2.0, dtype=torch.float64)
numbers = [slope(lambda x: x.clamp(0.0, 2.0), at) for at in (0.0, 2.0)]
tensors = [slope(lambda x: x.clamp(*bounds), at) for at in (0.0, 2.0)]
minus = torch.tensor(-1.0, dtype=torch.float64)
margin = slope(lambda x: F.hinge_embedding_loss(x, minus, margin=1.0), 1.0)
both = slope(lambda x: x.clamp(0.0, 1.0) + x.clamp(1.0, 2.0), 1.0)
print(f"{sys.argv[1]}:", "numbers", *numbers, end=", ")
print("tensors", *tensors, end=f", hinge embedding {margin}, sum of two {both}\n")
expected = {
    "2.13.0": ([1.0, 1.0], [1.0, 1.0], -1.0, 2.0),
    "2.15.0": ([0.0, 0.0], [0.5, 0.5], 0.0, 0.0),
}
assert (numbers, tensors, margin, both) == expected[sys.argv[1]], "the behaviour has changed"
PYTHON
done
