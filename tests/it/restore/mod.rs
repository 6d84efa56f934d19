//! A database that is restored from a copy: the program that does it, and what is made of what the copy knew.

mod distrust;
mod program;
mod safeguards;
mod said;
