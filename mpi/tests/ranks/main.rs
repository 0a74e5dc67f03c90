//! Many ranks find what one process finds, to the bit, and fail as one.

mod cost;
mod failures;
mod programs;
mod threads;

use programs::{Case, bits, cases};
use proptest::prelude::*;
use threads::on_ranks;
use wengert::optim::{Lbfgs, Search, Sgd};
use wengert::program::{Columns, NonFinite};

/// Where each rank's rows end, as shares of all.
fn cuts() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![Just(0.0), Just(0.5), 0.0..=1.0], 0..8)
}

/// The rows of each rank: some may have none.
fn ranges(rows: usize, cuts: &[f64]) -> Vec<std::ops::Range<usize>> {
    let mut bounds: Vec<usize> = cuts.iter().map(|cut| (cut * rows as f64) as usize).collect();
    bounds.extend([0, rows]);
    bounds.sort_unstable();
    bounds.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

fn range<'d>(data: &[&'d [f64]], rows: std::ops::Range<usize>) -> Columns<'d> {
    let data: Vec<&[f64]> = data.iter().map(|column| &column[rows.clone()]).collect();
    Columns::new(&data).expect("columns of one length")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_bits_are_those_of_one_process(cuts in cuts(), rows in 0_usize..12_000, holes in any::<bool>()) {
        for Case { name, program, parameters } in cases() {
            let [mut x, mut y] = programs::data(rows);
            let rule = if holes { NonFinite::Skip } else { NonFinite::Refuse };
            if holes {
                x.iter_mut().step_by(97).for_each(|x| *x = f64::NAN);
                y.iter_mut().skip(5).step_by(1003).for_each(|y| *y = f64::INFINITY);
            }
            let data = [&x[..], &y[..]];
            let mut alone = program.compile().non_finite(rule);
            let alone = alone.run(&parameters, &range(&data, 0..rows));
            let expected = alone.as_ref().map(bits).map_err(|error| error.to_string());
            let ranges = ranges(rows, &cuts);
            let found = on_ranks(ranges.len(), |ranks| {
                let mut sweep = program.compile().non_finite(rule);
                let own = range(&data, ranges[ranks.rank()].clone());
                let rows = ranks.rows(sweep.count(&own).unwrap(), "a range").unwrap();
                let in_memory = ranks.run(&mut sweep, &parameters, &rows, &own).map(|found| bits(&found));
                // The same rows in portions.
                let open = || {
                    let own = &ranges[ranks.rank()];
                    let data = &data;
                    let chunks = own.clone().step_by(777).map(move |from| {
                        let to = own.end.min(from + 777);
                        Ok::<_, std::io::Error>([data[0][from..to].to_vec(), data[1][from..to].to_vec()])
                    });
                    Ok(chunks)
                };
                let streamed = ranks.run_reopened(&mut sweep, &parameters, &rows, open);
                let streamed = streamed.map(|found| bits(&found));
                assert_eq!(in_memory, streamed, "{name}");
                in_memory
            });
            for found in found {
                match (&found, &expected) {
                    (Ok(found), Ok(expected)) => prop_assert_eq!(found, expected, "{}", name),
                    (Err(found), Err(expected)) => prop_assert!(found.to_string().contains(expected), "{}: {}, not {}", name, found, expected),
                    _ => prop_assert!(false, "{name}: {found:?}, not {expected:?}"),
                }
            }
        }
    }
}

#[test]
fn optimisers_run_on_all_ranks_as_on_one() {
    type Failure = Box<dyn std::error::Error + Send + Sync>;
    type Gradient<'g> = Box<dyn FnMut(&[f64], &mut [f64]) -> Result<f64, Failure> + 'g>;
    let Case { program, .. } = cases().swap_remove(0);
    let [x, y] = programs::data(5000);
    let data = [&x[..], &y[..]];
    let fit = |mut gradient: Gradient<'_>| {
        let mut a = [1.0, 0.0];
        let mut search = Search::new(Sgd::builder(0.05).build().unwrap(), 50);
        search.run(&mut a, &mut gradient).unwrap();
        let end = Lbfgs::new().run(&mut a, &mut gradient).unwrap();
        (a.map(f64::to_bits), end.value().to_bits())
    };
    let mut sweep = program.compile();
    let all = range(&data, 0..5000);
    let alone = fit(Box::new(|a, slope| {
        let found = sweep.run(a, &all)?;
        slope.copy_from_slice(found.gradient());
        Ok(found.value())
    }));
    for count in [1, 2, 3, 5] {
        let ranges = ranges(5000, &[0.1, 0.35, 0.9, 0.95][..count - 1]);
        let found = on_ranks(count, |ranks| {
            let mut sweep = program.compile();
            let own = range(&data, ranges[ranks.rank()].clone());
            let rows = ranks.rows(sweep.count(&own).unwrap(), "a range").unwrap();
            fit(Box::new(|a, slope| {
                let found = ranks.run(&mut sweep, a, &rows, &own)?;
                slope.copy_from_slice(found.gradient());
                Ok(found.value())
            }))
        });
        assert_eq!(found, vec![alone; count]);
    }
}
