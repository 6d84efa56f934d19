//! Approvals: what only several people together can do.

mod asked;
mod edges;
mod guards;
mod known;
mod live;
mod marks;
mod oracle;
mod races;
mod row;
mod rules;
mod spoken;
