//! Vectors whose elements are variables side by side, or at even distances, after the same has been
//! done to each: left alone, scaled, centred, normalised.
//!
//! What a statement keeps of such operands depends on how many edges each has and on where they lead.
//! Here all pairs of such shapes are taken, at each length.

use wengert::{Rule, Tape, Var};

/// What is done to each element of a vector, and which elements there are.
#[derive(Clone, Copy, Debug)]
enum Done {
    Nothing,
    Kept,
    Scaled,
    /// Less a variable that they share: two edges each.
    Centred,
    /// Times that variable.
    Weighted,
    /// A variable that they share less each.
    Taken,
    /// By the norm of them all: two edges each, to a variable and to a statement.
    Normalised,
    /// Elements of another vector less each: two edges, both at even distances.
    Difference,
    /// One edge, two edges, one, two.
    Mixed,
    /// The first has one edge, the others two; and the other way round.
    FirstAlone,
    LastTwo,
    /// Some are constants.
    Gaps,
}

const ALL: [Done; 12] = [
    Done::Nothing,
    Done::Kept,
    Done::Scaled,
    Done::Centred,
    Done::Weighted,
    Done::Taken,
    Done::Normalised,
    Done::Difference,
    Done::Mixed,
    Done::FirstAlone,
    Done::LastTwo,
    Done::Gaps,
];

const MOST: usize = 20;
const VARIABLES: usize = 6 * MOST + 2;

/// The slopes of a number by all variables, and its value.
#[derive(Clone, Debug)]
struct Dense {
    value: f64,
    slopes: Vec<f64>,
}

impl Dense {
    fn constant(value: f64) -> Self {
        Dense { value, slopes: vec![0.0; VARIABLES] }
    }

    fn variable(at: usize, value: f64) -> Self {
        let mut x = Dense::constant(value);
        x.slopes[at] = 1.0;
        x
    }

    /// A function of it and another from the value and both partials.
    fn joined(&self, other: &Dense, value: f64, by: [f64; 2]) -> Dense {
        let slopes = self.slopes.iter().zip(&other.slopes);
        Dense { value, slopes: slopes.map(|(a, b)| by[0] * a + by[1] * b).collect() }
    }

    fn times(&self, other: &Dense) -> Dense {
        self.joined(other, self.value * other.value, [other.value, self.value])
    }

    fn less(&self, other: &Dense) -> Dense {
        self.joined(other, self.value - other.value, [1.0, -1.0])
    }

    fn over(&self, other: &Dense) -> Dense {
        let y = self.value / other.value;
        self.joined(other, y, [other.value.recip(), -y / other.value])
    }

    fn plus(&self, other: &Dense) -> Dense {
        self.joined(other, self.value + other.value, [1.0, 1.0])
    }

    fn norm(list: &[Dense]) -> Dense {
        let squares = list.iter().map(|x| x.times(x));
        let sum = squares.fold(Dense::constant(0.0), |sum, x| sum.plus(&x));
        let norm = sum.value.sqrt();
        sum.joined(&Dense::constant(0.0), norm, [0.5 / norm, 0.0])
    }
}

/// A number on the tape, and beside it the same with all its slopes.
type Both = (Var, Dense);

/// A tape whose variables are at hand by their places.
struct Bench {
    vars: Vec<Both>,
}

impl Bench {
    fn new(tape: &Tape) -> Self {
        let value = |i: usize| 0.5 + ((i * 37) % 41) as f64 / 16.0;
        let values: Vec<f64> = (0..VARIABLES).map(value).collect();
        let pairs = tape.vars_from(&values).into_iter().zip(values).enumerate();
        Bench { vars: pairs.map(|(i, (var, x))| (var, Dense::variable(i, x))).collect() }
    }

    /// A vector of `n` elements, `stride` apart from `base` on, with something done to each.
    fn vector(&self, done: Done, base: usize, stride: usize, n: usize) -> Vec<Both> {
        let shared = &self.vars[VARIABLES - 1];
        let elements: Vec<&Both> = (0..n).map(|i| &self.vars[base + i * stride]).collect();
        let norm = || {
            let (vars, dense): (Vec<Var>, Vec<Dense>) = elements.iter().copied().cloned().unzip();
            (Var::norm(&vars), Dense::norm(&dense))
        };
        let norm = if matches!(done, Done::Normalised) && n > 0 { Some(norm()) } else { None };
        let plain = |x: &Both| x.clone();
        let centred = |x: &Both| (x.0 - shared.0, x.1.less(&shared.1));
        let scaled = |x: &Both| (x.0 * 1.5, x.1.times(&Dense::constant(1.5)));
        let of = |(i, x): (usize, &&Both)| -> Both {
            match done {
                Done::Nothing => plain(x),
                Done::Kept => ((x.0 * 2.0).keep(), x.1.times(&Dense::constant(2.0))),
                Done::Scaled => scaled(x),
                Done::Centred => centred(x),
                Done::Weighted => (x.0 * shared.0, x.1.times(&shared.1)),
                Done::Taken => (shared.0 - x.0, shared.1.less(&x.1)),
                Done::Normalised => match &norm {
                    Some(norm) => (x.0 / norm.0, x.1.over(&norm.1)),
                    None => plain(x),
                },
                Done::Difference => {
                    let other = &self.vars[(base + MOST + i * stride) % (VARIABLES - 1)];
                    (other.0 - x.0, other.1.less(&x.1))
                }
                Done::Mixed if i % 2 == 0 => scaled(x),
                Done::FirstAlone if i == 0 => plain(x),
                Done::LastTwo if i + 1 < n => plain(x),
                Done::Mixed | Done::FirstAlone | Done::LastTwo => centred(x),
                Done::Gaps if i % 4 == 3 => (Var::from(0.25), Dense::constant(0.25)),
                Done::Gaps => plain(x),
            }
        };
        elements.iter().enumerate().map(of).collect()
    }
}

/// Asserts that a result has these slopes, backwards and along a direction.
fn assert_slopes(bench: &Bench, found: Var, want: &Dense, what: &dyn Fn() -> String) {
    let vars: Vec<Var> = bench.vars.iter().map(|x| x.0).collect();
    let scale = want.slopes.iter().fold(want.value.abs(), |scale, x| scale.max(x.abs()));
    let close = |got: f64, want: f64| (got - want).abs() <= 1e-12 * scale;
    assert!(close(found.value(), want.value), "{}: {} {}", what(), found.value(), want.value);
    let got = found.backward().wrt(&vars);
    for (i, (&got, &want)) in got.iter().zip(&want.slopes).enumerate() {
        assert!(close(got, want), "{}, by {i}: {got}, not {want}", what());
    }
    let direction: Vec<f64> = (0..vars.len()).map(|i| ((i * 5) % 7) as f64 - 3.0).collect();
    let along: f64 = want.slopes.iter().zip(&direction).map(|(slope, d)| slope * d).sum();
    let forward = found.jvp(&vars, &direction).unwrap();
    assert!((forward - along).abs() <= 1e-10 * scale, "{} along: {forward}, {along}", what());
    let chosen = found.backward_with(Rule::Directional).unwrap().wrt(&vars);
    assert!(chosen.iter().zip(&want.slopes).all(|(&got, &want)| close(got, want)), "{}", what());
}

/// Even distances of two vectors, overlapping and apart: where they begin, and the distances.
const SPACINGS: [[usize; 4]; 6] = [
    [0, 1, MOST, 1],
    [MOST, 1, 0, 1],
    [0, 2, 1, 2],
    [0, 1, 2 * MOST, 3],
    [5, 3, 5, 1],
    [0, 1, 0, 1],
];

#[test]
fn dots_of_vectors_of_all_shapes_have_their_slopes() {
    for [base, stride, other_base, other_stride] in SPACINGS {
        for (a_done, b_done) in ALL.iter().flat_map(|&a| ALL.map(|b| (a, b))) {
            for n in 0..=MOST {
                let tape = Tape::new();
                let bench = Bench::new(&tape);
                let a = bench.vector(a_done, base, stride, n);
                let b = bench.vector(b_done, other_base, other_stride, n);
                let products = a.iter().zip(&b).map(|(a, b)| a.1.times(&b.1));
                let want = products.fold(Dense::constant(0.0), |sum, x| sum.plus(&x));
                let [a, b] = [a, b].map(|list| list.iter().map(|x| x.0).collect::<Vec<Var>>());
                let what = || {
                    format!(
                        "{a_done:?} {base}+{stride}, {b_done:?} {other_base}+{other_stride}, {n}"
                    )
                };
                assert_slopes(&bench, Var::dot(&a, &b), &want, &what);
            }
        }
    }
}

#[test]
fn statements_of_one_vector_of_any_shape_have_its_slopes() {
    for ([base, stride, ..], done) in SPACINGS.iter().flat_map(|s| ALL.map(|done| (*s, done))) {
        for n in 0..=MOST {
            let tape = Tape::new();
            let bench = Bench::new(&tape);
            let list = bench.vector(done, base, stride, n);
            let (vars, dense): (Vec<Var>, Vec<Dense>) = list.into_iter().unzip();
            let sum = dense.iter().fold(Dense::constant(0.0), |sum, x| sum.plus(x));
            let squares = dense.iter().fold(Dense::constant(0.0), |sum, x| sum.plus(&x.times(x)));
            let what = |name: &str| format!("{name} of {done:?} {base}+{stride}, {n}");
            assert_slopes(&bench, Var::sum_of(&vars), &sum, &|| what("sum_of"));
            assert_slopes(&bench, vars.iter().sum(), &sum, &|| what("sum"));
            assert_slopes(&bench, Var::dot(&vars, &vars), &squares, &|| what("dot"));
            let custom = Var::custom_slice("squares", &vars, |x| {
                (x.iter().map(|x| x * x).sum(), x.iter().map(|x| x + x).collect())
            });
            assert_slopes(&bench, custom, &squares, &|| what("custom_slice"));
            if n > 0 {
                let mean = sum.times(&Dense::constant((n as f64).recip()));
                assert_slopes(&bench, Var::mean(&vars), &mean, &|| what("mean"));
                assert_slopes(&bench, Var::norm(&vars), &Dense::norm(&dense), &|| what("norm"));
            }
            let numbers: Vec<f64> = (0..n).map(|i| i as f64 - 4.5).collect();
            let terms = dense.iter().zip(&numbers).map(|(x, &c)| x.times(&Dense::constant(c)));
            let by_numbers = terms.fold(Dense::constant(0.0), |sum, x| sum.plus(&x));
            assert_slopes(&bench, Var::dot(&vars, &numbers), &by_numbers, &|| what("by numbers"));
        }
    }
}

#[test]
fn centring_scaling_and_differences_before_a_dot_count() {
    let tape = Tape::new();
    let [a, b, c, u, v, w, s] = tape.vars([1.0, 2.0, 3.0, 1.0, 10.0, 100.0, 2.0]);
    let by = |y: Var, x: Var| y.backward().wrt(x);
    assert_eq!(by(Var::dot(&[a - s, b - s, c - s], &[u, v, w]), s), -111.0);
    assert_eq!(by(Var::dot(&[a * s, b * s, c * s], &[u, v, w]), s), 321.0);
    let [d, e, f] = tape.vars([4.0, 5.0, 6.0]);
    let differences = Var::dot(&[d - a, e - b, f - c], &[u, v, w]);
    assert_eq!(differences.backward().wrt([a, b, c]), [-1.0, -10.0, -100.0]);
    assert_eq!(differences.backward().wrt([d, e, f]), [1.0, 10.0, 100.0]);
}
