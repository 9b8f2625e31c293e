//! Signing a confirmation; the last signature confirms the deal.

use entity::Timestamp;
use entity::deals::{DealState, deal, deal_signature};
use entity::ids::{DealId, NoticeId};
use entity::notices::NoticeKind;
use sea_orm::ConnectionTrait;

use crate::achievements;
use crate::achievements::rules::still_his;
use crate::achievements::store::AssetFacts;
use crate::deals::events::DealEvent;
use crate::deals::http::SignDeal;
use crate::deals::views::NewSignature;
use crate::deals::{rules, store};
use crate::gates::flows::{Confirmed, confirm_within};
use crate::house::{Done, House, Tx};
use crate::licences;
use crate::licences::flows::Granted;
use crate::licences::rules::grant::Source;
use crate::notices;
use crate::notices::rules::Matter;
use crate::objections;
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::rulebook;

/// Signs a confirmation for a party, or as its auction host.
pub async fn sign(
    house: &House,
    by: &Context,
    permit: Permit<SignDeal>,
    id: DealId,
    new: NewSignature,
) -> Result<Done<deal::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { sign_within(&tx, &permit, id, &new).await }).await
}

async fn sign_within(tx: &Tx, permit: &Permit<SignDeal>, id: DealId, new: &NewSignature) -> Result<deal::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    objections::flows::may_go_on(tx.conn(), Matter::Listing(held.listing_id)).await?;
    let mut signatures = store::signatures(tx.conn(), id).await?;
    let signature = signature(tx, &held, new)?;
    rules::may_sign(&held, &signatures, &signature)?;

    db::insert(tx.conn(), signature.clone()).await?;
    tx.created("deal_signature", id, &signature);
    signatures.push(signature);
    let signed: Vec<_> = signatures.iter().map(|signature| signature.side).collect();
    let next = if rules::missing(held.host_required, &signed).is_empty() {
        let notice = draft_result(tx, &held, &signatures).await?;
        rules::confirm(&held, notice, tx.now)
    } else {
        rules::signed(&held)
    };
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("deal", id, Some(&held), Some(&next));
    if next.state == DealState::Confirmed {
        tx.publish(&DealEvent::confirmed(&next))?;
        enter_licence(tx, &next).await?;
    }
    Ok(next)
}

/// Enters what was sold in the register of licences, if it is one and no rehearsal.
async fn enter_licence(tx: &Tx, held: &deal::Model) -> Result<(), Problem> {
    let facts = rules::facts(held)?;
    if facts.deal.rehearsal {
        return Ok(());
    }
    let assets: Vec<_> = rules::sold_assets(&facts.deal)?.into_iter().map(|sold| sold.id).collect();
    let granted = Granted {
        source: Source::Deal(held.id),
        licensor: held.seller_organisation_id,
        grantee: (Some(held.buyer_organisation_id), &facts.buyer.name),
        assets: &assets,
    };
    licences::flows::sold(tx, granted, &rules::transfer_terms(&facts.deal)?).await
}

/// The caller's signature under what he says he has read.
fn signature(tx: &Tx, held: &deal::Model, new: &NewSignature) -> Result<deal_signature::Model, Problem> {
    let actor = tx.by.actor()?;
    if actor.seat.as_ref().is_some_and(|seat| !seat.verified) {
        return Err(Code::OrganisationNotVerified.into());
    }
    Ok(deal_signature::Model {
        deal_id: held.id,
        side: rules::side_of(held, actor.organisation(), actor.staff)?,
        person_id: actor.person,
        organisation_id: actor.organisation(),
        confirmation_sha256: new.confirmation_sha256.bytes(),
        signed_at: tx.now,
    })
}

/// The rights sold, where they still stand at an instant, freshly read.
async fn check_rights(house: &House, db: &impl ConnectionTrait, held: &deal::Model, at: Timestamp) -> Result<Vec<AssetFacts>, Problem> {
    let facts = rules::facts(held)?;
    let sold = rules::sold_assets(&facts.deal)?;
    let ids: Vec<_> = sold.iter().map(|sold| sold.id).collect();
    let assets = achievements::store::assets_in_order(db, &ids).await?;
    still_his(&assets, held.seller_organisation_id)?;
    rules::still_what_was_sold(&sold, &assets)?;
    let rights = achievements::store::facts(db, assets).await?;
    rules::rights_stand(&rights, facts.deal.mode, &facts.deal.rules, &house.rulebook.current().calendar, at)?;
    Ok(rights)
}

/// Whether a last signature would be taken at an instant, as far as the rights sold go.
pub(super) async fn rights_stand(house: &House, db: &impl ConnectionTrait, held: &deal::Model, at: Timestamp) -> Result<bool, Problem> {
    match check_rights(house, db, held, at).await {
        Ok(_) => Ok(true),
        Err(problem) if problem.code.status() < 500 => Ok(false),
        Err(problem) => Err(problem),
    }
}

/// Drafts the result notice, if the rights sold still stand and the gates are passed once more.
async fn draft_result(tx: &Tx, held: &deal::Model, signatures: &[deal_signature::Model]) -> Result<NoticeId, Problem> {
    let rights = check_rights(&tx.house, tx.conn(), held, tx.now).await?;
    let facts = rules::facts(held)?;
    let confirmed = Confirmed {
        deal: held.id,
        listing: held.listing_id,
        seller: held.seller_organisation_id,
        buyer: held.buyer_organisation_id,
        assets: &rights,
        mode: facts.deal.mode,
        title: &facts.deal.title,
    };
    Box::pin(confirm_within(tx, confirmed)).await.map_err(|refusal| refusal.instead(&[]))?;
    // The policy of the announcement, whatever has become of the rules since.
    let policy = rulebook::flows::rules_within(tx, facts.deal.rules.version).await?.redaction;

    let mut barred_persons = notices::rules::barred(&held.barred_persons)?;
    barred_persons.extend(signatures.iter().map(|signature| signature.person_id));
    barred_persons.sort_unstable();
    barred_persons.dedup();
    let draft = notices::flows::Draft {
        kind: NoticeKind::DealResult,
        matter: Matter::Listing(held.listing_id),
        deal_id: Some(held.id),
        organisation_id: held.seller_organisation_id,
        barred_persons,
        content: rules::result_content(held.id, &facts, tx.now, &policy, &tx.house.rulebook.current().calendar)?,
    };
    Ok(notices::flows::draft_within(tx, draft).await?.id)
}
