//! The rules of engines answer as the engines do on random compositions, at kinks mostly.

use super::conventions::answers::numbers;
use wengert::{Rule, Tape, Var};

/// The words, the point, and a column of answers for each release: `compositions.py` makes it.
const TABLE: &str = include_str!("conventions/compositions.tsv");

/// The stack machine of the table's words.
fn run(words: &str, [a, b, c]: [Var; 3]) -> Var {
    let mut stack: Vec<Var> = Vec::new();
    for word in words.split(' ') {
        let mut pop = || stack.pop().expect("an operand");
        let y = match word {
            "a" => a,
            "b" => b,
            "c" => c,
            "neg" => -pop(),
            "twice" => pop() * 2.0,
            "half" => pop() * 0.5,
            "abs" => pop().abs(),
            "relu" => pop().relu(),
            "leaky" => pop().leaky_relu(0.25),
            "clamp" => pop().clamp(-1.0, 1.0),
            "pinch" => pop().clamp(1.0, 1.0),
            "atleast1" => pop().max(1.0),
            "atmost1" => pop().min(1.0),
            "max3" | "min3" => {
                let (z, y, x) = (pop(), pop(), pop());
                let of = if word == "max3" { Var::max_of } else { Var::min_of };
                of(&[x, y, z])
            }
            _ => {
                let (y, x) = (pop(), pop());
                match word {
                    "add" => x + y,
                    "sub" => x - y,
                    "max" => x.max(y),
                    "min" => x.min(y),
                    "above" => Var::select((x - y).above(0.0), x, y),
                    "max1" => Var::max_of(&[x, Var::from(1.0), y]),
                    "hypot" => x.hypot(y),
                    "norm" => Var::norm(&[x, y]),
                    _ => panic!("what is {word}?"),
                }
            }
        };
        stack.push(y);
    }
    let &[y] = &stack[..] else { panic!("{words} leaves {} numbers", stack.len()) };
    y
}

#[test]
fn the_rules_of_engines_answer_as_those_on_random_compositions() {
    let mut lines = TABLE.lines();
    let header: Vec<&str> = lines.next().expect("a header").split('\t').collect();
    let (mut kinked, mut compared) = (0, 0);
    for line in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        let (words, at) = (cells[0], numbers(cells[1]));
        let tape = Tape::new();
        let x = tape.vars_from(&at);
        let y = run(words, [x[0], x[1], x[2]]);
        kinked += usize::from(!tape.kinks().is_empty());
        for (release, cell) in header.iter().zip(&cells).skip(2) {
            let rules: &[Rule] = match *release {
                "PyTorch 2.15.0" => &[Rule::PyTorch],
                "PyTorch 2.13.0" => &[Rule::PyTorch2_13],
                // They differ by `hypot` at the origin alone.
                "JAX 0.10.2" if words.contains("hypot") => &[Rule::Jax0_11],
                "JAX 0.10.2" => &[Rule::Jax0_11, Rule::Jax],
                "CasADi 3.8.2" => &[Rule::CasADi],
                _ => panic!("which rule is {release}?"),
            };
            let want = numbers(cell);
            for &rule in rules {
                let got = y.backward_with(rule).expect("no direction").wrt(&x);
                let alike =
                    |(g, w): (&f64, &f64)| (g - w).abs() <= 1e-15 * 4.0 || g.is_nan() && w.is_nan();
                let agrees = got.iter().zip(&want).all(alike);
                assert!(agrees, "{release}, {words} at {at:?}: {got:?}, but {want:?}");
                compared += 1;
            }
        }
    }
    assert!(kinked > 200 && compared > 1900, "{kinked} at kinks, {compared} compared");
}
