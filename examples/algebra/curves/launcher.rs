//! Nonlinear regressions beside their certified values: has `fitted-curves` built with its feature and run.
//!
//! ```text
//! cargo run --release --example curves [folder]
//! ```
//!
//! Least squares factor matrices by `nalgebra`, for which nobody should wait who runs another example. So the
//! feature `least-squares` asks for it, and a command that names no feature comes here.

use std::error::Error;
use std::process::{Command, exit};

fn main() -> Result<(), Box<dyn Error>> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["run", "--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
    cargo.args(["--example", "fitted-curves", "--features", "least-squares"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let status = cargo.arg("--").args(std::env::args_os().skip(1)).status()?;
    exit(status.code().unwrap_or(1))
}
