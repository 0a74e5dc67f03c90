//! Where pictures go unless a path is given.

use std::path::{Path, PathBuf};

/// The first argument, or a file of this name in Cargo's target folder, wherever that is: three above this
/// program, which is in `release/examples`.
pub(crate) fn path_or(name: &str) -> PathBuf {
    let given = std::env::args_os().nth(1).map(PathBuf::from);
    given.unwrap_or_else(|| {
        let program = std::env::current_exe().unwrap_or_default();
        program.ancestors().nth(3).unwrap_or(Path::new(".")).join(name)
    })
}
