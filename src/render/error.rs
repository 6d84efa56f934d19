//! Mistakes in commands, with the correction.

use crate::answer::{CannotUndo, ChatItem, DirectiveError, InPart, UserError};
use crate::command::quoted_if_needed;
use crate::domain::case::{AttestError, Unlikely};
use crate::domain::id::{CommodityId, Region, excerpt};
use crate::domain::instance::Instance;
use crate::domain::nearest::did_you_mean;
use crate::domain::rules::FactKind;

use super::time::Reader;
use super::{fact, name};

pub(super) fn user_error(error: &UserError, reader: &Reader) -> String {
    match error {
        UserError::Parse(error) => sentence(&error.to_string()),
        UserError::When(error) => sentence(&error.to_string()),
        UserError::NoSuchInstance { text, near, exact } => no_such_instance(text, near, *exact),
        UserError::Series5(id) => {
            sentence(&crate::domain::id::IdError::Series5(excerpt(id)).to_string())
        }
        UserError::Masked(id) => {
            sentence(&crate::domain::id::IdError::Masked(excerpt(id)).to_string())
        }
        UserError::NumberOrName { number, name, ways } => format!(
            "`{name}` is change #{number} and the instance {0}: say #{number} or {1}.",
            ways.join(", "),
            ways.join(" or ")
        ),
        UserError::DecidedElsewhere => "This was decided already, by another warden process. Nothing was done a second time; `audit --since 1h` shows the outcome.".to_owned(),
        UserError::Ambiguous { text, ways, more } => format!(
            "`{}` means several instances: {}{}. Say one of these, or the full id.",
            excerpt(text),
            ways.join(", "),
            if *more { " and more" } else { "" }
        ),
        UserError::WhichNotice => {
            "Which notice? `ack notice N` acknowledges one; `notices` lists those that are raised.".to_owned()
        }
        UserError::NoSuchNotice(number) => format!(
            "There is no notice {number}. `notices <instance>` and `suppressed` list them."
        ),
        UserError::MeantAnswer(number) => format!(
            "Nothing was recorded. Did you mean `notice {number} still-there`? Each notice is answered by itself. If it is gone: `instance lost INSTANCE --reason TEXT`."
        ),
        UserError::NotGone(number) => format!(
            "Notice {number} does not say that something is gone. `ack notice {number}` acknowledges it."
        ),
        UserError::GoneNeedsAnswer(number) => format!(
            "Notice {number} says that an instance is gone, and that nobody has answered. Look in the console. It is there: `notice {number} still-there`; gone: `instance lost INSTANCE --reason TEXT`; unsubscribed on purpose: `confirm CHANGE unsubscribe --outside --reason TEXT` of its open change."
        ),
        UserError::NoSuchWording(number) => {
            format!("There is no wording {number}. `wordings` lists them.")
        }
        UserError::NoSuchChange(number) => {
            format!("There is no change #{number}. `changes --all` lists them.")
        }
        UserError::NameClash { name, clash, other } => name::clash(name, *clash, other),
        UserError::CommodityTaken { id, by } => commodity_taken(id, by),
        UserError::AlreadyTracked(instance) => format!(
            "This instance is tracked already, as {} in {}. `instance set {} …` records new facts.",
            instance.name,
            instance.region,
            super::handle(instance)
        ),
        UserError::RecordedLost { name } => format!(
            "This instance was recorded as deleted at the vendor, as {name}. If that was a mistake, `instance remove` it by its full id first, then add it again."
        ),
        UserError::NotItsChange { called, open: None, .. } => format!(
            "{called} has no open change, and this takes the number of one. `changes --all` lists those that ended too."
        ),
        UserError::NotItsChange { called, open: Some(number), line } => format!(
            "This takes the number of a change, and the open one of {called} is #{number}{}.",
            line.as_ref().map_or_else(String::new, |line| format!(": `{line}`"))
        ),
        UserError::UnknownRegion(region) => unknown_region(region),
        UserError::NothingSaid => {
            "Nothing was said about the instance. Give at least one option, such as --expires WHEN; `help instance set` lists them.".to_owned()
        }
        UserError::EmptyNotice => {
            "There is nothing in this notice. Hand in the vendor's text, or the whole source of its e-mail.".to_owned()
        }
        UserError::NoSuchPerson { text, near } => no_such_person(text, near.as_deref()),
        UserError::NoSuccessor { text, near } => format!(
            "Nobody called `{}` has done anything here so far{}. Nothing was handed over. If that is who takes it over, repeat it with `--yes-really`.",
            excerpt(text),
            did_you_mean(near.as_deref())
        ),
        UserError::SeveralPeople { text, people } => {
            let ids: Vec<String> = people.iter().map(|one| format!("`{}`", one.id)).collect();
            format!("Several people are called `{}`. Name the one who is meant by id: {}.", excerpt(text), ids.join(", "))
        }
        UserError::HandedToSelf(person) => format!("{person} leaves and would take it over: nothing was handed over. Name somebody else with --to."),
        UserError::OneByOne(why) => super::each::one_by_one(*why),
        UserError::OneAtATime(text) => format!("`{}` names several instances, and this takes one. Nothing was done; say it of each.", excerpt(text)),
        UserError::TooManyAtOnce { most } => format!("That names more than {most} instances, and {most} are taken at once. Nothing was recorded; name fewer, or `import` a CSV file, which takes any number."),
        UserError::NoneOfTeam { team } => format!("No tracked instance is of team `{}`. `instance list` shows whose they are; `instance set NAME --team TEAM` says it of one.", excerpt(team)),
        UserError::NoneNamed => "The file names no instance. It has one name, region/name or id on each line.".to_owned(),
        UserError::Named(error) => format!("A line of the file cannot be used: {error}. Nothing was recorded; it has one name, region/name or id on each line."),
        UserError::Setting(error) => super::setting::error(error),
        UserError::Attest { error, instance, with_edition } => attest(*error, instance, *with_edition, reader),
        UserError::FutureFacts { at, from_file } => future(*at, *from_file, reader),
        UserError::CompleteNeedsRegion => {
            "--complete says that the file is one whole region: name it with --region.".to_owned()
        }
        UserError::CompleteInPart(why) => in_part(*why),
        UserError::CannotUndo { number, why } => cannot_undo(*number, why),
        UserError::CompleteOtherRegion { given, found } => complete_regions(given.as_ref(), found),
        UserError::NotHere => "I was set up for other servers (discord.guilds), so I do nothing here. The operator can add this one.".to_owned(),
        UserError::NoSuchPlace {
            what,
            name,
            near,
            several,
        } => no_such_place(*what, name, near.as_deref(), *several),
        UserError::PlaceUnknown => "Whether this server has that channel could not be found out. Nothing was done; try again in a moment.".to_owned(),
        UserError::RoleMentioned => "That was a mention of my role, and Discord does not show me what you wrote with it. Mention me instead: of the two that Discord offers, the one that is no role. Slash commands work as well, such as `/help`.".to_owned(),
        UserError::RolesUnknown => "Whether everybody who approved still may could not be found out, so no permit is given. Nothing was done; ask again in a moment.".to_owned(),
        UserError::FileForgotten => "That file is not held here any more. Nothing was done; attach it again with `/import`.".to_owned(),
        UserError::Busy => "Too many requests wait here. Nothing was done; try again in a moment.".to_owned(),
        UserError::NoFilesHere
        | UserError::NothingPiped
        | UserError::PipedAmongFiles
        | UserError::NotAllFiles { .. }
        | UserError::File { .. }
        | UserError::FileTooLarge { .. }
        | UserError::NoticeTooLarge { .. }
        | UserError::ListingAsNotice(_)
        | UserError::FileAsNotice(_)
        | UserError::Listing { .. } => file(error, reader),
        UserError::Directive(error) => directive(error, reader),
        UserError::NotText => {
            "The line is not valid UTF-8 text. Send it again in UTF-8.".to_owned()
        }
    }
}

/// An error's text as a sentence: a capital first, a full stop last.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    let stop = if text.ends_with(['.', '?', '!', '\n']) {
        ""
    } else {
        "."
    };
    format!("{first}{}{stop}", letters.as_str())
}

fn no_such_person(text: &str, near: Option<&str>) -> String {
    let near = near.map_or_else(String::new, |near| format!(" Did you mean `{near}`?"));
    format!(
        "Nobody is known as `{}` here: no open change names them, and the trail has nothing of theirs.{near} `changes` shows who opened what, `audit` who did what.",
        excerpt(text)
    )
}

fn cannot_undo(number: u64, why: &CannotUndo) -> String {
    match why {
        CannotUndo::NoSuch => format!("There is no import {number}. `imports` lists them."),
        CannotUndo::Undone => {
            format!("Import {number} was taken back already. `imports` says by whom.")
        }
        CannotUndo::TooOld => format!(
            "Import {number} cannot be taken back any more: only the latest 5 that changed something can, within 7 days. Say what is true with `instance set`, or import a listing that is right."
        ),
    }
}

fn in_part(why: InPart) -> String {
    let why = match why {
        InPart::Billing => {
            "this one lists subscriptions, and not every instance has one. Leave --complete out."
                .to_owned()
        }
        InPart::Listings(count) => format!(
            "this one holds {count} listings and does not say which region each is of. Import them one by one."
        ),
    };
    format!(
        "--complete says that the file lists every instance of a region, but {why} Nothing was taken."
    )
}

fn complete_regions(given: Option<&Region>, found: &[Region]) -> String {
    let names: Vec<&str> = found.iter().map(Region::as_str).collect();
    let names = names.join(", ");
    given.map_or_else(
        || {
            format!(
                "--complete says that the file is one whole region, and this one holds rows of {names}. Import it region by region, or without --complete. Nothing was changed."
            )
        },
        |given| {
            format!(
                "--complete --region {given} says that the file is the whole of {given}, and it holds rows of {names}. Check --region, or leave out --complete. Nothing was changed."
            )
        },
    )
}

fn no_such_instance(text: &str, near: &[String], exact: bool) -> String {
    let text = excerpt(text);
    if near.is_empty() && text.parse::<u64>().is_ok() {
        return format!(
            "There is no instance `{text}`. If a notice is meant, `ack notice {text}` settles it; if a change, `change {text}` shows it."
        );
    }
    if near.is_empty() {
        return format!(
            "There is no instance `{text}`. `instance list` shows all; `instance add` tracks a new one."
        );
    }
    let hint = if exact {
        " This verb records something, so it takes the exact name or id."
    } else {
        ""
    };
    format!(
        "There is no instance `{text}`. Did you mean {}?{hint}",
        near.join(", ")
    )
}

fn attest(error: AttestError, instance: &Instance, with_edition: bool, reader: &Reader) -> String {
    let handle = super::handle(instance);
    match error {
        AttestError::OnlyPlatinum(fact) => {
            let way_out = match fact {
                _ if with_edition => {
                    "Leave it out, or, if the console shows Platinum, say `--edition platinum`."
                        .to_owned()
                }
                FactKind::Action => format!(
                    "If the console shows Platinum: `instance set {handle} --edition platinum`, then say this again."
                ),
                _ => format!(
                    "Leave it out, or, if the console shows Platinum, say `--edition platinum` with it (`instance set {handle} --edition platinum …`)."
                ),
            };
            let name = fact::name(fact);
            format!("Standard Edition has no {name}: only Platinum does. {way_out}")
        }
        AttestError::Unlikely(why) => format!(
            "{} Nothing was recorded. If that is intended, repeat it with `--yes-really`.",
            unlikely(why, reader)
        ),
        AttestError::NotTracked => format!(
            "{} is no longer tracked, so nothing is recorded for it. `instance show {}` says why.",
            instance.name, instance.id
        ),
    }
}

/// The reason why an expiry looks like a typo.
pub(super) fn unlikely(why: Unlikely, reader: &Reader) -> String {
    match why {
        Unlikely::BeforeUpgrade { expires, upgraded } => format!(
            "The expiry {} lies before the upgrade ({}), so the subscription would have ended before it began.",
            reader.moment(expires),
            reader.moment(upgraded)
        ),
        Unlikely::FarAhead(expires) => format!(
            "The expiry {} is more than six years ahead, and no subscription lasts that long.",
            reader.moment(expires)
        ),
        Unlikely::LongPast(expires) => format!(
            "The expiry {} passed more than a year ago, and nothing is kept that long after it.",
            reader.moment(expires)
        ),
    }
}

fn commodity_taken(id: &CommodityId, by: &[Instance]) -> String {
    let names: Vec<String> = by
        .iter()
        .map(|other| format!("{} ({})", super::handle(other), other.id))
        .collect();
    let first = by.first().map(super::handle).unwrap_or_default();
    format!(
        "The commodity id {id} belongs to {} (refund-limits): the refund list shows one row for it. Nothing was recorded. Look at that list; if it is wrong there, `instance set {first} --commodity-id unknown` first.",
        names.join(" and ")
    )
}

fn unknown_region(region: &Region) -> String {
    let known = match region.near() {
        Some(near) => format!(" Did you mean `{near}`?"),
        None => format!(
            " The list has {}.",
            Region::known().collect::<Vec<_>>().join(", ")
        ),
    };
    format!(
        "{region} is not on the vendor's published list of regions, and no instance here is in it.{known} Nothing was recorded. If it is a new region, repeat it with `--yes-really`."
    )
}

fn future(at: crate::domain::Timestamp, from_file: bool, reader: &Reader) -> String {
    let at = reader.moment(at);
    if from_file {
        format!("The file is dated {at}, in the future. Say with `at` when the listing was made.")
    } else {
        format!(
            "--at {at} is in the future. Facts cannot be dated ahead: give the time the listing was made."
        )
    }
}

fn file_as_notice(path: &str, reader: &Reader) -> String {
    let instead = match reader.has_buttons() {
        true => "No file is read here. Hand its text in with `notice TEXT`, or post the text and choose Apps > Hand in as notice in the menu of that message.".to_owned(),
        false => format!("`warden notice {path}` in a shell hands the file in; here its text goes behind `notice`."),
    };
    format!(
        "`{path}` is the name of a file, not the text of a notice, so nothing was recorded. {instead}"
    )
}

fn file(error: &UserError, reader: &Reader) -> String {
    use std::io::ErrorKind;
    match error {
        UserError::NoFilesHere => {
            "Files are read only by the program's own command line and the local console, never for a chat.".to_owned()
        }
        UserError::NothingPiped => {
            "`-` reads what is piped in: `warden import - < FILE`, or name the file.".to_owned()
        }
        UserError::PipedAmongFiles => {
            "`-` is what is piped in, and stands alone: `warden notice - < FILE`. Nothing was taken.".to_owned()
        }
        UserError::NotAllFiles { file, other } => format!(
            "`{}` is a file, and there is no file `{}`, so nothing was taken. Several notices are files only; a text is one word in quotes: `warden notice 'TEXT'`.",
            excerpt(file),
            excerpt(other)
        ),
        UserError::File { path, reason } => {
            let path = excerpt(path);
            match reason {
                ErrorKind::NotFound => format!("There is no file `{path}`. Check the path; it is read from where the warden runs."),
                ErrorKind::PermissionDenied => format!("The file `{path}` may not be read by the warden. Allow it, or pipe the listing in: `warden import -`."),
                ErrorKind::IsADirectory => format!("`{path}` is a directory. Name the file in it."),
                _ => format!("The file `{path}` cannot be read. Check that it is an ordinary file on a working disk."),
            }
        }
        UserError::NoticeTooLarge { path, limit_mib } => format!(
            "`{}` is larger than {limit_mib} MiB, so the notice in it was NOT recorded. Hand in its text, or the e-mail without what is attached.",
            excerpt(path)
        ),
        UserError::ListingAsNotice(path) => format!(
            "`{}` is a listing of instances, not a notice, so nothing was recorded. `warden import {}` takes its facts.",
            excerpt(path),
            match path.as_str() {
                "-" => "-".to_owned(),
                path => quoted_if_needed(path),
            }
        ),
        UserError::FileAsNotice(path) => file_as_notice(&excerpt(path), reader),
        UserError::FileTooLarge { path, limit_mib } => format!(
            "The file `{}` is larger than {limit_mib} MiB. A listing is smaller; import it region by region.",
            excerpt(path)
        ),
        UserError::Listing { path, error } => {
            format!("`{}` cannot be imported: {error}. Nothing was changed.", excerpt(path))
        }
        _ => String::new(),
    }
}

fn directive(error: &DirectiveError, reader: &Reader) -> String {
    match error {
        DirectiveError::SandboxOnly => {
            "Lines that begin with `:` are directives of the sandbox: start it with `warden console --sandbox`.".to_owned()
        }
        DirectiveError::Unknown(word) => format!(
            "There is no directive `:{}`. The sandbox knows :as NAME ROLES, :clock +8d or an instant, and :quit.",
            excerpt(word)
        ),
        DirectiveError::As(why) => format!(
            "`:as {}` cannot be used. Say :as NAME ROLE,ROLE team:TEAM with the roles viewer, requester, approver, admin.",
            excerpt(why)
        ),
        DirectiveError::Clock(why) => format!(
            "`:clock {}` cannot be used. Say :clock +8d (90s, 15m, 12h, 30d, 1w) or :clock 2026-03-01T00:00:00Z.",
            excerpt(why)
        ),
        DirectiveError::Backwards(now) => format!(
            "The clock only moves forward; it is {} now.",
            reader.instant(*now)
        ),
    }
}

fn no_such_place(what: ChatItem, name: &str, near: Option<&str>, several: bool) -> String {
    let (kind, sign, typed) = match what {
        ChatItem::Role => ("role", "@", "<@&ID>"),
        ChatItem::Channel => ("channel for text", "#", "<#ID>"),
    };
    let name = excerpt(name);
    if several {
        return format!(
            "This server has several of the {kind}s that are called `{name}`. Nothing was done; choose one with {sign}, or give its id."
        );
    }
    format!(
        "This server has no {kind} `{name}`{}. Nothing was done; choose one with {sign} (which Discord sends as {typed}), or give its id or its name.",
        did_you_mean(near)
    )
}
