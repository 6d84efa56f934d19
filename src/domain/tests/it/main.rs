//! The core from outside: its rules, transitions and the model of their states. Nothing here has a store or a chat.
#![cfg(test)]

mod case;
mod losses;
mod model;
mod policy;
