//! What one of several owners may do without the others.
//!
//! Where they agreed on something, that holds (PL art. 14). Otherwise a co-owner of a patent may exploit it or grant a non-exclusive licence
//! alone, of which the fees are shared, and everything else needs all; the two thirds of CC art. 301 do not apply, for PL art. 14 is the
//! special rule. Of software only the transfer needs all (SWR art. 10), and its pledge. Of a joint technical secret either may license it
//! non-exclusively and keep the gain (SPC-TC art. 20).

use chrono::NaiveDate;
use entity::achievements::AssetKind;
use entity::encumbrances::{ConsentKind, IntendedDeed};

use super::agreement::SignedBy;
use super::judge::{Consent, Intended, Standing};
use super::table::{Verdict, said};
use crate::achievements::rules::is_owner;

said! {
    ALL_OWNERS = "all_owners" by "PL art. 14": "专利权共有，没有约定的，须全体共有人同意" "several own it and agreed on nothing else: all of them consent"; cure "全体共有人书面同意，或者共有人约定" "the written consent of every co-owner, or their agreement";
    FEES_SHARED = "fees_shared" by "PL art. 14": "共有人可以单独普通许可，使用费在共有人之间分配" "a co-owner may license it non-exclusively alone, and the fees are shared"; cure "在共有人之间分配使用费" "share the fees among the owners";
    SOFTWARE_TRANSFER = "software_all_owners" by "SWR art. 10": "软件著作权共有且不能分割，转让、出质须全体共有人同意" "several own the software and it cannot be divided: all consent to its transfer or pledge"; cure "全体共有人书面同意" "the written consent of every co-owner";
    SOFTWARE_SHARED = "software_gains_shared" by "SWR art. 10": "共有人无正当理由不得阻止，所得收益合理分配" "no co-owner may stand in the way without good reason, and gains are shared"; cure "与其他共有人协商，合理分配收益" "ask the other owners, and share the gains";
    JOINT_SECRET = "joint_secret" by "SPC-TC art. 20": "共有的技术秘密，未经其他共有人同意转让或者独占、排他许可的无效" "a joint technical secret: without the others its assignment, exclusive or sole licence is void"; cure "其他共有人同意或者追认" "the others consent or ratify";
    AGREED_OTHERWISE = "agreed_otherwise" by "PL art. 14": "共有人约定此项须由其他共有人签署" "by what the owners agreed on, others sign this"; cure "按共有人约定取得书面同意" "the written consent that the agreement asks for";
}

/// What a co-owner who has no agreement with the others may do without them.
pub fn without_the_others(kind: AssetKind, deed: IntendedDeed) -> Verdict {
    use IntendedDeed::{Assignment, Equity, LicenceRecordal, NonExclusiveLicence, Pledge, TransferRecordal};
    match kind {
        AssetKind::Software if matches!(deed, Assignment | Equity | TransferRecordal | Pledge) => Verdict::Block(SOFTWARE_TRANSFER),
        AssetKind::Software => Verdict::Warn(SOFTWARE_SHARED),
        AssetKind::TradeSecret | AssetKind::OtherTech if matches!(deed, NonExclusiveLicence | LicenceRecordal) => Verdict::Pass,
        AssetKind::TradeSecret | AssetKind::OtherTech => Verdict::Block(JOINT_SECRET),
        // A recordal follows its licence, which was judged as it was given.
        _ if matches!(deed, NonExclusiveLicence | LicenceRecordal) => Verdict::Warn(FEES_SHARED),
        _ => Verdict::Block(ALL_OWNERS),
    }
}

/// What owning a right together says to a deed of one owner, and whose consent is missing.
pub fn together<'a>(standing: &'a Standing, intended: &Intended, today: NaiveDate) -> (Verdict, Vec<&'a str>) {
    let others: Vec<_> = standing.owners.iter().filter(|owner| !is_owner(owner, intended.by)).map(|owner| owner.name.trim()).collect();
    if others.is_empty() {
        return (Verdict::Pass, Vec::new());
    }
    let missing: Vec<_> = others.into_iter().filter(|name| !consents(&standing.consents, name, intended.deed, today)).collect();
    let verdict = match agreed(standing, intended, today) {
        Some(true) => Verdict::Pass,
        Some(false) => Verdict::Block(AGREED_OTHERWISE),
        None => without_the_others(standing.kind, intended.deed),
    };
    match verdict {
        Verdict::Block(_) if missing.is_empty() => (Verdict::Pass, missing),
        Verdict::Block(_) => (verdict, missing),
        Verdict::Pass | Verdict::Warn(_) => (verdict, Vec::new()),
    }
}

/// The other owners whose consent is needed and missing.
pub fn missing<'a>(standing: &'a Standing, intended: &Intended, today: NaiveDate) -> Vec<&'a str> {
    together(standing, intended, today).1
}

/// Whether an owner consents to a deed.
fn consents(given: &[Consent], owner: &str, deed: IntendedDeed, today: NaiveDate) -> bool {
    given
        .iter()
        .any(|consent| consent.row.kind == ConsentKind::CoOwner && consent.row.given_by.trim() == owner && consent.covers(deed, today))
}

/// Whether the owners agreed that this one may do it alone; nothing where they agreed on nothing about it.
fn agreed(standing: &Standing, intended: &Intended, today: NaiveDate) -> Option<bool> {
    let agreement = standing.agreement.as_ref().filter(|agreement| agreement.in_force_from <= today)?;
    let clause = agreement.clauses.iter().find(|clause| clause.deeds.contains(&intended.deed))?;
    let own = standing.owners.iter().find(|owner| is_owner(owner, intended.by)).map(|owner| owner.name.trim());
    Some(match &clause.signed_by {
        // Whoever owns nothing of it is no owner, whatever they agreed on.
        SignedBy::AnyOwner {} => own.is_some(),
        SignedBy::AllOwners {} => false,
        SignedBy::These { owners } => own.is_some_and(|own| owners.iter().any(|name| name.trim() == own)),
    })
}
