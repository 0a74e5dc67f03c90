#!/usr/bin/env bash
# nalgebra 0.35.0: the singular value decomposition of some singular matrices is that of another matrix.
#
# The third column of
#      2 -2  4
#     -1  6 -2
#      3  3  6
# is twice the first. Its factors, of a DMatrix, are finite and orthogonal, no error is told, and their product
# is off by 0.2 in an entry; with 4.1 for the 4, so that it is no longer singular, all entries are right to
# rounding. Of 20,000 matrices of whole numbers from -8 to 7 whose last column is twice the first, 37 of order 3
# came out wrong by more than 1e-10, 20 of order 4 and 2 of order 5. What is solved with it, as least squares by
# SVD::solve, goes wrong too. symmetric_eigen was right for AᵀA of all of them.
#
# Seen:
#     singular: U Σ Vᵀ - A is 2.1e-1 at most, singular values [8.39, 6.98, 0.00]
#     regular:  U Σ Vᵀ - A is 4.4e-15 at most
#
# Exits with 0 while nalgebra behaves so.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
mkdir "$place/src"
cat >"$place/Cargo.toml" <<'TOML'
[package]
name = "probe"
version = "0.1.0"
edition = "2024"

[dependencies]
nalgebra = { version = "=0.35.0", default-features = false, features = ["std"] }

[workspace]
TOML
cat >"$place/src/main.rs" <<'RUST'
use nalgebra::DMatrix;

fn main() {
    let of = |corner: f64| {
        let entries = [2.0, -2.0, corner, -1.0, 6.0, -2.0, 3.0, 3.0, 6.0];
        let matrix = DMatrix::from_row_slice(3, 3, &entries);
        let svd = matrix.clone().svd(true, true);
        let product = svd.clone().recompose().expect("both factors were asked for");
        ((product - matrix).amax(), svd)
    };
    let (off, svd) = of(4.0);
    let values = &svd.singular_values;
    println!("singular: U Σ Vᵀ - A is {off:.1e} at most, singular values {:.2?}", values.as_slice());
    let u = svd.u.expect("asked for");
    assert!((u.transpose() * &u - DMatrix::identity(3, 3)).amax() < 1e-14);
    let (near, _) = of(4.1);
    println!("regular:  U Σ Vᵀ - A is {near:.1e} at most");
    assert!(near < 1e-13);
    assert!(off > 1e-2, "the behaviour has changed");
}
RUST
cargo run --quiet --manifest-path "$place/Cargo.toml"
