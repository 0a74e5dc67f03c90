//! What people look at: graphs of recordings and programs, and pictures.

mod dot;
#[cfg(feature = "plot")]
mod plots;
