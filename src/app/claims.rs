//! The end of a dispute over a commodity id: with one claimant left, it is what it was before.

use super::RequestContext;
use super::unit_of_work::UnitOfWork;
use crate::answer::Fatal;
use crate::domain::case::Case;
use crate::domain::id::CommodityId;
use crate::domain::instance::Instance;

impl RequestContext<'_> {
    /// Ends the dispute over a commodity id that an instance, which must be saved, does not claim any more, where one claim is
    /// left. Returns the one that has it again.
    pub(super) async fn end_claims(
        &self,
        work: &mut UnitOfWork,
        before: &Instance,
        after: &Instance,
    ) -> Result<Option<Case>, Fatal> {
        let left = |id: &CommodityId| {
            let mut claims = after.commodity_id.candidates();
            !after.is_tracked() || claims.all(|it| it.value != *id)
        };
        let claimed = before.commodity_id.claimed_by_others();
        let Some(id) = claimed.map(|it| &it.value).filter(|id| left(id)) else {
            return Ok(None);
        };
        let claims = work.tx.commodity_claims(id, Some(&after.id)).await?;
        let [only] = claims.as_slice() else {
            return Ok(None);
        };
        let Some(mut case) = work.tx.load_case(only).await? else {
            return Ok(None);
        };
        if !case.undispute_commodity_id(&self.moment()) {
            return Ok(None);
        }
        work.keep_case(&case).await?;
        Ok(Some(case))
    }
}
