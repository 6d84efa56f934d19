//! The documentation's lines for cron, as cron would run them, where the unit's head, tmpfiles and the package have set things up, on
//! the database of a bot in Discord.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;

use super::fake::FakeDiscord;
use super::program::Program;
use super::team::ORDERS;

const PAGES: [&str; 2] = [
    include_str!("../../../docs/discord.md"),
    include_str!("../../../docs/operation.md"),
];
const UNIT: &str = include_str!("../../../contrib/warden.service");
const DIRECTORIES: &str = include_str!("../../../contrib/warden.tmpfiles");
const CARGO: &str = include_str!("../../../Cargo.toml");
const USER: &str = "warden";
/// The key of the audit trail.
const KEY: &str = "a-key-that-only-tests-have";

/// What stands in for the vendor's own program. It is not given the key.
fn vendor(directory: &Path) {
    let listing = format!(
        r#"{{"Data": {{"InstanceVO": [{{"InstanceId": "{ORDERS}", "InstanceName": "orders", "InstanceType": 1, "InstanceStatus": 5, "IndependentNaming": true}}]}}, "RequestId": "x"}}"#
    );
    let path = directory.join("aliyun");
    let script =
        format!("#!/bin/sh\n[ -z \"$WARDEN_AUDIT_KEY\" ] || exit 1\ncat <<'END'\n{listing}\nEND\n");
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// The commands of the pages' lines, without what says when; each is run as the user of the bot.
fn lines() -> Vec<&'static str> {
    let lines = PAGES.iter().flat_map(|page| page.lines());
    let when = |line: &str| {
        line.split(' ')
            .take(5)
            .all(|field| field == "*" || field.parse::<u8>().is_ok())
    };
    let lines = lines.filter(|line| line.contains(" * * * ") && when(line));
    lines
        .map(|line| {
            let mut fields = line.splitn(7, ' ').skip(5);
            assert_eq!(fields.next(), Some(USER), "{line}");
            fields.next().unwrap()
        })
        .collect()
}

/// A value of the unit.
fn of_unit(key: &str) -> &'static str {
    let value = UNIT.lines().find_map(|line| line.strip_prefix(key));
    value.unwrap_or_else(|| panic!("{key} is not in the unit"))
}

/// Makes what a machine has after the package, the unit's head and tmpfiles, below a root of its own.
fn set_up(root: &Path) {
    let below = |path: &str| root.join(path.trim_start_matches('/'));
    for line in DIRECTORIES.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(' ').collect();
        let [kind, path, mode, user, group, _] = fields.as_slice() else {
            panic!("{line}");
        };
        let mode = u32::from_str_radix(mode, 8).unwrap();
        // The user of the bot has to get in.
        let gets_in = match (*user, *group) {
            (USER, _) => mode & 0o700 == 0o700,
            (_, USER) => mode & 0o050 == 0o050,
            _ => mode & 0o005 == 0o005,
        };
        assert!(*kind == "d" && gets_in, "{line}");
        std::fs::create_dir_all(below(path)).unwrap();
        std::fs::set_permissions(below(path), std::fs::Permissions::from_mode(mode)).unwrap();
    }
    std::fs::create_dir_all(below("/usr/bin")).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_warden"), below("/usr/bin/warden")).unwrap();
    for asset in [
        r#"["target/release/warden", "usr/bin/", "755"]"#,
        r#"["config/warden.toml", "etc/warden/", "644"]"#,
    ] {
        assert!(CARGO.contains(asset), "{asset} is not in the package");
    }
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/warden.toml");
    std::fs::copy(config, below("/etc/warden/warden.toml")).unwrap();

    // The key, by the line of the unit's head.
    let key = UNIT
        .lines()
        .filter_map(|line| line.strip_prefix("#   "))
        .find(|line| line.contains("WARDEN_AUDIT_KEY"))
        .unwrap();
    let group = format!("-g {}", of_unit("Group="));
    assert!(
        key.contains(&group),
        "the user of the bot may not read it: {key}"
    );
    let own = root.metadata().unwrap().gid();
    let key = key
        .replace(&group, &format!("-g {own}"))
        .replace("$(openssl rand -hex 32)", KEY)
        .replace("/etc/", &format!("{}/etc/", root.display()));
    let made = Command::new("/bin/sh").args(["-c", &key]).status().unwrap();
    assert!(made.success(), "{key}");
    let environment = below(of_unit("EnvironmentFile=-"));
    let mode = environment.metadata().unwrap().mode();
    assert_eq!(
        mode & 0o777,
        0o640,
        "for root and the user of the bot alone"
    );
}

#[tokio::test]
async fn the_lines_for_cron_import_into_the_server_and_copy_the_database() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops").system_channel("ops");
    let olga = guild.owner("olga");
    let program = Program::keyed(&discord, &discord.token(), KEY);
    discord.ready().await;
    let set = olga.slash_text("/settings threads switch:off").in_("ops");
    set.await.reply().await.has("threads");
    let left = program.stop();

    let root = tempfile::tempdir().unwrap();
    set_up(root.path());
    vendor(root.path());
    let database = "/var/lib/warden/warden.db";
    assert!(UNIT.contains(&format!("WARDEN__DATABASE__PATH={database}")));
    assert!(of_unit("ExecStart=").starts_with("/usr/bin/warden --config /etc/warden/warden.toml "));
    let state = root.path().join("var/lib/warden");
    std::fs::remove_dir(&state).unwrap();
    std::os::unix::fs::symlink(left.directory(), &state).unwrap();

    let lines = lines();
    assert_eq!(lines.len(), 2, "{lines:?}");
    let path = std::env::var("PATH").unwrap();
    let mut said = String::new();
    for line in lines {
        let words = line.split([' ', '(', ')']);
        let places: Vec<&str> = words.filter(|word| word.starts_with('/')).collect();
        let below = |place: &str| root.path().join(place.trim_start_matches('/'));
        for place in &places {
            assert!(below(place).exists(), "nobody makes {place}: {line}");
        }
        assert!(
            places.contains(&"/usr/bin/warden") && places.contains(&database),
            "{line}"
        );
        let mut mapped = line.replace("SERVER", &guild.id.to_string());
        for begins in ["/etc/", "/var/", "/usr/"] {
            let there = format!(" {}{begins}", root.path().display());
            mapped = mapped.replace(&format!(" {begins}"), &there);
        }
        let ran = Command::new("/bin/sh")
            .args(["-c", &mapped])
            .current_dir(root.path())
            .env_remove("WARDEN_AUDIT_KEY")
            .env("PATH", format!("{}:{path}", root.path().display()))
            .output()
            .unwrap();
        let told = String::from_utf8(ran.stdout).unwrap() + &String::from_utf8(ran.stderr).unwrap();
        assert!(ran.status.success(), "{line}: {told}");
        said.push_str(&told);
    }
    assert!(said.contains("orders"), "{said}");
    let copies: Vec<_> = std::fs::read_dir(root.path().join("var/backups/warden"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let [copy] = copies.as_slice() else {
        panic!("{copies:?}");
    };
    let trail = Command::new(env!("CARGO_BIN_EXE_warden"))
        .args([
            "--db",
            copy.to_str().unwrap(),
            "audit",
            "export",
            "--workspace",
        ])
        .arg(guild.id.to_string())
        .output()
        .unwrap();
    let trail = String::from_utf8(trail.stdout).unwrap();
    let imported = trail.lines().find(|row| row.contains("import -"));
    assert!(imported.unwrap().contains(r#""keyed":true"#), "{trail}");
}
