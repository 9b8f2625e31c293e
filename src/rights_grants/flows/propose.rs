//! Proposing a grant.

use entity::ids::RightsGrantId;
use entity::rights_grants::rights_grant;

use super::announce::rules_of;
use crate::achievements::flows::own_offered_within;
use crate::house::{Done, House, Tx};
use crate::identity::flows::organisations::verified_within;
use crate::identity::rules::seller_class;
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Faults, Problem};
use crate::rights_grants::http::ProposeRightsGrant;
use crate::rights_grants::rules::machine::{Proposal, proposed};
use crate::rights_grants::rules::terms::{self, Granted};
use crate::rights_grants::store;
use crate::rights_grants::views::NewRightsGrant;

/// Proposes a grant.
pub async fn propose(
    house: &House,
    by: &Context,
    _: Permit<ProposeRightsGrant>,
    new: NewRightsGrant,
) -> Result<Done<rights_grant::Model>, Problem> {
    house.write(by, new, |tx, new| async move { Box::pin(propose_within(&tx, new)).await }).await
}

async fn propose_within(tx: &Tx, new: NewRightsGrant) -> Result<rights_grant::Model, Problem> {
    let granted = Granted { kind: new.kind, share_bp: new.share_bp, use_months: new.use_months };
    terms::declared(new.declarations)?;
    terms::granted_well(&granted)?;
    Faults::new()
        .optional_text("/title_en", new.title_en.as_ref(), 300)
        .text("/summary", &new.summary, 5_000)
        .optional_text("/summary_en", new.summary_en.as_ref(), 5_000)
        .done()?;
    let (person, organisation) = (tx.by.actor()?.person, tx.by.seat()?.organisation);
    terms::may_grant(seller_class(&verified_within(tx, organisation).await?))?;
    terms::long_enough(&granted, &rules_of(&tx.house, tx.now))?;
    let (achievement, _) = own_offered_within(tx, new.achievement_id, &new.asset_ids).await?;
    terms::team_is_whole(&new.team, &achievement.completers)?;

    let id: RightsGrantId = tx.id();
    let row = proposed(Proposal {
        id,
        unit: organisation,
        achievement_id: new.achievement_id,
        granted,
        team: serde_json::to_value(&new.team).map_err(|_| Code::Internal)?,
        declarations: serde_json::to_value(new.declarations).map_err(|_| Code::Internal)?,
        title_en: new.title_en,
        summary: new.summary,
        summary_en: new.summary_en,
        by: person,
        at: tx.now,
    });
    db::insert(tx.conn(), row.clone()).await?;
    store::set_assets(tx.conn(), id, &new.asset_ids).await?;
    tx.created("rights_grant", id, &row);
    Ok(row)
}
