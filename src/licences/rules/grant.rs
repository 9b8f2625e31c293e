//! A licence from when it is entered to when it stands no more.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::Timestamp;
use entity::achievements::asset;
use entity::ids::{AssetId, DealId, DocumentId, LicenceGrantId, NegotiationId, OpenLicenceId, OrganisationId, PersonId, RightsGrantId};
use entity::licences::{LicenceGrantState, LicenceMode, LicenceOrigin, licence_claim, licence_grant, licence_grant_asset};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::consent::NewOwnerConsent;
use super::matrix::{Proposed, Standing, Wish};
use super::scope::{Scope, ScopeTerms};
use crate::platform::problem::{Code, Faults, Problem};

/// The longest reason, characters.
const LONGEST: usize = 500;
/// The most rights of one licence, and the most earlier licences that are named in it.
const MOST: usize = 100;

/// To whom a licence is given.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewGrantee {
    /// His organisation, where it is one of this market.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<OrganisationId>,
    /// What he is called, where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
}

/// A holder of an earlier grant agreed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWaiver {
    /// The grant.
    pub licence_id: LicenceGrantId,
    /// The paper that shows it.
    pub document_id: DocumentId,
}

/// A licence to be entered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLicence {
    /// Which rights, all of one organisation.
    #[schema(min_items = 1, max_items = 100)]
    pub asset_ids: Vec<AssetId>,
    /// Which kind: `exclusive`, `sole`, `non_exclusive`, `trial` or `compulsory`.
    pub mode: LicenceMode,
    /// How far it goes.
    pub scope: ScopeTerms,
    /// To whom.
    pub grantee: NewGrantee,
    /// Whether he may grant licences under it.
    #[serde(default)]
    pub may_sublicense: bool,
    /// Earlier non-exclusive licences that he knows of and accepts beside his own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub carve_outs: Vec<LicenceGrantId>,
    /// Grants whose holder agreed in writing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub waivers: Vec<NewWaiver>,
    /// Whether it is the one licence by which a sole licensor who cannot use it himself has it used (SPC-TC art. 27).
    #[serde(default)]
    pub is_proxy: bool,
    /// Owners beside the licensor who agreed: all of them, where nobody else is to have a licence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub co_owner_consents: Vec<NewOwnerConsent>,
    /// The licence that its holder gave for it (交叉许可), which is held against the register by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counterpart_id: Option<LicenceGrantId>,
    /// The contract.
    pub document_id: DocumentId,
}

/// A licence under another one, to be entered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSubLicence {
    /// How far it goes.
    pub scope: ScopeTerms,
    /// To whom.
    pub grantee: NewGrantee,
    /// The contract.
    pub document_id: DocumentId,
}

/// Checks what can be checked without the register: kinds that come about otherwise are refused, and what contradicts itself.
pub fn said_well(new: &NewLicence) -> Result<(), Problem> {
    use LicenceMode::{Compulsory, Exclusive, NonExclusive, Sole, Trial};
    let mut faults = Faults::new();
    let is_entered = matches!(new.mode, Exclusive | Sole | NonExclusive | Trial | Compulsory);
    let different = new.asset_ids.iter().collect::<BTreeSet<_>>().len() == new.asset_ids.len();
    faults
        .require(is_entered, "/mode", "mode", "此类许可不在此登记", "licences of that kind are not entered here")
        .require((1..=MOST).contains(&new.asset_ids.len()), "/asset_ids", "range", "须为 1 至 100 项", "1 to 100 entries")
        .require(different, "/asset_ids", "repeated", "不得重复", "nothing twice")
        .require(new.carve_outs.len() <= MOST, "/carve_outs", "range", "不得超过 100 项", "at most 100 entries")
        .require(new.waivers.len() <= MOST, "/waivers", "range", "不得超过 100 项", "at most 100 entries")
        .require(new.co_owner_consents.len() <= MOST, "/co_owner_consents", "range", "不得超过 100 项", "at most 100 entries")
        // Nobody grants licences under what the authority granted (PL art. 61), or under what is had on trial.
        .require(
            !new.may_sublicense || !matches!(new.mode, Trial | Compulsory),
            "/may_sublicense",
            "contradiction",
            "试用许可与强制许可不含分许可权",
            "neither a trial nor a compulsory licence allows it",
        )
        .require(
            !new.is_proxy || new.mode == NonExclusive,
            "/is_proxy",
            "contradiction",
            "仅普通许可可作为许可人自行实施的方式",
            "only a non-exclusive licence stands for the licensor's own use",
        )
        // What is tried is tried for a time.
        .require(new.mode != Trial || new.scope.until.is_some(), "/scope/until", "missing_field", "试用许可须有期限", "a trial has an end");
    named_once(&mut faults, &new.grantee);
    faults.done()
}

/// Checks a grantee: an organisation of this market, or a name.
pub fn named_once(faults: &mut Faults, grantee: &NewGrantee) {
    let is_one = grantee.organisation_id.is_some() != grantee.name.is_some();
    faults
        .require(is_one, "/grantee", "one_of", "organisation_id 与 name 须且仅须填一项", "give organisation_id or name, and not both")
        .optional_text("/grantee/name", grantee.name.as_ref(), 200);
}

/// Refuses a licence that would outlast one of its rights (CC art. 865), or has no end though one of them has.
pub fn within_terms(scope: &ScopeTerms, assets: &[asset::Model]) -> Result<(), Problem> {
    let mut faults = Faults::new();
    for asset in assets {
        let Some(end) = asset.expires_on else { continue };
        faults.require(
            scope.from < end && scope.until.is_none_or(|until| until <= end),
            "/scope/until",
            "beyond_term",
            &format!("许可期限超出资产 {} 的有效期（至 {end}）", asset.id),
            &format!("the licence would outlast asset {}, which ends on {end}", asset.id),
        );
    }
    faults.done()
}

/// The first day on which it does not stand: its own, or the first on which one of its rights does not.
pub fn ends_on(scope: &ScopeTerms, assets: &[asset::Model]) -> Option<NaiveDate> {
    scope.until.or_else(|| assets.iter().filter_map(|asset| asset.expires_on).min())
}

/// The licence as it is held against the register.
pub fn proposed(new: &NewLicence, scope: Scope) -> Proposed {
    Proposed {
        wish: Wish::Licence(new.mode),
        assets: new.asset_ids.iter().copied().collect(),
        scope,
        grantee: new.grantee.organisation_id,
        carve_outs: new.carve_outs.iter().copied().collect(),
        waived: new.waivers.iter().map(|waiver| waiver.licence_id).collect(),
        is_proxy: new.is_proxy,
    }
}

/// How a licence came about.
pub enum Source {
    /// Its licensor entered it, with this contract.
    Recorded(Value),
    /// The same under another licence.
    SubLicence(Value),
    /// A deal.
    Deal(DealId),
    /// A sale at a negotiated price.
    Negotiation(NegotiationId),
    /// A grant to who made it.
    RightsGrant(RightsGrantId),
    /// An open licence that somebody took.
    OpenLicence(OpenLicenceId),
}

impl Source {
    fn origin(&self) -> LicenceOrigin {
        match self {
            Self::Recorded(_) => LicenceOrigin::Recorded,
            Self::SubLicence(_) => LicenceOrigin::SubLicence,
            Self::Deal(_) => LicenceOrigin::Deal,
            Self::Negotiation(_) => LicenceOrigin::Negotiation,
            Self::RightsGrant(_) => LicenceOrigin::RightsGrant,
            Self::OpenLicence(_) => LicenceOrigin::OpenLicence,
        }
    }
}

/// What a licence is made of, once it is judged.
pub struct Made {
    /// Its id.
    pub id: LicenceGrantId,
    /// Who grants it, and who entered that.
    pub by: (OrganisationId, PersonId),
    /// To whom.
    pub grantee: (Option<OrganisationId>, String),
    /// Its kind.
    pub mode: LicenceMode,
    /// How it came about.
    pub source: Source,
    /// How far it goes.
    pub scope: ScopeTerms,
    /// The first day on which it does not stand.
    pub ends_on: Option<NaiveDate>,
    /// Whether its holder may grant licences under it.
    pub may_sublicense: bool,
    /// Whether it stands for the licensor's own use.
    pub is_proxy: bool,
    /// The licence it is under.
    pub parent: Option<LicenceGrantId>,
    /// Earlier licences beside it, and the waivers, as they are kept.
    pub beside: [Value; 2],
    /// When.
    pub at: Timestamp,
}

/// A licence that is entered.
pub fn entered(made: Made) -> Result<licence_grant::Model, Problem> {
    let scope = serde_json::to_value(&made.scope).map_err(|_| Code::Internal)?;
    let [carve_outs, waivers] = made.beside;
    let origin = made.source.origin();
    let (mut deal_id, mut negotiation_id, mut rights_grant_id, mut open_licence_id, mut document) = (None, None, None, None, None);
    match made.source {
        Source::Recorded(contract) | Source::SubLicence(contract) => document = Some(contract),
        Source::Deal(id) => deal_id = Some(id),
        Source::Negotiation(id) => negotiation_id = Some(id),
        Source::RightsGrant(id) => rights_grant_id = Some(id),
        Source::OpenLicence(id) => open_licence_id = Some(id),
    }
    Ok(licence_grant::Model {
        id: made.id,
        licensor_id: made.by.0,
        grantee_id: made.grantee.0,
        grantee_name: made.grantee.1,
        mode: made.mode,
        origin,
        state: LicenceGrantState::Effective,
        scope,
        starts_on: made.scope.from,
        ends_on: made.ends_on,
        may_sublicense: made.may_sublicense,
        is_proxy: made.is_proxy,
        parent_id: made.parent,
        carve_outs,
        waivers,
        deal_id,
        negotiation_id,
        rights_grant_id,
        open_licence_id,
        document,
        effective_at: made.at,
        ended_at: None,
        end_reason: None,
        end_document: None,
        superseded_by: None,
        breach_at: None,
        breach: None,
        created_by: made.by.1,
        version: 1,
        created_at: made.at,
    })
}

/// The rights of a licence, as rows.
pub fn of_assets(id: LicenceGrantId, assets: &[AssetId]) -> Vec<licence_grant_asset::Model> {
    assets.iter().map(|asset| licence_grant_asset::Model { licence_grant_id: id, asset_id: *asset, merged_at: None }).collect()
}

/// What the holder of a licence is licensed alone, as rows that the database keeps apart; none of a licence that others have too.
pub fn claims(row: &licence_grant::Model, scope: &Scope, assets: &[AssetId]) -> Vec<licence_claim::Model> {
    if !row.mode.is_alone() {
        return Vec::new();
    }
    let boxes = scope.claims();
    let each = assets.iter().flat_map(|asset| (0_i32..).zip(&boxes).map(move |(position, parts)| (*asset, position, *parts)));
    let claim = |(asset_id, position, [act, field, region, day]): (AssetId, i32, [super::extent::Part; 4])| licence_claim::Model {
        licence_grant_id: row.id,
        asset_id,
        position,
        act_from: act.from,
        act_to: act.to,
        field_from: field.from,
        field_to: field.to,
        region_from: region.from,
        region_to: region.to,
        day_from: day.from,
        day_to: day.to,
    };
    each.map(claim).collect()
}

/// How far a licence goes, by its codes.
pub fn terms_of(row: &licence_grant::Model) -> Result<ScopeTerms, Problem> {
    serde_json::from_value(row.scope.clone()).map_err(|_| Code::Internal.into())
}

/// A licence as new ones are held against it; it ends when its rights do, though its codes do not say so.
pub fn standing(row: &licence_grant::Model, assets: BTreeSet<AssetId>) -> Result<Standing, Problem> {
    let terms = terms_of(row)?;
    let scope = Scope::read("/scope", &ScopeTerms { until: row.ends_on, ..terms })?;
    Ok(Standing { id: row.id, mode: row.mode, assets, scope, grantee: row.grantee_id, is_proxy: row.is_proxy })
}

/// What is done to a licence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// End it before its time.
    Terminate,
    /// Grant one under it.
    SubLicense,
    /// Say that somebody does not keep to it.
    ReportBreach,
}

impl Deed {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Terminate, Self::SubLicense, Self::ReportBreach];

    /// The operation that does it.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Terminate => "terminate_licence",
            Self::SubLicense => "grant_sub_licence",
            Self::ReportBreach => "report_licence_breach",
        }
    }
}

/// What can be done to a licence on a day, as operations.
pub fn allowed(row: &licence_grant::Model, today: NaiveDate) -> Vec<&'static str> {
    let deeds: &[Deed] = if stands(row, today) { &Deed::ALL } else { &[] };
    deeds.iter().filter(|deed| **deed != Deed::SubLicense || row.may_sublicense).map(|deed| deed.operation()).collect()
}

/// Whether it was not ended and its days are not over.
pub fn stands(row: &licence_grant::Model, today: NaiveDate) -> bool {
    row.state == LicenceGrantState::Effective && row.ends_on.is_none_or(|end| today < end)
}

/// Refuses what is done to a licence that does not stand any more.
pub fn require(row: &licence_grant::Model, deed: Deed, today: NaiveDate) -> Result<(), Problem> {
    let allowed = allowed(row, today);
    if allowed.contains(&deed.operation()) { Ok(()) } else { Err(Code::WrongState.with("state", row.state).with("allowed", allowed)) }
}

/// How a licence is ended before its time.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTermination {
    /// Why.
    #[schema(min_length = 1, max_length = 500, example = "双方协议解除")]
    pub reason: String,
    /// What shows it: an agreement, a notice that was received, a judgment.
    pub document_id: DocumentId,
}

/// The licence once it is ended, with a reason and what shows it.
pub fn terminated(row: &licence_grant::Model, reason: &str, document: Option<Value>, at: Timestamp) -> licence_grant::Model {
    licence_grant::Model {
        state: LicenceGrantState::Terminated,
        ended_at: Some(at),
        end_reason: Some(reason.to_owned()),
        end_document: document,
        version: row.version + 1,
        ..row.clone()
    }
}

/// The licence once another took its place.
pub fn superseded(row: &licence_grant::Model, by: LicenceGrantId, at: Timestamp) -> licence_grant::Model {
    licence_grant::Model {
        state: LicenceGrantState::Superseded,
        superseded_by: Some(by),
        ..terminated(row, "由新许可取代 Another licence took its place", None, at)
    }
}

/// The licence once it ends with its right on a day; nothing where it ends no later anyway.
pub fn capped(row: &licence_grant::Model, end: NaiveDate) -> Option<licence_grant::Model> {
    let outlasts = row.starts_on < end && row.ends_on.is_none_or(|own| end < own);
    outlasts.then(|| licence_grant::Model { ends_on: Some(end), version: row.version + 1, ..row.clone() })
}

/// The licence once it is said that somebody does not keep to it. It stands as before: whether that is so, they settle between them.
pub fn breached(row: &licence_grant::Model, what: &str, at: Timestamp) -> licence_grant::Model {
    licence_grant::Model { breach_at: Some(at), breach: Some(what.to_owned()), version: row.version + 1, ..row.clone() }
}

/// Checks a reason.
pub fn reasoned(reason: &str) -> Result<(), Problem> {
    Faults::new().text("/reason", reason, LONGEST).done()
}
