//! The fits by several processes: the same bits, no hang, and nothing lost when some are killed.
//!
//! Without `mpirun` nothing is tested, and that is printed.

#[cfg(target_os = "linux")]
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const ROWS: &str = "150000";

/// A fit to the rows in this directory, by so many processes.
fn job(processes: usize, directory: &Path) -> Command {
    let mut command = Command::new("mpirun");
    let binary = env!("CARGO_BIN_EXE_cluster");
    command.args(["-n", &processes.to_string(), binary, "fit"]).arg(directory);
    // Open MPI: more processes than cores, and in containers as root.
    let set = ["rmaps_base_oversubscribe", "mpi_yield_when_idle"];
    command.envs(set.map(|name| (format!("OMPI_MCA_{name}"), "1")));
    command.envs(["", "_CONFIRM"].map(|end| (format!("OMPI_ALLOW_RUN_AS_ROOT{end}"), "1")));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What a process that ends in time has written.
fn ended(mut child: Child, most: Duration) -> Output {
    let begun = Instant::now();
    while child.try_wait().expect("a process").is_none() {
        if begun.elapsed() > most {
            let _ = child.kill();
            panic!("the job has not ended after {most:?}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.wait_with_output().expect("its output")
}

fn run(processes: usize, directory: &Path) -> Output {
    ended(job(processes, directory).spawn().expect("mpirun"), Duration::from_secs(120))
}

/// The bits that a fit that went well has found.
fn bits(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{error}");
    let bits = text.lines().find(|line| line.starts_with("bits "));
    bits.unwrap_or_else(|| panic!("no bits in {text}")).into()
}

/// The files, in a directory that is removed with its owner; `None` without `mpirun`.
fn files(rows: &str) -> Option<tempfile::TempDir> {
    if Command::new("mpirun").arg("--version").output().is_err() {
        println!("SKIPPED: there is no mpirun");
        return None;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let mut make = Command::new(env!("CARGO_BIN_EXE_cluster"));
    let made = make.arg("make").arg(directory.path()).arg(rows).status().expect("a process");
    assert!(made.success());
    Some(directory)
}

#[test]
fn any_number_of_processes_finds_the_same_bits() {
    let Some(directory) = files(ROWS) else { return };
    let found = [1, 2, 3, 5, 8].map(|processes| {
        let found = bits(&run(processes, directory.path()));
        std::fs::remove_file(directory.path().join("curve.json")).expect("a saved state");
        found
    });
    assert!(found.iter().all(|other| other == &found[0]), "{found:?}");
}

/// The processes of a job that have opened one of its files, and so have found each other before.
///
/// `mpirun` of Open MPI 4.1.4 sometimes waits for ever if a process dies while they do.
#[cfg(target_os = "linux")]
fn at_work(job: &Child, directory: &Path) -> Vec<String> {
    let id = job.id();
    let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
    let reads = |process: &&str| {
        let open = std::fs::read_dir(format!("/proc/{process}/fd")).into_iter().flatten();
        open.flatten()
            .filter_map(|file| std::fs::read_link(file.path()).ok())
            .any(|path| path.starts_with(directory))
    };
    children.unwrap_or_default().split_whitespace().filter(reads).map(str::to_owned).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_process_that_is_killed_ends_the_job_and_the_next_goes_on() {
    let Some(directory) = files(ROWS) else { return };
    let state = directory.path().join("curve.json");
    let expected = bits(&run(1, directory.path()));
    std::fs::remove_file(&state).expect("a saved state");
    let (mut killed, mut resumed) = (0, 0);
    for round in 0..20_u64 {
        let mut child = job(4, directory.path()).spawn().expect("mpirun");
        // Until its processes are at work, and then some more.
        let (begun, mut seen) = (Instant::now(), BTreeSet::new());
        while seen.len() < 4 && child.try_wait().expect("a process").is_none() {
            assert!(begun.elapsed() < Duration::from_secs(60), "the job does not begin");
            seen.extend(at_work(&child, directory.path()));
            std::thread::sleep(Duration::from_millis(1));
        }
        let wait = round.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 54;
        std::thread::sleep(Duration::from_millis(wait));
        if let Some(victim) = seen.iter().nth(round as usize % 4) {
            let _ = Command::new("kill").args(["-9", victim]).status();
        }
        let output = ended(child, Duration::from_secs(60));
        if output.status.success() {
            // It was over before.
            assert_eq!(bits(&output), expected);
            std::fs::remove_file(&state).expect("a saved state");
        } else {
            killed += 1;
            resumed += usize::from(state.exists());
        }
    }
    assert!(killed >= 5, "only {killed} jobs were killed");
    assert!(resumed >= 1, "no job was killed after it had saved");
    assert_eq!(bits(&run(3, directory.path())), expected);
}

#[test]
fn a_file_that_is_missing_or_cut_short_is_named_by_all() {
    let Some(directory) = files("20000") else { return };
    let labels = directory.path().join("labels.parquet");
    let bytes = std::fs::read(&labels).expect("a file");
    // Without the end, which says what is in it.
    std::fs::write(&labels, &bytes[..bytes.len() - 8]).expect("a file");
    let output = run(3, directory.path());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(error.contains("labels.parquet"), "{error}");
    std::fs::remove_file(&labels).expect("a file");
    let output = run(3, directory.path());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(error.contains("labels.parquet") && error.contains("rank 0"), "{error}");
}

#[test]
fn a_pass_over_a_file_is_timed_beside_reading_it() {
    let Some(directory) = files("20000") else { return };
    let read =
        Command::new(env!("CARGO_BIN_EXE_cluster")).arg("read").arg(directory.path()).output();
    let read = read.expect("a process");
    let text = String::from_utf8_lossy(&read.stdout);
    assert!(read.status.success(), "{text}{}", String::from_utf8_lossy(&read.stderr));
    assert!(text.contains("20000 rows of 21 columns") && text.contains("ratio"), "{text}");
}
