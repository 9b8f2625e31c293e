//! What happens to patents that nobody uses: one file for each part of it.

mod read;
mod remind;
mod say;

use chrono::NaiveDate;
use entity::Timestamp;
use entity::achievements::{achievement, asset};
use entity::identity::organisation;
use entity::ids::AssetId;
use entity::open_implementation::open_implementation;
use sea_orm::ConnectionTrait;

pub use read::{list, read, told};
pub use remind::{REMIND, hear_status, on_remind};
pub use say::{claim, decide, set_terms};

use super::http::OnList;
use super::rules::due::{self, PATENTS};
use super::rules::machine;
use super::store;
use super::views::Told;
use crate::achievements;
use crate::house::{House, Tx};
use crate::identity;
use crate::platform::access::{Permission, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Span, shanghai_date};

/// The rule of how long a patent may be unused.
const AFTER: &str = "open_implementation_after";

/// A patent that is or may come to be on the list, with what is around it.
pub struct Sight {
    patent: asset::Model,
    achievement: achievement::Model,
    owner: organisation::Model,
    due_on: NaiveDate,
    said: Option<open_implementation::Model>,
    is_listed: bool,
}

impl Sight {
    /// It as one may know of it or not.
    fn thing(&self) -> OnList {
        OnList { owner: self.owner.id, is_listed: self.is_listed }
    }

    /// What is told of it.
    fn told(&self) -> Told<'_> {
        Told { patent: &self.patent, achievement: &self.achievement, owner: &self.owner, due_on: self.due_on, said: self.said.as_ref() }
    }

    /// What is kept of it, or what would be of one of which nobody has said anything.
    fn kept(&self, now: Timestamp) -> open_implementation::Model {
        self.said.clone().unwrap_or_else(|| machine::unsaid(self.patent.id, self.owner.id, now))
    }
}

/// A length of time as the rules of a day have it.
fn span(house: &House, rule: &str, on: NaiveDate) -> Result<Span, Problem> {
    house.rulebook.current().rulebook.span(rule, None, on).map_err(|_| Code::Internal.into())
}

/// From which day on a patent is on the list, with what it belongs to and whose it is; nothing where it never will be.
async fn due_of(
    house: &House,
    db: &impl ConnectionTrait,
    patent: &asset::Model,
    today: NaiveDate,
) -> Result<Option<(achievement::Model, organisation::Model, NaiveDate)>, Problem> {
    if !PATENTS.contains(&patent.kind) || patent.granted_on.is_none() {
        return Ok(None);
    }
    let owner = identity::store::organisation(db, patent.organisation_id).await?.ok_or(Code::Internal)?;
    if !due::is_bound(&owner) {
        return Ok(None);
    }
    let achievement = achievements::store::achievement(db, patent.achievement_id).await?.ok_or(Code::Internal)?;
    let due_on = due::due(patent, &achievement, &owner, span(house, AFTER, today)?);
    Ok(due_on.map(|due_on| (achievement, owner, due_on)))
}

/// A patent that is or may come to be on the list.
async fn sight(house: &House, db: &impl ConnectionTrait, patent: asset::Model, now: Timestamp) -> Result<Option<Sight>, Problem> {
    let today = shanghai_date(now);
    let Some((achievement, owner, due_on)) = due_of(house, db, &patent, today).await? else { return Ok(None) };
    let said = store::find(db, patent.id).await?;
    let is_listed = due_on <= today && store::is_unused(db, patent.id).await?;
    Ok(Some(Sight { patent, achievement, owner, due_on, said, is_listed }))
}

/// A patent, held, with what is kept of it, if the caller may do this to it and saw it as it stands.
async fn held<P: Permission>(tx: &Tx, permit: &Permit<P>, id: AssetId) -> Result<(Sight, open_implementation::Model), Problem> {
    let patent = achievements::store::hold_asset(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    let sight = sight(&tx.house, tx.conn(), patent, tx.now).await?.ok_or(Code::NotFound)?;
    permit.over(&sight.thing())?;
    let held = sight.kept(tx.now);
    tx.by.expects(held.version)?;
    Ok((sight, held))
}

/// Writes down what was said or decided.
async fn record(tx: &Tx, held: &open_implementation::Model, next: &open_implementation::Model) -> Result<(), Problem> {
    if held.version == 0 {
        db::insert(tx.conn(), next.clone()).await?;
        tx.created("open_implementation", next.asset_id, next);
    } else {
        db::update(tx.conn(), next.clone()).await?;
        tx.changed("open_implementation", next.asset_id, Some(held), Some(next));
    }
    Ok(())
}
