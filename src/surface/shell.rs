//! The completion scripts and the manual page, generated from the whole command line.

use std::io::{self, Write as _};

use clap::builder::{PossibleValue, PossibleValuesParser, StyledStr};
use clap::{Arg, Args as _, Command, CommandFactory as _, ValueHint};
use clap_complete::{Shell as Kind, generate};
use clap_mangen::Man;

use super::cli::{Cli, Replies, Shell};
use crate::command::{self, Asked};
use crate::domain::id::Region;

/// The whole command line: the process's own subcommands and every verb, in alphabetical order.
fn whole() -> Command {
    let own = Cli::command();
    let shown = own.get_subcommands().filter(|mode| !mode.is_hide_set());
    let mut all: Vec<Command> = shown.cloned().collect();
    for verb in command::subcommands() {
        let same = |mode: &&mut Command| mode.get_name() == verb.get_name();
        let Some(mode) = all.iter_mut().find(same) else {
            all.push(answering(verb));
            continue;
        };
        let is_new = |arg: &&Arg| {
            mode.get_arguments()
                .all(|known| known.get_id() != arg.get_id())
        };
        let verb = answering(verb);
        let new: Vec<Arg> = verb.get_arguments().filter(is_new).cloned().collect();
        *mode = mode.clone().args(new);
    }
    all.sort_by_key(|one| one.get_name().to_owned());
    let text = |text: Option<&StyledStr>| text.cloned().unwrap_or_default();
    Command::new("warden")
        .version(own.get_version().unwrap_or_default().to_owned())
        .about(text(own.get_about()))
        .long_about(text(own.get_long_about()))
        .after_long_help(text(own.get_after_long_help()))
        .disable_help_subcommand(true)
        .args(own.get_arguments().cloned())
        .subcommands(all)
}

/// A verb with the options of its reply.
fn answering(verb: Command) -> Command {
    let is_group = verb.has_subcommands();
    let verb = match is_group {
        true => verb.mut_subcommands(answering),
        false => verb,
    };
    // `settings` alone is answered too.
    if is_group && command::parse_line(verb.get_name()).is_err() {
        return verb;
    }
    let workspace = Arg::new("workspace")
        .long("workspace")
        .value_name("ID")
        .help("For a verb that only reads: a Discord server's id, instead of the console's own workspace");
    // Added to the verb itself they would bring their own description.
    let replies = Replies::augment_args(Command::new("reply"));
    let replies: Vec<Arg> = replies.get_arguments().cloned().collect();
    let only_reads = only_reads(&verb);
    verb.args(replies).args(only_reads.then_some(workspace))
}

/// Whether each example of a verb only reads, so that it takes a workspace.
fn only_reads(verb: &Command) -> bool {
    let examples = verb.get_after_help().map(ToString::to_string);
    examples.unwrap_or_default().lines().all(|line| {
        let read = command::parse_line(line);
        read.is_ok_and(|command| matches!(command.asked(), Asked::Query(_)))
    })
}

/// A shell offers file names for whatever it knows nothing of: each value says what it is.
fn hinted(command: Command) -> Command {
    command.mut_args(hinted_arg).mut_subcommands(hinted)
}

fn hinted_arg(arg: Arg) -> Arg {
    let names = arg.get_value_names().unwrap_or_default();
    let value = names.first().map(ToString::to_string).unwrap_or_default();
    match value.as_str() {
        _ if !arg.get_action().takes_values() => arg,
        "REGION" => arg.value_parser(PossibleValuesParser::new(Region::known())),
        "VERB" => arg.value_parser(PossibleValuesParser::new(verbs())),
        "FILE" | "PATH" | "DATABASE" => arg.value_hint(ValueHint::AnyPath),
        _ => arg.value_hint(ValueHint::Other),
    }
}

/// The first words of the verbs.
fn verbs() -> Vec<String> {
    let all = command::subcommands();
    all.iter().map(|verb| verb.get_name().to_owned()).collect()
}

/// The completion script of a shell.
pub fn completions(shell: Shell) -> Vec<u8> {
    let kind = match shell {
        Shell::Bash => Kind::Bash,
        Shell::Zsh => Kind::Zsh,
        Shell::Fish => Kind::Fish,
    };
    let mut script = Vec::new();
    generate(kind, &mut hinted(whole()), "warden", &mut script);
    match shell {
        Shell::Fish => with_positionals(&script),
        Shell::Bash => with_words_once(&script),
        Shell::Zsh => script,
    }
}

/// Files for bash, which puts quotes around what needs them.
const BASH_FILES: &str =
    "local IFS=$'\\n'; compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- \"${cur}\"))";

/// The generated script for bash offers the words of an argument again when one of them was given, options where a file is meant,
/// and the words of a file's name for themselves.
fn with_words_once(script: &[u8]) -> Vec<u8> {
    let whole = hinted(whole());
    let files = whole.get_subcommands().filter(|verb| {
        let mut all = verb.get_positionals();
        all.next()
            .is_some_and(|arg| arg.get_value_hint() == ValueHint::AnyPath)
    });
    let files: Vec<&str> = files.map(Command::get_name).collect();
    let script = String::from_utf8_lossy(script);
    let script = script.replace("COMPREPLY=($(compgen -f \"${cur}\"))", BASH_FILES);
    let mut out = String::new();
    let (mut is_root, mut takes_file) = (false, false);
    for line in script.lines() {
        out.push_str(line);
        out.push('\n');
        let bare = line.trim();
        if bare.starts_with("warden") && bare.ends_with(')') {
            is_root = bare == "warden)";
            takes_file = files
                .iter()
                .any(|name| bare == format!("warden__subcmd__{name})"));
        }
        let offered = bare.strip_prefix("opts=\"");
        let offered = offered.and_then(|rest| rest.strip_suffix('"'));
        let Some(offered) = offered.filter(|_| !is_root) else {
            continue;
        };
        let of = |is_option: bool| {
            let words = offered.split_whitespace();
            let some = words.filter(|word| word.starts_with('-') == is_option);
            some.collect::<Vec<_>>().join(" ")
        };
        let (options, words) = (of(true), of(false));
        if takes_file {
            out.push_str(&format!(
                "            if [[ ${{COMP_CWORD}} -eq 2 && ${{cur}} != -* ]]; then\n                {BASH_FILES}\n                return 0\n            fi\n"
            ));
        }
        if !words.is_empty() {
            let once = format!(
                "            for i in \"${{COMP_WORDS[@]:2:COMP_CWORD-2}}\"; do\n                if [[ \" {words} \" == *\" ${{i}} \"* ]]; then opts=\"{options}\"; fi\n            done\n"
            );
            out.push_str(&once);
        }
    }
    out.into_bytes()
}

/// The generated script for fish knows options only, offers file names in place of every other value, and completes no value of
/// an option that stands before the verb.
fn with_positionals(script: &[u8]) -> Vec<u8> {
    let script = String::from_utf8_lossy(script);
    let mut script = script.replace("    or return\n", "    or return 0\n");
    script.push_str("complete -c warden -f\n");
    for verb in hinted(whole()).get_subcommands() {
        let is_verb = format!("__fish_warden_using_subcommand {}", verb.get_name());
        script.push_str(&positionals(&is_verb, verb));
        for part in verb.get_subcommands() {
            let is_part = format!(
                "{is_verb}; and __fish_seen_subcommand_from {}",
                part.get_name()
            );
            script.push_str(&positionals(&is_part, part));
        }
    }
    script.into_bytes()
}

/// The lines for the arguments of a verb that are no options. In which place each stands, fish does not ask.
fn positionals(condition: &str, verb: &Command) -> String {
    let takes_file = |arg: &Arg| arg.get_value_hint() == ValueHint::AnyPath;
    let lines = verb.get_positionals().filter_map(|arg| {
        let values = arg.get_possible_values();
        let words: Vec<&str> = values.iter().map(PossibleValue::get_name).collect();
        let what = match words.join(" ") {
            _ if takes_file(arg) => "-F".to_owned(),
            words if words.is_empty() => return None,
            words => format!("-a \"{words}\""),
        };
        Some(format!("complete -c warden -n \"{condition}\" {what}\n"))
    });
    lines.collect()
}

/// The manual page: one for the whole command line.
///
/// # Errors
/// Never, because it is written to memory.
pub fn manual() -> io::Result<Vec<u8>> {
    let mut whole = whole();
    whole.build();
    let man = Man::new(whole.clone());
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    writeln!(page, ".SH COMMANDS")?;
    for command in whole.get_subcommands() {
        write_command(command, &mut page)?;
    }
    man.render_extra_section(&mut page)?;
    man.render_version_section(&mut page)?;
    Ok(page)
}

/// A subsection with the usage, the purpose and the arguments of a command, or of each command in a group.
fn write_command(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let name = command.get_bin_name().unwrap_or_default();
    let man = Man::new(command.clone().version(None));
    let mut part = Vec::new();
    writeln!(page, ".SS \"{name}\"")?;
    man.render_synopsis_section(&mut part)?;
    man.render_description_section(&mut part)?;
    man.render_options_section(&mut part)?;
    // Its own headings would end the list of commands.
    for line in String::from_utf8_lossy(&part).lines() {
        let line = if line.starts_with(".SH ") {
            ".PP"
        } else {
            line
        };
        writeln!(page, "{line}")?;
    }
    command
        .get_subcommands()
        .try_for_each(|part| write_command(part, page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_reads_takes_a_workspace() {
        let whole = whole();
        let takes = |path: &[&str]| {
            let mut verb = Some(&whole);
            for name in path {
                verb = verb.and_then(|verb| verb.find_subcommand(name));
            }
            verb.unwrap()
                .get_arguments()
                .any(|arg| arg.get_id() == "workspace")
        };
        for path in [
            &["check"][..],
            &["todo"],
            &["instance", "list"],
            &["settings", "show"],
        ] {
            assert!(takes(path), "{path:?}");
        }
        for path in [
            &["approve"][..],
            &["downgrade"],
            &["instance", "add"],
            &["settings", "zone"],
            &["handover"],
            &["help"],
        ] {
            assert!(!takes(path), "{path:?}");
        }
    }

    /// The candidates of bash after these words.
    fn offered_by_bash(words: &[&str]) -> Option<String> {
        offered_in(std::path::Path::new("."), words, "")
    }

    /// The candidates of bash for the beginning of a word after these words, in a directory.
    fn offered_in(directory: &std::path::Path, words: &[&str], begun: &str) -> Option<String> {
        use std::process::Command;
        let (last, count) = (words.last()?, words.len());
        let script = String::from_utf8(completions(Shell::Bash)).ok()?;
        let asked = format!(
            "{script}\nCOMP_WORDS=(warden {} '{begun}')\nCOMP_CWORD={}\n_warden warden '{begun}' {last}\nIFS='|'; echo \"${{COMPREPLY[*]}}\"",
            words.join(" "),
            count + 1
        );
        let mut bash = Command::new("bash");
        let output = bash
            .args(["-c", &asked])
            .current_dir(directory)
            .output()
            .ok()?;
        String::from_utf8(output.stdout).ok()
    }

    #[test]
    fn bash_offers_the_words_of_an_argument_once() {
        let Some(first) = offered_by_bash(&["check"]) else {
            return;
        };
        assert!(first.contains("unsubscribe|expiry"), "{first}");
        for words in [&["check", "upgrade"][..], &["check", "upgrade", "orders"]] {
            let next = offered_by_bash(words).unwrap();
            assert!(next.contains("--ack") && !next.contains("expiry"), "{next}");
        }
        assert!(
            !offered_by_bash(&["help", "instance"])
                .unwrap()
                .contains("upgrade")
        );
        assert!(
            offered_by_bash(&["confirm", "12"])
                .unwrap()
                .contains("set-action")
        );
    }

    #[test]
    fn bash_offers_files_where_one_is_meant() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["my file.csv", "s.csv"] {
            std::fs::write(directory.path().join(name), "").unwrap();
        }
        let offered = |words: &[&str], begun| offered_in(directory.path(), words, begun);
        let Some(all) = offered(&["import"], "") else {
            return;
        };
        for (words, begun) in [(&["restore"][..], ""), (&["notice"], ""), (&["--db"], "")] {
            assert_eq!(offered(words, begun).unwrap(), all, "{words:?}");
        }
        assert!(all.contains("my file.csv") && !all.contains('-'), "{all}");
        assert_eq!(offered(&["--db"], "my").unwrap().trim(), "my file.csv");
    }

    #[test]
    fn a_verb_beside_a_mode_has_its_options_too() {
        let whole = whole();
        for name in ["audit", "settings"] {
            let verb = whole.find_subcommand(name).unwrap();
            for option in ["format", "workspace"] {
                let has = verb
                    .get_arguments()
                    .any(|arg| arg.get_long() == Some(option));
                assert!(has, "{name} {option}");
            }
        }
    }

    #[test]
    fn the_whole_command_line_holds_together_and_has_every_verb() {
        whole().debug_assert();
        hinted(whole()).debug_assert();
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let script = String::from_utf8(completions(shell)).unwrap();
            for word in ["break-glass", "expiring", "check-config", "quiet-hours"] {
                assert!(script.contains(word), "{shell:?}: {word}");
            }
            assert!(!script.contains("Say one line"), "{shell:?}");
        }
    }
}
