//! From the notice to the result: the seller's own notice, both confirmations, the notice of the result.

use entity::ids::{NegotiationId, NoticeId};
use entity::negotiations::{NegotiationState, negotiation};
use entity::notices::NoticeKind;
use sea_orm::ConnectionTrait;

use super::{OPENING, hand, held, look, record};
use crate::deals::rules::unruled;
use crate::house::{Done, House, Tx};
use crate::licences;
use crate::licences::flows::Granted;
use crate::licences::rules::grant::Source;
use crate::negotiations::events::NegotiationEvent;
use crate::negotiations::http::{ConfirmNegotiation, PublishNegotiationResult, ShowUnitNotice};
use crate::negotiations::rules::machine::{self, Deed};
use crate::negotiations::rules::notice::{PERIOD, result_notice};
use crate::negotiations::store;
use crate::negotiations::views::NewConfirmation;
use crate::notices;
use crate::notices::flows::Draft;
use crate::notices::rules::Matter;
use crate::notices::rules::both_places::{Awaited, NewUnitNotice, nothing_awaited};
use crate::notices::rules::period::Period;
use crate::objections;
use crate::objections::flows::Announced;
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};
use crate::rulebook;

/// The seller shows that his own notice stands.
pub async fn show_unit_notice(
    house: &House,
    by: &Context,
    permit: Permit<ShowUnitNotice>,
    id: NegotiationId,
    new: NewUnitNotice,
) -> Result<Done<negotiation::Model>, Problem> {
    house
        .write(by, (permit, id, new), |tx, (permit, id, new)| async move {
            let held = held(&tx, &permit, id).await?;
            machine::require(&held, Deed::ShowUnitNotice)?;
            let decided_at = held.decided_at.ok_or(Code::Internal)?;
            let notice = held.notice_id.ok_or(Code::Internal)?;
            let kept = notices::flows::unit_notice_within(&tx, notice, &new, held.organisation_id, decided_at).await?;
            let next = machine::unit_notice_shown(&held, kept)?;
            record(&tx, &held, &next, NegotiationEvent::unit_notice_shown).await?;
            Ok(next)
        })
        .await
}

/// What the parties wait for before they may confirm; nothing where there is no notice.
pub(super) async fn awaited(
    house: &House,
    db: &impl ConnectionTrait,
    held: &negotiation::Model,
    now: entity::Timestamp,
) -> Result<Vec<Awaited>, Problem> {
    let Some(notice) = held.notice_id.filter(|_| held.state == NegotiationState::Noticed) else { return Ok(Vec::new()) };
    let rules = look::announced(held)?;
    let announced = Announced {
        matter: Matter::Negotiation(held.id),
        notice,
        in_unit: rules.flag("negotiated_unit_notice").map_err(|error| unruled(&error))?,
        unit_notice: held.unit_notice.as_ref(),
        period: Period::of(&rules, PERIOD)?,
    };
    objections::flows::awaited(house, db, &announced, now).await
}

/// A party confirms what was announced; the second confirmation concludes the sale.
pub async fn confirm(
    house: &House,
    by: &Context,
    permit: Permit<ConfirmNegotiation>,
    id: NegotiationId,
    new: NewConfirmation,
) -> Result<Done<negotiation::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(confirm_within(&tx, &permit, id, &new)).await }).await
}

async fn confirm_within(
    tx: &Tx,
    permit: &Permit<ConfirmNegotiation>,
    id: NegotiationId,
    new: &NewConfirmation,
) -> Result<negotiation::Model, Problem> {
    let held = held(tx, permit, id).await?;
    Box::pin(confirm_held(tx, &held, new)).await.map_err(|refusal| machine::instead(&held, Deed::Confirm, refusal))
}

async fn confirm_held(tx: &Tx, held: &negotiation::Model, new: &NewConfirmation) -> Result<negotiation::Model, Problem> {
    let hand = hand(tx.conn(), tx.by.actor()?, held).await?;
    let next = machine::confirmed(held, &hand, tx.now)?;
    let agreed = look::agreed(tx, held).await?;
    new.terms_sha256.means(&agreed.sha256, "/terms_sha256")?;
    // Whoever objects meanwhile comes before or after this: he touches the negotiation, which is held.
    nothing_awaited(awaited(&tx.house, tx.conn(), held, tx.now).await?)?;
    let sight = look::Sight::of(tx, &next, &agreed).await?;
    look::may_pass(tx, &next, &sight.assets, &sight.terms).await?;
    let next = if machine::is_confirmed(&next) {
        let offers = store::offers(tx.conn(), held.id).await?;
        let result = draft_result(tx, &next, &sight, machine::hands(&next, &offers)).await?;
        enter_licence(tx, &next, &sight).await?;
        machine::concluded(&next, result)
    } else {
        next
    };
    record(tx, held, &next, NegotiationEvent::confirmed).await?;
    Ok(next)
}

/// Enters what was sold in the register of licences, if it is one.
async fn enter_licence(tx: &Tx, next: &negotiation::Model, sight: &look::Sight) -> Result<(), Problem> {
    let assets: Vec<_> = sight.assets.iter().map(|facts| facts.asset.id).collect();
    let granted = Granted {
        source: Source::Negotiation(next.id),
        licensor: next.organisation_id,
        grantee: (Some(next.buyer_organisation_id), &sight.buyer.name),
        assets: &assets,
    };
    licences::flows::sold(tx, granted, &sight.terms.transfer).await
}

async fn draft_result(
    tx: &Tx,
    next: &negotiation::Model,
    sight: &look::Sight,
    barred_persons: Vec<entity::ids::PersonId>,
) -> Result<NoticeId, Problem> {
    let rules = look::announced(next)?;
    // The policy of the announcement, whatever has become of the rules since.
    let policy = rulebook::flows::rules_within(tx, rules.version).await?.redaction;
    let id = next.notice_id.ok_or(Code::Internal)?;
    let notice = notices::store::find(tx.conn(), id).await?.ok_or(Code::Internal)?;
    let price = notices::store::version(tx.conn(), id, notice.current_version).await?.ok_or(Code::Internal)?;
    let edition = tx.house.rulebook.current();
    let draft = Draft {
        kind: NoticeKind::DealResult,
        matter: Matter::Negotiation(next.id),
        deal_id: None,
        organisation_id: next.organisation_id,
        barred_persons,
        content: result_notice(&sight.announcement(next, &rules, &policy, &edition.calendar), &price, tx.now)?,
    };
    Ok(notices::flows::draft_within(tx, draft).await?.id)
}

/// Publishes the result, by somebody who had no hand in the matter.
pub async fn publish_result(
    house: &House,
    by: &Context,
    permit: Permit<PublishNegotiationResult>,
    id: NegotiationId,
) -> Result<Done<negotiation::Model>, Problem> {
    house
        .write(by, (permit, id), |tx, (permit, id)| async move {
            let held = held(&tx, &permit, id).await?;
            let hand = hand(tx.conn(), tx.by.actor()?, &held).await?;
            let next = machine::result_published(&held, &hand)?;
            let period = Period::of(&look::announced(&held)?, "result_notice_period")?;
            let notice = held.result_notice_id.ok_or(Code::Internal)?;
            notices::flows::publish_within(&tx, notice, hand.person, Some(period)).await?;
            notices::flows::arm_opening(&tx, notice, (OPENING, id.into()), None).await?;
            record(&tx, &held, &next, NegotiationEvent::result_published).await?;
            Ok(next)
        })
        .await
}
