//! Whose a right is, from which day on, and by what.

use chrono::NaiveDate;
use entity::Timestamp;
use entity::achievements::{achievement, asset, asset_owner};
use entity::identity::organisation;
use entity::ids::{AchievementId, AssetId, DealId, NegotiationId, OrganisationId, PersonId, RecordalId};
use entity::recordals::{TitleBasis, asset_title};
use serde_json::Value;

use crate::platform::problem::{Code, Problem};

/// The whole of a right, in ten-thousandths.
const WHOLE: i32 = 10_000;

/// Why a right passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The registry entered it.
    Recordal(RecordalId),
    /// A deal was confirmed.
    Deal(DealId),
    /// A sale at a negotiated price was.
    Negotiation(NegotiationId),
}

impl Basis {
    fn code(self) -> TitleBasis {
        match self {
            Self::Recordal(_) => TitleBasis::Recordal,
            Self::Deal(_) => TitleBasis::Deal,
            Self::Negotiation(_) => TitleBasis::Negotiation,
        }
    }

    fn ids(self) -> (Option<RecordalId>, Option<DealId>, Option<NegotiationId>) {
        match self {
            Self::Recordal(id) => (Some(id), None, None),
            Self::Deal(id) => (None, Some(id), None),
            Self::Negotiation(id) => (None, None, Some(id)),
        }
    }
}

/// The owners of a right once all of it is one organisation's.
pub fn sole_owner(asset: AssetId, new: &organisation::Model) -> Vec<asset_owner::Model> {
    vec![asset_owner::Model { asset_id: asset, position: 0, name: new.name.clone(), organisation_id: Some(new.id), share_bp: WHOLE }]
}

/// A right once it is another's, within what he has to offer.
pub fn passed(held: &asset::Model, to: OrganisationId, within: AchievementId) -> asset::Model {
    asset::Model { organisation_id: to, achievement_id: within, version: held.version + 1, ..held.clone() }
}

/// What somebody who gets a right has to offer with it: what the one it was in says of itself, from now on in his own words.
pub fn successor(of: &achievement::Model, id: AchievementId, to: OrganisationId, by: PersonId, now: Timestamp) -> achievement::Model {
    achievement::Model { id, organisation_id: to, created_by: by, version: 1, created_at: now, ..of.clone() }
}

/// Whose a right was before it first passed here.
pub fn original(held: &asset::Model, owners: &[asset_owner::Model], now: Timestamp) -> Result<asset_title::Model, Problem> {
    Ok(asset_title::Model {
        asset_id: held.id,
        number: 1,
        organisation_id: held.organisation_id,
        achievement_id: held.achievement_id,
        owners: kept(owners)?,
        since: None,
        basis: TitleBasis::Original,
        recordal_id: None,
        deal_id: None,
        negotiation_id: None,
        recorded_at: now,
    })
}

/// Whose it is after the last, since a day.
pub fn next(
    last: &asset_title::Model,
    to: &asset::Model,
    owners: &[asset_owner::Model],
    (basis, since): (Basis, NaiveDate),
    now: Timestamp,
) -> Result<asset_title::Model, Problem> {
    let (recordal_id, deal_id, negotiation_id) = basis.ids();
    Ok(asset_title::Model {
        asset_id: last.asset_id,
        number: last.number + 1,
        organisation_id: to.organisation_id,
        achievement_id: to.achievement_id,
        owners: kept(owners)?,
        since: Some(since),
        basis: basis.code(),
        recordal_id,
        deal_id,
        negotiation_id,
        recorded_at: now,
    })
}

/// That it is again whose it was before, since what it had passed by came to nothing.
pub fn returned(last: &asset_title::Model, before: &asset_title::Model, since: NaiveDate, now: Timestamp) -> asset_title::Model {
    asset_title::Model {
        number: last.number + 1,
        since: Some(since),
        basis: TitleBasis::Returned,
        recordal_id: None,
        deal_id: last.deal_id,
        negotiation_id: last.negotiation_id,
        recorded_at: now,
        ..before.clone()
    }
}

/// Whether a title is by this.
pub fn is_by(title: &asset_title::Model, by: Basis) -> bool {
    (title.recordal_id, title.deal_id, title.negotiation_id) == by.ids()
}

/// The owners that a title names, as rows of the right.
pub fn owners_of(title: &asset_title::Model) -> Result<Vec<asset_owner::Model>, Problem> {
    serde_json::from_value(title.owners.clone()).map_err(|_| Code::Internal.into())
}

/// Whose a right was on a day, as it was known at an instant: of its titles in their order. Nothing where it never passed here by then.
pub fn on(titles: &[asset_title::Model], day: NaiveDate, at: Timestamp) -> Option<&asset_title::Model> {
    let known = titles.iter().filter(|title| title.recorded_at <= at);
    known.rev().find(|title| title.since.is_none_or(|since| since <= day))
}

fn kept(owners: &[asset_owner::Model]) -> Result<Value, Problem> {
    serde_json::to_value(owners).map_err(|_| Code::Internal.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::examples::{BUYER, at, day, person};
    use super::*;
    use crate::listings::rules::tests::{achievement, asset, seller};

    fn deal() -> Basis {
        Basis::Deal(DealId(Uuid::from_u128(2)))
    }

    /// A right of a university that passed to a buyer on 10 March, which became known on the 12th.
    fn titles() -> Vec<asset_title::Model> {
        let right = asset(1);
        let buyer = organisation::Model { id: BUYER, name: "某企业".into(), ..seller() };
        let first = original(&right.asset, &right.owners, at(0)).unwrap();
        let bought = passed(&right.asset, BUYER, AchievementId(Uuid::from_u128(31)));
        let owners = sole_owner(right.asset.id, &buyer);
        let second = next(&first, &bought, &owners, (deal(), day("2026-03-10")), at(10 * 24 * 60)).unwrap();
        vec![first, second]
    }

    #[test]
    fn a_right_is_its_buyers_from_the_day_of_the_registry_on() {
        let titles = titles();
        let whose = |on_day: &str| on(&titles, day(on_day), at(100 * 24 * 60)).unwrap().organisation_id;
        let seller = titles[0].organisation_id;
        assert_eq!(["2000-01-01", "2026-03-09", "2026-03-10", "2030-01-01"].map(whose), [seller, seller, BUYER, BUYER]);
        let before = on(&titles, day("2030-01-01"), at(10 * 24 * 60 - 1)).unwrap();
        assert_eq!(before.organisation_id, seller, "as it was known before");
        assert_eq!(on(&[], day("2030-01-01"), at(0)), None);
        let owners = owners_of(&titles[1]).unwrap();
        assert_eq!((owners[0].name.as_str(), owners[0].share_bp, owners.len()), ("某企业", 10_000, 1));
    }

    #[test]
    fn what_came_to_nothing_is_whose_it_was() {
        let titles = titles();
        let back = returned(&titles[1], &titles[0], day("2026-04-01"), at(1_000_000));
        assert_eq!((back.number, back.organisation_id, back.basis), (3, titles[0].organisation_id, TitleBasis::Returned));
        assert_eq!((back.deal_id, back.achievement_id), (titles[1].deal_id, titles[0].achievement_id));
        assert_eq!(owners_of(&back).unwrap(), owners_of(&titles[0]).unwrap());
    }

    #[test]
    fn who_gets_it_has_what_it_was_in_in_his_own_words() {
        let (of, id) = (achievement(), AchievementId(Uuid::from_u128(31)));
        let new = successor(&of, id, BUYER, person(4), at(0));
        assert_eq!((new.id, new.organisation_id, new.created_by, new.version), (id, BUYER, person(4), 1));
        assert_eq!((new.title, new.summary, new.completers, new.state_funded), (of.title, of.summary, of.completers, of.state_funded));
    }

    proptest! {
        /// Titles entered in whatever order of days: on every day there is exactly one owner, the one entered last of those whose day has come.
        #[test]
        fn there_is_one_owner_on_every_day(days in proptest::collection::vec(0_i64..100, 0..6), asked in 0_i64..100) {
            let from = day("2026-03-10");
            let mut all = vec![titles().remove(0)];
            for since in days {
                let last = all.last().unwrap().clone();
                let title = asset_title::Model {
                    number: last.number + 1,
                    since: Some(from + chrono::TimeDelta::days(since)),
                    basis: TitleBasis::Deal,
                    ..last
                };
                all.push(title);
            }
            let asked = from + chrono::TimeDelta::days(asked);
            let found = on(&all, asked, at(1_000_000)).unwrap();
            prop_assert!(found.since.is_none_or(|since| since <= asked));
            let later = all.iter().filter(|title| title.number > found.number);
            prop_assert!(later.into_iter().all(|title| title.since.is_some_and(|since| since > asked)));
        }
    }
}
