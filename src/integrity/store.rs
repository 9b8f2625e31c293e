//! Where signals are kept, and what bidders did in lots that have closed.

use std::collections::{BTreeMap, BTreeSet};

use entity::auctions::{Direction, LotTerms, lot};
use entity::ids::{IntegritySignalId, LotId, OrganisationId};
use entity::integrity::{SignalKind, integrity_bidder, integrity_signal};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, QueryTrait, Statement,
};

use super::rules::{Habits, Past, Sealed};
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// A signal.
pub async fn find(db: &impl ConnectionTrait, id: IntegritySignalId) -> Result<Option<integrity_signal::Model>, DbErr> {
    integrity_signal::Entity::find_by_id(id).one(db).await
}

/// Which signals.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Of this lot.
    pub lot: Option<LotId>,
    /// Of this kind.
    pub kind: Option<SignalKind>,
    /// About this bidder, alone or with another.
    pub organisation: Option<OrganisationId>,
}

/// A page of signals, newest first, and one more.
pub async fn list(db: &impl ConnectionTrait, wanted: Wanted, page: &PageQuery) -> Result<Vec<integrity_signal::Model>, Problem> {
    let about = |id: OrganisationId| {
        Condition::any().add(integrity_signal::Column::OrganisationId.eq(id)).add(integrity_signal::Column::OtherOrganisationId.eq(id))
    };
    let asked = Condition::all()
        .add_option(wanted.lot.map(|id| integrity_signal::Column::LotId.eq(id)))
        .add_option(wanted.kind.map(|kind| integrity_signal::Column::Kind.eq(kind)))
        .add_option(wanted.organisation.map(about));
    let all = page.restrict(integrity_signal::Entity::find(), integrity_signal::Column::CreatedAt, integrity_signal::Column::Id)?;
    Ok(all.filter(asked).all(db).await?)
}

/// Whether there is a signal of this kind about a bidder alone, or about these two.
pub async fn has(
    db: &impl ConnectionTrait,
    lot: LotId,
    kind: SignalKind,
    (organisation, other): (OrganisationId, Option<OrganisationId>),
) -> Result<bool, DbErr> {
    let column = integrity_signal::Column::OtherOrganisationId;
    let other = other.map_or_else(|| column.is_null(), |other| column.eq(other));
    let signals = integrity_signal::Entity::find()
        .filter(integrity_signal::Column::LotId.eq(lot))
        .filter(integrity_signal::Column::Kind.eq(kind))
        .filter(integrity_signal::Column::OrganisationId.eq(organisation))
        .filter(other);
    Ok(signals.limit(1).one(db).await?.is_some())
}

/// Whether a lot was looked at before. What is found at an award says nothing of that: it comes first.
pub async fn is_known(db: &impl ConnectionTrait, lot: LotId) -> Result<bool, DbErr> {
    let bidder = integrity_bidder::Entity::find().filter(integrity_bidder::Column::LotId.eq(lot)).limit(1).one(db).await?;
    if bidder.is_some() {
        return Ok(true);
    }
    let signals = integrity_signal::Entity::find()
        .filter(integrity_signal::Column::LotId.eq(lot))
        .filter(integrity_signal::Column::Kind.ne(SignalKind::BarredMember));
    Ok(signals.limit(1).one(db).await?.is_some())
}

/// The lots these organisations bid in: who, of which seller, and whether it won.
pub async fn lots_of(
    db: &impl ConnectionTrait,
    bidders: &BTreeSet<OrganisationId>,
) -> Result<Vec<(OrganisationId, OrganisationId, bool)>, DbErr> {
    integrity_bidder::Entity::find()
        .select_only()
        .column(integrity_bidder::Column::OrganisationId)
        .column(integrity_bidder::Column::SellerOrganisationId)
        .column(integrity_bidder::Column::Won)
        .filter(integrity_bidder::Column::OrganisationId.is_in(bidders.iter().copied()))
        .into_tuple()
        .all(db)
        .await
}

/// What these organisations sealed in lots that have closed, bids and first offers, and what came of it.
pub async fn sealed_by(db: &impl ConnectionTrait, bidders: &BTreeSet<OrganisationId>) -> Result<Vec<Past>, DbErr> {
    let rows = integrity_bidder::Entity::find()
        .filter(integrity_bidder::Column::OrganisationId.is_in(bidders.iter().copied()))
        .filter(integrity_bidder::Column::SealedMinor.is_not_null());
    let lots = rows.clone().select_only().column(integrity_bidder::Column::LotId).into_query();
    let terms: Vec<(LotId, LotTerms)> = lot::Entity::find()
        .select_only()
        .column(lot::Column::Id)
        .column(lot::Column::Terms)
        .filter(lot::Column::Id.in_subquery(lots))
        .into_tuple()
        .all(db)
        .await?;
    let directions: BTreeMap<LotId, Direction> = terms.into_iter().map(|(lot, terms)| (lot, terms.direction)).collect();
    let told = rows.all(db).await?.into_iter().filter_map(|row| {
        Some(Past {
            lot: row.lot_id,
            direction: *directions.get(&row.lot_id)?,
            organisation: row.organisation_id,
            sealed: Sealed { price: row.sealed_minor?, at: row.sealed_at? },
            won: row.won,
            turns: row.turns,
            raises: row.raises,
        })
    });
    Ok(told.collect())
}

/// How many lots of a seller were bid for.
pub async fn lots_bid_for(db: &impl ConnectionTrait, seller: OrganisationId) -> Result<i64, DbErr> {
    let sql = "SELECT COUNT(DISTINCT lot_id) AS lots FROM integrity_bidder WHERE seller_organisation_id = $1";
    let row = db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [seller.into()])).await?;
    row.ok_or_else(|| DbErr::RecordNotFound("lots_bid_for".into()))?.try_get("", "lots")
}

#[derive(Debug, FromQueryResult)]
struct HabitsRow {
    organisation_id: OrganisationId,
    lots: i64,
    won: i64,
    bids: i64,
    lot_bids: i64,
    raises: i64,
    small_raises: i64,
    answers: i64,
    quick_answers: i64,
    early_bp: i64,
}

/// What everybody who bid for lots of a seller did in them, summed up.
pub async fn habits(db: &impl ConnectionTrait, seller: OrganisationId) -> Result<Vec<Habits>, DbErr> {
    let sums: Vec<_> = ["bids", "lot_bids", "raises", "small_raises", "answers", "quick_answers", "early_bp"]
        .iter()
        // A sum of bigint is numeric on PostgreSQL.
        .map(|column| format!("CAST(SUM({column}) AS bigint) AS {column}"))
        .collect();
    let sql = format!(
        "SELECT organisation_id, COUNT(*) AS lots, CAST(SUM(CASE WHEN won THEN 1 ELSE 0 END) AS bigint) AS won, {} \
         FROM integrity_bidder WHERE seller_organisation_id = $1 GROUP BY organisation_id",
        sums.join(", ")
    );
    let asked = Statement::from_sql_and_values(db.get_database_backend(), sql, [seller.into()]);
    let rows = HabitsRow::find_by_statement(asked).all(db).await?;
    let told = rows.into_iter().map(|row| Habits {
        organisation: row.organisation_id,
        lots: row.lots,
        won: row.won,
        bids: row.bids,
        lot_bids: row.lot_bids,
        raises: row.raises,
        small_raises: row.small_raises,
        answers: row.answers,
        quick_answers: row.quick_answers,
        early_bp: row.early_bp,
    });
    Ok(told.collect())
}
