//! What the text says: names, what it needs, errors.

use super::Workplace;
use crate::objective;
use crate::program::{EmitError, Objective, Program};
use crate::residuals;

fn recorded(objective: impl Objective, parameters: &[f64], row: &[f64]) -> Program {
    Program::record(&objective, parameters, row).expect("a recording")
}

/// A crate without `std` that has these functions, and denies what a compiler warns of outside of them.
fn without_std(texts: &[String]) {
    let text = format!("#![no_std]\n#![deny(warnings)]\n{}", texts.concat());
    Workplace::new("core").compile(&text, &["--crate-type", "lib"]);
}

#[test]
fn a_text_needs_no_more_than_core_unless_it_says_so() {
    let fence = objective!(|[a, b], [x, y]| (a * x * x + b * x - y).abs());
    let wave =
        objective!(|[a, b], [x]| (a * x).tanh() + (b * x).exp().ln_1p() - a.max(b).sigmoid());
    let fence = recorded(fence, &[-2.0, 30.0], &[1.0, 99.0]).mean().gradient();
    let wave = recorded(wave, &[1.0, 2.0], &[3.0]).mean().hessian();
    let texts: Vec<String> = [("fence", &fence), ("wave", &wave)]
        .map(|(name, program)| program.to_rust(name).expect("a text"))
        .into();
    for text in &texts {
        assert!(!text.contains("`core` lacks"), "{text}");
        assert!(!text.contains("std::"), "{text}");
    }
    without_std(&texts);
    let root = recorded(objective!(|[a]| a.sqrt() * a.floor()), &[2.0], &[]);
    let text = root.gradient().to_rust("root").expect("a text");
    assert!(text.contains("/// Of what `core` lacks it calls floor, sqrt.\n"), "{text}");
}

#[test]
fn names_are_those_of_the_expression_and_valid_and_each_once() {
    // Names of helpers, of words of Rust in other editions, and of what the text has for itself.
    let strange = objective!(|[sum, rows, exp, gradient, i], [n, r#gen, t1]| {
        (sum * n).exp() + rows * r#gen - exp * t1 + gradient.abs() - i
    });
    let text = recorded(strange, &[1.0; 5], &[1.0; 3]).mean().gradient().to_rust("v");
    without_std(&[text.expect("a text")]);
    let many = recorded(objective!(|p| p.iter().map(|x| x.square()).sum()), &[1.0; 40], &[]);
    let text = many.gradient().to_rust("many").expect("a text");
    assert!(
        text.contains("pub fn many(p: &[f64; 40], gradient: &mut [f64; 40]) -> f64 {"),
        "{text}"
    );
    let plain = residuals!(|p, [t]| [p[0] * t, p[1] - t]);
    let plain = Program::record_residuals(&plain, &[1.0, 2.0], &[3.0]).expect("a recording");
    let text = plain.jacobian().to_rust("plain").expect("a text");
    assert!(text.contains("(&[p0, p1]: &[f64; 2], [t]: [&[f64]; 1]"), "{text}");
}

#[test]
fn what_cannot_be_printed_is_an_error_that_names_it() {
    let square = recorded(objective!(|[x]| x * x), &[1.0], &[]);
    for name in ["", "_", "1st", "a b", "fn", "self", "naïve", "a-b", "f()"] {
        assert_eq!(square.to_rust(name), Err(EmitError::Name { found: name.into() }));
    }
    let line = line!() + 1;
    let gamma = recorded(objective!(|[x]| x.ln_gamma()), &[1.0], &[]);
    let Err(EmitError::Operation { operation, line: Some(at) }) = gamma.to_rust("f") else {
        panic!("an error with a line")
    };
    assert_eq!((&operation[..], at.line, at.file.ends_with("text.rs")), ("ln_gamma", line, true));
    assert_eq!(square.clone().sum().to_rust("f"), Err(EmitError::NoColumn));
    assert_eq!(square.sparse_hessian().to_rust("f"), Err(EmitError::Sparse));
}
