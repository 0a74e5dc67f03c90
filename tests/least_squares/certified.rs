//! The nonlinear regressions of the National Institute of Standards and Technology, from both starts.

use crate::{models, nist};
use std::path::Path;
use wengert::optim::least_squares::{Fit, LeastSquares, ProgramResiduals};
use wengert::program::Columns;

fn digits(found: f64, certified: f64) -> f64 {
    -((found / certified - 1.0).abs().max(1e-11)).log10()
}

/// The fit of a data set from a start.
fn fitted(of: &nist::Regression, start: &[f64]) -> Fit {
    let row: Vec<f64> = of.columns.iter().map(|column| column[0]).collect();
    let program = models::record(&of.name, start, &row).expect("a model").expect("a program");
    let columns: Vec<&[f64]> = of.columns.iter().map(|column| &column[..]).collect();
    let data = Columns::new(&columns).expect("columns of equal length");
    let mut x = start.to_vec();
    LeastSquares::new().fit(&mut x, ProgramResiduals::new(&program, &data)).expect("a good start")
}

#[test]
fn certified_values_are_found_from_both_starts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/nist");
    let all = nist::read_all(&folder).unwrap();
    assert!(all.len() >= 20);
    for of in &all {
        for start in &of.starts {
            let fit = fitted(of, start);
            let (name, ending) = (&of.name, fit.ending());
            assert!(ending.is_converged(), "{name}: {ending}");
            assert_eq!(fit.degrees_of_freedom(), of.columns[0].len() - of.parameters.len());
            let wanted = if of.is_higher { 6.0 } else { 9.0 };
            for (&x, &certified) in fit.parameters().iter().zip(&of.parameters) {
                assert!(digits(x, certified) >= wanted, "{name}: {x}, not {certified}");
            }
            // Residuals that are the rounding of their responses tell their own scatter to as many digits as
            // they have.
            let size = of.columns[0].iter().fold(0.0_f64, |most, y| most.max(y.abs()));
            let rounding = size * f64::EPSILON / fit.residual_deviation().unwrap();
            let wanted = 6.0_f64.min(-rounding.log10());
            for (error, &certified) in fit.standard_errors().unwrap().iter().zip(&of.deviations) {
                let error = error.expect("no bounds");
                assert!(digits(error, certified) >= wanted, "{name}: {error}, not {certified}");
            }
            assert!(digits(fit.sum_of_squares(), of.sum_of_squares) >= wanted, "{name}");
        }
    }
}

#[test]
fn damaged_files_are_refused_with_their_line() {
    let good = "b1 = 1 2 3 4\nResidual Sum of Squares: 5\nData: y x\n1 2\n3 4\n";
    let read = nist::parse("good", good).unwrap();
    assert_eq!((read.parameters, read.columns), (vec![3.0], vec![vec![1.0, 3.0], vec![2.0, 4.0]]));
    let refusal = |text: &str| nist::parse("bad", text).unwrap_err().to_string();
    assert_eq!(
        refusal(&good.replace("\n3 4\n", "\n3 four\n")),
        "bad, line 5: `3 four` is not a row of 2 finite numbers"
    );
    assert_eq!(refusal(&good.replace("Data", "Date")), "bad: the header of the data is missing");
    assert_eq!(
        refusal(&good.replace("b1", "c1")),
        "bad: a line of starts and certified values is missing"
    );
    assert!(nist::read_all(Path::new("no such folder")).is_err());
}
