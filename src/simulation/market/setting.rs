//! What stands before a run: a seller, bidders who are admitted, and published lots whose registration is about to close.

use chrono::TimeDelta;
use entity::achievements::achievement;
use entity::admissions::{AdmissionState, admission};
use entity::auctions::{ClosingMode, Direction, Format, LotTerms, RULES_VERSION, Reserve, Step, StepBase};
use entity::identity::{
    MembershipState, OrgRole, OrganisationKind, OrganisationState, Ownership, SellerClass, UsccStanding, membership, membership_role,
    organisation, person, session,
};
use entity::ids::{AchievementId, LotId, OrganisationId, PersonId, SessionId};
use entity::listings::{ListingState, TransferMode, listing};
use entity::money::Money;
use entity::sealed::Sealed;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Dice, Failure};
use crate::admissions::flows::{NewCall, open_call_within};
use crate::auctions::flows::{LotFacts, NewLot, schedule_within};
use crate::auctions::rules::timeline::Dates;
use crate::house::{House, Tx};
use crate::listings::flows::REGISTRATION_CLOSE;
use crate::platform::access::Context;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// Until registration closes.
const REGISTRATION: TimeDelta = TimeDelta::seconds(5);

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
    let terms: Vec<_> = (0..=dice.index(3)).map(|_| terms(house, dice)).collect();
    let bidders = 2 + dice.index(4);
    let by = Context::system("simulate", "setting".into());
    let written = house.write(&by, (terms, bidders), |tx, (terms, bidders)| async move { Box::pin(set_within(&tx, terms, bidders)).await });
    Ok(written.await?.value)
}

/// Short lots, so that a run sees their ends.
fn terms(house: &House, dice: &Dice) -> LotTerms {
    let modes = [ClosingMode::SoftClose, ClosingMode::HardClose, ClosingMode::TimedCycle];
    LotTerms {
        closing_mode: modes[dice.index(modes.len())],
        start_price: Money::fen(100_000),
        reserve: Reserve::None {},
        step: Step::Fixed { amount: Money::fen(super::bidding::STEP) },
        step_base: StepBase::StartPrice,
        multiples_only: true,
        enforce_step: true,
        allow_self_raise: dice.once_in(2),
        opens_at: house.world.now() + REGISTRATION + TimeDelta::seconds(dice.up_to(10)),
        free_period_seconds: 30 + dice.up_to(120),
        timed_cycle_seconds: 10 + dice.up_to(20),
        max_duration_seconds: dice.once_in(3).then_some(200),
        min_bidders: 1,
        next_bidder_rule: false,
        auction_licence: None,
        close_grace_ms: 300,
        rulebook_version: house.rulebook.current().rulebook.version,
        format: Format::English {},
        direction: Direction::Ascending,
        buy_now: None,
        proxy: false,
        preemption: None,
        extend_limit_seconds: None,
        outage_least_seconds: Some(30),
        outage_window_seconds: Some(60),
        host_lateness_seconds: None,
        jump_factor: None,
        rules_version: Some(RULES_VERSION),
        rehearsal: false,
    }
}

async fn set_within(tx: &Tx, terms: Vec<LotTerms>, bidders: usize) -> Result<Setting, Problem> {
    let seller = party(tx, 0).await?;
    let mut all = Vec::with_capacity(bidders);
    for number in 1..=bidders {
        all.push(party(tx, number).await?);
    }
    let mut lots = Vec::with_capacity(terms.len());
    for terms in terms {
        lots.push(Box::pin(lot(tx, &seller, &all, terms)).await?);
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
async fn lot(tx: &Tx, seller: &Bidder, bidders: &[Bidder], terms: LotTerms) -> Result<LotId, Problem> {
    let (id, lot_id) = (tx.id(), tx.id());
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
        reserve_sealed: None,
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
    for (number, bidder) in (1..).zip(bidders) {
        db::insert(tx.conn(), admitted(tx, lot_id, number, bidder)).await?;
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

/// No deposit is held for it: what becomes of deposits is not simulated.
fn admitted(tx: &Tx, lot_id: LotId, number: u32, bidder: &Bidder) -> admission::Model {
    admission::Model {
        id: tx.id(),
        lot_id,
        organisation_id: bidder.organisation,
        state: AdmissionState::Admitted,
        reason: None,
        deposit_reference: format!("{lot_id}-{number}"),
        pseudonym: Some(format!("竞买人 {number}")),
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
    }
}
