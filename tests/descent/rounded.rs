//! Losses of which a part cancels and is rounded: it stays at its kink, or goes in steps, and its slopes tell nothing of that.

use crate::Random;
use wengert::Var;
use wengert::optim::KinkDescent;

/// A part that is rounded to a multiple of what `c` has as its last place.
fn rounded(part: Var, c: f64) -> Var {
    (part + c) - c
}

/// No point that is reached without going up by more than the error is lower than the end by more than that.
fn assert_held(name: &str, start: &[f64], loss: impl Fn(&[Var]) -> Var) -> bool {
    let mut x = start.to_vec();
    let found = KinkDescent::new().minimize(&mut x, &loss).expect("it is bounded");
    if !found.is_certified() {
        return false;
    }
    let value = |x: &[f64]| loss(&x.iter().map(|x| Var::from(*x)).collect::<Vec<_>>()).value();
    let turns = if x.len() == 1 { 1 } else { 16 };
    for turn in 0..2 * turns {
        let (sine, cosine) = (f64::from(turn) * std::f64::consts::PI / f64::from(turns)).sin_cos();
        let mut length = 1e-18;
        while length < 1e4 {
            let way = [cosine * length, sine * length];
            let there: Vec<f64> = x.iter().zip(way).map(|(x, d)| x + d).collect();
            let by = value(&there) - found.value();
            if by > found.error() {
                break;
            }
            assert!(
                -by <= found.error(),
                "{name} from {start:?}: {there:?} is lower by {:e}\n{found}",
                -by
            );
            length *= 1.3;
        }
    }
    true
}

#[test]
fn a_part_that_stays_at_its_kink_leads_on() {
    assert_held("far", &[1.0], |x| rounded(x[0] * 10.0, 1e18).abs() + x[0].abs() * 1e-3);
    for c in [1e3, 1e6, 1e9] {
        assert_held("one side", &[5.0], |x| {
            rounded(x[0], c).relu() + (-x[0]).relu() + (x[0] - 1.0).abs() * 0.5
        });
        assert_held("max", &[0.0], |x| {
            rounded(x[0] * 100.0, c).max(x[0] * -50.0) + (x[0] - 0.7).abs() * 0.5
        });
    }
    assert_held("terms", &[1.2870905022796708], |x| {
        let terms = [x[0] * 0.3, Var::from(2.0), x[0] * -0.3, Var::from(-2.0)];
        Var::sum_of(&terms).abs() + (x[0].abs() + (x[0] - 0.3).abs()) * 1e-3
    });
}

#[test]
fn steps_of_any_height_beside_other_parts_are_in_the_error() {
    let mut random = Random(7);
    let mut certified = [0; 7];
    for round in 0..280 {
        let c = 10_f64.powf(18.0 * random.unit()).round();
        let [a, b] = [0, 1].map(|_| 10_f64.powf(3.0 * random.unit() - 1.0));
        let m = 10_f64.powf(4.5 * random.unit() - 4.0);
        let (t, q) = (2.0 * random.unit() - 1.0, 2.0 * random.unit());
        let start =
            [[0.0, 1.0, 1e-6, -3.0, 100.0][random.below(5)], [0.0, 1.0, -2.0][random.below(3)]];
        let bend = move |x: Var| x * x;
        let shape = round % 7;
        let is_held = match shape {
            0 => assert_held("straight", &start[..1], |x| {
                rounded(x[0] * a - q, c).max(q - x[0]) + (x[0] - t).abs() * m
            }),
            1 => {
                assert_held("curved", &start[..1], |x| rounded(x[0] * a, c).abs() + bend(x[0]) * m)
            }
            2 => assert_held("curved, one side", &start[..1], |x| {
                rounded(x[0] * a, c).max(x[0] * -b) + bend(x[0] - t) * m
            }),
            3 => assert_held("two", &start, |x| {
                rounded(x[0] * a + x[1] * b, c).abs() + (x[0].abs() + (x[1] - 1.0).abs()) * m
            }),
            4 => assert_held("two, curved", &start, |x| {
                rounded(x[0] * a + x[1] * b, c).abs() + (bend(x[0]) + bend(x[1] - 1.0)) * m
            }),
            // Here the greater part hides the rounded one, but on one way.
            5 => assert_held("hidden", &start, |x| {
                let hidden = rounded(x[0] * a, c).abs().max((x[0] + x[1] * b).abs());
                hidden + ((x[0] - t).abs() + (x[1] - q).abs()) * m
            }),
            _ => assert_held("hidden, curved", &start, |x| {
                let hidden = rounded(x[0] * a + x[1] * b, c).abs().max((x[0] - x[1] * b).abs());
                hidden + (bend(x[0] - t) + bend(x[1] - q)) * m
            }),
        };
        certified[shape] += usize::from(is_held);
    }
    assert!(certified.iter().all(|count| *count > 5), "{certified:?}");
}
