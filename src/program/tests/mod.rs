//! What needs the inside of a program to be tested.

mod bits;
mod passes;
