//! A training whose process is killed, at any moment, goes on from its file.

use super::line;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};
use wengert::optim::{Adam, Schedule};
use wengert::train::{Batches, Trainer};

/// Where the process that is killed keeps its training.
const FILE: &str = "WENGERT_KILLED_FILE";

fn train(file: Option<&Path>) -> [u64; 2] {
    let adam = Adam::builder(0.05).schedule(Schedule::cosine(1200, 0.001)).build();
    let mut trainer = Trainer::new(adam.expect("options"))
        .epochs(300)
        .batches(Batches::of(10).shuffled(5))
        .validate(&[1, 2, 3]);
    if let Some(file) = file {
        trainer = trainer.save_to(file).save_every(1);
    }
    let mut x = [3.0, -1.0];
    trainer.fit(&mut x, &mut line(40)).expect("a training");
    x.map(f64::to_bits)
}

/// Not a test of its own: the process that [`a_killed_training_goes_on_bit_for_bit`] kills.
#[test]
#[ignore = "it is started by another test"]
fn the_one_that_is_killed() {
    if let Some(file) = env::var_os(FILE) {
        train(Some(Path::new(&file)));
    }
}

#[test]
fn a_killed_training_goes_on_bit_for_bit() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("run.json");
    let mut kept = 0;
    for turn in 0..12 {
        let mut child = Command::new(env::current_exe().expect("a program"))
            .args(["--exact", "killed::the_one_that_is_killed", "--ignored"])
            .env(FILE, &file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a process");
        thread::sleep(Duration::from_millis(20 + 37 * turn % 150));
        child.kill().expect("it is there");
        child.wait().expect("it is over");
        kept += usize::from(fs::metadata(&file).is_ok());
    }
    assert!(kept > 0, "no process lived long enough to keep anything");
    assert_eq!(train(Some(&file)), train(None));
}
