//! Every entry of the table: value, slopes, kinks.

use super::super::maker::of_numbers;
use super::{Case, agree, without_std};
use crate::op::for_each_signature;
use crate::program::Program;
use crate::program::emit::rust::EmitError;
use crate::program::ir::entries::{BinaryKind, Bits, ManyKind, UnaryKind};
use crate::program::ir::graph::{Graph, Id};
use crate::program::ir::operation::{Operation, Side};

macro_rules! parameter {
    (i32) => {
        -3
    };
    (real) => {
        Bits::of(0.75)
    };
}

macro_rules! emit_all {
    (
        unary { $($unary:ident = $Unary:ident ( $($param:ident : $kind:ident),* );)+ }
        binary { $($binary:ident = $Binary:ident;)+ }
        three { $($three:ident = $Three:ident ( $second:ident, $third:ident );)+ }
        list { $($list:ident = $List:ident;)+ }
    ) => {
        const UNARY: &[UnaryKind] = &[$(UnaryKind::$Unary { $($param: parameter!($kind)),* }),+];
        const BINARY: &[BinaryKind] = &[$(BinaryKind::$Binary),+];
        const MANY: &[ManyKind] = &[$(ManyKind::$Three,)+ $(ManyKind::$List),+];
    };
}
for_each_signature!(emit_all);

/// Nodes of three parameters.
type Nodes = Box<dyn Fn(&mut Graph, [Id; 3]) -> Vec<Id>>;

/// A program of such nodes.
fn program(all: &[Nodes]) -> Program {
    let mut graph = Graph::default();
    let args = [0, 1, 2].map(|place| graph.push(Operation::Parameter(place), &[], None));
    let outputs: Vec<Id> = all.iter().flat_map(|of| of(&mut graph, args)).collect();
    of_numbers(graph, 3, &outputs)
}

/// The nodes of each value, and those of each slope, with the kinks.
fn nodes() -> Vec<Nodes> {
    use Operation::*;
    let mut all: Vec<Nodes> = Vec::new();
    for &kind in UNARY {
        all.push(Box::new(move |graph, [x, ..]| vec![graph.unary(Unary(kind), x)]));
        all.push(Box::new(move |graph, [x, ..]| {
            let y = graph.unary(Unary(kind), x);
            vec![graph.binary(UnarySlope(kind), x, y), graph.unary(UnaryKink(kind), x)]
        }));
    }
    for &kind in BINARY {
        all.push(Box::new(move |graph, [a, b, _]| vec![graph.binary(Binary(kind), a, b)]));
        for side in [Side::First, Side::Second] {
            all.push(Box::new(move |graph, [a, b, _]| {
                let y = graph.binary(Binary(kind), a, b);
                let slope = |alone| BinarySlope { kind, side, alone };
                let mut both =
                    [true, false].map(|alone| graph.push(slope(alone), &[a, b, y], None)).to_vec();
                both.push(graph.binary(BinaryKink(kind), a, b));
                both
            }));
        }
    }
    for &kind in MANY {
        all.push(Box::new(move |graph, args| vec![graph.push(Many(kind), &args, None)]));
    }
    all
}

fn numbers() -> Vec<f64> {
    let ends = [0.0, 5e-324, 1e-310, 1e-8, 0.3, 0.5, 0.75, 1.0, 1.25, 2.0, 3.0, 6.0, 7.5, 30.0];
    let far = [700.0, 745.0, 1e6, 1.5e6, 1e17, 1e160, f64::MAX, f64::INFINITY];
    let all = ends.into_iter().chain(far);
    all.flat_map(|x| [x, -x]).chain([f64::NAN]).collect()
}

/// Without `std`, each text compiles where a trait is imported that has the methods which it names, and no
/// others.
fn needs_no_more_than_it_says(printed: &[Nodes]) {
    let mut modules = Vec::new();
    for (at, nodes) in printed.iter().enumerate() {
        let text = program(std::slice::from_ref(nodes)).to_rust("f").expect("a text");
        let said =
            text.lines().find_map(|line| line.strip_prefix("/// Of what `core` lacks it calls "));
        let imported = said.map_or_else(String::new, |list| {
            let methods = list.trim_end_matches('.').split(", ").map(|name| {
                let others = match name {
                    "powi" => ", _: i32",
                    "atan2" | "div_euclid" | "hypot" | "log" | "powf" | "rem_euclid" => ", _: f64",
                    "mul_add" => ", _: f64, _: f64",
                    _ => "",
                };
                format!("fn {name}(self{others}) -> Self where Self: Sized {{ self }}\n")
            });
            let methods: String = methods.collect();
            format!("pub mod float {{ pub trait Float {{\n{methods}}}\nimpl Float for f64 {{}} }}\nuse float::Float as _;\n")
        });
        modules.push(format!("pub mod m{at} {{\n{imported}{text}}}\n"));
    }
    let traits = modules.iter().filter(|text| text.contains("use float::Float")).count();
    assert!((20..modules.len()).contains(&traits), "{traits} of {}", modules.len());
    without_std("methods", &modules);
}

#[test]
fn every_entry_of_the_table_is_printed_or_named_in_an_error() {
    let (mut printed, mut refused) = (Vec::new(), Vec::new());
    for nodes in nodes() {
        match program(std::slice::from_ref(&nodes)).to_rust("f") {
            Ok(_) => printed.push(nodes),
            Err(EmitError::Operation { operation, .. }) => refused.push(operation),
            Err(error) => panic!("{error}"),
        }
    }
    let numbers = numbers();
    let points = (0..numbers.len()).flat_map(|at| {
        let number = |k: usize| numbers[k % numbers.len()];
        [1, 8, 13].map(|step| {
            (vec![number(at), number(at * step + step), number(at * step + 5)], Vec::new())
        })
    });
    let points: Vec<_> = points.collect();
    let cases =
        printed.chunks(40).map(|nodes| Case { program: program(nodes), points: points.clone() });
    agree("entries", &cases.collect::<Vec<_>>());
    needs_no_more_than_it_says(&printed);
    // They call the crate `libm`, or lists of another length.
    let expected = "gelu gelu_slope logit ln_gamma erf_inv erf_inv_slope normal_cdf ln_normal_cdf \
                    ln_normal_cdf_slope trigamma_slope ln_beta variance";
    assert_eq!(refused.join(" "), expected);
}
