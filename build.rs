//! What `warden --version` says: the commit and its date, from WARDEN_COMMIT and WARDEN_DATE or from git, where one of them knows.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=WARDEN_COMMIT");
    println!("cargo::rerun-if-env-changed=WARDEN_DATE");
    let version = env!("CARGO_PKG_VERSION");
    let given = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let built_from = match (given("WARDEN_COMMIT"), given("WARDEN_DATE")) {
        (Some(commit), Some(date)) => Some(format!("{commit} {date}")),
        (Some(only), None) | (None, Some(only)) => Some(only),
        (None, None) => commit(),
    };
    let version =
        built_from.map_or_else(|| version.to_owned(), |from| format!("{version} ({from})"));
    println!("cargo::rustc-env=WARDEN_VERSION={version}");
}

/// The commit of this working tree and its date. Sources without a history of their own, unpacked into another project's
/// working tree, have none.
fn commit() -> Option<String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).canonicalize().ok()?;
    let root = Path::new(&git(&["rev-parse", "--show-toplevel"])?)
        .canonicalize()
        .ok()?;
    if root != here {
        return None;
    }
    // Both change with every commit, checkout and rebase. A path that is not there would build everything again each time.
    for path in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", path])?;
        if Path::new(&path).exists() {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    git(&["log", "-1", "--format=%h %cs"])
}

fn git(args: &[&str]) -> Option<String> {
    let said = Command::new("git").args(args).output().ok()?;
    let text = String::from_utf8(said.stdout).ok()?;
    let text = text.trim();
    (said.status.success() && !text.is_empty()).then(|| text.to_owned())
}
