//! The one integration binary.

mod case;
mod model;
mod policy;
