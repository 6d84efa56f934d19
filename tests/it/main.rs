//! The one integration binary: a module for each room of the program.
#![cfg(test)]

mod clock;
mod config;
mod layering;
mod listing;
