//! Discord's answers to a refused request.

use serde_json::{Value, json};

/// A status, Discord's own code and its words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refusal(pub(crate) u16, pub(crate) u32, pub(crate) &'static str);

pub(crate) const UNAUTHORIZED: Refusal = Refusal(401, 0, "401: Unauthorized");
pub(crate) const NOT_FOUND: Refusal = Refusal(404, 0, "404: Not Found");
pub(crate) const UNKNOWN_APPLICATION: Refusal = Refusal(404, 10002, "Unknown Application");
pub(crate) const UNKNOWN_CHANNEL: Refusal = Refusal(404, 10003, "Unknown Channel");
pub(crate) const UNKNOWN_GUILD: Refusal = Refusal(404, 10004, "Unknown Guild");
pub(crate) const UNKNOWN_MEMBER: Refusal = Refusal(404, 10007, "Unknown Member");
pub(crate) const UNKNOWN_MESSAGE: Refusal = Refusal(404, 10008, "Unknown Message");
pub(crate) const UNKNOWN_USER: Refusal = Refusal(404, 10013, "Unknown User");
pub(crate) const UNKNOWN_EMOJI: Refusal = Refusal(400, 10014, "Unknown Emoji");
pub(crate) const UNKNOWN_WEBHOOK: Refusal = Refusal(404, 10015, "Unknown Webhook");
pub(crate) const UNKNOWN_INTERACTION: Refusal = Refusal(404, 10062, "Unknown interaction");
pub(crate) const ALREADY_ACKNOWLEDGED: Refusal =
    Refusal(400, 40060, "Interaction has already been acknowledged.");
pub(crate) const MISSING_ACCESS: Refusal = Refusal(403, 50001, "Missing Access");
pub(crate) const NOT_THE_AUTHOR: Refusal =
    Refusal(403, 50005, "Cannot edit a message authored by another user");
pub(crate) const EMPTY_MESSAGE: Refusal = Refusal(400, 50006, "Cannot send an empty message");
pub(crate) const CANNOT_MESSAGE_USER: Refusal =
    Refusal(403, 50007, "Cannot send messages to this user");
pub(crate) const MISSING_PERMISSIONS: Refusal = Refusal(403, 50013, "Missing Permissions");
pub(crate) const INVALID_TOKEN: Refusal = Refusal(401, 50027, "Invalid Webhook Token");
pub(crate) const TOO_LARGE: Refusal = Refusal(413, 40005, "Request entity too large");
pub(crate) const INVALID_JSON: Refusal =
    Refusal(400, 50109, "The request body contains invalid JSON.");
pub(crate) const WRONG_KIND: Refusal =
    Refusal(400, 50024, "Cannot execute action on this channel type");
pub(crate) const ARCHIVED: Refusal = Refusal(400, 50083, "Thread is archived");
pub(crate) const THREAD_EXISTS: Refusal = Refusal(
    400,
    160_004,
    "A thread has already been created for this message",
);

/// The answer as it goes over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Rejection {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl From<Refusal> for Rejection {
    fn from(Refusal(status, code, message): Refusal) -> Self {
        Self {
            status,
            body: json!({ "code": code, "message": message }),
            headers: Vec::new(),
        }
    }
}

impl Rejection {
    /// `Invalid Form Body`, with each complaint at its dotted path.
    pub(crate) fn form(complaints: &[Complaint]) -> Self {
        let mut errors = json!({});
        for complaint in complaints {
            let mut place = &mut errors;
            for part in complaint.path.split('.').filter(|part| !part.is_empty()) {
                place = &mut place[part];
            }
            let entry = json!({ "code": complaint.code, "message": complaint.message });
            match place.get_mut("_errors").and_then(Value::as_array_mut) {
                Some(entries) => entries.push(entry),
                None => place["_errors"] = json!([entry]),
            }
        }
        Self {
            status: 400,
            body: json!({ "code": 50035, "message": "Invalid Form Body", "errors": errors }),
            headers: Vec::new(),
        }
    }

    /// One complaint about one place.
    pub(crate) fn at(path: &str, code: &'static str, message: &str) -> Self {
        Self::form(&[Complaint {
            path: path.to_owned(),
            code,
            message: message.to_owned(),
        }])
    }
}

/// What is wrong with one place of a form.
#[derive(Debug, Clone)]
pub(crate) struct Complaint {
    pub(crate) path: String,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}
