//! The procedure of a listing: which deed is allowed when, by whom, and what the listing is afterwards.

use std::collections::BTreeSet;

use entity::Timestamp;
use entity::auctions::{LotState, lot};
use entity::deals::DealState;
use entity::identity::SellerClass;
use entity::ids::{AchievementId, ListingId, LotId, NoticeId, OrganisationId, PersonId};
use entity::listings::{ListingState, TransferMode, listing};
use entity::sealed::Sealed;
use serde_json::Value;

use super::schedule::Timing;
use super::{Offer, kept};
use crate::auctions::rules::clock;
pub use crate::auctions::rules::log::{ANNOUNCED_ANEW, TERMINATED, TOO_FEW};
use crate::platform::problem::{Code, Faults, Problem};
use crate::rulebook::rules::Snapshot;

/// An officer who decides on a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Officer {
    /// Who.
    pub person: PersonId,
    /// Whether he has a place with the seller, be it a suspended one.
    pub sits_with_seller: bool,
}

/// What people do to a listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Write the offer anew.
    Replace,
    /// Hand it in.
    Submit,
    /// Take it for review.
    Take,
    /// Send it back to its author.
    Return,
    /// Refuse it for good.
    Reject,
    /// Find it fit for publication.
    Approve,
    /// Publish it.
    Publish,
    /// Propose to offer it otherwise than it was published.
    Amend,
    /// End it before bidding opens.
    Terminate,
}

impl Deed {
    const ALL: [Self; 9] =
        [Self::Replace, Self::Submit, Self::Take, Self::Return, Self::Reject, Self::Approve, Self::Publish, Self::Amend, Self::Terminate];

    /// The operation that does it.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Replace => "replace_listing",
            Self::Submit => "submit_listing",
            Self::Take => "take_listing",
            Self::Return => "return_listing",
            Self::Reject => "reject_listing",
            Self::Approve => "approve_listing",
            Self::Publish => "publish_listing",
            Self::Amend => "propose_listing_amendment",
            Self::Terminate => "terminate_listing",
        }
    }

    /// Whether it can be done in a state.
    pub fn is_allowed_in(self, state: ListingState) -> bool {
        use ListingState::{Approved, Draft, Published, RegistrationClosed, Returned, Submitted, UnderReview};
        match self {
            Self::Replace | Self::Submit => matches!(state, Draft | Returned),
            // Taken from a colleague too: a review must not hang on somebody who has left.
            Self::Take => matches!(state, Submitted | UnderReview),
            // What is approved and not public can still be mended.
            Self::Return => matches!(state, UnderReview | Approved),
            Self::Reject | Self::Approve => state == UnderReview,
            Self::Publish => state == Approved,
            Self::Amend => state == Published,
            Self::Terminate => {
                matches!(state, Draft | Returned | Submitted | UnderReview | Approved | Published | RegistrationClosed)
            }
        }
    }
}

/// Everything that can be done in a state, as operations.
pub fn allowed(state: ListingState) -> Vec<&'static str> {
    Deed::ALL.into_iter().filter(|deed| deed.is_allowed_in(state)).map(Deed::operation).collect()
}

/// Until when anybody may ask about it: while registration for it is open.
pub fn asks_until(held: &listing::Model) -> Option<Timestamp> {
    held.registration_closes_at.filter(|_| held.state == ListingState::Published)
}

/// What a person may do to the listing now, as operations; whether he has the right to is asked elsewhere,
/// and whether the offer passes the gates when it is tried.
pub fn open_to(held: &listing::Model, by: Officer, seller_is_verified: bool, at: Timestamp) -> Vec<&'static str> {
    // A seller nobody has verified any more can only withdraw; its listings can be taken up and sent back.
    let goes_on =
        |deed: &Deed| seller_is_verified || !matches!(deed, Deed::Replace | Deed::Submit | Deed::Approve | Deed::Publish | Deed::Amend);
    let open = Deed::ALL.into_iter().filter(goes_on).filter(|deed| may(held, *deed, by, at).is_ok());
    open.map(Deed::operation).collect()
}

fn may(held: &listing::Model, deed: Deed, by: Officer, at: Timestamp) -> Result<(), Problem> {
    match deed {
        Deed::Replace | Deed::Submit => require(held, deed),
        Deed::Take => may_take(held, by),
        Deed::Return => may_return(held, by),
        Deed::Reject => decides(held, deed, by.person),
        Deed::Approve => may_approve(held, by),
        Deed::Publish => may_publish(held, by),
        Deed::Amend => require(held, Deed::Amend),
        Deed::Terminate => may_terminate(held, at),
    }
}

/// Refuses a deed in the wrong state.
pub fn require(held: &listing::Model, deed: Deed) -> Result<(), Problem> {
    if deed.is_allowed_in(held.state) { Ok(()) } else { Err(wrong_state(held)) }
}

/// Refuses what cannot be done in the state of a listing.
pub fn wrong_state(held: &listing::Model) -> Problem {
    Code::WrongState.with("state", held.state.code()).with("allowed", allowed(held.state))
}

/// A refusal of a deed with what its state lets be done instead.
pub fn instead(held: &listing::Model, of: Deed, refusal: Problem) -> Problem {
    let others: Vec<_> = allowed(held.state).into_iter().filter(|deed| *deed != of.operation()).collect();
    refusal.instead(&others)
}

/// Whether the offer has run its course: nothing leads on from here.
pub fn is_over(state: ListingState) -> bool {
    matches!(state, ListingState::Rejected | ListingState::Sold | ListingState::Failed | ListingState::Terminated)
}

/// Whether the assets are free for others in this state: the offer came to nothing or is back with its
/// author. What was sold stays held: nobody sells it twice, nor changes what the deal names.
pub fn lets_go(state: ListingState) -> bool {
    (is_over(state) && state != ListingState::Sold) || matches!(state, ListingState::Draft | ListingState::Returned)
}

/// Whether a lot is announced and bidding has not opened.
pub fn awaits_bidding(state: ListingState) -> bool {
    matches!(state, ListingState::Published | ListingState::RegistrationClosed)
}

/// Everybody who had a hand in a listing: none of them may act for a buyer or decide about it again.
pub fn hands(held: &listing::Model, also: PersonId) -> Vec<PersonId> {
    let all = [Some(held.created_by), held.submitted_by, held.reviewer, held.published_by, Some(also)];
    let all: BTreeSet<_> = all.into_iter().flatten().collect();
    all.into_iter().collect()
}

/// What a new listing is made of.
pub struct NewListing {
    /// Its id.
    pub id: ListingId,
    /// The seller.
    pub organisation_id: OrganisationId,
    /// Who wrote it.
    pub author: PersonId,
    /// When.
    pub at: Timestamp,
    /// What it says.
    pub text: Text,
}

/// What a listing says, ready to be kept.
pub struct Text {
    /// The achievement on offer.
    pub achievement_id: AchievementId,
    /// The class of the seller, which decides the rules.
    pub seller_class: SellerClass,
    /// Whether it is a rehearsal.
    pub rehearsal: bool,
    /// How the rights pass.
    pub mode: TransferMode,
    /// Title.
    pub title: String,
    /// The offer without its secret and its contact.
    pub offer: Value,
    /// Whom to ask, sealed.
    pub contact: Sealed,
    /// The sealed reserve.
    pub reserve_sealed: Option<Vec<u8>>,
}

/// A new draft.
pub fn drafted(new: NewListing) -> listing::Model {
    let NewListing { id, organisation_id, author, at, text } = new;
    listing::Model {
        id,
        organisation_id,
        achievement_id: text.achievement_id,
        seller_class: text.seller_class,
        rehearsal: text.rehearsal,
        state: ListingState::Draft,
        state_reason: None,
        mode: text.mode,
        title: text.title,
        offer: text.offer,
        contact: text.contact,
        rules: None,
        rulebook_version: None,
        reserve_sealed: text.reserve_sealed,
        submitted_by: None,
        reviewer: None,
        published_by: None,
        notice_id: None,
        auction_notice_id: None,
        lot_id: None,
        registration_closes_at: None,
        auction_opens_at: None,
        published_at: None,
        created_by: author,
        version: 1,
        created_at: at,
    }
}

/// The draft with another text; a returned one is a draft again.
pub fn replaced(held: &listing::Model, text: Text) -> Result<listing::Model, Problem> {
    require(held, Deed::Replace)?;
    Ok(listing::Model {
        achievement_id: text.achievement_id,
        seller_class: text.seller_class,
        rehearsal: text.rehearsal,
        mode: text.mode,
        title: text.title,
        offer: text.offer,
        contact: text.contact,
        reserve_sealed: text.reserve_sealed,
        submitted_by: None,
        reviewer: None,
        ..moved(held, ListingState::Draft)
    })
}

/// Handed in.
pub fn submitted(held: &listing::Model, by: PersonId, class: SellerClass) -> Result<listing::Model, Problem> {
    require(held, Deed::Submit)?;
    Ok(listing::Model { seller_class: class, submitted_by: Some(by), reviewer: None, ..moved(held, ListingState::Submitted) })
}

fn may_take(held: &listing::Model, by: Officer) -> Result<(), Problem> {
    require(held, Deed::Take)?;
    if held.reviewer == Some(by.person) {
        return Err(wrong_state(held));
    }
    no_interest(held, by)
}

/// Whether this officer may decide about what a gate only warns of: once it is under review, and as long as it leads on to a deal.
pub fn may_acknowledge(held: &listing::Model, by: Officer) -> Result<(), Problem> {
    use ListingState::{Bidding, Published, RegistrationClosed, Sold, UnderReview};
    if !matches!(held.state, UnderReview | Published | RegistrationClosed | Bidding | Sold) {
        return Err(wrong_state(held));
    }
    no_interest(held, by)
}

/// Taken for review, by somebody who had no hand in it; also from a colleague, who is free of it then.
pub fn taken(held: &listing::Model, by: Officer) -> Result<listing::Model, Problem> {
    may_take(held, by)?;
    Ok(listing::Model { reviewer: Some(by.person), ..moved(held, ListingState::UnderReview) })
}

/// Whether this reviewer may send it back now: once it is approved anybody who had no hand in it, for who approved it may have left.
fn may_return(held: &listing::Model, by: Officer) -> Result<(), Problem> {
    if held.state == ListingState::Approved { no_interest(held, by) } else { decides(held, Deed::Return, by.person) }
}

/// Sent back, with a reason. What was drawn up when it was found fit for publication is drawn up anew with what comes of it.
pub fn returned(held: &listing::Model, by: Officer, reason: &str) -> Result<listing::Model, Problem> {
    may_return(held, by)?;
    let next = decided(held, reason, ListingState::Returned)?;
    Ok(listing::Model { rules: None, rulebook_version: None, notice_id: None, auction_notice_id: None, ..next })
}

/// Refused for good, with a reason.
pub fn rejected(held: &listing::Model, by: PersonId, reason: &str) -> Result<listing::Model, Problem> {
    decides(held, Deed::Reject, by)?;
    decided(held, reason, ListingState::Rejected)
}

/// Whether this reviewer may find it fit for publication now.
pub fn may_approve(held: &listing::Model, by: Officer) -> Result<(), Problem> {
    no_interest(held, by)?;
    decides(held, Deed::Approve, by.person)
}

/// Found fit for publication under these rules, its notice drawn up, and that of its auction where it is one in the sense of the law.
pub fn approved(
    held: &listing::Model,
    by: Officer,
    rules: &Snapshot,
    notice: NoticeId,
    of_auction: Option<NoticeId>,
) -> Result<listing::Model, Problem> {
    may_approve(held, by)?;
    Ok(listing::Model {
        rules: Some(kept(rules)?),
        rulebook_version: Some(rules.version),
        notice_id: Some(notice),
        auction_notice_id: of_auction,
        ..moved(held, ListingState::Approved)
    })
}

/// Whether this publisher may publish it now: a third pair of eyes.
pub fn may_publish(held: &listing::Model, by: Officer) -> Result<(), Problem> {
    require(held, Deed::Publish)?;
    if held.reviewer == Some(by.person) {
        return Err(Code::SamePerson.into());
    }
    no_interest(held, by)
}

/// Whether publishing it again would change nothing, so that a repeated call may simply be answered.
pub fn is_published_by(held: &listing::Model, by: PersonId) -> bool {
    held.state == ListingState::Published && held.published_by == Some(by)
}

/// Published, with its lot and dates.
pub fn published(held: &listing::Model, by: Officer, lot: LotId, timing: Timing, at: Timestamp) -> Result<listing::Model, Problem> {
    may_publish(held, by)?;
    Ok(listing::Model {
        published_by: Some(by.person),
        lot_id: Some(lot),
        registration_closes_at: Some(timing.registration_closes_at),
        auction_opens_at: Some(timing.auction_opens_at),
        published_at: Some(at),
        ..moved(held, ListingState::Published)
    })
}

/// The listing under another offer, as it is to be published: with it, its kept text and its sealed reserve.
pub fn amended(held: &listing::Model, offer: &Offer, kept: Value, reserve_sealed: Option<Vec<u8>>) -> listing::Model {
    listing::Model { mode: offer.terms.mode(), title: offer.title.clone(), offer: kept, reserve_sealed, ..moved(held, held.state) }
}

/// The same once it is published, with a lot of its own and dates that begin again.
pub fn announced_anew(amended: &listing::Model, lot: LotId, timing: Timing, rules: &Snapshot) -> Result<listing::Model, Problem> {
    Ok(listing::Model {
        seller_class: rules.class,
        rules: Some(kept(rules)?),
        rulebook_version: Some(rules.version),
        lot_id: Some(lot),
        registration_closes_at: Some(timing.registration_closes_at),
        auction_opens_at: Some(timing.auction_opens_at),
        ..amended.clone()
    })
}

fn may_terminate(held: &listing::Model, at: Timestamp) -> Result<(), Problem> {
    require(held, Deed::Terminate)?;
    // The lot may be open although nobody told this listing yet (AL art. 29: only before bidding). While anybody may register it is not.
    if held.state == ListingState::RegistrationClosed && held.auction_opens_at.is_some_and(|opens_at| opens_at <= at) {
        return Err(Code::WrongState.with("state", ListingState::Bidding.code()).with("allowed", allowed(ListingState::Bidding)));
    }
    Ok(())
}

/// Ended before bidding opens, with a reason.
pub fn terminated(held: &listing::Model, reason: &str, at: Timestamp) -> Result<listing::Model, Problem> {
    may_terminate(held, at)?;
    Faults::new().text("/reason", reason, 500).done()?;
    Ok(listing::Model { state_reason: Some(reason.into()), ..moved(held, ListingState::Terminated) })
}

/// Ended before bidding opens since an objection was right; none of a listing that is not announced, or of which bidding has opened.
pub fn objected(held: &listing::Model, reason: &str) -> Option<listing::Model> {
    let ends = awaits_bidding(held.state);
    ends.then(|| listing::Model { state_reason: Some(reason.into()), ..moved(held, ListingState::Terminated) })
}

/// Registration is over; none if it was over before.
pub fn registration_closed(held: &listing::Model) -> Option<listing::Model> {
    (held.state == ListingState::Published).then(|| moved(held, ListingState::RegistrationClosed))
}

/// Bidding has opened; none if that is no news.
pub fn bidding(held: &listing::Model) -> Option<listing::Model> {
    (held.state == ListingState::RegistrationClosed).then(|| moved(held, ListingState::Bidding))
}

/// The dates of a listing that is open to registration; none of any other.
pub fn dates(held: &listing::Model) -> Option<Timing> {
    let (registration_closes_at, auction_opens_at) = (held.registration_closes_at?, held.auction_opens_at?);
    (held.state == ListingState::Published).then_some(Timing { registration_closes_at, auction_opens_at })
}

/// Registration closes, and bidding opens, later than was told.
pub fn put_off(held: &listing::Model, timing: Timing) -> listing::Model {
    listing::Model {
        registration_closes_at: Some(timing.registration_closes_at),
        auction_opens_at: Some(timing.auction_opens_at),
        ..moved(held, held.state)
    }
}

/// Bidding opens at another time than was planned, since its lot was paused meanwhile; none if that is no news.
pub fn reopens(held: &listing::Model, opens_at: Timestamp) -> Option<listing::Model> {
    let is_news = awaits_bidding(held.state) && held.auction_opens_at != Some(opens_at);
    is_news.then(|| listing::Model { auction_opens_at: Some(opens_at), ..moved(held, held.state) })
}

fn sold(held: &listing::Model) -> Option<listing::Model> {
    is_live(held.state).then(|| moved(held, ListingState::Sold))
}

fn failed(held: &listing::Model, reason: &str) -> Option<listing::Model> {
    is_live(held.state).then(|| listing::Model { state_reason: Some(reason.into()), ..moved(held, ListingState::Failed) })
}

/// The listing failed because too few were admitted; none if enough were, or if the lot has opened
/// meanwhile and it is too late to say so.
pub fn too_few(held: &listing::Model, lot: &lot::Model, admitted: u32) -> Option<listing::Model> {
    let fails = admitted < lot.terms.min_bidders && clock::awaits_opening(lot);
    if fails { failed(held, TOO_FEW) } else { None }
}

/// What becomes of the listing when its lot stands so; none if that is no news.
pub fn lot_over(held: &listing::Model, lot: LotState) -> Option<listing::Model> {
    match lot {
        LotState::ClosedSold => sold(held),
        LotState::ClosedUnsold => failed(held, "unsold"),
        LotState::Aborted => failed(held, "lot_aborted"),
        LotState::Scheduled | LotState::OpenFree | LotState::OpenTimed | LotState::Paused | LotState::PreemptionAsk => None,
    }
}

/// A deal came to nothing. Once all of a lot's `deals` have, it was not sold after all, and its assets are free again.
pub fn deal_lapsed(held: &listing::Model, deals: &[DealState]) -> Option<listing::Model> {
    let reason = if deals.contains(&DealState::Rescinded) { "deal_rescinded" } else { "deal_lapsed" };
    (held.state == ListingState::Sold && deals.iter().copied().all(DealState::fell_through))
        .then(|| listing::Model { state_reason: Some(reason.into()), ..moved(held, ListingState::Failed) })
}

/// Whether a lot of the listing is waiting or being bid for.
fn is_live(state: ListingState) -> bool {
    matches!(state, ListingState::Published | ListingState::RegistrationClosed | ListingState::Bidding)
}

/// Whether this person decides on the listing now.
fn decides(held: &listing::Model, deed: Deed, by: PersonId) -> Result<(), Problem> {
    require(held, deed)?;
    // Who took it answers for it; a colleague may not decide behind his back.
    if held.reviewer != Some(by) {
        return Err(Code::Forbidden.with("reviewer", held.reviewer));
    }
    Ok(())
}

fn decided(held: &listing::Model, reason: &str, next: ListingState) -> Result<listing::Model, Problem> {
    Faults::new().text("/reason", reason, 500).done()?;
    Ok(listing::Model { state_reason: Some(reason.into()), ..moved(held, next) })
}

/// Staff who wrote or handed in the offer, or sit with its seller, stand aside.
pub(super) fn no_interest(held: &listing::Model, by: Officer) -> Result<(), Problem> {
    if held.submitted_by == Some(by.person) || held.created_by == by.person {
        return Err(Code::SamePerson.into());
    }
    if by.sits_with_seller {
        return Err(Code::ConflictOfInterest.into());
    }
    Ok(())
}

fn moved(held: &listing::Model, state: ListingState) -> listing::Model {
    listing::Model { state, state_reason: None, version: held.version + 1, ..held.clone() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
