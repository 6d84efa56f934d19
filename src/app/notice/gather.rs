//! Raised notices that are told again in one channel at one moment are one message, a line each.

use std::sync::Arc;

use super::named::cases;
use super::tell::mentions;
use crate::app::compose::{Composed, Outgoing};
use crate::app::{Settings, Warden};
use crate::domain::Timestamp;
use crate::domain::gravity::Gravity;
use crate::domain::instance::Instance;
use crate::domain::payload::Payload;
use crate::render;
use crate::render::notice::GatheredNotice;
use crate::store::{OutboxRow, StoreResult};

/// The most queued messages considered.
const LOOKED_AT: u32 = 8;
/// The most notices of a message.
const TOGETHER: usize = 25;

impl Warden {
    /// The text of a raised notice, or of several that are told again together.
    pub(in crate::app) async fn compose_notices(
        &self,
        row: &OutboxRow,
        settings: &Arc<Settings>,
        numbers: &[u64],
    ) -> StoreResult<Composed> {
        let now = self.clock.now();
        if self.goes_with_others(row, numbers, now).await? {
            return Ok(Composed::skip(render::reminder::GOES_WITH_ANOTHER));
        }
        if let [number] = numbers {
            return self.compose_notice(row, settings, *number).await;
        }
        let mut tx = self.store.read(&row.workspace).await?;
        let mut gathered = Vec::new();
        for number in numbers {
            let Some(filed) = tx.notice(*number).await? else {
                continue;
            };
            if filed.is_raised() {
                let cases = cases(&mut tx, settings, &filed.instances, now).await?;
                let known = cases.into_iter().map(|case| case.instance).collect();
                gathered.push(GatheredNotice { filed, known });
            }
        }
        drop(tx);
        match gathered.as_slice() {
            [] => return Ok(Composed::skip("the notices are settled")),
            [one] => return self.compose_notice(row, settings, one.filed.number).await,
            _ => {}
        }
        let known: Vec<&Instance> = gathered.iter().flat_map(|one| &one.known).collect();
        let gravities = gathered
            .iter()
            .map(|one| Gravity::from(one.filed.read.kind));
        let approvers = gathered.iter().any(|one| one.filed.calls_approvers(now));
        let text = render::notice::gathered(&gathered, &settings.reader(now));
        let said = Outgoing {
            gravity: gravities.max().unwrap_or(Gravity::Waiting),
            actions: render::action::of_reminders(known.iter().copied()),
            mentions: mentions(settings, &known, approvers),
            ..Outgoing::of(row, settings, now, text)
        };
        Ok(said.into())
    }

    /// Moves what a message says again into a later one of its channel that does the same, is due too and was never tried; returns
    /// whether it did. Repeated after a crash, this adds nothing.
    async fn goes_with_others(
        &self,
        row: &OutboxRow,
        numbers: &[u64],
        now: Timestamp,
    ) -> StoreResult<bool> {
        if !is_again(row) || row.moved.is_some() {
            return Ok(false);
        }
        let mut tx = self.store.write(&row.workspace).await?;
        for other in tx.behind(row, now, LOOKED_AT).await? {
            let Some(mut both) = other.post.payload.notices() else {
                continue;
            };
            both.extend(numbers);
            both.sort_unstable();
            both.dedup();
            if !is_again(&other) || both.len() > TOGETHER {
                continue;
            }
            let mut instances = other.post.instances.clone();
            instances.extend(row.post.instances.iter().cloned());
            instances.sort_unstable();
            instances.dedup();
            let payload = Payload::Notices { numbers: both };
            if tx.enlarge(&other, &payload, &instances).await? {
                tx.commit().await?;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether a message says of notices again what was told when they came in: a first post is an answer of its own.
fn is_again(row: &OutboxRow) -> bool {
    let key = row.post.key.as_str();
    let told = key.split(':').nth(2);
    key.ends_with(CALLED) || told.is_some_and(|told| told != "1")
}

/// The end of the key of a message that calls people after the quiet hours.
pub(super) const CALLED: &str = ":called";
