//! Signals of collusion read off lots that have closed, and what each bidder did there.

use std::cmp::Ordering;

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Timestamp;
use crate::ids::{IntegritySignalId, LotId, OrganisationId};
use crate::money::Money;

codes! {
    /// What a signal is about (线索类型).
    SignalKind {
        /// Two bidders' deposits came from one account.
        SharedPayer,
        /// One person belongs to both bidders.
        SharedContact,
        /// Two bidders applied or bid from one network.
        SharedAddress,
        /// Two bidders bid in turn, always by the least there is.
        MinimalAlternating,
        /// A bidder bids again and again and wins nothing.
        NeverWins,
        /// All rivals of the only bidder fell silent or withdrew.
        WithdrawnRivals,
        /// A bidder drives up the prices of one seller and does not win.
        ShillScore,
        /// People who acted for both bidders in the lot signed in on one device.
        SharedDevice,
        /// Two bidders sealed the same uneven amount.
        EqualBids,
        /// What two bidders seal differs by the same amount in lot after lot.
        RegularBids,
        /// Of two bidders one wins and the other's sealed bid is just worse than his, in lot after lot.
        CoverBids,
        /// Two bidders sealed within seconds of each other from one network, or on one device.
        SealedTogether,
        /// By rounds a bidder leaves his first offer as it is in every turn, and does not win, in lot after lot.
        LeavesOffers,
        /// A person who is barred from the lot belongs to whom it was awarded to.
        BarredMember,
        /// A bid far beyond all others won, its bidder defaulted, and the next one has the lot at his own.
        OutOfReach,
    }
}

codes! {
    /// What is told in a reason. Those that end in `_bp` are shares in ten-thousandths.
    SignalFact {
        /// The line of a statement by which a deposit came from the account.
        DepositFromAccount,
        /// The place a person who belongs to both has in one.
        Member,
        /// How many applications came from the network.
        AppliedFromNetwork,
        /// How many bids came from the network.
        BidFromNetwork,
        /// How many bids in a row were made in turn, each at the least raise.
        AlternatingBids,
        /// How many of its bids raised one before.
        Raises,
        /// How many of these raised by more than the least.
        LargerRaises,
        /// Its application, which it withdrew though found fit.
        Withdrew,
        /// Its admission, under which it never bid.
        NeverBid,
        /// How many lots it has bid in.
        LotsBidIn,
        /// How many lots of this seller it has bid in.
        SellersLotsBidIn,
        /// How many of these it lost.
        SellersLotsLost,
        /// How many lots of this seller were bid for.
        SellersLots,
        /// In what share of the seller's lots it bid.
        ParticipationBp,
        /// What share of the lots it bid in it lost.
        LossesBp,
        /// How many bids it made of those one bidder can make.
        BidsBp,
        /// What share of its answers came soon after the bid before.
        QuickBp,
        /// What share of its raises were the least there is.
        SmallBp,
        /// How much of the bidding was still to come at its first bid, on average.
        EarlyBp,
        /// Its place among the bidders of the seller, by score; 1 is the highest.
        Rank,
        /// How many bidders of the seller have a score.
        Ranked,
        /// How many sign-ins of its people who acted in the lot were on the device; at the last of them.
        SignedInOnDevice,
        /// What it sealed in the lot, and when: the last before anything was opened.
        SealedBid,
        /// How many milliseconds lie between the two.
        MillisecondsApart,
        /// In how many lots with sealed bids both bid.
        LotsBothSealed,
        /// In how many of these their bids differ by this amount.
        LotsApartByAmount,
        /// In how many of these one won and the other's bid was just worse.
        LotsJustBelow,
        /// In how many lots by rounds, all it bid in, it left its offer in every turn and did not win.
        LotsOfferLeft,
        /// How many turns it had in the lot and left its offer in; what that offer was.
        TurnsLeft,
        /// The place that a person who is barred from the lot has in whom it was awarded to.
        BarredMember,
        /// What it bid for the lot, which was awarded to it first; it did not sign.
        DefaultedBid,
        /// Its own bid, at which it took the lot after that.
        TakenBid,
        /// How far what was bid first lies beyond that.
        BeyondTaken,
    }
}

/// Something a human can check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignalReason {
    /// What is told.
    pub fact: SignalFact,
    /// Of which bidder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<OrganisationId>,
    /// How many, or how much in ten-thousandths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 8)]
    pub number: Option<i64>,
    /// What kind of record shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "bank_line")]
    pub object_kind: Option<String>,
    /// Which record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_id: Option<Uuid>,
    /// Stands for an account, a network or a device without telling it: the same mark, the same account, network or device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9a-f]{16}$")]
    pub mark: Option<String>,
    /// How much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub at: Option<Timestamp>,
}

impl SignalReason {
    /// A fact with nothing to it yet.
    pub fn of(fact: SignalFact) -> Self {
        Self { fact, organisation_id: None, number: None, object_kind: None, object_id: None, mark: None, amount: None, at: None }
    }

    /// Of a bidder.
    #[must_use]
    pub fn by(self, organisation: OrganisationId) -> Self {
        Self { organisation_id: Some(organisation), ..self }
    }

    /// With a number.
    #[must_use]
    pub fn number(self, number: i64) -> Self {
        Self { number: Some(number), ..self }
    }

    /// Shown by a record.
    #[must_use]
    pub fn shown_by(self, kind: &str, id: impl Into<Uuid>) -> Self {
        Self { object_kind: Some(kind.to_owned()), object_id: Some(id.into()), ..self }
    }

    /// With what stands for an account, a network or a device.
    #[must_use]
    pub fn marked(self, mark: String) -> Self {
        Self { mark: Some(mark), ..self }
    }

    /// With an amount.
    #[must_use]
    pub fn amount(self, amount: Money) -> Self {
        Self { amount: Some(amount), ..self }
    }

    /// With an instant.
    #[must_use]
    pub fn at(self, at: Timestamp) -> Self {
        Self { at: Some(at), ..self }
    }
}

/// In which order reasons are told: member by member. Amounts as such have no order, since they may be of two currencies.
impl Ord for SignalReason {
    fn cmp(&self, other: &Self) -> Ordering {
        let amount = |reason: &Self| reason.amount.map(|amount| (amount.minor, amount.currency));
        self.fact
            .cmp(&other.fact)
            .then_with(|| self.organisation_id.cmp(&other.organisation_id))
            .then_with(|| self.number.cmp(&other.number))
            .then_with(|| self.object_kind.cmp(&other.object_kind))
            .then_with(|| self.object_id.cmp(&other.object_id))
            .then_with(|| self.mark.cmp(&other.mark))
            .then_with(|| amount(self).cmp(&amount(other)))
            .then_with(|| self.at.cmp(&other.at))
    }
}

impl PartialOrd for SignalReason {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Every reason of a signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct SignalReasons(pub Vec<SignalReason>);

table! {
    /// What a bidder did in a lot that has closed, reckoned once.
    integrity_bidder "integrity_bidder" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub lot_id: LotId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub organisation_id: OrganisationId,
        pub seller_organisation_id: OrganisationId,
        pub won: bool,
        pub bids: i64,
        /// Bids of all bidders of the lot.
        pub lot_bids: i64,
        /// Bids that raised one before.
        pub raises: i64,
        /// Of these, those by no more than the least.
        pub small_raises: i64,
        /// Bids that followed another's.
        pub answers: i64,
        /// Of these, those that came soon after it.
        pub quick_answers: i64,
        /// How much of the bidding was still to come at the first bid, in ten-thousandths; nothing where that bid was sealed.
        pub early_bp: i64,
        pub closed_at: Timestamp,
        /// What it sealed, in minor units, where bids or first offers are sealed: the last before anything was opened.
        pub sealed_minor: Option<i64>,
        /// When that was sealed.
        pub sealed_at: Option<Timestamp>,
        /// The turns it had, where bids are by rounds.
        pub turns: Option<i64>,
    }
}

table! {
    /// A signal of collusion: for those who oversee to look at. Nothing follows from it by itself.
    integrity_signal "integrity_signal" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: IntegritySignalId,
        pub lot_id: LotId,
        pub seller_organisation_id: OrganisationId,
        pub kind: SignalKind,
        /// The bidder it is about, of two the one with the lower id.
        pub organisation_id: OrganisationId,
        pub other_organisation_id: Option<OrganisationId>,
        /// How strong it is, in ten-thousandths.
        pub score_bp: i64,
        pub reasons: SignalReasons,
        /// Edition of the rulebook it was reckoned by.
        pub rulebook_version: i64,
        pub created_at: Timestamp,
    }
}
