//! The entries of the table, operators and functions of lists, against the 60-digit results of `tests/oracle`.

#[path = "../oracle/truth.rs"]
#[allow(dead_code, reason = "shared with the other engines' test")]
pub(crate) mod truth;

pub(crate) use truth::op_named;
use truth::{Entry, Point, bar, entries, error, row_named};
use wengert::op::Op;
use wengert::{Dual, Real, Scalar, Tape, Var};

/// Applies an operation by name.
pub(crate) fn apply<F: Real, S: Scalar<F>>(name: &str, args: &[S], parameters: &[f64]) -> S {
    op_named(name).expect(name).apply::<F, S>(args, parameters).expect(name)
}

/// Whether the tape meets a kink there, where a direction answers otherwise than the convention.
pub(crate) fn is_kink(name: &str, args: &[f64], parameters: &[f64]) -> bool {
    let tape = Tape::new();
    apply::<f64, Var>(name, &tape.vars_from(args), parameters);
    !tape.kinks().is_empty()
}

/// The slope by each argument along a direction of its own, one after the other.
fn one_by_one(name: &str, args: &[f64], parameters: &[f64]) -> Vec<f64> {
    let along = |which: usize| {
        let seed = |(i, &x)| if i == which { Dual::variable(x) } else { Dual::from(x) };
        let args: Vec<Dual> = args.iter().enumerate().map(seed).collect();
        apply::<f64, Dual>(name, &args, parameters)
    };
    let value = along(0).value();
    std::iter::once(value).chain((0..args.len()).map(|i| along(i).tangent())).collect()
}

/// All at once, as far as there are directions, and the rest in a second round.
fn together<const N: usize>(name: &str, args: &[f64], parameters: &[f64]) -> Vec<f64> {
    let mut all = Vec::new();
    for from in (0..args.len()).step_by(N) {
        let seed = |(i, &x)| match usize::checked_sub(i, from) {
            Some(i) if i < N => Dual::<N>::seed(x, i),
            _ => Dual::from(x),
        };
        let seeded: Vec<Dual<N>> = args.iter().enumerate().map(seed).collect();
        let y = apply::<f64, Dual<N>>(name, &seeded, parameters);
        if from == 0 {
            all.push(y.value());
        }
        all.extend(&y.tangents()[..N.min(args.len() - from)]);
    }
    all
}

type Engine = fn(name: &str, args: &[f64], parameters: &[f64]) -> Vec<f64>;

#[test]
fn values_and_slopes_are_within_the_bars() {
    let engines: [(&str, Engine); 3] =
        [("one", one_by_one), ("four", together::<4>), ("eight", together::<8>)];
    for (title, engine) in engines {
        let mut failures = Vec::new();
        let (mut judged, mut kinks) = (0, 0);
        for Entry { name, parameters, points } in &entries() {
            for Point { args, truth } in points {
                if is_kink(name, args, parameters) {
                    kinks += 1;
                    continue;
                }
                judged += 1;
                let got = engine(name, args, parameters);
                assert_eq!(got.len(), truth.len(), "{name}");
                for (which, (&got, &truth)) in got.iter().zip(truth).enumerate() {
                    let error = error(name, which, args, truth, got);
                    if error > bar(name, which) {
                        let want = truth.nearest;
                        failures.push(format!(
                            "{name} {parameters:?} at {args:?}, {which}: {got:e}, want {want:e}, {error:.1} ULP off"
                        ));
                    }
                }
            }
        }
        assert!(failures.is_empty(), "{title}: {}\n{}", failures.len(), failures.join("\n"));
        assert!(judged > 20_000 && kinks < 300, "{judged} points and {kinks} kinks");
    }
}

#[test]
fn every_operation_is_judged() {
    let entries = entries();
    for &op in Op::ENTRIES.iter().chain(Op::OTHERS) {
        assert!(entries.iter().any(|row| op_named(&row.name) == Some(op)), "{op:?}");
    }
}

#[test]
fn single_precision_rounds_the_result_in_double() {
    let same = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan());
    for Entry { name, parameters, points } in
        entries().iter().filter(|r| row_named(&r.name).is_some())
    {
        let parameters: Vec<f64> = parameters.iter().map(|&p| f64::from(p as f32)).collect();
        for Point { args, .. } in points {
            let single: Vec<f32> = args.iter().map(|&x| x as f32).collect();
            let args: Vec<f64> = single.iter().map(|&x| f64::from(x)).collect();
            let double = one_by_one(name, &args, &parameters);
            for which in 0..args.len() {
                let seed = |(i, &x)| Dual::<1, f32>::new(x, [if i == which { 1.0 } else { 0.0 }]);
                let seeded: Vec<Dual<1, f32>> = single.iter().enumerate().map(seed).collect();
                let y = apply::<f32, Dual<1, f32>>(name, &seeded, &parameters);
                let got = [f64::from(y.value()), f64::from(y.tangent())];
                let want = [double[0], double[1 + which]].map(|x| f64::from(x as f32));
                let both = same(got[0], want[0]) && same(got[1], want[1]);
                assert!(both, "{name} {parameters:?} at {args:?}: {got:?}, want {want:?}");
            }
        }
    }
}
