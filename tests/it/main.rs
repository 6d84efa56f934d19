//! One integration binary: everything is tested through it.

mod harness;
mod speak;
mod tour;
