//! Database errors in the words of the catalogue.

use sea_orm::{DbErr, RuntimeErr, SqlxError};

use crate::platform::problem::{Code, Problem};

/// SQLSTATE of serialisation failure and deadlock; SQLite's "busy" and "locked".
const TRANSIENT: [&str; 4] = ["40001", "40P01", "5", "6"];
/// Lock and statement timeouts, too many connections, shutting down, cannot connect now; SQLite's "interrupted".
const BUSY: [&str; 9] = ["55P03", "57014", "53300", "57P01", "57P02", "57P03", "25P03", "08006", "9"];
/// Disk full, I/O error (PostgreSQL); full, I/O error (SQLite).
const EXHAUSTED: [&str; 4] = ["53100", "58030", "13", "10"];

impl From<DbErr> for Problem {
    fn from(error: DbErr) -> Self {
        let code = database_code(&error).map(primary);
        let code = code.as_deref().unwrap_or_default();
        if TRANSIENT.contains(&code) {
            return Self::transient();
        }
        if EXHAUSTED.contains(&code) {
            tracing::error!(%error, "storage refuses to write");
            return Code::StorageExhausted.into();
        }
        if BUSY.contains(&code) || is_unreachable(&error) {
            tracing::warn!(%error, "database busy or unreachable");
            return Code::Busy.into();
        }
        tracing::error!(%error, "database error");
        Code::Internal.into()
    }
}

fn sqlx_error(error: &DbErr) -> Option<&SqlxError> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(e)) | DbErr::Query(RuntimeErr::SqlxError(e)) | DbErr::Conn(RuntimeErr::SqlxError(e)) => {
            Some(e.as_ref())
        }
        _ => None,
    }
}

fn database_code(error: &DbErr) -> Option<String> {
    match sqlx_error(error)? {
        SqlxError::Database(e) => e.code().map(std::borrow::Cow::into_owned),
        _ => None,
    }
}

/// The code without what SQLite adds in which way it happened, above the lowest byte (such as an I/O error at a sync). A SQLSTATE, which
/// always has five characters, stays as it is.
fn primary(code: String) -> String {
    match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => (number & 0xff).to_string(),
        _ => code,
    }
}

/// Whether a connection was of no use any more.
pub(super) fn is_broken(error: &DbErr) -> bool {
    matches!(sqlx_error(error), Some(SqlxError::Io(_) | SqlxError::Protocol(_)))
        || database_code(error).is_some_and(|code| code.starts_with("57P"))
}

fn is_unreachable(error: &DbErr) -> bool {
    matches!(error, DbErr::ConnectionAcquire(_))
        || matches!(
            sqlx_error(error),
            Some(SqlxError::Io(_) | SqlxError::PoolTimedOut | SqlxError::PoolClosed | SqlxError::Protocol(_) | SqlxError::WorkerCrashed)
        )
}

/// The name of the constraint an error speaks of. SQLite names unique indexes' columns instead.
pub fn constraint(error: &DbErr) -> Option<String> {
    match sqlx_error(error)? {
        SqlxError::Database(e) => Some(e.constraint().map_or_else(|| e.message().to_owned(), ToOwned::to_owned)),
        _ => None,
    }
}

/// Whether a row could not be written because an equal one stands already.
pub fn is_duplicate(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_sqlite_is_known_however_it_happened() {
        let shown = |code: &str| primary(code.to_owned());
        // Of I/O: at a sync, at a sync of the folder, at a write; busy while it recovers, and with an old snapshot.
        assert_eq!(["1034", "1290", "778"].map(shown), ["10", "10", "10"]);
        assert_eq!(["261", "517", "5", "13"].map(shown), ["5", "5", "5", "13"]);
        assert_eq!(["53100", "40P01", "57014"].map(shown), ["53100", "40P01", "57014"]);
    }
}
