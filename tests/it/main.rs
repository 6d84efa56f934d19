//! The one integration binary.

mod model;
mod policy;
