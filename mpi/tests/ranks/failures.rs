//! What goes wrong on one rank is the same error on all, and nobody waits.

use crate::programs::{Case, cases, data};
use crate::range;
use crate::threads::{Thread, on_ranks};
use wengert::objective;
use wengert::program::partials::PartialError;
use wengert::program::{Program, RunError, Sweep};
use wengert_mpi::{RankError, Ranks};

const ROWS: usize = 9000;
const RANKS: usize = 5;

/// The error that all ranks get where each does this, with the same rows.
fn of_all<T>(
    job: impl Fn(&Ranks<Thread>, Sweep, &[&[f64]]) -> Result<T, RankError> + Sync,
) -> RankError {
    let [x, y] = data(ROWS);
    let errors = on_ranks(RANKS, |ranks| {
        let Case { program, .. } = cases().swap_remove(0);
        let from = |rank: usize| rank * ROWS / RANKS;
        let own = from(ranks.rank())..from(ranks.rank() + 1);
        job(ranks, program.compile(), &[&x[own.clone()], &y[own]]).err().expect("an error")
    });
    // As text, since NaN equals nothing.
    let same = |pair: &[RankError]| format!("{:?}", pair[0]) == format!("{:?}", pair[1]);
    assert!(errors.windows(2).all(same), "{errors:?}");
    errors[0].clone()
}

fn named(ranks: &Ranks<Thread>) -> String {
    format!("part-{}", ranks.rank())
}

#[test]
fn a_row_that_is_not_finite_is_named_with_its_rank_and_place() {
    for (rank, place) in [(0, 0), (2, 77), (4, 1799)] {
        let error = of_all(|ranks, mut sweep, data| {
            let mut x = data[0].to_vec();
            if ranks.rank() == rank {
                x[place] = f64::INFINITY;
            }
            let own = range(&[&x, data[1]], 0..x.len());
            let rows = ranks.rows(sweep.count(&own).unwrap(), named(ranks))?;
            let found = ranks.run(&mut sweep, &[1.0, 0.0], &rows, &own).map(|_| ());
            if let Err(RankError::Run { source, .. }) = &found {
                assert_eq!(rows.place(source.row().unwrap()), Some((rank, place as u64)));
            }
            found
        });
        let row = (rank * ROWS / RANKS + place) as u64;
        let source = RunError::NotFinite { column: 0, row, value: f64::INFINITY }.into();
        assert_eq!(error, RankError::Run { rank, rows: format!("part-{rank}"), source });
    }
}

#[test]
fn of_several_errors_the_first_rank_has_the_word() {
    let error = of_all(|ranks, mut sweep, data| {
        let mut x = data[0].to_vec();
        if ranks.rank() >= 2 {
            x[3] = f64::NAN;
        }
        let own = range(&[&x, data[1]], 0..x.len());
        let rows = ranks.rows(sweep.count(&own).unwrap(), named(ranks))?;
        ranks.run(&mut sweep, &[1.0, 0.0], &rows, &own).map(|_| ())
    });
    assert_eq!(error.rank(), 2);
}

#[test]
fn other_parameters_and_other_programs_are_refused() {
    for rank in 1..RANKS {
        let error = of_all(|ranks, mut sweep, data| {
            let own = range(data, 0..data[0].len());
            let rows = ranks.rows(sweep.count(&own).unwrap(), named(ranks))?;
            let slope = if ranks.rank() == rank { 1.0_f64.next_up() } else { 1.0 };
            ranks.run(&mut sweep, &[slope, 0.0], &rows, &own).map(|_| ())
        });
        assert!(
            matches!(error, RankError::Differ { ranks, source: PartialError::Parameters { .. } } if ranks.contains(&rank)),
            "{error}"
        );
        let error = of_all(|ranks, mut sweep, data| {
            if ranks.rank() == rank {
                let other = objective!(|[a, b], [x, y]| (-(a * x + b) * y).exp().ln_1p() * 2.0);
                let other = Program::record(&other, &[1.0, 0.0], &[1.0, 1.0]).unwrap();
                // One that goes through the rows twice.
                sweep = other.max().gradient().compile();
            }
            let own = range(data, 0..data[0].len());
            let rows = ranks.rows(sweep.count(&own).unwrap(), named(ranks))?;
            ranks.run(&mut sweep, &[1.0, 0.0], &rows, &own).map(|_| ())
        });
        assert!(
            matches!(error, RankError::Differ { ranks, source: PartialError::Program { .. } } if ranks.contains(&rank)),
            "{error}"
        );
    }
}

#[test]
fn streams_that_fail_or_change_are_named() {
    let error = of_all(|ranks, mut sweep, data| {
        let rows =
            ranks.rows(sweep.count(&range(data, 0..data[0].len())).unwrap(), named(ranks))?;
        let open = || match ranks.rank() {
            3 => Err(std::io::Error::other("no such file")),
            _ => Ok([Ok([data[0].to_vec(), data[1].to_vec()])].into_iter()),
        };
        ranks.run_reopened(&mut sweep, &[1.0, 0.0], &rows, open).map(|_| ())
    });
    let reason = "no such file".into();
    assert_eq!(error, RankError::Source { rank: 3, rows: "part-3".into(), reason });
    for less in [1, 100] {
        let error = of_all(|ranks, mut sweep, data| {
            let own = range(data, 0..data[0].len());
            let rows = ranks.rows(sweep.count(&own).unwrap(), named(ranks))?;
            let len = own.row_count() - if ranks.rank() == 1 { less } else { 0 };
            let chunk = || [data[0][..len].to_vec(), data[1][..len].to_vec()];
            let open = || Ok::<_, std::io::Error>([Ok(chunk())].into_iter());
            ranks.run_reopened(&mut sweep, &[1.0, 0.0], &rows, open).map(|_| ())
        });
        let (expected, found) = (1800, 1800 - less as u64);
        assert_eq!(error, RankError::Changed { rank: 1, rows: "part-1".into(), expected, found });
    }
}

#[test]
fn what_a_rank_does_for_itself_fails_on_all() {
    let error = of_all(|ranks, _, _| {
        let file = if ranks.rank() < 3 { Ok(()) } else { Err(format!("no part {}", ranks.rank())) };
        ranks.agree(file)
    });
    assert_eq!(error, RankError::Failed { rank: 3, reason: "no part 3".into() });
    let done = on_ranks(RANKS, |ranks| ranks.agree(Ok::<_, String>(ranks.rank() * 2)));
    assert_eq!(done, [0, 2, 4, 6, 8].map(Ok));
}

#[test]
fn the_first_row_at_fault_has_the_word_though_it_is_carried() {
    // Each rank begins within a segment, so that its first rows are carried.
    let error = of_all(|ranks, mut sweep, data| {
        let mut x = data[0].to_vec();
        if ranks.rank() == 1 {
            x[5] = f64::NAN;
        }
        if ranks.rank() > 0 {
            *x.last_mut().unwrap() = f64::INFINITY;
        }
        let own = range(&[&x, data[1]], 0..x.len());
        let rows = ranks.rows(sweep.count(&own).unwrap(), named(ranks))?;
        ranks.run(&mut sweep, &[1.0, 0.0], &rows, &own).map(|_| ())
    });
    let RankError::Run { rank: 1, source, .. } = error else { panic!("{error}") };
    assert_eq!(source.row(), Some(1805));
}

#[test]
fn a_rank_with_other_rows_than_it_said_is_named() {
    let error = of_all(|ranks, mut sweep, data| {
        let own = range(data, 0..data[0].len());
        let rows = ranks.rows(sweep.count(&own).unwrap(), named(ranks))?;
        let own = if ranks.rank() == 4 { range(data, 0..data[0].len() - 1) } else { own };
        ranks.run(&mut sweep, &[1.0, 0.0], &rows, &own).map(|_| ())
    });
    let (expected, found) = (1800, 1799);
    assert_eq!(error, RankError::Changed { rank: 4, rows: "part-4".into(), expected, found });
}

#[test]
fn ranks_that_do_different_things_notice() {
    for first in [0, 1] {
        let results = on_ranks(2, |ranks| match ranks.rank() == first {
            true => ranks.broadcast(1.0).map(|_| ()),
            false => ranks.agree(Ok::<_, String>(())),
        });
        let message = |result| matches!(result, &Err(RankError::Message { .. }));
        assert!(results.iter().all(message), "{results:?}");
    }
    let values = on_ranks(7, |ranks| ranks.broadcast(ranks.rank() as f64 + 0.5));
    assert_eq!(values, vec![Ok(0.5); 7]);
}
