//! Exports: what an organisation has, in the form in which it is imported, a page at a time.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::web::Bytes;
use entity::Timestamp;
use entity::ids::{AssetId, ListingId, OrganisationId};
use entity::imports::{ImportFormat, ImportKind};
use entity::listings::ListingState;
use futures_util::{Stream, stream};
use serde_json::Value;
use uuid::Uuid;

use super::super::rules::{self, columns};
use super::AT_A_TIME;
use crate::achievements;
use crate::house::House;
use crate::listings;
use crate::listings::rules::machine::is_over;
use crate::platform::http::admit::Place;
use crate::platform::problem::{Code, Problem};

/// An export under way.
struct Export {
    house: House,
    organisation: OrganisationId,
    kind: ImportKind,
    format: ImportFormat,
    /// The last row that was read.
    place: Option<(Timestamp, Uuid)>,
    has_begun: bool,
    has_ended: bool,
    /// The place of the call among those under way, held to the end.
    _held: Option<Place>,
}

/// Everything an organisation has of a kind: its rights, or its listings that are not over.
pub fn export(
    house: House,
    organisation: OrganisationId,
    kind: ImportKind,
    format: ImportFormat,
    held: Option<Place>,
) -> impl Stream<Item = Result<Bytes, Problem>> {
    let export = Export { house, organisation, kind, format, place: None, has_begun: false, has_ended: false, _held: held };
    stream::try_unfold(export, |mut export| async move {
        let piece = export.next().await?;
        Ok::<_, Problem>(piece.map(|piece| (piece, export)))
    })
}

impl Export {
    /// The next piece; nothing at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let mut piece = Vec::new();
        if !self.has_begun {
            self.has_begun = true;
            if self.format == ImportFormat::Csv {
                // Some spreadsheets take text without the mark for another charset.
                piece.extend_from_slice("\u{feff}".as_bytes());
                let names: Vec<_> = columns::of(self.kind).iter().map(|column| column.name).collect();
                piece.extend(rules::line(&names)?);
            }
        }
        if !self.has_ended {
            let rows = match self.kind {
                ImportKind::Assets => self.assets().await?,
                ImportKind::Listings => self.listings().await?,
            };
            self.has_ended = (rows.len() as u64) < AT_A_TIME;
            for row in rows {
                self.write(row, &mut piece)?;
            }
        }
        Ok((!piece.is_empty()).then(|| piece.into()))
    }

    fn write(&self, row: Value, piece: &mut Vec<u8>) -> Result<(), Problem> {
        match self.format {
            ImportFormat::Csv => piece.extend(rules::line(&columns::cells(self.kind, row))?),
            ImportFormat::Jsonl => {
                serde_json::to_writer(&mut *piece, &row).map_err(|_| Code::Internal)?;
                piece.push(b'\n');
            }
        }
        Ok(())
    }

    async fn assets(&mut self) -> Result<Vec<Value>, Problem> {
        let db = self.house.db.read();
        let place = self.place.map(|(at, id)| (at, AssetId::from(id)));
        let rows = achievements::store::assets_after(db, self.organisation, place, AT_A_TIME).await?;
        self.place = rows.last().map(|asset| (asset.created_at, asset.id.into())).or(self.place);
        let achievements = achievements::store::achievements_of(db, rows.iter().map(|asset| asset.achievement_id)).await?;
        let facts = achievements::store::facts(db, rows).await?;
        let said = facts.iter().map(|right| {
            let achievement = achievements.get(&right.asset.achievement_id).ok_or(Code::Internal)?;
            rules::asset_row(achievement, right)
        });
        said.collect()
    }

    async fn listings(&mut self) -> Result<Vec<Value>, Problem> {
        let db = self.house.db.read();
        let place = self.place.map(|(at, id)| (at, ListingId::from(id)));
        let standing: Vec<ListingState> = ListingState::ALL.iter().copied().filter(|state| !is_over(*state)).collect();
        let rows = listings::store::written_after(db, self.organisation, &standing, place, AT_A_TIME).await?;
        self.place = rows.last().map(|listing| (listing.created_at, listing.id.into())).or(self.place);
        let offers = rows.iter().map(|row| listings::flows::written(&self.house, row)).collect::<Result<Vec<_>, _>>()?;
        let mut named = BTreeSet::new();
        for offer in &offers {
            named.extend(listings::rules::read_offer(offer.clone())?.asset_ids);
        }
        let (named, mut assets) = (Vec::from_iter(named), BTreeMap::new());
        // No database takes any number of ids in one question.
        for some in named.chunks(1_000) {
            assets.extend(achievements::store::assets_named(db, some.iter().copied()).await?);
        }
        Ok(offers.into_iter().map(|offer| rules::listing_row(offer, &assets)).collect())
    }
}
