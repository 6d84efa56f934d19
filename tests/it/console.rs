//! The program itself, with lines piped in.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn warden(args: &[&str], input: &[u8]) -> Output {
    let dir = tempfile::tempdir().unwrap();
    warden_in(dir.path(), args, input)
}

fn warden_in(directory: &Path, args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_warden"))
        .args(args)
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that refuses its arguments reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[track_caller]
fn refused(args: &[&str], words: &str) {
    let output = warden(args, b"");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(words), "`{words}` is missing in:\n{said}");
}

#[test]
fn arguments_that_contradict_each_other_are_refused() {
    refused(&["--db", "x.db", "console", "--sandbox"], "--db");
    refused(&["console", "--sandbox", "--db", "x.db"], "--db");
    refused(
        &["check-config", "--format", "json"],
        "this prints text only",
    );
}

/// One line given as arguments, each in a database of its own: its exit status and what it says.
fn said(args: &[&str]) -> (Option<i32>, String) {
    let output = warden(args, b"");
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), text)
}

#[test]
fn every_verb_works_as_arguments() {
    let dir = tempfile::tempdir().unwrap();
    for database in ["warden.db", "x.db"] {
        let made = warden_in(dir.path(), &["--db", database], b"");
        assert_eq!(made.status.code(), Some(0));
    }
    let said = |args: &[&str]| {
        let output = warden_in(dir.path(), args, b"");
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), text)
    };
    let answers = [
        (
            &["instance", "list", "--expiring", "30d"][..],
            0,
            "No instance",
        ),
        (&["todo", "--mine"], 0, "Nothing to do"),
        (&["--db", "x.db", "changes"], 0, "No open changes"),
        (&["changes", "--db=x.db"], 0, "No open changes"),
        (&["check", "upgrade", "orders"], 1, "orders"),
        (&["audit"], 0, "audit trail"),
        (&["audit", "--since", "7d"], 0, "audit trail"),
        (&["import", "undo", "3"], 1, "3"),
        (
            &["notice", "Your instance will", "be released"],
            0,
            "Raised: notice 1",
        ),
        (&["help", "instance", "add"], 0, "instance add <id>"),
        (&["instance", "list", "--help"], 0, "instance list"),
        (&["help"], 0, "break-glass"),
        (&["instnace", "list"], 1, "There is no verb `instnace`"),
        (&["fail", "1"], 1, "--reason"),
        (&["exit"], 1, "There is no verb"),
    ];
    for (args, status, words) in answers {
        let (code, text) = said(args);
        assert_eq!(code, Some(status), "{args:?}: {text}");
        assert!(text.contains(words), "{args:?}: {text}");
    }
    for args in [
        &["todo", "--format", "json"][..],
        &["--format", "json", "todo"],
        &["todo", "--format=json"],
        &["rules", "--format", "json"],
        &["nonsense", "--format", "json"],
    ] {
        let (_, text) = said(args);
        let reply: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(reply["type"], "reply", "{args:?}");
    }
}

/// What was recorded by one line is there for the next.
#[test]
fn lines_as_arguments_go_on_in_one_database() {
    let dir = tempfile::tempdir().unwrap();
    let says = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_warden"))
            .args(args)
            .current_dir(dir.path())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let added = says(&[
        "instance",
        "add",
        ID,
        "--name",
        "my orders",
        "--region",
        "cn-hangzhou",
        "--edition",
        "standard",
    ]);
    assert!(added.starts_with("Done: tracking my orders"), "{added}");
    assert!(says(&["instance", "show", "my orders"]).contains(ID));
    assert!(says(&["audit", "head"]).contains("local:"));
    assert!(says(&["audit", "my orders"]).contains("instance add"));
}

/// What a line makes due at once is done when it ends: the next one sees it.
#[test]
fn a_fact_of_one_line_settles_the_notice_of_the_one_before() {
    let dir = tempfile::tempdir().unwrap();
    let says = |line: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_warden"))
            .args(line.split(' '))
            .current_dir(dir.path())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    says(&format!(
        "instance add {ID} --name orders --region cn-hangzhou --edition platinum --expires 2099-01-01 --yes-really"
    ));
    let notice = format!("notice Your instance {ID} will be released on 2099-01-08.");
    assert!(says(&notice).starts_with("Raised: notice 1"));
    says("action orders downgrade");
    assert!(says("notices").starts_with("No notice is raised"));
}

/// So is what a file or an e-mail does that is named on the command line.
#[test]
fn a_file_of_one_line_raises_the_notice_of_the_one_before() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    let says = |line: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_warden"))
            .args(line.split(' '))
            .current_dir(dir.path())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    says(&format!(
        "instance add {ID} --name orders --region cn-hangzhou --edition platinum --expires 2031-01-01 --action downgrade"
    ));
    let released = format!("Your instance {ID} will be released on 2031-01-08.");
    file("notice.txt", &released);
    let taken = says("notice ./notice.txt");
    assert!(taken.starts_with("Suppressed: notice 1"), "{taken}");
    file("list.csv", &format!("id,expires\n{ID},2031-06-01\n"));
    says("import list.csv --dry-run");
    assert!(says("notices").starts_with("No notice is raised"));
    says("import list.csv");
    let raised = says("notices");
    assert!(raised.contains("suppressed, then raised"), "{raised}");
}

/// A line about what is tracked makes no database. To a script that looks in a wrong place, nothing to do would be good news, and
/// nobody would look into a notice that it handed in.
#[test]
fn a_database_that_is_not_there_is_not_made_by_what_needs_one() {
    let dir = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let output = warden_in(dir.path(), args, b"");
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    };
    let is_there = || dir.path().join("warden.db").exists();
    for args in [
        &["instance", "list"][..],
        &["todo", "--format", "json"],
        &["--format", "json", "todo", "--workspace", "7"],
        &["instance", "show", "orders"],
        &["notices"],
        &["why", "orders"],
        &["handover", "alice"],
        &["audit"],
        &["audit", "verify"],
        &["action", "orders", "downgrade"],
        &["ack", "orders"],
        &["notice", "-"],
        &["notice", "Your instance will be released"],
    ] {
        let (code, said, told) = run(args);
        let names = told.contains("there is no database warden.db") && told.contains("--db");
        // A mail is kept by who hands it in, until somebody has seen to it.
        let status = if *args == ["notice", "-"] { 75 } else { 2 };
        assert_eq!((names, code), (true, Some(status)), "{args:?}: {told}");
        assert_eq!((said.as_str(), is_there()), ("", false), "{args:?}");
    }
    for (args, status) in [(&["help"], 0), (&["rules"], 0), (&["nonsense"], 1)] {
        let (code, said, told) = run(args);
        assert_eq!(
            (code, is_there()),
            (Some(status), false),
            "{args:?}: {told}"
        );
        assert!(!said.is_empty(), "{args:?}");
    }
    // Nor by what would make one and is refused, or only tried.
    let file = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    file("page.html", "<html><body>Sign in</body></html>");
    file(
        "list.csv",
        &format!("id,name,region,edition\n{ID},orders,cn-hangzhou,standard\n"),
    );
    for (args, status) in [
        (&["import", "nofile.json"][..], 1),
        (&["import", "page.html"], 1),
        (&["import", "list.csv", "--dry-run"], 0),
        (&["import", "list.csv", "--workspace", "12"], 2),
        (&["settings", "zone", "UTC", "--workspace", "12"], 2),
        (&["instance", "set", "orders", "--busy", "off"], 2),
        (&["settings", "team", "payments", "--remove"], 1),
    ] {
        let (code, said, told) = run(args);
        let found = (code, is_there());
        assert_eq!(found, (Some(status), false), "{args:?}: {said}{told}");
        assert!(!(said + &told).is_empty(), "{args:?}");
    }
    let (code, said, _) = run(&["import", "list.csv"]);
    assert!(said.starts_with("Done: imported. list.csv"), "{said}");
    assert_eq!((code, is_there()), (Some(0), true));
    assert_eq!(run(&["todo"]).0, Some(0));
}

/// A whole line in the shell's quotes is told how it is said; the words of a text stay text.
#[test]
fn a_line_in_quotes_is_told_to_go_without() {
    for line in ["instance list", "todo --mine", "cancel 1 --reason x"] {
        let (code, text) = said(&[line]);
        assert_eq!(code, Some(1), "{line}");
        assert!(
            text.contains(&format!(
                "There is no verb `{line}`: the quotes around it make it one word; leave them out"
            )),
            "{text}"
        );
    }
    assert!(said(&["no such thing"]).1.contains("`help` lists them all"));
}

/// Who names an instance in the place of its change is told the number, and what to type; nothing is done by it.
#[test]
fn the_number_of_a_change_is_told_to_who_names_its_instance() {
    let dir = tempfile::tempdir().unwrap();
    let run = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let output = warden_in(dir.path(), &words, b"");
        String::from_utf8(output.stdout).unwrap()
    };
    for (id, name) in [(ID, "orders"), ("MQ_INST_1080056302921134_BXuIbML7", "app")] {
        run(&format!(
            "instance add {id} --name {name} --region cn-hangzhou --edition standard"
        ));
    }
    let of_orders = "This takes the number of a change, and the open one of orders is #1: ";
    run("upgrade orders");
    for (line, instead) in [
        ("cancel orders", "cancel 1 --reason TEXT"),
        (
            "cancel orders --reason orders are late",
            "cancel 1 --reason orders are late",
        ),
        ("change orders", "change 1"),
        ("confirm cn-hangzhou/orders upgrade", "confirm 1 upgrade"),
        ("fail orders --reason x", "fail 1 --reason x"),
    ] {
        let text = run(line);
        let Some(hint) = text.trim_end().strip_prefix(of_orders) else {
            panic!("{line}: {text}");
        };
        assert_eq!(hint, format!("`{instead}`."), "{line}");
    }
    assert!(run("changes").contains("  open  "), "{}", run("changes"));
    let none = "app has no open change, and this takes the number of one.";
    assert!(
        run("approve app").starts_with(none),
        "{}",
        run("approve app")
    );
    let unknown = "`nobody` is not the number of a change";
    assert!(run("approve nobody").starts_with(unknown));
}

/// What is beyond doubt a listing is no notice; a text in lines with commas is one all the same.
#[test]
fn a_listing_is_not_taken_for_a_notice() {
    let dir = tempfile::tempdir().unwrap();
    warden_in(dir.path(), &["--db", "warden.db"], b"");
    let run = |name: &str, text: &str| {
        std::fs::write(dir.path().join(name), text).unwrap();
        let output = warden_in(dir.path(), &["notice", name], b"");
        String::from_utf8(output.stdout).unwrap()
    };
    let listed = format!(
        r#"{{"Data":{{"InstanceVO":[{{"InstanceId":"{ID}","InstanceName":"orders","InstanceType":1}}]}}}}"#
    );
    for (name, text) in [
        (
            "a.csv",
            format!("id,name,region\n{ID},orders,cn-hangzhou\n"),
        ),
        ("b.csv", format!("实例ID;名称\r\n{ID};orders\r\n")),
        ("c.json", listed.clone()),
    ] {
        let said = run(name, &text);
        assert!(
            said.contains("is a listing of instances, not a notice, so nothing was recorded")
                && said.contains(&format!("`warden import {name}`")),
            "{said}"
        );
    }
    for (number, text) in [
        format!("id,name,message\n{ID},orders,will be released\n"),
        format!("{ID},orders,cn-hangzhou\n"),
        "id,name,region\n".to_owned(),
        format!(r#"{{"event":"leaving","instanceId":"{ID}"}}"#),
        format!("Please look at this list:\n{listed}"),
    ]
    .iter()
    .enumerate()
    {
        let said = run("n.txt", text);
        let raised = format!("Raised: notice {}", number + 1);
        assert!(said.starts_with(&raised), "{text}: {said}");
    }
}

/// What a shell makes of `*.eml` is each of these files, and no text.
#[test]
fn several_files_are_several_notices() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    let run = |args: &[&str]| {
        let output = warden_in(dir.path(), args, b"");
        let said = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), said)
    };
    for (id, name) in [(ID, "orders"), (OTHER_ID, "billing")] {
        let add = format!(
            "instance add {id} --name {name} --region cn-hangzhou --edition platinum --expires 2099-01-01 --yes-really --action downgrade"
        );
        run(&add.split(' ').collect::<Vec<_>>());
    }
    file("a.eml", &format!("Your instance {ID} was unsubscribed."));
    file(
        "b.eml",
        &format!("Your instance {OTHER_ID} will be released on 2099-01-08."),
    );
    file("large.eml", &"x".repeat(8 * 1024 * 1024 + 1));
    let (code, said) = run(&["notice", "a.eml", "b.eml"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("Raised: notice 1"), "{said}");
    assert!(said.contains("\nSuppressed: notice 2"), "{said}");
    assert!(
        said.ends_with("\n2 files: 1 raised, 1 suppressed.\n"),
        "{said}"
    );
    // For a script each is a line, and the status is that of the worst.
    let (code, said) = run(&["notice", "b.eml", "large.eml", "a.eml", "--format", "json"]);
    let outcomes: Vec<serde_json::Value> = said
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["outcome"].clone())
        .collect();
    assert_eq!(outcomes, ["duplicate", "invalid", "duplicate"], "{said}");
    assert_eq!(code, Some(1));

    let before = run(&["audit", "head"]).1;
    for (args, words) in [
        (
            &["notice", "a.eml", "c.eml"][..],
            "there is no file `c.eml`",
        ),
        (&["notice", "c.eml", "d.eml"], "There is no file `c.eml`"),
        (&["notice", "orders", "of", "a.eml"], "in quotes"),
        (&["notice", "-", "a.eml"], "stands alone"),
    ] {
        let (code, said) = run(args);
        assert_eq!(code, Some(1), "{args:?}: {said}");
        assert!(said.contains(words), "{args:?}: {said}");
    }
    assert_eq!(run(&["audit", "head"]).1, before);
    // A file that is called like a word of an answer makes none of it.
    file("1", "released");
    let (code, said) = run(&["notice", "1", "still-there"]);
    assert_eq!(
        (code, said.contains("Done: notice 1")),
        (Some(0), true),
        "{said}"
    );
}

#[test]
fn exit_and_quit_end_the_session() {
    for word in ["exit", "QUIT", "warden> exit"] {
        let input = format!("changes\n{word}\nrules\n");
        let output = warden(&[], input.as_bytes());
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert!(text.contains("No open changes"), "{text}");
        assert!(!text.contains("series-4x"), "{text}");
    }
}

/// Also where a bot could be started: that one is started by its own name.
#[test]
fn alone_it_opens_the_prompt() {
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_warden"))
        .current_dir(dir.path())
        .env("DISCORD_TOKEN", "x.y.z")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("0 instances"), "{text}");
}

#[test]
fn it_says_what_it_was_built_from_and_writes_its_manual() {
    let (code, version) = said(&["--version"]);
    assert_eq!(code, Some(0));
    assert!(version.starts_with(&format!("warden {}", env!("CARGO_PKG_VERSION"))));
    for shell in ["bash", "zsh", "fish"] {
        let (code, script) = said(&["completions", shell]);
        assert_eq!(code, Some(0));
        assert!(script.contains("break-glass"), "{shell}");
    }
    let (code, page) = said(&["man"]);
    assert_eq!(code, Some(0));
    assert!(page.contains(".TH warden 1"), "{page}");
    // One page holds all: it names no page that is not there.
    let options = [
        r"\-\-commodity\-id",
        r"\-\-accept\-missing",
        r"\-\-distrust",
    ];
    for word in options
        .iter()
        .chain(&["warden settings quiet-hours", "Exit status"])
    {
        assert!(page.contains(word), "{word}");
    }
    assert_eq!(page.matches("(1)").count(), 0, "{page}");
}

/// Bash is asked itself; the scripts for the others are read.
#[test]
fn a_shell_completes_verbs_options_and_values() {
    let asked = [
        ("warden instance li", "list"),
        ("warden downgrade orders --by ", "unsubscribe expiry"),
        ("warden todo --format ", "text json"),
        ("warden audit --si", "--since"),
        ("warden changes --work", "--workspace"),
        ("warden confirm 1 verify", "verify-standard"),
        ("warden settings quiet", "quiet-hours"),
        ("warden import --accept-", "--accept-missing"),
        ("warden sa", ""),
    ];
    let (_, script) = said(&["completions", "bash"]);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("warden.bash");
    let ask = "compopt() { :; }; COMP_WORDS=($0); [[ $0 == *' ' ]] && COMP_WORDS+=(''); \
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); \
        _warden warden \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"; echo ${COMPREPLY[*]}";
    std::fs::write(&file, script + ask).unwrap();
    for (line, offered) in asked {
        let output = Command::new("bash")
            .args(["-c", &format!(". {}", file.display()), line])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(
            text.trim(),
            offered,
            "{line}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let (_, fish) = said(&["completions", "fish"]);
    let (_, zsh) = said(&["completions", "zsh"]);
    assert!(fish.contains("using_subcommand import\" -F"), "{fish}");
    assert!(fish.contains("using_subcommand action\" -a \"delete downgrade\""));
    assert!(
        zsh.contains(":file -- ") && zsh.contains(":_files'"),
        "{zsh}"
    );
    assert!(!zsh.contains("_default"), "{zsh}");
    for script in [fish, zsh] {
        assert!(!script.contains("Say one line"), "{script}");
        assert!(script.contains("Record that a step is done"), "{script}");
    }
}

#[test]
fn a_line_that_is_not_text_is_echoed_without_its_frame() {
    let output = warden(
        &["console", "--sandbox", "--format", "json"],
        b"\xef\xbb\xbfwhat \xff\r\n\xef\xbb\xbfchanges\r\n",
    );
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    let commands: Vec<serde_json::Value> = said
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["command"].clone())
        .collect();
    assert_eq!(commands, ["what \u{fffd}", "changes"]);
}

#[test]
fn piped_input_is_not_told_of_ctrl_d() {
    let output = warden(&[], b"changes\n");
    assert_eq!(output.status.code(), Some(0));
    assert!(!String::from_utf8(output.stdout).unwrap().contains("Ctrl-D"));
}

#[test]
fn import_takes_the_rest_of_piped_input() {
    let output = warden(
        &["console", "--sandbox"],
        b"import -\nid,name,region\nMQ_INST_1080056302921134_BXuIbML7,orders,cn-hangzhou\n",
    );
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stdout).unwrap().contains("1 new"));
}

#[test]
fn a_team_that_the_settings_describe_is_called_in_an_import() {
    let rows =
        format!("import -\nid,name,region,edition,team\n{ID},a,cn-hangzhou,standard,payments\n");
    for (described, warns) in [
        ("", true),
        (
            "settings team payments --mention payers --members payers\n",
            false,
        ),
    ] {
        let output = warden(
            &["console", "--sandbox"],
            format!("{described}{rows}").as_bytes(),
        );
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("1 new"), "{said}");
        assert_eq!(
            said.contains("Nobody has described these teams"),
            warns,
            "{said}"
        );
    }
}

#[test]
fn whoever_may_not_import_learns_nothing_of_files() {
    let output = warden(
        &["console", "--sandbox"],
        b":as eve viewer\nimport no-such.csv\nimport -\nid,name,region\n",
    );
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.matches("Denied: importing a listing").count(), 2);
    assert!(!said.contains("no-such"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_told_in_words() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let output = Command::new(env!("CARGO_BIN_EXE_warden"))
        .arg("rules")
        .stdout(full.unwrap())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said.contains("standard output cannot be written to"),
        "{said}"
    );
    assert!(!said.contains("os error"), "{said}");
}

const ID: &str = "MQ_INST_2080056302921134_AbCdEf12";
const OTHER_ID: &str = "MQ_INST_2080056302921134_AbCdEf34";
const OTHER: &str = "MQ_INST_2080056302921134_GhIjKl34";

/// A pasted e-mail may be longer than a command: it is taken whole, and not lost with the instance that it names.
#[rstest::rstest]
#[case::many_lines("so it goes on and on\n".repeat(300))]
#[case::one_long_line(format!("{}\n", "QUJDREVGRw".repeat(500)))]
fn a_long_notice_is_taken(#[case] behind: String) {
    let input = format!(
        "instance add {ID} --name billing --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade\n\
             notice Your instance {ID} has been released.\n{behind}notices\n"
    );
    let at = ["console", "--sandbox", "--at", "2026-02-24T01:00:00Z"];
    let output = warden(&at, input.as_bytes());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("a notice of something gone for billing"),
        "{said}"
    );
    assert!(!said.contains("shorten it"), "{said}");
    assert!(said.contains("notice 1 still-there"), "{said}");
}

/// An answer to a notice is one line: what comes behind it, a slip too, is no part of it.
#[test]
fn an_answer_to_a_notice_takes_no_line_with_it() {
    let input = format!(
        "instance add {ID} --name billing --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade\n\
         notice Your instance {ID} has been released.\nnotice 1 still-there\nchnages\nnotices\n"
    );
    let output = warden(&["console", "--sandbox"], input.as_bytes());
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("There is no verb `chnages`"), "{said}");
    assert!(!said.contains("notice 2"), "{said}");
}

/// What is said behind a notice is part of it, whatever was copied along before the notice; what is meant as a command and is
/// none is reported, and keeps the notice from being suppressed.
#[test]
fn a_notice_is_never_suppressed_without_what_stands_behind_it() {
    let begins = [
        "notice ",
        "/notice ",
        "warden> notice ",
        "> notice ",
        "notice: ",
        "notice：",
        "Notice. ",
        "ｎｏｔｉｃｅ ",
        "$ notice ",
    ];
    let behind = [
        format!("Together with {OTHER}."),
        format!("Action required: {OTHER} will be released tomorrow"),
        format!("Check {OTHER} as well"),
        format!("help center: {OTHER}"),
        format!(":warning: {OTHER}"),
        format!("\n\n:{OTHER}"),
        "confirm nonsense".to_owned(),
    ];
    let text = format!("Your instance {ID} will be released on 2026-03-08.");
    let outcomes = |lines: &str| -> Vec<(String, String)> {
        let input = format!(
            "instance add {ID} --name billing --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade\n{lines}\n"
        );
        let args = [
            "console",
            "--sandbox",
            "--at",
            "2026-02-24T01:00:00Z",
            "--format",
            "json",
        ];
        let output = warden(&args, input.as_bytes());
        let said = String::from_utf8(output.stdout).unwrap();
        let replies = said
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let replies = replies.filter(|one| one["type"] == "reply").skip(1);
        let word = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap().to_owned();
        replies
            .map(|one| (word(&one, "outcome"), word(&one, "text")))
            .collect()
    };
    for begin in begins {
        let alone = outcomes(&format!("{begin}{text}"));
        assert_eq!(alone[0].0, "suppressed", "{begin}: {alone:?}");
        let said = outcomes(&format!("{begin}{text}\n{}", behind[0]));
        assert_eq!(said.len(), 1, "{begin}: {said:?}");
        assert!(
            said[0].0 == "raised" && said[0].1.contains(OTHER),
            "{begin}: {said:?}"
        );
    }
    for behind in behind {
        let said = outcomes(&format!("notice {text}\n{behind}"));
        assert_eq!(said[0].0, "raised", "{behind}: {said:?}");
        assert!(
            !behind.contains(OTHER) || said[0].1.contains(OTHER),
            "{behind}: {said:?}"
        );
    }
    // Nor without what stands behind such a line: all of it is in the notice that is raised, and can be taught.
    for line in [
        format!("Instance ID: {ID}"),
        "Import: none".to_owned(),
        "Audit: orders".to_owned(),
        "Check the console".to_owned(),
    ] {
        let said = outcomes(&format!("notice {text}\n{line}\nRelease time: 2027-06-01"));
        assert_eq!(said[0].0, "raised", "{line}: {said:?}");
        assert!(said[0].1.contains("2027-06-01"), "{line}: {said:?}");
        assert_eq!(said.len(), 2, "{line}: {said:?}");
    }
    // What is a command behind one is done, in whatever form.
    for line in ["/instance list", "warden> instance list"] {
        let said = outcomes(&format!("notice {text}\n{line}"));
        let said: Vec<&str> = said.iter().map(|(outcome, _)| outcome.as_str()).collect();
        assert_eq!(said, ["suppressed", "info"], "{line}");
    }
}

/// What a session in the sandbox says.
fn session(lines: &[&str]) -> String {
    let output = warden(&["console", "--sandbox"], lines.join("\n").as_bytes());
    String::from_utf8(output.stdout).unwrap()
}

/// A script learns from the data what a person learns from the text.
#[test]
fn safeguards_overrides_and_settings_are_in_the_data() {
    let add = format!(
        "instance add {ID} --name orders --region cn-hangzhou --edition standard --team pay"
    );
    let lines = [
        ":as dave admin",
        &add,
        "todo",
        "upgrade orders",
        "break-glass 1 --reason \"it burns\" --ticket T-1",
        "settings team pay --mention \"pay leads\" --members a,b",
        "instance set orders,nosuch --team pay",
        "settings show",
        "audit",
    ];
    let output = warden(
        &["console", "--sandbox", "--format", "json"],
        lines.join("\n").as_bytes(),
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let replies = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let replies: Vec<serde_json::Value> = replies
        .filter(|it: &serde_json::Value| it["type"] == "reply")
        .collect();
    let of = |command: &str| {
        let found = replies
            .iter()
            .rfind(|it| it["command"].as_str().unwrap().starts_with(command));
        &found.unwrap_or_else(|| panic!("{command}: {text}"))["data"]
    };
    let failing = &of("todo")["safeguards"][0];
    assert_eq!(failing["safeguard"], "team-not-called pay");
    assert!(
        failing["settle"]
            .as_str()
            .unwrap()
            .contains("settings team pay --mention ROLE")
    );
    let asked = &of("upgrade")["changes"][0]["request"];
    assert_eq!(asked["lapses_at"], "2026-01-04T00:00:00Z", "{asked}");
    assert_eq!(asked["team"], serde_json::Value::Null);
    let overridden = &of("break-glass")["changes"][0]["overridden"];
    assert_eq!(overridden["by"], "dave");
    assert_eq!(overridden["ticket"], "T-1");
    assert_eq!(overridden["of_request"], true);
    let refused = &of("instance set")["refused"];
    assert_eq!(refused[0]["named"], "nosuch");
    assert_eq!(refused[0]["outcome"], "invalid");
    assert_eq!(refused[1], serde_json::Value::Null);
    let settings = of("settings show")["settings"].as_array().unwrap();
    let team = settings
        .iter()
        .find(|it| it["setting"] == "team pay")
        .unwrap();
    assert_eq!(team["value"], "--mention \"pay leads\" --members a,b");
    let tracked = of("audit")["audit"].as_array().unwrap().iter();
    let moved: Vec<_> = tracked.map(|row| &row["moved"]).collect();
    let edition = serde_json::json!([{"fact": "edition", "from": null, "to": "standard"}]);
    assert!(moved.contains(&&edition), "{moved:?}");
}

/// Which rows of a file are refused, and why, is in the data as it is in the text.
#[test]
fn the_rows_of_a_file_are_in_the_data() {
    let dir = tempfile::tempdir().unwrap();
    let file = format!(
        "id,name,region,edition,expires\n{ID},orders,cn-hangzhou,platinum,2027-03-01\nnonsense,x,cn-hangzhou,platinum,\n"
    );
    std::fs::write(dir.path().join("a.csv"), file).unwrap();
    let output = warden_in(dir.path(), &["--format", "json", "import", "a.csv"], b"");
    let text = String::from_utf8(output.stdout).unwrap();
    let reply: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    let rows = &reply["data"]["imports"][0]["rows"];
    assert_eq!(rows[0]["became"], "refused", "{text}");
    assert_eq!(rows[0]["place"], "line 3", "{text}");
    assert!(rows[0]["detail"].as_str().unwrap().contains("nonsense"));
    assert_eq!(
        (&rows[1]["became"], &rows[1]["instance"]),
        (&"new".into(), &"orders".into())
    );
}

/// What a permit lacks, who did what, and the texts of wordings are data, not only words.
#[test]
fn what_a_permit_lacks_who_did_it_and_wordings_are_in_the_data() {
    let add = format!(
        "instance add {ID} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade --team pay"
    );
    let notice = format!("notice Farewell, {ID}, from 2026-03-02 on.");
    let lines = [
        ":as alice requester",
        &add,
        "check unsubscribe orders",
        "downgrade orders --by unsubscribe",
        ":as bob approver team:pay",
        "approve 1 --seen downgrade",
        "why 1",
        ":as alice requester",
        &notice,
        ":as carol approver",
        "wording 1",
        "wording 1 other",
        ":as dave admin",
        "settings zone UTC",
        "settings zone UTC",
        "wordings",
        "import -",
        "id,name,region,edition",
        "MQ_INST_1080056302921134_AbCdEf12,shop,cn-hangzhou,standard",
    ];
    let output = warden(
        &["console", "--sandbox", "--format", "json"],
        lines.join("\n").as_bytes(),
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let replies = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let replies: Vec<serde_json::Value> = replies
        .filter(|it: &serde_json::Value| it["type"] == "reply")
        .collect();
    let of = |command: &str| {
        let found = replies.iter().rfind(|it| it["command"] == command);
        &found.unwrap_or_else(|| panic!("{command}: {text}"))["data"]
    };
    let missing = of("check unsubscribe orders")["missing"]
        .as_array()
        .unwrap();
    let what: Vec<_> = missing.iter().map(|it| &it["what"]).collect();
    assert_eq!(what, ["change", "approvals", "observers"], "{missing:?}");
    assert_eq!(missing[1]["needed"], 2);
    assert_eq!(missing[1]["team"], "pay");
    assert_eq!(missing[2]["so_far"], serde_json::json!(["alice"]));
    assert!(
        missing[0]["text"]
            .as_str()
            .unwrap()
            .contains("`downgrade cn-hangzhou/orders --by unsubscribe`")
    );
    let missing = of("why 1")["missing"].as_array().unwrap();
    let what: Vec<_> = missing.iter().map(|it| &it["what"]).collect();
    assert_eq!(what, ["approvals", "permit"], "{missing:?}");
    assert_eq!(missing[0]["so_far"], serde_json::json!(["bob"]));
    assert_eq!(missing[0]["team"], serde_json::Value::Null);
    let texts = serde_json::json!(["Farewell, {instance}, from {release_date} on."]);
    assert_eq!(of("wording 1")["teachable"][0]["texts"], texts, "{text}");
    for line in ["wording 1 other", "wordings"] {
        assert_eq!(of(line)["wordings"][0]["notice"], 1, "{line}");
        assert!(of(line)["wordings"][0]["texts"][0].is_string(), "{line}");
    }
    let set = &of("settings zone UTC")["settings"][0];
    assert_eq!(
        (&set["by"], &set["at"]),
        (&"dave".into(), &"2026-01-01T00:00:00Z".into())
    );
    assert_eq!(of("import -")["imports"][0]["by"], "dave", "{text}");
}

/// The total of a narrowed list is on each of its pages.
#[test]
fn a_narrowed_list_of_several_pages_says_how_many_fit() {
    let add = |number: usize| {
        format!(
            "instance add MQ_INST_1080056302921134_n{number:04} --name n{number} --region cn-hangzhou --edition standard --team pay"
        )
    };
    let mut lines: Vec<String> = (0..60).map(add).collect();
    lines.push("instance list --team pay".to_owned());
    lines.push("instance list --team pay --page 2".to_owned());
    for list in ["todo", "instance list", "changes"] {
        lines.push(format!("{list} --team Pay"));
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let text = session(&lines);
    assert!(
        text.contains("There is more: add --page 2. 60 instances fit."),
        "{text}"
    );
    assert_eq!(text.matches("60 instances fit.").count(), 2, "{text}");
    let slips = text.matches("No tracked instance is of team `Pay`.");
    assert_eq!(slips.count(), 3, "{text}");
}

#[test]
fn lists_have_an_order_totals_and_filters() {
    let add = |id: &str, name: &str, rest: &str| {
        format!("instance add {id} --name {name} --region cn-hangzhou {rest}")
    };
    let later = add(
        ID,
        "a-later",
        "--edition platinum --expires 2026-08-01 --action downgrade --team payments",
    );
    let sooner = add(
        OTHER,
        "b-sooner",
        "--edition platinum --expires 2026-05-01 --action downgrade --team search",
    );
    let third = "MQ_INST_2080056302921134_MnOpQr56";
    let standard = add(third, "c-standard", "--edition standard --team search");
    let text = session(&[
        &later,
        ":clock +1h",
        &sooner,
        &standard,
        "instance list",
        "instance list --sort expires",
        "instance list --sort age",
        "instance list --team search",
        "upgrade c-standard",
        "changes --stuck",
        "changes --team payments",
        "changes --team search",
        ":clock +4d",
        "changes --stuck",
        "changes --stuck --team payments",
        "instance list --sort size",
        "changes --all --stuck",
    ]);
    let lists: Vec<&str> = text.split("  instance  ").skip(1).collect();
    let order = |list: &str| {
        let names = list
            .lines()
            .filter_map(|line| line.trim().strip_prefix("cn-hangzhou/"));
        names.map(|name| name[..1].to_owned()).collect::<String>()
    };
    assert_eq!(order(lists[0]), "abc", "{text}");
    assert!(lists[0].contains("3 instances are tracked."), "{text}");
    assert_eq!(order(lists[1]), "bac", "{text}");
    assert_eq!(order(lists[2]), "abc", "{text}");
    for sorted in [lists[1], lists[2]] {
        assert!(sorted.contains("3 instances are tracked."), "{text}");
    }
    assert_eq!(order(lists[3]), "bc", "{text}");
    assert!(lists[3].contains("2 instances fit."), "{text}");
    // Nobody has moved it for four days, when it is asked for the second time.
    assert_eq!(text.matches("No open change fits.").count(), 3, "{text}");
    assert_eq!(text.matches("  #1  ").count(), 2, "{text}");
    assert!(text.contains("open, request lapsed"), "{text}");
    assert!(text.contains("not `size`"), "{text}");
    assert!(text.contains("--stuck"), "{text}");
}

/// In no order is an instance left out: one that nobody has looked at is the oldest, one without an expiry comes last, and what
/// was lost stays at the end. A page after the last one is said to be none.
#[test]
fn every_order_lists_every_instance() {
    let id = |at: u8| format!("MQ_INST_{at}080056302921134_AbCdEf12");
    let add = |at: u8, name: &str, rest: &str| {
        format!(
            "instance add {} --name {name} --region cn-hangzhou {rest}",
            id(at)
        )
    };
    let text = session(&[
        &add(1, "a-standard", "--edition standard"),
        &add(
            2,
            "b-seen",
            "--edition platinum --expires 2026-08-01 --action delete",
        ),
        &add(3, "c-never", "--edition platinum --expires 2026-05-01"),
        &add(4, "d-neither", "--edition platinum"),
        &add(
            5,
            "e-lost",
            "--edition platinum --expires 2026-02-01 --action delete",
        ),
        "instance lost e-lost --reason gone",
        "instance list",
        "instance list --sort expires",
        "instance list --sort age",
        "instance list --sort age --edition platinum",
        "instance list --page 99",
        "instance list --sort expires --page 2",
        "changes --page 7",
    ]);
    let lists: Vec<&str> = text.split("  instance  ").skip(1).collect();
    let order = |list: &str| {
        let names = list
            .lines()
            .filter_map(|line| line.trim().strip_prefix("cn-hangzhou/"));
        names.map(|name| name[..1].to_owned()).collect::<String>()
    };
    let orders: Vec<String> = lists.iter().map(|list| order(list)).collect();
    assert_eq!(orders, ["abcde", "cbade", "cdbae", "cdb"], "{text}");
    assert_eq!(
        text.matches("4 instances are tracked.").count(),
        3,
        "{text}"
    );
    assert_eq!(
        text.matches("There is no such page: `instance list` shows the first one.")
            .count(),
        2,
        "{text}"
    );
    assert!(
        text.contains("There is no such page: `changes` shows the first one."),
        "{text}"
    );
}

/// What voids the action says why, and what comes next; a downgrade that is open is said before the two routes are compared.
#[test]
fn what_follows_is_said() {
    let text = session(&[
        &format!(
            "instance add {ID} --name orders --region cn-hangzhou --edition platinum --expires 2026-05-01 --action downgrade"
        ),
        "instance set orders --expires 2026-08-01",
    ]);
    assert!(
        text.contains("a renewal may have changed it, or be why the expiry moved (action-known). Look at the vendor's console, then `action cn-hangzhou/orders <downgrade|delete>`."),
        "{text}"
    );
    let text = session(&[
        &format!(
            "instance add {ID} --name orders --region cn-hangzhou --edition platinum --expires 2026-05-01 --action downgrade"
        ),
        "downgrade orders --by unsubscribe",
        "downgrade orders",
    ]);
    let upgraded = session(&[
        ":as alice requester",
        &format!("instance add {OTHER} --name search --region cn-hangzhou --edition standard"),
        "upgrade search",
        ":as bob approver",
        "approve 1",
        ":as alice requester",
        "next 1",
        "confirm 1 upgrade",
        "fail 1 --reason the wrong one",
    ]);
    assert!(
        upgraded.contains("`instance set cn-hangzhou/search --expires WHEN`"),
        "{upgraded}"
    );
    let compared = text.split("#1 (downgrade").last().unwrap();
    assert!(
        text.contains("orders has an open change already, #1"),
        "{text}"
    );
    assert!(
        compared.contains("Two ways from Platinum to Standard"),
        "{text}"
    );
    assert!(!compared.contains("--by unsubscribe"), "{text}");
    assert!(!compared.contains("Opening one by"), "{text}");
}

/// More notices than a page holds are on further pages.
#[test]
fn notices_are_listed_in_pages() {
    let mut lines = vec![format!(
        "instance add {ID} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade"
    )];
    let days = (1..=60).map(|at| (3 + (at - 1) / 28, 1 + (at - 1) % 28));
    lines.extend(days.map(|(month, day)| {
        format!("notice Your instance {ID} will be released on 2026-{month:02}-{day:02}.")
    }));
    for line in [
        "notices orders",
        "notices orders --page 2",
        "notices orders --page 3",
        "suppressed --page 9",
    ] {
        lines.push(line.to_owned());
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let text = session(&lines);
    let pages: Vec<&str> = text
        .split("Notices that name orders, newest first:")
        .skip(1)
        .collect();
    let rows = |page: &str| page.matches(", through ").count();
    assert_eq!(
        pages.iter().map(|page| rows(page)).collect::<Vec<_>>(),
        [50, 10],
        "{text}"
    );
    assert!(pages[0].contains("There is more: add --page 2."), "{text}");
    assert!(!pages[1].contains("There is more"), "{text}");
    assert!(
        text.contains("There is no such page: `notices cn-hangzhou/orders` shows the first one."),
        "{text}"
    );
    assert!(
        text.contains("There is no such page; leave --page out"),
        "{text}"
    );
}

/// What is wrong with a whole line is said once, and what comes next.
#[test]
fn what_is_wrong_is_said_once() {
    let mut lines: Vec<String> = (10..22)
        .map(|at| {
            format!(
                "instance add MQ_INST_{at}80056302921134_AbCdEf12 --name shop-{at} --region cn-hangzhou --edition standard --team payments"
            )
        })
        .collect();
    lines.extend(
        [
            "instance set team:payments",
            "instance set shop-10,shop-10 --busy off",
            "instance show shop",
            "ack notice",
            "：as alice viewer",
            "instance set shop-10 --busy on",
        ]
        .map(ToOwned::to_owned),
    );
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let text = session(&lines);
    assert_eq!(
        text.matches("Nothing was said about the instance.").count(),
        1,
        "{text}"
    );
    assert_eq!(
        text.matches("Done: recorded for shop-10").count(),
        1,
        "{text}"
    );
    assert!(
        text.contains("cn-hangzhou/shop-19 and more. Say one of these"),
        "{text}"
    );
    assert!(
        text.contains("Which notice? `ack notice N` acknowledges one"),
        "{text}"
    );
    assert!(text.contains("Denied"), "{text}");
}

/// The help of `import` names every column, and the file that it shows is taken as it stands.
#[test]
fn the_file_that_help_shows_is_taken() {
    let help = session(&["help import"]);
    for column in [
        "id",
        "name",
        "region",
        "edition",
        "expires",
        "action",
        "auto_renew",
        "max_tps",
        "team",
        "channel",
    ] {
        assert!(help.contains(&format!("\n  {column} ")), "{column}: {help}");
    }
    let csv = edition_warden::command::help::CSV.join("\n");
    let input = format!("import -\n{csv}\n");
    let output = warden(&["console", "--sandbox"], input.as_bytes());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("2 new, 0 changed, 0 unchanged, 0 in conflict, 0 skipped, 0 refused"),
        "{text}"
    );
}

/// What is settled alike may be said of several instances at once; what the vendor shows of each, never.
#[test]
fn several_instances_are_named_in_one_line() {
    let add = |id: &str, name: &str| {
        format!(
            "instance add {id} --name {name} --region cn-hangzhou --edition platinum --expires 2026-01-20"
        )
    };
    // A listing may bring such a name.
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("list.csv");
    let rows = format!(
        "id,name,region,edition,expires\n{OTHER},\"search, new\",cn-hangzhou,platinum,2026-01-20\n"
    );
    std::fs::write(&file, rows).unwrap();
    let import = format!("import {}", file.display());
    let text = session(&[
        &add(ID, "orders"),
        &import,
        "instance set \"orders,search, new~Kl34\" --team payments",
        "instance list --team payments",
        "instance set \"search, new~Kl34\" --team none",
        "ack orders,nonsense",
        "ack orders,cn-hangzhou/orders",
        "snooze orders,orders 12h",
        "action orders,orders downgrade",
    ]);
    assert_eq!(
        text.matches("Done: recorded for orders").count(),
        1,
        "{text}"
    );
    // A name with a comma in it is one instance.
    assert!(
        text.contains("Unchanged, as it is recorded already: search, new~Kl34"),
        "{text}"
    );
    assert!(text.contains("There is no instance `nonsense`"), "{text}");
    assert!(
        text.matches("Noted: local knows of orders").count() >= 2,
        "{text}"
    );
    assert!(
        text.contains("Not nonsense: There is no instance"),
        "{text}"
    );
    assert!(text.contains("Done: 1 of 2 instances: orders."), "{text}");
    assert!(text.contains("one instance at a time"), "{text}");
}

/// All of a team, or all that a file names, each for itself; never what stands on an instance's own page.
#[test]
fn many_are_set_by_their_team_or_from_a_file() {
    let suffixes = ["aaaa", "bbbb", "cccc", "dddd", "eeee", "ffff", "gggg"];
    let mut lines: Vec<String> = suffixes
        .iter()
        .map(|end| {
            let edition = if *end == "gggg" {
                "standard"
            } else {
                "platinum --expires 2026-03-20 --team pay"
            };
            format!("instance add MQ_INST_1080056302921134_{end} --name of-{end} --region cn-hangzhou --edition {edition}")
        })
        .collect();
    let said = |line: &str| line.to_owned();
    lines.extend([
        said("instance set team:pay --auto-renew off"),
        said("instance set team:pay --action downgrade"),
        said("instance set team:pay --edition standard"),
        said("instance set of-aaaa,of-bbbb --edition unknown"),
        said("instance set team:pay --auto-renew off --name same"),
        said("action team:pay downgrade"),
        said("instance set team:nobody --auto-renew off"),
        said("instance set @there-is-none --auto-renew off"),
        said("ack team:pay"),
        said("audit --since 1d"),
        said("instance set @- --auto-renew on"),
        said("# a remark, and a blank line"),
        said(""),
        said("  of-aaaa"),
        said("of-aaaa"),
        said("cn-hangzhou/of-bbbb\r"),
        said("of-nobody"),
        said("of-gggg"),
    ]);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let text = session(&lines);
    let has = |words: &str, times: usize| {
        assert_eq!(text.matches(words).count(), times, "{words}: {text}");
    };
    has("Done: all 6 instances: cn-hangzhou/of-aaaa", 1);
    has(
        "The Post-expiration Action is recorded for one instance at a time",
        2,
    );
    has("The edition is recorded for one instance at a time", 2);
    has("--name belongs to one instance", 1);
    has("No tracked instance is of team `nobody`", 1);
    has("There is no file `there-is-none`", 1);
    // Nobody knows of a whole team with one word.
    has("There is no instance `team:pay`", 1);
    has("Done: 2 of 4 instances: of-aaaa, cn-hangzhou/of-bbbb.", 1);
    has("Not of-nobody: There is no instance `of-nobody`", 1);
    has("Not of-gggg: ", 1);
    // Each has a row of its own in the trail.
    has("instance set MQ_INST_1080056302921134_", 6);
}

/// What only reads may be asked of a server's workspace; what is decided there is not said from here.
#[rstest::rstest]
#[case(&["instance", "list", "--workspace", "77"], 0, "orders")]
#[case(&["--workspace=77", "todo", "--format", "json"], 0, "\"instances\":[")]
#[case(&["audit", "--workspace", "77"], 0, "instance add")]
#[case(&["handover", "alice", "--workspace", "77"], 0, "Nothing waits for alice")]
#[case(&["instance", "list"], 0, "No instance")]
#[case(&["instance", "list", "--workspace", "78"], 2, "nothing is known of the workspace 78")]
#[case(&["action", "orders", "downgrade", "--workspace", "77"], 2, "--workspace is for what only reads")]
#[case(&["nonsense", "--workspace", "77"], 1, "nonsense")]
#[case(&["todo", "--workspace"], 2, "`--workspace` lacks its value.")]
fn what_only_reads_may_be_asked_of_another_workspace(
    #[case] args: &[&str],
    #[case] code: i32,
    #[case] says: &str,
) {
    let directory = tempfile::tempdir().unwrap();
    crate::sequence::runtime().block_on(async {
        let path = directory.path().join("warden.db");
        let store = edition_warden::store::Store::open(&path).await.unwrap();
        let mut room = crate::harness::Room::of_team_on(store.clone());
        let actor = edition_warden::app::Actor {
            workspace: "77".into(),
            roles: vec![edition_warden::app::Role::Admin],
            ..edition_warden::app::Actor::local("alice")
        };
        let line =
            format!("instance add {ID} --name orders --region cn-hangzhou --edition platinum");
        room.says_as(&actor, &line).await.is("done", &[]);
        store.close().await;
    });
    let (ended, said) = crate::backup::warden(directory.path(), args);
    assert_eq!(ended, Some(code), "{said}");
    assert!(said.contains(says), "{said}");
    assert!(!said.contains("<t:"), "{said}");
}

/// What stands in these pages for a shell is typed at the prompt too.
#[test]
fn a_command_of_the_program_is_named_for_a_shell() {
    let lines = "doctor\nwarden doctor --repair\nbackup copies --keep 14\ncheck-config\nmigrate --from a.db\nwarden nothing\n";
    let output = warden(&["console", "--sandbox"], lines.as_bytes());
    let said = String::from_utf8(output.stdout).unwrap();
    let said: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("There is no verb"))
        .collect();
    for (name, said) in ["doctor", "doctor", "backup", "check-config", "migrate"]
        .iter()
        .zip(&said)
    {
        let told =
            format!("`{name}`: it is a command of the program itself, in a shell: `warden {name}`");
        assert!(said.contains(&told), "{said}");
    }
    assert!(
        said[5].contains("`warden`; `help` lists them all"),
        "{said:?}"
    );
}

/// The name of a file in the place of a notice's text is no notice.
#[test]
fn a_file_is_not_taken_for_the_text_of_a_notice() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("report"), "").unwrap();
    for name in ["mail.eml", "Mail.MSG", "report", "./notes.txt"] {
        let line = format!("notice {name}\nnotices\n");
        let output = warden_in(dir.path(), &["console", "--sandbox"], line.as_bytes());
        let said = String::from_utf8(output.stdout).unwrap();
        let told = format!(
            "`{name}` is the name of a file, not the text of a notice, so nothing was recorded. `warden notice {name}` in a shell"
        );
        assert!(said.contains(&told), "{said}");
        assert!(said.contains("No notice is raised"), "{said}");
    }
    let line = "notice released\nnotice see mail.eml\n";
    let output = warden_in(dir.path(), &["console", "--sandbox"], line.as_bytes());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("Raised: notice 2"), "{said}");
}

/// Replies as JSON are asked of the program; a verb that is asked for them says so.
#[test]
fn json_is_asked_of_the_program() {
    for (line, verb) in [
        ("todo --json", "todo"),
        ("instance list --format json", "instance list"),
    ] {
        let output = warden(&["console", "--sandbox"], line.as_bytes());
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(
            said.contains(&format!("`warden {verb} --format json`")),
            "{said}"
        );
    }
}

/// Some readers of lines take these characters for the end of one.
#[test]
fn a_line_of_json_is_one_line_to_everybody() {
    let line = "settings zone \u{2028}Europe\u{2029}\n";
    let output = warden(
        &["console", "--sandbox", "--format", "json"],
        line.as_bytes(),
    );
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(!said.contains(['\u{2028}', '\u{2029}']), "{said}");
    let read: serde_json::Value = serde_json::from_str(said.trim()).unwrap();
    assert_eq!(read["command"], line.trim());
}

/// What only reads works where nothing can be recorded.
#[test]
fn what_only_reads_works_where_nothing_can_be_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let add = format!(
        "instance add {} --name orders --region cn-hangzhou --edition standard\n",
        crate::harness::ORDERS
    );
    assert_eq!(
        warden_in(dir.path(), &[], add.as_bytes()).status.code(),
        Some(0)
    );
    // In the place of what SQLite needs to write, as on a read-only file system.
    for beside in ["warden.db-wal", "warden.db-shm"] {
        let _ = std::fs::remove_file(dir.path().join(beside));
        std::fs::create_dir(dir.path().join(beside)).unwrap();
    }
    for (args, words) in [
        (&["todo"][..], "Nothing to do"),
        (&["instance", "list"], "orders"),
        (&["check", "upgrade", "orders"], "orders"),
        (&["why", "orders"], "orders"),
        (&["audit"], "instance add"),
    ] {
        let output = warden_in(dir.path(), args, b"");
        let said = String::from_utf8(output.stdout).unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{args:?}: {told}");
        assert!(said.contains(words), "{args:?}: {said}");
        assert!(
            told.contains("this is only read, and nothing can be recorded"),
            "{told}"
        );
    }
    let output = warden_in(
        dir.path(),
        &["instance", "set", "orders", "--team", "x"],
        b"",
    );
    assert_eq!(output.status.code(), Some(2));
}

/// A new database is its owner's alone, whatever the umask; the mode of one that is there is left, and told where all may read it.
#[cfg(unix)]
#[test]
fn a_new_database_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("warden.db");
    let mode = || file.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(warden_in(dir.path(), &[], b"").status.code(), Some(0));
    assert_eq!(mode(), 0o600);
    let said = |args: &[&str]| {
        let output = warden_in(dir.path(), args, b"");
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let told = "everybody on this machine may read the database";
    assert!(!said(&["check-config"]).contains(told));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    for args in [&["check-config"], &["doctor"]] {
        assert!(said(args).contains(told), "{}", said(args));
    }
    assert_eq!(warden_in(dir.path(), &[], b"").status.code(), Some(0));
    assert_eq!(mode(), 0o644);
}

/// The workspace of a key is compared with what there is.
#[test]
fn the_workspaces_of_keys_are_checked() {
    let dir = tempfile::tempdir().unwrap();
    let keys = ["local", "acme", "123456789012345678"];
    let keys = keys.iter().enumerate();
    let config: String = keys
        .map(|(n, workspace)| format!("[http.keys.k{n}]\nworkspace = \"{workspace}\"\n"))
        .collect();
    std::fs::write(dir.path().join("w.toml"), config).unwrap();
    let said = || {
        let output = warden_in(dir.path(), &["--config", "w.toml", "check-config"], b"");
        String::from_utf8(output.stdout)
            .unwrap()
            .replace("\n    ", " ")
    };
    assert!(
        said().contains("http.keys.k1.workspace is `acme`: that is neither `local`"),
        "{}",
        said()
    );
    assert!(!said().contains("http.keys.k2.workspace is"), "{}", said());
    assert_eq!(warden_in(dir.path(), &[], b"").status.code(), Some(0));
    assert!(
        said()
            .contains("http.keys.k2.workspace is `123456789012345678`: the database knows nothing"),
        "{}",
        said()
    );
    assert!(!said().contains("http.keys.k0.workspace is"), "{}", said());
}

/// A mail's last lines may read like commands: about what is not there they are the notice's, and so is what stands behind them.
#[test]
fn a_line_of_a_mail_that_reads_like_a_command_ends_no_notice() {
    let (first, second) = (
        "MQ_INST_1080056302921134_BXuIbML7",
        "MQ_INST_1080056302921134_BYdkf3Qa",
    );
    let played = |line: &str| {
        let input = format!(
            "instance add {first} --name orders --region cn-hangzhou --edition platinum --expires 2026-01-20 --action downgrade\n\
             instance add {second} --name billing --region cn-hangzhou --edition platinum --expires 2026-01-20 --action delete\n\
             notice Your instance {first} will be released on 2026-01-27.\n\
             {line}\n\
             Your instance {second} will be released on 2026-01-05.\n\
             notices billing\n"
        );
        let output = warden(&["console", "--sandbox"], input.as_bytes());
        String::from_utf8(output.stdout).unwrap()
    };
    for line in [
        "Unsubscribe here",
        "unsubscribe preferences",
        "check unsubscribe shop",
        "import notice.pdf",
        "handover team",
        "approve 1",
        "ack it",
        "why not",
        // A word of its own is a command only where no text follows.
        "Help",
        "Settings",
        "todo\n\nnotices",
        "exit",
    ] {
        let said = played(line);
        assert!(!said.contains("Suppressed"), "{line}: {said}");
        assert!(said.contains("Raised: notice 1"), "{line}: {said}");
        assert!(!said.contains("No notice names"), "{line}: {said}");
    }
    for line in [
        "check unsubscribe billing",
        "notices orders",
        "todo\ninstance list",
    ] {
        let said = played(line);
        assert!(said.contains("Suppressed"), "{line}: {said}");
    }
}
