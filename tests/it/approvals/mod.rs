//! Approvals: what only several people together can do.

mod edges;
mod marks;
mod oracle;
mod races;
mod rules;
mod spoken;
