//! What may be entered: burdens, liftings, consents; and the rows they become.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entity::achievements::{StatusSource, asset_owner};
use entity::encumbrances::{BurdenKind, BurdenStepKind, ConsentKind, IntendedDeed, PledgedPrice};
use entity::ids::{BurdenId, DocumentId, PersonId};
use entity::{Timestamp, micros};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::judge::{Burden, cured_by};
use crate::platform::problem::{Code, Faults, Problem, YEARS};
use crate::rulebook::rules::shanghai_date;

/// Longest name of who has a burden or consents, characters.
const LONGEST_NAME: usize = 200;
/// Longest number of a register, characters.
const LONGEST_NUMBER: usize = 100;
/// Longest reason, characters.
const LONGEST_REASON: usize = 500;

/// A burden to enter.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBurden {
    /// Which kind.
    pub kind: BurdenKind,
    /// The first day it stands; a pledge stands from its registration on.
    #[schema(example = "2026-01-15")]
    pub since: NaiveDate,
    /// The last day it stands, where it ends by itself.
    pub until: Option<NaiveDate>,
    /// Who has it: an organisation by its name, a person by what he is to the right (the inventor). A pledge has one.
    #[schema(min_length = 1, max_length = 200, example = "杭州某银行")]
    pub holder: Option<String>,
    /// Its number in the register; a pledge has one.
    #[schema(min_length = 1, max_length = 100, example = "Y2026330000123")]
    pub registry_number: Option<String>,
    /// Whether proceedings at the registry are suspended for it (中止); only of a dispute over who owns the right.
    #[serde(default)]
    pub suspends: bool,
    /// The paper it is entered with. Of what is secret or may not leave the country nothing is kept but that it is so.
    pub document_id: Option<DocumentId>,
    /// Where it was read.
    pub source: StatusSource,
    /// When the source said so; never in the future.
    #[schema(example = "2026-02-20T09:00:00+08:00")]
    pub as_of: DateTime<Utc>,
}

/// The lifting of a burden.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLifting {
    /// The first day it does not stand any more.
    #[schema(example = "2026-03-01")]
    pub lifted_on: NaiveDate,
    /// What lifts it: the order of the court, the cancellation of the pledge, the judgment, the withdrawal.
    pub document_id: DocumentId,
}

/// A consent to hand in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConsent {
    /// Whose it is.
    pub kind: ConsentKind,
    /// The burden it cures; none for a co-owner's.
    pub burden_id: Option<BurdenId>,
    /// Who consents: whoever has the burden; a co-owner by his name exactly as among the owners.
    #[schema(min_length = 1, max_length = 200, example = "杭州某银行")]
    pub given_by: String,
    /// What it is for.
    #[schema(min_items = 1, max_items = 9)]
    pub deeds: Vec<IntendedDeed>,
    /// The first day on which it holds.
    #[schema(example = "2026-03-01")]
    pub valid_from: NaiveDate,
    /// The last, if it has one.
    pub valid_until: Option<NaiveDate>,
    /// Where the price goes; a pledgee says so.
    pub price_goes: Option<PledgedPrice>,
    /// The consent.
    pub document_id: DocumentId,
}

/// Whether nothing but the bare fact may be kept of such a burden.
pub fn is_bare(kind: BurdenKind) -> bool {
    matches!(kind, BurdenKind::StateSecret | BurdenKind::ExportProhibited)
}

fn in_range(day: NaiveDate) -> bool {
    YEARS.contains(&day.year())
}

/// The instant of the source, as it is kept.
pub fn kept_as_of(new: &NewBurden) -> Timestamp {
    micros(new.as_of)
}

/// Refuses a burden that is not well said.
pub fn said_well(new: &NewBurden, now: Timestamp) -> Result<(), Problem> {
    let mut faults = Faults::new();
    let bare = is_bare(new.kind);
    let as_of = kept_as_of(new);
    faults
        .require(in_range(new.since), "/since", "range", "日期超出范围", "the day is out of range")
        .require(new.since <= shanghai_date(now), "/since", "future", "不得晚于今日", "must not lie in the future")
        .require(new.until.is_none_or(in_range), "/until", "range", "日期超出范围", "the day is out of range")
        .require(new.until.is_none_or(|last| new.since <= last), "/until", "order", "不得早于起始日", "must not lie before the first day")
        .optional_text("/holder", new.holder.as_ref(), LONGEST_NAME)
        .optional_text("/registry_number", new.registry_number.as_ref(), LONGEST_NUMBER)
        .require(as_of <= now, "/as_of", "future", "不得晚于当前时间", "must not lie in the future")
        .require(as_of >= DateTime::UNIX_EPOCH, "/as_of", "range", "不得早于 1970 年", "must not lie before 1970")
        .require(
            new.kind != BurdenKind::Pledge || new.holder.is_some(),
            "/holder",
            "required",
            "质押须载明质权人",
            "a pledge names its pledgee",
        )
        .require(
            new.kind != BurdenKind::Pledge || new.registry_number.is_some(),
            "/registry_number",
            "required",
            "质权自登记时设立，须载明登记号（民法典第四百四十四条）",
            "a pledge exists from its registration on: give its number (Civil Code art. 444)",
        )
        .require(
            !new.suspends || new.kind == BurdenKind::OwnershipDispute,
            "/suspends",
            "not_of_kind",
            "只有权属纠纷可以注明中止",
            "only a dispute over who owns the right says so",
        )
        .require(
            new.source != StatusSource::Certificate || new.document_id.is_some() || bare,
            "/document_id",
            "required",
            "来源为证书的须附证明文件",
            "a certificate must be attached",
        );
    let told = [
        ("/holder", new.holder.is_some()),
        ("/registry_number", new.registry_number.is_some()),
        ("/document_id", new.document_id.is_some()),
    ];
    for (place, is_told) in told {
        faults.require(
            !bare || !is_told,
            place,
            "never_kept",
            "涉密或者禁止出口的，只登记该事实",
            "of this nothing is kept but that it is so",
        );
    }
    faults.done()
}

/// Refuses a step that was taken already, or comes after the last.
pub fn may_step(held: &Burden, kind: BurdenStepKind) -> Result<(), Problem> {
    if held.step(BurdenStepKind::Lifted).is_some() {
        return Err(Code::WrongState.with("state", "lifted").with("allowed", Vec::<&str>::new()));
    }
    if held.step(kind).is_some() {
        return Err(Code::WrongState.with("state", kind.code()).with("allowed", ["lift_encumbrance"]));
    }
    Ok(())
}

/// Refuses an officer who has a place with whose right it is, or entered the burden.
pub fn may_see(held: &Burden, by: PersonId, sits_with_owner: bool) -> Result<(), Problem> {
    may_step(held, BurdenStepKind::Seen)?;
    if sits_with_owner {
        return Err(Code::ConflictOfInterest.into());
    }
    if held.row.recorded_by == by { Err(Code::SamePerson.into()) } else { Ok(()) }
}

/// Refuses a lifting that cannot have been.
pub fn lifted_well(held: &Burden, new: &NewLifting, now: Timestamp) -> Result<(), Problem> {
    may_step(held, BurdenStepKind::Lifted)?;
    Faults::new()
        .require(new.lifted_on >= held.row.since, "/lifted_on", "order", "不得早于起始日", "must not lie before the first day")
        .require(new.lifted_on <= shanghai_date(now), "/lifted_on", "future", "不得晚于今日", "must not lie in the future")
        .done()
}

/// Refuses a consent that is not well given. `cured` is the burden it names, where that is one of the right.
pub fn given_well(new: &NewConsent, cured: Option<&Burden>, owners: &[asset_owner::Model]) -> Result<(), Problem> {
    let of_owner = new.kind == ConsentKind::CoOwner;
    let deeds: BTreeSet<_> = new.deeds.iter().collect();
    let mut faults = Faults::new();
    faults
        .text("/given_by", &new.given_by, LONGEST_NAME)
        .require(
            !deeds.is_empty() && deeds.len() == new.deeds.len(),
            "/deeds",
            "once",
            "须列明至少一项行为且不得重复",
            "must name at least one deed, each once",
        )
        .require(in_range(new.valid_from), "/valid_from", "range", "日期超出范围", "the day is out of range")
        .require(new.valid_until.is_none_or(in_range), "/valid_until", "range", "日期超出范围", "the day is out of range")
        .require(
            new.valid_until.is_none_or(|last| new.valid_from <= last),
            "/valid_until",
            "order",
            "不得早于起始日",
            "must not lie before the first day",
        )
        .require(
            new.price_goes.is_some() == (new.kind == ConsentKind::Pledgee),
            "/price_goes",
            "of_pledgee",
            "质权人同意须载明价款去向，其他同意不得载明",
            "a pledgee says where the price goes, and nobody else does",
        )
        .require(
            of_owner == new.burden_id.is_none(),
            "/burden_id",
            "of_kind",
            "共有人同意不指明权利负担，其他同意须指明",
            "a co-owner's consent names no burden, every other does",
        )
        .require(
            !of_owner || owners.iter().any(|owner| owner.name.trim() == new.given_by.trim()),
            "/given_by",
            "not_an_owner",
            "须为该标的的权利人",
            "must be an owner of the right",
        );
    if !of_owner && new.burden_id.is_some() {
        faults.require(
            cured.is_some_and(|held| cured_by(held.row.kind) == Some(new.kind)),
            "/burden_id",
            "unknown",
            "该标的没有可由此种同意解除的权利负担",
            "the right has no such burden, or this consent does not cure it",
        );
        let holder = cured.and_then(|held| held.row.holder.as_deref());
        faults.require(
            holder.is_none_or(|holder| new.kind == ConsentKind::ProjectManager || holder.trim() == new.given_by.trim()),
            "/given_by",
            "not_the_holder",
            "须为该权利负担的权利人",
            "must be who has the burden",
        );
    }
    faults.done()
}

/// Refuses a reason that is none.
pub fn reasoned(reason: &str) -> Result<(), Problem> {
    Faults::new().text("/reason", reason, LONGEST_REASON).done()
}
