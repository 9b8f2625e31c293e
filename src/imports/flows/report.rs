//! The report of an import as a table, a page at a time.

use actix_web::web::Bytes;
use entity::ids::ImportId;
use entity::imports::{import_job, import_row};
use futures_util::{Stream, stream};

use super::super::http::ReadImportReport;
use super::super::rules::{self, Refusal};
use super::super::store;
use super::AT_A_TIME;
use super::read::seen;
use crate::house::House;
use crate::platform::access::Permit;
use crate::platform::http::admit::Place;
use crate::platform::problem::{Language, Problem};

/// The columns of a report.
const COLUMNS: [&str; 8] = ["row", "line", "row_key", "state", "thing_id", "problem", "detail", "faults"];

/// A report under way.
pub struct Report {
    house: House,
    job: import_job::Model,
    language: Language,
    /// The number of the last row that was read; none before the header.
    after: Option<i64>,
    /// The place of the call among those under way, held to the end.
    _held: Option<Place>,
}

/// What became of every row so far, if the caller may see it.
pub async fn report(
    house: &House,
    permit: &Permit<ReadImportReport>,
    id: ImportId,
    language: Language,
    held: Option<Place>,
) -> Result<Report, Problem> {
    let job = seen(house, permit, id).await?;
    Ok(Report { house: house.clone(), job, language, after: None, _held: held })
}

impl Report {
    /// The report, piece by piece.
    pub fn pieces(self) -> impl Stream<Item = Result<Bytes, Problem>> {
        stream::try_unfold(self, |mut report| async move {
            let piece = report.next().await?;
            Ok::<_, Problem>(piece.map(|piece| (piece, report)))
        })
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let Some(after) = self.after else {
            self.after = Some(0);
            let head = ["\u{feff}".as_bytes(), &rules::line(&COLUMNS)?[..]].concat();
            return Ok(Some(head.into()));
        };
        let rows = store::rows_after(self.house.db.read(), self.job.id, None, after, AT_A_TIME).await?;
        let Some(last) = rows.last() else { return Ok(None) };
        self.after = Some(last.number);
        let mut piece = Vec::new();
        for row in rows {
            piece.extend(self.line(row)?);
        }
        Ok(Some(piece.into()))
    }

    fn line(&self, row: import_row::Model) -> Result<Vec<u8>, Problem> {
        let refusal = row.problem.and_then(|kept| serde_json::from_value::<Refusal>(kept).ok()).map(Problem::from);
        let faults = refusal.iter().flat_map(|problem| &problem.errors).map(|fault| {
            let words = if self.language == Language::Chinese { &fault.zh } else { &fault.en };
            format!("{} {}", fault.pointer, words)
        });
        let faults = faults.collect::<Vec<_>>().join("; ");
        rules::line(&[
            row.number.to_string(),
            row.line.to_string(),
            row.row_key.unwrap_or_default(),
            row.state.code(),
            row.thing_id.map(|id| id.to_string()).unwrap_or_default(),
            refusal.as_ref().map(|problem| problem.code.code().to_owned()).unwrap_or_default(),
            refusal.as_ref().map(|problem| problem.detail(self.language)).unwrap_or_default(),
            faults,
        ])
    }
}
