//! What is entered of rights, at the gates where it is looked at: transfers that lie with the registry, burdens, owners, licences.

use entity::encumbrances::IntendedDeed;
use entity::identity::organisation;
use entity::ids::{AssetId, ListingId};
use entity::listings::TransferMode;

use crate::encumbrances::rules::{Finding, Intended, Standing, since, verdicts};
use crate::gates::rules::finding::{GateFinding, said};
use crate::gates::rules::{burdens, title};
use crate::gates::store;
use crate::house::Tx;
use crate::platform::problem::Problem;
use crate::rulebook::rules::shanghai_date;
use crate::{achievements, encumbrances, licences};

/// What an offer has to disclose, and transfers of its rights that are being registered. What forbids it the rules of the offer say.
pub async fn entered_within(
    tx: &Tx,
    standing: &[Standing],
    mode: TransferMode,
    seller: &organisation::Model,
) -> Result<Vec<GateFinding>, Problem> {
    let ids: Vec<_> = standing.iter().map(|standing| standing.asset).collect();
    let mut found = being_registered(tx, &ids).await?;
    let intended = Intended { deed: IntendedDeed::from(mode), abroad: false, by: seller };
    found.extend(verdicts(standing, &intended, shanghai_date(tx.now)).iter().filter(|one| !one.blocks).map(finding));
    Ok(found)
}

/// What was entered since an offer was last let pass and stands against its deal: transfers, burdens, consents that were taken back, licences
/// of a right that is sold. What was in the way then and was let pass is cured by a paper of the offer.
pub(super) async fn entered_since(
    tx: &Tx,
    listing: ListingId,
    (assets, mode): (&[AssetId], TransferMode),
    (seller, abroad): (&organisation::Model, bool),
) -> Result<Vec<GateFinding>, Problem> {
    let passed = store::last_run(tx.conn(), listing).await?.map(|run| run.run_at);
    let (deed, today) = (IntendedDeed::from(mode), shanghai_date(tx.now));
    let mut found = being_registered(tx, assets).await?;
    let standing = encumbrances::store::standing(tx.conn(), assets, tx.now).await?;
    let now = verdicts(&standing, &Intended { deed, abroad, by: seller }, today);
    let mut then = Vec::new();
    if let Some(at) = passed {
        let standing = encumbrances::store::standing(tx.conn(), assets, at).await?;
        then = verdicts(&standing, &Intended { deed, abroad: false, by: seller }, shanghai_date(at));
    }
    found.extend(since(&now, &then).map(finding));
    if matches!(mode, TransferMode::Assignment | TransferMode::Equity) {
        let licensed = licences::store::standing(tx.conn(), assets, (tx.now, today)).await?;
        let later = licensed.iter().filter(|(row, _)| passed.is_some_and(|at| at < row.effective_at));
        let of = later.flat_map(|(_, standing)| standing.assets.iter().filter(|asset| assets.contains(asset)));
        found.extend(of.map(|asset| {
            burdens::conflict(*asset, "licensed_since", said("公告后已许可他人", "it was licensed to somebody since it was approved"))
        }));
    }
    Ok(found)
}

async fn being_registered(tx: &Tx, assets: &[AssetId]) -> Result<Vec<GateFinding>, Problem> {
    let filed = achievements::store::being_transferred(tx.conn(), assets).await?;
    Ok(filed.into_iter().map(|(asset, _)| title::pending_recordal(asset)).collect())
}

/// A finding of the burdens as its gate says it.
fn finding(found: &Finding) -> GateFinding {
    let (code, words) = (found.said.code, said(found.said.zh, found.said.en));
    match found.burden {
        Some((id, _)) if found.blocks => burdens::uncured(id, code, words),
        Some((id, _)) => burdens::disclosed(id, code, words),
        None if found.blocks => title::owners_missing(found.asset, code, words),
        None => title::owners_disclosed(found.asset, code, words),
    }
}
