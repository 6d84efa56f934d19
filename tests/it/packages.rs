//! The unit, the image and the compose files set only values that the program accepts.
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
#[case::image(&[IMAGE], "/var/lib/warden/warden.db", "")]
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
    let has_token = named.is_some_and(|named| named.ends_with("/token"));
    assert_eq!(has_token, files != [IMAGE], "{files:?}");
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
    // A health check asks over HTTP.
    if files.contains(&IMAGE) {
        assert!(of("http.listen").ends_with(":8080"), "{said}");
    }
}

/// The files that compose files hand over, with the service's user: each is made by a line of their heads, readable by it.
#[test]
fn what_compose_hands_over_is_made_readable_by_its_lines() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |file: &str| std::fs::read_to_string(root.join(file)).unwrap();
    let (compose, postgres) = (text(COMPOSE), text("contrib/compose.postgres.yaml"));
    let user = text(IMAGE)
        .lines()
        .find_map(|line| {
            line.strip_prefix("USER ")?
                .split(':')
                .next()
                .map(str::to_owned)
        })
        .unwrap();
    let ignored = [text(".gitignore"), text(".dockerignore")];
    let directory = tempfile::tempdir().unwrap();
    // The image of PostgreSQL on Alpine has this user.
    for (file, name, owner) in [
        (&compose, "token", Some(user.as_str())),
        (&compose, "environment", None),
        (&postgres, "postgres", Some("70")),
        (&postgres, "pgpass", Some(user.as_str())),
    ] {
        let is_taken = file.contains(&format!("{name}: {{ file: ./{name} }}"))
            || file.contains(&format!("env_file: [{name}]"));
        assert!(is_taken, "{name} is not handed over");
        let head: Vec<&str> = file
            .lines()
            .filter_map(|line| line.strip_prefix("#   "))
            .collect();
        let made = head
            .iter()
            .position(|line| line.ends_with(&format!(" {name}")))
            .unwrap();
        let owned = owner.map(|owner| format!(" -o {owner} "));
        assert!(
            owned
                .as_ref()
                .is_none_or(|owned| head[made].contains(owned)),
            "{name}: {}",
            head[made]
        );
        let lines = head[..=made].join("\n").replace("sudo ", "");
        let lines = lines.replace("-o 65532 ", "").replace("-o 70 ", "");
        let lines = lines.replace("$(openssl rand -hex 32)", "a-key-that-only-tests-have");
        let lines = lines.replace("$(openssl rand -hex 24)", "a-word");
        let ran = Command::new("/bin/sh")
            .args(["-ec", &lines])
            .current_dir(directory.path())
            .env("TOKEN", "x.y.z")
            .status()
            .unwrap();
        assert!(ran.success(), "{lines}");
        let path = directory.path().join(name);
        let held = std::fs::read_to_string(&path).unwrap();
        let wanted = match name {
            "token" => "x.y.z",
            "environment" => "WARDEN_AUDIT_KEY=a-key-that-only-tests-have\n",
            "postgres" => "a-word",
            _ => "*:*:*:warden:a-word\n",
        };
        assert_eq!(held, wanted);
        let mode = std::os::unix::fs::MetadataExt::mode(&path.metadata().unwrap());
        assert_eq!(mode & 0o077, 0, "{name} is for its owner alone");
        // A secret in this place is neither committed nor built into the image.
        for list in &ignored {
            let is_there = |line: &str| line.trim_start_matches('/') == format!("contrib/{name}");
            assert!(list.lines().any(is_there), "{name}: {list}");
        }
    }
}

/// A volume over a directory that the image lacks would be root's, and so not written to.
#[test]
fn what_compose_keeps_has_its_place_in_the_image() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |file: &str| std::fs::read_to_string(root.join(file)).unwrap();
    let (compose, image) = (text(COMPOSE), text(IMAGE));
    let of_bot = compose.split("  prometheus:").next().unwrap();
    let kept: Vec<&str> = of_bot
        .lines()
        .filter_map(|line| Some(line.trim().strip_prefix("- ")?.split_once(':')?.1))
        .filter(|place| place.starts_with("/var/"))
        .collect();
    assert_eq!(kept, ["/var/lib/warden", "/var/backups/warden"]);
    for place in kept {
        let made = format!("COPY --from=build --chown=65532:65532 /made{place} {place}\n");
        assert!(image.contains(&made), "{place}");
    }
    for list in [".gitignore", ".dockerignore"] {
        assert!(text(list).contains("contrib/warden.toml\n"), "{list}");
    }
}

/// Every page of the package leads to pages that are in it.
#[test]
fn the_package_has_what_its_pages_lead_to() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cargo = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let assets: Vec<Vec<&str>> = cargo
        .lines()
        .filter(|line| line.trim_start().starts_with("[\""))
        .map(|line| line.split('"').skip(1).step_by(2).collect())
        .collect();
    let mut installed: BTreeMap<std::path::PathBuf, std::path::PathBuf> = BTreeMap::new();
    for asset in &assets {
        let (source, target) = (Path::new(asset[0]), asset[1]);
        let ending = source
            .to_str()
            .unwrap()
            .split_once("*.")
            .map(|(_, ending)| ending);
        let sources: Vec<_> = match ending {
            None => vec![root.join(source)],
            Some(ending) => std::fs::read_dir(root.join(source.parent().unwrap()))
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.extension().is_some_and(|found| found == ending))
                .collect(),
        };
        for source in sources {
            let target = match target.ends_with('/') {
                true => Path::new(target).join(source.file_name().unwrap()),
                false => target.into(),
            };
            installed.insert(target, source);
        }
    }
    let documentation = std::fs::read_to_string(root.join("contrib/warden.service")).unwrap();
    let documentation = documentation.split("file:/").nth(1).unwrap();
    let first = Path::new(documentation.lines().next().unwrap());
    assert!(
        installed.contains_key(first),
        "{first:?} is not in the package"
    );
    let mut pages = 0;
    for (target, source) in installed
        .iter()
        .filter(|(target, _)| target.extension().is_some_and(|end| end == "md"))
    {
        pages += 1;
        let text = std::fs::read_to_string(source).unwrap();
        for link in text.split("](").skip(1) {
            let link = link.split([')', '#']).next().unwrap();
            if link.is_empty() || link.starts_with("http") || link.contains('`') {
                continue;
            }
            let leads_to = target.parent().unwrap().join(link);
            assert!(
                installed.contains_key(&leads_to),
                "{target:?} leads to {leads_to:?}, which is not in the package"
            );
        }
    }
    assert!(pages > 15, "{pages}");
}
