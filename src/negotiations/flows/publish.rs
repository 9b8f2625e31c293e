//! The seller decides, and somebody else publishes what he announces.

use entity::ids::NegotiationId;
use entity::negotiations::negotiation;
use entity::notices::NoticeKind;
use serde_json::Value;

use super::{OPENING, hand, held, look, record};
use crate::deals::rules::unruled;
use crate::documents::flows::kept_if_named_within;
use crate::house::{Done, House, Tx};
use crate::identity::flows::organisations::verified_within;
use crate::negotiations::events::NegotiationEvent;
use crate::negotiations::http::{DecideNegotiation, PublishNegotiation};
use crate::negotiations::rules::machine::{self, Decision, Deed, Hand};
use crate::negotiations::rules::notice::{PERIOD, price_notice};
use crate::negotiations::rules::pricing;
use crate::negotiations::store;
use crate::negotiations::views::SellerDecision;
use crate::notices;
use crate::notices::flows::{Draft, Revision};
use crate::notices::rules::period::Period;
use crate::notices::rules::{Matter, canonical};
use crate::notices::views::NewPublication;
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Snapshot;
use entity::money::Money;

/// Why a further version takes the place of the one before.
const AGREED_ANEW: &str = "双方重新商定了交易内容，公示期重新计算 The parties agreed anew; the period begins again";

/// The seller decides on what was agreed.
pub async fn decide(
    house: &House,
    by: &Context,
    permit: Permit<DecideNegotiation>,
    id: NegotiationId,
    new: SellerDecision,
) -> Result<Done<negotiation::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(decide_within(&tx, &permit, id, &new)).await }).await
}

async fn decide_within(
    tx: &Tx,
    permit: &Permit<DecideNegotiation>,
    id: NegotiationId,
    new: &SellerDecision,
) -> Result<negotiation::Model, Problem> {
    let held = held(tx, permit, id).await?;
    Box::pin(decide_held(tx, &held, new)).await.map_err(|refusal| machine::instead(&held, Deed::Decide, refusal))
}

async fn decide_held(tx: &Tx, held: &negotiation::Model, new: &SellerDecision) -> Result<negotiation::Model, Problem> {
    let hand = hand(tx.conn(), tx.by.actor()?, held).await?;
    machine::require(held, Deed::Decide)?;
    let (edition, rules) = look::rules_of(tx, held.seller_class);
    let by_second = second(&rules)?;
    let offers = store::offers(tx.conn(), held.id).await?;
    machine::may_decide(held, &offers, &hand, by_second)?;
    let agreed = look::agreed(tx, held).await?;
    new.terms_sha256.means(&agreed.sha256, "/terms_sha256")?;
    let document = kept_if_named_within(tx, new.decision_document_id, held.organisation_id).await?;
    let base_price = Money { minor: held.base_price_minor, currency: held.currency };
    // With the decision among what goes with the notice.
    let with = negotiation::Model { decision_document: document.clone(), ..held.clone() };
    let sight = look::Sight::of(tx, &with, &agreed).await?;
    pricing::decided_well(sight.terms.price, base_price, document.is_some(), &rules)?;
    look::may_pass(tx, held, &sight.assets, &sight.terms).await?;
    let announced = sight.announcement(&with, &rules, &edition.rulebook.redaction, &edition.calendar);
    let text = canonical(&price_notice(&announced, tx.now)?);
    let kept = serde_json::to_value(&rules).map_err(|_| Code::Internal)?;
    let next = machine::decided(held, &offers, &hand, Decision { document, rules: kept, text, by_second }, tx.now)?;
    let decision = machine::decision_kept(&next).ok_or(Code::Internal)?;
    db::insert(tx.conn(), decision.clone()).await?;
    tx.created("negotiation_decision", held.id, &decision);
    record(tx, held, &next, NegotiationEvent::decided).await?;
    Ok(next)
}

/// Whether who decides must be none of those who negotiated.
pub(super) fn second(rules: &Snapshot) -> Result<bool, Problem> {
    rules.flag("negotiated_second_decider").map_err(|error| unruled(&error))
}

/// Publishes the notice, by somebody who had no hand in the matter.
pub async fn publish(
    house: &House,
    by: &Context,
    permit: Permit<PublishNegotiation>,
    id: NegotiationId,
    new: NewPublication,
) -> Result<Done<negotiation::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(publish_within(&tx, &permit, id, &new)).await }).await
}

async fn publish_within(
    tx: &Tx,
    permit: &Permit<PublishNegotiation>,
    id: NegotiationId,
    new: &NewPublication,
) -> Result<negotiation::Model, Problem> {
    let held = held(tx, permit, id).await?;
    let hand = hand(tx.conn(), tx.by.actor()?, &held).await?;
    machine::may_publish(&held, &hand)?;
    new.drafted_sha256.means(held.drafted_sha256.as_deref().unwrap_or_default(), "/drafted_sha256")?;
    verified_within(tx, held.organisation_id).await?;
    verified_within(tx, held.buyer_organisation_id).await?;
    let period = Period::of(&look::announced(&held)?, PERIOD)?;
    let notice = match held.notice_id {
        None => first(tx, &held, &hand, period).await?,
        Some(notice) => again(tx, &held, &hand, notice, period).await?,
    };
    notices::flows::arm_opening(tx, notice, (OPENING, id.into()), None).await?;
    let next = machine::published(&held, &hand, notice)?;
    record(tx, &held, &next, NegotiationEvent::noticed).await?;
    Ok(next)
}

async fn first(tx: &Tx, held: &negotiation::Model, by: &Hand, period: Period) -> Result<entity::ids::NoticeId, Problem> {
    let offers = store::offers(tx.conn(), held.id).await?;
    let text = held.drafted.as_deref().ok_or(Code::Internal)?;
    let content: Value = serde_json::from_str(text).map_err(|_| Code::Internal)?;
    let draft = Draft {
        kind: NoticeKind::NegotiatedPrice,
        matter: Matter::Negotiation(held.id),
        deal_id: None,
        organisation_id: held.organisation_id,
        barred_persons: machine::hands(held, &offers),
        content,
    };
    let notice = notices::flows::draft_within(tx, draft).await?.id;
    notices::flows::publish_within(tx, notice, by.person, Some(period)).await?;
    Ok(notice)
}

async fn again(
    tx: &Tx,
    held: &negotiation::Model,
    by: &Hand,
    notice: entity::ids::NoticeId,
    period: Period,
) -> Result<entity::ids::NoticeId, Problem> {
    let (person, at) = held.decided_by.zip(held.decided_at).ok_or(Code::Internal)?;
    let offers = store::offers(tx.conn(), held.id).await?;
    let revision = Revision {
        barred_persons: machine::hands(held, &offers),
        text: held.drafted.clone().ok_or(Code::Internal)?,
        reason: AGREED_ANEW.to_owned(),
        proposed: (person, at),
        publisher: by.person,
        period,
    };
    Ok(notices::flows::revise_within(tx, notice, revision).await?.id)
}
