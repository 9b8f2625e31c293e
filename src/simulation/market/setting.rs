//! What stands before a run: a seller, bidders who are admitted, and published lots whose registration is about to close.

use chrono::TimeDelta;
use entity::achievements::achievement;
use entity::admissions::{AdmissionState, admission};
use entity::identity::{
    MembershipState, OrgRole, OrganisationKind, OrganisationState, Ownership, SellerClass, UsccStanding, membership, membership_role,
    organisation, person, session,
};
use entity::ids::{AchievementId, ListingId, LotId, OrganisationId, PersonId, SessionId};
use entity::listings::{ListingState, TransferMode, listing};
use entity::money::Money;
use entity::sealed::Sealed;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::lots::{Drawn, drawn};
use super::{Dice, Failure};
use crate::admissions::flows::{NewCall, open_call_within};
use crate::auctions::flows::{LotFacts, NewLot, schedule_within};
use crate::auctions::rules::reserve;
use crate::auctions::rules::timeline::Dates;
use crate::house::{House, Tx};
use crate::listings::flows::REGISTRATION_CLOSE;
use crate::platform::access::Context;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// Until registration closes.
pub(super) const REGISTRATION: TimeDelta = TimeDelta::seconds(5);

/// How long who bids stays signed in: longer than any run.
const SESSION: TimeDelta = TimeDelta::days(30);

/// Somebody who bids for an organisation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Bidder {
    pub person: PersonId,
    pub organisation: OrganisationId,
    /// In which he bids.
    pub session: SessionId,
}

/// What there is to bid for, and by whom.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Setting {
    pub lots: Vec<LotId>,
    pub bidders: Vec<Bidder>,
}

/// Draws a market and writes it down.
pub(super) async fn set(house: &House, dice: &Dice) -> Result<Setting, Failure> {
    let lots = drawn(house, dice)?;
    let bidders = 2 + dice.index(4);
    let by = Context::system("simulate", "setting".into());
    let written = house.write(&by, (lots, bidders), |tx, (lots, bidders)| async move { Box::pin(set_within(&tx, lots, bidders)).await });
    Ok(written.await?.value)
}

async fn set_within(tx: &Tx, drawn: Vec<Drawn>, bidders: usize) -> Result<Setting, Problem> {
    let seller = party(tx, 0).await?;
    let mut all = Vec::with_capacity(bidders);
    for number in 1..=bidders {
        all.push(party(tx, number).await?);
    }
    let mut lots = Vec::with_capacity(drawn.len());
    for drawn in drawn {
        lots.push(Box::pin(lot(tx, &seller, &all, drawn)).await?);
    }
    Ok(Setting { lots, bidders: all })
}

/// A verified organisation with one person in it, who is signed in.
async fn party(tx: &Tx, number: usize) -> Result<Bidder, Problem> {
    let (person, organisation) = (tx.id(), tx.id());
    let email = format!("p{number}@simulation.example");
    let blind = tx.house.keys.blind("simulation", email.as_bytes()).to_vec();
    let someone = person::Model {
        id: person,
        email: Sealed::from(email.clone()),
        email_blind: Some(blind.clone()),
        name: Sealed::from(format!("模拟竞买人 {number}")),
        password_hash: String::new(),
        password_changed_at: None,
        suspended_at: None,
        suspended_why: None,
        closed_at: None,
        forget_at: None,
        forgotten_at: None,
        address_proved_at: None,
        created_at: tx.now,
    };
    db::insert(tx.conn(), someone).await?;
    let firm = organisation::Model {
        id: organisation,
        kind: OrganisationKind::Enterprise,
        ownership: Ownership::Private,
        name: format!("模拟机构 {number}"),
        name_en: None,
        uscc: format!("SIMULATION{number:08}"),
        uscc_raw: format!("SIMULATION{number:08}"),
        uscc_standing: UsccStanding::Valid,
        uscc_document_id: None,
        division_code: "330100".into(),
        warnings: json!([]),
        state: OrganisationState::Verified,
        state_reason: None,
        created_by: person,
        decided_by: None,
        version: 1,
        created_at: tx.now,
    };
    db::insert(tx.conn(), firm).await?;
    let place = membership::Model {
        id: tx.id(),
        organisation_id: organisation,
        person_id: Some(person),
        email: Sealed::from(email),
        email_blind: Some(blind),
        state: MembershipState::Active,
        invited_by: person,
        version: 1,
        created_at: tx.now,
    };
    let role = membership_role::Model { membership_id: place.id, role: OrgRole::Bidder };
    db::insert(tx.conn(), place).await?;
    db::insert(tx.conn(), role).await?;
    let signed_in = session::Model {
        id: tx.id(),
        person_id: person,
        organisation_id: Some(organisation),
        created_at: tx.now,
        expires_at: tx.now + SESSION,
        revoked_at: None,
        revoked_why: None,
        proved_at: None,
        seen_from: None,
        device: None,
    };
    let session = signed_in.id;
    db::insert(tx.conn(), signed_in).await?;
    Ok(Bidder { person, organisation, session })
}

/// A published listing, its lot and its call, with everybody admitted.
async fn lot(tx: &Tx, seller: &Bidder, bidders: &[Bidder], drawn: Drawn) -> Result<LotId, Problem> {
    let (id, lot_id): (ListingId, LotId) = (tx.id(), tx.id());
    let Drawn { terms, secret } = drawn;
    let reserve_sealed = secret.map(|(salt, amount)| {
        let sealed = tx.house.keys.seal(id.0.as_bytes(), tx.house.world.random(), &reserve::pack(&salt, amount));
        sealed.map_err(|_| Problem::from(Code::Internal))
    });
    let reserve_sealed = reserve_sealed.transpose()?;
    let rules = tx.house.rulebook.current().rulebook.snapshot(SellerClass::Private, shanghai_date(tx.now));
    let refund = rules.find("refund_losers").map_err(|_| Code::Internal)?;
    let refund_rule = json!({"span": refund.value, "source": refund.source});
    let (closes_at, deposit) = (tx.now + REGISTRATION, Money::fen(10_000));
    let held = listing::Model {
        id,
        organisation_id: seller.organisation,
        achievement_id: achievement(tx, seller).await?,
        seller_class: SellerClass::Private,
        rehearsal: false,
        state: ListingState::Published,
        state_reason: None,
        mode: TransferMode::Assignment,
        title: "模拟标的".into(),
        offer: json!({}),
        contact: Sealed::default(),
        rules: serde_json::to_value(&rules).ok(),
        rulebook_version: Some(rules.version),
        reserve_sealed: None,
        submitted_by: Some(seller.person),
        reviewer: None,
        published_by: None,
        notice_id: None,
        auction_notice_id: None,
        lot_id: Some(lot_id),
        registration_closes_at: Some(closes_at),
        auction_opens_at: Some(terms.opens_at),
        published_at: Some(tx.now),
        created_by: seller.person,
        version: 1,
        created_at: tx.now,
    };
    db::insert(tx.conn(), held).await?;
    tx.arm(REGISTRATION_CLOSE, id, closes_at);
    let facts = LotFacts {
        title_en: None,
        mode: TransferMode::Assignment,
        terms: json!({"mode": "assignment"}),
        assets: json!([]),
        deposit,
        base_price: None,
        start_price: terms.start_price,
        host_required: false,
        dates: Dates::default(),
    };
    let new = NewLot {
        id: lot_id,
        listing_id: id,
        seller_organisation_id: seller.organisation,
        title: "模拟标的".into(),
        rehearsal: false,
        terms,
        reserve_sealed,
        barred_persons: Vec::new(),
        rules,
        facts,
    };
    Box::pin(schedule_within(tx, new)).await?;
    let call = NewCall {
        lot_id,
        listing_id: id,
        seller_organisation_id: seller.organisation,
        opens_at: tx.now,
        closes_at,
        deposit,
        conditions: json!([]),
        barred_organisations: vec![seller.organisation],
        barred_persons: Vec::new(),
        refund_rule,
        holders: Vec::new(),
    };
    open_call_within(tx, call).await?;
    for (index, bidder) in bidders.iter().enumerate() {
        db::insert(tx.conn(), admitted(tx, lot_id, index, bidder)).await?;
    }
    Ok(lot_id)
}

async fn achievement(tx: &Tx, seller: &Bidder) -> Result<AchievementId, Problem> {
    let row = achievement::Model {
        id: tx.id(),
        organisation_id: seller.organisation,
        title: "模拟成果".into(),
        title_en: None,
        summary: "仅用于模拟。".into(),
        summary_en: None,
        field: "07".into(),
        trl: None,
        completers: json!([]),
        state_funded: false,
        created_by: seller.person,
        version: 1,
        created_at: tx.now,
    };
    let id = row.id;
    db::insert(tx.conn(), row).await?;
    Ok(id)
}

/// The name a bidder has in every lot.
pub(super) fn named(index: usize) -> String {
    format!("竞买人 {}", index + 1)
}

/// No deposit is held for it: what becomes of deposits is not simulated.
fn admitted(tx: &Tx, lot_id: LotId, index: usize, bidder: &Bidder) -> admission::Model {
    admission::Model {
        id: tx.id(),
        lot_id,
        organisation_id: bidder.organisation,
        state: AdmissionState::Admitted,
        reason: None,
        deposit_reference: format!("{lot_id}-{}", index + 1),
        pseudonym: Some(named(index)),
        suspended: false,
        documents: json!([]),
        party_confidential: false,
        hold_transfer_id: None,
        applied_by: bidder.person,
        decided_by: None,
        version: 1,
        created_at: tx.now,
        preemption_rank: None,
        offered_minor: None,
        offered_until: None,
        carried_over_at: None,
    }
}
