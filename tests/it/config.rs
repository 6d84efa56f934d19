//! The configuration: merged in order, tightened only, and wrong in all places at once.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use chrono_tz::Tz;
use edition_warden::config::{Config, ConfigErrors, LogFormat};
use edition_warden::domain::change::Step;
use edition_warden::domain::id::{ChannelId, RoleId, TeamName};
use edition_warden::domain::place::DatabasePlace;
use edition_warden::domain::span::{SpanError, parse_span, show_span};
use edition_warden::domain::team::{Channels, Limits, Policy};
use proptest::prelude::*;
use rstest::rstest;

use crate::backup::warden;

struct Written {
    dir: tempfile::TempDir,
}

impl Written {
    fn file(text: impl AsRef<[u8]>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("w.toml"), text).unwrap();
        Self { dir }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("w.toml")
    }

    fn load(&self, env: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
        Config::load(Some(&self.path()), owned(env))
    }

    /// The mistakes, with the directory taken out.
    fn mistakes(&self, env: &[(&str, &str)]) -> String {
        let dir = format!("{}/", self.dir.path().display());
        self.load(env).unwrap_err().to_string().replace(&dir, "")
    }
}

fn owned(env: &[(&str, &str)]) -> Vec<(String, String)> {
    env.iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn with_env(name: &str, value: &str) -> Result<Config, ConfigErrors> {
    Written::file("").load(&[(name, value)])
}

#[test]
fn without_anything_the_defaults_hold() {
    let config = Written::file("").load(&[]).unwrap();
    assert_eq!(config.database.to_string(), "warden.db");
    assert_eq!(config.vendor_zone, Tz::Asia__Shanghai);
    assert_eq!(config.reader_zone, Tz::Asia__Shanghai);
    assert_eq!(config.policy, Policy::default());
    assert_eq!(config.channels, Channels::default());
    assert!(config.teams.is_empty());
    assert_eq!(config.log.level, "warn");
    assert_eq!(config.log.format, LogFormat::Text);
}

#[test]
fn the_file_in_the_repository_changes_nothing() {
    let shipped = Config::load(Some(Path::new("config/warden.toml")), []).unwrap();
    let bare = Written::file("").load(&[]).unwrap();
    assert_eq!(shipped.policy, bare.policy);
    assert_eq!(
        shipped.policy_on_the_console(),
        bare.policy_on_the_console()
    );
    assert_eq!(shipped.channels, bare.channels);
    assert_eq!(shipped.log, bare.log);
    let lines = |config: &Config| config.summary().lines().count();
    assert_eq!(lines(&shipped), lines(&bare));
}

#[test]
fn every_documented_setting_is_read() {
    let text = std::fs::read_to_string("config/warden.toml").unwrap();
    // Defaults that the file does not set stand behind a `#`.
    let text = text
        .replace("\n#approvals", "\napprovals")
        .replace("\n#observers", "\nobservers");
    let table: toml::Table = text.parse().unwrap();
    let summary = Written::file("").load(&[]).unwrap().summary();
    assert_eq!(table["policy"].as_table().unwrap().len(), 6);
    for (section, settings) in &table {
        for name in settings.as_table().unwrap().keys() {
            assert!(summary.contains(&format!("{section}.{name} ")), "{name}");
        }
    }
    let documented = |key: &str| {
        let (section, name) = key.split_once('.')?;
        table.get(section)?.get(name)
    };
    let lines = summary.lines().filter_map(|line| line.split_once(" = "));
    for (key, _) in lines.filter(|(key, _)| key.contains('.')) {
        assert!(documented(key.trim()).is_some(), "{key} has no default");
    }
}

#[test]
fn environment_covers_file_covers_defaults() {
    let file = Written::file("[time]\nvendor_zone = \"UTC\"\nreader_zone = \"Europe/Berlin\"\n");
    let config = file
        .load(&[
            ("WARDEN__TIME__READER_ZONE", ""),
            ("WARDEN__LOG__FORMAT", "json"),
            ("WARDEN__POLICY__ACTION_FOR_EXPIRY", "3d"),
            ("WARDEN_AUDIT_KEY", "not a setting, but the key"),
            ("PATH", "/bin"),
        ])
        .unwrap();
    assert_eq!(config.vendor_zone, Tz::UTC);
    assert_eq!(config.reader_zone, Tz::UTC);
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.policy.limits.action_for_expiry, TimeDelta::days(3));
    assert_eq!(
        config.policy.limits.action_for_unsubscribe,
        TimeDelta::hours(24)
    );
}

#[test]
fn the_summary_names_every_origin() {
    let file = Written::file("[log]\nlevel = \"info\"\n");
    let mut config = file.load(&[("WARDEN__TIME__VENDOR_ZONE", "UTC")]).unwrap();
    config.use_database(DatabasePlace::File("other.db".into()));
    let dir = format!("{}/", file.dir.path().display());
    insta::assert_snapshot!(config.summary().replace(&dir, ""), @r#"
    configuration file: w.toml
    database.path                     = "other.db"                      (--db)
    database.url                      = ""                              (--db)
    time.vendor_zone                  = "UTC"                           (WARDEN__TIME__VENDOR_ZONE)
    time.reader_zone                  = "UTC"                           (default)
    policy.action_for_unsubscribe     = "24h"                           (default)
    policy.action_for_expiry          = "7d"                            (default)
    policy.approvals_for_upgrade      = 1                               (default; 0 on one's own)
    policy.approvals_for_unsubscribe  = 2                               (default; 0 on one's own)
    policy.approvals_for_await_expiry = 1                               (default; 0 on one's own)
    policy.observers                  = 2                               (default; 1 on one's own)
    channels.default                  = "console"                       (default)
    channels.alerts                   = "console"                       (default)
    notices.link_hosts                = "aliyun.com, alibabacloud.com"  (default)
    notices.vendor_channels           = ""                              (default)
    notices.wording                   = 17                              (default)
    reminders.quiet_hours             = ""                              (default)
    reminders.at_risk_days            = "30, 14, 7, 3, 1, 0"            (default)
    reminders.downgrade_days          = "14, 3, 0"                      (default)
    reminders.renewal_days            = "8, 3, 1, 0"                    (default)
    reminders.charge_days             = "14, 11, 10"                    (default)
    reminders.attest_days             = "7, 3, 1, 0"                    (default)
    retention.outbox                  = "90d"                           (default)
    retention.reminders               = "400d"                          (default)
    retention.notices                 = "400d"                          (default)
    retention.files                   = "30d"                           (default)
    import.stale_after                = "3d"                            (default)
    heartbeat.url                     = ""                              (default)
    discord.token_file                = ""                              (default)
    discord.guilds                    = ""                              (default)
    http.listen                       = ""                              (default)
    http.beyond_loopback              = false                           (default)
    http.per_minute                   = 60                              (default)
    metrics.per_instance              = false                           (default)
    log.level                         = "info"                          (w.toml, line 2)
    log.format                        = "text"                          (default)
    DISCORD_TOKEN                     = not set                         (environment)
    WARDEN_AUDIT_KEY                  = not set                         (environment)
    on one's own: at the console outside the sandbox, where there is nobody else
    "#);
    let hosts = "a.example, bb.example, ccc.example, dddd.example";
    let config = file
        .load(&[("WARDEN__NOTICES__LINK_HOSTS", hosts)])
        .unwrap();
    let wide = |line: &str| line.chars().count() > 100;
    assert!(!config.summary().lines().any(wide), "{}", config.summary());
    // Neither a long name nor a list of any length makes a line wider.
    let name = "payments-and-settlement-of-the-whole-company";
    let text = format!(
        "[teams.{name}]\nchannel = \"123456789012345678\"\nmention = \"223456789012345678\"\n"
    );
    let hosts: Vec<String> = (0..20)
        .map(|n| format!("host-{n:02}.example.com"))
        .collect();
    let config = Written::file(&text)
        .load(&[("WARDEN__NOTICES__LINK_HOSTS", &hosts.join(", "))])
        .unwrap();
    let summary = config.summary();
    assert!(!summary.lines().any(wide), "{summary}");
    assert!(hosts.iter().all(|host| summary.contains(host)), "{summary}");
}

#[test]
fn what_is_not_set_is_alone_on_the_console() {
    let alone = Policy::alone(Limits::default());
    let bare = Written::file("").load(&[]).unwrap();
    assert_eq!(bare.policy_on_the_console(), alone);
    let file =
        Written::file("[policy]\napprovals_for_unsubscribe = 2\naction_for_expiry = \"3d\"\n");
    let config = file.load(&[("WARDEN__POLICY__OBSERVERS", "2")]).unwrap();
    let on_the_console = config.policy_on_the_console();
    assert_eq!(on_the_console.approvals_for_unsubscribe, 2);
    assert_eq!(on_the_console.observers, 2);
    assert_eq!(on_the_console.approvals_for_upgrade, 0);
    assert_eq!(on_the_console.limits.action_for_expiry, TimeDelta::days(3));
    assert_eq!(config.policy.approvals_for_upgrade, 1);
}

#[test]
fn approvals_are_asked_for_three_steps_only() {
    let policy = Policy {
        approvals_for_upgrade: 3,
        approvals_for_unsubscribe: 4,
        approvals_for_await_expiry: 5,
        ..Policy::default()
    };
    let asked = Step::WORDS
        .iter()
        .map(|(_, step)| policy.approvals_for(*step));
    let expected = Step::WORDS.iter().map(|(_, step)| match step {
        Step::Upgrade => 3,
        Step::Unsubscribe => 4,
        Step::AwaitExpiry => 5,
        _ => 0,
    });
    assert!(asked.eq(expected));
}

#[test]
fn teams_and_channels() {
    let file = Written::file(
        "[channels]\ndefault = \"#ops\"\n[teams.payments]\nmention = \"@payments\"\n\n[teams.\"étage 2/b.c\"]\nchannel = \"二\"\n",
    );
    let config = file.load(&[]).unwrap();
    let team = |text| TeamName::parse(text).unwrap();
    assert_eq!(config.channels.default, ChannelId::stored("ops"));
    assert_eq!(config.channels.alerts, ChannelId::stored("ops"));
    let payments = &config.teams[&team("payments")];
    assert_eq!(payments.channel, None);
    assert_eq!(payments.mention, Some(RoleId::stored("@payments")));
    let other = &config.teams[&team("étage 2/b.c")];
    assert_eq!(
        (&other.channel, &other.mention),
        (&Some(ChannelId::stored("二")), &None)
    );
    let dir = format!("{}/", file.dir.path().display());
    let summary = config.summary().replace(&dir, "");
    let of_interest = |line: &&str| line.starts_with("channels") || line.starts_with("teams");
    let lines: Vec<&str> = summary.lines().filter(of_interest).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn what_is_wrong_with_a_team_is_told_with_its_place() {
    let file = Written::file(
        r##"
[channels]
default = ""
alerts = "-x"
[teams.payments]
chanel = "ops"
mention = 8
channel = "a\u0000b"
[teams]
stock = "ops"
[teams."-x"]
[teams."#payments"]
channel = ""
"##,
    );
    insta::assert_snapshot!(file.mistakes(&[("WARDEN__TEAMS__PAYMENTS__CHANNEL", "ops")]));
    let section = Written::file("teams = 8").mistakes(&[]);
    assert!(
        section.contains("w.toml, line 1: `teams` cannot be 8: a team is a section of its own")
    );
}

#[rstest]
#[case("APPROVALS_FOR_UPGRADE", "0", true)]
#[case("APPROVALS_FOR_UPGRADE", "10", true)]
#[case("APPROVALS_FOR_UPGRADE", "11", false)]
#[case("APPROVALS_FOR_UPGRADE", "256", false)]
#[case("APPROVALS_FOR_UPGRADE", "-1", false)]
#[case("APPROVALS_FOR_UPGRADE", "+1", false)]
#[case("APPROVALS_FOR_UPGRADE", "1.0", false)]
#[case("APPROVALS_FOR_UPGRADE", "", false)]
#[case("APPROVALS_FOR_AWAIT_EXPIRY", "0", true)]
#[case("APPROVALS_FOR_AWAIT_EXPIRY", "11", false)]
#[case("APPROVALS_FOR_UNSUBSCRIBE", "0", false)]
#[case("APPROVALS_FOR_UNSUBSCRIBE", "1", true)]
#[case("APPROVALS_FOR_UNSUBSCRIBE", "11", false)]
#[case("OBSERVERS", "0", false)]
#[case("OBSERVERS", "1", true)]
#[case("OBSERVERS", "5", true)]
#[case("OBSERVERS", "6", false)]
fn numbers_have_ranges(#[case] key: &str, #[case] value: &str, #[case] taken: bool) {
    let variable = format!("WARDEN__POLICY__{key}");
    assert_eq!(with_env(&variable, value).is_ok(), taken);
    if value.parse::<i64>().is_ok() && !value.starts_with('+') {
        let line = format!("[policy]\n{} = {value}\n", key.to_lowercase());
        assert_eq!(Written::file(line).load(&[]).is_ok(), taken);
    }
}

#[test]
fn what_is_wrong_with_a_number_is_told() {
    let file = Written::file(
        "[policy]\napprovals_for_unsubscribe = 0\napprovals_for_upgrade = true\nobservers = 2.5\napprovals_for_await_expiry = 99999999999999999999\n",
    );
    insta::assert_snapshot!(file.mistakes(&[("WARDEN__POLICY__OBSERVERS", "two")]));
}

#[test]
fn all_mistakes_are_told_at_once() {
    let file = Written::file(
        r#"
[time]
vendor_zon = "UTC"
reader_zone = 8
[policy]
action_for_unsubscribe = "25h"
action_for_expiry = "a week"
[databse]
path = "x"
[log]
level = "wran"
format = "xml"
"#,
    );
    let mistakes = file.mistakes(&[
        ("WARDEN__TIME__VENDOR_ZONE", "Asia/Shangai"),
        ("WARDEN__POLICY__ACTION_FOR_EXPIRY", "0h"),
        ("WARDEN__LOG__LEVLE", "info"),
        ("WARDEN_DATABASE_PATH", "x.db"),
        ("WARDEN__DATABASE__PATH", " "),
    ]);
    insta::assert_snapshot!(mistakes, @r#"
    the configuration is not usable; 12 mistakes:
    - w.toml, line 3: there is no setting `time.vendor_zon` (did you mean `time.vendor_zone`?)
    - w.toml, line 9: there is no setting `databse.path` (did you mean `database.path`?)
    - environment: there is no setting `WARDEN_DATABASE_PATH` (did you mean `WARDEN__DATABASE__PATH`?)
    - environment: there is no setting `WARDEN__LOG__LEVLE` (did you mean `WARDEN__LOG__LEVEL`?)
    - WARDEN__DATABASE__PATH: `database.path` cannot be " ": it is empty; allowed: the path of a file
    - WARDEN__TIME__VENDOR_ZONE: `time.vendor_zone` cannot be "Asia/Shangai": there is no such zone (did you mean `Asia/Shanghai`?); allowed: a zone's name, such as "Asia/Shanghai", "Europe/Berlin" or "UTC"
    - w.toml, line 4: `time.reader_zone` cannot be 8: it is a number where a text in quotes is wanted; allowed: a zone's name, or empty for the vendor's
    - w.toml, line 6: `policy.action_for_unsubscribe` cannot be "25h": the documented rule action-known allows 24h at most, and a team may only tighten that; allowed: 1s to 24h
    - w.toml, line 7: `policy.action_for_expiry` cannot be "a week": `a week` is not a length of time; write a whole number and one of s, m, h, d, w, such as 90s, 15m, 12h, 30d or 1w; allowed: 1s to 7d
    - WARDEN__POLICY__ACTION_FOR_EXPIRY: `policy.action_for_expiry` cannot be "0h": `0h` is no time at all; the shortest is 1s; allowed: 1s to 7d
    - w.toml, line 11: `log.level` cannot be "wran": `wran` is not a level (did you mean `warn`?); allowed: off, error, warn, info, debug or trace, also by module, such as "warn,edition_warden=debug"
    - w.toml, line 12: `log.format` cannot be "xml": there is no such format; allowed: "text" or "json"
    "#);
}

#[test]
fn http_is_read_with_its_keys() {
    let file = Written::file(
        "[http]\nlisten = \"[::1]:0\"\nper_minute = 60000\n[http.keys.a-b]\nworkspace = \"#team\"\nbearer = true\n",
    );
    let secret = ("WARDEN_HTTP_KEY_A_B", "canary, long enough");
    let config = file
        .load(&[secret, ("WARDEN__HTTP__PER_MINUTE", "7")])
        .unwrap();
    assert_eq!(config.http.listen, Some("[::1]:0".parse().unwrap()));
    assert_eq!(config.http.per_minute.get(), 7);
    let key = &config.http.keys["a-b"];
    assert_eq!((key.workspace.as_str(), key.bearer), ("team", true));
    assert!(key.secret.is_some());
    let shown = format!("{config:?} {}", config.summary());
    assert!(!shown.contains("canary"), "{shown}");
    // Nobody who does not listen needs a secret, and the environment covers the file.
    let silent = Written::file("[http.keys.a-b]\nworkspace = \"local\"\n")
        .load(&[])
        .unwrap();
    assert_eq!(silent.http.keys["a-b"].secret, None);
    let covered = Written::file("[http.keys.x]\nworkspace = \"a\"\nsecret_file = \"no/such\"\n");
    let config = covered
        .load(&[("WARDEN_HTTP_KEY_X", "canary, long enough")])
        .unwrap();
    assert!(config.summary().contains("WARDEN_HTTP_KEY_X"));
}

#[test]
fn what_is_wrong_with_a_wording_is_told_with_its_place() {
    let good = "[[notices.wording]]\nkind = \"greeting\"\ntemplate = \"good day\"\n";
    let config = Written::file(good).load(&[]).unwrap();
    assert_eq!(
        config.wordings.shipped.len(),
        1,
        "a file's replace the others"
    );
    let file = Written::file(format!(
        "{good}[[notices.wording]]\nkind = \"gretting\"\ntemplate = \"a\"\n[[notices.wording]]\nkind = \"tail\"\n\
         [[notices.wording]]\nkind = \"tail\"\ntemplate = \"<a\"\nsubject = \"b\"\n[[notices.wording]]\nkind = 7\nsubjects = [1]\n"
    ));
    insta::assert_snapshot!(file.mistakes(&[]));
    for odd in ["notices.wording = 7", "notices.wording = [7]"] {
        let mistakes = Written::file(odd).mistakes(&[]);
        assert!(
            mistakes.contains("line 1: `notices.wording` cannot be"),
            "{mistakes}"
        );
    }
}

#[test]
fn an_address_that_others_reach_is_asked_for() {
    let open = ("WARDEN__HTTP__LISTEN", "0.0.0.0:8080");
    let mistakes = Written::file("").mistakes(&[open]);
    assert!(
        mistakes.contains("set http.beyond_loopback = true"),
        "{mistakes}"
    );
    let config = Written::file("").load(&[open, ("WARDEN__HTTP__BEYOND_LOOPBACK", "true")]);
    let summary = config.unwrap().summary();
    assert!(summary.contains("other machines can reach it"), "{summary}");
}

#[test]
fn what_is_wrong_with_http_is_told_without_secrets() {
    let file = Written::file(
        r#"
[http]
listen = "localhost:80"
beyond_loopback = 1
per_minute = 0
[http.keys]
flat = "x"
[http.keys.Relay]
workspace = "local"
secret = "canary-in-the-file"
[http.keys.gone]
workspace = "local"
secret_file = "canary-for-a-path"
[http.keys.a-b]
secret_file = 8
bearer = "yes"
[http.keys.a_b]
workspace = ""
"#,
    );
    let mistakes = file.mistakes(&[
        ("WARDEN_HTTP_KEY_OTHER", "canary-of-nobody"),
        ("WARDEN_HTTP_KEY_A_B", "canary"),
    ]);
    assert!(!mistakes.contains("canary"), "{mistakes}");
    insta::assert_snapshot!(mistakes);
    let silent = "[http]\nlisten = \"127.0.0.1:0\"\n[http.keys.relay]\nworkspace = \"local\"\n";
    let silent = Written::file(silent);
    let why = silent.load(&[]).unwrap().check_listening().unwrap_err();
    let dir = format!("{}/", silent.dir.path().display());
    insta::assert_snapshot!(why.to_string().replace(&dir, ""));
}

/// A file of the service's own is not read by an operator, and not needed for a copy.
#[test]
fn what_needs_no_secret_runs_where_their_files_cannot_be_read() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let text = "[discord]\ntoken_file = \"no/token\"\n[http.keys.relay]\nworkspace = \"local\"\nsecret_file = \"no/secret\"\n";
    let listens = format!("[http]\nlisten = \"127.0.0.1:0\"\n{text}");
    for text in [text, &listens] {
        std::fs::write(at.join("w.toml"), text).unwrap();
        let run = |args: &[&str]| warden(at, &[&["--config", "w.toml"], args].concat());
        let not_ready = run(&["ready"]).1;
        assert!(!not_ready.contains("no such file"), "{not_ready}");
        for needs in [
            &["serve", "--init"][..],
            &["discord", "--init"],
            &["check-config"],
        ] {
            let (code, said) = run(needs);
            let both = said.matches("no such file").count() == 2;
            assert!(code == Some(2) && both, "{said}");
            assert!(!at.join("warden.db").exists(), "{needs:?}");
        }
        let add = "instance add MQ_INST_1080056302921134_BXuIbML7 --name orders --region cn-hangzhou --edition platinum";
        let add: Vec<&str> = add.split(' ').collect();
        let copies = [
            &["backup", "copy.db"][..],
            &["doctor"],
            &["instance", "list"],
            &["todo"],
        ];
        for needs_none in [&add[..]].into_iter().chain(copies) {
            let (code, said) = run(needs_none);
            assert_eq!(code, Some(0), "{needs_none:?}: {said}");
        }
        for made in ["warden.db", "copy.db"] {
            std::fs::remove_file(at.join(made)).unwrap();
        }
    }
}

/// What is said of a setting that is a secret says where it belongs.
#[test]
fn a_secret_that_stands_in_the_file_is_told_where_it_belongs() {
    let file = Written::file(
        "[discord]\ntoken = \"canary\"\n[http.keys.my-relay]\nworkspace = \"local\"\nsecret = \"canary\"\n[audit]\nkey = \"canary\"\n",
    );
    insta::assert_snapshot!(file.mistakes(&[("WARDEN__DISCORD__TOKEN", "canary")]), @"
    the configuration is not usable; 4 mistakes:
    - w.toml, line 2: `discord.token` is a secret, and none is read from this file; put it into `DISCORD_TOKEN` in the environment, or into a file that `discord.token_file` names, and replace the one that stood here by a new one: others may have read it
    - w.toml, line 5: `http.keys.my-relay.secret` is a secret, and none is read from this file; put it into `WARDEN_HTTP_KEY_MY_RELAY` in the environment, or into a file that `secret_file` names, and replace the one that stood here by a new one: others may have read it
    - w.toml, line 7: `audit.key` is a secret, and none is read from this file; put it into `WARDEN_AUDIT_KEY` in the environment, and replace the one that stood here by a new one: others may have read it
    - environment: `WARDEN__DISCORD__TOKEN` is not read; put the secret into `DISCORD_TOKEN` in the environment, or into a file that `discord.token_file` names
    ");
}

#[test]
fn the_workspace_of_the_terminal_beside_a_bot_is_warned_of() {
    let file = Written::file("[http.keys.relay]\nworkspace = \"local\"\n");
    let summary = |env: &[(&str, &str)]| file.load(env).unwrap().summary();
    let told = "warning: http.keys.relay.workspace is `local`";
    assert!(summary(&[("DISCORD_TOKEN", "canary")]).contains(told));
    assert!(!summary(&[]).contains(told));
    let config = file.load(&[("DISCORD_TOKEN", "canary")]).unwrap();
    assert_eq!(config.warnings().count(), 0, "only where it is asked for");
}

/// It may be for another machine, or for tomorrow: nothing stops for it, and it is said.
#[test]
fn the_secret_of_no_key_warns_and_refuses_nothing() {
    let file = Written::file("[log]\nlevel = \"warn\"\n");
    let config = file
        .load(&[("WARDEN_HTTP_KEY_OTHER", "canary-of-nobody")])
        .unwrap();
    let warnings: Vec<String> = config.warnings().collect();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("WARDEN_HTTP_KEY_OTHER is the secret of no key"));
    let summary = config.summary();
    assert!(
        summary.contains(&warnings[0]) && !summary.contains("canary"),
        "{summary}"
    );
    assert_eq!(file.load(&[]).unwrap().warnings().count(), 0);
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let missing = Config::load(Some(Path::new("no/such.toml")), []).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "the configuration is not usable: there is no file `no/such.toml`; leave out --config to do without one"
    );
}

#[test]
fn broken_files_are_named_with_the_place() {
    let broken = Written::file("[log]\nlevel = \"warn\nformat = ?\n");
    insta::assert_snapshot!(broken.mistakes(&[("WARDEN__LOG__FORMAT", "xml")]), @r#"
    the configuration is not usable; 3 mistakes:
    - `w.toml` is not valid TOML at line 2, column 14: correct that line
    - `w.toml` is not valid TOML at line 3, column 10: correct that line
    - WARDEN__LOG__FORMAT: `log.format` cannot be "xml": there is no such format; allowed: "text" or "json"
    "#);
    let latin = Written::file(b"# caf\xe9\n");
    insta::assert_snapshot!(latin.mistakes(&[]), @r#"
    the configuration is not usable: `w.toml` cannot be read: it is not UTF-8 text; save it as UTF-8
    "#);
    let marked = Written::file("").mistakes(&[("WARDEN__DATABASE__PATH", "caf\u{fffd}.db")]);
    insta::assert_snapshot!(marked, @"the configuration is not usable: environment: the value of `WARDEN__DATABASE__PATH` is not UTF-8 text; set it in UTF-8");
    let directory = tempfile::tempdir().unwrap();
    let error = Config::load(Some(directory.path()), []).unwrap_err();
    assert!(error.to_string().contains("it is a directory"));
}

#[rstest]
#[case("time = 8", "there is no setting `time`")]
#[case("[time.vendor_zone]\nx = 1", "time.vendor_zone.x")]
#[case("[time.vendor_zone]", "it is a section")]
#[case("[nothing]", "there is no setting `nothing`")]
#[case("time.vendor_zone = [\"UTC\"]", "it is a list")]
#[case("time.vendor_zone = true", "cannot be true")]
#[case("time.vendor_zone = 0x7fffffffffffffffff", "it is a number")]
#[case("\"\" = 1", "there is no setting ``")]
#[case("[database]\npath = \"a\\u0000b\"", "NUL")]
fn odd_shapes_are_refused(#[case] text: &str, #[case] part: &str) {
    let mistakes = Written::file(text).mistakes(&[]);
    assert!(mistakes.contains(part), "{mistakes}");
}

#[test]
fn empty_sections_and_a_byte_order_mark_are_fine() {
    assert!(Written::file("\u{feff}[time]\n[log]\n").load(&[]).is_ok());
}

#[rstest]
#[case("WARDEN__POLICY__ACTION_FOR_UNSUBSCRIBE", "24h", true)]
#[case("WARDEN__POLICY__ACTION_FOR_UNSUBSCRIBE", "1d", true)]
#[case("WARDEN__POLICY__ACTION_FOR_UNSUBSCRIBE", "1s", true)]
#[case("WARDEN__POLICY__ACTION_FOR_UNSUBSCRIBE", "86401s", false)]
#[case("WARDEN__POLICY__ACTION_FOR_UNSUBSCRIBE", "0s", false)]
#[case("WARDEN__POLICY__ACTION_FOR_UNSUBSCRIBE", "-1h", false)]
#[case("WARDEN__POLICY__ACTION_FOR_EXPIRY", "1w", true)]
#[case("WARDEN__POLICY__ACTION_FOR_EXPIRY", "604801s", false)]
#[case("WARDEN__POLICY__ACTION_FOR_EXPIRY", "9999999999999999999999w", false)]
#[case("WARDEN__LOG__LEVEL", "warn,edition_warden=debug", true)]
#[case("WARDEN__LOG__LEVEL", "edition_warden::store=trace", true)]
#[case("WARDEN__LOG__LEVEL", "edition_warden=loud", false)]
#[case("WARDEN__LOG__LEVEL", "", false)]
#[case("WARDEN__TIME__VENDOR_ZONE", "", false)]
#[case("WARDEN__TIME__VENDOR_ZONE", "UTC+8", false)]
#[case("WARDEN__DATABASE", "x", false)]
#[case("WARDEN__time__vendor_zone", "UTC", false)]
fn single_values(#[case] name: &str, #[case] value: &str, #[case] taken: bool) {
    assert_eq!(with_env(name, value).is_ok(), taken);
}

#[test]
fn a_covered_mistake_is_told_as_well() {
    let file = Written::file("[time]\nvendor_zone = \"Mars\"\n");
    let mistakes = file.mistakes(&[("WARDEN__TIME__VENDOR_ZONE", "UTC")]);
    assert!(mistakes.contains("w.toml, line 2"), "{mistakes}");
}

#[rstest]
#[case("90s", 90)]
#[case("15m", 900)]
#[case("12h", 43_200)]
#[case("30d", 2_592_000)]
#[case("1w", 604_800)]
#[case("3650d", 315_360_000)]
#[case("007d", 604_800)]
fn spans(#[case] text: &str, #[case] seconds: i64) {
    assert_eq!(parse_span(text), Ok(TimeDelta::seconds(seconds)));
}

#[rstest]
#[case("")]
#[case("d")]
#[case("7")]
#[case("+7d")]
#[case("-7d")]
#[case("7 d")]
#[case("7D")]
#[case("1.5h")]
#[case("٣d")]
#[case("7天")]
fn what_is_no_span(#[case] text: &str) {
    assert!(matches!(parse_span(text), Err(SpanError::Malformed(_))));
}

#[test]
fn spans_have_bounds() {
    assert!(matches!(parse_span("0w"), Err(SpanError::Zero(_))));
    for long in ["3651d", "522w", "315360001s", "9223372036854775807w"] {
        assert!(matches!(parse_span(long), Err(SpanError::TooLong(_))));
    }
    let endless = format!("{}h", "9".repeat(10_000));
    assert!(matches!(parse_span(&endless), Err(SpanError::TooLong(_))));
}

#[rstest]
#[case(TimeDelta::hours(24), "24h")]
#[case(TimeDelta::days(7), "7d")]
#[case(TimeDelta::seconds(90), "90s")]
#[case(TimeDelta::minutes(30), "30m")]
#[case(TimeDelta::milliseconds(1_500), "1s")]
#[case(TimeDelta::zero(), "0s")]
fn spans_are_shown(#[case] span: TimeDelta, #[case] text: &str) {
    assert_eq!(show_span(span), text);
}

proptest! {
    #[test]
    fn shown_spans_are_read_back(seconds in 1..=315_360_000_i64) {
        let span = TimeDelta::seconds(seconds);
        prop_assert_eq!(parse_span(&show_span(span)), Ok(span));
    }

    #[test]
    fn no_text_makes_a_span_panic(text in ".*") {
        let _ = parse_span(&text);
    }

    #[test]
    fn no_file_makes_it_panic(text in "(\\[|\\]|=|\"|\\.|\n|time|zone|[0-9]|.){0,60}") {
        let _ = Written::file(text).load(&[]);
    }
}

#[test]
fn the_key_of_the_trail_comes_from_the_environment_and_is_never_shown() {
    let key = "a key that nobody sees";
    let config = with_env("WARDEN_AUDIT_KEY", key).unwrap();
    assert!(config.audit_key.is_some());
    assert!(config.summary().contains("WARDEN_AUDIT_KEY"));
    assert!(!config.summary().contains(key) && !format!("{config:?}").contains(key));
    let mistakes = [
        ("WARDEN_AUDIT_KEY", "", "shorter than 16 bytes"),
        ("WARDEN_AUDIT_KEY", "too short a key", "openssl rand"),
        (
            "WARDEN_AUDIT_KEY",
            "not UTF-8 \u{fffd}, long enough",
            "not UTF-8",
        ),
        ("WARDEN_AUDITKEY", key, "there is no `WARDEN_AUDITKEY`"),
        ("WARDEN__AUDIT_KEY", key, "is `WARDEN_AUDIT_KEY`"),
        ("warden_audit_key", key, "is `WARDEN_AUDIT_KEY`"),
    ];
    for (name, value, words) in mistakes {
        let said = with_env(name, value).unwrap_err().to_string();
        assert!(said.contains(words), "{said}");
        assert!(value.is_empty() || !said.contains(value), "{said}");
    }
    let file = Written::file("[audit]\nkey = \"a key that nobody sees\"\n");
    assert!(!file.mistakes(&[]).contains(key));
}

#[test]
fn what_is_kept_has_a_least_and_a_most() {
    for key in ["outbox", "reminders", "notices", "files"] {
        let set = |value: &str| Written::file(format!("[retention]\n{key} = \"{value}\"\n"));
        for kept in ["7d", "168h", "1w", "3650d"] {
            assert!(set(kept).load(&[]).is_ok(), "{key} {kept}");
        }
        for wrong in ["6d", "167h", "0d", "3651d", "", "for ever", "-7d"] {
            let mistakes = set(wrong).mistakes(&[]);
            assert!(mistakes.contains(&format!("retention.{key}")), "{mistakes}");
            assert!(mistakes.contains("7d to 3650d"), "{mistakes}");
        }
    }
    let config = Written::file("[retention]\nfiles = \"8d\"\n")
        .load(&[])
        .unwrap();
    let kept = config.retention;
    let days = [kept.outbox, kept.reminders, kept.notices, kept.files];
    assert_eq!(days.map(|kept| kept.num_days()), [90, 400, 400, 8]);
}

#[test]
fn quiet_hours_and_the_heartbeat() {
    let file = Written::file(
        "[reminders]\nquiet_hours = \"22:00-08:30\"\n[heartbeat]\nurl = \"https://monitor.example/ping?key=hush\"\n",
    );
    let config = file.load(&[]).unwrap();
    let summary = config.summary();
    assert!(summary.contains("\"22:00-08:30\""), "{summary}");
    assert!(
        summary.contains("\"https://monitor.example/…\""),
        "{summary}"
    );
    assert!(!summary.contains("hush"), "{summary}");
    for bad in ["22:00", "8h-9h", "08:00-08:00", "25:00-08:00"] {
        let file = Written::file(format!("[reminders]\nquiet_hours = \"{bad}\"\n"));
        let mistakes = file.mistakes(&[]);
        assert!(mistakes.contains("reminders.quiet_hours"), "{mistakes}");
    }
    for bad in [
        "monitor.example?key=hush",
        "ftp://a:hush@monitor.example/hush",
        "https://",
    ] {
        let file = Written::file(format!("[heartbeat]\nurl = \"{bad}\"\n"));
        let mistakes = file.mistakes(&[]);
        assert!(mistakes.contains("heartbeat.url"), "{mistakes}");
        assert!(!mistakes.contains("hush"), "{mistakes}");
    }
}

#[test]
fn how_old_the_last_import_may_be() {
    let read = |text: &str| {
        let file = Written::file(format!("[import]\nstale_after = \"{text}\"\n"));
        file.load(&[]).unwrap().import_stale_after
    };
    assert_eq!(read("36h"), Some(chrono::TimeDelta::hours(36)));
    assert_eq!(read(""), None);
    for bad in ["30m", "366d", "soon"] {
        let file = Written::file(format!("[import]\nstale_after = \"{bad}\"\n"));
        let mistakes = file.mistakes(&[]);
        assert!(mistakes.contains("import.stale_after"), "{mistakes}");
    }
}
