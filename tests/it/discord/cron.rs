//! The documentation's line for cron, as cron would run it, on the database of a bot in Discord.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use super::fake::FakeDiscord;
use super::program::Program;
use super::team::ORDERS;

const PAGE: &str = include_str!("../../../docs/discord.md");

/// The key of the audit trail.
const KEY: &str = "a-key-that-only-tests-have";

/// What stands in for the vendor's own program.
fn vendor(directory: &Path) {
    let listing = format!(
        r#"{{"Data": {{"InstanceVO": [{{"InstanceId": "{ORDERS}", "InstanceName": "orders", "InstanceType": 1, "InstanceStatus": 5, "IndependentNaming": true}}]}}, "RequestId": "x"}}"#
    );
    let path = directory.join("aliyun");
    std::fs::write(&path, format!("#!/bin/sh\ncat <<'END'\n{listing}\nEND\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn the_line_for_cron_imports_into_the_server() {
    let discord = FakeDiscord::start().await;
    let guild = discord.guild("acme").channel("ops").system_channel("ops");
    let olga = guild.owner("olga");
    let program = Program::keyed(&discord, &discord.token(), KEY);
    discord.ready().await;
    let set = olga.slash_text("/settings threads switch:off").in_("ops");
    set.await.reply().await.has("threads");
    let left = program.stop();

    let directory = tempfile::tempdir().unwrap();
    vendor(directory.path());
    let environment = directory.path().join("environment");
    std::fs::write(&environment, format!("WARDEN_AUDIT_KEY={KEY}\n")).unwrap();
    let line = PAGE
        .lines()
        .find_map(|line| line.strip_prefix("15 6 * * * warden "))
        .expect("a line for cron");
    let line = line
        .replace("/usr/local/bin/warden", env!("CARGO_BIN_EXE_warden"))
        .replace("/var/lib/warden", left.directory().to_str().unwrap())
        .replace("/etc/warden/environment", environment.to_str().unwrap())
        .replace("SERVER", &guild.id.to_string());
    let path = std::env::var("PATH").unwrap();
    let ran = Command::new("/bin/sh")
        .args(["-c", &line])
        .current_dir(directory.path())
        .env("PATH", format!("{}:{path}", directory.path().display()))
        .output()
        .unwrap();
    let told = String::from_utf8(ran.stdout).unwrap() + &String::from_utf8(ran.stderr).unwrap();
    assert!(ran.status.success(), "{told}");
    assert!(told.contains("orders"), "{told}");
    let trail = left.trail(guild.id);
    let imported = trail.lines().last().unwrap();
    assert!(imported.contains("import -"), "{trail}");
    assert!(imported.contains(r#""keyed":true"#), "{imported}");
}
