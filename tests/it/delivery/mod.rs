//! Delivery: what is posted is seen, once, in order, whatever the chat and other processes do.

mod catch_up;
mod console;
mod heartbeat;
mod kill;
mod lease;
mod order;
mod outcomes;
mod proof;
pub(crate) mod recording;
mod stuck;
