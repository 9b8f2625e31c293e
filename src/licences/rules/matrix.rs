//! What may be granted beside what was granted before (domain: the conflict matrix).
//!
//! A new right is held against each grant, declaration and hold of the same rights whose scope it meets. Nothing here depends on the
//! order in which they are looked at.

use std::collections::BTreeSet;

use entity::ids::{AssetId, LicenceGrantId, OrganisationId};
use entity::licences::LicenceMode;
use serde::Serialize;
use utoipa::ToSchema;

use super::scope::Scope;

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A licence.
    Licence(LicenceMode),
    /// To declare that anybody may have a licence.
    Declaration,
    /// The right itself, for money or for a share of a company.
    Title,
}

/// A new right that is wanted.
#[derive(Clone, Debug)]
pub struct Proposed {
    /// What.
    pub wish: Wish,
    /// Of which rights.
    pub assets: BTreeSet<AssetId>,
    /// How far.
    pub scope: Scope,
    /// For whom, where that is known.
    pub grantee: Option<OrganisationId>,
    /// Earlier non-exclusive licences that the new licensee knows of and accepts beside his own.
    pub carve_outs: BTreeSet<LicenceGrantId>,
    /// Earlier grants whose holder agreed in writing.
    pub waived: BTreeSet<LicenceGrantId>,
    /// Whether it is the one licence by which a sole licensor who cannot use it himself has it used (SPC-TC art. 27).
    pub is_proxy: bool,
}

/// What is in force.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The grant.
    pub id: LicenceGrantId,
    /// Its kind.
    pub mode: LicenceMode,
    /// Of which rights.
    pub assets: BTreeSet<AssetId>,
    /// How far.
    pub scope: Scope,
    /// Whose, where he is an organisation here.
    pub grantee: Option<OrganisationId>,
    /// Whether it is what a sole licensor has it used by.
    pub is_proxy: bool,
}

/// What becomes of a wish beside one grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Neither is in the other's way.
    Free,
    /// It is had together with what was granted, which its new holder accepted.
    CarvedOut,
    /// It takes the place of that grant, whose holder gets at least as much.
    Replaces,
    /// Who had a licence gets the right itself, and the licence ends in it.
    Merges,
    /// The right passes with the grant on it (SPC-TC art. 24).
    SubjectTo,
    /// It cannot be granted.
    Blocked(Cure),
}

/// What would have to happen first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cure {
    /// Nothing while the grant stands: ask for other fields, another territory or later days.
    OtherScope,
    /// The new licensee accepts the earlier licence beside his own.
    CarveOut,
    /// Its holder agrees in writing.
    Waiver,
    /// The trial ends, or it is its holder who gets the licence.
    TrialEnds,
    /// The declaration is withdrawn.
    Withdrawal,
}

/// What becomes of a wish beside a grant in force.
pub fn beside(new: &Proposed, standing: &Standing) -> Beside {
    if new.assets.is_disjoint(&standing.assets) {
        return Beside::Free;
    }
    // What is declared is declared whole, so it meets whatever has any scope at all (PLIR art. 86).
    if new.wish != Wish::Declaration && !new.scope.meets(&standing.scope) {
        return Beside::Free;
    }
    match new.wish {
        Wish::Title => title(new, standing),
        Wish::Declaration => declaration(new, standing),
        Wish::Licence(mode) => licence(mode, new, standing),
    }
}

/// Who gets the right gets it with what is on it.
fn title(new: &Proposed, standing: &Standing) -> Beside {
    if is_his(new, standing) { Beside::Merges } else { Beside::SubjectTo }
}

fn declaration(new: &Proposed, standing: &Standing) -> Beside {
    match standing.mode {
        LicenceMode::Exclusive | LicenceMode::Sole => Beside::Blocked(Cure::OtherScope),
        LicenceMode::GrantedUseRight if !new.waived.contains(&standing.id) => Beside::Blocked(Cure::Waiver),
        _ => Beside::Free,
    }
}

fn licence(mode: LicenceMode, new: &Proposed, standing: &Standing) -> Beside {
    use LicenceMode::{Compulsory, Exclusive, GrantedUseRight, NonExclusive, Open, Sole, SubLicence, Trial};
    // Whose grant it is gets the new one in its place, if that is no less.
    let is_replaced = is_his(new, standing)
        && new.assets.is_superset(&standing.assets)
        && new.scope.holds(&standing.scope)
        && matches!(standing.mode, NonExclusive | Sole | Exclusive | Trial);
    if is_replaced {
        return Beside::Replaces;
    }
    match (standing.mode, mode.is_alone()) {
        // It stands under its parent, which is looked at itself.
        (SubLicence, _) | (NonExclusive | Open | Trial | GrantedUseRight | Compulsory, false) => Beside::Free,
        (Sole, false) if new.is_proxy => Beside::Free,
        // What the authority granted can be neither carved out nor waived.
        (Sole | Exclusive, _) | (Compulsory, true) => Beside::Blocked(Cure::OtherScope),
        (NonExclusive | Open, true) if new.carve_outs.contains(&standing.id) => Beside::CarvedOut,
        (NonExclusive | Open, true) => Beside::Blocked(Cure::CarveOut),
        (Trial | GrantedUseRight, true) if is_his(new, standing) => Beside::Free,
        (Trial, true) => Beside::Blocked(Cure::TrialEnds),
        (GrantedUseRight, true) if new.waived.contains(&standing.id) => Beside::Free,
        (GrantedUseRight, true) => Beside::Blocked(Cure::Waiver),
    }
}

fn is_his(new: &Proposed, standing: &Standing) -> bool {
    new.grantee.is_some() && new.grantee == standing.grantee
}

/// What becomes of a wish beside all that is in force: of each grant that it does not leave alone.
pub fn judged<'a>(new: &'a Proposed, standing: &'a [Standing]) -> impl Iterator<Item = (&'a Standing, Beside)> {
    let proxies = standing.iter().filter(|other| other.is_proxy && new.is_proxy && !new.assets.is_disjoint(&other.assets));
    // A sole licensor has it used by one other, not by several in the same scope.
    let second_proxies = proxies.filter(|other| new.scope.meets(&other.scope)).map(|other| (other, Beside::Blocked(Cure::OtherScope)));
    standing.iter().map(|other| (other, beside(new, other))).filter(|(_, beside)| *beside != Beside::Free).chain(second_proxies)
}

/// What becomes of a wish while anybody may have a licence of one of the rights (PL art. 51): the sort of licence that shuts others out
/// cannot be granted, and what is declared once is not declared again. Title passes, and the declaration lapses.
pub fn beside_declaration(wish: Wish) -> Beside {
    match wish {
        Wish::Licence(mode) if mode.is_alone() => Beside::Blocked(Cure::Withdrawal),
        Wish::Declaration => Beside::Blocked(Cure::Withdrawal),
        Wish::Licence(_) => Beside::Free,
        Wish::Title => Beside::SubjectTo,
    }
}
