//! Taking in one row: read it, judge it by the rules of its kind, write what is new.

use entity::achievements::asset;
use entity::identity::organisation;
use entity::ids::AssetId;
use entity::imports::{ImportFormat, ImportKind, ImportRowState, import_job, import_row};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::super::rules::{self, AssetRow, ListingRow, Refusal};
use super::super::store;
use crate::achievements;
use crate::achievements::flows::{Registration, Within, judged_within, register_within};
use crate::achievements::rules::day_in_shanghai;
use crate::achievements::store::AssetFacts;
use crate::codes::{Scheme, parse_patent_number};
use crate::house::Tx;
use crate::listings::flows::{drafted_within, standing_within, write_within};
use crate::listings::rules::Offer;
use crate::platform::http::body::parse;
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Fault, Problem};

/// Where a row is met.
pub struct Place<'a> {
    /// The import.
    pub job: &'a import_job::Model,
    /// The columns of its file.
    pub header: &'a [String],
    /// The organisation.
    pub seller: &'a organisation::Model,
    /// The rows of this step that were taken in before.
    pub before: &'a [import_row::Model],
}

/// What a good row came to.
struct Came {
    thing: Uuid,
    is_new: bool,
    identity: String,
    sha256: [u8; 32],
}

/// Takes a row in; what became of it. Only what is our own fault ends the step.
pub async fn taken_in(tx: &Tx, place: &Place<'_>, number: i64, row: rules::Row<'_>) -> Result<import_row::Model, Problem> {
    let job = place.job;
    let body = rules::read(job.kind, job.format, place.header, row.bytes);
    let key = body.as_ref().map_or_else(|_| rules::readable_key(job.format, place.header, row.bytes), rules::row_key);
    let came = match body {
        Ok(body) => judged(tx, place, body).await,
        Err(problem) => Err(problem),
    };
    let kept = import_row::Model {
        import_id: job.id,
        number,
        line: row.line,
        row_key: key,
        state: ImportRowState::Accepted,
        identity: None,
        sha256: None,
        thing_id: None,
        problem: None,
    };
    match came {
        Ok(came) => Ok(import_row::Model {
            state: if came.is_new { ImportRowState::Accepted } else { ImportRowState::Unchanged },
            identity: Some(came.identity),
            sha256: Some(came.sha256.to_vec()),
            // What a rehearsal would have made is nowhere.
            thing_id: (!(job.rehearse && came.is_new)).then_some(came.thing),
            ..kept
        }),
        Err(problem) if problem.transient || problem.code.status() >= 500 => Err(problem),
        Err(problem) => {
            let refusal = Refusal::from(&rules::told(job.kind, job.format, problem));
            let problem = serde_json::to_value(refusal).map_err(|_| Code::Internal)?;
            Ok(import_row::Model { state: ImportRowState::Refused, problem: Some(problem), ..kept })
        }
    }
}

async fn judged(tx: &Tx, place: &Place<'_>, body: Value) -> Result<Came, Problem> {
    let (kind, is_csv) = (place.job.kind, place.job.format == ImportFormat::Csv);
    let body = if is_csv && kind == ImportKind::Assets { rules::completed(body, &place.seller.name) } else { body };
    let came = read_and_judged(tx, place, &body).await;
    came.map_err(|problem| if is_csv { rules::all_missing(kind, &body, problem) } else { problem })
}

async fn read_and_judged(tx: &Tx, place: &Place<'_>, body: &Value) -> Result<Came, Problem> {
    match place.job.kind {
        ImportKind::Assets => right(tx, place, typed(body)?).await,
        ImportKind::Listings => listing(tx, place, typed(body)?).await,
    }
}

/// Reads a body as strictly as any that is sent by itself.
fn typed<T: DeserializeOwned + Serialize>(body: &Value) -> Result<T, Problem> {
    parse(body.to_string().as_bytes())
}

async fn right(tx: &Tx, place: &Place<'_>, row: AssetRow) -> Result<Came, Problem> {
    rules::named(row.row_key.as_deref())?;
    let achievement = match (row.achievement_id, row.achievement) {
        (Some(id), None) => Within::Known(id),
        (None, Some(described)) => Within::Described(described),
        _ => {
            return Err(Code::Invalid.at(
                "/achievement",
                "one_of_two",
                "须给出 achievement_id 或成果内容，二者择一",
                "give either achievement_id or what the achievement says",
            ));
        }
    };
    let judged = judged_within(tx, Registration { achievement, asset: row.asset, status: row.legal_status }).await?;
    let (asset, thing) = (&judged.right.asset, judged.right.asset.id.into());
    let said = AssetFacts { status: None, ..judged.right.clone() };
    let sha256 = rules::content_hash(&rules::asset_row(&judged.achievement, &said)?);
    let identity = if asset.identifier.is_some() { rules::reference(asset) } else { hex(&sha256) };
    let mut is_new = judged.is_new();
    if place.job.rehearse {
        is_new &= !rehearsed_before(tx, place, &identity, &sha256).await?;
    } else {
        register_within(tx, judged).await?;
    }
    Ok(Came { thing, is_new, identity, sha256 })
}

async fn listing(tx: &Tx, place: &Place<'_>, row: ListingRow) -> Result<Came, Problem> {
    rules::named(row.row_key.as_deref())?;
    let offer = offer_within(tx, place, row).await?;
    // What a secret reserve amounts to is told by no hash.
    let (kept, _) = offer.clone().without_secret();
    let sha256 = rules::content_hash(&json!(kept));
    let identity = hex(&sha256);
    if let Some(standing) = standing_within(tx, &offer).await? {
        return Ok(Came { thing: standing.id.into(), is_new: false, identity, sha256 });
    }
    let draft = drafted_within(tx, offer).await.map_err(|problem| at_assets(problem.under("/offer")))?;
    let mut is_new = true;
    if place.job.rehearse {
        is_new = !rehearsed_before(tx, place, &identity, &sha256).await?;
    } else {
        write_within(tx, &draft).await?;
    }
    Ok(Came { thing: draft.row.id.into(), is_new, identity, sha256 })
}

/// Whether an earlier row of a rehearsal would have made the same thing. One that would have made another
/// under the same number leaves no room for this one.
async fn rehearsed_before(tx: &Tx, place: &Place<'_>, identity: &str, sha256: &[u8]) -> Result<bool, Problem> {
    let known = |row: &&import_row::Model| row.identity.as_deref() == Some(identity);
    let earlier = match place.before.iter().find(known) {
        Some(row) => Some(row.clone()),
        None => store::row_about(tx.conn(), place.job.id, identity).await?,
    };
    match earlier {
        None => Ok(false),
        Some(row) if row.sha256.as_deref() == Some(sha256) => Ok(true),
        Some(row) => Err(Code::IdentifierTaken.with("row", row.number)),
    }
}

/// The offer of a row, with the ids of the rights it names by number.
async fn offer_within(tx: &Tx, place: &Place<'_>, row: ListingRow) -> Result<Offer, Problem> {
    let mut offer = row.offer;
    if let (Some(names), Some(members)) = (row.assets, offer.as_object_mut()) {
        if members.contains_key("asset_ids") || members.contains_key("achievement_id") {
            return Err(Code::Invalid.at(
                "/assets",
                "one_of_two",
                "须给出 assets 或报价中的资产标识，二者择一",
                "give either assets or their ids in the offer",
            ));
        }
        let assets = named_within(tx, place, &names).await?;
        let achievement = assets.first().map(|asset| asset.achievement_id);
        members.insert("achievement_id".into(), json!(achievement));
        members.insert("asset_ids".into(), json!(assets.iter().map(|asset| asset.id).collect::<Vec<_>>()));
    }
    typed::<Offer>(&offer).map_err(|problem| at_assets(problem.under("/offer")))
}

/// The rights of the organisation that a row names, in its order.
async fn named_within(tx: &Tx, place: &Place<'_>, names: &[String]) -> Result<Vec<asset::Model>, Problem> {
    if names.is_empty() {
        return Err(Code::Invalid.at("/assets", "count", "须列明至少一项标的", "must name at least one asset"));
    }
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for (index, name) in names.iter().enumerate() {
        let known = one_named(tx, name).await?.filter(|asset| asset.organisation_id == place.job.organisation_id);
        if let Some(asset) = known {
            found.push(asset);
        } else {
            let (zh, en) = ("本机构没有登记该标的", "your organisation has registered no such asset");
            faults.push(Fault::new(&format!("/assets/{index}"), "unknown", zh, en));
        }
    }
    Problem::from_faults(faults)?;
    Ok(found)
}

/// A right by its id, by its registry and number, or by a patent number as people write it.
async fn one_named(tx: &Tx, name: &str) -> Result<Option<asset::Model>, Problem> {
    let name = name.trim();
    if let Ok(id) = name.parse::<AssetId>() {
        return Ok(achievements::store::asset(tx.conn(), id).await?);
    }
    let (scheme, number) = match name.split_once(':') {
        Some((scheme, number)) => (scheme.to_owned(), number.to_owned()),
        None => match parse_patent_number(name, day_in_shanghai(tx.now)) {
            Ok(number) => (Scheme::CnApplication.code().to_owned(), number.canonical()),
            Err(_) => return Ok(None),
        },
    };
    Ok(achievements::store::asset_with_number(tx.conn(), &scheme, &number).await?)
}

/// What is wrong with the ids of an offer is wrong with the names they stand for.
fn at_assets(mut problem: Problem) -> Problem {
    for fault in &mut problem.errors {
        if let Some(rest) = fault.pointer.strip_prefix("/offer/asset_ids") {
            fault.pointer = format!("/assets{rest}");
        }
    }
    problem
}
