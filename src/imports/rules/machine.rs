//! How far an import has come, and what can be done to it.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::ids::{OrganisationId, PersonId, SessionId};
use entity::imports::{ImportRowState, ImportState, import_job, import_row};
use uuid::Uuid;

use crate::platform::access::Thing;
use crate::platform::problem::{Code, Problem};

/// How many imports of an organisation may be under way at once.
const AT_ONCE: u64 = 2;

/// Whoever it is done for may not import any more.
pub const NOT_ALLOWED: &str = "not_allowed";
/// The file cannot be read from the store, or is not what was uploaded.
pub const FILE_UNREADABLE: &str = "file_unreadable";
/// Something of ours went wrong, again and again.
pub const INTERNAL: &str = "internal";

impl Thing for import_job::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }
}

/// Whether there is something left that will be done.
pub fn is_unfinished(state: ImportState) -> bool {
    matches!(state, ImportState::Waiting | ImportState::Running)
}

/// Whether it has ended and cannot be resumed.
pub fn has_ended_for_good(state: ImportState) -> bool {
    matches!(state, ImportState::Done | ImportState::Cancelled)
}

/// Whether it broke off so long ago that nobody is expected to resume it.
pub fn was_given_up(job: &import_job::Model, life: TimeDelta, now: Timestamp) -> bool {
    job.state == ImportState::Failed && job.ended_at.is_some_and(|ended| now >= ended + life)
}

/// What can be done to an import in a state, as operations.
pub fn allowed(state: ImportState) -> &'static [&'static str] {
    match state {
        ImportState::Waiting | ImportState::Running => &["cancel_import"],
        ImportState::Failed => &["resume_import", "cancel_import"],
        ImportState::Done | ImportState::Cancelled => &[],
    }
}

/// What can be done to an import now, as operations, where so many of its organisation are under way.
pub fn open_to(held: &import_job::Model, under_way: u64) -> Vec<&'static str> {
    let may_go_on = may_start(under_way).is_ok();
    allowed(held.state).iter().copied().filter(|operation| may_go_on || *operation != "resume_import").collect()
}

fn require(held: &import_job::Model, operation: &str) -> Result<(), Problem> {
    let allowed = allowed(held.state);
    if allowed.contains(&operation) { Ok(()) } else { Err(Code::WrongState.with("state", held.state).with("allowed", allowed)) }
}

/// Refuses another import while enough of them are under way.
pub fn may_start(under_way: u64) -> Result<(), Problem> {
    if under_way < AT_ONCE { Ok(()) } else { Err(Code::ImportRunning.with("limit", AT_ONCE)) }
}

/// How many rows have been taken in or refused.
pub fn rows_done(job: &import_job::Model) -> i64 {
    job.accepted + job.unchanged + job.refused
}

/// The import after so many more rows, which end at this byte and line; the step that follows.
pub fn advanced(
    held: &import_job::Model,
    rows: &[import_row::Model],
    offset: i64,
    line: i64,
    step: Uuid,
    now: Timestamp,
) -> import_job::Model {
    let count = |state| i64::try_from(rows.iter().filter(|row| row.state == state).count()).unwrap_or(i64::MAX);
    let mut next = import_job::Model {
        state: ImportState::Running,
        accepted: held.accepted + count(ImportRowState::Accepted),
        unchanged: held.unchanged + count(ImportRowState::Unchanged),
        refused: held.refused + count(ImportRowState::Refused),
        next_offset: offset,
        next_line: line,
        step,
        ..held.clone()
    };
    if rows_done(&next) >= next.rows_total {
        next.state = ImportState::Done;
        next.ended_at = Some(now);
    }
    next
}

/// The import, broken off for a reason. What was taken in stays, and it can be resumed.
pub fn failed(held: &import_job::Model, reason: &str, now: Timestamp) -> import_job::Model {
    import_job::Model { state: ImportState::Failed, state_reason: Some(reason.into()), ended_at: Some(now), ..held.clone() }
}

/// The import, ended before its last row. What was taken in stays.
pub fn cancelled(held: &import_job::Model, now: Timestamp) -> Result<import_job::Model, Problem> {
    require(held, "cancel_import")?;
    Ok(import_job::Model { state: ImportState::Cancelled, ended_at: Some(now), ..held.clone() })
}

/// The import, going on where it stood, in the name of whoever resumes it.
pub fn resumed(held: &import_job::Model, by: PersonId, session: SessionId, step: Uuid) -> Result<import_job::Model, Problem> {
    require(held, "resume_import")?;
    Ok(import_job::Model {
        state: if rows_done(held) == 0 { ImportState::Waiting } else { ImportState::Running },
        state_reason: None,
        ended_at: None,
        step,
        acting_person: by,
        acting_session: session,
        ..held.clone()
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use entity::imports::{ImportFormat, ImportKind};

    fn job() -> import_job::Model {
        let id = Uuid::from_u128(1);
        import_job::Model {
            id: id.into(),
            organisation_id: id.into(),
            kind: ImportKind::Assets,
            format: ImportFormat::Csv,
            rehearse: false,
            file_name: "x.csv".into(),
            stored_as: "x".into(),
            sha256: vec![0; 32],
            size: 1,
            header: serde_json::Value::Null,
            state: ImportState::Waiting,
            state_reason: None,
            rows_total: 3,
            accepted: 0,
            unchanged: 0,
            refused: 0,
            next_offset: 0,
            next_line: 1,
            step: id,
            created_by: id.into(),
            acting_person: id.into(),
            acting_session: id.into(),
            created_at: DateTime::UNIX_EPOCH,
            ended_at: None,
        }
    }

    fn rows(states: &[ImportRowState]) -> Vec<import_row::Model> {
        let row = |state: &ImportRowState| import_row::Model {
            import_id: job().id,
            number: 1,
            line: 1,
            row_key: None,
            state: *state,
            identity: None,
            sha256: None,
            thing_id: None,
            problem: None,
        };
        states.iter().map(row).collect()
    }

    #[test]
    fn an_import_is_done_with_its_last_row() {
        use ImportRowState::{Accepted, Refused, Unchanged};
        let step = Uuid::from_u128(2);
        let half = advanced(&job(), &rows(&[Accepted, Refused]), 20, 3, step, DateTime::UNIX_EPOCH);
        assert_eq!((half.state, half.ended_at, half.next_offset, half.step), (ImportState::Running, None, 20, step));
        let whole = advanced(&half, &rows(&[Unchanged]), 30, 4, step, DateTime::UNIX_EPOCH);
        assert_eq!((whole.state, whole.accepted, whole.unchanged, whole.refused), (ImportState::Done, 1, 1, 1));
        assert!(whole.ended_at.is_some());
    }

    #[test]
    fn what_was_broken_off_goes_on_where_it_stood() {
        let half = advanced(&job(), &rows(&[ImportRowState::Accepted]), 20, 3, Uuid::nil(), DateTime::UNIX_EPOCH);
        let broken = failed(&half, FILE_UNREADABLE, DateTime::UNIX_EPOCH);
        let other = Uuid::from_u128(7);
        let again = resumed(&broken, other.into(), other.into(), other).unwrap();
        assert_eq!(again, import_job::Model { step: other, acting_person: other.into(), acting_session: other.into(), ..half.clone() });
        assert_eq!(resumed(&half, other.into(), other.into(), other).unwrap_err().code, Code::WrongState);
    }

    #[test]
    fn what_has_ended_is_not_cancelled() {
        assert!(cancelled(&job(), DateTime::UNIX_EPOCH).is_ok());
        let done = import_job::Model { state: ImportState::Done, ..job() };
        let problem = cancelled(&done, DateTime::UNIX_EPOCH).unwrap_err();
        assert_eq!((problem.code, problem.facts["state"].as_str()), (Code::WrongState, Some("done")));
    }

    #[test]
    fn two_are_under_way_at_most() {
        assert!(may_start(1).is_ok());
        assert_eq!(may_start(2).unwrap_err().code, Code::ImportRunning);
        let broken = failed(&job(), INTERNAL, DateTime::UNIX_EPOCH);
        assert_eq!(open_to(&broken, 1), ["resume_import", "cancel_import"]);
        assert_eq!(open_to(&broken, 2), ["cancel_import"]);
    }
}
