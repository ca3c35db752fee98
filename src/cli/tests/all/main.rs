//! Tests that run the program.

mod secrets;
