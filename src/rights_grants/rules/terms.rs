//! What is granted, to whom, and what the unit declares.
//!
//! Source: Law on the progress of science and technology art. 33 (a state body may give who made an achievement a share of it, or a right
//! to use it for a long time); 国科发区〔2020〕128号 (not for secrets, nor where anything is in dispute); `rights_grant_..` of the rules.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::Timestamp;
use entity::identity::{SellerClass, organisation};
use entity::ids::{AssetId, RightsGrantId};
use entity::listings::TransferMode;
use entity::rights_grants::{GrantKind, rights_grant};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::achievements::rules::is_owner;
use crate::achievements::store::AssetFacts;
use crate::listings::rules::findings::{self, outside_rule};
use crate::platform::problem::{Code, Fault, Faults, Problem};
use crate::rulebook::rules::{Snapshot, Span, Value as RuleValue, shanghai_date};

/// The rule that says for how long a use right is granted at least.
const LEAST_USE: &str = "rights_grant_least_use";
/// The longest use right, months.
const LONGEST_USE: i32 = 1_200;
/// All of what is granted, and of what it is a share, in ten-thousandths.
const WHOLE: i32 = 10_000;
/// The most members of a team, as an achievement has completers.
const MOST_MEMBERS: usize = 50;

/// A completer of the achievement, and his part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamMember {
    /// His name, as the achievement names him among its completers (成果完成人).
    #[schema(min_length = 1, max_length = 100, example = "王某")]
    pub name: String,
    /// His part of what is granted, in ten-thousandths; all parts make 10000.
    #[schema(minimum = 1, maximum = 10_000, example = 10_000)]
    pub share_bp: i32,
}

/// What a unit declares of an achievement before it grants rights in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantDeclarations {
    /// Nothing of it is a state secret (不涉密).
    pub secret_level_none: bool,
    /// Whose it is, nobody disputes (无权属争议).
    pub no_dispute: bool,
    /// Nobody else has a right in it that a grant would touch (无第三方权利).
    pub no_third_party_rights: bool,
}

/// What is granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted {
    /// Which of the two.
    pub kind: GrantKind,
    /// How large a share is, in ten-thousandths.
    pub share_bp: Option<i32>,
    /// For how long a right to use is.
    pub use_months: Option<i32>,
}

impl Granted {
    /// By a grant as it is kept.
    pub fn by(held: &rights_grant::Model) -> Self {
        Self { kind: held.kind, share_bp: held.share_bp, use_months: held.use_months }
    }
}

/// Refuses a unit whose achievements are its own to give: only state bodies grant rights so.
pub fn may_grant(class: SellerClass) -> Result<(), Problem> {
    if class == SellerClass::State { Ok(()) } else { Err(Code::MechanismNotAllowed.with("mechanism", "rights_grant")) }
}

/// Refuses a grant of which anything is not declared.
pub fn declared(of: GrantDeclarations) -> Result<(), Problem> {
    findings::declared([
        (of.secret_level_none, "secret_level_none", "须声明不涉及国家秘密", "declare that nothing is a state secret"),
        (of.no_dispute, "no_dispute", "须声明无权属争议", "declare that nobody disputes whose it is"),
        (of.no_third_party_rights, "no_third_party_rights", "须声明无第三方权利", "declare that nobody else has a right in it"),
    ])
}

/// Refuses what cannot be meant: a share has a size, a right to use a length, and neither the other's.
pub fn granted_well(new: &Granted) -> Result<(), Problem> {
    let is_share = new.kind == GrantKind::OwnershipShare;
    let is_size = |share: i32| (1..WHOLE).contains(&share);
    let is_length = |months: i32| (1..=LONGEST_USE).contains(&months);
    Faults::new()
        .require(
            new.share_bp.is_some() == is_share,
            "/share_bp",
            "kind",
            "授予所有权份额时须填写，否则不得填写",
            "belongs to an ownership share, and to nothing else",
        )
        .require(new.share_bp.is_none_or(is_size), "/share_bp", "range", "须在 1 至 9999 之间", "must be between 1 and 9999")
        .require(
            new.use_months.is_some() != is_share,
            "/use_months",
            "kind",
            "授予长期使用权时须填写，否则不得填写",
            "belongs to a right to use, and to nothing else",
        )
        .require(new.use_months.is_none_or(is_length), "/use_months", "range", "须在 1 至 1200 之间", "must be between 1 and 1200")
        .done()
}

/// Refuses a right to use for a shorter time than the rules want (`rights_grant_least_use`).
pub fn long_enough(of: &Granted, rules: &Snapshot) -> Result<(), Problem> {
    let Some(months) = of.use_months.and_then(|months| u32::try_from(months).ok()) else { return Ok(()) };
    let asked = RuleValue::Span(Span::Months(months));
    rules.within_bounds(LEAST_USE, &asked).map_err(|bounds| outside_rule(LEAST_USE, "/use_months", bounds.min, bounds.max))
}

/// By which way of passing a right it is judged whether it can be granted: a share of it passes as the right does, its use as by a licence.
pub fn passes_by(kind: GrantKind) -> TransferMode {
    match kind {
        GrantKind::OwnershipShare => TransferMode::Assignment,
        GrantKind::LongTermUseRight => TransferMode::NonExclusiveLicence,
    }
}

/// Refuses rights that others own too: all of them would have to agree (PL art. 14).
pub fn are_its_own(assets: &[AssetFacts], unit: &organisation::Model) -> Result<(), Problem> {
    let shared = assets.iter().filter(|right| !right.owners.iter().all(|owner| is_owner(owner, unit)));
    let errors: Vec<_> = shared
        .map(|right| {
            let (zh, en) = ("该权利由他人共有，须由全体共有人同意", "others own it too, and all of them have to agree");
            Fault::new(&format!("/assets/{}", right.asset.id), "co_owned", zh, en)
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Problem { errors, ..Code::DeclarationMissing.into() }) }
}

/// Refuses a share that would leave the unit nothing beside those that were granted before, each of a right.
pub fn leaves_a_share(of: &rights_grant::Model, granted: &[(AssetId, RightsGrantId, i32)]) -> Result<(), Problem> {
    let asked = of.share_bp.unwrap_or_default();
    let before = |asset: AssetId| granted.iter().filter(|(of, ..)| *of == asset).map(|(_, _, share)| share).sum::<i32>();
    let too_much: Vec<_> = granted.iter().filter(|(asset, ..)| before(*asset) + asked >= WHOLE).collect();
    match too_much.first() {
        Some((asset, grant, _)) => Err(Code::AssetHeld.with("asset_ids", [asset]).with("rights_grant_id", grant)),
        None => Ok(()),
    }
}

/// Refuses a team that is not of the achievement's completers, each once, or whose parts are not the whole.
pub fn team_is_whole(team: &[TeamMember], completers: &Value) -> Result<(), Problem> {
    let known: BTreeSet<_> = completers.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let named: BTreeSet<_> = team.iter().map(|member| member.name.as_str()).collect();
    let parts: i64 = team.iter().map(|member| i64::from(member.share_bp)).sum();
    let mut faults = Faults::new();
    faults.require((1..=MOST_MEMBERS).contains(&team.len()), "/team", "count", "须列明 1 至 50 人", "must name 1 to 50 people");
    faults.require(named.len() == team.len(), "/team", "twice", "同一人不得重复", "names somebody twice");
    for (index, member) in team.iter().enumerate() {
        let (name, share) = (format!("/team/{index}/name"), format!("/team/{index}/share_bp"));
        let is_known = known.contains(member.name.as_str());
        faults.require(is_known, &name, "no_completer", "不是该成果的完成人", "is no completer of the achievement");
        let is_part = (1..=WHOLE).contains(&member.share_bp);
        faults.require(is_part, &share, "range", "须在 1 至 10000 之间", "must be between 1 and 10000");
    }
    faults.require(parts == i64::from(WHOLE), "/team", "shares", "各份额之和须为 10000", "the shares must make 10000");
    faults.done()
}

/// The team as it is kept.
pub fn team_of(held: &rights_grant::Model) -> Result<Vec<TeamMember>, Problem> {
    serde_json::from_value(held.team.clone()).map_err(|_| Code::Internal.into())
}

/// What the register shows of a share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRegisterEntry {
    /// The day from which it shows the co-ownership, in Shanghai.
    #[schema(example = "2026-04-20")]
    pub registry_date: NaiveDate,
    /// The number of the document in which the registry says so.
    #[schema(min_length = 1, max_length = 100, example = "2026042000123450")]
    pub registry_document: String,
}

/// Refuses an entry that cannot be of this agreement: the register shows it between the day of the agreement and today.
pub fn entered_well(new: &NewRegisterEntry, agreed_at: Timestamp, now: Timestamp) -> Result<(), Problem> {
    let days = shanghai_date(agreed_at)..=shanghai_date(now);
    let (zh, en) = ("须在签订协议之日至今日之间", "must be between the day of the agreement and today");
    Faults::new()
        .text("/registry_document", &new.registry_document, 100)
        .require(days.contains(&new.registry_date), "/registry_date", "range", zh, en)
        .done()
}
