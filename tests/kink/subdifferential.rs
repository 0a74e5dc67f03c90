//! Generalized gradients as sets.

use super::compositions::{Case, cases};
use super::limits::{Directions, close, gradient_towards, limiting_gradients};
use wengert::{Extent, KinkError, Scalar, Subdifferential, Tape, Var};

/// The greatest product of a direction with an element of the set, from its parts.
pub(crate) fn support(set: &Subdifferential, d: &[f64]) -> f64 {
    let dot = |g: &[f64]| g.iter().zip(d).map(|(g, d)| g * d).sum::<f64>();
    if !set.pieces().is_empty() {
        return set.pieces().iter().map(|p| dot(p)).fold(f64::NEG_INFINITY, f64::max);
    }
    let greatest = |hull: &Vec<Vec<f64>>| hull.iter().map(|p| dot(p)).fold(f64::MIN, f64::max);
    let width = |rows: &Vec<Vec<f64>>| rows.iter().map(|r| dot(r).powi(2)).sum::<f64>().sqrt();
    dot(&set.centre())
        + set.generators().map(|g| dot(g).abs()).sum::<f64>()
        + set.hulls().iter().map(greatest).sum::<f64>()
        + set.balls().iter().map(width).sum::<f64>()
}

/// What is wrong with the set of a case.
fn fault(case: &Case) -> Option<String> {
    let tape = Tape::new();
    let x = tape.vars_from(case.at);
    let set = (case.taped)(&x).subdifferential(&x).expect("a number");
    let extent = set.extent();
    // The tip of a cone among other kinks has a piece for every direction.
    if extent == Extent::Incomplete {
        let cone = ["hypot", "norm"].iter().any(|word| case.text.contains(word));
        return (!cone).then(|| set.to_string());
    }
    let limits = limiting_gradients(case.plain, case.at);
    // The same in every direction as the hull of the limits, so the same.
    let mut directions = Directions::new();
    for _ in 0..100 {
        let d = directions.of(case.at.len());
        let products = limits.iter().map(|g| g.iter().zip(&d).map(|(g, d)| g * d).sum::<f64>());
        let most = products.fold(f64::NEG_INFINITY, f64::max);
        let ours = support(&set, &d);
        let scale = 1.0 + most.abs();
        if ours < most - 5e-3 * scale {
            return Some(format!("along {d:?}: {ours} < {most}, {extent:?}"));
        }
        let sharp = set.balls().is_empty() && extent != Extent::Outer;
        if sharp && ours > most + 5e-3 * scale {
            return Some(format!("along {d:?}: {ours} > {most}, {extent:?}"));
        }
    }
    let foreign = |piece: &&Vec<f64>| !limits.iter().any(|limit| close(piece, limit));
    set.pieces().iter().find(foreign).map(|piece| format!("{piece:?} is no limit of gradients"))
}

#[test]
fn the_set_is_the_hull_of_the_limiting_gradients_of_every_composition() {
    let faults = |case: Case| Some(format!("{}: {}", case.text, fault(&case)?));
    let faults: Vec<String> = cases().into_iter().filter_map(faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_piece_is_listed_that_no_direction_enters() {
    // Of the 2⁸ ways to choose sides of eight lines through the origin of the plane 16 are open.
    fn fan<T: Scalar>(x: &[T]) -> T {
        let line = |k: i32| x[0] * (f64::from(k) * 0.4).cos() + x[1] * (f64::from(k) * 0.4).sin();
        let kinks = (0..8).map(|k| line(k).abs() * f64::from(if k % 2 == 0 { k + 1 } else { -k }));
        kinks.sum()
    }
    let tape = Tape::new();
    let x = tape.vars_from(&[0.0, 0.0]);
    let set = fan(&x).subdifferential(&x).unwrap();
    assert_eq!((set.pieces().len(), set.extent()), (16, Extent::Directions));
    let mut directions = Directions::new();
    for _ in 0..200 {
        let d = directions.of(2);
        if let Some(limit) = gradient_towards(fan::<f64>, &[0.0, 0.0], &d) {
            assert!(set.pieces().iter().any(|piece| close(piece, &limit)));
        }
    }
}

/// `centre · x + Σ |gᵢ · x|`, at 0.
fn zonotope(centre: &[f64], generators: &[Vec<f64>]) -> Subdifferential {
    let tape = Tape::new();
    let x = tape.vars_from(&vec![0.0; centre.len()]);
    let kinks = generators.iter().map(|g| Var::dot(&x, g).abs()).sum::<Var>();
    (Var::dot(&x, centre) + kinks).subdifferential(&x).expect("a whole recording")
}

fn assert_close(ours: &[f64], expected: &[f64], tolerance: f64) {
    for (a, b) in ours.iter().zip(expected) {
        assert!((a - b).abs() <= tolerance, "{ours:?} is not {expected:?}");
    }
}

#[test]
fn the_least_element_of_a_box_turned_is_the_centre_held_back_by_its_sides() {
    let mut directions = Directions::new();
    for n in 1..8 {
        // An orthonormal basis by Gram and Schmidt.
        let mut basis: Vec<Vec<f64>> = Vec::new();
        while basis.len() < n {
            let mut v = directions.of(n);
            for _ in 0..2 {
                for b in &basis {
                    let share: f64 = b.iter().zip(&v).map(|(b, v)| b * v).sum();
                    v.iter_mut().zip(b).for_each(|(v, b)| *v -= share * b);
                }
            }
            let length = v.iter().map(|v| v * v).sum::<f64>().sqrt();
            basis.push(v.iter().map(|v| v / length).collect());
        }
        let along: Vec<f64> = directions.of(n).iter().map(|a| a * 3.0).collect();
        let sides: Vec<f64> = directions.of(n).iter().map(|s| s.abs() * 2.0).collect();
        let combine = |weights: &[f64]| -> Vec<f64> {
            (0..n).map(|j| (0..n).map(|i| weights[i] * basis[i][j]).sum()).collect()
        };
        let mut generators: Vec<Vec<f64>> = Vec::new();
        for (b, s) in basis.iter().zip(&sides) {
            // Halves, a part turned round, and nothing at all change nothing.
            generators.push(b.iter().map(|b| b * s * 0.5).collect());
            generators.push(b.iter().map(|b| b * s * 0.25).collect());
            generators.push(b.iter().map(|b| b * s * -0.25).collect());
            generators.push(vec![0.0; n]);
        }
        let held: Vec<f64> = along.iter().zip(&sides).map(|(a, s)| a - a.clamp(-*s, *s)).collect();
        let set = zonotope(&combine(&along), &generators);
        assert_close(&set.least_norm(), &combine(&held), 1e-12);
    }
}

#[test]
fn the_least_element_of_a_simplex_and_of_a_ball_are_those_of_geometry() {
    for n in 2..40 {
        let tape = Tape::new();
        let x = tape.vars_from(&vec![0.0; n]);
        let weight = |i: usize| 1.0 + i as f64;
        let scaled: Vec<Var> = x.iter().enumerate().map(|(i, &x)| x * weight(i)).collect();
        // The foot of the perpendicular to Σ yᵢ / wᵢ = 1.
        let square: f64 = (0..n).map(|i| weight(i).powi(-2)).sum();
        let expected: Vec<f64> = (0..n).map(|i| 1.0 / weight(i) / square).collect();
        let set = Var::max_of(&scaled).subdifferential(&x).unwrap();
        assert_close(&set.least_norm(), &expected, 1e-12);

        let centre: Vec<f64> = (0..n).map(|i| 2.0 - i as f64 * 0.1).collect();
        let length = centre.iter().map(|c| c * c).sum::<f64>().sqrt();
        let set = (Var::norm(&x) + Var::dot(&x, &centre)).subdifferential(&x).unwrap();
        let expected: Vec<f64> = centre.iter().map(|c| c * (1.0 - 1.0 / length)).collect();
        assert_close(&set.least_norm(), &expected, 1e-12);
        assert_eq!(set.extent(), Extent::Whole);
    }
}

#[test]
fn the_least_element_among_very_many_generators_is_found_and_proves_itself() {
    let (k, n) = if cfg!(debug_assertions) { (5_000, 10) } else { (100_000, 10) };
    let mut directions = Directions::new();
    let generators: Vec<Vec<f64>> = (0..k).map(|_| directions.of(n)).collect();
    for reach in [0.0, 0.1, 0.4, 2.0] {
        let centre: Vec<f64> = (0..n).map(|j| reach * k as f64 / (1.0 + j as f64)).collect();
        let set = zonotope(&centre, &generators);
        let least = set.least_norm();
        // p is least if no element of the set lies less far along it.
        let square: f64 = least.iter().map(|p| p * p).sum();
        let against: Vec<f64> = least.iter().map(|p| -p).collect();
        let gap = square + support(&set, &against);
        assert!(gap.abs() <= 1e-12 * k as f64 * square.sqrt(), "{reach}: {gap} of {square}");
        assert_eq!(set.steepest_descent().is_none(), square == 0.0);
    }
}

#[test]
fn kinks_on_one_long_computation_have_its_gradient_times_their_slopes() {
    let tape = Tape::new();
    let x = tape.vars_from(&[0.0, 0.0, 0.5]);
    // 0 at the point, with a gradient, through 200 statements and two kinks that are met.
    let inner = (x[0] + x[1] * 2.0).abs();
    let chain = |y: Var| (0..200).fold(y, |y, _| (y.sin() + x[2] * y * x[0]).keep());
    let (plain, bent) = (chain(x[0] + x[1] * 2.0), chain(inner));
    let sum = |y: Var| (1..=400).map(|i| (y * f64::from(i)).abs()).sum::<Var>();
    let set = sum(plain).subdifferential(&x).unwrap();
    assert_eq!((set.extent(), set.centre()), (Extent::Whole, vec![0.0; 3]));
    for (i, generator) in (1..).zip(set.generators()) {
        assert_close(generator, &[f64::from(i), 2.0 * f64::from(i), 0.0], 1e-12);
    }
    let set = sum(bent).subdifferential(&x).unwrap();
    let most = f64::from(400 * 401 / 2);
    assert_eq!((set.extent(), set.pieces().len()), (Extent::Directions, 2));
    for piece in set.pieces() {
        assert_close(&[piece[0].abs(), piece[1].abs(), piece[2]], &[most, 2.0 * most, 0.0], 1e-9);
    }
}

#[test]
fn a_sum_too_great_for_its_budget_contains_the_gradients() {
    let tape = Tape::new();
    let x = tape.vars_from(&[0.0; 12]);
    let mixed: Var = (0..12)
        .map(|i| (x[i] + x[(i + 1) % 12] * 0.5).abs() * if i % 2 == 0 { 1.0 } else { -1.0 })
        .sum();
    let set = mixed.subdifferential_with(&x, 10).unwrap();
    assert_eq!((set.extent(), set.generators().count()), (Extent::Outer, 12));
    let all = mixed.subdifferential_with(&x, 5000).unwrap();
    assert_eq!((all.extent(), all.pieces().len()), (Extent::Directions, 1 << 12));
    let d = Directions::new().of(12);
    // The rows are independent: nothing cancels, and the two are equal.
    assert!((support(&set, &d) - support(&all, &d)).abs() < 1e-12);
}

#[test]
fn away_from_kinks_it_is_the_gradient() {
    let tape = Tape::new();
    let x = tape.vars_from(&[1.0, -2.0]);
    let y = x[0].abs() * x[1].exp() + x[1].max(x[0]);
    let set = y.subdifferential(&x).unwrap();
    assert_eq!((set.centre(), set.extent()), (y.backward().wrt(&x), Extent::Whole));
    assert_eq!(set.generators().count(), 0);
    let constant = Var::from(3.0).subdifferential(&x).unwrap();
    assert_eq!(constant.least_norm(), [0.0, 0.0]);
}

#[test]
fn what_curves_and_jumps_do_to_it_is_said() {
    let tape = Tape::new();
    let [x, y] = tape.vars([0.0, 0.0]);
    // Between two curves with a common tangent lies a piece that no direction enters.
    let between = (y - x * x).abs() - y.abs();
    let set = between.subdifferential(&[x, y]).unwrap();
    assert_eq!((set.pieces(), set.extent()), (&[vec![0.0, 0.0]][..], Extent::Directions));
    let set = y.atan2(x).subdifferential(&[x, y]).unwrap();
    assert_eq!(set.extent(), Extent::Incomplete);
    let set = (Var::hypot(x, y) - x.abs()).subdifferential(&[x, y]).unwrap();
    assert_eq!(set.extent(), Extent::Outer);
}

#[test]
fn bad_questions_are_refused() {
    let tape = Tape::new();
    let x = tape.var(0.0);
    let y = x.abs();
    assert_eq!(y.subdifferential_with(&[x], 0).unwrap_err(), KinkError::Budget);
    let set = y.subdifferential(&[x]).unwrap();
    for bad in [-1e-9, f64::NAN, f64::NEG_INFINITY] {
        assert!(matches!(set.stationarity(bad), Err(KinkError::Tolerance { .. })));
    }
    assert!(set.stationarity(f64::INFINITY).unwrap().is_stationary());
}

#[test]
#[should_panic(expected = "another recording")]
fn a_variable_of_another_tape_is_refused() {
    let (one, other) = (Tape::new(), Tape::new());
    let _ = one.var(0.0).abs().subdifferential(&[other.var(0.0)]);
}

#[test]
fn infinite_numbers_do_not_loop_and_what_is_not_a_number_is_refused() {
    let tape = Tape::new();
    let [x, y] = tape.vars([f64::INFINITY, 0.0]);
    for z in [x.abs() + y.abs() + x.max(y), x.max(f64::INFINITY), y.abs() * x] {
        let Ok(set) = z.subdifferential(&[x, y]) else { continue };
        let _ = (set.least_norm(), set.steepest_descent(), set.stationarity(1.0));
    }
    let x = tape.var(f64::NAN);
    for z in [x.abs() + y.abs(), y.abs() * x, x.relu(), Var::max_of(&[x, y]), x.clamp(0.0, 1.0)] {
        assert_eq!(z.subdifferential(&[x, y]).unwrap_err(), KinkError::NotANumber);
    }
}

#[test]
fn single_precision_has_the_same_sets() {
    let tape = Tape::<f32>::default();
    let [x, y] = tape.vars([0.0_f32, 0.0]);
    let set = (x.abs() + (x - y).relu()).subdifferential(&[x, y]).unwrap();
    assert_eq!(set.centre(), [0.5, -0.5]);
    assert_eq!(set.generators().collect::<Vec<_>>(), [[1.0, 0.0], [0.5, -0.5]]);
}
