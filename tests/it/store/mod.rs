//! The database, by its public face.

pub(crate) mod arbitrary;
mod cases;
mod counters;
mod documents;
mod errors;
mod lists;
mod look_up;
pub(crate) mod migrations;
mod round_trip;
