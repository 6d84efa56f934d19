//! HTML as displayed: visual separation is kept in the text, and hidden content with meaning is included.

mod writer;

use std::sync::LazyLock;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};
use regex::bytes::Regex;

use super::picture::PictureSize;
use super::{names_id, style};
use crate::domain::written::lists;

/// Block-level tags, which separate the text around them.
const BLOCKS: &str = "address article aside blockquote body button caption center dd details \
    dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header \
    hr html legend li main menu nav ol optgroup option p pre search section select summary \
    table tbody td tfoot th thead tr ul";
/// Tags that show something which is not read.
const UNREAD: &str = "svg image iframe frame object embed applet video audio canvas math \
    picture source";
/// Tags of a part of a line.
const INLINE: &str = "a abbr acronym b base basefont bdi bdo big blink br cite code col colgroup data \
    datalist dfn em font i img includetail input ins kbd keygen label link map marquee area mark meta meter nobr \
    noframes noscript output param progress q rb rp rt rtc ruby samp script slot small span strong \
    style sub sup template textarea time title track tt u var wbr xmp xml s del strike";
/// Those of them that only change how a text looks.
pub(super) const JOINED: &str = "a abbr acronym b bdi bdo big cite code em font i ins kbd mark nobr samp small span strong tt u \
    var wbr";
/// Attributes without a value.
const FLAGS: &str = "alt async autofocus checked compact defer disabled download hidden ismap itemscope \
    loop multiple muted nohref nomodule noresize noshade novalidate nowrap open readonly required \
    reversed selected title";
/// Tags for struck-through text.
const STRUCK: [&str; 3] = ["s", "del", "strike"];
/// Attributes that are shown or read aloud.
const HINTS: &str = "alt title placeholder label summary abbr aria-label aria-description";
/// Attributes that lead elsewhere.
const LEADS: &str = "href xlink:href action formaction";
/// The tag that changes the direction of text.
const TURNED: &str = "bdo";
/// Tags with hidden content.
const HIDDEN: [&str; 3] = ["script", "style", "template"];
/// The largest picture that counts as letterhead, in bytes of a `data:` URL.
const LETTERHEAD: usize = 64 * 1024;

/// An embedded picture that a page shows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ShownPicture {
    /// Its content id.
    pub(super) id: String,
    /// The sides that the page gives it, in CSS pixels.
    pub(super) width: Option<u32>,
    pub(super) height: Option<u32>,
}

impl ShownPicture {
    /// Whether a picture with these bytes is small enough here to be letterhead.
    pub(super) fn is_small(&self, bytes: &[u8]) -> bool {
        let shown = self.size(PictureSize::of(bytes));
        bytes.len() < PictureSize::SHORTEST || shown.is_some_and(PictureSize::is_letterhead)
    }

    /// The area in which a picture with these bytes is shown; none if it shows nothing.
    pub(super) fn area(&self, bytes: &[u8]) -> u64 {
        let shown = self.size(PictureSize::of(bytes));
        shown.map_or(0, PictureSize::area)
    }

    /// The size in which a picture is shown. A side that the page does not give is that of the picture itself.
    fn size(&self, own: Option<PictureSize>) -> Option<PictureSize> {
        let scaled = |side: u32, given: u32, of: u32| {
            let side = u64::from(side) * u64::from(given) / u64::from(of.max(1));
            u32::try_from(side).unwrap_or(u32::MAX)
        };
        match (self.width, self.height) {
            (Some(width), Some(height)) => Some(PictureSize { width, height }),
            (Some(width), None) => own.map(|own| PictureSize {
                width,
                height: scaled(own.height, width, own.width),
            }),
            (None, Some(height)) => own.map(|own| PictureSize {
                width: scaled(own.width, height, own.height),
                height,
            }),
            (None, None) => own,
        }
    }
}

/// The content of a page.
#[derive(Debug, Default)]
pub(super) struct HtmlPage {
    pub(super) text: String,
    pub(super) title: String,
    /// The embedded pictures that it shows.
    pub(super) pictures: Vec<ShownPicture>,
    /// Visible content that was not read.
    pub(super) unread: Vec<String>,
    /// Where its links lead.
    pub(super) links: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Spacing {
    #[default]
    None,
    Blank,
    Line,
    Block,
}

#[derive(Default)]
struct PageWriter {
    page: HtmlPage,
    gap: Spacing,
    quotes: usize,
    preformatted: usize,
    hidden: Option<String>,
    /// Whether the hidden content is marked-up data, which mail programs show.
    marks_up: bool,
    in_title: bool,
    /// Whether the content of a conditional comment is being read.
    conditional: bool,
    /// The page's own styles.
    sheets: String,
    /// The area of the pictures that are not parts of the message.
    area: u64,
    /// The classes and names by which a style may mean a picture.
    marks: Vec<String>,
}

/// The encoding that a page declares.
pub(super) fn declared(bytes: &[u8]) -> Option<String> {
    static META: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?i)<meta\s[^>]{0,200}?charset\s*=\s*["']?\s*([a-z0-9_.:-]{2,40})"#).ok()
    });
    let head = bytes.get(..4096).unwrap_or(bytes);
    let found = META.as_ref()?.captures(head)?;
    let label = found.get(1)?.as_bytes();
    Some(String::from_utf8_lossy(label).into_owned())
}

/// Whether a text is HTML, not plain text with an angle bracket.
pub(super) fn is_html(text: &str) -> bool {
    let Some(rest) = text.trim_start().strip_prefix('<') else {
        return false;
    };
    let rest = rest.to_ascii_lowercase();
    let name = rest
        .split(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    let inline = "a b br em font i img meta span strong style title u";
    rest.starts_with("!doctype html")
        || rest.starts_with("!--")
        || (lists(BLOCKS, name) || lists(inline, name)) && rest.contains('>')
}

pub(super) fn read(html: &str) -> HtmlPage {
    let mut writer = PageWriter::default();
    writer.read(html);
    writer.letterhead();
    writer.page
}

/// The content of a conditional comment, which Outlook shows.
fn conditional(comment: &str) -> Option<&str> {
    let (condition, rest) = comment.trim_start().split_once(']')?;
    let condition = condition.strip_prefix('[')?.trim_start();
    let is_one = condition.get(..2)?.eq_ignore_ascii_case("if");
    rest.trim_start().strip_prefix('>').filter(|_| is_one)
}

impl PageWriter {
    fn read(&mut self, html: &str) {
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        for token in Tokenizer::new_with_emitter(html, emitter) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => self.begin(&tag),
                Token::EndTag(tag) => {
                    let name = lossy(&tag.name);
                    self.unknown(&name);
                    self.end(&name);
                }
                Token::String(text) => self.add_text(&lossy(&text)),
                Token::Comment(text) => self.comment(&lossy(&text)),
                Token::Error(error) if is_cut_off(error.value) => self.cut_off(),
                Token::Error(error) if error.value == html5gum::Error::EndTagWithAttributes => {
                    self.unread("what stands within an end tag (not read)");
                }
                Token::Doctype(doctype) if !doctype.name.eq_ignore_ascii_case(b"html") => {
                    self.block(&lossy(&doctype.name));
                }
                Token::Doctype(_) | Token::Error(_) => {}
            }
        }
        if self.hidden.is_some() {
            self.cut_off();
        }
    }

    /// Names pictures that may be more than letterhead: each is small, but many are one, or a style enlarges them.
    fn letterhead(&mut self) {
        if self.area > PictureSize::LETTERHEAD.area() {
            self.unread("pictures that are large together (not read)");
        }
        if !self.marks.is_empty() && style::enlarges_any(&self.sheets, &self.marks) {
            self.unread(style::LARGE);
        }
    }

    /// Keeps the name of a tag that HTML does not have: it may be a word, or an id. Office's tags have a prefix.
    fn unknown(&mut self, name: &str) {
        let office = ["o:", "v:", "w:", "m:", "u1:", "st1:"];
        let is_known = lists(BLOCKS, name)
            || lists(UNREAD, name)
            || lists(INLINE, name)
            || office.iter().any(|prefix| name.starts_with(prefix)) && !names_id(name);
        if !is_known && self.hidden.is_none() {
            self.block(&format!("<{name}>"));
        }
    }

    /// Records that the text after the start of an unterminated tag is not shown.
    fn cut_off(&mut self) {
        self.unread("what follows a tag that does not end (not read)");
    }

    fn unread(&mut self, what: &str) {
        self.page.unread.push(what.to_owned());
    }

    /// Comments are hidden, except for conditional ones, which some clients show. A nested one is kept as written, to bound the
    /// recursion.
    fn comment(&mut self, text: &str) {
        match conditional(text) {
            None => self.aside(text),
            Some(_) if self.conditional => self.block(text.trim()),
            Some(inner) => {
                let mut within = Self {
                    conditional: true,
                    ..Self::default()
                };
                within.read(inner);
                let HtmlPage {
                    text,
                    title,
                    pictures,
                    unread,
                    links,
                } = within.page;
                self.sheets.push_str(&within.sheets);
                self.area = self.area.saturating_add(within.area);
                self.marks.append(&mut within.marks);
                for said in [title, text] {
                    if !said.trim().is_empty() {
                        self.block(said.trim());
                    }
                }
                self.page.pictures.extend(pictures);
                self.page.unread.extend(unread);
                self.page.links.extend(links);
            }
        }
    }
}

const fn is_cut_off(error: html5gum::Error) -> bool {
    use html5gum::Error as E;
    matches!(
        error,
        E::EofInTag | E::EofInComment | E::EofInCdata | E::EofInScriptHtmlCommentLikeText
    )
}

/// Whether the `rel` of a link has it style the page.
fn is_style(rel: &str) -> bool {
    let mut words = rel.split_ascii_whitespace();
    words.any(|word| word.eq_ignore_ascii_case("stylesheet"))
}

/// Whether an attribute may be empty without being words.
fn is_flag(name: &str) -> bool {
    let usual = "class id style href src width height align valign bgcolor background border color \
        face lang dir target rel name value role type size content cellpadding cellspacing";
    let own = ["data-", "aria-", "xmlns:", "v:", "o:"];
    lists(FLAGS, name) || lists(usual, name) || own.iter().any(|prefix| name.starts_with(prefix))
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    let found = tag.attributes.get(name.as_bytes())?;
    Some(lossy(found).trim().to_owned())
}

#[cfg(test)]
mod tests;
