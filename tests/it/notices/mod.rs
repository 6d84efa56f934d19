//! Notices: recognised, suppressed or raised, and looked at again.

mod again;
mod against;
mod around;
mod closed;
mod doubts;
mod ends;
mod gone;
mod grammars;
mod history;
mod inbox;
mod joined;
mod leftover;
mod live;
mod mail;
mod named;
mod perhaps;
mod reading;
mod sentences;
mod several;
mod spoken;
mod teaching;
mod tracked;
