//! What is open: found in one place, told at growing intervals, and never silent.

mod acked;
mod again;
mod called;
mod derive;
mod doubt;
mod histories;
mod left;
mod standard;
mod stories;
mod together;
mod told;
mod too_late;
mod workspace;
mod year;
