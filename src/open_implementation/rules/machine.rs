//! What the owner of a patent on the list says of it, and what an officer decides.

use entity::Timestamp;
use entity::ids::{AssetId, DocumentId, OrganisationId, PersonId};
use entity::open_implementation::{ImplementationClaim, OpenImplementationMethod, OpenImplementationState, open_implementation};
use entity::open_licences::FeeStandard;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::open_licences::rules::terms::costs;
use crate::platform::problem::{Code, Faults, Problem};

/// The longest statement, and the longest reason, characters.
const LONGEST_STATEMENT: usize = 2_000;
const LONGEST_REASON: usize = 500;

/// How others may use a patent, and what that costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewImplementationTerms {
    /// How.
    pub method: OpenImplementationMethod,
    /// What it costs; nothing where it is free of charge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fee: Option<FeeStandard>,
}

/// Why a patent should not be on the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewImplementationClaim {
    /// Why.
    pub claim: ImplementationClaim,
    /// The same in words.
    #[schema(min_length = 1, max_length = 2_000, example = "本单位已在中试基地自行实施")]
    pub statement: String,
    /// The paper that shows it.
    pub document_id: DocumentId,
}

/// What an officer decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewImplementationDecision {
    /// Whether it holds: the patent is on the list no more.
    pub accepted: bool,
    /// Why.
    #[schema(min_length = 1, max_length = 500, example = "所附合同属实")]
    pub reason: String,
}

/// What is done to a patent on the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Say how others may use it.
    SetTerms,
    /// Say why it should not be there.
    Claim,
    /// Decide on that.
    Decide,
}

impl Deed {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::SetTerms, Self::Claim, Self::Decide];

    /// The operation that does it.
    pub fn operation(self) -> &'static str {
        match self {
            Self::SetTerms => "set_implementation_terms",
            Self::Claim => "claim_implementation",
            Self::Decide => "decide_implementation_claim",
        }
    }

    fn is_allowed_in(self, state: OpenImplementationState) -> bool {
        use OpenImplementationState::{Claimed, Excused, Listed};
        match self {
            Self::SetTerms => state != Excused,
            Self::Claim => state == Listed,
            Self::Decide => state == Claimed,
        }
    }
}

/// Everything that can be done in a state, as operations.
pub fn allowed(state: OpenImplementationState) -> Vec<&'static str> {
    Deed::ALL.into_iter().filter(|deed| deed.is_allowed_in(state)).map(Deed::operation).collect()
}

/// Refuses a deed in the wrong state.
pub fn require(held: &open_implementation::Model, deed: Deed) -> Result<(), Problem> {
    if deed.is_allowed_in(held.state) {
        return Ok(());
    }
    Err(Code::WrongState.with("state", held.state).with("allowed", allowed(held.state)))
}

/// A patent of which nobody has said anything; nothing of it is kept, and its version is none.
pub fn unsaid(asset_id: AssetId, organisation_id: OrganisationId, at: Timestamp) -> open_implementation::Model {
    open_implementation::Model {
        asset_id,
        organisation_id,
        state: OpenImplementationState::Listed,
        method: None,
        fee: None,
        terms_set_by: None,
        terms_set_at: None,
        claim: None,
        statement: None,
        document: None,
        claimed_by: None,
        claimed_at: None,
        decision_reason: None,
        decided_by: None,
        decided_at: None,
        version: 0,
        created_at: at,
    }
}

/// Refuses what nobody can mean to ask for.
pub fn said_well(new: &NewImplementationTerms) -> Result<(), Problem> {
    let is_free = new.method == OpenImplementationMethod::FreeOfCharge;
    let (zh, en) = ("免费实施不得收费，其他方式须载明许可使用费", "what is free of charge has no fee, and everything else has one");
    let mut faults = Faults::new();
    faults.require(is_free == new.fee.is_none(), "/fee", "contradiction", zh, en);
    if let Some(fee) = &new.fee {
        costs(&mut faults, fee);
    }
    faults.done()
}

/// It, once its owner says how others may use it, and for which fee as it is kept.
pub fn with_terms(
    held: &open_implementation::Model,
    method: OpenImplementationMethod,
    fee: Option<Value>,
    (by, at): (PersonId, Timestamp),
) -> Result<open_implementation::Model, Problem> {
    require(held, Deed::SetTerms)?;
    let next = moved(held, held.state);
    Ok(open_implementation::Model { method: Some(method), fee, terms_set_by: Some(by), terms_set_at: Some(at), ..next })
}

/// It, once its owner says why it should not be on the list. What was decided before is in the trail.
pub fn claimed(
    held: &open_implementation::Model,
    (claim, statement): (ImplementationClaim, String),
    document: Value,
    (by, at): (PersonId, Timestamp),
) -> Result<open_implementation::Model, Problem> {
    require(held, Deed::Claim)?;
    Faults::new().text("/statement", &statement, LONGEST_STATEMENT).done()?;
    Ok(open_implementation::Model {
        claim: Some(claim),
        statement: Some(statement),
        document: Some(document),
        claimed_by: Some(by),
        claimed_at: Some(at),
        decision_reason: None,
        decided_by: None,
        decided_at: None,
        ..moved(held, OpenImplementationState::Claimed)
    })
}

/// Refuses an officer who has a place with the owner, or said it himself.
pub fn may_decide(held: &open_implementation::Model, (by, sits_with_owner): (PersonId, bool)) -> Result<(), Problem> {
    require(held, Deed::Decide)?;
    if sits_with_owner {
        return Err(Code::ConflictOfInterest.into());
    }
    if held.claimed_by == Some(by) { Err(Code::SamePerson.into()) } else { Ok(()) }
}

/// It, once an officer decided.
pub fn decided(
    held: &open_implementation::Model,
    hand: (PersonId, bool),
    new: NewImplementationDecision,
    at: Timestamp,
) -> Result<open_implementation::Model, Problem> {
    may_decide(held, hand)?;
    Faults::new().text("/reason", &new.reason, LONGEST_REASON).done()?;
    let state = if new.accepted { OpenImplementationState::Excused } else { OpenImplementationState::Listed };
    Ok(open_implementation::Model {
        decision_reason: Some(new.reason),
        decided_by: Some(hand.0),
        decided_at: Some(at),
        ..moved(held, state)
    })
}

fn moved(held: &open_implementation::Model, state: OpenImplementationState) -> open_implementation::Model {
    open_implementation::Model { state, version: held.version + 1, ..held.clone() }
}
