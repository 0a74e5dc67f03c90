//! The text of the rules that the table's columns call, for those who print a rule in place of calling it.

/// Modules by their paths under this one, each with its text.
pub(crate) const MODULES: &[(&[&str], &str)] = &[
    (&["activation"], include_str!("../activation.rs")),
    (&["arithmetic"], include_str!("../arithmetic.rs")),
    (&["rule"], include_str!("../rule.rs")),
    (&["special"], include_str!("../special/mod.rs")),
    (&["special", "beta"], include_str!("../special/beta.rs")),
    (&["special", "double"], include_str!("../special/double.rs")),
    (&["special", "log_sum"], include_str!("../special/log_sum.rs")),
    (&["special", "normal"], include_str!("../special/normal.rs")),
    (&["vector"], include_str!("../vector/mod.rs")),
    (&["vector", "error_function"], include_str!("../vector/error_function.rs")),
    (&["vector", "exponential"], include_str!("../vector/exponential.rs")),
    (&["vector", "hyperbolic"], include_str!("../vector/hyperbolic.rs")),
    (&["vector", "inverse"], include_str!("../vector/inverse.rs")),
    (&["vector", "inverse_hyperbolic"], include_str!("../vector/inverse_hyperbolic.rs")),
    (&["vector", "logarithm"], include_str!("../vector/logarithm.rs")),
    (&["vector", "logistic"], include_str!("../vector/logistic.rs")),
    (&["vector", "parts"], include_str!("../vector/parts.rs")),
    (&["vector", "power"], include_str!("../vector/power.rs")),
    (&["vector", "trigonometric"], include_str!("../vector/trigonometric.rs")),
];
