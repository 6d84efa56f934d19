//! The times at which buttons changed: a press just after an edit may have been meant for the previous button.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// The time that a person needs to notice a changed button, in milliseconds.
const NEEDED_MS: i64 = 2_000;
/// The number of messages remembered.
const REMEMBERED: usize = 4_096;

/// The enabled buttons of a message, by position, with the time of their last change by Discord's clock; `None`: since the
/// message was posted.
type Buttons = HashMap<(usize, usize), (String, Option<i64>)>;

/// The buttons shown by this process.
#[derive(Default)]
pub(super) struct Shown(Mutex<(HashMap<u64, Buttons>, VecDeque<u64>)>);

impl Shown {
    /// Records the buttons of a message. `edited_ms` is the time of the edit, if it is one.
    pub(super) fn note(&self, message: u64, rows: &Value, edited_ms: Option<i64>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (messages, order) = &mut *held;
        let before = messages.remove(&message);
        let known = before.is_some();
        let before = before.unwrap_or_default();
        let since = |place: &(usize, usize), carried: &str| match before.get(place) {
            Some((was, since)) if was == carried => *since,
            _ => edited_ms,
        };
        let now = pressable(rows)
            .map(|(place, carried)| (place, (carried.to_owned(), since(&place, carried))))
            .collect();
        messages.insert(message, now);
        if !known {
            order.push_back(message);
            if order.len() > REMEMBERED
                && let Some(oldest) = order.pop_front()
            {
                messages.remove(&oldest);
            }
        }
    }

    /// Whether a button changed so shortly before it was pressed that the presser may have meant another. `edited_ms` is the
    /// message's last edit when Discord received the press: a later edit was not visible. For a message that this process has not
    /// shown, every edit counts.
    pub(super) fn has_just_changed(
        &self,
        message: u64,
        edited_ms: Option<i64>,
        carried: &str,
        pressed_ms: i64,
    ) -> bool {
        let just = |since: i64| pressed_ms - since < NEEDED_MS;
        if !edited_ms.is_some_and(just) {
            return false;
        }
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.0.get(&message).is_none_or(|buttons| {
            let found = buttons.values().find(|(held, _)| held == carried);
            found.and_then(|(_, since)| *since).is_some_and(just)
        })
    }
}

/// The enabled buttons with their positions and custom ids.
fn pressable(rows: &Value) -> impl Iterator<Item = ((usize, usize), &str)> {
    let rows = rows.as_array().into_iter().flatten().enumerate();
    rows.flat_map(|(row, buttons)| {
        let buttons = buttons.get("components").and_then(Value::as_array);
        let buttons = buttons.into_iter().flatten().enumerate();
        buttons.filter_map(move |(at, button)| {
            let off = button.get("disabled").and_then(Value::as_bool);
            let carried = button.get("custom_id").and_then(Value::as_str)?;
            (off != Some(true)).then_some(((row, at), carried))
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rows(buttons: &[(&str, bool)]) -> Value {
        let button =
            |(carried, off): &(&str, bool)| json!({ "custom_id": carried, "disabled": off });
        let buttons: Vec<Value> = buttons.iter().map(button).collect();
        json!([{ "type": 1, "components": buttons }])
    }

    #[test]
    fn only_what_changed_lately_has_changed() {
        let shown = Shown::default();
        shown.note(1, &rows(&[("a", false), ("b", true)]), None);
        // Discord sends the time of the last edit with each press.
        let edited = std::cell::Cell::new(9_000);
        let changed =
            |carried: &str, at| shown.has_just_changed(1, Some(edited.get()), carried, at);
        assert!(!changed("a", 9_001), "it was so from the start");
        // The second button becomes enabled, the first one is unchanged.
        shown.note(1, &rows(&[("a", false), ("b", false)]), Some(10_000));
        edited.set(10_000);
        assert!(!changed("a", 10_001));
        assert!(changed("b", 9_999) && changed("b", 11_999));
        assert!(!changed("b", 12_000));
        // A further edit does not make an earlier change older.
        shown.note(1, &rows(&[("c", false), ("b", false)]), Some(11_000));
        edited.set(11_000);
        assert!(changed("b", 11_500) && changed("c", 12_500));
        assert!(!changed("b", 12_500));
        // A button that no longer exists reports its outcome itself.
        assert!(!changed("a", 11_001));
        // The button has moved.
        shown.note(1, &rows(&[("b", false), ("c", false)]), Some(20_000));
        edited.set(20_000);
        assert!(changed("b", 20_100) && changed("c", 20_100));
    }

    #[test]
    fn an_edit_after_the_press_was_not_under_the_finger() {
        // A process that has just started edits a message shown by another one.
        let shown = Shown::default();
        shown.note(1, &rows(&[("a", false)]), Some(20_000));
        for edited in [None, Some(17_000)] {
            assert!(!shown.has_just_changed(1, edited, "a", 19_999));
        }
        assert!(shown.has_just_changed(1, Some(20_000), "a", 20_001));
    }

    #[test]
    fn of_what_another_process_has_shown_every_change_counts() {
        let shown = Shown::default();
        assert!(shown.has_just_changed(7, Some(5_000), "a", 6_000));
        assert!(!shown.has_just_changed(7, Some(5_000), "a", 7_000));
        assert!(!shown.has_just_changed(7, None, "a", 6_000));
        for message in 0..10_000 {
            shown.note(message, &rows(&[("a", false)]), None);
        }
        let held = shown.0.lock().unwrap();
        assert_eq!((held.0.len(), held.1.len()), (REMEMBERED, REMEMBERED));
    }
}
