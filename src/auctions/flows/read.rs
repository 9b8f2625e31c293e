//! What a caller is told of a lot: what he may do about it, what happened and what comes next.

use std::collections::HashMap;

use entity::Timestamp;
use entity::admissions::{AdmissionState, admission, admission_call};
use entity::auctions::{ClosingMode, LotEventKind, LotState, lot, lot_event};
use entity::deals::deal;
use entity::ids::{LotId, OrganisationId};
use entity::ledger::refund;
use sea_orm::ConnectionTrait;
use serde::Deserialize;

use super::LotFacts;
use super::abort::paused_by;
use crate::admissions::http::ApplyForLot;
use crate::admissions::rules::{Applicant, RefundRule, may_apply, open_offer, waits};
use crate::auctions::http::rounds::PlaceTurnBid;
use crate::auctions::http::scores::RecordScores;
use crate::auctions::http::sealed::PlaceSealedBid;
use crate::auctions::http::{
    AbortLot, AnswerNextBidderOffer, AnswerPreemption, BuyLotNow, ExtendLot, PauseLot, PlaceBid, ResumeLot, SealFirstOffer,
};
use crate::auctions::rules::timeline::{self, Beyond, Course, Dates, Deposits, GivenUp, Sale, published_at};
use crate::auctions::rules::{abort, bidder, buy_now, clock, judge, pause, preemption, rounds, sealed};
use crate::auctions::store;
use crate::house::House;
use crate::notices::rules::second_person;
use crate::platform::access::{self, Actor, Caller, Context, Operation, Permission, Permit, Seat};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Snapshot, Timeline};
use crate::{admissions, deals, identity, ledger, notices, objections};

/// What is done about a lot.
const DEEDS: [Operation; 13] = [
    PlaceBid::OPERATION,
    ApplyForLot::OPERATION,
    PauseLot::OPERATION,
    ResumeLot::OPERATION,
    ExtendLot::OPERATION,
    BuyLotNow::OPERATION,
    AnswerNextBidderOffer::OPERATION,
    AnswerPreemption::OPERATION,
    PlaceSealedBid::OPERATION,
    PlaceTurnBid::OPERATION,
    SealFirstOffer::OPERATION,
    RecordScores::OPERATION,
    AbortLot::OPERATION,
];

/// What the caller may do about a lot now: bid for it, seal a first offer, buy it at once, apply for it, conduct it, or record scores.
pub async fn deeds(house: &House, by: &Context, lot: &lot::Model) -> Result<Vec<String>, Problem> {
    let Caller::Person(actor) = &by.caller else { return Ok(Vec::new()) };
    if !DEEDS.iter().any(|deed| access::may(deed, &by.caller, lot)) {
        return Ok(Vec::new());
    }
    let mut open = pause::open_to(lot, actor.person, house.world.now());
    if open.contains(&ResumeLot::OPERATION.id) && objections::flows::stands_still(house.db.read(), lot.listing_id).await? {
        open.retain(|deed| *deed != ResumeLot::OPERATION.id);
    }
    let had_a_hand = second_person(&lot.barred_persons, actor.person).is_err();
    if !had_a_hand && abort::may_abort(lot, Some(actor.person), paused_by(house.db.read(), lot).await?).is_ok() {
        open.push(AbortLot::OPERATION.id);
    }
    if sealed::scores::may_score(lot).is_ok() && !had_a_hand {
        open.push(RecordScores::OPERATION.id);
    }
    if let Some(seat) = &actor.seat
        && let Some(call) = admissions::store::call(house.db.read(), lot.id).await?
    {
        let applicant = applicant(house.db.read(), actor, seat).await?;
        if applies(house, &applicant, &call).await? {
            open.push(ApplyForLot::OPERATION.id);
        }
        let standing = admissions::store::bidder(house.db.read(), lot.id, applicant.organisation).await?;
        if let Ok(bidder) = bidder::admitted(&applicant, &call, standing) {
            let admission = admissions::store::admission(house.db.read(), bidder.id).await?.ok_or(Code::Internal)?;
            open.extend(of_a_bidder(&admission, lot, house.world.now()));
        }
    }
    Ok(access::allowed(&DEEDS, &by.caller, lot, &open))
}

/// Who would bid or apply, with everything he belongs to.
pub(super) async fn applicant(db: &impl ConnectionTrait, actor: &Actor, seat: &Seat) -> Result<Applicant, Problem> {
    let memberships = identity::store::active_memberships(db, actor.person).await?;
    Ok(applying(actor, seat, memberships.into_iter().map(|membership| membership.organisation_id).collect()))
}

/// The same, where it is known what he belongs to.
pub(super) fn applying(actor: &Actor, seat: &Seat, belongs_to: Vec<OrganisationId>) -> Applicant {
    Applicant { organisation: seat.organisation, verified: seat.verified, person: actor.person, belongs_to }
}

/// What a bidder may do: bid, seal his first offer, buy the lot at once, or answer what he is asked.
fn of_a_bidder(admission: &admission::Model, lot: &lot::Model, now: Timestamp) -> Vec<&'static str> {
    let arrival = now.max(lot.last_arrival.unwrap_or(now));
    // A lot whose time has come is open, whether or not its timer has been served yet.
    let (_, ahead) = clock::advance(lot, arrival);
    let (name, suspended) = (admission.pseudonym.as_deref().unwrap_or_default(), admission.suspended);
    let may_seal = sealed::are_sealed(&ahead) && sealed::may_seal(&ahead, name, suspended, arrival).is_ok();
    let is_offered = waits(admission, lot) || open_offer(admission, now).is_some();
    let is_asked = preemption::asked(lot).next().is_some()
        && admission.pseudonym.as_deref().is_some_and(|bidder| preemption::may_answer(lot, bidder, now).is_ok());
    let deeds = [
        (judge::may_bid(&ahead, admission.id, suspended, arrival).is_ok(), PlaceBid::OPERATION.id),
        (buy_now::may_buy(&ahead, admission.id, suspended, arrival).is_ok(), BuyLotNow::OPERATION.id),
        (may_seal, PlaceSealedBid::OPERATION.id),
        (rounds::may_bid(&ahead, name, suspended, arrival).is_ok(), PlaceTurnBid::OPERATION.id),
        (rounds::may_seal(lot, suspended, lot.terms.start_price, now).is_ok(), SealFirstOffer::OPERATION.id),
        (is_offered, AnswerNextBidderOffer::OPERATION.id),
        (is_asked, AnswerPreemption::OPERATION.id),
    ];
    deeds.into_iter().filter(|(open, _)| *open).map(|(_, deed)| deed).collect()
}

async fn applies(house: &House, by: &Applicant, call: &admission_call::Model) -> Result<bool, Problem> {
    let standing = admissions::store::standing(house.db.read(), call.lot_id, by.organisation).await?;
    Ok(may_apply(call, by, standing.as_ref(), house.world.now()).is_ok())
}

/// A lot with what its course is read off.
pub struct Seen {
    /// The lot.
    pub lot: lot::Model,
    /// Its rules, as they were announced.
    pub rules: Snapshot,
    call: admission_call::Model,
    last: Option<lot_event::Model>,
    dates: Dates,
    timed_since: Option<Timestamp>,
    opened_at: Option<Timestamp>,
}

impl Seen {
    /// Looks at a lot.
    pub async fn look(house: &House, lot: lot::Model) -> Result<Self, Problem> {
        let db = house.db.read();
        let call = admissions::store::call(db, lot.id).await?.ok_or(Code::Internal)?;
        let last = store::events_after(db, lot.id, lot.seq - 1, 1).await?.pop();
        let rules = Snapshot::deserialize(&*lot.rules).map_err(|_| Problem::from(Code::Internal))?;
        let facts = LotFacts::deserialize(&*lot.facts).map_err(|_| Problem::from(Code::Internal))?;
        let timed_since = match lot.terms.closing_mode {
            ClosingMode::TimedCycle => store::last_at(db, lot.id, LotEventKind::TimedPhaseStarted).await?,
            ClosingMode::HardClose | ClosingMode::SoftClose => None,
        };
        let opened_at = match lot.state {
            LotState::Aborted => store::last_at(db, lot.id, LotEventKind::Opened).await?,
            _ => None,
        };
        Ok(Self { lot, rules, call, last, dates: facts.dates, timed_since, opened_at })
    }

    /// Its course.
    pub fn course(&self) -> Course<'_> {
        let course = Course::of(&self.lot, &self.call, self.last.as_ref(), &self.dates, &self.rules);
        let given_up = course.given_up.map(|waiting| self.opened_at.map_or(waiting, |_| GivenUp::Opened));
        Course { timed_since: self.timed_since, given_up, ..course }
    }
}

/// The deals a lot led to, in the order of their awards. Where the runner-up has it, his is the one that counts.
pub async fn sales_of(house: &House, lot: &lot::Model) -> Result<Vec<Sale>, Problem> {
    if lot.state != LotState::ClosedSold {
        return Ok(Vec::new());
    }
    let db = house.db.read();
    let mut awards = store::awards(db, lot.id).await?;
    let last = awards.last().map(|award| award.turn);
    awards.retain(|award| Some(award.turn) == last);
    let deals = deals::store::of_awards(db, awards.iter().map(|award| award.id).collect()).await?;
    let notices: Vec<_> = deals.iter().filter_map(|deal| deal.result_notice_id).collect();
    let published: HashMap<_, _> = notices::store::published(db, notices).await?.into_iter().collect();
    let mut deals: HashMap<_, _> = deals.into_iter().map(|deal| (deal.award_id, deal)).collect();
    let deals = awards.iter().filter_map(|award| deals.remove(&award.id));
    let sale = |deal: deal::Model| {
        let result_published_at = deal.result_notice_id.and_then(|id| published.get(&id).copied());
        Sale { deal, result_published_at }
    };
    Ok(deals.map(sale).collect())
}

/// Reads what happened to a lot and what comes next, as far as the caller may know.
pub async fn timeline<P: Permission>(house: &House, by: &Context, permit: &Permit<P>, id: LotId) -> Result<Timeline, Problem> {
    let lot = store::lot(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&lot)?;
    let seen = Seen::look(house, lot).await?;
    let eyes = Eyes::of(house, by, &seen.lot).await?;
    let sales = sales_of(house, &seen.lot).await?;
    let known: Vec<_> = sales.iter().filter(|sale| eyes.see(&sale.deal)).collect();
    // Who is a party is told of the results of his own deals, everybody else of all of them.
    let published_at = if known.is_empty() { published_at(&sales.iter().collect::<Vec<_>>()) } else { published_at(&known) };
    let refunds = eyes.refunds(house, id).await?;
    let rule = RefundRule::of(&seen.call)?;
    let deposits = refunds.as_ref().map(|refunds| Deposits { rule: &rule, refunds, waits_for_deal: eyes.wait(&seen.lot) });
    let beyond = Beyond { is_insider: eyes.are_inside(), sales: &known, result_published_at: published_at, deposits };
    let now = house.world.now();
    let steps = timeline::steps(seen.lot.created_at, &seen.course(), &beyond, &house.rulebook.current().calendar, now)?;
    Ok(Timeline {
        now,
        state: seen.lot.state.code(),
        listing_id: Some(seen.lot.listing_id),
        negotiation_id: None,
        lot_id: Some(id),
        deal_id: known.first().map(|sale| sale.deal.id),
        steps,
        deal_ids: known.iter().map(|sale| sale.deal.id).collect(),
    })
}

/// Who looks at a lot.
struct Eyes {
    is_staff: bool,
    is_seller: bool,
    actor: Option<Actor>,
    admission: Option<admission::Model>,
}

impl Eyes {
    async fn of(house: &House, by: &Context, lot: &lot::Model) -> Result<Self, Problem> {
        let actor = match &by.caller {
            Caller::Person(actor) => Some(actor.clone()),
            Caller::Stranger | Caller::System => None,
        };
        let is_staff = actor.as_ref().is_some_and(|actor| actor.staff.is_some());
        let own = actor.as_ref().and_then(Actor::organisation);
        let is_seller = own == Some(lot.seller_organisation_id);
        let admission = match own {
            Some(own) if !is_seller => admissions::store::standing(house.db.read(), lot.id, own).await?,
            _ => None,
        };
        let bids = |admission: &admission::Model| !matches!(admission.state, AdmissionState::Refused | AdmissionState::NotAdmitted);
        let admission = admission.filter(bids);
        Ok(Self { is_staff, is_seller, actor, admission })
    }

    fn are_inside(&self) -> bool {
        self.is_staff || self.is_seller || self.admission.is_some()
    }

    /// Whether they may know of the deal.
    fn see(&self, deal: &deal::Model) -> bool {
        let own = self.actor.as_ref().and_then(Actor::organisation);
        self.is_staff || own == Some(deal.seller_organisation_id) || own == Some(deal.buyer_organisation_id)
    }

    /// Whether they bid, did not win, and wait for what becomes of the deal.
    fn wait(&self, lot: &lot::Model) -> bool {
        let admitted = self.admission.as_ref().is_some_and(|admission| admission.state == AdmissionState::Admitted);
        admitted && lot.state == LotState::ClosedSold
    }

    /// The refunds they may know of: officers all of the lot, a bidder its own, anybody else none.
    async fn refunds(&self, house: &House, lot: LotId) -> Result<Option<Vec<refund::Model>>, Problem> {
        let db = house.db.read();
        let of = match &self.admission {
            _ if self.is_staff => admissions::store::ids(db, lot).await?,
            Some(own) => vec![own.id],
            None => return Ok(None),
        };
        Ok(Some(ledger::store::refunds_of(db, of).await?))
    }
}
