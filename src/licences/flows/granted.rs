//! Licences that come about here: sold, granted to who made it, or taken of what is open to everybody. They are entered as that becomes effective, once.

use std::collections::BTreeSet;

use chrono::{Months, NaiveDate};
use entity::achievements::asset;
use entity::ids::{AssetId, LicenceGrantId, OrganisationId};
use entity::licences::{LicenceGrantState, LicenceMode, licence_grant};
use entity::listings::{LicenceTerms, TransferTerms};
use serde_json::json;

use super::end::ended_within;
use super::enter::entered_within;
use super::judged_within;
use crate::house::Tx;
use crate::licences::rules::grant::{self, Made, Source};
use crate::licences::rules::matrix::{Proposed, Wish};
use crate::licences::rules::scope::{Scope, ScopeTerms, in_codes};
use crate::licences::store;
use crate::platform::problem::Problem;
use crate::rulebook::rules::shanghai_date;

/// Why a licence ends with what it came about by.
const RESCINDED: &str = "所依据的成交或赋权已终止 The sale or the grant it came about by was ended";

/// What came about.
pub struct Granted<'a> {
    /// By what.
    pub source: Source,
    /// Who grants.
    pub licensor: OrganisationId,
    /// To whom.
    pub grantee: (Option<OrganisationId>, &'a str),
    /// Of which rights.
    pub assets: &'a [AssetId],
}

/// Enters what was sold, if that is a licence: from today on, for as long as was agreed.
pub async fn sold(tx: &Tx, granted: Granted<'_>, terms: &TransferTerms) -> Result<(), Problem> {
    let (mode, terms) = match terms {
        TransferTerms::ExclusiveLicence(terms) => (LicenceMode::Exclusive, terms),
        TransferTerms::SoleLicence(terms) => (LicenceMode::Sole, terms),
        TransferTerms::NonExclusiveLicence(terms) => (LicenceMode::NonExclusive, terms),
        TransferTerms::Assignment {} | TransferTerms::Equity(_) => return Ok(()),
    };
    let today = shanghai_date(tx.now);
    let assets = store::hold_assets(tx.conn(), granted.assets).await?;
    let until = ends_on(terms, today, &assets);
    enter(tx, granted, mode, (in_codes(terms, today, until), terms.sublicence), &assets).await.map(|_| ())
}

/// Enters a right to use it of who made it: all of it, for so many months from today.
pub async fn to_who_made_it(tx: &Tx, granted: Granted<'_>, months: u32) -> Result<(), Problem> {
    let today = shanghai_date(tx.now);
    let all = all_of_it(months);
    let assets = store::hold_assets(tx.conn(), granted.assets).await?;
    let until = ends_on(&all, today, &assets);
    enter(tx, granted, LicenceMode::GrantedUseRight, (in_codes(&all, today, until), false), &assets).await.map(|_| ())
}

/// Enters an open licence that somebody took: all of it, from one day to another, which is no later than the first of its rights ends.
pub async fn taken(tx: &Tx, granted: Granted<'_>, (from, until): (NaiveDate, NaiveDate)) -> Result<licence_grant::Model, Problem> {
    let assets = store::hold_assets(tx.conn(), granted.assets).await?;
    let until = assets.iter().filter_map(|asset| asset.expires_on).chain([until]).min();
    enter(tx, granted, LicenceMode::Open, (in_codes(&all_of_it(0), from, until), false), &assets).await
}

/// Every field, everywhere.
fn all_of_it(months: u32) -> LicenceTerms {
    LicenceTerms { acts: LicenceTerms::every_act(), fields: vec!["all".into()], territory: vec!["all".into()], months, sublicence: false }
}

/// The day on which it ends: no later than the first of its rights.
fn ends_on(terms: &LicenceTerms, from: NaiveDate, assets: &[asset::Model]) -> Option<NaiveDate> {
    let agreed = from.checked_add_months(Months::new(terms.months));
    agreed.into_iter().chain(assets.iter().filter_map(|asset| asset.expires_on)).min()
}

async fn enter(
    tx: &Tx,
    granted: Granted<'_>,
    mode: LicenceMode,
    (terms, may_sublicense): (ScopeTerms, bool),
    assets: &[asset::Model],
) -> Result<licence_grant::Model, Problem> {
    let scope = Scope::read("/terms", &terms)?;
    let ids: Vec<_> = assets.iter().map(|asset| asset.id).collect();
    // What was offered named the licences that there were, and whoever took it accepted them.
    let standing = store::counting(tx.conn(), &ids, (tx.now, terms.from)).await?;
    let carve_outs: BTreeSet<_> = standing.iter().map(|row| row.id).collect();
    let new = Proposed {
        wish: Wish::Licence(mode),
        assets: ids.iter().copied().collect(),
        scope: scope.clone(),
        grantee: granted.grantee.0,
        carve_outs: carve_outs.clone(),
        waived: BTreeSet::new(),
        is_proxy: false,
    };
    let replaced = judged_within(tx, &new, &ids).await?;
    let row = grant::entered(Made {
        id: tx.id(),
        by: (granted.licensor, tx.by.actor()?.person),
        grantee: (granted.grantee.0, granted.grantee.1.to_owned()),
        mode,
        source: granted.source,
        ends_on: terms.until,
        may_sublicense,
        is_proxy: false,
        parent: None,
        beside: [if mode.is_alone() { json!(carve_outs) } else { json!([]) }, json!([])],
        scope: terms,
        at: tx.now,
    })?;
    entered_within(tx, &row, (&scope, &ids), &replaced).await?;
    Ok(row)
}

/// Ends the licence that came about by this, if one did, with every one under it.
pub async fn rescinded(tx: &Tx, by: &Source) -> Result<(), Problem> {
    match store::hold_come_about_by(tx.conn(), by).await? {
        Some(held) => ended_within(tx, &held, RESCINDED, None).await.map(|_| ()),
        None => Ok(()),
    }
}

/// Ends a licence that came about here, with every one under it; harmless where it stands no more.
pub async fn ended(tx: &Tx, id: LicenceGrantId, reason: &str) -> Result<(), Problem> {
    let held = store::hold(tx.conn(), id).await?.filter(|held| held.state == LicenceGrantState::Effective);
    match held {
        Some(held) => ended_within(tx, &held, reason, None).await.map(|_| ()),
        None => Ok(()),
    }
}
