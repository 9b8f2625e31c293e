//! The procedure of a sale at a negotiated price: which deed is allowed when and by whom, and how the sale stands afterwards.

mod agreement;
mod conclusion;
mod publication;

use entity::Timestamp;
use entity::identity::SellerClass;
use entity::ids::{AchievementId, NegotiationId, OrganisationId, PersonId};
use entity::listings::PriceBasis;
use entity::money::Money;
use entity::negotiations::{NegotiationSide, NegotiationState, negotiation, negotiation_offer};
use serde_json::Value;

pub use agreement::{DeclaredRelation, Said, accepted, offered, said_well};
pub use conclusion::{concluded, confirmed, confirmed_by, ended, is_confirmed, result_published, unit_notice_shown, withdrawn};
pub use publication::{Decision, decided, decision_kept, hands, may_decide, may_publish, published};

use agreement::acceptable;
use conclusion::may_withdraw;
use publication::disinterested;

use crate::platform::problem::{Code, Problem};

/// What is done to a negotiation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Make an offer.
    Offer,
    /// Accept the other's.
    Accept,
    /// Decide for the seller.
    Decide,
    /// Publish the notice.
    Publish,
    /// Show the seller's own notice.
    ShowUnitNotice,
    /// Confirm for a party.
    Confirm,
    /// Publish the result.
    PublishResult,
    /// End it.
    Withdraw,
}

impl Deed {
    /// Every one.
    pub const ALL: [Self; 8] =
        [Self::Offer, Self::Accept, Self::Decide, Self::Publish, Self::ShowUnitNotice, Self::Confirm, Self::PublishResult, Self::Withdraw];

    /// The operation that does it.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Offer => "make_offer",
            Self::Accept => "accept_offer",
            Self::Decide => "decide_negotiation",
            Self::Publish => "publish_negotiation",
            Self::ShowUnitNotice => "show_unit_notice",
            Self::Confirm => "confirm_negotiation",
            Self::PublishResult => "publish_negotiation_result",
            Self::Withdraw => "withdraw_negotiation",
        }
    }

    /// Whether it can be done in a state.
    pub fn is_allowed_in(self, state: NegotiationState) -> bool {
        use NegotiationState::{Agreed, Confirmed, Decided, Noticed, Open};
        match self {
            Self::Offer | Self::Accept | Self::Withdraw => matches!(state, Open | Agreed | Decided | Noticed),
            Self::Decide => state == Agreed,
            Self::Publish => state == Decided,
            Self::ShowUnitNotice | Self::Confirm => state == Noticed,
            Self::PublishResult => state == Confirmed,
        }
    }
}

/// Everything that can be done in a state, as operations.
pub fn allowed(state: NegotiationState) -> Vec<&'static str> {
    Deed::ALL.into_iter().filter(|deed| deed.is_allowed_in(state)).map(Deed::operation).collect()
}

/// Refuses a deed in the wrong state.
pub fn require(held: &negotiation::Model, deed: Deed) -> Result<(), Problem> {
    if deed.is_allowed_in(held.state) {
        return Ok(());
    }
    Err(Code::WrongState.with("state", held.state).with("allowed", allowed(held.state)))
}

/// A refusal of a deed with what its state lets be done instead.
pub fn instead(held: &negotiation::Model, of: Deed, refusal: Problem) -> Problem {
    let others: Vec<_> = allowed(held.state).into_iter().filter(|deed| *deed != of.operation()).collect();
    refusal.instead(&others)
}

/// What a negotiation begins with.
pub struct Beginning {
    /// Its id.
    pub id: NegotiationId,
    /// Who sells, and of which class he is.
    pub seller: (OrganisationId, SellerClass),
    /// Who is to buy.
    pub buyer: OrganisationId,
    /// The achievement the rights belong to.
    pub achievement_id: AchievementId,
    /// A rehearsal without legal effect.
    pub rehearsal: bool,
    /// Title.
    pub title: String,
    /// Title in English.
    pub title_en: Option<String>,
    /// What the technology does.
    pub summary: String,
    /// The same in English.
    pub summary_en: Option<String>,
    /// What the seller values it at.
    pub base_price: Money,
    /// On what that rests.
    pub base_price_basis: PriceBasis,
    /// The document that shows it, as it is now.
    pub basis_document: Option<Value>,
    /// Who begins it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// A negotiation that begins.
pub fn begun(new: Beginning) -> negotiation::Model {
    let (organisation_id, seller_class) = new.seller;
    negotiation::Model {
        id: new.id,
        organisation_id,
        buyer_organisation_id: new.buyer,
        achievement_id: new.achievement_id,
        seller_class,
        rehearsal: new.rehearsal,
        state: NegotiationState::Open,
        title: new.title,
        title_en: new.title_en,
        summary: new.summary,
        summary_en: new.summary_en,
        base_price_minor: new.base_price.minor,
        currency: new.base_price.currency,
        base_price_basis: new.base_price_basis,
        basis_document: new.basis_document,
        relation: None,
        relation_note: None,
        buyer_confidential: false,
        agreed_offer: None,
        agreed_by: None,
        agreed_at: None,
        decision_document: None,
        decided_by: None,
        decided_at: None,
        rules: None,
        drafted: None,
        drafted_sha256: None,
        notice_id: None,
        noticed_offer: None,
        published_by: None,
        unit_notice: None,
        seller_confirmed_by: None,
        seller_confirmed_at: None,
        buyer_confirmed_by: None,
        buyer_confirmed_at: None,
        result_notice_id: None,
        ended_at: None,
        end_reason: None,
        created_by: new.by,
        version: 1,
        created_at: new.at,
    }
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hand {
    /// Who.
    pub person: PersonId,
    /// For which organisation, if for one.
    pub organisation: Option<OrganisationId>,
    /// Whether he is an officer.
    pub is_officer: bool,
    /// Whether he has a place with a party, be it a suspended one.
    pub sits_with_party: bool,
}

impl Hand {
    /// For which party, if for one.
    pub fn side(&self, of: &negotiation::Model) -> Option<NegotiationSide> {
        match self.organisation {
            Some(own) if own == of.organisation_id => Some(NegotiationSide::Seller),
            Some(own) if own == of.buyer_organisation_id => Some(NegotiationSide::Buyer),
            _ => None,
        }
    }
}

/// For which party somebody acts; nobody else does.
fn party(held: &negotiation::Model, by: &Hand) -> Result<NegotiationSide, Problem> {
    by.side(held).ok_or_else(|| Code::Forbidden.into())
}

/// What is looked at to say what somebody may do.
pub struct Standing<'a> {
    /// The last offer.
    pub last: &'a negotiation_offer::Model,
    /// All of them.
    pub offers: &'a [negotiation_offer::Model],
    /// Whether something has to precede a confirmation.
    pub awaits: bool,
    /// Whether who decides is none of those who negotiated.
    pub by_second: bool,
}

/// What somebody may do now, as operations; whether he has the right to is asked elsewhere.
pub fn open_to(held: &negotiation::Model, standing: &Standing, by: &Hand, now: Timestamp) -> Vec<&'static str> {
    let is_seller = by.side(held) == Some(NegotiationSide::Seller);
    let may = |deed: &Deed| match deed {
        Deed::Offer => by.side(held).is_some(),
        Deed::Withdraw => may_withdraw(held, by).is_ok(),
        Deed::Accept => acceptable(held, standing.last, by, now).is_ok(),
        Deed::Decide => may_decide(held, standing.offers, by, standing.by_second).is_ok(),
        Deed::ShowUnitNotice => is_seller,
        Deed::Publish | Deed::PublishResult => by.is_officer && disinterested(held, by).is_ok(),
        Deed::Confirm => !standing.awaits && confirmed(held, by, now).is_ok(),
    };
    Deed::ALL.into_iter().filter(|deed| deed.is_allowed_in(held.state) && may(deed)).map(Deed::operation).collect()
}

fn moved(held: &negotiation::Model, state: NegotiationState) -> negotiation::Model {
    negotiation::Model { state, version: held.version + 1, ..held.clone() }
}
