//! What the text says: names, what it needs, errors.

use super::{Case, agree, without_std};
use crate::objective;
use crate::program::{EmitError, Objective, Program};
use crate::residuals;
use std::collections::BTreeSet;

fn recorded(objective: impl Objective, parameters: &[f64], row: &[f64]) -> Program {
    Program::record(&objective, parameters, row).expect("a recording")
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
    without_std("core", &texts);
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
    without_std("strange", &[text.expect("a text")]);
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

/// The words of a function, without what it calls.
fn words(text: &str) -> BTreeSet<&str> {
    let function = text.split_once("/// What [").map_or(text, |(function, _)| function);
    let words = function.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with(|c: char| !c.is_ascii_digit())).collect()
}

/// Words that a writer of text may use for what it knows later, and those that `core` gives every module.
const OTHERS: [&str; 10] =
    ["SLOTS", "N_SLOTS", "USES", "BODY", "HELPERS", "f_parts", "Ok", "Err", "Some", "None"];

#[test]
fn a_name_that_stands_for_something_else_in_the_text_changes_no_number() {
    let wave = objective!(|[a, b], [x, y]| {
        let bent = (a * x * x + b * x - y).abs() + (a * y).sin();
        if x > -5.0 { bent } else { b * x }
    });
    let wave = recorded(wave, &[-2.0, 30.0], &[1.0, 99.0]).mean().gradient();
    let text = wave.to_rust("f").expect("a text");
    let columns = vec![vec![0.5, -1.25, 3.0], vec![2.0, 0.1, -0.7]];
    let cases = words(&text).into_iter().chain(OTHERS).map(|word| Case {
        program: wave.clone().with_names([word, "N_0"], ["t", word]),
        points: vec![(vec![0.3, -1.7], columns.clone())],
    });
    agree("names", &cases.collect::<Vec<_>>());
}

#[test]
fn a_function_has_the_name_of_any_word_in_its_text_or_it_is_refused() {
    let guarded = objective!(|[a, b], [x]| if a > b { a * x } else { (a * b).exp() });
    let guarded = recorded(guarded, &[1.0, 2.0], &[3.0]).mean().gradient();
    let text = guarded.to_rust("f").expect("a text");
    let (mut texts, mut refused) = (Vec::new(), Vec::new());
    for (at, word) in words(&text).into_iter().chain(OTHERS).enumerate() {
        match guarded.to_rust(word) {
            Ok(text) => texts.push(format!("mod m{at} {{\n{text}}}\n")),
            Err(EmitError::Keyword { .. } | EmitError::Variant { .. }) => refused.push(word),
            Err(error) => panic!("{word}: {error}"),
        }
    }
    for word in ["fn", "mut", "Ok", "Err", "Some", "None"] {
        assert!(refused.contains(&word), "{word}");
    }
    assert!(texts.len() > 30, "{}", texts.len());
    without_std("names of functions", &texts);
}

#[test]
fn what_cannot_be_printed_is_an_error_that_names_it() {
    let square = recorded(objective!(|[x]| x * x), &[1.0], &[]);
    for name in ["", "_", "1st", "a b", "naïve", "a-b", "f()"] {
        assert_eq!(square.to_rust(name), Err(EmitError::Name { found: name.into() }));
    }
    let keyword = square.to_rust("fn").expect_err("a keyword");
    assert_eq!(
        keyword.to_string(),
        "\"fn\" is a keyword of Rust, so that no function can have this name"
    );
    let line = line!() + 1;
    let gamma = recorded(objective!(|[x]| x.ln_gamma()), &[1.0], &[]);
    let Err(EmitError::Operation { operation, line: Some(at) }) = gamma.to_rust("f") else {
        panic!("an error with a line")
    };
    assert_eq!((&operation[..], at.line, at.file.ends_with("text.rs")), ("ln_gamma", line, true));
    assert_eq!(square.clone().sum().to_rust("f"), Err(EmitError::NoColumn));
    assert_eq!(square.sparse_hessian().to_rust("f"), Err(EmitError::Sparse));
}
