//! The one integration binary.

mod command;
