//! Notices, one line each: the status and the reason.

use std::fmt::Write as _;

use crate::answer::Page;
use crate::domain::case::Case;
use crate::domain::id::InstanceId;
use crate::domain::instance::Instance;
use crate::domain::notice::{Because, NoticeRecord, NoticeStatus, Proof, Settlement};
use crate::render::time::{Reader, length};
use crate::render::{handle, table};

use super::{clean, kind, names};

/// The notices of an instance.
pub(in crate::render) fn list(case: &Case, page: &Page<NoticeRecord>, reader: &Reader) -> String {
    let name = case.instance.called();
    if page.rows.is_empty() && page.page > 1 {
        return table::no_such_page(&format!("notices {}", handle(&case.instance)));
    }
    if page.rows.is_empty() {
        return format!("No notice names {name}.");
    }
    let title = format!("Notices that name {name}, newest first:\n");
    rows(title, page, reader)
}

/// A notice that was asked for by its number.
pub(in crate::render) fn one(filed: &NoticeRecord, reader: &Reader) -> String {
    let number = filed.number;
    let mut out = format!("Notice {number}:\n");
    row(&mut out, filed, reader);
    let _ = write!(out, "`wording {number}` shows what it says.");
    if filed.is_raised() {
        let _ = write!(out, " `ack notice {number}` settles it.");
    }
    out
}

/// The notices that an acknowledgement of an instance does not settle.
pub(in crate::render) fn stay_raised(numbers: &[u64]) -> String {
    let each: Vec<String> = numbers
        .iter()
        .map(|number| format!("`ack notice {number}`"))
        .collect();
    match each.as_slice() {
        [] => String::new(),
        [one] => format!(" A notice about it stays raised: {one} settles it."),
        all => format!(
            " {} notices about it stay raised: {} settle them.",
            all.len(),
            all.join(", ")
        ),
    }
}

/// The raised notices that are not settled.
pub(in crate::render) fn still_raised(page: &Page<NoticeRecord>, reader: &Reader) -> String {
    if page.rows.is_empty() && page.page > 1 {
        return table::no_such_page("notices");
    }
    if page.rows.is_empty() {
        return "No notice is raised that nobody has settled. `notices <instance>` lists all that name one."
            .to_owned();
    }
    let title = "Raised and not settled, newest first; `ack notice N` settles one, and of something gone an answer (`notice N still-there`, `instance lost`):\n".to_owned();
    rows(title, page, reader)
}

pub(in crate::render) fn suppressed(
    page: &Page<NoticeRecord>,
    since: crate::domain::Timestamp,
    reader: &Reader,
) -> String {
    let span = length(reader.now - since);
    if page.rows.is_empty() && page.page > 1 {
        return "There is no such page; leave --page out to begin with the first.".to_owned();
    }
    if page.rows.is_empty() {
        return format!("Nothing was suppressed in the last {span}.");
    }
    let title = format!("Suppressed in the last {span}, newest first:\n");
    rows(title, page, reader)
}

/// The rows of a page under its title.
fn rows(title: String, page: &Page<NoticeRecord>, reader: &Reader) -> String {
    let mut out = title;
    for filed in &page.rows {
        row(&mut out, filed, reader);
    }
    out.push_str(&table::more(page.page, page.more, reader));
    out
}

/// A line of the weekly digest.
pub fn in_digest(filed: &NoticeRecord, known: &[Instance], reader: &Reader) -> String {
    let proof = match filed.status {
        NoticeStatus::Suppressed => format!("; {}", proof(filed, reader)),
        NoticeStatus::Raised | NoticeStatus::Duplicate(_) => String::new(),
    };
    format!(
        "notice {}, {} for {}: {}{proof}",
        filed.number,
        kind(filed.read.kind),
        names(known),
        state(filed, reader)
    )
}

fn row(out: &mut String, filed: &NoticeRecord, reader: &Reader) {
    let _ = writeln!(
        out,
        "  {}  {}  {}, through {}: {}",
        filed.number,
        reader.instant(filed.received),
        kind(filed.read.kind),
        clean(&filed.source, 40),
        state(filed, reader)
    );
    if !filed.instances.is_empty() {
        let ids: Vec<&str> = filed.instances.iter().map(InstanceId::as_str).collect();
        let _ = writeln!(out, "     names {}", ids.join(", "));
    }
    if filed.proof.is_some() {
        let _ = writeln!(out, "     proof: {}", proof(filed, reader));
    }
    let _ = match filed.duplicates {
        0 => Ok(()),
        1 => writeln!(out, "     said again: once"),
        many => writeln!(out, "     said again: {many} times"),
    };
}

pub(super) fn state(filed: &NoticeRecord, reader: &Reader) -> String {
    let status = match (filed.status, filed.because) {
        (NoticeStatus::Suppressed, _) => "suppressed".to_owned(),
        (NoticeStatus::Raised, None) => "raised".to_owned(),
        (NoticeStatus::Raised, Some(because)) if because.was_settled() => {
            format!("raised, settled, then raised again: {}", ended(because))
        }
        (NoticeStatus::Raised, Some(because)) => {
            format!("suppressed, then raised: {}", ended(because))
        }
        (NoticeStatus::Duplicate(of), _) => format!("duplicate of notice {of}"),
    };
    match &filed.settled {
        None => status,
        Some(settled) => {
            let by = settled.by.as_ref();
            let by = by.map_or_else(String::new, |by| format!(" by {by}"));
            let how = settlement(settled.how);
            format!("{status}; {how}{by}, {}", reader.relative(settled.at))
        }
    }
}

/// The reply to an acknowledgement of a notice.
pub(in crate::render) fn acked(
    filed: &NoticeRecord,
    also: &[u64],
    is_new: bool,
    reader: &Reader,
) -> String {
    let number = filed.number;
    if is_new {
        let also = match also {
            [] => String::new(),
            also => format!(" So is what says the same: {}.", super::numbered(also)),
        };
        return format!("Done: notice {number} is acknowledged, and is not repeated.{also}");
    }
    match (filed.status, &filed.settled) {
        (NoticeStatus::Duplicate(of), _) => {
            format!("Already done: notice {number} is a duplicate: `ack notice {of}`.")
        }
        (_, Some(_)) => format!("Already done: notice {number} is {}.", state(filed, reader)),
        (_, None) => format!(
            "Already done: notice {number} is suppressed, nobody is told of it. It is raised if its proof falls."
        ),
    }
}

pub(super) fn proof(filed: &NoticeRecord, reader: &Reader) -> String {
    match &filed.proof {
        None => "none".to_owned(),
        Some(Proof::Action { by, at, expiry }) => format!(
            "the action was attested Downgrade by {by}, {} ({}), for the expiry {}",
            reader.instant(*at),
            old(filed.received - *at),
            reader.instant(*expiry)
        ),
        Some(Proof::Standard { by, at }) => format!(
            "Standard was seen by {by}, {}, after the exit",
            reader.moment(*at)
        ),
    }
}

/// The age of an attestation when the notice came in.
fn old(age: chrono::TimeDelta) -> String {
    if age < chrono::TimeDelta::zero() {
        "after the notice came".to_owned()
    } else if age < chrono::TimeDelta::minutes(1) {
        "just before the notice came".to_owned()
    } else {
        format!("{} before the notice came", length(age))
    }
}

pub(super) const fn ended(because: Because) -> &'static str {
    match because {
        Because::ActionDelete => "the action is Delete now",
        Because::ActionUnknown => "the action is not known any more",
        Because::ActionContradictory => "two sources disagree on the action now",
        Because::ActionStale => "the last look at the action is too old now (action-known)",
        Because::ExpiryMoved => "the expiry has moved",
        Because::ExpiryUnsure => "the expiry is not certain any more",
        Because::EditionUnsure => "the edition is not certain any more",
        Because::StandardUnsure => "that it became Standard is not known any more",
        Because::NoExit => {
            "it is said to be Standard, and no step or expiry is recorded by which it became so"
        }
        Because::NotUnderstood => "its wording is not understood any more",
        Because::NotVerified => "168 h after expiry nobody has attested Standard (exit-converts)",
        Because::Restored | Because::AnswerRestored => {
            "the database was restored from a copy, and what happened since is not known"
        }
        Because::TakenBack => "what settled it was taken back",
        Because::AheadOfClock => "what settled it is dated ahead of the clock",
        Because::NotFollowed => "nobody tracks the instance any more",
        Because::CommodityMoved => {
            "the commodity id that it names is not certainly this instance's any more"
        }
    }
}

const fn settlement(how: Settlement) -> &'static str {
    match how {
        Settlement::Acknowledged => "acknowledged",
        Settlement::StillThere => "settled, it is still there",
        Settlement::Converted => "settled, the instance is Standard",
        Settlement::Lost => "settled, the instance is lost",
        Settlement::Removed => "settled, the instance is not tracked any more",
        Settlement::Over => "over, its date has passed and the instance was seen since",
        Settlement::Renewed => "over, a later expiry is known since",
    }
}
