"""What other engines answer at kinks and edges: writes `answers.tsv` anew.

    python -m venv env && env/bin/pip install torch==2.15.0 jax==0.12.0.1 optax==0.2.8 casadi==3.8.2
    env/bin/python tests/kink/conventions/answers.py tests/kink/conventions/answers.tsv

Runs, in double precision, what of the three can be imported, and puts its rows in place of those of the
same engine and release; rows of other releases stay. So several environments make one table: PyTorch
2.13.0 and 2.15.0, JAX 0.10.2 and 0.12.0.1, CasADi 3.8.2. With `--check` nothing is written, and
any difference is an error.

A row is the engine, its release, the expression of the pages `kinks` or `conventions`, where it is taken,
how the engine spells it, and the slope by each variable by one reverse sweep.
"""

import math
import sys

PYTORCH, JAX, CASADI = "PyTorch", "JAX", "CasADi"


# fmt: off
# The expression here, where, and how PyTorch, JAX and CasADi spell it; None where one has no counterpart.
# Of several spellings of one expression the rules follow the first.
ROWS = [
    # The rules.
    ("x.abs()", "0", "x.abs()", "jnp.abs(x)", "ca.fabs(x)"),
    ("-x.abs()", "0", "-x.abs()", "-jnp.abs(x)", "-ca.fabs(x)"),
    ("x.relu()", "0", "F.relu(x)", "nn.relu(x)", "ca.fmax(x,0)"),
    ("(-x).relu()", "0", "F.relu(-x)", "nn.relu(-x)", "ca.fmax(-x,0)"),
    ("x.leaky_relu(0.25)", "0", "F.leaky_relu(x,0.25)", "nn.leaky_relu(x,0.25)", "ca.fmax(x,0.25*x)"),
    ("x.leaky_relu(-1.0)", "0", "F.leaky_relu(x,-1.0)", "nn.leaky_relu(x,-1.0)", "ca.fmax(x,-x)"),
    ("x.clamp(0.0, 2.0)", "0", "torch.clamp(x,0.0,2.0)", "jnp.clip(x,0.0,2.0)", "ca.fmin(ca.fmax(x,0),2)"),
    ("x.clamp(0.0, 2.0)", "2", "torch.clamp(x,0.0,2.0)", "jnp.clip(x,0.0,2.0)", "ca.fmin(ca.fmax(x,0),2)"),
    ("x.clamp(2.0, 2.0)", "2", "torch.clamp(x,2.0,2.0)", "jnp.clip(x,2.0,2.0)", "ca.fmin(ca.fmax(x,2),2)"),
    ("x.max(0.0).min(2.0)", "0", "torch.minimum(torch.maximum(x,T(0.0)),T(2.0))", "jnp.clip(x,jnp.asarray(0.0),jnp.asarray(2.0))", "ca.fmin(ca.fmax(x,0),2)"),
    ("x.max(0.0).min(2.0)", "0", "torch.clamp(x,T(0.0),T(2.0))", None, None),
    ("x.max(0.0).min(2.0)", "2", "torch.minimum(torch.maximum(x,T(0.0)),T(2.0))", "jnp.clip(x,jnp.asarray(0.0),jnp.asarray(2.0))", "ca.fmin(ca.fmax(x,0),2)"),
    ("x.max(0.0).min(2.0)", "2", "torch.clamp(x,T(0.0),T(2.0))", None, None),
    ("x.max(2.0)", "2", "torch.maximum(x,T(2.0))", "jnp.maximum(x,2.0)", "ca.fmax(x,2)"),
    ("x.min(2.0)", "2", "torch.minimum(x,T(2.0))", "jnp.minimum(x,2.0)", "ca.fmin(x,2)"),
    ("a.max(b)", "(2, 2)", "torch.maximum(a,b)", "jnp.maximum(a,b)", "ca.fmax(a,b)"),
    ("a.max(b)", "(2, 2)", "torch.fmax(a,b)", None, None),
    ("a.min(b)", "(2, 2)", "torch.minimum(a,b)", "jnp.minimum(a,b)", "ca.fmin(a,b)"),
    ("T::max_of(&[a, b, c])", "(2, 2, 2)", "v.amax()", "jnp.max(v)", "ca.mmax(ca.vertcat(a,b,c))"),
    ("T::min_of(&[a, b, c])", "(2, 2, 2)", "v.amin()", "jnp.min(v)", "ca.mmin(ca.vertcat(a,b,c))"),
    ("T::max_of(&[a, b, T::from(2.0)])", "(2, 2)", "torch.amax(torch.stack([a,b,T(2.0)]))", "jnp.max(jnp.stack([a,b,2.0]))", "ca.mmax(ca.vertcat(a,b,2))"),
    ("T::max_of(&[a, b, T::from(2.0), T::from(1.0), T::from(2.0)])", "(2, 2)", "torch.amax(torch.stack([a,b,T(2.0),T(1.0),T(2.0)]))", "jnp.max(jnp.array([a,b,2.0,1.0,2.0]))", "ca.mmax(ca.vertcat(a,b,2,1,2))"),
    ("T::max_of(&[T::from(2.0), x, T::from(2.0)])", "2", "torch.amax(torch.stack([T(2.0),x,T(2.0)]))", "jnp.max(jnp.array([2.0,x,2.0]))", "ca.mmax(ca.vertcat(2,x,2))"),
    ("T::max_of(&[T::from(2.0), T::from(2.0), x])", "2", "torch.amax(torch.stack([T(2.0),T(2.0),x]))", "jnp.max(jnp.array([2.0,2.0,x]))", "ca.mmax(ca.vertcat(2,2,x))"),
    ("a.hypot(b)", "(0, 0)", "torch.hypot(a,b)", "jnp.hypot(a,b)", "ca.hypot(a,b)"),
    ("x.hypot(0.0)", "0", "torch.hypot(x,T(0.0))", "jnp.hypot(x,0.0)", "ca.hypot(x,0)"),
    ("T::norm(&[a, b])", "(0, 0)", "torch.linalg.norm(v)", "jnp.linalg.norm(v)", "ca.norm_2(ca.vertcat(a,b))"),
    ("T::norm(&[x])", "0", "torch.linalg.vector_norm(torch.stack([x]))", "jnp.linalg.norm(jnp.stack([x]))", "ca.norm_2(x)"),
    ("a.atan2(b)", "(0, 0)", "torch.atan2(a,b)", "jnp.arctan2(a,b)", "ca.atan2(a,b)"),
    ("T::select(x.above(2.0), x * 3.0 - 4.0, x)", "2", "torch.where(x>2,x*3-4,x)", "jnp.where(x>2,x*3-4,x)", "ca.if_else(x>2,x*3-4,x)"),
    ("T::select(a.below(b), a, b)", "(2, 2)", "torch.where(a<b,a,b)", "jnp.where(a<b,a,b)", "ca.if_else(a<b,a,b)"),
    ('T::custom_pieces("elu", x, 0.0, |x| (x.exp_m1() * 2.0, x.exp() * 2.0), |x| (x, 1.0))', "0", "F.elu(x,2.0)", "nn.elu(x,2.0)", "ca.if_else(x>0,x,2*ca.expm1(x))"),
    ("x.elu(2.0)", "0", "F.elu(x,2.0)", "nn.elu(x,2.0)", "ca.if_else(x>0,x,2*ca.expm1(x))"),
    ("x.selu()", "0", "F.selu(x)", "nn.selu(x)", None),
    ("x.hard_tanh()", "-1", "F.hardtanh(x)", "nn.hard_tanh(x)", None),
    ("x.hard_tanh()", "1", "F.hardtanh(x)", "nn.hard_tanh(x)", None),
    ("x.relu6()", "0", "F.relu6(x)", "nn.relu6(x)", None),
    ("x.relu6()", "6", "F.relu6(x)", "nn.relu6(x)", None),
    ("x.hard_sigmoid()", "-3", "F.hardsigmoid(x)", "nn.hard_sigmoid(x)", None),
    ("x.hard_sigmoid()", "3", "F.hardsigmoid(x)", "nn.hard_sigmoid(x)", None),
    ("x.hard_swish()", "-3", "F.hardswish(x)", "nn.hard_swish(x)", None),
    ("x.hard_swish()", "3", "F.hardswish(x)", "nn.hard_swish(x)", None),
    # Equal functions.
    ("x.max(-x)", "0", "torch.maximum(x,-x)", "jnp.maximum(x,-x)", "ca.fmax(x,-x)"),
    ("(-x).max(x)", "0", "torch.maximum(-x,x)", "jnp.maximum(-x,x)", "ca.fmax(-x,x)"),
    ("-x.min(-x)", "0", "-torch.minimum(x,-x)", "-jnp.minimum(x,-x)", "-ca.fmin(x,-x)"),
    ("x.relu() + (-x).relu()", "0", "F.relu(x)+F.relu(-x)", "nn.relu(x)+nn.relu(-x)", "ca.fmax(x,0)+ca.fmax(-x,0)"),
    ("T::select(x.above(0.0), x, -x)", "0", "torch.where(x>0,x,-x)", "jnp.where(x>0,x,-x)", "ca.if_else(x>0,x,-x)"),
    ("T::select(x.below(0.0), -x, x)", "0", "torch.where(x<0,-x,x)", "jnp.where(x<0,-x,x)", "ca.if_else(x<0,-x,x)"),
    ("T::max_of(&[x, -x])", "0", "torch.amax(torch.stack([x,-x]))", "jnp.max(jnp.stack([x,-x]))", "ca.mmax(ca.vertcat(x,-x))"),
    ('T::custom_pieces("abs", x, 0.0, |x| (-x, -1.0), |x| (x, 1.0))', "0", "torch.where(x>0,x,-x)", "jnp.where(x>0,x,-x)", "ca.if_else(x>0,x,-x)"),
    ("absolute().at(x, 0.0)", "0", "F.l1_loss(x,T(0.0))", "jnp.abs(x)", "ca.fabs(x)"),
    ("quantile(0.5).at(x, 0.0) * 2.0", "0", "F.leaky_relu(x,-1.0)", "nn.leaky_relu(x,-1.0)", "ca.fmax(x,-x)"),
    ("insensitive(0.0).at(x, 0.0)", "0", "F.relu(x)+F.relu(-x)", "nn.relu(x)+nn.relu(-x)", "ca.fmax(x,0)+ca.fmax(-x,0)"),
    ("x.powi(2).sqrt()", "0", "x.pow(2).sqrt()", "jnp.sqrt(x**2)", "ca.sqrt(x**2)"),
    ("(x * x).powf(0.5)", "0", "(x*x).pow(0.5)", "(x*x)**0.5", "(x*x)**0.5"),
    ("huber(0.5).at(x, 0.0) * 2.0", "0", "F.huber_loss(x,T(0.0),delta=0.5)*2", "optax.huber_loss(x,0.0,delta=0.5)*2", None),
    ("huber(0.0009765625).at(x, 0.0) * 1024.0", "0", "F.huber_loss(x,T(0.0),delta=0.0009765625)*1024", "optax.huber_loss(x,0.0,delta=0.0009765625)*1024", None),
    # Compositions.
    ("x.relu() - (-x).relu()", "0", "F.relu(x)-F.relu(-x)", "nn.relu(x)-nn.relu(-x)", "ca.fmax(x,0)-ca.fmax(-x,0)"),
    ("x.relu() * 2.0 - x.abs()", "0", "F.relu(x)*2-x.abs()", "nn.relu(x)*2-jnp.abs(x)", "ca.fmax(x,0)*2-ca.fabs(x)"),
    ("x.abs() - (-x).abs()", "0", "x.abs()-(-x).abs()", "jnp.abs(x)-jnp.abs(-x)", "ca.fabs(x)-ca.fabs(-x)"),
    ("x.abs() - x.max(0.0) * 2.0", "0", "x.abs()-torch.maximum(x,T(0.0))*2", "jnp.abs(x)-jnp.maximum(x,0.0)*2", "ca.fabs(x)-ca.fmax(x,0)*2"),
    ("x.clamp(0.0, 1.0) + x.clamp(1.0, 2.0)", "1", "torch.clamp(x,0.0,1.0)+torch.clamp(x,1.0,2.0)", "jnp.clip(x,0.0,1.0)+jnp.clip(x,1.0,2.0)", "ca.fmin(ca.fmax(x,0),1)+ca.fmin(ca.fmax(x,1),2)"),
    ("a.max(b) + a.min(b)", "(2, 2)", "torch.maximum(a,b)+torch.minimum(a,b)", "jnp.maximum(a,b)+jnp.minimum(a,b)", "ca.fmax(a,b)+ca.fmin(a,b)"),
    ("a.max(a.min(b))", "(2, 2)", "torch.maximum(a,torch.minimum(a,b))", "jnp.maximum(a,jnp.minimum(a,b))", "ca.fmax(a,ca.fmin(a,b))"),
    ("x.max(0.0) - x * 0.5 + (-x.abs()).exp().ln_1p()", "0", "torch.maximum(x,T(0.0))-x*0.5+torch.log1p(torch.exp(-x.abs()))", "jnp.maximum(x,0.0)-x*0.5+jnp.log1p(jnp.exp(-jnp.abs(x)))", "ca.fmax(x,0)-x*0.5+ca.log1p(ca.exp(-ca.fabs(x)))"),
    ("x.min(0.0) - (-x.abs()).exp().ln_1p()", "0", "torch.minimum(x,T(0.0))-torch.log1p(torch.exp(-x.abs()))", "jnp.minimum(x,0.0)-jnp.log1p(jnp.exp(-jnp.abs(x)))", "ca.fmin(x,0)-ca.log1p(ca.exp(-ca.fabs(x)))"),
    ("x.abs() * x.abs()", "0", "x.abs()*x.abs()", "jnp.abs(x)*jnp.abs(x)", "ca.fabs(x)*ca.fabs(x)"),
    ("(a - b).abs()", "(2, 2)", "(a-b).abs()", "jnp.abs(a-b)", "ca.fabs(a-b)"),
    # Where the engines multiply 0 by NaN.
    ("T::norm(&[a, b]).powi(2)", "(0, 0)", "torch.linalg.vector_norm(v,2)**2", "jnp.linalg.norm(v)**2", "ca.norm_2(ca.vertcat(a,b))**2"),
    ("a.hypot(b).powi(2)", "(0, 0)", "torch.hypot(a,b)**2", "jnp.hypot(a,b)**2", "ca.hypot(a,b)**2"),
    ("(T::norm(&[a, b]) - 1.0).relu()", "(0, 0)", "F.relu(torch.linalg.norm(v)-1)", "nn.relu(jnp.linalg.norm(v)-1)", "ca.fmax(ca.norm_2(ca.vertcat(a,b))-1,0)"),
    ("(a.hypot(b) - 1.0).relu()", "(0, 0)", "F.relu(torch.hypot(a,b)-1)", "nn.relu(jnp.hypot(a,b)-1)", "ca.fmax(ca.hypot(a,b)-1,0)"),
    # Losses at their joints.
    ("absolute().at(a, b)", "(2, 2)", "F.l1_loss(a,b)", "jnp.abs(a-b)", "ca.fabs(a-b)"),
    ("huber(1.0).at(x, 0.0)", "1", "F.huber_loss(x,T(0.0),delta=1.0)", "optax.huber_loss(x,0.0,delta=1.0)", None),
    ("huber(1.0).at(x, 0.0)", "-1", "F.huber_loss(x,T(0.0),delta=1.0)", "optax.huber_loss(x,0.0,delta=1.0)", None),
    ("huber(1.0).at(x, 0.0)", "0", "F.huber_loss(x,T(0.0),delta=1.0)", "optax.huber_loss(x,0.0,delta=1.0)", None),
    ("huber(1.0).at(x, 0.0)", "1", "F.smooth_l1_loss(x,T(0.0),beta=1.0)", None, None),
    ("huber(1.0).at(x, 0.0)", "-1", "F.smooth_l1_loss(x,T(0.0),beta=1.0)", None, None),
    ("absolute().at(x, 0.0)", "0", "F.smooth_l1_loss(x,T(0.0),beta=0.0)", None, None),
    ("hinge().at(x, 1.0)", "1", "F.hinge_embedding_loss(x,T(-1.0),margin=1.0)", "optax.hinge_loss(x,1.0)", "ca.fmax(1-x,0)"),
    ("hinge().at(x, -1.0)", "-1", "torch.clamp(1+x,min=0)", "optax.hinge_loss(x,-1.0)", "ca.fmax(1+x,0)"),
    ("hinge().at(x, 1.0)", "1", "F.multi_margin_loss(torch.stack([x,T(0.0)]).reshape(1,2),torch.tensor([0]))*2", None, None),
    ("hinge().at(x, 1.0)", "1", "(1-x).clamp(min=0)", None, None),
    ("hinge().at(x, 1.0)", "1", "F.relu(1-x)", "nn.relu(1-x)", None),
    ("quantile(0.3).at(x, 0.0)", "0", "torch.maximum(0.7*x,-0.3*x)", "jnp.maximum(0.7*x,-0.3*x)", "ca.fmax(0.7*x,-0.3*x)"),
    ("insensitive(1.0).at(x, 0.0)", "1", "F.relu(x.abs()-1)", "nn.relu(jnp.abs(x)-1)", "ca.fmax(ca.fabs(x)-1,0)"),
    ("insensitive(1.0).at(x, 0.0)", "-1", "F.relu(x.abs()-1)", "nn.relu(jnp.abs(x)-1)", "ca.fmax(ca.fabs(x)-1,0)"),
    # Reported elsewhere.
    ("a.max(b)", "(tiny, 0)", "torch.maximum(a,b)", "jnp.maximum(a,b)", "ca.fmax(a,b)"),
    ("T::select(x.above(0.0), x.sqrt(), T::from(0.0))", "0", "torch.where(x>0,torch.sqrt(x),0.0)", "jnp.where(x>0,jnp.sqrt(x),0.0)", "ca.if_else(x>0,ca.sqrt(x),0)"),
    ("T::hypot(x - 1.0, 0.0)", "1", "((x-1)**2).sqrt()", "jnp.sqrt((x-1)**2)", "ca.sqrt((x-1)**2)"),
    ("x.max(0.0)", "0", "torch.maximum(x,T(0.0))", "jnp.maximum(x,0.0)", "ca.fmax(x,0)"),
    ("x.clamp(0.0, 1e30)", "0", "torch.clamp(x,0.0,1e30)", "jnp.clip(x,0.0,1e30)", "ca.fmin(ca.fmax(x,0),1e30)"),
    ("x.log_sigmoid()", "0", "F.logsigmoid(x)", "nn.log_sigmoid(x)", None),
    ("x.log_sigmoid()", "0", "torch.minimum(x,T(0.0))-torch.log1p(torch.exp(-x.abs()))", "jnp.minimum(x,0.0)-jnp.log1p(jnp.exp(-jnp.abs(x)))", "ca.fmin(x,0)-ca.log1p(ca.exp(-ca.fabs(x)))"),
    ("a.powf(b)", "(0, 0.5)", "torch.pow(a,b)", "a**b", "a**b"),
    ("x.ln().abs()", "-0.5", "torch.log(x).abs()", "jnp.abs(jnp.log(x))", "ca.fabs(ca.log(x))"),
    ("x.tanh()", "19", "torch.tanh(x)", "jnp.tanh(x)", "ca.tanh(x)"),
    ("x.exp_m1()", "-40", "torch.expm1(x)", "jnp.expm1(x)", "ca.expm1(x)"),
]
# fmt: on


def number(text):
    sign, text = (-1.0, text[1:]) if text.startswith("-") else (1.0, text)
    return sign * (5e-324 if text == "tiny" else float(text))


def show(slopes):
    cells = []
    for x in map(float, slopes):
        text = "NaN" if math.isnan(x) else repr(x + 0.0).removesuffix(".0")
        cells.append({"inf": "∞", "-inf": "-∞"}.get(text, text))
    return cells[0] if len(cells) == 1 else f"({', '.join(cells)})"


def torch_engine():
    import torch
    import torch.nn.functional as F

    def tensor(x):
        return torch.tensor(x, dtype=torch.float64)

    def slope(spelling, at):
        names = [tensor(x).requires_grad_() for x in at]
        space = {"torch": torch, "F": F, "T": tensor, **bind(names), "v": torch.stack(names)}
        return [x.item() for x in torch.autograd.grad(eval(spelling, space), names)]

    return PYTORCH, torch.__version__.split("+")[0], slope


def jax_engine():
    import jax

    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp
    import optax

    def slope(spelling, at):
        def f(names):
            space = {"jnp": jnp, "nn": jax.nn, "optax": optax, **bind(names)}
            return eval(spelling, space, {"v": jnp.stack(names)})

        return jax.grad(f)([jnp.asarray(x, dtype=jnp.float64) for x in at])

    return JAX, jax.__version__, slope


def casadi_engine():
    import casadi as ca

    def slope(spelling, at):
        names = [ca.SX.sym(f"x{i}") for i in range(len(at))]
        y = eval(spelling, {"ca": ca, **bind(names)})
        f = ca.Function("f", names, [ca.gradient(y, ca.vertcat(*names))])
        return ca.DM(f(*at)).full().ravel()

    return CASADI, ca.__version__, slope


def bind(names):
    return {"x": names[0]} if len(names) == 1 else dict(zip("abc", names))


def engines():
    for make in (torch_engine, jax_engine, casadi_engine):
        try:
            yield make()
        except ImportError:
            pass


def run(engine, release, slope):
    column = [PYTORCH, JAX, CASADI].index(engine)
    for here, at, *spellings in ROWS:
        if spelling := spellings[column]:
            answer = show(slope(spelling, [number(x) for x in at.strip("()").split(", ")]))
            yield "\t".join([engine, release, here, at, spelling, answer])


def main(path, *options):
    header = "engine\trelease\there\tat\tspelling\tslope"
    with open(path) as file:
        old = file.read().splitlines()[1:]
    new = old
    for engine, release, slope in engines():
        new = [row for row in new if row.split("\t")[:2] != [engine, release]]
        new += run(engine, release, slope)
    new.sort(key=lambda row: row.split("\t")[:2])
    if "--check" in options:
        assert sorted(new) == sorted(old), sorted(set(new) ^ set(old))
    else:
        with open(path, "w") as file:
            file.write("\n".join([header, *new]) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
