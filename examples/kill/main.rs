//! Kills the program at random points while several people decide at once, a thousand times or as often as is said, and checks
//! that nothing answered is lost and nothing is there twice: `cargo run --release --example kill [TIMES]`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a check that cannot go on has nothing better to do than to stop; it prints what it found"
)]

mod lives;

use std::path::Path;
use std::process::Command;

/// That a process is one of the lives, and on which database.
const LIVES_ON: &str = "--on";
/// After how many lives what is kept is checked.
const EACH: u32 = 50;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [on, database] = args.as_slice()
        && on == LIVES_ON
    {
        lives::live(Path::new(database));
        return;
    }
    let many = args.first().map_or(1_000, |many| many.parse().unwrap());
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("warden.db");
    let learned = lives::lives(&database, many, EACH, || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg(LIVES_ON).arg(&database);
        command
    });
    println!(
        "{many} times killed: {} decisions answered in {} commits, none lost and none doubled; {} were kept and not answered",
        learned.answered.len(),
        learned.commits,
        learned.unanswered,
    );
}
