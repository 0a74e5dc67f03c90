//! The nonlinear regressions of the National Institute of Standards and Technology, from both starts.

use crate::{models, nist};
use std::path::Path;
use wengert::optim::least_squares::{Fit, LeastSquares, ProgramResiduals};
use wengert::program::Columns;

fn digits(found: f64, certified: f64) -> f64 {
    -((found / certified - 1.0).abs().max(1e-11)).log10()
}

fn fitted(of: &nist::Regression, start: &[f64]) -> Fit {
    let row: Vec<f64> = of.columns.iter().map(|column| column[0]).collect();
    let program = models::record(&of.name, start, &row).expect("a model").unwrap();
    let columns: Vec<&[f64]> = of.columns.iter().map(|column| &column[..]).collect();
    let data = Columns::new(&columns).unwrap();
    let mut x = start.to_vec();
    LeastSquares::new().fit(&mut x, ProgramResiduals::new(&program, &data)).unwrap()
}

#[test]
fn certified_values_are_found_from_both_starts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/nist");
    let all = nist::read_all(&folder).unwrap();
    assert!(all.len() >= 20);
    for of in &all {
        for (i, start) in of.starts.iter().enumerate() {
            let fit = fitted(of, start);
            let least = fit.parameters().iter().zip(&of.parameters);
            let least = least.map(|(&x, &c)| digits(x, c)).fold(11.0, f64::min);
            let errors = fit.standard_errors();
            let sd = errors.as_ref().map_or(0.0, |errors| {
                let pairs = errors.iter().zip(&of.deviations);
                pairs.map(|(e, &c)| digits(e.unwrap_or(0.0), c)).fold(11.0, f64::min)
            });
            println!(
                "{:9} {i} {least:5.1} {sd:5.1} {:?} {} {} {:e} {:e}",
                of.name, fit.ending(), fit.evaluations(), fit.steps(), fit.sum_of_squares(), of.sum_of_squares
            );
        }
    }
}
