#![allow(clippy::unwrap_used)]
//! The rules of licences: how far scopes go, and what may stand beside what.

mod algebra;
mod carried;
mod cells;
mod passing;
mod truth;

use chrono::NaiveDate;
use entity::ids::{AssetId, LicenceGrantId, OrganisationId, PersonId};
use entity::licences::{LicenceMode, licence_grant};
use serde_json::json;
use uuid::Uuid;

use super::grant::{Made, Source, entered};
use super::matrix::{Proposed, Standing, Wish};
use super::scope::{Scope, ScopeTerms};

fn day(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap()
}

fn codes(codes: &[&str]) -> Vec<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

/// Of every act, in fields and places, from the beginning of one year to that of another.
fn terms(fields: &[&str], territory: &[&str], (from, until): (i32, Option<i32>)) -> ScopeTerms {
    let (acts, fields, territory) = (codes(&["all"]), codes(fields), codes(territory));
    ScopeTerms { acts, fields, territory, from: day(from), until: until.map(day) }
}

fn scope(fields: &[&str], territory: &[&str], years: (i32, Option<i32>)) -> Scope {
    Scope::read("/scope", &terms(fields, territory, years)).unwrap()
}

/// Of everything, from 2026 to 2030.
fn everything() -> Scope {
    scope(&["all"], &["all"], (2026, Some(2030)))
}

fn asset() -> AssetId {
    AssetId(Uuid::from_u128(1))
}

fn firm(number: u128) -> OrganisationId {
    OrganisationId(Uuid::from_u128(100 + number))
}

fn grant(number: u128) -> LicenceGrantId {
    LicenceGrantId(Uuid::from_u128(1_000 + number))
}

/// A grant to the first firm.
fn standing(mode: LicenceMode, scope: Scope) -> Standing {
    Standing { id: grant(1), mode, assets: [asset()].into(), scope, grantee: Some(firm(1)), is_proxy: false }
}

/// A licence that the ninth firm granted to the first, of everything from 2026 to 2030.
fn licence(mode: LicenceMode, parent: Option<LicenceGrantId>) -> licence_grant::Model {
    entered(Made {
        id: grant(1),
        by: (firm(9), PersonId(Uuid::from_u128(7))),
        grantee: (Some(firm(1)), "甲公司".into()),
        mode,
        source: Source::Recorded(json!({})),
        scope: terms(&["all"], &["all"], (2026, Some(2030))),
        ends_on: Some(day(2030)),
        may_sublicense: false,
        is_proxy: false,
        parent,
        beside: [json!([]), json!([])],
        at: "2026-03-03T02:00:00Z".parse().unwrap(),
    })
    .unwrap()
}

/// What the second firm wants.
fn proposed(wish: Wish, scope: Scope) -> Proposed {
    Proposed { wish, assets: [asset()].into(), scope, grantee: Some(firm(2)), carve_outs: [].into(), waived: [].into(), is_proxy: false }
}
