//! The bot's requests according to Discord's published description of its API: method, path and query, the fields of each body with
//! their types, required fields and length limits; other fields are not allowed.

use serde_json::Value;

use super::fake::record::{Authorization, Recorded};

/// What a value has to be.
enum Is {
    /// A text of so many characters at most.
    Text(usize),
    /// A text of so many characters at most, and one at least.
    Words(usize),
    /// An id, as text.
    Id,
    Flag,
    Number(u64),
    /// One of these numbers.
    OneOf(&'static [u64]),
    Word(&'static [&'static str]),
    /// At most so many of these.
    List(usize, &'static Self),
    Object(&'static [Field]),
    /// An object whose `type` says which of these it is.
    Kinds(&'static [(u64, &'static [Field])]),
    /// A number or a text.
    Choice,
}

/// A field: its name, whether it has to be there, and what it is.
type Field = (&'static str, bool, Is);

const IDS: Is = Is::List(100, &Is::Id);
const MENTIONS: Is = Is::Object(&[
    (
        "parse",
        false,
        Is::List(3, &Is::Word(&["users", "roles", "everyone"])),
    ),
    ("users", false, IDS),
    ("roles", false, IDS),
    ("replied_user", false, Is::Flag),
]);
const EMBED: Is = Is::Object(&[
    ("title", false, Is::Text(256)),
    ("description", false, Is::Text(4096)),
    ("color", false, Is::Number(0xff_ffff)),
    ("url", false, Is::Text(2048)),
    (
        "footer",
        false,
        Is::Object(&[("text", false, Is::Text(2048))]),
    ),
    (
        "fields",
        false,
        Is::List(
            25,
            &Is::Object(&[
                ("name", true, Is::Words(256)),
                ("value", true, Is::Words(1024)),
                ("inline", false, Is::Flag),
            ]),
        ),
    ),
]);
const KIND: Is = Is::Number(20);
const OPTION: Is = Is::Object(&[
    ("label", true, Is::Words(100)),
    ("value", true, Is::Words(100)),
    ("description", false, Is::Text(100)),
]);
const BUTTON: &[Field] = &[
    ("type", true, KIND),
    ("style", true, Is::OneOf(&[1, 2, 3, 4])),
    ("label", false, Is::Text(80)),
    ("custom_id", true, Is::Words(100)),
    ("disabled", false, Is::Flag),
];
const MENU: &[Field] = &[
    ("type", true, KIND),
    ("custom_id", true, Is::Words(100)),
    ("placeholder", false, Is::Text(150)),
    ("options", true, Is::List(25, &OPTION)),
];
const INPUT: &[Field] = &[
    ("type", true, KIND),
    ("custom_id", true, Is::Words(100)),
    ("style", true, Is::OneOf(&[1, 2])),
    ("label", true, Is::Words(45)),
    ("value", false, Is::Text(4000)),
    ("placeholder", false, Is::Text(100)),
    ("required", false, Is::Flag),
    ("min_length", false, Is::Number(4000)),
    ("max_length", false, Is::Number(4000)),
];
const ROW: Is = Is::Object(&[
    ("type", true, Is::OneOf(&[1])),
    (
        "components",
        true,
        Is::List(5, &Is::Kinds(&[(2, BUTTON), (3, MENU)])),
    ),
]);
const FORM_ROW: Is = Is::Object(&[
    ("type", true, Is::OneOf(&[1])),
    ("components", true, Is::List(1, &Is::Kinds(&[(4, INPUT)]))),
]);
const ATTACHMENT: Is = Is::Object(&[
    ("id", true, Is::Id),
    ("filename", false, Is::Text(1024)),
    ("description", false, Is::Text(1024)),
]);
const CONTENT: Field = ("content", false, Is::Text(2000));
const EMBEDS: Field = ("embeds", false, Is::List(10, &EMBED));
const ROWS: Field = ("components", false, Is::List(5, &ROW));
const ALLOWED: Field = ("allowed_mentions", false, MENTIONS);
const ATTACHMENTS: Field = ("attachments", false, Is::List(10, &ATTACHMENT));
/// Only `EPHEMERAL`.
const FLAGS: Field = ("flags", false, Is::OneOf(&[0, 64]));

const POST: Is = Is::Object(&[
    CONTENT,
    EMBEDS,
    ROWS,
    ALLOWED,
    ATTACHMENTS,
    ("nonce", false, Is::Text(25)),
    ("enforce_nonce", false, Is::Flag),
    (
        "message_reference",
        false,
        Is::Object(&[
            ("message_id", true, Is::Id),
            ("fail_if_not_exists", false, Is::Flag),
        ]),
    ),
]);
const EDIT: Is = Is::Object(&[CONTENT, EMBEDS, ROWS, ALLOWED, ATTACHMENTS]);
const SAID: Is = Is::Object(&[CONTENT, EMBEDS, ROWS, ALLOWED, ATTACHMENTS, FLAGS]);
const CHOICE: Is = Is::Object(&[("name", true, Is::Words(100)), ("value", true, Is::Choice)]);
const CALLBACK: Is = Is::Kinds(&[
    (4, &[("type", true, KIND), ("data", true, SAID)]),
    (
        5,
        &[("type", true, KIND), ("data", false, Is::Object(&[FLAGS]))],
    ),
    (6, &[("type", true, KIND)]),
    (7, &[("type", true, KIND), ("data", true, EDIT)]),
    (
        8,
        &[
            ("type", true, KIND),
            (
                "data",
                true,
                Is::Object(&[("choices", true, Is::List(25, &CHOICE))]),
            ),
        ],
    ),
    (
        9,
        &[
            ("type", true, KIND),
            (
                "data",
                true,
                Is::Object(&[
                    ("custom_id", true, Is::Words(100)),
                    ("title", true, Is::Words(45)),
                    ("components", true, Is::List(5, &FORM_ROW)),
                ]),
            ),
        ],
    ),
]);

const LEAF: &[Field] = &[
    ("type", true, KIND),
    ("name", true, Is::Words(32)),
    ("description", true, Is::Words(100)),
    ("required", false, Is::Flag),
    ("autocomplete", false, Is::Flag),
    ("choices", false, Is::List(25, &CHOICE)),
    ("min_value", false, Is::Number(1 << 53)),
    ("max_value", false, Is::Number(1 << 53)),
    ("min_length", false, Is::Number(6000)),
    ("max_length", false, Is::Number(6000)),
    (
        "channel_types",
        false,
        Is::List(20, &Is::OneOf(&[0, 2, 4, 5, 10, 11, 12, 13, 15])),
    ),
];
const LEAVES: Is = Is::List(
    25,
    &Is::Kinds(&[
        (3, LEAF),
        (4, LEAF),
        (5, LEAF),
        (6, LEAF),
        (7, LEAF),
        (8, LEAF),
        (10, LEAF),
        (11, LEAF),
    ]),
);
const SUB: &[Field] = &[
    ("type", true, KIND),
    ("name", true, Is::Words(32)),
    ("description", true, Is::Words(100)),
    ("options", false, LEAVES),
];
const GROUP: &[Field] = &[
    ("type", true, KIND),
    ("name", true, Is::Words(32)),
    ("description", true, Is::Words(100)),
    ("options", false, Is::List(25, &Is::Kinds(&[(1, SUB)]))),
];
const COMMAND: Is = Is::Object(&[
    ("type", false, Is::OneOf(&[1, 2, 3])),
    ("name", true, Is::Words(32)),
    ("description", false, Is::Text(100)),
    ("contexts", false, Is::List(3, &Is::OneOf(&[0, 1, 2]))),
    ("integration_types", false, Is::List(2, &Is::OneOf(&[0, 1]))),
    (
        "default_member_permissions",
        false,
        Is::Number(2_251_799_813_685_247),
    ),
    (
        "options",
        false,
        Is::List(
            25,
            &Is::Kinds(&[
                (1, SUB),
                (2, GROUP),
                (3, LEAF),
                (4, LEAF),
                (5, LEAF),
                (6, LEAF),
                (7, LEAF),
                (8, LEAF),
                (10, LEAF),
                (11, LEAF),
            ]),
        ),
    ),
]);
const THREAD: Is = Is::Object(&[
    ("name", true, Is::Words(100)),
    (
        "auto_archive_duration",
        false,
        Is::OneOf(&[60, 1440, 4320, 10080]),
    ),
]);
const DIRECT: Is = Is::Object(&[("recipient_id", true, Is::Id)]);
const NOTHING: Is = Is::Object(&[]);

/// Method and path, what the query may hold, whether the bot's token goes along, and the body.
const ENDPOINTS: &[(&str, &[&str], bool, Is)] = &[
    ("GET /gateway", &[], true, NOTHING),
    ("GET /gateway/bot", &[], true, NOTHING),
    ("GET /users/@me", &[], true, NOTHING),
    ("POST /users/@me/channels", &[], true, DIRECT),
    ("GET /oauth2/applications/@me", &[], true, NOTHING),
    (
        "GET /applications/*/commands",
        &["with_localizations"],
        true,
        NOTHING,
    ),
    (
        "PUT /applications/*/commands",
        &[],
        true,
        Is::List(100, &COMMAND),
    ),
    (
        "GET /applications/*/guilds/*/commands",
        &["with_localizations"],
        true,
        NOTHING,
    ),
    (
        "PUT /applications/*/guilds/*/commands",
        &[],
        true,
        Is::List(100, &COMMAND),
    ),
    ("GET /guilds/*", &["with_counts"], true, NOTHING),
    ("GET /guilds/*/channels", &[], true, NOTHING),
    ("GET /guilds/*/members/*", &[], true, NOTHING),
    ("GET /guilds/*/roles/member-counts", &[], true, NOTHING),
    ("GET /channels/*", &[], true, NOTHING),
    (
        "GET /channels/*/messages",
        &["limit", "before", "after", "around"],
        true,
        NOTHING,
    ),
    ("GET /channels/*/messages/*", &[], true, NOTHING),
    ("POST /channels/*/messages", &[], true, POST),
    ("PATCH /channels/*/messages/*", &[], true, EDIT),
    ("POST /channels/*/messages/*/threads", &[], true, THREAD),
    (
        "PUT /channels/*/messages/*/reactions/?/@me",
        &[],
        true,
        NOTHING,
    ),
    (
        "DELETE /channels/*/messages/*/reactions/?/@me",
        &[],
        true,
        NOTHING,
    ),
    (
        "POST /interactions/*/:token/callback",
        &["with_response"],
        false,
        CALLBACK,
    ),
    (
        "POST /webhooks/*/:token",
        &["wait", "thread_id"],
        false,
        SAID,
    ),
    (
        "PATCH /webhooks/*/:token/messages/@original",
        &["thread_id"],
        false,
        EDIT,
    ),
    (
        "GET /attachments/*/*/?",
        &["ex", "is", "hm"],
        false,
        NOTHING,
    ),
];

/// What Discord would not expect of these requests.
pub(super) fn complaints(requests: &[Recorded]) -> Vec<String> {
    let complaints = requests.iter().flat_map(|one| {
        let line = one.line();
        let said = of_request(one).into_iter();
        said.map(move |complaint| format!("{line}: {complaint}"))
    });
    complaints.collect()
}

fn of_request(one: &Recorded) -> Vec<String> {
    let found = ENDPOINTS
        .iter()
        .find(|(line, ..)| is_path(&one.line(), line));
    let Some((_, query, with_token, body)) = found else {
        return vec!["there is no such endpoint".to_owned()];
    };
    let mut complaints = Vec::new();
    for (key, _) in &one.query {
        if !query.contains(&key.as_str()) {
            complaints.push(format!("no query holds `{key}`"));
        }
    }
    if *with_token != (one.authorization == Authorization::Bot) {
        complaints.push(format!("{:?} goes along", one.authorization));
    }
    match (body, &one.body) {
        (Is::Object([]), Value::Null) => {}
        (body, given) => check(body, given, "body", &mut complaints),
    }
    complaints.extend(of_message(one));
    complaints
}

/// What a message holds: something at all, and a file for each attachment that is described.
fn of_message(one: &Recorded) -> Vec<String> {
    let data = match one.body.get("data") {
        Some(data) if one.body["type"] == 4 => data,
        Some(_) => return Vec::new(),
        None => &one.body,
    };
    let is_new = one.method == "POST"
        && (one.path.ends_with("/messages") || one.path.starts_with("/webhooks/"))
        || one.body["type"] == 4;
    let mut complaints = Vec::new();
    let filled = |name: &str| match data.get(name) {
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(list)) => !list.is_empty(),
        _ => false,
    };
    if is_new && one.files.is_empty() && !filled("content") && !filled("embeds") {
        complaints.push("an empty message".to_owned());
    }
    let described = data["attachments"].as_array().map_or(0, Vec::len);
    if described != one.files.len() {
        complaints.push(format!(
            "{described} attachments, {} files",
            one.files.len()
        ));
    }
    complaints
}

/// `*` stands for an id and `?` for anything.
fn is_path(line: &str, pattern: &str) -> bool {
    let (given, wanted) = (line.split('/'), pattern.split('/'));
    let same = |(given, wanted): (&str, &str)| match wanted {
        "*" => is_id(given),
        "?" => !given.is_empty(),
        _ => given == wanted,
    };
    given.clone().count() == wanted.clone().count() && given.zip(wanted).all(same)
}

fn is_id(text: &str) -> bool {
    text.parse::<u64>().is_ok_and(|id| id.to_string() == text)
}

fn check(is: &Is, value: &Value, at: &str, out: &mut Vec<String>) {
    let number = value.as_u64();
    let fits = match is {
        Is::Text(most) => value
            .as_str()
            .is_some_and(|text| text.chars().count() <= *most),
        Is::Words(most) => value
            .as_str()
            .is_some_and(|text| (1..=*most).contains(&text.chars().count())),
        Is::Id => value.as_str().is_some_and(is_id),
        Is::Flag => value.is_boolean(),
        Is::Number(most) => number.is_some_and(|number| number <= *most),
        Is::OneOf(all) => number.is_some_and(|number| all.contains(&number)),
        Is::Word(all) => value.as_str().is_some_and(|word| all.contains(&word)),
        Is::Choice => value.is_string() || value.is_number(),
        Is::List(most, of) => match value.as_array() {
            Some(list) => {
                let all = list.iter().enumerate();
                all.for_each(|(nth, one)| check(of, one, &format!("{at}[{nth}]"), out));
                list.len() <= *most
            }
            None => false,
        },
        Is::Object(fields) => of_fields(fields, value, at, out),
        Is::Kinds(kinds) => {
            let kind = kinds.iter().find(|(kind, _)| value["type"] == *kind);
            kind.is_some_and(|(_, fields)| of_fields(fields, value, at, out))
        }
    };
    if !fits {
        let shown: String = value.to_string().chars().take(200).collect();
        out.push(format!("{at} cannot be {shown}"));
    }
}

fn of_fields(fields: &[Field], value: &Value, at: &str, out: &mut Vec<String>) -> bool {
    let Some(given) = value.as_object() else {
        return false;
    };
    for (name, required, is) in fields {
        match given.get(*name) {
            Some(value) => check(is, value, &format!("{at}.{name}"), out),
            None if *required => out.push(format!("{at}.{name} is missing")),
            None => {}
        }
    }
    for name in given.keys() {
        if !fields.iter().any(|(known, ..)| known == name) {
            out.push(format!("{at}.{name} is unknown"));
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(method: &str, path: &str, body: Value) -> Vec<String> {
        complaints(&[Recorded {
            method: method.to_owned(),
            path: path.to_owned(),
            query: Vec::new(),
            body,
            files: Vec::new(),
            authorization: Authorization::Bot,
            status: 200,
        }])
    }

    #[test]
    fn what_is_not_as_published_is_complained_of() {
        let post = |body| said("POST", "/channels/1/messages", body);
        assert_eq!(post(json!({ "content": "x" })), Vec::<String>::new());
        for wrong in [
            json!({}),
            json!({ "content": "" }),
            json!({ "content": "x", "attachments": [{ "id": "0" }] }),
            json!({ "content": 1 }),
            json!({ "content": "x".repeat(2001) }),
            json!({ "contents": "x" }),
            json!({ "attachments": [{ "id": 0 }] }),
            json!({ "allowed_mentions": { "parse": ["nobody"] } }),
            json!({ "components": [{ "type": 1, "components": [{ "type": 2, "style": 7 }] }] }),
            json!({ "message_reference": {} }),
        ] {
            assert_ne!(post(wrong.clone()), Vec::<String>::new(), "{wrong}");
        }
        assert_ne!(
            said("POST", "/channels/x/messages", json!({})),
            Vec::<String>::new()
        );
        assert_ne!(
            said("PUT", "/channels/1/messages", json!({})),
            Vec::<String>::new()
        );
    }
}
