//! Instance names, distinguishable however they are written.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

use crate::written::plain;

use super::{COMMODITY, INSTANCE_4X, INSTANCE_5X, IdError, InstanceId, InstanceName, Region};
use super::{MAX_NAME_CHARS, excerpt, parse_name, pattern};

/// The number of id characters appended to an ambiguous name.
const MARK: usize = 4;
/// The separator before them.
const MARKED: char = '~';
/// The name of an instance whose own name cannot be shown.
const NAMELESS: &str = "unnamed";

/// Characters without a visible shape: default-ignorable, control and formatting characters, and a blank that counts as a letter.
static HIDES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cn}\p{Co}\x{2800}]")
});

/// Whether a text shows nothing.
pub fn shows_nothing(text: &str) -> bool {
    HIDES.replace_all(text, "").trim().is_empty()
}

/// Several instances, as a command names them.
static SEVERAL: LazyLock<Regex> = LazyLock::new(|| pattern("^(?i:team:)|[,、]"));
/// The end of a handle with the account.
static WITH_ACCOUNT: LazyLock<Regex> = LazyLock::new(|| pattern("@[0-9]{8,20}$"));
/// The end of [`InstanceName::marked`].
static WITH_END_OF_ID: LazyLock<Regex> = LazyLock::new(|| pattern("~[A-Za-z0-9]{4,20}$"));
/// The reason against a name that is a number.
const NUMBER: &str = "it is a number, which means a change here";

/// Another tracked instance, for the comparison of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namesake {
    pub id: InstanceId,
    pub region: Region,
    pub name: InstanceName,
}

/// A conflict between names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Clash {
    /// Another instance of the region and account has this name.
    Taken,
    /// Another name differs in case only.
    OtherCase,
    /// Another name looks the same.
    LooksAlike,
}

impl InstanceName {
    /// Parses a name, in Unicode's composed form (NFC): 1 to 64 visible characters, no `/`, not beginning with `-`, `#` or `:`,
    /// and no id. A back quote becomes an apostrophe.
    ///
    /// # Errors
    /// [`IdError::NotName`], with the reason.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let not = |reason| IdError::NotName {
            name: excerpt(text),
            reason,
        };
        // Plain ASCII has no hidden or composed characters.
        let is_plain = text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_control());
        let name = if is_plain {
            parse_name(text, &['/'])?
        } else if HIDES.is_match(text) {
            return Err(not("it holds a control or invisible character"));
        } else {
            parse_name(&composed(text), &['/'])?
        };
        if is_id(&name) {
            return Err(not("it is an id, which means that one instance only"));
        }
        Ok(Self(name))
    }

    /// Parses the name that a listing gives. One that a keyboard makes into the number of a change, or into an option, is not
    /// usable (`＃2` and `#2` are typed alike), nor one that reads like several instances, or holds a back quote.
    ///
    /// # Errors
    /// As for [`InstanceName::parse`].
    pub fn listed(text: &str) -> Result<Self, IdError> {
        let name = Self::parse(text)?;
        let typed = as_keyed(&name.0);
        let reason = if text.contains('`') {
            "it holds a back quote, which marks commands in what is shown"
        } else if typed.starts_with('@') || SEVERAL.is_match(&typed) {
            "it reads like several instances: `@` begins a file of names, `team:` a team, and a comma separates names"
        } else if name.0.is_ascii() {
            return Ok(name);
        } else if typed.starts_with(['-', '#', ':']) {
            "it begins with a sign that is typed like `-`, `#` or `:`, which mean something else here"
        } else if is_number(&typed) {
            NUMBER
        } else {
            return Ok(name);
        };
        Err(IdError::NotName {
            name: excerpt(text),
            reason,
        })
    }

    /// Parses a name that a person chooses: one that means nothing else where an instance is named. Listings may bring others.
    ///
    /// # Errors
    /// As for [`InstanceName::listed`], also for what reads like a number, or another instance with its account or the end of its
    /// id.
    pub fn chosen(text: &str) -> Result<Self, IdError> {
        let name = Self::listed(text)?;
        let typed = as_keyed(&name.0);
        let reason = if is_number(&typed) {
            NUMBER
        } else if typed.contains("  ") {
            "it has two blanks in a row, which are shown as one"
        } else if WITH_ACCOUNT.is_match(&typed) {
            "it ends like the name of an instance with its account (`name@uid`), which may mean another one"
        } else if WITH_END_OF_ID.is_match(&typed) {
            "it ends like a name with the end of an id (`name~XXXX`), which is given to rows of files and may mean another one"
        } else {
            return Ok(name);
        };
        Err(IdError::NotName {
            name: excerpt(text),
            reason,
        })
    }

    /// The usable part of an invalid name, with the end of the instance's id, so that it is not mistaken for the original.
    #[must_use]
    pub fn instead_of(text: &str, id: &InstanceId) -> Self {
        let usable = Self::usable(text);
        let usable = usable.unwrap_or_else(|| Self(NAMELESS.into()));
        usable.marked(id, MARK)
    }

    fn usable(text: &str) -> Option<Self> {
        let text = HIDES.replace_all(text, "").replace('/', "-");
        let text = match Self::listed(&text) {
            Ok(_) => text,
            Err(_) => as_keyed(&text),
        };
        let text = text.trim().trim_start_matches(['-', '#', ':']).trim();
        let short: String = text.nfc().take(MAX_NAME_CHARS).collect();
        Self::parse(short.trim()).ok()
    }

    /// The key for comparing names regardless of case.
    pub fn folded(&self) -> String {
        folded(&self.0)
    }

    /// The key for comparing names by appearance, where one of them is not plain ASCII.
    pub fn skeleton(&self) -> String {
        if !self.0.is_ascii() {
            return skeleton_of(&self.0);
        }
        let looks = self
            .0
            .bytes()
            .map(|byte| PLAIN_LOOKS.get(usize::from(byte)));
        looks.flatten().map(String::as_str).collect()
    }

    /// The name with the end of the instance's id.
    #[must_use]
    pub fn marked(&self, id: &InstanceId, ending: usize) -> Self {
        let mark = end_of(id, ending);
        let room = MAX_NAME_CHARS - 1 - mark.chars().count();
        let kept: String = self.0.chars().take(room).collect();
        Self(format!("{}{MARKED}{mark}", kept.trim_end()).into())
    }

    /// The name without the suffix of [`InstanceName::marked`].
    pub fn unmarked(&self, id: &InstanceId) -> &str {
        let marked = self.0.rsplit_once(MARKED);
        let of_it = |mark: &str| mark.len() >= MARK && id.as_str().ends_with(mark);
        marked.map_or(
            &self.0,
            |(name, mark)| if of_it(mark) { name } else { &self.0 },
        )
    }

    /// The characters beyond ASCII, which may look like others, as `U+0430`.
    pub fn beyond_ascii(&self) -> Vec<String> {
        let beyond = self.0.chars().filter(|c| !c.is_ascii());
        beyond.map(|c| format!("U+{:04X}", u32::from(c))).collect()
    }

    /// The conflict of this name with those of the other tracked instances.
    pub fn clash<'a>(
        &self,
        id: &InstanceId,
        region: &Region,
        others: impl IntoIterator<Item = &'a Namesake>,
    ) -> Option<(Clash, &'a Namesake)> {
        let (folded, skeleton) = (self.folded(), self.skeleton());
        let others = others.into_iter().filter(|other| other.id != *id);
        let found = others.filter_map(|other| {
            let same_place = other.region == *region && other.id.account() == id.account();
            let clash = if other.name == *self {
                same_place.then_some(Clash::Taken)
            } else if other.name.folded() == folded {
                Some(Clash::OtherCase)
            } else {
                let plain = self.0.is_ascii() && other.name.0.is_ascii();
                (!plain && other.name.skeleton() == skeleton).then_some(Clash::LooksAlike)
            };
            Some((clash?, other))
        });
        found.min_by_key(|(clash, _)| match clash {
            Clash::Taken => 0,
            Clash::OtherCase => 1,
            Clash::LooksAlike => 2,
        })
    }

    /// The name for an instance from a listing: the vendor's, with the end of its id where it conflicts with another.
    pub fn beside<'a>(
        &self,
        id: &InstanceId,
        region: &Region,
        others: impl IntoIterator<Item = &'a Namesake> + Clone,
    ) -> (Self, Option<(Clash, &'a Namesake)>) {
        let Some(clash) = self.clash(id, region, others.clone()) else {
            return (self.clone(), None);
        };
        let longest = end_of(id, usize::MAX).chars().count();
        let marked = (MARK..=longest).map(|ending| self.marked(id, ending));
        let mut free = marked.filter(|name| name.clash(id, region, others.clone()).is_none());
        let whole = || self.marked(id, longest);
        (free.next().unwrap_or_else(whole), Some(clash))
    }
}

impl InstanceId {
    pub fn account(&self) -> &str {
        let inner = self.0.strip_prefix("MQ_INST_").unwrap_or(&self.0);
        inner.split_once('_').map_or(inner, |(account, _)| account)
    }
}

/// The unambiguous reference to an instance: its name, with the account where another of its region shares the name. Accepted as
/// input, alone and after the region.
pub fn called(id: &InstanceId, name: &InstanceName, shares_name: bool) -> String {
    match shares_name {
        true => format!("{name}@{}", id.account()),
        false => name.to_string(),
    }
}

/// The reference to an instance in a command that is proposed, which can be typed as it is: its region and name; its id if the
/// name would need quotes, or may mean something else.
pub fn handle(id: &InstanceId, region: &Region, name: &InstanceName, shares_name: bool) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    // An end of a sentence, or an option, may be read into these.
    let ends = name.0.ends_with('.') || name.0.contains("--");
    if name.0.chars().all(plain) && !ends {
        format!("{region}/{}", called(id, name, shares_name))
    } else {
        id.to_string()
    }
}

/// A text in Unicode's composed form, as names are stored.
pub fn composed(text: &str) -> String {
    text.nfc().collect()
}

/// The skeletons of the ASCII characters, which do not depend on their neighbours.
static PLAIN_LOOKS: LazyLock<Vec<String>> = LazyLock::new(|| {
    (0..128_u8)
        .map(|byte| skeleton_of(char::from(byte).encode_utf8(&mut [0; 4])))
        .collect()
});

/// A name as another keyboard types it: with the plain characters for those that only differ in width or form.
fn as_keyed(text: &str) -> String {
    plain(text).nfkc().collect()
}

/// A stroke that is drawn through the letter before it.
const fn is_stroke(c: char) -> bool {
    matches!(c, '\u{334}'..='\u{338}')
}

/// Whether a text is read as the number of a change, also within punctuation.
fn is_number(typed: &str) -> bool {
    let bare = typed.trim_start_matches(['(', '[', '【', '「']);
    let begins = bare
        .get(..3)
        .filter(|begins| begins.eq_ignore_ascii_case("no."));
    let bare = bare.get(begins.map_or(0, str::len)..).unwrap_or(bare);
    let bare = bare.trim_matches(['#', '.', ',', ')', ']', ':', '!', ';', ' ']);
    !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit())
}

fn skeleton_of(text: &str) -> String {
    // A sign that differs in width only is not among those that look alike, nor is a letter with a stroke through it.
    let keyed = as_keyed(text);
    let keyed: String = keyed.chars().filter(|c| !is_stroke(*c)).collect();
    let seen = skeleton(&keyed).collect::<String>();
    let seen = skeleton(&folded(&seen)).collect::<String>();
    // A capital `I` looks like an `l`, but folds to `i`.
    seen.replace('i', "l")
}

/// The key for comparing names and prefixes regardless of case.
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // Some letters have several lower-case forms, or an upper case of two letters.
    text.to_uppercase().to_lowercase().nfc().collect()
}

fn is_id(text: &str) -> bool {
    let begins = |start: &str| {
        let beginning = text.get(..start.len());
        beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(start))
    };
    if !["mq_inst_", "rmq-", "ons-"].into_iter().any(begins) {
        return false;
    }
    let (upper, lower) = (text.to_ascii_uppercase(), text.to_ascii_lowercase());
    INSTANCE_4X.is_match(&upper) || INSTANCE_5X.is_match(&lower) || COMMODITY.is_match(&lower)
}

fn end_of(id: &InstanceId, most: usize) -> &str {
    let end = id.as_str().rsplit('_').next().unwrap_or_default();
    let from = end.len().saturating_sub(most);
    end.get(from..).unwrap_or(end)
}

#[cfg(test)]
mod tests;
