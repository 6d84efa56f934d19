//! The prompt on a terminal, driven as somebody drives it who types, presses TAB and pastes.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};
use rstest::rstest;

use crate::harness::ORDERS;

/// What a prompt says to the terminal when a line begins, and when it ends: from and until then pasted text is marked.
const LINE_BEGINS: &str = "\u{1b}[?2004h";
const LINE_ENDS: &str = "\u{1b}[?2004l";
/// How long a terminal may show nothing while something is waited for, in milliseconds: a program that hangs fails its test
/// instead of holding up all of them.
const PATIENCE: u16 = 60_000;
/// Wide enough that nothing is folded.
const WIDE: (u16, u16) = (50, 200);
/// What a terminal opens with.
const SMALL: (u16, u16) = (24, 80);

/// A program on a terminal, and everything it has shown.
struct Terminal {
    keys: File,
    /// Where the terminal is, to make it another size.
    path: PathBuf,
    child: Child,
    shown: String,
}

impl Terminal {
    fn open(dir: &Path) -> Self {
        Self::start(
            dir,
            &["--db", "w.db", "console"],
            WIDE,
            &[("NO_COLOR", "1")],
        )
    }

    fn sandbox(dir: &Path, size: (u16, u16)) -> Self {
        Self::start(dir, &["console", "--sandbox"], size, &[("NO_COLOR", "1")])
    }

    fn start(dir: &Path, args: &[&str], size: (u16, u16), env: &[(&str, &str)]) -> Self {
        Self::run(dir, env!("CARGO_BIN_EXE_warden"), args, size, env)
    }

    fn run(
        dir: &Path,
        program: &str,
        args: &[&str],
        (rows, columns): (u16, u16),
        env: &[(&str, &str)],
    ) -> Self {
        let size = Winsize {
            ws_row: rows,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let pty = openpty(&size, None).unwrap();
        // What other tests start holds neither end open.
        for end in [&pty.master, &pty.slave] {
            fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC)).unwrap();
        }
        let own = format!("/proc/self/fd/{}", pty.slave.as_raw_fd());
        let path = std::fs::read_link(own).unwrap();
        let slave = || Stdio::from(pty.slave.try_clone().unwrap());
        let child = Command::new(program)
            .args(args)
            .current_dir(dir)
            // Nothing of who runs the tests: `CI` and `CLICOLOR_FORCE` alone decide on colours.
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", dir)
            .env("TERM", "xterm")
            .env("XDG_STATE_HOME", dir)
            .env("PAGER", "cat")
            .envs(env.iter().copied())
            .stdin(slave())
            .stdout(slave())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            keys: File::from(pty.master),
            path,
            child,
            shown: String::new(),
        }
    }

    fn resize(&self, columns: u16) {
        let mut stty = Command::new("stty");
        stty.arg("-F")
            .arg(&self.path)
            .args(["cols", &columns.to_string()]);
        assert!(stty.status().unwrap().success());
    }

    fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until it shows one of these words, from here on.
    fn shows(&mut self, words: &[&str]) -> String {
        loop {
            if let Some(end) = words
                .iter()
                .filter_map(|word| self.shown.find(word).map(|at| at + word.len()))
                .min()
            {
                return self.shown.drain(..end).collect();
            }
            let goes_on = self.reads();
            assert!(
                goes_on,
                "{words:?} is not shown, and it ended: {}",
                self.shown
            );
        }
    }

    /// Reads what it shows next; `false` if it ended.
    fn reads(&mut self) -> bool {
        let mut waits = [PollFd::new(self.keys.as_fd(), PollFlags::POLLIN)];
        let ready = poll(&mut waits, PollTimeout::from(PATIENCE)).unwrap();
        assert!(ready > 0, "it shows nothing more: {}", self.shown);
        let mut bytes = [0; 4096];
        // Where nobody has the terminal open any more, reading fails.
        let read = self.keys.read(&mut bytes).unwrap_or(0);
        self.shown
            .push_str(&String::from_utf8_lossy(&bytes[..read]));
        read > 0
    }

    /// Types a line; its answer, which is what is shown from the end of the line to the next prompt.
    #[track_caller]
    fn answers(&mut self, line: &str, words: &str) -> String {
        self.types(&format!("{line}\r"));
        let typed = self.shows(&[LINE_ENDS]);
        let answer = self.shows(&[LINE_BEGINS]);
        assert!(answer.contains(words), "{line}\n{words}\n{typed}\n{answer}");
        answer
    }

    fn tracks(&mut self, id: &str, name: &str, team: &str) {
        let line = format!(
            "instance add {id} --name {name} --region cn-hangzhou --edition standard --team {team}"
        );
        self.answers(&line, "Done: tracking");
    }

    fn end(mut self) {
        self.types("\u{15}exit\r");
        while self.reads() {}
        // Whatever was refused before, who typed has read it.
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const OTHER: &str = "MQ_INST_2080056302921134_GhIjKl34";

/// TAB builds lines that are understood: the answer to each is that to the whole line.
#[test]
fn what_is_completed_is_understood() {
    for size in [SMALL, WIDE] {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("listing.csv"), "id,name,region\n").unwrap();
        let mut terminal = Terminal::sandbox(dir.path(), size);
        terminal.shows(&[LINE_BEGINS]);
        terminal.tracks(ORDERS, "prod-orders-eu", "payments");
        terminal.tracks(OTHER, "search", "search-team");
        for (keys, answer) in [
            ("inst\tli\t--ex\t30d", "No instance matches"),
            ("instance list --team pay\t--ed\tst\t", "prod-orders-eu"),
            ("instance show ders-e\t", ORDERS),
            ("instance show MENTS\t", ORDERS),
            ("instance show abcd\t", "There is no instance `abcd`"),
            ("instance list --action=del\t", "No instance"),
            ("settings zone berl\t", "Europe/Berlin"),
            ("import lis\t--dr\t", "listing.csv"),
            ("upgrade prod\t", "is open as #1"),
            ("change ders\t", "prod-orders-eu"),
            ("cancel 1 --re\tno longer", "cancelled"),
            ("help brea\t", "--ticket"),
        ] {
            terminal.answers(keys, answer);
        }
        terminal.end();
    }
}

/// Only the steps that the change has and that the verb takes are offered, so that a letter is enough.
#[test]
fn a_step_is_completed_from_those_of_its_change() {
    let dir = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::sandbox(dir.path(), WIDE);
    terminal.shows(&[LINE_BEGINS]);
    terminal.tracks(ORDERS, "orders", "payments");
    terminal.answers("upgrade orders", "is open as #1");
    terminal.answers(
        "confirm 1 u\t--out\t--reason forgot the permit",
        "Done: `upgrade` of orders (#1)",
    );
    terminal.answers("confirm 1 r\t--exp\t2026-08-01", "record-expiry");
    terminal.answers("reopen 1 r\t--rea\ta slip", "record-expiry");
    terminal.end();
}

/// What all candidates begin with, and that is not what was typed, does not take its place.
#[test]
fn what_is_typed_stays_where_it_stands_in_the_middle_of_several() {
    let dir = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::sandbox(dir.path(), WIDE);
    terminal.shows(&[LINE_BEGINS]);
    terminal.tracks(ORDERS, "production-orders-eu", "payments");
    terminal.tracks(OTHER, "production-orders-us", "payments");
    terminal.types("instance show orders\t\t");
    terminal.shows(&["production-orders-us"]);
    terminal.answers("-e\t", ORDERS);
    terminal.end();
}

/// Behind a comma a name that needs quotes has them around the whole word.
#[test]
fn a_name_with_a_blank_is_completed_behind_a_comma() {
    let dir = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::sandbox(dir.path(), WIDE);
    terminal.shows(&[LINE_BEGINS]);
    terminal.tracks(ORDERS, "orders", "payments");
    terminal.tracks(OTHER, "\"zz top\"", "payments");
    terminal.answers(
        "instance set orders,zz\t--busy off",
        "Done: recorded for zz top",
    );
    terminal.answers(
        "instance set \"zz top,ord\t--busy on",
        "Done: recorded for orders",
    );
    terminal.end();
}

/// The sandbox says who speaks and when, completes its directives, and keeps its history to itself.
#[test]
fn the_prompt_of_the_sandbox_says_who_speaks_and_when() {
    let dir = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::sandbox(dir.path(), SMALL);
    terminal.shows(&["local 2026-01-01 08:00 UTC+8 warden> "]);
    terminal.types(":a\talice req\t\r");
    terminal.shows(&["alice 2026-01-01 08:00 UTC+8 warden> "]);
    terminal.types(":c\t+7\t\r");
    terminal.shows(&["alice 2026-01-08 08:00 UTC+8 warden> "]);
    terminal.types(":as bob approver\r");
    terminal.shows(&["bob 2026-01-08 08:00 UTC+8 warden> "]);
    terminal.types(":as al\tview\t\r");
    terminal.shows(&["alice 2026-01-08 08:00 UTC+8 warden> "]);
    // A line that is copied with its prompt is understood.
    terminal.answers(
        "bob 2026-01-08 08:00 UTC+8 warden> changes",
        "No open changes",
    );
    // A second prompt adds to the same history.
    let mut other = Terminal::sandbox(dir.path(), SMALL);
    other.shows(&[LINE_BEGINS]);
    other.answers("imports", "No file");
    other.end();
    terminal.answers("rule busy", "busy");
    terminal.end();
    let state = dir.path().join("edition-warden");
    let kept = || std::fs::read_to_string(state.join("history-sandbox")).unwrap();
    assert!(kept().contains(":as bob approver"), "{}", kept());
    assert!(kept().contains("imports") && kept().contains("rule busy"));
    assert!(!state.join("history").exists());
}

const PASTE: (&str, &str) = ("\u{1b}[200~", "\u{1b}[201~");

/// Pasted lines are answered one after the other, up to the first that is refused; what is left is named.
#[test]
fn pasted_lines_are_answered_up_to_the_first_refusal() {
    for size in [SMALL, WIDE] {
        let dir = tempfile::tempdir().unwrap();
        let mut terminal = Terminal::sandbox(dir.path(), size);
        terminal.shows(&["warden> "]);
        let (begin, end) = PASTE;
        terminal.types(&format!("{begin}changes\nimports\r\n\ntodo\n{end}\r"));
        terminal.shows(&["No open changes"]);
        terminal.shows(&["No file"]);
        terminal.shows(&["Nothing to do"]);
        terminal.shows(&["warden> "]);
        terminal.types(&format!(
            "{begin}changes\nnext orders\ntodo\n\n:clock +1d{end}\r"
        ));
        terminal.shows(&["No open changes"]);
        terminal.shows(&["orders"]);
        let told = terminal.shows(&[":clock +1d\r\n"]);
        assert!(told.contains("Not run"), "{told}");
        assert!(told.contains("  todo"), "{told}");
        assert!(!told.contains("Nothing to do"), "{told}");
        // The refusal stays on the screen, however many lines were behind it.
        let many: String = (0..150).map(|n| format!("rule r-{n}\n")).collect();
        terminal.types(&format!("{begin}next orders\n{many}{end}\r"));
        let told = terminal.shows(&["more\r\n"]);
        assert!(
            told.contains("Not run, because the line before was refused (150)"),
            "{told}"
        );
        let refused = told.split("There is no instance `orders`").last().unwrap();
        assert!(
            refused.ends_with("  rule r-4\r\n  and 145 more\r\n"),
            "{refused}"
        );
        assert!(refused.lines().count() < 12, "{refused}");
        // The clock did not move.
        terminal.shows(&["local 2026-01-01 08:00 UTC+8 warden> "]);
        // Neither is what stands behind the end of the prompt lost without a word.
        terminal.types(&format!("{begin}changes\nexit\ntodo{end}\r"));
        let told = terminal.shows(&["  todo\r\n"]);
        assert!(
            told.contains("Not run, because the line before ended the prompt (1)"),
            "{told}"
        );
        terminal.end();
    }
}

/// Lines end at words, whatever the width; a terminal that changes its size is written to as it is then.
#[test]
fn answers_are_as_wide_as_the_terminal() {
    let dir = tempfile::tempdir().unwrap();
    for columns in [40, 80, 200] {
        let mut terminal = Terminal::sandbox(dir.path(), (60, columns));
        terminal.shows(&[LINE_BEGINS]);
        terminal.tracks(ORDERS, "orders", "payments");
        for line in [
            "instance list",
            "instance show orders",
            "check upgrade orders",
            "rules",
            "help",
        ] {
            let answer = terminal.answers(line, "");
            let too_wide = |line: &&str| line.trim_end().chars().count() > usize::from(columns);
            let broken: Vec<&str> = answer.lines().filter(too_wide).collect();
            assert!(broken.is_empty(), "{columns}: {broken:#?}");
        }
        // A table is one where a row fits into a line.
        let list = terminal.answers("instance list", "cn-hangzhou/orders");
        assert_eq!(list.contains("edition Standard"), columns < 60, "{list}");
        assert_eq!(list.contains("Times are in"), columns == 80, "{list}");
        // The next answer is as wide as the terminal is then.
        terminal.resize(if columns < 100 { 200 } else { 40 });
        let list = terminal.answers("instance list", "cn-hangzhou/orders");
        assert_eq!(list.contains("edition Standard"), columns > 100, "{list}");
        terminal.end();
    }
}

/// After a large import the prompt opens on one line for all reminders where they are longer than a screen: a list shows each.
#[test]
fn reminders_of_many_instances_are_counted_when_the_prompt_opens() {
    let env = [("NO_COLOR", "1")];
    for (instances, counted) in [(1_u32, false), (40, true)] {
        let dir = tempfile::tempdir().unwrap();
        let mut file = "id,name,region,edition,expires\n".to_owned();
        for n in 0..instances {
            let expires = edition_warden::clock::Clock::System.now()
                + chrono::TimeDelta::hours(30 + 3 * i64::from(n));
            file.push_str(&format!(
                "MQ_INST_1080056302921134_N{n:07},svc-{n},cn-hangzhou,platinum,{}\n",
                expires.format("%Y-%m-%dT%H:%M:%SZ")
            ));
        }
        std::fs::write(dir.path().join("list.csv"), file).unwrap();
        let imported = Command::new(env!("CARGO_BIN_EXE_warden"))
            .args(["--db", "w.db", "import", "list.csv"])
            .current_dir(dir.path())
            .output();
        assert!(imported.unwrap().status.success());
        let mut terminal = Terminal::start(dir.path(), &["--db", "w.db"], SMALL, &env);
        let opened = terminal.shows(&[LINE_BEGINS]);
        let said =
            opened.contains("Reminders of 40 instances were due: `todo` lists what to do, worst");
        assert_eq!(said, counted, "{opened}");
        assert_eq!(opened.contains("svc-0 expires"), !counted, "{opened}");
        assert!(opened.lines().count() <= 24, "{opened}");
        terminal.answers("todo", "svc-0");
        terminal.end();
    }
}

/// What is longer than the screen goes through the pager that is set, on a terminal only.
#[test]
fn what_is_long_is_paged() {
    let dir = tempfile::tempdir().unwrap();
    for (size, paged) in [(SMALL, true), ((400, 200), false)] {
        let env = [("NO_COLOR", "1"), ("PAGER", "sed s/^/page:/")];
        let mut terminal = Terminal::start(dir.path(), &["console", "--sandbox"], size, &env);
        terminal.shows(&[LINE_BEGINS]);
        let help = terminal.answers("help", "break-glass");
        assert_eq!(help.contains("page:"), paged, "{help}");
        assert!(!terminal.answers("changes", "No open").contains("page:"));
        terminal.end();
        let mut terminal = Terminal::start(dir.path(), &["rules", "--format", "json"], size, &env);
        assert!(terminal.shows(&["}\r\n"]).starts_with('{'));
    }
    // One that cannot be started, or that no shell understands, keeps nothing back.
    for pager in ["no-such-pager", "'no such pager'", "sh -c 'cat"] {
        let env = [("NO_COLOR", "1"), ("PAGER", pager)];
        let mut terminal = Terminal::start(dir.path(), &["console", "--sandbox"], SMALL, &env);
        terminal.shows(&[LINE_BEGINS]);
        terminal.answers("help", "break-glass");
        terminal.end();
    }
    let env = [("NO_COLOR", "1"), ("PAGER", "sed 's/^/a page: /'")];
    let mut terminal = Terminal::start(dir.path(), &["console", "--sandbox"], SMALL, &env);
    terminal.shows(&[LINE_BEGINS]);
    terminal.answers("help", "a page: ");
    terminal.end();
}

/// By itself it is `less`: what fits into no screen is shown from its beginning, and `q` leads back to the prompt. It reads keys from
/// the terminal that controls it, which `setsid` makes this one.
#[test]
fn by_itself_less_shows_what_is_long() {
    let is_there = |program| Command::new(program).arg("--version").output().is_ok();
    if !is_there("less") || !is_there("setsid") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut terminal = controlled(dir.path(), "less -RFX");
    terminal.types("help\r");
    terminal.shows(&["instance add"]);
    terminal.types("q");
    terminal.shows(&[LINE_BEGINS]);
    terminal.answers("changes", "No open changes");
    terminal.end();
}

/// A sandbox on a terminal that controls it: what Ctrl-C means is sent to all that run on it.
fn controlled(dir: &Path, pager: &str) -> Terminal {
    let warden = env!("CARGO_BIN_EXE_warden");
    let args = ["-c", warden, "console", "--sandbox"];
    let env = [("NO_COLOR", "1"), ("PAGER", pager)];
    let mut terminal = Terminal::run(dir, "setsid", &args, SMALL, &env);
    terminal.shows(&["warden> "]);
    terminal
}

/// Ctrl-C while a pager shows something is the pager's: the session, and what the sandbox holds, stay. One pager hears it and goes
/// on, as `less` does; the other ends by it, as `more` does.
#[rstest]
#[case::goes_on("trap 'echo heard' INT", &["heard"], "\r")]
#[case::ends("", &[], "")]
fn ctrl_c_in_the_pager_ends_no_session(
    #[case] trap: &str,
    #[case] told: &[&str],
    #[case] quits: &str,
) {
    let dir = tempfile::tempdir().unwrap();
    let script = dir.path().join("pager");
    let reads =
        format!("{trap}\ncat >/dev/null\necho ready\nuntil read -r line </dev/tty; do :; done\n");
    std::fs::write(&script, reads).unwrap();
    let mut terminal = controlled(dir.path(), &format!("sh {}", script.display()));
    terminal.tracks(ORDERS, "orders", "payments");
    // What was heard at one pager counts for no other.
    for _ in 0..2 {
        terminal.types("help\r");
        terminal.shows(&["ready"]);
        // A shell that hears it just before it reads says so once it has read.
        terminal.types(&format!("\u{3}{quits}"));
        for words in told {
            terminal.shows(&[words]);
        }
        terminal.shows(&["warden> "]);
        terminal.answers("instance show orders", ORDERS);
    }
    // At the prompt it clears the line, as before.
    terminal.types("instance li\u{3}");
    terminal.shows(&[LINE_BEGINS]);
    terminal.answers("changes", "No open changes");
    terminal.end();
}

/// A pager that is named without options shows colours as colours.
#[test]
fn a_pager_without_options_shows_colours() {
    let dir = tempfile::tempdir().unwrap();
    for (own, kept) in [(None, "FRX -c"), (Some("i"), "i -c")] {
        let script = dir.path().join("pager");
        std::fs::write(&script, "#!/bin/sh\necho \"has $LESS $LV\"\n").unwrap();
        let pager = format!("sh {}", script.display());
        let mut env = vec![("PAGER", pager.as_str())];
        env.extend(own.map(|own| ("LESS", own)));
        let mut terminal = Terminal::start(dir.path(), &["console", "--sandbox"], SMALL, &env);
        terminal.shows(&["warden> "]);
        terminal.types("help\r");
        terminal.shows(&[&format!("has {kept}")]);
    }
}

/// Lines that wait are not given to a pager, typed ahead or pasted: it would take them as its keys, or stop them.
#[test]
fn what_waits_is_not_paged() {
    let dir = tempfile::tempdir().unwrap();
    let env = [("NO_COLOR", "1"), ("PAGER", "sed s/^/page:/")];
    let mut terminal = Terminal::start(dir.path(), &["console", "--sandbox"], SMALL, &env);
    terminal.shows(&["warden> "]);
    let (begin, end) = PASTE;
    terminal.types(&format!("{begin}help\nimports{end}\r"));
    let help = terminal.shows(&["No file"]);
    assert!(
        help.contains("break-glass") && !help.contains("page:"),
        "{help}"
    );
    // The last of them is paged again.
    terminal.shows(&["warden> "]);
    terminal.types(&format!("{begin}imports\nhelp{end}\r"));
    terminal.shows(&["page:"]);
    terminal.shows(&[LINE_BEGINS]);
    // While the file is waited for, another line is typed.
    let file = dir.path().join("f.csv");
    let made = Command::new("mkfifo").arg(&file).status();
    assert!(made.unwrap().success());
    terminal.types(&format!("{begin}import f.csv\nhelp{end}\r"));
    terminal.shows(&[LINE_ENDS]);
    terminal.types("imports\r");
    let listed = format!("id,name,region,edition\n{ORDERS},orders,cn-hangzhou,standard\n");
    std::fs::write(&file, listed).unwrap();
    let help = terminal.shows(&["break-glass"]);
    assert!(!help.contains("page:"), "{help}");
    terminal.shows(&["f.csv, by"]);
    terminal.shows(&[LINE_BEGINS]);
    terminal.end();
}

/// Danger is red wherever it stands; NO_COLOR and TERM=dumb are heeded.
#[test]
fn colours_mark_danger() {
    let dir = tempfile::tempdir().unwrap();
    let line = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action delete"
    );
    for (env, is_coloured) in [
        (&[][..], true),
        (&[("NO_COLOR", "1")], false),
        (&[("TERM", "dumb")], false),
    ] {
        let mut terminal = Terminal::start(dir.path(), &["console", "--sandbox"], WIDE, env);
        terminal.shows(&["Sandbox"]);
        terminal.shows(&["warden> "]);
        terminal.types(&format!("{line}\r"));
        terminal.shows(&["edition  "]);
        let facts = terminal.shows(&["commodity id"]);
        assert_eq!(
            facts.contains("\u{1b}[31mDelete\u{1b}[0m"),
            is_coloured,
            "{facts:?}"
        );
        assert_eq!(
            facts.contains("\u{1b}[33munknown\u{1b}[0m"),
            is_coloured,
            "{facts:?}"
        );
    }
}

/// Colours are laid over the lines and change none of them; text without blanks ends at the terminal's width as well.
#[test]
fn lines_end_where_they_do_without_colours() {
    let dir = tempfile::tempdir().unwrap();
    let add = format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action delete"
    );
    let notice = format!(
        "notice 尊敬的用户您的消息队列实例{ORDERS}因长期未使用将于近期被系统回收请您尽快登录控制台处理谢谢合作"
    );
    let shown = |env: &[(&str, &str)]| {
        let mut terminal = Terminal::start(dir.path(), &["console", "--sandbox"], SMALL, env);
        terminal.shows(&["warden> "]);
        let mut all = String::new();
        for line in [&add, "unsubscribe orders", "check expiry orders", &notice] {
            all.push_str(&terminal.answers(line, ""));
        }
        terminal.end();
        String::from_utf8(anstream::adapter::strip_bytes(all.as_bytes()).into_vec()).unwrap()
    };
    let plain = shown(&[("NO_COLOR", "1")]);
    assert_eq!(shown(&[]), plain);
    for line in plain.lines() {
        let width = unicode_width::UnicodeWidthStr::width(line.trim_end());
        assert!(width <= 80, "{line}");
    }
}

/// What is typed while an answer is written is not lost.
#[test]
fn what_is_typed_ahead_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::sandbox(dir.path(), WIDE);
    terminal.types("changes\rimports\rtodo --mi");
    terminal.shows(&["No open changes"]);
    terminal.shows(&["No file"]);
    terminal.types("ne\r");
    terminal.shows(&["Nothing to do"]);
    terminal.shows(&["warden> "]);
    terminal.end();
}

/// What is pasted arrives in lines: those behind a notice belong to it, and the line behind them is answered for itself.
#[test]
fn a_notice_that_is_pasted_goes_on_in_its_lines() {
    let dir = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::open(dir.path());
    terminal.shows(&["warden> "]);
    terminal.types(&format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2099-01-01 --yes-really --action downgrade\r"
    ));
    terminal.shows(&["Done"]);
    terminal.shows(&["warden> "]);
    let notice = format!("notice Your instance {ORDERS} will be released on 2099-01-08.\r");
    terminal.types(&notice);
    assert!(
        terminal
            .shows(&["Suppressed:", "Raised:"])
            .ends_with("Suppressed:")
    );
    terminal.types(&format!(
        "{notice}MQ_INST_2080056302921134_AbCdEf12 too\rinstance list\r"
    ));
    assert!(
        terminal
            .shows(&["Suppressed:", "Raised:", "Duplicate:"])
            .ends_with("Raised:")
    );
    terminal.shows(&["AbCdEf12"]);
    // The line behind it is a command, and was not lost.
    terminal.shows(&["until 2099", "2099-01-01"]);
}

/// The text of a mail decides nothing, however its lines arrive: what reads is run, what records is named with what is behind it.
#[test]
fn what_is_pasted_behind_a_notice_records_nothing() {
    let (begin, end) = PASTE;
    for decision in [
        "action orders delete",
        "  /Action orders delete",
        "warden> instance set orders --team x",
        "instance lost orders --reason gone",
        "Action: orders delete",
        "import undo 1",
        "notice 1 still-there",
        "handover alice --to bob",
        "ack orders",
    ] {
        for marked in [true, false] {
            let dir = tempfile::tempdir().unwrap();
            let mut terminal = Terminal::sandbox(dir.path(), WIDE);
            terminal.shows(&[LINE_BEGINS]);
            terminal.answers(&format!(
                "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2026-03-01 --action downgrade"
            ), "Done");
            let paste = [
                &format!("notice Your instance {ORDERS} will be released on 2026-03-08."),
                decision,
                "action orders delete",
            ];
            match marked {
                true => terminal.types(&format!("{begin}{}{end}\r", paste.join("\n"))),
                false => terminal.types(&format!("{}\r", paste.join("\r"))),
            }
            let told = terminal.shows(&["is meant (2):", "Done:"]);
            assert!(
                told.contains("Raised:") && !told.contains("Suppressed:"),
                "{told}"
            );
            let why = "Not run, because what comes in one paste with a notice records nothing";
            assert!(told.contains(why), "{decision}: {told}");
            terminal.shows(&[decision.trim()]);
            terminal.answers("instance show orders", "Downgrade");
            // Typed again, it is meant.
            terminal.answers("action orders delete", "Done");
            terminal.end();
        }
    }
}

/// At a terminal the permit to unsubscribe is given to who has typed the instance's name, behind the row and the consequence.
#[test]
fn a_permit_to_unsubscribe_asks_for_the_name() {
    let dir = tempfile::tempdir().unwrap();
    let asked = "type its name for the permit, or nothing to stop> ";
    let mut terminal = Terminal::open(dir.path());
    terminal.shows(&[LINE_BEGINS]);
    terminal.answers(&format!(
        "instance add {ORDERS} --name orders --region cn-hangzhou --edition platinum --expires 2099-01-01 --yes-really --action downgrade"
    ), "Done");
    for (typed, told) in [
        ("", "no permit was given"),
        ("stock", "no permit was given"),
        ("orders", "Allowed: permit for `unsubscribe` of orders (#1)"),
    ] {
        let row = terminal.answers("unsubscribe orders", "an instance is deleted for good");
        assert!(
            row.contains(ORDERS) && row.contains("Look its commodity id up first"),
            "{row}"
        );
        assert!(!row.contains("Allowed"), "{row}");
        terminal.shows(&[asked]);
        terminal.answers(typed, told);
    }
    // The change is open, so the permit is asked for by `next` too; Ctrl-C is no answer.
    terminal.answers("next 1", "type the instance's name");
    terminal.shows(&[asked]);
    terminal.types("\u{3}");
    terminal.shows(&["no permit was given"]);
    terminal.shows(&[LINE_BEGINS]);
    // What is pasted behind the line is no answer to its question.
    let (begin, end) = PASTE;
    terminal.types(&format!("{begin}unsubscribe orders\norders{end}\r"));
    let told = terminal.shows(&["Not run, because the line before asks a question (1):"]);
    assert!(!told.contains("Allowed"), "{told}");
    terminal.shows(&[asked]);
    terminal.answers("", "no permit was given");
    terminal.end();
    // One line at a terminal asks as well.
    let args = ["--db", "w.db", "unsubscribe", "orders"];
    let mut terminal = Terminal::start(dir.path(), &args, WIDE, &[("NO_COLOR", "1")]);
    terminal.shows(&[asked]);
    terminal.types("orders\r");
    terminal.shows(&["Allowed: permit for `unsubscribe` of orders (#1)"]);
    // Scripts are asked nothing.
    let output = Command::new(env!("CARGO_BIN_EXE_warden"))
        .args(args)
        .current_dir(dir.path())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(
        told.starts_with("Allowed: permit for `unsubscribe`"),
        "{told}"
    );
}
