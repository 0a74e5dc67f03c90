"""What other engines answer of random compositions: writes `compositions.tsv` anew.

    python tests/kink/conventions/compositions.py tests/kink/conventions/compositions.tsv

Runs in the environments that `answers.py` names, and like it fills the columns of the releases that it
finds there, of which it takes how to spell and to sweep. A composition is a list of words for a stack,
at a point of small whole numbers and halves, so that most meet kinks. Values, and all slopes but those of
`hypot` and `norm` off the origin, are exact. Those two are terms of the whole, behind no slope of 0, since a
slope of 0 passes nothing on in the rules and multiplies NaN in the engines.
"""

import random
import sys

import answers

COUNT, SEED = 400, 20260511
# How each word is spelled: in PyTorch, in JAX, and in CasADi.
WORDS = {
    "neg": (1, ["-({0})"] * 3),
    "add": (2, ["(({0})+({1}))"] * 3),
    "sub": (2, ["(({0})-({1}))"] * 3),
    "twice": (1, ["(({0})*2)"] * 3),
    "half": (1, ["(({0})*0.5)"] * 3),
    "abs": (1, ["torch.abs({0})", "jnp.abs({0})", "ca.fabs({0})"]),
    "relu": (1, ["F.relu({0})", "nn.relu({0})", "ca.fmax({0},0)"]),
    "leaky": (1, ["F.leaky_relu({0},0.25)", "nn.leaky_relu({0},0.25)", "ca.fmax({0},0.25*({0}))"]),
    "clamp": (1, ["torch.clamp({0},-1.0,1.0)", "jnp.clip({0},-1.0,1.0)", "ca.fmin(ca.fmax({0},-1),1)"]),
    "pinch": (1, ["torch.clamp({0},1.0,1.0)", "jnp.clip({0},1.0,1.0)", "ca.fmin(ca.fmax({0},1),1)"]),
    "atleast1": (1, ["torch.maximum({0},T(1.0))", "jnp.maximum({0},1.0)", "ca.fmax({0},1)"]),
    "atmost1": (1, ["torch.minimum({0},T(1.0))", "jnp.minimum({0},1.0)", "ca.fmin({0},1)"]),
    "max": (2, ["torch.maximum({0},{1})", "jnp.maximum({0},{1})", "ca.fmax({0},{1})"]),
    "min": (2, ["torch.minimum({0},{1})", "jnp.minimum({0},{1})", "ca.fmin({0},{1})"]),
    "above": (2, ["torch.where({0}>{1},{0},{1})", "jnp.where({0}>{1},{0},{1})", "ca.if_else({0}>{1},{0},{1})"]),
    "max3": (3, ["torch.amax(torch.stack([{0},{1},{2}]))", "jnp.max(jnp.stack([{0},{1},{2}]))", "ca.mmax(ca.vertcat({0},{1},{2}))"]),
    "min3": (3, ["torch.amin(torch.stack([{0},{1},{2}]))", "jnp.min(jnp.stack([{0},{1},{2}]))", "ca.mmin(ca.vertcat({0},{1},{2}))"]),
    "max1": (2, ["torch.amax(torch.stack([{0},T(1.0),{1}]))", "jnp.max(jnp.stack([{0},1.0,{1}]))", "ca.mmax(ca.vertcat({0},1,{1}))"]),
}
TIPS = {
    "hypot": (2, ["torch.hypot({0},{1})", "jnp.hypot({0},{1})", "ca.hypot({0},{1})"]),
    "norm": (2, ["torch.linalg.norm(torch.stack([{0},{1}]))", "jnp.linalg.norm(jnp.stack([{0},{1}]))", "ca.norm_2(ca.vertcat({0},{1}))"]),
}  # fmt: skip
POINTS = ["0", "1", "-1", "2", "0.5", "-0.5"]


def expression(rng, size):
    """Words that leave one number."""
    if size <= 0:
        return [rng.choice("abc")]
    word = rng.choice(list(WORDS))
    arity = WORDS[word][0]
    parts = [rng.randrange(size) for _ in range(arity)]
    return [w for part in parts for w in expression(rng, part)] + [word]


def composition(rng):
    words = expression(rng, rng.randrange(2, 9))
    if rng.random() < 0.2:
        words += [*rng.sample("abc", 2), rng.choice(list(TIPS)), "add"]
    return words


def spelled(words, column):
    stack = []
    for word in words:
        if word in "abc":
            stack.append(word)
            continue
        arity, spellings = (WORDS | TIPS)[word]
        arguments = stack[len(stack) - arity :]
        del stack[len(stack) - arity :]
        stack.append(spellings[column].format(*arguments))
    (whole,) = stack
    return whole


def main(path):
    rng = random.Random(SEED)
    keys, seen = [], set()
    while len(keys) < COUNT:
        words = composition(rng)
        key = (" ".join(words), ", ".join(rng.choice(POINTS) for _ in "abc"))
        # All must vary: a sweep of an engine asks for each.
        if set("abc") <= set(words) and len(words) < 40 and key not in seen:
            seen.add(key)
            keys.append(key)
    with open(path) as file:
        header, *lines = [line.split("\t") for line in file.read().splitlines()]
    columns = {name: [line[i] for line in lines] for i, name in enumerate(header)}
    for engine, release, slope in answers.engines():
        column = [answers.PYTORCH, answers.JAX, answers.CASADI].index(engine)
        columns[f"{engine} {release}"] = [
            answers.show(slope(spelled(words.split(), column), [float(x) for x in at.split(", ")]))
            for words, at in keys
        ]
    names = sorted(name for name in columns if " " in name)
    table = zip(*zip(*keys), *(columns[name] for name in names))
    with open(path, "w") as file:
        file.write("\n".join("\t".join(row) for row in [("words", "at", *names), *table]) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
