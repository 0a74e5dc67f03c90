//! Processes that `mpirun` starts find what one finds alone, to the bit, wherever the rows are cut.
//!
//! Instruction sets and forms of programs that need no processes are varied in the tests of `wengert` itself.

use std::process::Command;
use wengert::objective;
use wengert::program::{Columns, Program};
use wengert_mpi::{RankError, launch};

/// What tells a process that it is a rank.
const RANK: &str = "WENGERT_TEST_IS_RANK";

/// How often the rows are cut anew.
const CUTS: usize = 100;

/// A generator of numbers (splitmix64), the same on all ranks.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

#[test]
fn the_bits_are_those_of_one_process_for_a_hundred_cuts() {
    if std::env::var_os(RANK).is_some() {
        return launch(as_rank);
    }
    let own = std::env::current_exe().expect("this test");
    for threads in ["1", "2"] {
        for count in ["1", "2", "3", "5", "8"] {
            let mut job = Command::new("mpirun");
            job.args(["-n", count]).arg(&own).args(["--exact", "--nocapture"]);
            job.arg("the_bits_are_those_of_one_process_for_a_hundred_cuts");
            // Open MPI: more processes than cores, and in containers as root.
            let set = ["rmaps_base_oversubscribe", "mpi_yield_when_idle"];
            job.envs(set.map(|name| (format!("OMPI_MCA_{name}"), "1")));
            job.envs(["", "_CONFIRM"].map(|end| (format!("OMPI_ALLOW_RUN_AS_ROOT{end}"), "1")));
            let output = job.env(RANK, "1").env("RAYON_NUM_THREADS", threads).output();
            let output = output.expect("mpirun");
            let text = String::from_utf8_lossy(&output.stdout);
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{count} ranks, {threads} threads: {text}{error}");
            let done = format!("{CUTS} cuts by {count} ranks of {threads}");
            assert!(text.contains(&done), "{text}{error}");
        }
    }
}

fn as_rank(ranks: &wengert_mpi::Ranks) -> Result<(), RankError> {
    let loss = objective!(|[a, b], [x, y]| (a * x * x + b * x - y).abs());
    let record = || Program::record(&loss, &[1.0, 1.0], &[1.0, 1.0]).expect("a recording");
    let programs = [record().mean().gradient(), record().max().gradient()];
    let mut random = Random(16);
    for cut in 0..CUTS {
        // A few times enough rows for two threads.
        let n = if cut % 25 == 0 { 150_000 } else { [4097, 1000, 9001][cut % 3] };
        let x: Vec<f64> = (0..n).map(|row| (row as f64 * 0.37).sin() * 3.0).collect();
        let y: Vec<f64> = (0..n).map(|row| (row as f64 * 1.7).cos()).collect();
        let mut cuts: Vec<usize> = (1..ranks.count()).map(|_| random.below(n + 1)).collect();
        cuts.extend([0, n]);
        cuts.sort_unstable();
        let at = [1.0 + cut as f64 * 0.125, -0.75];
        let mut sweep = programs[usize::from(cut % 10 == 9)].compile();
        let bits = |found: wengert::program::Found<'_>| {
            let gradient = found.gradient().iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
            (found.value().to_bits(), gradient, found.row_count())
        };
        let all = Columns::new(&[&x, &y]).expect("columns");
        let alone = bits(sweep.run(&at, &all).expect("a run"));
        let own = all.range(cuts[ranks.rank()]..cuts[ranks.rank() + 1]);
        let rows = ranks.rows(ranks.agree(sweep.count(&own))?, "made up")?;
        let together = bits(ranks.run(&mut sweep, &at, &rows, &own)?);
        let same = if together == alone { Ok(()) } else { Err(format!("cut at {cuts:?}")) };
        ranks.agree(same)?;
    }
    if ranks.rank() == 0 {
        let threads = std::env::var("RAYON_NUM_THREADS").unwrap_or_default();
        println!("{CUTS} cuts by {} ranks of {threads}", ranks.count());
    }
    Ok(())
}
