//! Papers of a technology export: handed in by who would buy, looked at by an officer.

use entity::gates::export_paper;
use entity::ids::{ExportPaperId, ListingId};

use super::tell;
use crate::documents::flows::kept_within;
use crate::gates::http::{DecideExportPaper, HandInExportPaper, ListExportPapers, OPERATIONS};
use crate::gates::rules::declared::{ExportPaperDecision, NewExportPaper, paper_said_well};
use crate::gates::rules::machine::{self, PaperOf};
use crate::gates::store;
use crate::gates::views::ExportPaperView;
use crate::house::{Done, House, Tx};
use crate::platform::access::{self, Context, Permission, Permit, Unpublished};
use crate::platform::db;
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// Hands a paper in for a listing that is public.
pub async fn hand_in_paper(
    house: &House,
    by: &Context,
    _: Permit<HandInExportPaper>,
    listing: ListingId,
    new: NewExportPaper,
) -> Result<Done<export_paper::Model>, Problem> {
    house.write(by, (listing, new), |tx, (listing, new)| async move { hand_in_within(&tx, listing, new).await }).await
}

async fn hand_in_within(tx: &Tx, listing: ListingId, new: NewExportPaper) -> Result<export_paper::Model, Problem> {
    let (person, seat) = (tx.by.actor()?.person, tx.by.seat()?);
    if !store::is_public(tx.conn(), listing).await? {
        return Err(Code::NotFound.into());
    }
    paper_said_well(&new, shanghai_date(tx.now))?;
    let document = kept_within(tx, new.document_id, seat.organisation).await?;
    let of = PaperOf { listing, organisation: seat.organisation, by: person };
    let row = machine::handed_in(tx.id(), of, new, document, tx.now);
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("export_paper", row.id, &row);
    Ok(row)
}

/// An officer says whether it is what it claims to be.
pub async fn decide_paper(
    house: &House,
    by: &Context,
    permit: Permit<DecideExportPaper>,
    id: ExportPaperId,
    decision: ExportPaperDecision,
) -> Result<Done<export_paper::Model>, Problem> {
    house
        .write(by, (permit, id, decision), |tx, (permit, id, decision)| async move {
            let held = store::hold_paper(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            permit.over(&held)?;
            tx.by.expects(held.version)?;
            let next = machine::decided(&held, tx.by.actor()?.person, decision.verified, &decision.reason, tx.now)?;
            db::update(tx.conn(), next.clone()).await?;
            tx.changed("export_paper", next.id, Some(&held), Some(&next));
            tell(&tx, next.organisation_id)?;
            Ok(next)
        })
        .await
}

/// A page of papers: those of the caller's own organisation, or everybody's for officers.
pub async fn list_papers(
    house: &House,
    by: &Context,
    _: &Permit<ListExportPapers>,
    listing: Option<ListingId>,
    page: &PageQuery,
) -> Result<Page<ExportPaperView>, Problem> {
    let organisation = match by.lists_unpublished(None) {
        Unpublished::OfAll => None,
        Unpublished::Of(own) => Some(own),
        Unpublished::OfNobody => return Err(Code::Forbidden.into()),
    };
    let rows = store::papers(house.db.read(), organisation, listing, page).await?;
    page.page(rows, |row| (row.handed_in_at, row.id.into()), |row| told(by, row))
}

/// A paper with what the caller may do to it.
pub fn told(by: &Context, row: export_paper::Model) -> ExportPaperView {
    let open = if row.decided_at.is_none() { vec![DecideExportPaper::OPERATION.id] } else { Vec::new() };
    let deeds = access::allowed(OPERATIONS, &by.caller, &row, &open);
    ExportPaperView::of(row, deeds)
}
