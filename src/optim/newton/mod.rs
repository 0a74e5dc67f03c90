//! Newton's method.
