//! The listing says what the program does.

use wengert::objective;
use wengert::program::Program;

#[test]
fn rows_show_their_parameters() {
    let f = objective!(|[a], [x]| (a * x).clamp(-0.5, f64::INFINITY).powi(-3));
    let listing = Program::record(&f, &[1.0], &[2.0]).unwrap().to_string();
    assert!(listing.contains("%3[i] = clamp %2[i], -0.5, inf\n"), "{listing}");
    assert!(listing.contains("%4[i] = powi %3[i], -3\n"), "{listing}");
    assert!(listing.ends_with("output 0: %4[i]\n"), "{listing}");
}

#[test]
fn constants_are_told_in_few_digits() {
    let f = objective!(|[a], [x]| a * 1e300 + x * 5e-324 + 2.0);
    let listing = Program::record(&f, &[1.0], &[2.0]).unwrap().to_string();
    for constant in ["1e300", "5e-324", "2"] {
        assert!(listing.contains(&format!("= constant {constant}\n")), "{listing}");
    }
}

#[test]
fn guards_and_kinks_show_their_lines() {
    let f = objective!(|[a], [x]| if x > a { x } else { (a - x).abs() });
    let line = line!() - 1;
    let program = Program::record(&f, &[1.0], &[0.5]).unwrap().gradient();
    let listing = program.to_string();
    let file = file!();
    assert!(listing.contains(&format!("does not hold, {file}:{line}:")), "{listing}");
    assert!(listing.contains("kink of abs where "), "{listing}");
    assert_eq!(listing.matches(&format!("{file}:{line}:")).count(), 2, "{listing}");
}

#[test]
fn scatters_show_their_places() {
    let f = objective!(|w, [k]| T::gather(&w[1..], k) * w[0]);
    let listing =
        Program::record(&f, &[1.0, 2.0, 3.0], &[0.0]).unwrap().mean().gradient().to_string();
    assert!(listing.contains("= gather parameters 1..3 %"), "{listing}");
    assert!(listing.contains(" parameters 1..3 at %"), "{listing}");
}
