//! Programs printed as Rust, compiled and run: the bits are those of the interpreter.

mod cases;
mod entries;
mod text;

use crate::program::{Columns, NonFinite, Output, Program};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program, and parameters and columns at which it is run.
struct Case {
    program: Program,
    points: Vec<(Vec<f64>, Vec<Vec<f64>>)>,
}

/// What every compiled text begins with: numbers as their bits, all NaN as one.
const PRELUDE: &str = "
#![allow(warnings)]
trait Show { fn show(&self); }
impl Show for f64 {
    fn show(&self) {
        print!(\" {:x}\", if self.is_nan() { f64::NAN.to_bits() } else { self.to_bits() });
    }
}
impl Show for () { fn show(&self) {} }
impl<T: Show> Show for [T] { fn show(&self) { self.iter().for_each(T::show) } }
impl<T: Show, const N: usize> Show for [T; N] { fn show(&self) { self[..].show() } }
impl<T: Show> Show for Vec<T> { fn show(&self) { self[..].show() } }
fn of(bits: &[u64]) -> Vec<f64> { bits.iter().map(|&x| f64::from_bits(x)).collect() }
";

fn bits(numbers: &[f64]) -> String {
    let list: Vec<String> = numbers.iter().map(|x| format!("{:#x}", x.to_bits())).collect();
    format!("of(&[{}])", list.join(","))
}

/// What the interpreter finds: numbers, then lists, or that it refuses.
fn expected(case: &Case, parameters: &[f64], columns: &[Vec<f64>]) -> String {
    let columns: Vec<&[f64]> = columns.iter().map(|column| &column[..]).collect();
    let data = if columns.is_empty() { Ok(Columns::none()) } else { Columns::new(&columns) };
    let data = data.expect("columns of one length");
    let mut sweep = case.program.compile().non_finite(NonFinite::Take);
    let Ok(found) = sweep.run(parameters, &data) else {
        return " refused".into();
    };
    let mut text = String::new();
    for numbers in [true, false] {
        for (at, (_, output)) in case.program.outputs.iter().enumerate() {
            if matches!(output, Output::Number(_)) == numbers {
                for &x in found.output(at) {
                    let x = if x.is_nan() { f64::NAN } else { x };
                    let _ = write!(text, " {:x}", x.to_bits());
                }
            }
        }
    }
    text
}

/// The call of a function at a point, which shows all that it finds.
fn call(name: &str, text: &str, parameters: &[f64], columns: &[Vec<f64>]) -> String {
    let head = text.lines().find(|line| line.starts_with("pub fn")).expect("a function");
    let (mut call, mut shown) = (String::new(), String::new());
    let _ = writeln!(call, "{{ let p = {};", bits(parameters));
    let mut arguments = String::from("p[..].try_into().expect(\"a length\")");
    if !columns.is_empty() {
        let names: Vec<String> = (0..columns.len()).map(|at| format!("&c{at}")).collect();
        for (at, column) in columns.iter().enumerate() {
            let _ = writeln!(call, "let c{at} = {};", bits(column));
        }
        let _ = write!(arguments, ", [{}]", names.join(", "));
    }
    for (at, kind) in head.split("&mut ").skip(1).enumerate() {
        let kind = kind.split(", ").next().unwrap_or(kind).split(')').next().unwrap_or(kind);
        match kind.strip_prefix("[[").and_then(|kind| kind.strip_suffix("]]")) {
            Some(row) => {
                let zero = row.replace("f64", "0.0");
                let _ = writeln!(call, "let mut o{at} = vec![[{zero}]; {}];", columns[0].len());
            }
            None => {
                let zero = kind.replace("f64", "0.0");
                let _ = writeln!(call, "let mut o{at} = {zero};");
            }
        }
        let _ = write!(arguments, ", &mut o{at}");
        let _ = write!(shown, " o{at}.show();");
    }
    let _ = match head.contains("-> Result<") {
        true => writeln!(
            call,
            "match {name}({arguments}) {{ Ok(x) => {{ x.show();{shown} }} Err(_) => print!(\" refused\") }}"
        ),
        false => writeln!(call, "let x = {name}({arguments}); x.show();{shown}"),
    };
    call + "println!(); }\n"
}

/// A place for what is compiled, which is removed at the end.
struct Workplace(PathBuf);

impl Workplace {
    fn new(name: &str) -> Self {
        let place = format!("wengert-{name}-{}", std::process::id());
        let place = std::env::temp_dir().join(place);
        std::fs::create_dir_all(&place).expect("a directory");
        Workplace(place)
    }

    /// Compiles a text.
    fn compile(&self, text: &str, options: &[&str]) -> PathBuf {
        let (from, to) = (self.0.join("text.rs"), self.0.join("text.bin"));
        std::fs::write(&from, text).expect("a file");
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let out = Command::new(rustc)
            .args(["--edition", "2021", "-o"])
            .args([Path::new(&to), Path::new(&from)])
            .args(options)
            .output()
            .expect("rustc, as wherever tests run");
        let words = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "{}\n{words}", from.display());
        to
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// Compiles a crate without `std` that has these functions, and denies what a compiler warns
/// of outside of them.
fn without_std(place: &str, texts: &[String]) {
    let text = format!("#![no_std]\n#![deny(warnings)]\n{}", texts.concat());
    Workplace::new(place).compile(&text, &["--crate-type", "lib"]);
}

/// Prints all programs, compiles them together and compares what they find.
fn agree(place: &str, cases: &[Case]) {
    let mut source = String::from(PRELUDE);
    let (mut calls, mut want) = (Vec::new(), Vec::new());
    for (at, case) in cases.iter().enumerate() {
        let name = format!("f{at}");
        let text = case.program.to_rust(&name).expect("a text");
        for (parameters, columns) in &case.points {
            calls.push(call(&name, &text, parameters, columns));
            want.push((at, expected(case, parameters, columns)));
        }
        source += &text;
    }
    // Not all in one function, over which a compiler would brood.
    let mut main = String::from("fn main() {\n");
    for (at, calls) in calls.chunks(20).enumerate() {
        let _ = write!(source, "fn calls_{at}() {{\n{}}}\n", calls.concat());
        let _ = writeln!(main, "calls_{at}();");
    }
    let place = Workplace::new(place);
    let program = place.compile(&(source + &main + "}\n"), &[]);
    let out = Command::new(program).output().expect("a run");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let found = String::from_utf8_lossy(&out.stdout);
    let found: Vec<&str> = found.lines().collect();
    assert_eq!(found.len(), want.len());
    for (found, (at, want)) in found.iter().zip(&want) {
        assert_eq!(found, want, "program {at}:\n{}", cases[*at].program);
    }
}
