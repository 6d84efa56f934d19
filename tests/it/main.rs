//! The one integration binary.

// The attribute tells clippy that helpers are tests too.
#[cfg(test)]
mod store;
