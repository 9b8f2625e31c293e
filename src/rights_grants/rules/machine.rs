//! The procedure of a grant of rights: which deed is allowed when and by whom, and how the grant stands afterwards.

use std::collections::BTreeSet;

use entity::Timestamp;
use entity::ids::{AchievementId, NoticeId, OrganisationId, PersonId, RightsGrantId};
use entity::rights_grants::{GrantKind, RightsGrantState, rights_grant};
use serde_json::Value;

use super::terms::{Granted, NewRegisterEntry};
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Faults, Problem};

/// The longest reason, characters.
const LONGEST_REASON: usize = 500;

/// What is done to a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Decide for the unit.
    Decide,
    /// Publish the notice.
    Publish,
    /// Show the unit's own notice.
    ShowNotice,
    /// File the agreement with the team.
    Agree,
    /// Enter what the register shows.
    Register,
    /// End it.
    Withdraw,
}

impl Deed {
    /// Every one.
    pub const ALL: [Self; 6] = [Self::Decide, Self::Publish, Self::ShowNotice, Self::Agree, Self::Register, Self::Withdraw];

    /// The operation that does it.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Decide => "decide_rights_grant",
            Self::Publish => "publish_rights_grant",
            Self::ShowNotice => "show_rights_grant_notice",
            Self::Agree => "agree_rights_grant",
            Self::Register => "register_rights_grant",
            Self::Withdraw => "withdraw_rights_grant",
        }
    }

    /// Whether it can be done in a state.
    pub fn is_allowed_in(self, state: RightsGrantState) -> bool {
        use RightsGrantState::{Agreed, Decided, Noticed, Proposed};
        match self {
            Self::Decide => state == Proposed,
            Self::Publish => state == Decided,
            Self::ShowNotice | Self::Agree => state == Noticed,
            Self::Register => state == Agreed,
            Self::Withdraw => matches!(state, Proposed | Decided | Noticed | Agreed),
        }
    }
}

/// Everything that can be done in a state, as operations.
pub fn allowed(state: RightsGrantState) -> Vec<&'static str> {
    Deed::ALL.into_iter().filter(|deed| deed.is_allowed_in(state)).map(Deed::operation).collect()
}

/// Refuses a deed in the wrong state.
pub fn require(held: &rights_grant::Model, deed: Deed) -> Result<(), Problem> {
    if deed.is_allowed_in(held.state) {
        return Ok(());
    }
    Err(Code::WrongState.with("state", held.state).with("allowed", allowed(held.state)))
}

/// What is proposed.
pub struct Proposal {
    /// Its id.
    pub id: RightsGrantId,
    /// The unit.
    pub unit: OrganisationId,
    /// The achievement.
    pub achievement_id: AchievementId,
    /// What is granted.
    pub granted: Granted,
    /// To whom, and each one's part.
    pub team: Value,
    /// What the unit declares.
    pub declarations: Value,
    /// The title of the achievement in English.
    pub title_en: Option<String>,
    /// What the technology does.
    pub summary: String,
    /// The same in English.
    pub summary_en: Option<String>,
    /// Who proposes it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// A grant that is proposed.
pub fn proposed(new: Proposal) -> rights_grant::Model {
    rights_grant::Model {
        id: new.id,
        organisation_id: new.unit,
        achievement_id: new.achievement_id,
        state: RightsGrantState::Proposed,
        kind: new.granted.kind,
        share_bp: new.granted.share_bp,
        use_months: new.granted.use_months,
        team: new.team,
        declarations: new.declarations,
        title_en: new.title_en,
        summary: new.summary,
        summary_en: new.summary_en,
        rules: None,
        decision_document: None,
        decided_by: None,
        decided_at: None,
        drafted: None,
        drafted_sha256: None,
        notice_id: None,
        published_by: None,
        unit_notice: None,
        agreement_document: None,
        agreed_by: None,
        agreed_at: None,
        registry_date: None,
        registry_document: None,
        registered_by: None,
        registered_at: None,
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
    /// Whether he is an officer.
    pub is_officer: bool,
    /// Whether he has a place with the unit, be it a suspended one.
    pub sits_with_unit: bool,
}

/// What the unit decides.
pub struct Decision {
    /// The document that says so, as it is now.
    pub document: Value,
    /// The rules as they stand.
    pub rules: Value,
    /// The text of the notice.
    pub text: String,
    /// Whether it must be somebody who did not propose it (`rights_grant_second_decider`).
    pub by_second: bool,
}

/// Refuses whoever may not decide for the unit.
pub fn may_decide(held: &rights_grant::Model, by: &Hand, by_second: bool) -> Result<(), Problem> {
    require(held, Deed::Decide)?;
    if by_second && held.created_by == by.person { Err(Code::SamePerson.into()) } else { Ok(()) }
}

/// The grant once the unit decided; the text of the notice is frozen.
pub fn decided(held: &rights_grant::Model, by: &Hand, new: Decision, now: Timestamp) -> Result<rights_grant::Model, Problem> {
    may_decide(held, by, new.by_second)?;
    Ok(rights_grant::Model {
        decision_document: Some(new.document),
        decided_by: Some(by.person),
        decided_at: Some(now),
        rules: Some(new.rules),
        drafted_sha256: Some(sha256(new.text.as_bytes()).to_vec()),
        drafted: Some(new.text),
        ..moved(held, RightsGrantState::Decided)
    })
}

/// Everybody who had a hand in it: none of them publishes anything about it.
pub fn hands(held: &rights_grant::Model) -> Vec<PersonId> {
    let all: BTreeSet<_> = [Some(held.created_by), held.decided_by].into_iter().flatten().collect();
    all.into_iter().collect()
}

/// Refuses whoever may not publish the notice: who has a place with the unit, or had a hand in the matter.
pub fn may_publish(held: &rights_grant::Model, by: &Hand) -> Result<(), Problem> {
    require(held, Deed::Publish)?;
    if by.sits_with_unit {
        return Err(Code::ConflictOfInterest.into());
    }
    if hands(held).contains(&by.person) { Err(Code::SamePerson.into()) } else { Ok(()) }
}

/// The grant once its notice is public.
pub fn published(held: &rights_grant::Model, by: &Hand, notice: NoticeId) -> Result<rights_grant::Model, Problem> {
    may_publish(held, by)?;
    Ok(rights_grant::Model { notice_id: Some(notice), published_by: Some(by.person), ..moved(held, RightsGrantState::Noticed) })
}

/// The grant once the unit showed its own notice; it may show it again.
pub fn notice_shown(held: &rights_grant::Model, kept: Value) -> Result<rights_grant::Model, Problem> {
    require(held, Deed::ShowNotice)?;
    Ok(rights_grant::Model { unit_notice: Some(kept), ..moved(held, held.state) })
}

/// The grant once the agreement with the team is filed. A right to use is theirs at once; a share is when the register shows it.
pub fn agreed(held: &rights_grant::Model, by: PersonId, document: Value, now: Timestamp) -> Result<rights_grant::Model, Problem> {
    require(held, Deed::Agree)?;
    let state = match held.kind {
        GrantKind::OwnershipShare => RightsGrantState::Agreed,
        GrantKind::LongTermUseRight => RightsGrantState::Effective,
    };
    Ok(rights_grant::Model { agreement_document: Some(document), agreed_by: Some(by), agreed_at: Some(now), ..moved(held, state) })
}

/// The grant once the register shows the share.
pub fn registered(held: &rights_grant::Model, by: PersonId, new: NewRegisterEntry, now: Timestamp) -> Result<rights_grant::Model, Problem> {
    require(held, Deed::Register)?;
    Ok(rights_grant::Model {
        registry_date: Some(new.registry_date),
        registry_document: Some(new.registry_document),
        registered_by: Some(by),
        registered_at: Some(now),
        ..moved(held, RightsGrantState::Effective)
    })
}

/// Refuses an officer who has a place with the unit.
fn may_withdraw(held: &rights_grant::Model, by: &Hand) -> Result<(), Problem> {
    require(held, Deed::Withdraw)?;
    if by.is_officer && by.sits_with_unit { Err(Code::ConflictOfInterest.into()) } else { Ok(()) }
}

/// The grant once it is withdrawn, with a reason everybody reads where there was a notice.
pub fn withdrawn(held: &rights_grant::Model, by: &Hand, reason: &str, now: Timestamp) -> Result<rights_grant::Model, Problem> {
    may_withdraw(held, by)?;
    Faults::new().text("/reason", reason, LONGEST_REASON).done()?;
    Ok(ended(held, reason, now))
}

/// The grant once it came to nothing.
pub fn ended(held: &rights_grant::Model, reason: &str, now: Timestamp) -> rights_grant::Model {
    rights_grant::Model { ended_at: Some(now), end_reason: Some(reason.to_owned()), ..moved(held, RightsGrantState::Ended) }
}

/// What somebody may do now, as operations, where something `awaits` before there may be an agreement, and the decider is a second person;
/// whether he has the right to is asked elsewhere.
pub fn open_to(held: &rights_grant::Model, by: &Hand, awaits: bool, by_second: bool) -> Vec<&'static str> {
    let may = |deed: &Deed| match deed {
        Deed::Decide => may_decide(held, by, by_second).is_ok(),
        Deed::Publish => may_publish(held, by).is_ok(),
        Deed::ShowNotice | Deed::Register => require(held, *deed).is_ok(),
        Deed::Agree => !awaits && require(held, *deed).is_ok(),
        Deed::Withdraw => may_withdraw(held, by).is_ok(),
    };
    Deed::ALL.into_iter().filter(may).map(Deed::operation).collect()
}

fn moved(held: &rights_grant::Model, state: RightsGrantState) -> rights_grant::Model {
    rights_grant::Model { state, version: held.version + 1, ..held.clone() }
}
