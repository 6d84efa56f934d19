//! Approvals: what only several people together can do.

mod edges;
mod oracle;
mod rules;
mod spoken;
