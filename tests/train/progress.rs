//! A bar leaves no trace where nobody looks.

use super::line;
use std::process::{Command, Stdio};
use wengert::optim::Sgd;
use wengert::train::{ProgressBar, Trainer};

/// Set where this program is to train.
const CHILD: &str = "WENGERT_TEST_TRAINS";

#[test]
fn a_training_whose_errors_go_to_a_file_or_pipe_writes_nothing() {
    if std::env::var_os(CHILD).is_some() {
        let sgd = Sgd::builder(0.01).build().unwrap();
        let trainer = Trainer::new(sgd).epochs(200).batch_size(8);
        let trained =
            trainer.callback(ProgressBar::new()).fit(&mut [3.0, -1.0], &mut line(32)).unwrap();
        println!("steps: {}", trained.step_count);
        return;
    }
    let name = "progress::a_training_whose_errors_go_to_a_file_or_pipe_writes_nothing";
    let program = std::env::current_exe().unwrap();
    let child = Command::new(program)
        .args(["--exact", name, "--nocapture"])
        .env(CHILD, "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(said.contains("steps: 800"), "{said}");
    assert_eq!(String::from_utf8_lossy(&child.stderr), "");
}
