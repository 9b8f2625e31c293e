//! From which accounts deposits came.

use entity::ids::{AdmissionId, BankLineId};
use sea_orm::ConnectionTrait;

use super::words;
use crate::banking::store;
use crate::house::House;
use crate::platform::problem::Problem;

/// An account a deposit, or a part of it, came from.
pub struct Payer {
    /// Whose deposit it is.
    pub admission: AdmissionId,
    /// The line it came by.
    pub line: BankLineId,
    /// The account, in letters and digits alone.
    pub account: String,
}

/// The accounts the deposits of these admissions came from, as far as a statement says so and still does.
pub async fn payers(house: &House, db: &impl ConnectionTrait, admissions: &[AdmissionId]) -> Result<Vec<Payer>, Problem> {
    let cases = store::deposits(db, admissions).await?;
    let lines = store::lines(db, cases.iter().map(|case| case.line_id).collect()).await?;
    let found = cases.iter().filter_map(|case| {
        let (admission, line) = (case.admission_id?, lines.get(&case.line_id)?);
        // What cannot be opened any more is not known: it must not keep anybody from hearing that a lot has closed.
        let account = words::account(house, line).ok()??;
        let account: String = account.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect();
        (!account.is_empty()).then_some(Payer { admission, line: line.id, account })
    });
    Ok(found.collect())
}
