//! Programs that are written and read again, whole or damaged.

use crate::partials::partial::Random;
use serde_json::Value;
use wengert::objective;
use wengert::program::{Columns, Program, RunError};

/// Programs of all kinds: guards, kinks, reductions, gathers, constants of every sort, two orders of
/// derivatives.
fn programs() -> Vec<Program> {
    let odd = f64::from_bits(0x7ff8_0000_0000_1234);
    let constants = objective!((odd: f64) |[a], [x]| T::select(
        x.above(-1e300),
        (a * -0.0).max(x) + (x - f64::INFINITY).exp() + 5e-324,
        a + odd
    ));
    let gathered = objective!(|w, [k, x]| (T::gather(w, k) * x - w[0]).abs());
    let branched = objective!(|[a, b], [x]| if a > b {
        (a * x).clamp(-1.0, f64::INFINITY).powi(-3).hypot(b)
    } else {
        T::max_of(&[a, b, x, 1.0.into(), 2.0.into()])
    });
    let record = |which| match which {
        0 => Program::record(&constants, &[1.0], &[2.0]),
        1 => Program::record(&gathered, &[1.0, 2.0, 3.0], &[1.0, 0.5]),
        2 => Program::record(&branched, &[1.0, 2.0], &[3.0]),
        _ => Program::record(&branched, &[2.0, 1.0], &[3.0]),
    };
    let network = objective!(|w, [x, y]| {
        let hidden = [w[0] * x + w[1], w[2] * x - w[1], x];
        T::log_sum_exp(&hidden) * T::norm(&hidden) - T::dot(&hidden, w) + y % 0.75
    });
    let last = Program::record(&network, &[0.5, -0.1, 0.7], &[0.3, 0.2]).unwrap();
    let recorded = (0..4).map(|which| record(which).unwrap()).chain([last]);
    recorded
        .flat_map(|p| {
            let weighted = p.clone().weighted_mean().gradient();
            [p.clone(), p.clone().mean().gradient(), p.clone().max().hessian(), weighted, {
                p.sum().gradient().jvp().allow_fused_products()
            }]
        })
        .collect()
}

/// All outputs to the bit, kinks and the number of guards; `None` if the run fails.
fn outcome(program: &Program) -> Option<(Vec<Vec<u64>>, usize)> {
    let n = program.parameter_count();
    let parameters: Vec<f64> = (0..n).map(|i| 1.0 + 0.5 * i as f64).collect();
    let columns: Vec<Vec<f64>> =
        (0..program.column_count()).map(|c| vec![1.0, 2.0, 0.0, 0.5 * c as f64]).collect();
    let columns: Vec<&[f64]> = columns.iter().map(|c| &c[..]).collect();
    let mut sweep = program.compile();
    let found = sweep.run(&parameters, &Columns::new(&columns).unwrap()).ok()?;
    let outputs = (0..program.to_string().matches("\n  output ").count())
        .map(|at| found.output(at).iter().map(|x| x.to_bits()).collect());
    Some((outputs.collect(), found.kinks().len()))
}

#[test]
fn what_comes_back_is_the_same_and_runs_to_the_same_bits() {
    let mut ran = 0;
    for program in programs() {
        let text = serde_json::to_string(&program).unwrap();
        let back: Program = serde_json::from_str(&text).unwrap();
        assert_eq!(back.to_string(), program.to_string());
        assert_eq!(serde_json::to_string(&back).unwrap(), text);
        assert_eq!(back.guards().collect::<Vec<_>>(), program.guards().collect::<Vec<_>>());
        assert_eq!(outcome(&back), outcome(&program));
        assert_eq!(outcome(&back.clone().gradient()), outcome(&program.clone().gradient()));
        ran += usize::from(outcome(&program).is_some());
    }
    assert!(ran >= 15, "only {ran} programs ran");
}

#[test]
fn constants_keep_their_bits() {
    for bits in [0x7ff8_0000_0000_1234, 0xfff0_0000_0000_0000, 0x8000_0000_0000_0000, 1] {
        let constant = f64::from_bits(bits);
        let f = objective!((constant: f64) |[a]| T::select(a.above(0.0), T::from(constant), a));
        let program = Program::record(&f, &[1.0], &[]).unwrap();
        let text = serde_json::to_string(&program).unwrap();
        let back: Program = serde_json::from_str(&text).unwrap();
        let mut sweep = back.compile();
        let found = sweep.run(&[1.0], &Columns::none()).unwrap();
        assert_eq!(found.value().to_bits(), bits);
    }
}

/// The error of a program whose written form was changed.
fn error_after(change: impl FnOnce(&mut Value)) -> String {
    let f = objective!(|[a, b], [k, x]| {
        let chosen = T::gather(&[a, b], k);
        if chosen > x { T::select(x.above(0.0), chosen.sin(), b) } else { x }
    });
    let program = Program::record(&f, &[1.0, 2.0], &[1.0, 0.5]).unwrap().mean().gradient();
    let mut value = serde_json::to_value(&program).unwrap();
    serde_json::from_value::<Program>(value.clone()).unwrap();
    change(&mut value);
    serde_json::from_value::<Program>(value).unwrap_err().to_string()
}

/// The first node whose operation is written so.
fn node<'v>(value: &'v mut Value, operation: &str) -> &'v mut Value {
    let nodes = value["nodes"].as_array_mut().unwrap();
    let found = nodes
        .iter_mut()
        .find(|node| node["operation"] == operation || node["operation"].get(operation).is_some());
    found.unwrap_or_else(|| panic!("no {operation}"))
}

#[test]
fn each_kind_of_damage_has_its_error() {
    let expect = |part: &str, change: &dyn Fn(&mut Value)| {
        let error = error_after(change);
        assert!(error.contains(part), "{error}");
    };
    expect("of version 4", &|v| v["version"] = 4.into());
    expect("column of weights 1000", &|v| v["weights"] = 1000.into());
    expect("not before it", &|v| node(v, "Above")["args"][0] = 1000.into());
    expect("0 arguments", &|v| node(v, "Above")["args"] = Value::Array(vec![]));
    expect("outside the parameters", &|v| v["parameters"] = 1.into());
    expect("outside the parameters", &|v| v["columns"] = 1.into());
    expect("outside the parameters", &|v| {
        node(v, "Gather")["operation"]["Gather"]["base"] = u32::MAX.into();
    });
    expect("wants a condition", &|v| node(v, "Select")["args"][0] = 0.into());
    expect("for each row", &|v| node(v, "Gather")["args"][0] = 0.into());
    expect("no part of a recorded", &|v| node(v, "Select")["operation"] = "ProductPlus".into());
    expect("the guard 0 leads", &|v| v["guards"][0]["condition"] = 0.into());
    expect("the output 1 leads", &|v| v["outputs"][1][1]["Vector"]["len"] = 3.into());
    expect("the output 1 leads", &|v| {
        v["outputs"][1][1]["Vector"]["scatters"][0]["base"] = 1.into()
    });
    expect("the output 0 leads", &|v| v["outputs"][0][1]["Number"] = 1000.into());
    expect("one number", &|v| v["outputs"] = Value::Array(vec![]));
    expect("one number", &|v| drop(v["outputs"].as_array_mut().unwrap().remove(0)));
    expect("unknown variant", &|v| node(v, "Select")["operation"] = "Choose".into());
    expect("missing field", &|v| {
        v.as_object_mut().unwrap().remove("guards");
    });
}

#[test]
fn what_rows_scatter_may_come_after_other_rows_were_added_up() {
    let f = objective!(|w, [k, x]| (T::gather(w, k) * x).sin());
    let program = Program::record(&f, &[1.0, 2.0], &[1.0, 0.5]).unwrap().sum().gradient();
    let mut value = serde_json::to_value(&program).unwrap();
    // Each row adds the sum over the rows, rather than its own slope.
    let sum = value["outputs"][0][1]["Number"].clone();
    value["outputs"][1][1]["Vector"]["scatters"][0]["value"] = sum;
    let changed: Program = serde_json::from_value(value).unwrap();
    let mut sweep = changed.compile();
    let data = Columns::new(&[&[0.0, 1.0, 1.0], &[0.25, 0.5, 0.75]]).unwrap();
    let found = sweep.run(&[1.0, 2.0], &data).unwrap();
    assert_eq!(found.gradient(), [found.value(), 2.0 * found.value()]);
}

impl Random {
    /// Changes one thing somewhere in a written program.
    fn damage(&mut self, value: &mut Value) {
        match value {
            Value::Array(list) if !list.is_empty() => {
                let (at, other) = (self.below(list.len()), self.below(list.len()));
                match self.below(8) {
                    0 => drop(list.remove(at)),
                    1 => list.push(list[at].clone()),
                    2 => list.swap(at, other),
                    _ => self.damage(&mut list[at]),
                }
            }
            Value::Object(map) if !map.is_empty() => {
                let at = self.below(map.len());
                let value = map.values_mut().nth(at);
                value.into_iter().for_each(|value| self.damage(value));
            }
            Value::Number(number) => {
                let near = number.as_u64().unwrap_or(0);
                let up = near.wrapping_add(1);
                let choice =
                    [0, 1, 2, 3, 7, up, near.wrapping_sub(1), u64::from(u32::MAX), u64::MAX];
                *value = choice[self.below(choice.len())].into();
            }
            Value::String(_) => {
                let names = ["Add", "Mul", "Sum", "Select", "Rows", "Norm", "Dot", "Chain", "Neg"];
                *value = names[self.below(names.len())].into();
            }
            Value::Bool(bool) => *bool = !*bool,
            other => *other = 1.into(),
        }
    }
}

/// Whatever is read is shown, differentiated and run; whether it could be read.
fn use_it(text: &str) -> bool {
    let Ok(program) = serde_json::from_str::<Program>(text) else {
        return false;
    };
    if program.parameter_count() < 100 && program.column_count() < 100 {
        outcome(&program);
        outcome(&program.clone().gradient());
        outcome(&program.jvp());
    }
    true
}

#[test]
fn damaged_fields_never_panic() {
    let mut random = Random(1964);
    let written: Vec<Value> = programs().iter().map(|p| serde_json::to_value(p).unwrap()).collect();
    let (mut read, mut refused) = (0, 0);
    for round in 0..800 {
        let mut value = written[round % written.len()].clone();
        for _ in 0..=random.below(2) {
            random.damage(&mut value);
        }
        *(if use_it(&value.to_string()) { &mut read } else { &mut refused }) += 1;
    }
    assert!(read > 60 && refused > 300, "{read} read, {refused} refused");
}

#[test]
fn damaged_bytes_never_panic() {
    let mut random = Random(7);
    let written: Vec<String> =
        programs().iter().map(|p| serde_json::to_string(p).unwrap()).collect();
    let mut refused = 0;
    for round in 0..800 {
        let mut bytes = written[round % written.len()].clone().into_bytes();
        let at = random.below(bytes.len());
        match random.below(4) {
            0 => bytes.truncate(at),
            1 => drop(bytes.remove(at)),
            2 => bytes[at] = b"0123456789,]}\"-e"[random.below(16)],
            _ => {
                let to = (at + random.below(40)).min(bytes.len());
                bytes.extend_from_within(at..to);
                bytes.drain(at..to);
            }
        }
        refused += u32::from(!use_it(&String::from_utf8_lossy(&bytes)));
    }
    assert!(refused > 400, "{refused} refused");
}

#[test]
fn what_comes_back_still_looks_at_its_weights() {
    let program = Program::record(&objective!(|[a], [x]| a * x), &[1.0], &[1.0]).unwrap();
    let text = serde_json::to_string(&program.weighted_mean()).unwrap();
    let program: Program = serde_json::from_str(&text).unwrap();
    let mut sweep = program.compile();
    let mut run = |x: &[f64], w: &[f64]| {
        sweep.run(&[2.0], &Columns::new(&[x, w]).unwrap()).map(|found| found.value())
    };
    assert_eq!(run(&[f64::NAN, 3.0], &[0.0, 1.0]), Ok(6.0));
    assert_eq!(run(&[1.0], &[-1.0]), Err(RunError::Weight { row: 0, value: -1.0 }));
}
