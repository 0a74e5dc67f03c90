//! Peaks and slopes that are narrow beside what the loss tells of the parameters' size.

use crate::Random;
use crate::refuted::held;
use wengert::Var;
use wengert::optim::KinkDescent;

type Part = fn(Var) -> Var;

#[test]
fn a_peak_however_narrow_with_level_land_around_is_no_minimum() {
    let peaks: [Part; 2] =
        [|z| -z.square().square().min(Var::from(1.0)), |z| -(z * z * 2.0).min(Var::from(1.0))];
    for width in [1e-6, 1e-9, 1e-10, 1e-12, 1e-14] {
        for [unit, height] in [[1.0, 1e6], [1e20, 1e26], [1e-20, 1e-14]] {
            for peak in peaks {
                let loss = |p: &[Var]| {
                    let [x, y] = [p[0] * unit, p[1]];
                    peak(x * (1.0 / width)) * height + (x.abs() + y.abs()) * (1e-9 * height)
                };
                let mut x = [0.0, 0.0];
                let found = KinkDescent::new().minimize(&mut x, loss).expect("it is bounded");
                let off = found.value() + height;
                assert!(!found.is_certified() || off <= found.error(), "{width:e} {x:?}\n{found}");
            }
        }
    }
}

#[test]
fn an_error_holds_what_a_curvature_that_changes_leaves_to_gain() {
    let bumps: [Part; 3] =
        [|z| (-z.square()).exp(), |z| (z.square() + 1.0).recip(), |z| z.cosh().recip()];
    let mut certified = 0;
    for width in [1.0, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6] {
        for [unit, scale] in [[1.0, 1.0], [1e20, 1e20], [1e-20, 1e-20]] {
            for height in [1.0, 1e-6] {
                for (center, bump) in [0.0, 1.0].into_iter().flat_map(|c| bumps.map(|b| (c, b))) {
                    // A bump in a wide bowl.
                    let loss = |p: &[Var]| {
                        let d = p[0] * unit - center;
                        let bowl = (d.square() * 1e-6).min(Var::from(1.0));
                        (bump(d * (1.0 / width)) * height + bowl + p[1].abs()) * scale
                    };
                    let mut x = [(center + 1e-3 * width) / unit, 0.0];
                    let found = KinkDescent::new().minimize(&mut x, loss).expect("it is bounded");
                    if !found.is_certified() {
                        continue;
                    }
                    certified += 1;
                    for nearer in 0..500 {
                        let by = 0.97_f64.powi(nearer) * 0.1 * width / unit;
                        for there in [x[0] - by, x[0] + by] {
                            let value = loss(&[Var::from(there), Var::from(x[1])]).value();
                            let told = format!("{width:e} {unit:e} {center} {x:?} {there:e}");
                            assert!(value >= found.value() - found.error(), "{told}\n{found}");
                        }
                    }
                }
            }
        }
    }
    assert!(certified > 60, "{certified}");
}

/// Along the axes from the point found the loss is nowhere lower by more than the error, but beyond where it is
/// higher by as much. Whether it is certified.
fn is_certified_and_low(loss: impl Fn(&[Var]) -> Var, x: &[f64; 2], units: [f64; 2]) -> bool {
    let mut x = *x;
    let Ok(found) = KinkDescent::new().minimize(&mut x, &loss) else { return false };
    if !found.is_certified() {
        return false;
    }
    for (j, unit) in units.into_iter().enumerate() {
        for sign in [1.0, -1.0] {
            for step in 0..320 {
                let mut there = x;
                there[j] += sign * 1.3_f64.powi(step - 260) * 100.0 / unit;
                let value = loss(&there.map(Var::from)).value();
                if value > found.value() + found.error() {
                    break;
                }
                let told = format!("{x:?} {units:?} {there:?} {value:e}");
                let lower = found.value() - value;
                assert!(lower <= found.error(), "{told} {lower:e} {:e}\n{found}", found.error());
            }
        }
    }
    true
}

#[test]
fn a_function_that_overflows_far_out_is_told_as_far_as_it_goes() {
    let mut certified = 0;
    for width in [1e-12, 1e-6, 1.0, 1e3] {
        for [u, v] in [[1.0, 1.0], [1e20, 1e-20], [1e-20, 1.0]] {
            let bowl = |z: Var| z.cosh().ln();
            let valley = |p: &[Var]| bowl(p[0] * (u / width)) + (p[1] * v).abs();
            let capped = |p: &[Var]| {
                let cost = (p[0] * u).abs() + (p[1] * v).abs();
                (-bowl(p[0] * (u / width))).max(Var::from(-1000.0)) + cost * 1e-3
            };
            for start in
                [[0.0, 0.0], [0.3 * width, 1.0], [600.0 * width, 0.0], [-3.0 * width, -2.0]]
            {
                let start = [start[0] / u, start[1] / v];
                certified += usize::from(is_certified_and_low(valley, &start, [u, v]));
                is_certified_and_low(capped, &start, [u, v]);
            }
        }
    }
    assert!(certified > 20, "{certified}");
}

#[test]
fn a_loss_of_0_whose_parts_cancel_is_certified_as_far_as_rounding_tells() {
    let mut certified = 0;
    for great in [1e-20, 1e-6, 1.0, 1e6, 1e20] {
        for [u, v] in [[1.0, 1.0], [1e20, 1e-20], [1e-20, 1.0]] {
            type Part = fn(Var, Var, f64) -> Var;
            let parts: [Part; 6] = [
                |x, y, great| (x + great) - great - x + y.abs(),
                |x, y, great| ((x.abs() + y * great) - y * great) + y.abs(),
                |x, y, _| x.square() - x.square().tanh() + y.abs(),
                |x, y, _| (x.square() + y.square()) - (x - y).square() - x * y * 2.0,
                |x, y, _| (x.sin().square() + x.cos().square()) - 1.0 + y.abs(),
                |x, y, _| (x - x) + y.abs(),
            ];
            for part in parts {
                for start in [[0.0, 0.0], [0.7 / u, -0.3 / v], [1.0 / u, 0.0]] {
                    let loss = |p: &[Var]| part(p[0] * u, p[1] * v, great);
                    certified += usize::from(is_certified_and_low(loss, &start, [u, v]));
                }
            }
        }
    }
    assert!(certified >= 45, "{certified}");
}

#[test]
fn an_error_holds_the_rounding_of_a_wave_that_is_short_beside_its_parameter() {
    // What a wave's argument is rounded by counts for a thousandth of its length, beside a slope that cancels it.
    let mut certified = 0;
    for length in [1e-5, 1e-6] {
        for [unit, height] in [[1.0, 1e-6], [1.0, 1e-9], [1e-20, 1e-9], [1e20, 1e-6], [1e100, 1e-9]]
        {
            let loss = |p: &[Var]| {
                let [x, y] = [p[0] * (1.0 / unit), p[1] * (1.0 / unit)];
                ((x * (1.0 / length)).cos() * height + (x - 1.0).square() + y.abs()) * unit
            };
            for start in [[0.0, 0.0], [0.9, 0.5], [1.0, 0.0]] {
                let mut x = start.map(|x| x * unit);
                let found = KinkDescent::new().minimize(&mut x, loss).expect("it is bounded");
                if !found.is_certified() {
                    continue;
                }
                certified += 1;
                for step in -200..=200 {
                    let there = x[0] * (1.0 + f64::from(step) * f64::EPSILON);
                    let lower = found.value() - loss(&[there, x[1]].map(Var::from)).value();
                    assert!(lower <= found.error(), "{length:e} {unit:e} {lower:e}\n{found}");
                }
            }
        }
    }
    assert!(certified >= 20, "{certified}");
}

#[test]
fn an_error_holds_the_steps_of_a_loss_that_is_level_between_them() {
    let mut certified = 0;
    for great in [1e4, 1e7, 1e10, 1e12] {
        for [unit, scale] in [[1.0, 1.0], [1e90, 1e47], [1e-40, 1e-30]] {
            for center in [0.0, 0.3, -17.0] {
                for least in [1e-7, 1.3e-4, 2.1] {
                    let part = |p: &[Var]| {
                        let [x, y] = [p[0] * (1.0 / unit), p[1]];
                        (x - center).square() * 1e-6 + y.square() * 1e-5 + least
                    };
                    let loss = |p: &[Var]| ((part(p) + great) - great) * scale;
                    let mut x = [(center + 0.7) * unit, 0.2];
                    let found = KinkDescent::new().minimize(&mut x, loss).expect("it is bounded");
                    let off = (part(&x.map(Var::from)).value() * scale - found.value()).abs();
                    let told = format!("{great:e} {unit:e} {center} {least} {off:e}");
                    assert!(!found.is_certified() || off <= found.error(), "{told}\n{found}");
                    certified += usize::from(found.is_certified());
                }
            }
        }
    }
    assert!(certified > 10, "{certified}");
}

/// `weights` of the parameters, and a constant.
fn linear(p: &[Var], weights: &[f64], constant: f64) -> Var {
    p.iter().zip(weights).map(|(p, weight)| *p * *weight).sum::<Var>() + constant
}

fn rounded(part: Var, great: f64) -> Var {
    (part + great) - great
}

#[test]
fn a_valley_between_kinks_is_gone_along_and_teeth_that_add_up_are_in_the_error() {
    // Waves that are no higher than rounding hold no point above a valley on which two kinks stay met.
    let three = |p: &[Var]| {
        let x = [p[0] * 1e8, p[1] * 1e17, p[2] * 1e13];
        let wave =
            linear(&x, &[0.0, -1.392978403866751, -1.9736723552603355], -0.28718043114744773);
        let cone = linear(
            &x,
            &[-0.3692492939735814, 2.8021222504896315, 0.12073723329826258],
            -0.30638444398608833,
        );
        let great = linear(
            &x,
            &[2.3845181540563782, 0.5985349177602153, 0.05586276196103679],
            -0.2530195616625228,
        );
        let steep = linear(
            &x,
            &[-0.21332899747554812, 1.0256029575101522, -0.2174431297635664],
            -0.26619900039754807,
        );
        let root = (cone.square() + 0.5021640814790522).sqrt();
        (linear(&x, &[1.090222081644625], 0.26099202872732974).abs()
            + rounded(great.abs(), 97896804.4880243)
            + rounded(
                root + (wave * 6817827.558102292).sin() * 7.74136733084805e-9,
                52.34931571558645,
            )
            + rounded(steep, 1138.4336431755867).abs().softplus())
            * 1e5
    };
    let start = [-0.00020267045746184416, -7.821480180736743e-18, 2.90926776781312e-14];
    let at = [7.094621357256051e-10, 1.8111341892176057e-18, -4.395715442428095e-14];
    held(three, &start, three(&at.map(Var::from)).value());
    // Teeth of a part, and the steps of the whole.
    let two = |p: &[Var]| {
        let x = [p[0], p[1] * 1e-5];
        let sum = linear(&x, &[0.6826803908552783, 0.9364079445715845], 1.1782721397878966)
            .abs()
            .softplus()
            + linear(&x, &[-1.2622158180190581, -1.6453869428623449], -0.46554442989638467).abs()
            + linear(&x, &[0.298091746262787, 1.2444208706417959], 0.3141473035886486).abs()
            + rounded(
                linear(&x, &[0.0, -1.0957494732179054], 0.4824899624652845),
                548739614.1922264,
            )
            .abs();
        rounded(sum, 4971926.307132645)
    };
    let mut random = Random(3);
    for _ in 0..12 {
        let start = [-0.8770421530139005 + random.normal(), 122836.70151295264 * random.unit()];
        let mut x = start;
        KinkDescent::new().minimize(&mut x, two).expect("it is bounded");
        let mut least = two(&x.map(Var::from)).value();
        let mut best = x;
        for trial in 0..4000 {
            let by = f64::from(-(trial % 40)).exp2();
            let there = [best[0] + by * random.normal(), best[1] + 1e5 * by * random.normal()];
            let value = two(&there.map(Var::from)).value();
            if value < least {
                (least, best) = (value, there);
            }
        }
        held(two, &start, least);
    }
}
