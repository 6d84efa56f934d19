//! Recently handled ids: after a reconnection, Discord may deliver an event twice.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

/// The number of ids remembered, as many as may be repeated.
const REMEMBERED: usize = 8_192;

/// The latest ids.
#[derive(Default)]
pub(super) struct Recent {
    held: Mutex<(HashSet<u64>, VecDeque<u64>)>,
}

impl Recent {
    /// Records an id; returns whether it is new.
    pub(super) fn is_new(&self, id: u64) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let (ids, order) = &mut *held;
        if !ids.insert(id) {
            return false;
        }
        order.push_back(id);
        if order.len() > REMEMBERED
            && let Some(oldest) = order.pop_front()
        {
            ids.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_once_and_old_ones_are_forgotten() {
        let recent = Recent::default();
        assert!(recent.is_new(1) && !recent.is_new(1));
        for id in 2..10_000 {
            recent.is_new(id);
        }
        assert!(recent.is_new(1) && !recent.is_new(9_999));
    }
}
