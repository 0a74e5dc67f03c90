//! Errors: one `Result` for all of them, and what they say.

#![allow(clippy::unwrap_used, reason = "tests")]

mod kinds;
mod messages;
