//! Tests across floors.
