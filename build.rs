//! The output of `warden --version`: the commit and its date, from WARDEN_COMMIT and WARDEN_DATE or from git, where one of them
//! knows.
//! And how the program is linked: its relocations in their short form, where the C library here reads that. They are two megabytes
//! otherwise, most of them zeros.

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
    let is_host = given("HOST") == given("TARGET");
    let is_gnu = given("CARGO_CFG_TARGET_ENV").as_deref() == Some("gnu");
    if is_host && is_gnu && c_library().is_some_and(|version| version >= SHORT_RELOCATIONS) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// The first GNU C library that reads relocations in their short form.
const SHORT_RELOCATIONS: (u32, u32) = (2, 36);

/// The version of the GNU C library here.
fn c_library() -> Option<(u32, u32)> {
    let asked = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let said = String::from_utf8(asked.ok()?.stdout).ok()?;
    let (major, minor) = said.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
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
