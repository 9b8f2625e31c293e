//! The unit decides, and somebody else publishes what it announces.

use entity::achievements::achievement;
use entity::identity::{SellerClass, organisation};
use entity::ids::RightsGrantId;
use entity::licences::LicenceMode;
use entity::notices::NoticeKind;
use entity::open_licences::OpenLicenceState;
use entity::rights_grants::{GrantKind, rights_grant};
use serde_json::Value;

use super::{hand, held, record};
use crate::achievements;
use crate::achievements::rules::{being_granted, licensed_openly};
use crate::achievements::store::AssetFacts;
use crate::deals::rules::{rights_stand, unruled};
use crate::documents::flows::usable_within;
use crate::house::{Done, House, Tx};
use crate::identity::flows::organisations::verified_within;
use crate::licences;
use crate::licences::rules::matrix::Wish;
use crate::licences::rules::scope::Scope;
use crate::notices;
use crate::notices::flows::Draft;
use crate::notices::rules::attachment::{Attachment, AttachmentKind};
use crate::notices::rules::period::Period;
use crate::notices::rules::{Matter, canonical};
use crate::notices::views::NewPublication;
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};
use crate::rights_grants::http::{DecideRightsGrant, PublishRightsGrant};
use crate::rights_grants::rules::machine::{self, Decision};
use crate::rights_grants::rules::notice::{Announcement, grant_notice};
use crate::rights_grants::rules::terms::{self, Granted, team_of};
use crate::rights_grants::store;
use crate::rights_grants::views::GrantDecision;
use crate::rulebook::rules::{Snapshot, shanghai_date};

/// The rule a notice of a grant runs by, in both places.
pub(super) const PERIOD: &str = "rights_grant_notice_period";

/// The unit decides on a grant. From now on its rights go to nobody else alone, until it is effective or has ended.
pub async fn decide(
    house: &House,
    by: &Context,
    permit: Permit<DecideRightsGrant>,
    id: RightsGrantId,
    new: GrantDecision,
) -> Result<Done<rights_grant::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(decide_within(&tx, &permit, id, &new)).await }).await
}

async fn decide_within(
    tx: &Tx,
    permit: &Permit<DecideRightsGrant>,
    id: RightsGrantId,
    new: &GrantDecision,
) -> Result<rights_grant::Model, Problem> {
    let held = held(tx, permit, id).await?;
    let hand = hand(tx.conn(), tx.by.actor()?, &held).await?;
    let rules = rules_of(&tx.house, tx.now);
    let by_second = second(&rules)?;
    machine::may_decide(&held, &hand, by_second)?;
    terms::long_enough(&Granted::by(&held), &rules)?;
    let unit = verified_within(tx, held.organisation_id).await?;
    let decision = usable_within(tx, new.decision_document_id, held.organisation_id).await?;
    let assets = rights(tx, &held).await?;
    are_free(tx, &held, &unit, &assets).await?;
    stand(tx, &held, &assets, &rules)?;
    let achievement = achievements::store::achievement(tx.conn(), held.achievement_id).await?.ok_or(Code::Internal)?;
    terms::team_is_whole(&team_of(&held)?, &achievement.completers)?;
    let document = serde_json::to_value(&decision).map_err(|_| Code::Internal)?;
    let decision = Attachment { kind: AttachmentKind::Decision, document: decision };
    let text = drafted(&held, &unit, (&achievement, &assets), decision, &rules)?;
    let kept = serde_json::to_value(&rules).map_err(|_| Code::Internal)?;
    let next = machine::decided(&held, &hand, Decision { document, rules: kept, text, by_second }, tx.now)?;
    record(tx, &held, &next).await?;
    Ok(next)
}

/// The rules for state bodies at an instant.
pub(super) fn rules_of(house: &House, at: entity::Timestamp) -> Snapshot {
    house.rulebook.current().rulebook.snapshot(SellerClass::State, shanghai_date(at))
}

/// Whether who decides must be another than who proposed.
pub(super) fn second(rules: &Snapshot) -> Result<bool, Problem> {
    rules.flag("rights_grant_second_decider").map_err(|error| unruled(&error))
}

/// The rules a grant was announced under.
pub(super) fn announced(held: &rights_grant::Model) -> Result<Snapshot, Problem> {
    let kept = held.rules.clone().ok_or(Code::Internal)?;
    serde_json::from_value(kept).map_err(|_| Code::Internal.into())
}

/// The rights of a grant, held, so that whoever offers one of them meanwhile comes before or after this.
async fn rights(tx: &Tx, held: &rights_grant::Model) -> Result<Vec<AssetFacts>, Problem> {
    let ids = store::assets(tx.conn(), held.id).await?;
    let mut assets = Vec::with_capacity(ids.len());
    for id in &ids {
        assets.push(achievements::store::hold_asset(tx.conn(), *id).await?.ok_or(Code::Internal)?);
    }
    Ok(achievements::store::facts(tx.conn(), assets).await?)
}

/// Refuses rights that are not the unit's alone, or that somebody else has or gets.
async fn are_free(tx: &Tx, held: &rights_grant::Model, unit: &organisation::Model, assets: &[AssetFacts]) -> Result<(), Problem> {
    let ids: Vec<_> = assets.iter().map(|right| right.asset.id).collect();
    terms::are_its_own(assets, unit)?;
    let elsewhere = achievements::store::held_alone(tx.conn(), (None, None), &ids).await?;
    if !elsewhere.is_empty() {
        return Err(Code::AssetHeld.with("asset_ids", elsewhere));
    }
    being_granted(&achievements::store::held_by_grants(tx.conn(), &ids).await?)?;
    if held.kind == GrantKind::LongTermUseRight {
        let (wish, whole) = (Wish::Licence(LicenceMode::GrantedUseRight), Scope::whole(shanghai_date(tx.now)));
        let licensed = licences::flows::offered(tx.conn(), wish, &ids, whole, (true, tx.now)).await?;
        if !licensed.in_the_way.is_empty() {
            return Err(Code::LicenceConflict.with("conflicts", licensed.in_the_way));
        }
    }
    if held.kind == GrantKind::OwnershipShare {
        licensed_openly(&achievements::store::declared_open(tx.conn(), &ids, &OpenLicenceState::OPEN).await?)?;
        terms::leaves_a_share(held, &achievements::store::shares_granted(tx.conn(), &ids).await?)?;
    }
    Ok(())
}

/// Refuses rights whose legal status, as read lately, does not let them pass.
fn stand(tx: &Tx, held: &rights_grant::Model, assets: &[AssetFacts], rules: &Snapshot) -> Result<(), Problem> {
    rights_stand(assets, terms::passes_by(held.kind), rules, &tx.house.rulebook.current().calendar, tx.now)
}

/// The text of the notice.
fn drafted(
    held: &rights_grant::Model,
    unit: &organisation::Model,
    (achievement, assets): (&achievement::Model, &[AssetFacts]),
    decision: Attachment,
    rules: &Snapshot,
) -> Result<String, Problem> {
    let team = team_of(held)?;
    Ok(canonical(&grant_notice(&Announcement { held, team: &team, unit, achievement, assets, decision, rules })))
}

/// Publishes the notice, by somebody who had no hand in the matter.
pub async fn publish(
    house: &House,
    by: &Context,
    permit: Permit<PublishRightsGrant>,
    id: RightsGrantId,
    new: NewPublication,
) -> Result<Done<rights_grant::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(publish_within(&tx, &permit, id, &new)).await }).await
}

async fn publish_within(
    tx: &Tx,
    permit: &Permit<PublishRightsGrant>,
    id: RightsGrantId,
    new: &NewPublication,
) -> Result<rights_grant::Model, Problem> {
    let held = held(tx, permit, id).await?;
    let hand = hand(tx.conn(), tx.by.actor()?, &held).await?;
    machine::may_publish(&held, &hand)?;
    new.drafted_sha256.means(held.drafted_sha256.as_deref().unwrap_or_default(), "/drafted_sha256")?;
    verified_within(tx, held.organisation_id).await?;
    stand(tx, &held, &rights(tx, &held).await?, &announced(&held)?)?;
    let text = held.drafted.as_deref().ok_or(Code::Internal)?;
    let content: Value = serde_json::from_str(text).map_err(|_| Code::Internal)?;
    let draft = Draft {
        kind: NoticeKind::RightsGrant,
        matter: Matter::RightsGrant(id),
        deal_id: None,
        organisation_id: held.organisation_id,
        barred_persons: machine::hands(&held),
        content,
    };
    let notice = notices::flows::draft_within(tx, draft).await?.id;
    notices::flows::publish_within(tx, notice, hand.person, Some(Period::of(&announced(&held)?, PERIOD)?)).await?;
    let next = machine::published(&held, &hand, notice)?;
    record(tx, &held, &next).await?;
    Ok(next)
}
