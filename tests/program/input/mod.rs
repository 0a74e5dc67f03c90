//! Rows in all their forms: columns, streams, Arrow, Parquet, weights, and who makes them.

#[cfg(feature = "arrow")]
mod arrow;
mod data;
#[cfg(feature = "ipc")]
mod ipc;
#[cfg(feature = "libsvm")]
mod libsvm;
#[cfg(feature = "npy")]
mod npy;
#[cfg(feature = "parquet")]
mod parquet;
mod source;
mod stream;
mod weights;

/// Writes a file whose time of change is later than that of any other.
#[cfg(any(feature = "ipc", feature = "parquet"))]
fn write_later(path: &std::path::Path, bytes: &[u8]) {
    std::fs::write(path, bytes).unwrap();
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(1);
    std::fs::File::options().write(true).open(path).unwrap().set_modified(later).unwrap();
}
