//! Taking the page of a notice away, and putting it back.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::ids::PersonId;
use entity::notices::{NoticeProposalKind, NoticeState, notice, notice_proposal, notice_takedown};

use crate::platform::problem::{Code, Faults, Problem};

/// The longest reason, characters.
const LONGEST_REASON: usize = 500;

/// What can be done to a public notice, as operations.
pub fn open_to(held: &notice::Model) -> Vec<&'static str> {
    match (held.state, held.taken_down_at) {
        (NoticeState::Drafted, _) => Vec::new(),
        (_, None) => vec!["take_down_notice"],
        (_, Some(_)) => vec!["restore_notice"],
    }
}

fn require(held: &notice::Model, operation: &'static str) -> Result<(), Problem> {
    let open = open_to(held);
    if open.contains(&operation) { Ok(()) } else { Err(Code::WrongState.with("state", state(held)).with("allowed", open)) }
}

fn state(held: &notice::Model) -> String {
    if held.taken_down_at.is_some() { "taken_down".into() } else { held.state.code() }
}

/// Since when the page is away: now, or a moment later where it was taken away at this very instant before, as it may be while the time of
/// a sandbox stands still.
fn since(before: &[notice_takedown::Model], now: Timestamp) -> Timestamp {
    let last = before.iter().map(|away| away.taken_down_at).max();
    last.map_or(now, |last| now.max(last + TimeDelta::microseconds(1)))
}

/// Its page is away from now on, for a reason everybody can read; it may have been away before.
pub fn taken_down(
    held: &notice::Model,
    before: &[notice_takedown::Model],
    by: PersonId,
    reason: &str,
    now: Timestamp,
) -> Result<(notice::Model, notice_takedown::Model), Problem> {
    require(held, "take_down_notice")?;
    Faults::new().text("/reason", reason, LONGEST_REASON).done()?;
    let since = since(before, now);
    let away = notice_takedown::Model {
        notice_id: held.id,
        taken_down_at: since,
        taken_down_by: by,
        reason: reason.to_owned(),
        restored_at: None,
        restored_by: None,
    };
    Ok((notice::Model { taken_down_at: Some(since), version: held.version + 1, ..held.clone() }, away))
}

/// Its page is there again.
pub fn restored(
    held: &notice::Model,
    away: &notice_takedown::Model,
    by: PersonId,
    now: Timestamp,
) -> Result<(notice::Model, notice_takedown::Model), Problem> {
    require(held, "restore_notice")?;
    let back = notice_takedown::Model { restored_at: Some(now.max(away.taken_down_at)), restored_by: Some(by), ..away.clone() };
    Ok((notice::Model { taken_down_at: None, version: held.version + 1, ..held.clone() }, back))
}

/// The last version that somebody made while the page was away, and that time: what the page was taken away for it has taken out. What
/// opens by itself meanwhile takes nothing out.
pub fn taken_out<'a>(
    away: &[notice_takedown::Model],
    made: impl Iterator<Item = &'a notice_proposal::Model>,
) -> Option<(i64, notice_takedown::Model)> {
    let during =
        |at: Timestamp| away.iter().find(|away| away.taken_down_at <= at && away.restored_at.is_none_or(|restored_at| at <= restored_at));
    let by_somebody = made.filter(|made| made.kind != NoticeProposalKind::Opening);
    let meanwhile = by_somebody.filter_map(|made| Some((made.made_version?, during(made.decided_at?)?.clone())));
    meanwhile.max_by_key(|(version, _)| *version)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::ids::NoticeProposalId;
    use uuid::Uuid;

    use super::super::examples::{at, draft, person};
    use super::super::proposal::{AtOnce, made};
    use super::super::{opened, publish};
    use super::*;

    #[test]
    fn a_page_is_taken_away_and_put_back_in_turns() {
        let public = publish(&draft(), person(1), Some(at(60)), at(5)).unwrap();
        assert_eq!(open_to(&public), ["take_down_notice"]);
        let (gone, away) = taken_down(&public, &[], person(2), "涉密复核", at(10)).unwrap();
        assert_eq!((gone.taken_down_at, gone.state, gone.version), (Some(at(10)), NoticeState::Published, public.version + 1));
        let again = taken_down(&gone, &[], person(2), "涉密复核", at(11)).unwrap_err();
        assert_eq!((again.code, again.facts["allowed"].to_string().as_str()), (Code::WrongState, r#"["restore_notice"]"#));
        let (there, back) = restored(&gone, &away, person(3), at(20)).unwrap();
        assert_eq!((there.taken_down_at, back.restored_at, back.restored_by), (None, Some(at(20)), Some(person(3))));
        assert_eq!(restored(&there, &back, person(3), at(21)).unwrap_err().code, Code::WrongState);
    }

    #[test]
    fn while_time_stands_still_a_page_is_taken_away_again_all_the_same() {
        let public = publish(&draft(), person(1), Some(at(60)), at(5)).unwrap();
        let (gone, first) = taken_down(&public, &[], person(2), "涉密复核", at(10)).unwrap();
        let (there, back) = restored(&gone, &first, person(3), at(10)).unwrap();
        let (again, second) = taken_down(&there, std::slice::from_ref(&back), person(2), "涉密复核", at(10)).unwrap();
        assert!(second.taken_down_at > back.taken_down_at && again.taken_down_at == Some(second.taken_down_at));
        let (_, over) = restored(&again, &second, person(3), at(10)).unwrap();
        assert_eq!(over.restored_at, Some(second.taken_down_at), "no sooner than it was taken away");
    }

    #[test]
    fn somebody_takes_out_what_a_page_is_away_for_and_a_date_does_not() {
        let public = publish(&draft(), person(1), Some(at(60)), at(5)).unwrap();
        let (gone, away) = taken_down(&public, &[], person(2), "涉密复核", at(10)).unwrap();
        let version = |kind, decided_by| {
            let of = AtOnce {
                id: NoticeProposalId(Uuid::from_u128(9)),
                kind,
                reason: "理由",
                proposed: (person(1), at(5)),
                decided: (decided_by, at(12)),
            };
            made(&gone, &opened(&gone).unwrap(), &of)
        };
        let out = |made: notice_proposal::Model| taken_out(std::slice::from_ref(&away), [made].iter()).map(|(version, _)| version);
        assert_eq!(out(version(NoticeProposalKind::Revision, Some(person(3)))), Some(2));
        assert_eq!(out(version(NoticeProposalKind::Opening, None)), None);
    }

    #[test]
    fn a_draft_has_no_page() {
        assert!(open_to(&draft()).is_empty());
        assert_eq!(taken_down(&draft(), &[], person(2), "x", at(10)).unwrap_err().code, Code::WrongState);
    }

    #[test]
    fn what_has_ended_can_be_taken_away_too() {
        let ended = notice::Model { state: NoticeState::Ended, ..publish(&draft(), person(1), Some(at(60)), at(5)).unwrap() };
        assert!(taken_down(&ended, &[], person(2), "x", at(100)).is_ok());
    }
}
