//! Approvals: what only several people together can do.

mod oracle;
mod rules;
mod spoken;
