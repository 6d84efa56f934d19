//! Tracked instances that a complete listing lacks.

use super::ImportRun;
use crate::answer::{Fatal, HeldBack};
use crate::app::RequestContext;
use crate::domain::id::InstanceId;
use crate::store::Tx;

/// Fewer than this many are marked as missing: more suggest that the listing is of something else, or cut short.
const FEW: usize = 3;
/// And fewer than one in this many.
const ONE_IN: usize = 5;

impl RequestContext<'_> {
    /// Marks the tracked instances that the listing lacks as missing if they are few, or if the command confirms their number;
    /// otherwise, and for any partial listing, holds them back.
    pub(super) async fn look_for_absent(
        &self,
        tx: &mut Tx,
        taking: &mut ImportRun<'_>,
    ) -> Result<(), Fatal> {
        let region = taking.region()?;
        let all = tx.region_ids(&region).await?;
        let lacks = |id: &&InstanceId| !taking.plan.ids.contains(*id);
        let absent: Vec<InstanceId> = all.iter().filter(lacks).cloned().collect();
        if absent.is_empty() {
            return Ok(());
        }
        let in_part = taking.listing.is_partial();
        let accepted = taking.request.accept_missing;
        let are_few = absent.len() < FEW && absent.len() * ONE_IN < all.len();
        let are_accepted = accepted.is_some_and(|count| count as usize == absent.len());
        if !in_part && (are_few || are_accepted) {
            for id in &absent {
                if let Some(mut case) = tx.load_case(id).await? {
                    let came_to = case.missing(taking.terms, &self.moment());
                    taking.absent.push((case, came_to));
                }
            }
            return Ok(());
        }
        let found = tx.found_by_ids(&absent).await?;
        let before = tx.imports(10).await?;
        let before = before
            .iter()
            .filter(|before| taking.number != Some(before.number))
            .find(|before| before.region.as_ref() == Some(&region));
        taking.held = Some(HeldBack {
            names: found.into_iter().map(|found| found.name).collect(),
            of: all.len(),
            again: before.is_some_and(|before| before.held == absent),
            ids: absent,
            region,
            in_part,
            accepted,
        });
        Ok(())
    }
}
