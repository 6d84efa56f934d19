//! Approvals: what only several people together can do.

mod edges;
mod guards;
mod marks;
mod oracle;
mod races;
mod row;
mod rules;
mod spoken;
