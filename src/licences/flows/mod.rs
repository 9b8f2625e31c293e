//! What happens to licences: one file for each part of it.

mod carry_over;
mod end;
mod enter;
mod granted;
mod hand_over;
mod read;
mod sub_license;

use std::collections::{BTreeMap, BTreeSet};

use entity::Timestamp;
use entity::ids::{AssetId, LicenceGrantId, OrganisationId};
use entity::licences::{LicenceMode, licence_grant};
use entity::listings::TransferTerms;
use sea_orm::ConnectionTrait;

pub use carry_over::carry_over;
pub use end::{report_breach, terminate};
pub use enter::enter;
pub use granted::{Granted, ended, rescinded, sold, taken, to_who_made_it};
pub use hand_over::hand_over;
pub use read::{Question, answer, ask, list, read, told};
pub use sub_license::sub_license;

use super::events::LicenceEvent;
use super::rules::grant::NewGrantee;
use super::rules::history;
use super::rules::matrix::{self, Proposed, Standing, Wish};
use super::rules::scope::{self, Scope};
use super::store;
use super::views::InTheWay;
use crate::house::Tx;
use crate::identity;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// A grantee as he is kept; refuses an organisation that there is not, and the licensor himself.
async fn grantee_within(tx: &Tx, grantee: &NewGrantee, licensor: OrganisationId) -> Result<(Option<OrganisationId>, String), Problem> {
    let Some(id) = grantee.organisation_id else { return Ok((None, grantee.name.clone().unwrap_or_default())) };
    let unknown = || Code::Invalid.at("/grantee/organisation_id", "unknown", "没有该组织", "there is no such organisation");
    let found = identity::store::organisation(tx.conn(), id).await?.ok_or_else(unknown)?;
    if id == licensor {
        return Err(Code::Invalid.at("/grantee/organisation_id", "self", "许可人不得许可自己", "nobody licenses himself"));
    }
    Ok((Some(id), found.name))
}

/// What counts of the rights a licence is wanted of, and what it takes the place of; refuses it where anything is in its way, with each
/// grant that is and what would cure it.
async fn judged_within(tx: &Tx, new: &Proposed, assets: &[AssetId]) -> Result<Vec<licence_grant::Model>, Problem> {
    let found = store::standing(tx.conn(), assets, (tx.now, shanghai_date(tx.now))).await?;
    let standing: Vec<Standing> = found.iter().map(|(_, standing)| standing.clone()).collect();
    named_in_vain(new, &standing)?;
    let judged: Vec<_> = matrix::judged(new, &standing).map(|(standing, beside)| (standing.id, beside)).collect();
    let in_the_way = InTheWay::all(judged.iter().copied());
    if !in_the_way.is_empty() {
        return Err(Code::LicenceConflict.with("conflicts", in_the_way));
    }
    let rows: BTreeMap<LicenceGrantId, licence_grant::Model> = found.into_iter().map(|(row, _)| (row.id, row)).collect();
    let replaced = judged.iter().filter(|(_, beside)| *beside == matrix::Beside::Replaces);
    Ok(replaced.filter_map(|(id, _)| rows.get(id).cloned()).collect())
}

/// Refuses earlier licences that are named but do not stand: whoever accepts them should know which there are.
fn named_in_vain(new: &Proposed, standing: &[Standing]) -> Result<(), Problem> {
    let stands = |id: &LicenceGrantId| standing.iter().any(|other| other.id == *id);
    for (pointer, named) in [("/carve_outs", &new.carve_outs), ("/waivers", &new.waived)] {
        if !named.iter().all(stands) {
            return Err(Code::Invalid.at(pointer, "unknown", "其中有的许可不存在或已终止", "not all of these licences stand"));
        }
    }
    Ok(())
}

/// What the register says of rights that are offered.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// Every licence of them that stands, first entered first.
    pub standing: Vec<LicenceGrantId>,
    /// Those beside which the offer cannot be kept.
    pub in_the_way: Vec<InTheWay>,
}

/// Holds an offer of rights against the register. Where the offer says that there are licences, whoever takes it accepts those that are not
/// for one alone.
pub async fn offered(
    db: &impl ConnectionTrait,
    wish: Wish,
    assets: &[AssetId],
    scope: Scope,
    (says_so, now): (bool, Timestamp),
) -> Result<Beside, Problem> {
    let found = store::standing(db, assets, (now, shanghai_date(now))).await?;
    let standing: Vec<Standing> = found.into_iter().map(|(_, standing)| standing).collect();
    let ids: Vec<_> = standing.iter().map(|other| other.id).collect();
    let new = Proposed {
        wish,
        assets: assets.iter().copied().collect(),
        scope,
        grantee: None,
        carve_outs: ids.iter().copied().filter(|_| says_so).collect(),
        waived: BTreeSet::new(),
        is_proxy: false,
    };
    let in_the_way = InTheWay::all(matrix::judged(&new, &standing).map(|(other, beside)| (other.id, beside)));
    Ok(Beside { standing: ids, in_the_way })
}

/// Holds an offer on these terms against the register, as of today.
pub async fn on_terms(tx: &Tx, terms: &TransferTerms, assets: &[AssetId], says_so: bool) -> Result<Beside, Problem> {
    let today = shanghai_date(tx.now);
    let (wish, scope) = match terms {
        TransferTerms::Assignment {} | TransferTerms::Equity(_) => (Wish::Title, Scope::whole(today)),
        TransferTerms::ExclusiveLicence(terms) => (Wish::Licence(LicenceMode::Exclusive), scope::offered(terms, today)?),
        TransferTerms::SoleLicence(terms) => (Wish::Licence(LicenceMode::Sole), scope::offered(terms, today)?),
        TransferTerms::NonExclusiveLicence(terms) => (Wish::Licence(LicenceMode::NonExclusive), scope::offered(terms, today)?),
    };
    offered(tx.conn(), wish, assets, scope, (says_so, tx.now)).await
}

/// Writes how a licence, held, stands now and what became of it, and tells its parties.
async fn record(tx: &Tx, held: &licence_grant::Model, next: &licence_grant::Model) -> Result<(), Problem> {
    db::update(tx.conn(), next.clone()).await?;
    let last = store::last_number(tx.conn(), next.id).await?;
    db::insert(tx.conn(), history::next((Some(held), next), last, tx.now)).await?;
    tx.changed("licence", next.id, Some(held), Some(next));
    tx.publish(&LicenceEvent::of(next, Some(held)))
}
