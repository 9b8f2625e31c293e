//! What is kept of a statement: what it joins, and what the books begin with.

use std::cmp::Ordering;

use entity::Timestamp;
use entity::banking::bank_statement;
use entity::ids::{BankStatementId, PersonId};
use entity::ledger::BankDirection;
use entity::money::Money;

use super::sheet::{Figures, Sheet};

/// The row under which a balance that is booked stands among the lines; it is the header's, so no movement has it.
pub const OPENING_ROW: i64 = 1;

/// Whether a statement begins before every other there is: what it opens with no line brought in.
pub fn begins_first(statement: &bank_statement::Model, earliest: Option<Timestamp>) -> bool {
    earliest.is_none_or(|begun| statement.first_booked_at < begun)
}

/// What has to be booked, so that the books begin with what the earliest statement opens with, where they
/// began with so much before.
pub fn opening(statement: &bank_statement::Model, opened: i64) -> Option<(BankDirection, Money)> {
    let minor = statement.opening_minor.saturating_sub(opened);
    let direction = match minor.cmp(&0) {
        Ordering::Equal => return None,
        Ordering::Greater => BankDirection::Credit,
        Ordering::Less => BankDirection::Debit,
    };
    Some((direction, Money { minor: minor.saturating_abs(), currency: statement.currency }))
}

/// What is new about a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Its id.
    pub id: BankStatementId,
    /// The name of the file.
    pub file_name: String,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// Who imported it.
    pub imported_by: PersonId,
}

/// The statement as it is kept. It joins the latest earlier one if it begins with what that ended with,
/// leaving aside what it repeats of earlier statements (`known`, credits less debits); before the first
/// the account was empty.
pub fn statement(
    paper: Paper,
    sheet: &Sheet,
    booked: &[Timestamp],
    previous: Option<&bank_statement::Model>,
    known: i64,
    at: Timestamp,
) -> bank_statement::Model {
    let Figures { opening, closing } = sheet.figures;
    let carried = previous.map_or(0, |earlier| earlier.closing_minor);
    bank_statement::Model {
        id: paper.id,
        currency: opening.currency,
        file_name: paper.file_name,
        sha256: paper.sha256.to_vec(),
        opening_minor: opening.minor,
        closing_minor: closing.minor,
        credits_minor: sheet.credits,
        debits_minor: sheet.debits,
        line_count: i64::try_from(sheet.rows.len()).unwrap_or(i64::MAX),
        first_booked_at: booked.iter().min().copied().unwrap_or(at),
        last_booked_at: booked.iter().max().copied().unwrap_or(at),
        previous_id: previous.map(|earlier| earlier.id),
        gap_minor: opening.minor.saturating_add(known).saturating_sub(carried),
        imported_by: paper.imported_by,
        imported_at: at,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::samples::at;
    use super::*;

    fn balances(opening: i64, closing: i64) -> Figures {
        Figures { opening: Money::fen(opening), closing: Money::fen(closing) }
    }

    #[test]
    fn statements_join_where_one_begins_with_what_the_other_ended_with() {
        let sheet = |opening, closing, credits| Sheet { figures: balances(opening, closing), rows: Vec::new(), credits, debits: 0 };
        let paper = |number| Paper {
            id: BankStatementId(Uuid::from_u128(number)),
            file_name: "a.csv".into(),
            sha256: [0; 32],
            imported_by: PersonId(Uuid::from_u128(1)),
        };
        let first = statement(paper(1), &sheet(0, 100, 100), &[at(1), at(0)], None, 0, at(5));
        assert_eq!((first.gap_minor, first.first_booked_at, first.last_booked_at), (0, at(0), at(1)));
        let next = statement(paper(2), &sheet(100, 150, 50), &[at(2)], Some(&first), 0, at(6));
        assert_eq!((next.gap_minor, next.previous_id), (0, Some(first.id)));
        // The same day once more, with a line that was not there before.
        assert_eq!(statement(paper(3), &sheet(0, 130, 130), &[at(2)], Some(&first), 100, at(6)).gap_minor, 0);
        assert_eq!(statement(paper(4), &sheet(120, 150, 30), &[at(2)], Some(&first), 0, at(6)).gap_minor, 20);
    }

    #[test]
    fn the_books_begin_with_what_the_earliest_statement_opens_with() {
        let sheet = Sheet { figures: balances(1_000, 1_100), rows: Vec::new(), credits: 100, debits: 0 };
        let paper = Paper {
            id: BankStatementId(Uuid::from_u128(1)),
            file_name: "a.csv".into(),
            sha256: [0; 32],
            imported_by: PersonId(Uuid::from_u128(1)),
        };
        let one = statement(paper, &sheet, &[at(5)], None, 0, at(6));
        assert!(begins_first(&one, None) && begins_first(&one, Some(at(6))));
        assert!(!begins_first(&one, Some(at(5))) && !begins_first(&one, Some(at(4))));
        assert_eq!(opening(&one, 0), Some((BankDirection::Credit, Money::fen(1_000))));
        assert_eq!(opening(&one, 1_000), None);
        assert_eq!(opening(&one, 1_700), Some((BankDirection::Debit, Money::fen(700))));
    }
}
