//! Reading what a declaration rests on.

use std::sync::Arc;

use entity::Timestamp;
use entity::achievements::achievement;
use entity::encumbrances::IntendedDeed;
use entity::identity::organisation;
use entity::ids::{AssetId, OpenLicenceId, RightsGrantId};
use entity::open_licences::{OpenLicenceState, open_licence};

use crate::achievements;
use crate::achievements::store::AssetFacts;
use crate::encumbrances;
use crate::encumbrances::rules::{Finding, Intended, verdicts};
use crate::house::Tx;
use crate::identity::flows::organisations::verified_within;
use crate::identity::rules::seller_class;
use crate::licences;
use crate::licences::flows::Beside;
use crate::licences::rules::matrix::Wish;
use crate::licences::rules::scope::Scope;
use crate::open_licences::rules::gates::Case;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Snapshot, shanghai_date};
use crate::rulebook::shelf::Edition;

/// A declaration with everything around it, as it stands now.
pub struct Sight {
    /// The patentee.
    pub patentee: organisation::Model,
    /// What the patent belongs to.
    pub achievement: achievement::Model,
    /// The patent, held.
    pub patent: AssetFacts,
    held_alone: Vec<AssetId>,
    granted: Vec<(AssetId, RightsGrantId)>,
    shared: bool,
    declared_open: Vec<(AssetId, OpenLicenceId)>,
    burdens: Vec<Finding>,
    licensed: Beside,
    edition: Arc<Edition>,
    /// The rules for the patentee today.
    pub rules: Snapshot,
}

impl Sight {
    /// What the gates look at.
    pub fn case<'a>(&'a self, held: &'a open_licence::Model, now: Timestamp) -> Case<'a> {
        Case {
            held,
            patentee: &self.patentee,
            patent: &self.patent,
            held_alone: &self.held_alone,
            granted: &self.granted,
            shared: self.shared,
            declared_open: &self.declared_open,
            burdens: &self.burdens,
            in_the_way: &self.licensed.in_the_way,
            rules: &self.rules,
            calendar: &self.edition.calendar,
            now,
        }
    }
}

/// Looks at a declaration. The patent is held, so that whoever offers it meanwhile comes before or after this.
pub async fn look(tx: &Tx, held: &open_licence::Model) -> Result<Sight, Problem> {
    let patentee = verified_within(tx, held.organisation_id).await?;
    let ids = [held.asset_id];
    let asset = achievements::store::hold_asset(tx.conn(), held.asset_id).await?.ok_or(Code::Internal)?;
    let patent = achievements::store::facts_of(tx.conn(), asset).await?;
    let achievement = achievements::store::achievement(tx.conn(), held.achievement_id).await?.ok_or(Code::Internal)?;
    let held_alone = achievements::store::held_alone(tx.conn(), (None, None), &ids).await?;
    let granted = achievements::store::held_by_grants(tx.conn(), &ids).await?;
    let mut declared_open = achievements::store::declared_open(tx.conn(), &ids, &OpenLicenceState::OPEN).await?;
    declared_open.retain(|(_, id)| *id != held.id);
    let whole = Scope::whole(shanghai_date(tx.now));
    let licensed = licences::flows::offered(tx.conn(), Wish::Declaration, &ids, whole, (false, tx.now)).await?;
    let shared = !achievements::store::shares_granted(tx.conn(), &ids).await?.is_empty();
    let standing = encumbrances::store::standing(tx.conn(), &ids, tx.now).await?;
    let intended = Intended { deed: IntendedDeed::OpenDeclaration, abroad: false, by: &patentee };
    // Of its owners the gates ask by themselves.
    let burdens = verdicts(&standing, &intended, shanghai_date(tx.now)).into_iter().filter(|found| found.burden.is_some()).collect();
    let edition = tx.house.rulebook.current();
    let rules = edition.rulebook.snapshot(seller_class(&patentee), shanghai_date(tx.now));
    Ok(Sight { patentee, achievement, patent, held_alone, granted, shared, declared_open, burdens, licensed, edition, rules })
}
