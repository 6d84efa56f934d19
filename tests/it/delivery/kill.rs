//! SIGKILL while several people decide at once and share commits: nothing answered is lost, nothing is there twice. The
//! example `kill` does the same a thousand times.

#[path = "../../../examples/kill/lives.rs"]
mod lives;

use std::path::Path;
use std::process::Command;

const LIVES: u32 = 6;
const DATABASE: &str = "EDITION_WARDEN_LIVES_ON";

/// A life, when this binary was started as one.
#[test]
fn life() {
    if let Some(database) = std::env::var_os(DATABASE) {
        lives::live(Path::new(&database));
    }
}

#[test]
fn what_was_answered_survives_being_killed_once() {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("warden.db");
    let learned = lives::lives(&database, LIVES, 1, || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "delivery::kill::life", "--nocapture"])
            .env(DATABASE, &database);
        command
    });
    let answered = learned.answered.len() as u64;
    assert!(answered >= u64::from(LIVES), "{answered}");
    assert!(learned.unanswered <= 12 * LIVES as usize, "{learned:?}");
    assert!(learned.commits < answered, "none was shared: {learned:?}");
}
