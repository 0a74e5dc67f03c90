//! How many messages travel, how long they are, and how long the way is.

use crate::programs::{Case, cases, data};
use crate::range;
use crate::threads::on_ranks;
use wengert::program::{Columns, Program};

#[test]
fn a_pass_takes_two_messages_a_rank_and_twice_the_logarithm_of_delays() {
    let [x, y] = data(4000);
    let data = [&x[..], &y[..]];
    for Case { name, program, parameters } in cases() {
        for count in [1, 2, 3, 4, 5, 8, 13, 16, 33, 64] {
            let ranks = on_ranks(count, |ranks| {
                let mut sweep = program.compile();
                let from = |rank: usize| rank * 4000 / count;
                let own = range(&data, from(ranks.rank())..from(ranks.rank() + 1));
                let rows = ranks.rows(sweep.count(&own).unwrap(), "a range").unwrap();
                let before = (ranks.link().sent().len(), ranks.link().clock());
                ranks.run(&mut sweep, &parameters, &rows, &own).unwrap();
                let after = (ranks.link().sent().len(), ranks.link().clock());
                (after.0 - before.0, before.1, after.1)
            });
            let passes = program.compile().pass_count();
            let sent: usize = ranks.iter().map(|(sent, ..)| sent).sum();
            assert_eq!(sent, passes * 2 * (count - 1), "{name}, {count} ranks");
            let [begun, ended] =
                [ranks.iter().map(|(_, at, _)| at).max(), ranks.iter().map(|(.., at)| at).max()];
            let way = ended.unwrap() - begun.unwrap();
            let most = passes * 2 * count.next_power_of_two().ilog2() as usize;
            assert!(way <= most as u64, "{name}, {count} ranks: {way} delays, at most {most}");
            assert!(count < 3 || way * 2 >= most as u64, "{name}, {count} ranks: {way} delays");
        }
    }
}

#[test]
fn a_message_has_as_many_numbers_as_sums_and_open_segments() {
    // A sum for each of so many parameters, and the value.
    struct Linear;
    impl wengert::Objective for Linear {
        fn at<T: wengert::Scalar>(&self, a: &[T], x: &[T]) -> T {
            let mut sum = T::ZERO;
            for (i, &a) in a.iter().enumerate() {
                sum += a * x[0] * (1.0 + i as f64);
            }
            sum.square()
        }
    }
    let x: Vec<f64> = (0..65_536).map(|i| (i as f64).sin()).collect();
    for n in [1, 10, 100] {
        let at = vec![0.5; n];
        let program = Program::record(&Linear, &at, &[1.0]).unwrap().mean().gradient();
        let longest = on_ranks(8, |ranks| {
            let mut sweep = program.compile();
            let from = 8192 * ranks.rank();
            let own = Columns::new(&[&x[from..from + 8192]]).unwrap();
            let rows = ranks.rows(sweep.count(&own).unwrap(), "a range").unwrap();
            ranks.run(&mut sweep, &at, &rows, &own).unwrap();
            ranks.link().sent().into_iter().max().unwrap_or(0)
        });
        // Each has whole segments, so that a sum is a number for each level of the tree.
        let levels = (65_536 / program.compile().segment()).ilog2() as usize + 1;
        let most = 8 * (n + 1) * levels + 400;
        let longest = longest.into_iter().max().unwrap();
        assert!(longest <= most, "{longest} bytes, at most {most}");
        assert!(longest >= 8 * (n + 1), "{longest} bytes");
    }
}
