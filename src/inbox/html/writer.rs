//! Writes the visible text of a page, tag by tag.

use html5gum::StartTag;

use super::{
    BLOCKS, HIDDEN, HINTS, LEADS, LETTERHEAD, PageWriter, STRUCK, ShownPicture, Spacing, TURNED,
    UNREAD, attribute, is_flag, is_style, lossy,
};
use crate::domain::written::lists;
use crate::inbox::code::base64;
use crate::inbox::header_value::is_address_link;
use crate::inbox::picture::PictureSize;
use crate::inbox::{names_id, style};

impl PageWriter {
    pub(super) fn begin(&mut self, tag: &StartTag<()>) {
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

    pub(super) fn end(&mut self, name: &str) {
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

    pub(super) fn add_text(&mut self, text: &str) {
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
    pub(super) fn aside(&mut self, text: &str) {
        if names_id(text) {
            self.block(text.trim());
        }
    }

    pub(super) fn block(&mut self, text: &str) {
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
