//! Approvals: what only several people together can do.

mod asked;
mod edges;
mod guards;
mod known;
pub(crate) mod live;
mod marks;
mod oracle;
mod races;
mod row;
mod rules;
mod spoken;
