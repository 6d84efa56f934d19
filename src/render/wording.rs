//! Taught wordings: offered, requested, taught, used, forgotten.

use std::fmt::Write as _;

use super::notice::{clean, forbidden};
use super::time::Reader;
use crate::answer::{NotTaught, Offer, Teachable, WordingAnswer};
use crate::domain::id::Person;
use crate::domain::notice::{
    ANNOUNCED, DateRole, Learnt, NoticeRecord, NoticeStatus, Slot, Stands, Teaching, UNUSED_FOR,
    WordingKind, shown,
};

/// The most characters of a template shown.
const SHOWN: usize = 700;

/// The offer to teach a notice's wording, or the reason why it cannot be taught. On a card it is a button.
pub fn offered(filed: &NoticeRecord, offer: &Offer) -> String {
    if !offer.objections.is_empty() {
        return format!(
            "Its wording cannot be taught as a release notice: it {}. Look at the instance; nothing else is to be done about the text.",
            forbidden(&offer.objections)
        );
    }
    format!(
        "Its wording can be taught. With its slots it is:\n{}{}",
        templates(&untold(&offer.learnt)),
        lessons(filed, offer)
    )
}

/// The commands that teach a wording, and their effects.
fn lessons(filed: &NoticeRecord, offer: &Offer) -> String {
    let number = filed.number;
    let two = has_two_dates(&offer.learnt);
    let mut which = String::new();
    if two {
        which.push_str(" --first <release|expiry>");
    }
    if offer.alone {
        which.push_str(" --alone --reason TEXT");
    }
    let who = match offer.alone {
        true => "you".to_owned(),
        false => format!("two approvers other than {}", filed.by),
    };
    if !offer.objections.is_empty() {
        return format!(
            "As a release it cannot be taught: it {}. As something else {who} can: `wording {number} expiry{which}` or `wording {number} other{which}`; then it is understood and always raised.",
            forbidden(&offer.objections)
        );
    }
    let mut out = format!(
        "If the vendor writes that of a release and of nothing else, {who} say `wording {number} release{which}`"
    );
    if two {
        out.push_str(", which says what the first of its two dates is");
    }
    out.push_str(
        "; from then on such a notice is suppressed where the rule proves that it means nothing. As expiry or other it is understood and always raised.",
    );
    out
}

/// The wording of a notice, and how it is taught; on a card by its buttons.
pub(super) fn teachable(it: &Teachable, reader: &Reader) -> String {
    let Teachable {
        filed,
        offer,
        asked,
    } = it;
    let number = filed.number;
    let offer = match offer {
        Ok(offer) => offer,
        Err(why) => {
            return format!(
                "The wording of notice {number} cannot be taught: {}.",
                refused(number, why)
            );
        }
    };
    let mut out = format!(
        "The wording of notice {number}, with its slots:\n{}",
        match asked {
            Some(asked) => templates(&asked.learnt),
            None => templates(&untold(&offer.learnt)),
        }
    );
    if let Some(asked) = asked {
        let _ = writeln!(
            out,
            "{} has said that it is {}.",
            asked.asked.by,
            lesson(asked)
        );
    }
    if !reader.has_buttons() {
        out.push_str(&lessons(filed, offer));
        return out;
    }
    let _ = write!(
        out,
        "What is it always? Two approvers other than {} have to say the same. ",
        filed.by
    );
    if offer.objections.is_empty() {
        out.push_str(
            "A release is suppressed from then on where the rule proves that it means nothing; anything else is understood and always raised.",
        );
    } else {
        let _ = write!(
            out,
            "A release it cannot be: it {}. Then it is understood, and always raised.",
            forbidden(&offer.objections)
        );
    }
    out
}

/// Whether the command must say which date is which.
pub fn has_two_dates(learnt: &Learnt) -> bool {
    let texts = || learnt.bodies.iter().chain(&learnt.subjects);
    let has = |slot: Slot| {
        let slot = format!("{{{slot}}}");
        texts().any(|text| text.contains(&slot))
    };
    has(Slot::ReleaseDate) && has(Slot::ExpiryDate)
}

/// The texts, where nobody has said which of two dates is which: they are counted.
pub fn untold(learnt: &Learnt) -> Learnt {
    let mut counted = learnt.clone();
    if has_two_dates(learnt) {
        for text in counted.subjects.iter_mut().chain(&mut counted.bodies) {
            let slot = |slot: Slot| format!("{{{slot}}}");
            let first = text.replace(&slot(Slot::ReleaseDate), "{first_date}");
            *text = first.replace(&slot(Slot::ExpiryDate), "{second_date}");
        }
    }
    counted
}

/// The texts with their slots.
pub fn texts(learnt: &Learnt) -> Vec<String> {
    let all = learnt.subjects.iter().chain(&learnt.bodies);
    all.map(|text| shown(text)).collect()
}

fn templates(learnt: &Learnt) -> String {
    let subjects = learnt.subjects.len();
    let mut out = String::new();
    for (at, text) in texts(learnt).iter().enumerate() {
        let what = if at < subjects { "subject: " } else { "" };
        let _ = writeln!(out, "  {what}“{}”", clean(text, SHOWN));
    }
    out
}

/// The result of a command on a wording.
pub(super) fn said(said: &WordingAnswer, reader: &Reader) -> String {
    match said {
        WordingAnswer::Asked { teaching, instead } => asked(teaching, instead.as_deref(), reader),
        WordingAnswer::Taught {
            teaching,
            quieted,
            read,
        } => taught(teaching, quieted, read),
        WordingAnswer::Refused { notice, why } => format!(
            "Blocked: the wording of notice {notice} cannot be taught: {}.",
            refused(*notice, why)
        ),
        WordingAnswer::Forgotten {
            teaching,
            raised,
            is_new,
        } => forgotten(teaching, raised, *is_new),
    }
}

fn asked(teaching: &Teaching, instead: Option<&Teaching>, reader: &Reader) -> String {
    let mut out = format!(
        "Needs approval: {} says that notice {} is {}, as wording {}:\n{}",
        teaching.asked.by,
        teaching.notice,
        lesson(teaching),
        teaching.number,
        templates(&teaching.learnt)
    );
    if let Some(other) = instead {
        let _ = writeln!(
            out,
            "{} had said {}; that word does not count for this one.",
            other.asked.by,
            lesson(other)
        );
    }
    let _ = write!(
        out,
        "Another approver, who did not hand the notice in, reads it and says `{}` too, until {}. Nothing is suppressed by it before.",
        command(teaching),
        reader.moment(teaching.asked.at + crate::domain::notice::ASKED_FOR)
    );
    out
}

/// The command for the second person.
fn command(teaching: &Teaching) -> String {
    let mut out = format!(
        "wording {} {}",
        teaching.notice,
        teaching.lesson.kind.as_str()
    );
    if let Some(first) = teaching.lesson.first {
        let _ = write!(out, " --first {first}");
    }
    out
}

/// A wording and its notice.
pub(super) fn of(teaching: &Teaching) -> String {
    format!("wording {} of notice {}", teaching.number, teaching.notice)
}

/// The kind of notice that a wording announces, according to its teachers.
pub(super) fn lesson(teaching: &Teaching) -> String {
    let kind = kind(teaching.lesson.kind);
    match teaching.lesson.first {
        None => kind.to_owned(),
        Some(DateRole::Release) => format!("{kind} whose first date is the release"),
        Some(DateRole::Expiry) => format!("{kind} whose first date is the expiry"),
    }
}

const fn kind(kind: WordingKind) -> &'static str {
    match kind {
        WordingKind::Release => "a release notice",
        WordingKind::Expiry => "an expiry notice",
        WordingKind::Other | WordingKind::Greeting | WordingKind::Tail | WordingKind::Signature => {
            "a notice of something else"
        }
    }
}

fn taught(teaching: &Teaching, quieted: &[u64], read: &[u64]) -> String {
    let number = teaching.number;
    let mut out = format!(
        "Done: wording {number} is taught by {}: {}, from {}.\n",
        people(teaching),
        lesson(teaching),
        teaching.source
    );
    let what = if teaching.lesson.kind == WordingKind::Release {
        "From the next such notice of that source on it is suppressed where the rule proves that it means nothing (release-notice-redundant)"
    } else {
        "Such notices of that source are understood from now on, and always raised"
    };
    let _ = writeln!(
        out,
        "{what}. The alerts channel is told. It ends after {} days without use; `wording {number} forget` ends it now.",
        UNUSED_FOR.num_days()
    );
    if !quieted.is_empty() {
        let _ = writeln!(
            out,
            "Judged once more and suppressed: notice {}. `suppressed` shows the proof.",
            numbers(quieted)
        );
    }
    if !read.is_empty() {
        let _ = writeln!(
            out,
            "Judged once more and still raised: notice {}.",
            numbers(read)
        );
    }
    out.trim_end().to_owned()
}

fn forgotten(teaching: &Teaching, raised: &[u64], is_new: bool) -> String {
    let number = teaching.number;
    if !is_new {
        return format!("Nothing to do: wording {number} is forgotten already.");
    }
    let was = match raised {
        [] => "nothing that is still open was suppressed by it".to_owned(),
        all => format!(
            "raised, because it had suppressed them: notice {}",
            numbers(all)
        ),
    };
    format!(
        "Done: wording {number} is forgotten; {was}. Such notices are raised from now on; `wording {} {}` teaches it once more.",
        teaching.notice,
        teaching.lesson.kind.as_str()
    )
}

fn refused(notice: u64, why: &NotTaught) -> String {
    match why {
        NotTaught::Stands(NoticeStatus::Duplicate(of)) => {
            format!("it says what notice {of} has said; teach that one")
        }
        NotTaught::Stands(NoticeStatus::Suppressed) => "it is suppressed, so it is understood".to_owned(),
        NotTaught::Stands(NoticeStatus::Raised) | NotTaught::Understood => {
            "it is understood already; what raises it is what is known of its instance, not its wording. `todo` says what settles it".to_owned()
        }
        NotTaught::Long => {
            "it is longer than is kept whole; hand in the vendor's text alone".to_owned()
        }
        NotTaught::Vendor => "nobody handed it in, and the configuration does not say that what comes this way is the vendor's own (`vendor = true` in [http.keys.NAME], or notices.vendor_channels); somebody who has the vendor's message hands it in with `notice`".to_owned(),
        NotTaught::NotOneInstance => {
            "it does not name exactly one tracked instance by id".to_owned()
        }
        NotTaught::Text(why) => why.to_string(),
        NotTaught::Vetoed(why) => format!(
            "as a release notice it would be suppressed, and it {} (release-notice-redundant). Hand in the vendor's own message without it, where somebody added it; as expiry or other it can be taught as it is",
            forbidden(why)
        ),
        NotTaught::HandedIn { alone: true } => format!(
            "you handed it in yourself, and there is nobody else here: read it once more, then `wording {notice} <release|expiry|other> --alone --reason TEXT`"
        ),
        NotTaught::HandedIn { alone: false } => {
            "you handed it in yourself; it takes two other approvers".to_owned()
        }
        NotTaught::NotAlone => {
            "there are others here; without `--alone` your word is the first of two".to_owned()
        }
    }
}

/// The wordings taught or requested.
pub(super) fn list(all: &[Teaching], reader: &Reader) -> String {
    if all.is_empty() {
        return "No wording was taught here. A raised notice that could be says how.".to_owned();
    }
    let mut out = "Wordings, newest first:\n".to_owned();
    for (at, one) in all.iter().enumerate() {
        let mut newer = all.iter().take(at);
        let is_void = newer.any(|newer| newer.notice == one.notice);
        let state = match one.stands(reader.now) {
            Stands::Asked if is_void => {
                "no longer counts: somebody has said something else of the notice since".to_owned()
            }
            Stands::Asked => "waits for a second approver".to_owned(),
            Stands::Lapsed => "lapsed: nobody else said the same in time".to_owned(),
            Stands::Holds => "holds".to_owned(),
            Stands::Unused => format!("ended: unused for {} days", UNUSED_FOR.num_days()),
            Stands::Forgotten => one.forgotten.as_ref().map_or_else(
                || "forgotten".to_owned(),
                |word| format!("forgotten by {}, {}", word.by, reader.instant(word.at)),
            ),
        };
        let _ = writeln!(
            out,
            "  {}  {}, from {} (notice {}): {state}",
            one.number,
            lesson(one),
            one.source,
            one.notice
        );
        let _ = match &one.taught {
            Some(taught) => writeln!(
                out,
                "     taught by {}, {}{}; suppressed {}",
                people(one),
                reader.instant(taught.at),
                one.alone.as_ref().map_or_else(String::new, |why| format!(
                    ", alone: “{}”",
                    clean(why, SHOWN)
                )),
                often(one, reader)
            ),
            None => writeln!(
                out,
                "     asked for by {}, {}: `{}`",
                one.asked.by,
                reader.instant(one.asked.at),
                command(one)
            ),
        };
        for line in templates(&one.learnt).lines() {
            let _ = writeln!(out, "   {line}");
        }
    }
    out.push_str("`wording N forget` ends one.");
    out
}

fn often(one: &Teaching, reader: &Reader) -> String {
    match (one.uses, one.used) {
        (0, _) | (_, None) => "nothing yet".to_owned(),
        (1, Some(at)) => format!("1 notice, {}", reader.instant(at)),
        (uses, Some(at)) => format!("{uses} notices, the last {}", reader.instant(at)),
    }
}

/// The announcement of a wording now in force, one line each.
pub fn lowered(teaching: &Teaching) -> Vec<String> {
    let effect = if teaching.lesson.kind == WordingKind::Release {
        "is suppressed where the rule proves that it means nothing"
    } else {
        "is understood, and always raised"
    };
    let mut lines = vec![format!(
        "wording {}, taught by {} from notice {}: {} of {} that reads so {effect}. `wording {} forget` ends it.",
        teaching.number,
        people(teaching),
        teaching.notice,
        kind(teaching.lesson.kind),
        teaching.source,
        teaching.number
    )];
    if let Some(why) = &teaching.alone {
        lines.push(format!("alone: “{}”", clean(why, SHOWN)));
    }
    let shown = templates(&teaching.learnt);
    lines.extend(shown.lines().map(|line| line.trim().to_owned()));
    lines
}

/// The wordings ended by a restore.
pub fn distrusted(ended: &[u64]) -> String {
    match ended {
        [] => String::new(),
        all => format!(
            "\nWordings that no longer count until they are taught again, since they may have been forgotten meanwhile: {} (`wordings` lists them). Notices that read so are raised.",
            numbers(all)
        ),
    }
}

/// The announcement of one of the first suppressions by a taught wording.
pub fn used(teaching: &Teaching, filed: &NoticeRecord) -> String {
    let number = teaching.number;
    format!(
        "Notice {} was suppressed by wording {number}, which {} taught ({} of the first {ANNOUNCED} times, which are announced). `suppressed` shows the proof. If that was not meant, `wording {number} forget` raises it.",
        filed.number,
        people(teaching),
        teaching.uses
    )
}

/// The trail's detail about a wording.
pub fn in_the_trail(said: &WordingAnswer) -> String {
    match said {
        WordingAnswer::Asked { teaching, .. } => format!("{}: asked for", of(teaching)),
        WordingAnswer::Taught {
            teaching, quieted, ..
        } => {
            let quieted = match quieted.as_slice() {
                [] => String::new(),
                all => format!(", suppressed notice {}", numbers(all)),
            };
            format!("{}: taught{quieted}", of(teaching))
        }
        WordingAnswer::Refused { notice, .. } => format!("notice {notice}: not taught"),
        WordingAnswer::Forgotten {
            teaching, raised, ..
        } => {
            let raised = match raised.as_slice() {
                [] => String::new(),
                all => format!(", raised notice {}", numbers(all)),
            };
            format!("{}: forgotten{raised}", of(teaching))
        }
    }
}

fn people(teaching: &Teaching) -> String {
    let all: Vec<String> = teaching.people().map(Person::to_string).collect();
    all.join(" and ")
}

fn numbers(all: &[u64]) -> String {
    let mut all = all.to_vec();
    all.sort_unstable();
    let each: Vec<String> = all.iter().map(u64::to_string).collect();
    each.join(", ")
}
