//! HTML as displayed: visual separation is kept in the text, and hidden content with meaning is included.

use std::sync::LazyLock;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};
use regex::bytes::Regex;

use super::code::base64;
use super::header_value::is_address_link;
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

impl PageWriter {
    fn begin(&mut self, tag: &StartTag<()>) {
        let name = lossy(&tag.name);
        if self.hidden.is_some() {
            return;
        }
        self.unknown(&name);
        match name.as_str() {
            "br" => self.part(Spacing::Line),
            // `1<sup>2</sup>` is not twelve.
            "sup" | "sub" => self.part(Spacing::Blank),
            "img" => self.picture(tag),
            "input" => {
                let kind = attribute(tag, "type").unwrap_or_default();
                if kind.eq_ignore_ascii_case("image") {
                    self.picture(tag);
                }
                if !kind.eq_ignore_ascii_case("hidden")
                    && let Some(value) = attribute(tag, "value")
                {
                    self.block(&value);
                }
            }
            "blockquote" => self.quotes += 1,
            "pre" | "textarea" => self.preformatted += 1,
            "title" => self.in_title = true,
            // Outlook's settings in XML.
            name if (HIDDEN.contains(&name) || self.conditional && name == "xml")
                && !tag.self_closing =>
            {
                let kind = attribute(tag, "type").unwrap_or_default();
                self.marks_up = kind.to_ascii_lowercase().contains("ld+json");
                self.hidden = Some(name.to_owned());
            }
            name if STRUCK.contains(&name) => self.push_text("~~"),
            // A style may add text and strike it out.
            "link" if attribute(tag, "rel").is_none_or(|rel| is_style(&rel)) => {
                self.unread("a style from elsewhere (not read)");
            }
            name if name.starts_with("v:") => self.drawing(tag),
            name if lists(UNREAD, name) || name == TURNED => {
                self.unread(&format!("what <{name}> shows (not read)"));
            }
            _ => {}
        }
        if lists(BLOCKS, &name) {
            self.part(Spacing::Block);
        }
        self.style(tag);
        self.attributes(tag);
    }

    /// A drawing of Outlook's (VML): a picture in it is not read, and a text on a path stands in an attribute.
    fn drawing(&mut self, tag: &StartTag<()>) {
        let of = |name| attribute(tag, name).filter(|value| !value.is_empty());
        if ["src", "o:href", "o:title"]
            .into_iter()
            .any(|name| of(name).is_some())
        {
            self.unread("a picture in a drawing (not read)");
        }
        if let Some(text) = of("string") {
            self.block(&text);
        }
    }

    fn style(&mut self, tag: &StartTag<()>) {
        let style = attribute(tag, "style").unwrap_or_default();
        if attribute(tag, "background").is_some_and(|behind| !behind.is_empty()) {
            self.unread("a picture behind the text (not read)");
        }
        let shown = self.styled(&style);
        if shown.strikes {
            self.push_text("~~");
        }
    }

    /// Takes what a style shows of its own.
    fn styled(&mut self, style: &str) -> style::StyleContent {
        let shown = style::shown(style);
        for what in &shown.unread {
            self.unread(what);
        }
        if shown.words {
            self.block(style.trim());
        }
        shown
    }

    fn attributes(&mut self, tag: &StartTag<()>) {
        let picture = (tag.name.as_slice() == b"img").then(|| attribute(tag, "alt"));
        for (name, value) in &tag.attributes {
            let (name, value) = (lossy(name), lossy(value));
            let is_plain = name.is_ascii() && !names_id(&name);
            if !is_plain || value.is_empty() && !is_flag(&name) {
                self.block(&name);
            }
            let leads = lists(LEADS, &name) && tag.name.as_slice() != b"link";
            // Mail programs link each address that they show.
            if leads && !is_address_link(&value) {
                self.page.links.push(value.clone());
            }
            match name.as_str() {
                // Mail programs show marked-up data.
                "content" if attribute(tag, "itemprop").is_some() => self.block(value.trim()),
                // The number that a list shows.
                "start" if tag.name.as_slice() == b"ol" && value.trim() != "1" => {
                    self.block(value.trim());
                }
                "value" if tag.name.as_slice() == b"li" => self.block(value.trim()),
                // The picture's alternative text has been read already.
                "alt" if picture.is_some() => {}
                // A hint may only repeat that text.
                name if lists(HINTS, name) => {
                    let value = value.trim();
                    if picture
                        .as_ref()
                        .is_none_or(|alt| alt.as_deref() != Some(value))
                    {
                        self.block(value);
                    }
                }
                // A link may contain an instance id.
                _ => self.aside(&value),
            }
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(hidden) = &self.hidden {
            if hidden == name {
                self.hidden = None;
            }
            return;
        }
        match name {
            "blockquote" => self.quotes = self.quotes.saturating_sub(1),
            "pre" | "textarea" => self.preformatted = self.preformatted.saturating_sub(1),
            "title" => self.in_title = false,
            name if STRUCK.contains(&name) => self.push_text("~~"),
            _ => {}
        }
        if lists(BLOCKS, name) || name == "textarea" {
            self.part(Spacing::Block);
        }
    }

    fn add_text(&mut self, text: &str) {
        if self.hidden.is_some() {
            return match self.hidden.as_deref() {
                Some("style") => {
                    self.sheets.push_str(text);
                    let shown = self.styled(text);
                    if shown.strikes {
                        self.unread("what a style strikes out (not read)");
                    }
                    if !shown.words {
                        self.aside(text);
                    }
                }
                Some(_) if self.marks_up => self.block(text.trim()),
                Some(_) | None => self.aside(text),
            };
        }
        if self.in_title {
            return self.page.title.push_str(text);
        }
        for c in text.chars() {
            match c {
                '\n' if self.preformatted > 0 => self.part(Spacing::Line),
                ' ' if self.preformatted > 0 => self.push_text(" "),
                ' ' | '\t' | '\n' | '\r' | '\u{c}' => self.part(Spacing::Blank),
                c => self.push_text(c.encode_utf8(&mut [0; 4])),
            }
        }
    }

    /// Hidden text, which is kept if it contains an instance id.
    fn aside(&mut self, text: &str) {
        if names_id(text) {
            self.block(text.trim());
        }
    }

    fn block(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        self.part(Spacing::Block);
        self.push_text(text);
        self.part(Spacing::Block);
    }

    fn part(&mut self, gap: Spacing) {
        self.gap = self.gap.max(gap);
    }

    fn push_text(&mut self, text: &str) {
        let gap = std::mem::take(&mut self.gap);
        let begins = self.page.text.is_empty();
        match gap {
            Spacing::None | Spacing::Blank | Spacing::Line | Spacing::Block if begins => {}
            Spacing::None => {}
            Spacing::Blank => self.page.text.push(' '),
            Spacing::Line => self.page.text.push('\n'),
            Spacing::Block => self.page.text.push_str("\n\n"),
        }
        if self.quotes > 0 && (begins || gap >= Spacing::Line) {
            self.page.text.push_str("> ");
        }
        self.page.text.push_str(text);
    }

    /// A picture counts as its alternative text. One with an empty text is letterhead if it is small.
    fn picture(&mut self, tag: &StartTag<()>) {
        let source = attribute(tag, "src").unwrap_or_default();
        let style = attribute(tag, "style").unwrap_or_default();
        let size = |side| {
            let size = attribute(tag, side)?;
            let size = size.trim_end_matches("px").trim().parse::<u32>();
            Some(size.unwrap_or(u32::MAX))
        };
        let PictureSize { width, height } = PictureSize::LETTERHEAD;
        let is_larger = |width, height| {
            let sides = [("width", width), ("height", height)];
            sides.into_iter().any(|(side, most)| {
                size(side).is_some_and(|size| size > most) || style::enlarges(&style, side, most)
            })
        };
        let given = |side| size(side).or_else(|| style::side(&style, side));
        let shown = ShownPicture {
            id: source.strip_prefix("cid:").unwrap_or_default().to_owned(),
            width: given("width"),
            height: given("height"),
        };
        let is_dot = size("width").is_some() && size("height").is_some() && !is_larger(1, 1);
        let is_small = || match source.split_once(";base64,") {
            // The size of an embedded picture is known where its part is read.
            _ if !shown.id.is_empty() => true,
            Some((kind, data)) if kind.starts_with("data:") => {
                data.len() <= LETTERHEAD && shown.is_small(&base64(data.as_bytes()).bytes)
            }
            _ => shown.size(None).is_some_and(PictureSize::is_letterhead),
        };
        let area = || match source.split_once(";base64,") {
            // That of a part is known where the part is read.
            _ if !shown.id.is_empty() => 0,
            Some((kind, data)) if kind.starts_with("data:") => {
                shown.area(&base64(data.as_bytes()).bytes)
            }
            _ => shown.size(None).unwrap_or(PictureSize::LETTERHEAD).area(),
        };
        self.area = self.area.saturating_add(area());
        let alt = attribute(tag, "alt");
        if let Some(alt) = alt.as_deref().filter(|alt| !alt.is_empty()) {
            self.block(alt);
        }
        let is_letterhead = match alt.as_deref() {
            None => is_dot,
            Some("") => !is_larger(width, height) && is_small(),
            Some(_) => !is_larger(width, height),
        };
        if !is_letterhead {
            self.unread("a picture without a text (not read)");
        }
        let named = attribute(tag, "id").map(|id| format!("#{id}"));
        let classes = attribute(tag, "class").unwrap_or_default();
        let classes = classes.split_ascii_whitespace();
        let marks = classes.map(|class| format!(".{class}")).chain(named);
        self.marks.push("img".to_owned());
        self.marks
            .extend(marks.map(|mark| mark.to_ascii_lowercase()));
        if !shown.id.is_empty() {
            self.page.pictures.push(shown);
        }
    }
}

#[cfg(test)]
mod tests;
