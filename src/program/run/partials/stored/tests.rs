//! Partial results that were made up, under a checksum that is right.

use super::super::piece::{Carried, Piece};
use super::super::{Offset, Partial, PartialError};
use super::{Numbers, Stored, Version, Writer};
use crate::objective;
use crate::program::tests::maker::Random;
use crate::program::{Columns, NonFinite, Program, Sweep};

/// One whose rows are carried, whole segments and an open one.
fn sample() -> (Sweep, Partial) {
    let loss = objective!(|p, [x, kind]| (T::gather(&p[..2], kind) * p[2] - x).abs());
    let program = Program::record(&loss, &[1.0; 3], &[1.0, 0.0]).expect("a program");
    let mut sweep = program.mean().gradient().compile();
    let x: Vec<f64> = (0..10_000).map(f64::from).collect();
    let kind: Vec<f64> = (0..10_000).map(|row| f64::from(row % 2)).collect();
    let data = Columns::new(&[&x, &kind]).expect("columns");
    let partial = sweep.partial(&[0.5; 3], &[], &data, Offset::at(4000));
    (sweep, partial)
}

fn sent(partial: &Partial) -> Result<Partial, String> {
    let text = serde_json::to_string(partial).expect("text");
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

#[test]
fn what_does_not_fit_together_is_refused_when_it_is_read() {
    let (_, whole) = sample();
    assert!(sent(&whole).is_ok());
    let refused = |change: &dyn Fn(&mut Partial)| {
        let mut forged = whole.clone();
        change(&mut forged);
        let Err(error) = sent(&forged) else { panic!("it was read") };
        assert!(error.contains("damaged"), "{error}");
    };
    let carried = |partial: &mut Partial, change: &dyn Fn(&mut Carried)| {
        let [Piece::Rows(rows), _] = &mut partial.pieces[..] else { panic!("two pieces") };
        change(rows);
    };
    refused(&|partial| carried(partial, &|carried| carried.columns[1].truncate(5)));
    refused(&|partial| carried(partial, &|carried| carried.rows.swap(3, 4)));
    refused(&|partial| drop(partial.pieces.remove(0)));
    refused(&|partial| drop(partial.pieces.remove(1)));
    refused(&|partial| partial.pieces.push(partial.pieces[1].clone()));
    refused(&|partial| partial.pieces.swap(0, 1));
    refused(&|partial| partial.end.rows += 1);
    refused(&|partial| partial.end.left_out += 1);
    refused(&|partial| partial.start.left_out = 5000);
    refused(&|partial| partial.end.rows = u64::MAX);
    let stretch = |change: &dyn Fn(&mut crate::program::run::progress::Stretch)| {
        refused(&|partial| {
            let [_, Piece::Segments(stretch)] = &mut partial.pieces[..] else {
                panic!("two pieces")
            };
            change(stretch);
        });
    };
    stretch(&|stretch| stretch.rows -= 1);
    stretch(&|stretch| _ = stretch.found.tree.numbers.pop());
    stretch(&|stretch| stretch.found.tree.next = 1);
    stretch(&|stretch| stretch.found.tree.ranks[0] = 60);
    stretch(&|stretch| _ = stretch.found.tree.kinds.pop());
    stretch(&|stretch| stretch.open.as_mut().expect("rows").lanes.truncate(1));
    stretch(&|stretch| drop(stretch.open.as_mut().expect("rows").scattered.pop()));
    stretch(&|stretch| drop(stretch.found.scattered.pop()));
    // A condition holds in each row once.
    stretch(&|stretch| stretch.found.counts.push(stretch.rows + 1));
    // Ranks of more segments than a number counts.
    stretch(&|stretch| {
        let tree = &mut stretch.found.tree;
        tree.ranks = std::iter::repeat_n(47, 1 << 17).collect();
        tree.numbers = vec![0.0; tree.ranks.len() * tree.kinds.len()];
    });
}

/// Of how many conditions one is that was made up is not bounded by its rows.
#[test]
fn counts_of_any_conditions_add_up() {
    let (_, mut forged) = sample();
    forged.end.rows = Offset::MOST;
    let rows = forged.end.kept() - forged.start.kept();
    let [Piece::Rows(carried), Piece::Segments(stretch)] = &mut forged.pieces[..] else {
        panic!("two pieces")
    };
    stretch.rows = rows - carried.len();
    stretch.found.counts = vec![stretch.rows; 300];
    stretch.open.as_mut().expect("rows").counts = vec![0; 300];
    let read = sent(&forged).expect("a partial result");
    assert_eq!((read.kink_count(), read.row_count()), (u64::MAX, rows));
}

/// What fits together, and is not what the pass computes, is known when it meets the program.
#[test]
fn what_no_pass_computes_is_refused_when_it_is_used() {
    let (mut sweep, mut forged) = sample();
    for piece in &mut forged.pieces {
        if let Piece::Segments(stretch) = piece {
            stretch.found.counts.push(1);
            stretch.open.as_mut().expect("rows").counts.push(1);
        }
    }
    let mut read = sent(&forged).expect("a partial result");
    let none = Columns::new(&[&[], &[]]).expect("columns");
    let error = sweep.extend(&mut read, &[0.5; 3], &[], &none).expect_err("an error");
    assert_eq!(error, PartialError::Contents);
}

/// Partial results of all kinds of outputs and rules, each with the sweep that it is of.
fn kinds() -> Vec<(Sweep, Partial)> {
    let loss = objective!(|p, [x, kind]| (T::gather(&p[..2], kind) * p[2] - x).abs());
    let program = || Program::record(&loss, &[1.0; 3], &[1.0, 0.0]).expect("a program");
    let all = [
        (program().mean().gradient(), NonFinite::Refuse),
        (program().mean().gradient(), NonFinite::Skip),
        (program().jacobian(), NonFinite::Take),
        (program().max().gradient(), NonFinite::Refuse),
        (program().weighted_mean().gradient(), NonFinite::Skip),
    ];
    let starts = all.iter().flat_map(|of| [0, 4000, 8192].map(|start| (of, start)));
    let made = starts.map(|((program, rule), start)| {
        let mut sweep = program.compile().non_finite(*rule);
        let partial = with_rows(5000, |data| {
            sweep.partial(&[0.5; 3], &[], data, Offset { rows: start, left_out: 0 })
        });
        (sweep, partial)
    });
    made.collect()
}

fn with_rows<T>(n: u32, then: impl FnOnce(&Columns<'_>) -> T) -> T {
    let column = |of: fn(u32) -> u32| (0..n).map(|row| of(row).into()).collect::<Vec<f64>>();
    let [x, kind, weight] = [column(|row| row % 90), column(|row| row % 2), column(|row| row % 3)];
    then(&Columns::new(&[&x, &kind, &weight]).expect("columns"))
}

/// Whatever words stand under a checksum that is right: what is read is used, and nothing panics.
#[test]
fn words_that_were_made_up_never_panic() {
    let mut random = Random(31);
    let (mut read, mut refused, mut used) = (0, 0, 0);
    for (sweep, partial) in &mut kinds() {
        let next = with_rows(40, |data| sweep.partial(&[0.5; 3], &[], data, partial.end()));
        for _ in 0..300 {
            let mut writer = Writer { words: Vec::new(), numbers: Vec::new() };
            writer.partial(partial);
            let Writer { mut words, mut numbers } = writer;
            for _ in 0..=random.below(3) {
                // Those at the beginning say more than rows that are carried.
                let most = if random.below(2) == 0 { words.len().min(40) } else { words.len() };
                let at = random.below(most);
                let (word, small) = (words[at], random.below(9) as u64);
                words[at] = match random.below(9) {
                    0 => word.wrapping_add(1 + small),
                    1 => word.wrapping_sub(1 + small),
                    2 => small,
                    3 => u64::MAX - small,
                    4 => (1 << 56) - small,
                    5 => word ^ 1 << random.below(64),
                    6 => words[random.below(words.len())],
                    7 => 4096 * small,
                    _ => word,
                };
                match random.below(8) {
                    0 => drop(words.remove(at)),
                    1 => words.insert(at, small),
                    2 => drop(numbers.pop()),
                    3 => numbers.push(f64::NAN),
                    _ => {}
                }
            }
            let failure = partial.error().cloned();
            let mut stored =
                Stored { version: Version, words, numbers: Numbers(numbers), failure, checksum: 0 };
            stored.checksum = stored.sum();
            let Ok(forged) = stored.read() else {
                refused += 1;
                continue;
            };
            read += 1;
            let _ =
                (forged.rows(), forged.row_count(), forged.carried_count(), forged.kink_count());
            let mut ways = [forged.clone(), forged.clone(), forged.clone(), next.clone()];
            let done = [
                ways[0].merge(&next).is_ok(),
                ways[3].merge(&forged).is_ok(),
                with_rows(0, |none| sweep.extend(&mut ways[1], &[0.5; 3], &[], none)).is_ok(),
                with_rows(30, |data| sweep.extend(&mut ways[2], &[0.5; 3], &[], data)).is_ok(),
            ];
            used += done.iter().filter(|&&done| done).count();
            let before = [forged];
            for whole in ways {
                let _ = sweep.finish(&[0.5; 3], [whole]);
            }
            with_rows(30, |data| sweep.partial(&[0.5; 3], &before, data, Offset::at(0)));
        }
    }
    assert!(read > 300 && refused > 300 && used > 100, "{read} read, {refused} refused, {used}");
}
