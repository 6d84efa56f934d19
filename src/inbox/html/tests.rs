use super::*;

const ID: &str = "MQ_INST_2080056302921134_AbCdEf12";

#[test]
fn what_stands_apart_stands_apart() {
    for (html, text) in [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br>b<BR/>c", "a\nb\nc"),
        ("<div>a<div>b</div>c</div>", "a\n\nb\n\nc"),
        ("<ul><li>a<li>b</ul>c", "a\n\nb\n\nc"),
        ("<ol start=1><li>a</ol>", "a"),
        ("<ol start=3><li>a</ol>", "3\n\na"),
        ("<ol><li value=12>a</ol>", "12\n\na"),
        (
            "<table><tr><th>a</th><th>b</th></tr><tr><td>c<td>d</table>",
            "a\n\nb\n\nc\n\nd",
        ),
        ("<dl><dt>a<dd>b</dl>", "a\n\nb"),
        ("MQ_<wbr>INST_<span>2</span><b>0</b>&#50;", "MQ_INST_202"),
        (" a \n <i> b</i>  c ", "a b c"),
        ("<pre>a\n b</pre>", "a\n b"),
        (
            "a<blockquote>b<p>c</p></blockquote>d",
            "a\n\n> b\n\n> c\n\nd",
        ),
        ("a &lt;b&gt; &amp;c&nbsp;d", "a <b> &c\u{a0}d"),
        (
            "<head><title>t</title><style>p{}</style></head><body>a<script>b</script>",
            "a",
        ),
        ("a<!-- b --><![if !mso]>c", "ac"),
        ("a<!--[if mso]><p>b</p><![endif]-->c", "a\n\nb\n\nc"),
        (
            "a<!-- [IF gte mso 9 ] >b<!-- [if x]>d<![endif]-->c",
            "a\n\nb\n\n[if x]>d<![endif]\n\nc",
        ),
        (
            "a<!--[if mso]><table><tr><td><![endif]-->b<!--[if mso]></td></tr></table><![endif]-->",
            "ab",
        ),
        (
            "a<!--[if gte mso 9]><xml><o:PixelsPerInch>96</o:PixelsPerInch></xml><style>p{}</style><![endif]-->b",
            "ab",
        ),
        ("a<!--[if !mso]><!-->b<!--<![endif]-->", "ab"),
        (
            "not <s>a</s> <span style='text-decoration: Line-Through'>b</span>",
            "not ~~a~~ ~~b",
        ),
        ("<details><summary>a</summary>b</details>", "a\n\nb"),
        (
            "<img src=x alt='The cloud'>a<input value=b><input type=hidden value=c>",
            "The cloud\n\na\n\nb",
        ),
        (
            "<b title='t'>a</b><i aria-label=l></i><input placeholder=p><select><optgroup label=g><option label=o></select><map><area alt=m></map>",
            "t\n\na\n\nl\n\np\n\ng\n\no\n\nm",
        ),
        ("<img src=x alt=a title=a><a title=''>b</a>", "a\n\nb"),
    ] {
        assert_eq!(read(html).text, text, "{html}");
    }
}

#[test]
fn what_names_an_instance_is_said_wherever_it_is() {
    for html in [
        format!("a<img alt='{ID}' src=x>"),
        format!(
            "<a href='https://x.example/?i={}'>a</a>",
            ID.replace('_', "%5F")
        ),
        format!("a<!-- {ID} -->"),
        format!("a<script>{ID}</script>"),
        format!("<b title='{ID}'>a</b>"),
        format!("a<map><area alt='{ID}'></map>"),
        format!("<style>p::after{{content:'{ID}'}}</style>a"),
    ] {
        assert!(read(&html).text.contains("2080056302921134"), "{html}");
    }
}

#[test]
fn pictures_and_the_like_are_unread() {
    for html in [
        "<img src=https://x.example/list.png>",
        "<iframe src=x></iframe>",
        "<object data=x></object>",
        "<video src=x></video>",
        "<bdo dir=rtl>a</bdo>",
        "<td background=list.png>a",
        "<p style='background: #fff url(list.png)'>a</p>",
        "<style>.a { background-image: url('list.png') }</style>a",
        "<style>p { text-decoration: Line-Through }</style>a",
        "<style>@import 'https://x.example/a.css';</style>a",
        "<link rel='alternate StyleSheet' href=https://x.example/a.css>a",
        "<link href=https://x.example/a.css>a",
        "a<p title=\"b and others",
        "a<!-- b and others",
        "a<style>p{} b and others",
    ] {
        assert_eq!(read(html).unread.len(), 1, "{html}");
    }
    let page =
        read("<img src='cid:logo@1' alt=''><img src=https://x.example/1 width=1 height=1px>");
    assert!(page.unread.is_empty() && page.text.is_empty());
    assert_eq!(page.pictures.len(), 1);
    assert_eq!(page.pictures[0].id, "logo@1");
    let harmless = read("<link rel=icon href=https://x.example/a.ico>a");
    assert!(harmless.unread.is_empty());
}

/// A picture is letterhead by the size in which it is shown: what the page says, and else its own.
#[test]
fn a_picture_is_as_large_as_it_is_shown() {
    let png = |width: u32, height: u32| {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend([width.to_be_bytes(), height.to_be_bytes()].concat());
        bytes.extend([b'x'; 60]);
        bytes
    };
    let unknown = [&b"\x89PNG"[..], &[b'x'; 80]].concat();
    for (attributes, bytes, is_small) in [
        ("", png(160, 40), true),
        ("", png(600, 400), false),
        ("", unknown.clone(), false),
        ("width=120 height=40", unknown.clone(), true),
        ("width=120 height=40", png(1200, 400), true),
        ("style='width:120px;height:40px'", unknown.clone(), true),
        ("width=120", png(1200, 400), true),
        ("width=120", png(1200, 2400), false),
        ("width=120", unknown.clone(), false),
        ("height=40", png(1200, 40), false),
        ("height=40", png(160, 40), true),
        ("style='max-width:100%'", png(600, 400), false),
        ("style='max-width:100px'", png(600, 400), true),
    ] {
        let page = read(&format!("<img alt='' src='cid:x' {attributes}>"));
        assert_eq!(page.unread, [""; 0], "{attributes}");
        assert_eq!(page.pictures[0].is_small(&bytes), is_small, "{attributes}");
    }
    for (size, is_unread) in [
        ("", true),
        ("width=160 height=40", false),
        ("style='width:160px;height:40px'", false),
        ("style='max-width:600px;max-height:400px'", true),
    ] {
        let page = read(&format!(
            "<img alt='' src='https://x.example/1.png' {size}>"
        ));
        assert_eq!(!page.unread.is_empty(), is_unread, "{size}");
    }
    let within = |data: &str| read(&format!("<img alt='' src='data:image/png;base64,{data}'>"));
    assert!(within("iVBORw0KGgo=").unread.is_empty());
    assert!(!within(&"AAAA".repeat(40)).unread.is_empty());
}

/// Slices are one picture, however small each is, and a style may scale what stands in it.
#[test]
fn many_small_pictures_and_scaled_ones_are_not_letterhead() {
    let of = |n: usize, size: &str| {
        format!("<img alt='' src='https://x.example/1.png' {size}>").repeat(n)
    };
    let logo = of(1, "class=a width=160 height=60");
    for (html, is_unread) in [
        (of(12, "width=320 height=120"), true),
        (of(2, "width=320 height=120"), true),
        (of(1, "width=320 height=120"), false),
        (format!("{logo}{}", of(6, "width=32 height=32")), false),
        (of(40, "width=1 height=1"), false),
        (format!("<td style='zoom:10'>{logo}"), true),
        (
            format!("<style>body{{transform:scale(4)}}</style>{logo}"),
            true,
        ),
        (format!("{logo}<style>.a{{width:900px}}</style>"), true),
        (format!("<style>.b{{width:900px}}</style>{logo}"), false),
        (
            format!("<!--[if mso]><style>.a{{width:900px}}</style><![endif]-->{logo}"),
            true,
        ),
    ] {
        assert_eq!(!read(&html).unread.is_empty(), is_unread, "{html}");
    }
}

#[test]
fn what_stands_within_a_tag_is_left_over() {
    for (html, left) in [
        (format!("a<{ID}>"), ID),
        (format!("a</{ID}>"), ID),
        (format!("a<p {ID}>b</p>"), ID),
        (format!("<!DOCTYPE {ID}>a"), ID),
        (format!("a<o:{ID}>"), ID),
        ("a<and 2 more>".to_owned(), "more"),
        ("will <not> be".to_owned(), "not"),
        ("<div>a</div><div 另外 >".to_owned(), "另外"),
        (
            "a<meta itemprop=name content=billing>".to_owned(),
            "billing",
        ),
        (
            "<table summary=billing><td abbr=orders>a".to_owned(),
            "billing",
        ),
    ] {
        let text = read(&html).text.to_lowercase();
        assert!(text.contains(&left.to_lowercase()), "{html}: {text}");
    }
    let page = read("<p>a</p and others>");
    assert_eq!(page.unread.len(), 1);
    assert_eq!(read("2026-12-1<sup>2</sup>").text, "2026-12-1 2");
    let plain = "<!doctype html><html xmlns:o=x lang=''><body bgcolor=''><p class='' align=center data-x><o:p></o:p>a<input disabled value=b></body></html>";
    assert_eq!(read(plain).text, "a\n\nb");
    assert!(read(plain).unread.is_empty());
}

#[test]
fn an_angle_bracket_alone_is_no_html() {
    for (text, is) in [
        ("<p>a", true),
        (" <!DOCTYPE html><p>", true),
        ("<https://x.example>", false),
        ("<3", false),
        ("<b", false),
        ("<@1> hello", false),
    ] {
        assert_eq!(is_html(text), is, "{text}");
    }
    assert_eq!(
        declared(b"<html><meta http-equiv=a content='text/html; charset=gb2312'>").as_deref(),
        Some("gb2312")
    );
}

#[test]
fn a_link_to_an_address_leads_nowhere() {
    let links = |html: &str| read(html).links;
    assert!(links("<a href='mailto:a@b.example'>a@b.example</a>").is_empty());
    let lead = "mailto:a@b.example?subject=gone";
    assert_eq!(links(&format!("<a href='{lead}'>a@b.example</a>")), [lead]);
}
