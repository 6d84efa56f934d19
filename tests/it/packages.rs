//! What the unit, the image and compose files set is what the program takes.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use rstest::rstest;

/// The settings that lines such as `ENV NAME=value`, `Environment=NAME=value` and `NAME: value` make.
fn settings(files: &[&str]) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let texts = files.iter().map(|file| {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        assert!(
            !text.contains("\"--db\""),
            "{file}: it would win over `database.url`"
        );
        text
    });
    let mut settings = BTreeMap::new();
    for line in texts.collect::<String>().lines().map(str::trim) {
        let line = line
            .trim_start_matches("ENV ")
            .trim_start_matches("Environment=");
        if line.starts_with("WARDEN__") {
            let (name, value) = line.split_once(['=', ':']).unwrap();
            let value = value.trim().trim_matches('"');
            settings.insert(name.to_owned(), value.to_owned());
        }
    }
    settings
}

const IMAGE: &str = "Containerfile";
const COMPOSE: &str = "contrib/compose.yaml";

#[rstest]
#[case::unit(&["contrib/warden.service"], "/var/lib/warden/warden.db", "")]
#[case::file(&[IMAGE, COMPOSE], "/var/lib/warden/warden.db", "")]
#[case::server(&[IMAGE, COMPOSE, "contrib/compose.postgres.yaml"], "", "postgres://postgres/warden")]
fn what_is_set_is_taken(#[case] files: &[&str], #[case] path: &str, #[case] url: &str) {
    let directory = tempfile::tempdir().unwrap();
    let token = directory.path().join("token");
    std::fs::write(&token, "secret").unwrap();
    let mut settings = settings(files);
    let named = settings.insert(
        "WARDEN__DISCORD__TOKEN_FILE".to_owned(),
        token.display().to_string(),
    );
    assert!(
        named.is_some_and(|named| named.ends_with("/token")),
        "{files:?}"
    );
    let configuration = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/warden.toml");
    let output = Command::new(env!("CARGO_BIN_EXE_warden"))
        .args([
            Path::new("--config"),
            &configuration,
            Path::new("check-config"),
        ])
        .current_dir(directory.path())
        .env_clear()
        .envs(&settings)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let of = |setting: &str| {
        let row = said.lines().find(|line| line.starts_with(setting)).unwrap();
        let value = row.split('"').nth(1).unwrap();
        value.to_owned()
    };
    assert_eq!(
        (of("database.path"), of("database.url")),
        (path.to_owned(), url.to_owned()),
        "{said}"
    );
}
