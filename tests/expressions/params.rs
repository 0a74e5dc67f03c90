//! Named parameters: order, lookup, refusals, recording.

// Every line of this file is a test, those outside of test functions too.
#![allow(clippy::unwrap_used)]

use wengert::optim::{KinkDescent, OptimError, Search, Sgd};
use wengert::{Params, ParamsError, Tape};

fn network() -> Params {
    let mut params = Params::new();
    params.insert("zeta", 1.0).unwrap();
    params.insert_block("weights", &[2.0, 3.0, 4.0]).unwrap();
    params.insert("alpha", 5.0).unwrap();
    params
}

#[test]
fn names_keep_the_order_of_definition() {
    let params = network();
    let names: Vec<&str> = params.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["zeta", "weights", "alpha"]);
    assert_eq!(params.values(), [1.0, 2.0, 3.0, 4.0, 5.0]);
    let flat: Vec<f64> = params.iter().flat_map(|(_, values)| values.to_vec()).collect();
    assert_eq!(flat, params.values());
    assert_eq!(params.to_string(), "zeta = 1\nweights = [2, 3, 4]\nalpha = 5");
    assert_eq!(format!("{params:.1}"), "zeta = 1.0\nweights = [2.0, 3.0, 4.0]\nalpha = 5.0");
}

#[test]
fn every_index_has_the_name_that_finds_it() {
    let params = network();
    for i in 0..params.len() {
        let name = params.name_of(i).unwrap();
        let (name, offset) = match name.strip_suffix(']').and_then(|n| n.split_once('[')) {
            Some((name, offset)) => (name, offset.parse().unwrap()),
            None => (name.as_str(), 0),
        };
        assert_eq!(params.range(name).unwrap().start + offset, i);
    }
}

#[test]
fn refused_names_and_values_are_named_and_change_nothing() {
    let mut params = network();
    let before = params.clone();
    let unknown = params.scalar("beta").unwrap_err();
    let known = ["zeta", "weights", "alpha"].map(String::from).to_vec();
    assert_eq!(unknown, ParamsError::Unknown { name: "beta".into(), known });
    let length = |expected, found| ParamsError::Length { name: "weights".into(), expected, found };
    assert_eq!(params.scalar("weights"), Err(length(3, 1)));
    assert_eq!(params.set("weights", &[1.0, 2.0]), Err(length(3, 2)));
    assert_eq!(params.insert("alpha", 0.0), Err(ParamsError::Duplicate { name: "alpha".into() }));
    let total = ParamsError::TotalLength { expected: 5, found: 1 };
    assert_eq!(params.set_values(&[1.0]), Err(total));
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let refusals = [
            (params.insert("new", bad), "`new`"),
            (params.insert_block("block", &[0.0, bad]), "`block[1]`"),
            (params.set("weights", &[0.0, 0.0, bad]), "`weights[2]`"),
            (params.set_values(&[0.0, 0.0, bad, 0.0, 0.0]), "`weights[1]`"),
        ];
        for (refusal, name) in refusals {
            let message = refusal.unwrap_err().to_string();
            assert!(message.contains(name), "{message}");
        }
    }
    assert_eq!(params, before);
}

#[test]
fn a_long_list_of_known_names_is_cut_off() {
    let names: Vec<String> = (0..100).map(|i| format!("p{i}")).collect();
    let params = Params::from_scalars(names.iter().map(|name| (name.as_str(), 0.0))).unwrap();
    let message = params.scalar("q").unwrap_err().to_string();
    assert!(message.contains("`p0`") && message.ends_with("and 92 more"), "{message}");
}

#[test]
fn gradients_by_name_and_by_index_agree() {
    let params = network();
    let (tape, mut vars) = (Tape::new(), Vec::new());
    for _ in 0..2 {
        tape.clear();
        let p = params.record(&tape, &mut vars);
        let [alpha, zeta] = p.scalars(["alpha", "zeta"]).unwrap();
        let w = p.block("weights").unwrap();
        let g = (alpha * w[1] + zeta * zeta).backward();
        assert_eq!((g.wrt(alpha), g.wrt(zeta), g.wrt(w)), (3.0, 2.0, vec![0.0, 5.0, 0.0]));
        assert_eq!(g.wrt(p.vars()), [2.0, 0.0, 5.0, 0.0, 3.0]);
        assert!(matches!(p.scalar("beta"), Err(ParamsError::Unknown { .. })));
        assert!(matches!(p.scalar("weights"), Err(ParamsError::Length { .. })));
    }
}

#[test]
fn a_refused_step_names_the_parameter() {
    let mut params = network();
    let mut sgd = Sgd::builder(0.1).build().unwrap();
    let error = params.step(&mut sgd, 0.0, &[0.0, 0.0, f64::NAN, 0.0, 0.0]).unwrap_err();
    assert_eq!(error.to_string(), "the gradient is NaN at index 2 (`weights[1]`)");
    let error = params.step(&mut sgd, 0.0, &[0.0]).unwrap_err();
    assert_eq!(error, OptimError::GradientLength { expected: 5, found: 1 });
    assert_eq!(params, network());
}

#[test]
fn a_refused_search_names_the_parameter_and_hands_on_what_the_loss_refused() {
    // The slope by `weights[1]` is infinite.
    let steep = |p: &wengert::Recorded<'_>| {
        let w = p.block("weights").map_err(|error| error.to_string())?;
        Ok::<_, Refused>((w[1] - 3.0).sqrt() + w[0])
    };
    let refused_by_loss = |_: &wengert::Recorded<'_>| Err(Refused("no data".into()));
    let names = Err(Refused("the gradient is inf at index 2 (`weights[1]`)".into()));

    let mut params = network();
    let sgd = Sgd::builder(0.1).build().unwrap();
    let mut search = Search::new(sgd, 10);
    assert_eq!(params.fit(&mut search, steep).map(|_| ()), names);
    let refused = params.fit(&mut search, refused_by_loss).map(|_| ());
    assert_eq!(refused, Err(Refused("no data".into())));
    assert_eq!(params.minimize(&KinkDescent::new(), steep).map(|_| ()), names);
    let refused = params.minimize(&KinkDescent::new(), refused_by_loss).map(|_| ());
    assert_eq!(refused, Err(Refused("no data".into())));
    assert_eq!(params, network());
}

/// An error of one's own.
#[derive(Debug, PartialEq)]
struct Refused(String);

impl From<String> for Refused {
    fn from(why: String) -> Self {
        Refused(why)
    }
}

impl From<OptimError> for Refused {
    fn from(error: OptimError) -> Self {
        Refused(error.to_string())
    }
}

#[test]
fn learning_rates_by_name_reach_their_parameters() {
    let mut params = network();
    let factors = params.factors(&[("weights", 2.0), ("zeta", 0.0)]).unwrap();
    let mut sgd = Sgd::builder(0.5).factors(&factors).build().unwrap();
    params.step(&mut sgd, 0.0, &[1.0; 5]).unwrap();
    assert_eq!(params.values(), [1.0, 1.0, 2.0, 3.0, 4.5]);
    assert!(matches!(params.factors(&[("beta", 1.0)]), Err(ParamsError::Unknown { .. })));
}

#[test]
fn factors_given_twice_or_that_are_none_are_refused() {
    let params = network();
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, -5e-324] {
        let refused = params.factors(&[("alpha", 1.0), ("zeta", bad)]).unwrap_err();
        let ParamsError::Factor { name, value } = refused else { panic!("{refused}") };
        assert_eq!((&name[..], value.to_bits()), ("zeta", bad.to_bits()));
    }
    for twice in [["zeta", "zeta", "alpha"], ["weights", "zeta", "weights"]] {
        let refused = params.factors(&twice.map(|name| (name, 0.5))).unwrap_err();
        assert_eq!(refused, ParamsError::Repeated { name: twice[0].into() });
    }
    assert_eq!(params.factors(&[("zeta", -0.0)]).unwrap(), [0.0, 1.0, 1.0, 1.0, 1.0]);
    assert_eq!(params.factors(&[]).unwrap(), [1.0; 5]);
}
