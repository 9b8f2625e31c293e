//! What is looked up about the bidders of a lot.

use std::collections::{BTreeMap, BTreeSet};

use entity::Timestamp;
use entity::admissions::admission;
use entity::auctions::lot_event;
use entity::identity::MembershipState;
use entity::ids::{AdmissionId, OrganisationId, PersonId};
use entity::integrity::{SignalFact, SignalKind, SignalReason};
use uuid::Uuid;

use crate::admissions::http::ApplyForLot;
use crate::auctions::http::rounds::PlaceTurnBid;
use crate::auctions::http::sealed::PlaceSealedBid;
use crate::auctions::http::{BuyLotNow, PlaceBid, SealFirstOffer};
use crate::house::{House, Tx};
use crate::integrity::rules::{self, Course, History, Trace};
use crate::integrity::store;
use crate::platform::access::Permission;
use crate::platform::keys::hex;
use crate::platform::problem::Problem;
use crate::{auctions, audit, banking, identity};

/// How much of the keyed hash a mark has, bytes.
const MARK: usize = 8;

/// What is kept of the bidders that may be kept of several.
pub(super) async fn traces(
    tx: &Tx,
    course: &Course,
    admissions: &[admission::Model],
    bids: &[lot_event::Model],
) -> Result<Vec<Trace>, Problem> {
    // Nobody shares anything with himself.
    if course.admitted.len() < 2 {
        return Ok(Vec::new());
    }
    let mut traces = payers(tx, course).await?;
    let mut takers = auctions::store::turn_takers(tx.conn(), course.lot).await?;
    takers.extend(auctions::store::sealers(tx.conn(), course.lot).await?);
    let acted = acted(admissions, bids, &takers);
    traces.extend(members(tx, course, &acted).await?);
    traces.extend(networks(tx, course).await?);
    traces.extend(devices(tx, &acted).await?);
    Ok(traces)
}

/// Whose deposits came from which accounts.
async fn payers(tx: &Tx, course: &Course) -> Result<Vec<Trace>, Problem> {
    let bidders: BTreeMap<AdmissionId, OrganisationId> = course.admitted.iter().map(|(bidder, admission)| (*admission, *bidder)).collect();
    let admissions: Vec<_> = bidders.keys().copied().collect();
    let paid = banking::flows::payers(&tx.house, tx.conn(), &admissions).await?;
    let found = paid.into_iter().filter_map(|payer| {
        let organisation = *bidders.get(&payer.admission)?;
        let mark = mark(&tx.house, "integrity.account", &payer.account);
        let reason = SignalReason::of(SignalFact::DepositFromAccount).by(organisation).shown_by("bank_line", payer.line);
        Some(Trace { kind: SignalKind::SharedPayer, organisation, reason: reason.marked(mark), key: payer.account })
    });
    Ok(found.collect())
}

/// Who applied or bid in this lot, sealed and by rounds too, and for whom.
fn acted(
    admissions: &[admission::Model],
    bids: &[lot_event::Model],
    takers: &[(AdmissionId, PersonId)],
) -> BTreeSet<(OrganisationId, PersonId)> {
    let of: BTreeMap<_, _> = admissions.iter().map(|held| (held.id, held.organisation_id)).collect();
    let applied = admissions.iter().map(|held| (held.organisation_id, held.applied_by));
    let bid = bids.iter().filter_map(|event| Some((*of.get(&event.admission_id?)?, event.person_id?)));
    let unseen = takers.iter().filter_map(|(admission, person)| Some((*of.get(admission)?, *person)));
    applied.chain(bid).chain(unseen).collect()
}

/// Who belongs to which bidders. A place that is over counts only where its holder acted in this lot, and an invitation never:
/// anybody can be invited.
async fn members(tx: &Tx, course: &Course, acted: &BTreeSet<(OrganisationId, PersonId)>) -> Result<Vec<Trace>, Problem> {
    let bidders: BTreeSet<_> = course.admitted.keys().copied().collect();
    let places = identity::store::taken_places(tx.conn(), &bidders).await?;
    let found = places.into_iter().filter_map(|place| {
        let (organisation, person) = (place.organisation_id, place.person_id?);
        let stands = matches!(place.state, MembershipState::Active | MembershipState::Suspended);
        (stands || acted.contains(&(organisation, person))).then(|| Trace {
            kind: SignalKind::SharedContact,
            organisation,
            key: person.to_string(),
            reason: SignalReason::of(SignalFact::Member).by(organisation).shown_by("membership", place.id),
        })
    });
    Ok(found.collect())
}

/// From which networks the bidders applied and bid.
async fn networks(tx: &Tx, course: &Course) -> Result<Vec<Trace>, Problem> {
    let objects: Vec<Uuid> = course.admitted.values().map(|id| id.0).chain([course.lot.0]).collect();
    let bids = [PlaceBid::OPERATION, BuyLotNow::OPERATION, PlaceSealedBid::OPERATION, SealFirstOffer::OPERATION, PlaceTurnBid::OPERATION];
    let operations: Vec<_> = bids.into_iter().chain([ApplyForLot::OPERATION]).map(|operation| operation.id).collect();
    let origins = audit::store::networks(tx.conn(), objects, &operations).await?;
    let found = origins.into_iter().map(|origin| {
        let applied = origin.operation == ApplyForLot::OPERATION.id;
        let fact = if applied { SignalFact::AppliedFromNetwork } else { SignalFact::BidFromNetwork };
        let mark = mark(&tx.house, "integrity.network", &origin.network);
        let reason = SignalReason::of(fact).by(origin.organisation).number(origin.times).marked(mark);
        Trace { kind: SignalKind::SharedAddress, organisation: origin.organisation, key: origin.network, reason }
    });
    Ok(found.collect())
}

/// On which devices those who acted for the bidders signed in. Sessions are kept by real time, which the market's need not be, so
/// every one that is still kept counts.
async fn devices(tx: &Tx, acted: &BTreeSet<(OrganisationId, PersonId)>) -> Result<Vec<Trace>, Problem> {
    let people: BTreeSet<_> = acted.iter().map(|(_, person)| *person).collect();
    let mut signed_in: BTreeMap<(OrganisationId, String), (i64, Timestamp)> = BTreeMap::new();
    for session in identity::store::sessions_on_devices(tx.conn(), &people).await? {
        let device = hex(session.device.as_deref().unwrap_or_default());
        // With one place alone nobody chooses which he acts from.
        let may_be_for = |organisation: OrganisationId| session.organisation_id.is_none_or(|chosen| chosen == organisation);
        for (organisation, _) in acted.iter().filter(|(organisation, actor)| *actor == session.person_id && may_be_for(*organisation)) {
            let (times, last) = signed_in.entry((*organisation, device.clone())).or_insert((0, session.created_at));
            *times += 1;
            *last = session.created_at.max(*last);
        }
    }
    let found = signed_in.into_iter().map(|((organisation, key), (times, last))| {
        let mark = mark(&tx.house, "integrity.device", &key);
        let reason = SignalReason::of(SignalFact::SignedInOnDevice).by(organisation).number(times).at(last).marked(mark);
        Trace { kind: SignalKind::SharedDevice, organisation, key, reason }
    });
    Ok(found.collect())
}

/// Stands for an account, a network or a device: the words themselves stay where they are kept, and go there.
fn mark(house: &House, purpose: &str, word: &str) -> String {
    hex(&house.keys.blind(purpose, word.as_bytes())[..MARK])
}

/// What is known of the bidders from the lots that have closed.
pub(super) async fn history(tx: &Tx, course: &Course) -> Result<History, Problem> {
    let bidders = course.bidding();
    if bidders.len() < 2 {
        return Ok(History::default());
    }
    let lots = store::lots_of(tx.conn(), &bidders).await?;
    Ok(History {
        records: rules::records(course.seller, &lots),
        seller_lots: store::lots_bid_for(tx.conn(), course.seller).await?,
        habits: store::habits(tx.conn(), course.seller).await?,
        past: store::sealed_by(tx.conn(), &bidders).await?,
    })
}
