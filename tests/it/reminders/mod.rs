//! In time and without noise: what people are reminded of.

mod after;
mod burst;
mod cadence;
mod people;
mod planning;
mod renewed;
mod time;
