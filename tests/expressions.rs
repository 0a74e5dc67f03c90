//! Random expressions: the tape computes what plain numbers compute, and its gradient is that of a
//! naive tape with one node for each operation, and of differences.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use std::cell::Cell;
use std::ops::{Add, Div, Mul, Rem, Sub};
use wengert::check::{self, Verdict};
use wengert::op::Op;
use wengert::{Real, Scalar, Tape, Var};

#[derive(Clone, Debug)]
enum Expr {
    Leaf(usize),
    Constant(f64),
    /// An operator between two expressions.
    Operator(char, Box<[Expr; 2]>),
    /// An operator between an expression and a number on its right.
    Number(char, Box<Expr>, f64),
    Neg(Box<Expr>),
    Row(Op, Vec<Expr>, Vec<f64>),
    MulAdd(Box<[Expr; 3]>),
    Many(Many, Vec<Expr>),
    /// A subexpression that is used twice.
    Twice(Box<Expr>),
}

#[derive(Clone, Copy, Debug)]
enum Many {
    Sum,
    Mean,
    Product,
    Iterated,
    SelfDot,
    Norm,
    LogSumExp,
    Softmax,
    MaxOf,
    Custom,
}

impl Many {
    const ALL: [Many; 10] = [
        Many::Sum,
        Many::Mean,
        Many::Product,
        Many::Iterated,
        Many::SelfDot,
        Many::Norm,
        Many::LogSumExp,
        Many::Softmax,
        Many::MaxOf,
        Many::Custom,
    ];

    fn of<F: Real, S: Scalar<F>>(self, x: &[S]) -> S {
        match self {
            Many::Sum => S::sum_of(x),
            Many::Mean => S::mean(x),
            Many::Product => x.iter().product(),
            Many::Iterated => x.iter().copied().sum(),
            Many::SelfDot => S::dot(x, x),
            Many::Norm => S::norm(x),
            Many::LogSumExp => S::log_sum_exp(x),
            Many::Softmax => S::softmax(x)[0],
            Many::MaxOf => S::max_of(x),
            Many::Custom => S::custom_slice("sum of squares", x, |x| {
                let squares = x.iter().map(|&x| x * x).sum();
                (squares, x.iter().map(|&x| x + x).collect())
            }),
        }
    }
}

/// An operator on a number and another, or a plain one.
fn operate<S, B>(operator: char, a: S, b: B) -> S
where
    S: Add<B, Output = S> + Sub<B, Output = S> + Mul<B, Output = S>,
    S: Div<B, Output = S> + Rem<B, Output = S>,
{
    match operator {
        '+' => a + b,
        '-' => a - b,
        '*' => a * b,
        '/' => a / b,
        _ => a % b,
    }
}

impl Expr {
    fn children(&self) -> Vec<&Expr> {
        match self {
            Expr::Leaf(_) | Expr::Constant(_) => vec![],
            Expr::Operator(_, pair) => pair.iter().collect(),
            Expr::Number(_, x, _) | Expr::Neg(x) | Expr::Twice(x) => vec![x],
            Expr::Row(_, list, _) | Expr::Many(_, list) => list.iter().collect(),
            Expr::MulAdd(three) => three.iter().collect(),
        }
    }

    /// This expression's own operation, of what its children have come to.
    fn apply<F: Real, S: Scalar<F>>(&self, leaves: &[S], x: &[S]) -> S {
        match self {
            Expr::Leaf(i) => leaves[*i],
            Expr::Constant(c) => S::from(F::from_double(*c)),
            Expr::Operator(operator, _) => operate(*operator, x[0], x[1]),
            Expr::Number(operator, _, c) => operate(*operator, x[0], F::from_double(*c)),
            Expr::Neg(_) => -x[0],
            Expr::Row(op, _, parameters) => op.apply(x, parameters).expect("arity"),
            Expr::MulAdd(_) => x[0].mul_add(x[1], x[2]),
            Expr::Many(many, _) => many.of(x),
            Expr::Twice(_) => x[0] * x[0] + x[0],
        }
    }

    fn eval<F: Real, S: Scalar<F>>(&self, leaves: &[S]) -> S {
        let x: Vec<S> = self.children().into_iter().map(|child| child.eval(leaves)).collect();
        self.apply(leaves, &x)
    }
}

/// A tape with one node for each operation, whose partials come from that operation alone.
struct Naive {
    /// Value, and partial by each parent.
    nodes: Vec<(f64, Vec<(usize, f64)>)>,
}

/// A slope, and the sum of the magnitudes of what it is the sum of: the scale of its rounding error.
#[derive(Clone, Copy, Debug, Default)]
struct Slope {
    slope: f64,
    magnitude: f64,
}

impl Naive {
    /// Records; `None` stands for a constant.
    fn record(&mut self, expr: &Expr, leaves: &[f64]) -> (f64, Option<usize>) {
        if let Expr::Leaf(i) = expr {
            return (leaves[*i], Some(*i));
        }
        let children: Vec<_> =
            expr.children().into_iter().map(|c| self.record(c, leaves)).collect();
        let tape = Tape::new();
        let variable = |&(value, node): &(f64, Option<usize>)| {
            node.map_or(Var::from(value), |_| tape.var(value))
        };
        let vars: Vec<Var> = children.iter().map(variable).collect();
        let y: Var = expr.apply(&[], &vars);
        let g = y.backward();
        let parents = children.iter().zip(&vars);
        let parents: Vec<_> =
            parents.filter_map(|((_, node), &var)| Some(((*node)?, g.wrt(var)))).collect();
        if parents.is_empty() {
            return (y.value(), None);
        }
        self.nodes.push((y.value(), parents));
        (y.value(), Some(self.nodes.len() - 1))
    }

    /// The slopes by the leaves, and whether all values and partials are finite.
    fn gradient(expr: &Expr, leaves: &[f64]) -> (Vec<Slope>, bool) {
        let nodes = leaves.iter().map(|&x| (x, vec![])).collect();
        let mut tape = Naive { nodes };
        let (_, root) = tape.record(expr, leaves);
        let mut adjoints = vec![Slope::default(); tape.nodes.len()];
        if let Some(root) = root {
            adjoints[root] = Slope { slope: 1.0, magnitude: 1.0 };
        }
        let mut finite = true;
        for i in (0..tape.nodes.len()).rev() {
            let (value, parents) = &tape.nodes[i];
            finite &= value.is_finite();
            let Slope { slope, magnitude } = adjoints[i];
            for &(parent, partial) in parents {
                finite &= partial.is_finite();
                adjoints[parent].slope += slope * partial;
                adjoints[parent].magnitude += magnitude * partial.abs();
            }
        }
        finite &= adjoints.iter().all(|a| a.magnitude < 1e100);
        adjoints.truncate(leaves.len());
        (adjoints, finite)
    }
}

const LEAVES: usize = 4;

/// Numbers that often meet kinks, ties and edges of domains.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        3 => prop::sample::select(vec![0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, -2.5]),
        5 => -4.0..4.0,
    ]
}

fn leaves() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(number(), LEAVES)
}

fn expressions(rows: Vec<Op>, many: Vec<Many>, operators: Vec<char>) -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![
        4 => (0..LEAVES).prop_map(Expr::Leaf),
        1 => number().prop_map(Expr::Constant),
    ];
    let grown = move |inner: BoxedStrategy<Expr>| {
        let operator = prop::sample::select(operators.clone());
        let pair = [inner.clone(), inner.clone()].prop_map(Box::new);
        let three = [inner.clone(), inner.clone(), inner.clone()].prop_map(Box::new);
        let boxed = inner.clone().prop_map(Box::new);
        let row = (prop::sample::select(rows.clone()), [inner.clone(), inner.clone()], -3..4_i32);
        let row = row.prop_map(|(op, args, n)| {
            let (arguments, parameters) = op.arity().expect("a row");
            let parameters = match parameters {
                0 => vec![],
                1 => vec![f64::from(n)],
                _ => vec![f64::from(n), f64::from(n) + 2.5],
            };
            Expr::Row(op, args.into_iter().take(arguments).collect(), parameters)
        });
        let list = prop::collection::vec(inner.clone(), 1..7);
        prop_oneof![
            4 => (operator.clone(), pair).prop_map(|(o, pair)| Expr::Operator(o, pair)),
            2 => (operator, boxed.clone(), number()).prop_map(|(o, x, c)| Expr::Number(o, x, c)),
            1 => boxed.clone().prop_map(Expr::Neg),
            4 => row,
            1 => three.prop_map(Expr::MulAdd),
            2 => (prop::sample::select(many.clone()), list).prop_map(|(m, l)| Expr::Many(m, l)),
            1 => boxed.prop_map(Expr::Twice),
        ]
    };
    leaf.prop_recursive(6, 60, 6, move |inner| grown(inner.boxed()).boxed()).boxed()
}

/// Every row, operator and n-ary function.
fn any_expression() -> BoxedStrategy<Expr> {
    expressions(Op::ROWS.to_vec(), Many::ALL.to_vec(), vec!['+', '-', '*', '/', '%'])
}

/// Those that have a derivative wherever they are finite.
fn smooth_expression() -> BoxedStrategy<Expr> {
    let rows = vec![Op::Sin, Op::Cos, Op::Tanh, Op::Atan, Op::Sigmoid, Op::Softplus, Op::LogAddExp];
    let many = vec![Many::Sum, Many::Mean, Many::SelfDot, Many::LogSumExp, Many::Custom];
    expressions(rows, many, vec!['+', '-', '*'])
}

/// Equal to the bit, any NaN like any other.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// So many cases, the same on each run.
fn fixed(cases: u32) -> Config {
    let rng_seed = RngSeed::Fixed(1964);
    Config { cases, rng_seed, failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(fixed(2000))]

    #[test]
    fn the_tape_computes_the_same_bits_as_plain_numbers(expr in any_expression(), x in leaves()) {
        let plain: f64 = expr.eval(&x);
        let tape = Tape::new();
        let recorded: Var = expr.eval(&tape.vars_from(&x));
        prop_assert!(same(plain, recorded.value()), "{plain:?} and {recorded:?}");
        let constants: Vec<Var> = x.iter().map(|&x| Var::from(x)).collect();
        let constant: Var = expr.eval(&constants);
        prop_assert!(constant.is_constant() && same(plain, constant.value()));

        let single: Vec<f32> = x.iter().map(|&x| x as f32).collect();
        let plain: f32 = expr.eval(&single);
        let tape = Tape::<f32>::default();
        let recorded: Var<f32> = expr.eval(&tape.vars_from(&single));
        prop_assert!(same(plain.into(), recorded.value().into()), "{plain:?} and {recorded:?}");
    }

    #[test]
    fn the_gradient_is_that_of_one_node_for_each_operation(
        expr in any_expression(),
        x in leaves(),
    ) {
        let (expected, finite) = Naive::gradient(&expr, &x);
        prop_assume!(finite);
        let tape = Tape::new();
        let vars = tape.vars_from(&x);
        let y: Var = expr.eval(&vars);
        for (got, Slope { slope, magnitude }) in y.backward().wrt(&vars).into_iter().zip(expected) {
            let tolerance = 64.0 * f64::EPSILON * magnitude;
            prop_assert!((got - slope).abs() <= tolerance, "{got} and {slope} ± {tolerance}");
        }
    }

    #[test]
    fn a_recording_on_a_used_tape_is_the_same_to_the_bit(expr in any_expression(), x in leaves()) {
        let tape = Tape::new();
        let mut runs = (0..2).map(|_| {
            tape.clear();
            let vars = tape.vars_from(&x);
            let y: Var = expr.eval(&vars);
            y.backward().wrt(&vars)
        });
        let (first, second) = (runs.next().unwrap_or_default(), runs.next().unwrap_or_default());
        prop_assert!(first.iter().zip(&second).all(|(&a, &b)| same(a, b)));
    }
}

#[test]
fn the_gradient_of_smooth_expressions_is_that_of_differences() {
    let mut runner = TestRunner::new(fixed(300));
    let agreed = Cell::new(0);
    let input = (smooth_expression(), prop::collection::vec(-2.0..2.0, LEAVES));
    let outcome = runner.run(&input, |(expr, x)| {
        let report = check::differences(|x: &[Var]| expr.eval(x), &x);
        prop_assert!(report.verdict() != Verdict::Wrong, "{}", report);
        agreed.set(agreed.get() + u32::from(report.verdict() == Verdict::Agrees));
        Ok(())
    });
    outcome.unwrap();
    assert!(agreed.get() > 270, "only {} of 300 were conclusive", agreed.get());
}

/// Slopes of a few functions in closed form, so that not all rests on the table.
#[test]
fn chains_of_closed_forms_multiply() {
    type Function = (fn(Var) -> Var, fn(f64) -> f64, fn(f64) -> f64);
    let functions: [Function; 8] = [
        (|x| x.sin(), f64::sin, f64::cos),
        (|x| x.exp(), f64::exp, f64::exp),
        (|x| x.tanh(), f64::tanh, |x| x.cosh().powi(-2)),
        (|x| x.powi(3), |x| x.powi(3), |x| 3.0 * x * x),
        (|x| 1.0 / (x * x + 1.0), |x| 1.0 / (x * x + 1.0), |x| -2.0 * x / (x * x + 1.0).powi(2)),
        (|x| (x * x + 2.0).ln(), |x| (x * x + 2.0).ln(), |x| 2.0 * x / (x * x + 2.0)),
        (|x| (x * x + 2.0).sqrt(), |x| (x * x + 2.0).sqrt(), |x| x / (x * x + 2.0).sqrt()),
        (|x| x.atan() * 2.0 - x, |x| x.atan() * 2.0 - x, |x| 2.0 / (1.0 + x * x) - 1.0),
    ];
    for x in [-1.5, -0.3, 0.0, 0.7, 1.1] {
        for (f, f_value, f_slope) in functions {
            for (g, g_value, g_slope) in functions {
                for (h, _, h_slope) in functions {
                    let tape = Tape::new();
                    let v = tape.var(x);
                    let slope = h(g(f(v))).backward().wrt(v);
                    let (a, b) = (f_value(x), g_value(f_value(x)));
                    let truth = h_slope(b) * g_slope(a) * f_slope(x);
                    // The last slope of atan may cancel.
                    let scale = truth.abs() + 0.5 * (g_slope(a) * f_slope(x)).abs() + 1e-3;
                    assert!((slope - truth).abs() <= 1e-13 * scale, "{slope} {truth} at {x}");
                }
            }
        }
    }
}
