//! Whether a buyer of an application may rescind (SPC-TC art. 23): where it was rejected or deemed withdrawn before the registry entered the
//! transfer; not where that came after, unless the parties agreed otherwise.

use chrono::NaiveDate;
use entity::achievements::{LegalStatus, legal_status};
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// That an application was lost, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Loss {
    /// How.
    pub legal_status: LegalStatus,
    /// On which day, in Shanghai.
    pub lost_on: NaiveDate,
}

/// The first reading that says that an application was lost, if that is what the last one says; of readings from the earliest to the last.
pub fn lost(readings: &[legal_status::Model]) -> Option<Loss> {
    let is_loss = |reading: &&legal_status::Model| matches!(reading.status, LegalStatus::Rejected | LegalStatus::DeemedWithdrawn);
    let since = readings.iter().rev().take_while(is_loss).last()?;
    Some(Loss { legal_status: since.status, lost_on: shanghai_date(since.as_of) })
}

/// Refuses to let a buyer rescind whose application was not lost, or was lost on the day of the registry or later.
pub fn may_rescind(loss: Option<Loss>, registration_date: Option<NaiveDate>) -> Result<Loss, Problem> {
    let Some(loss) = loss else {
        let (zh, en) = ("专利申请未被驳回或者视为撤回", "the application was neither rejected nor deemed withdrawn");
        return Err(Code::StatusForbids.at("/reason", "not_lost", zh, en));
    };
    match registration_date {
        Some(registered) if registered <= loss.lost_on => {
            let (zh, en) = (
                "专利申请在转让登记之后被驳回或者视为撤回，受让人不得解除合同（技术合同司法解释第二十三条）",
                "the application was lost after the transfer was registered: the buyer may not rescind (SPC-TC art. 23)",
            );
            let problem = Code::StatusForbids.at("/reason", "registered_before", zh, en);
            Err(problem.with("registration_date", registered).with("lost_on", loss.lost_on))
        }
        _ => Ok(loss),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::achievements::StatusSource;
    use entity::ids::{AssetId, LegalStatusId, PersonId};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn read(status: LegalStatus, as_of: &str) -> legal_status::Model {
        legal_status::Model {
            id: LegalStatusId(Uuid::nil()),
            asset_id: AssetId(Uuid::nil()),
            status,
            as_of: as_of.parse().unwrap(),
            source: StatusSource::Registry,
            evidence_document_id: None,
            recorded_by: PersonId(Uuid::nil()),
            recorded_at: as_of.parse().unwrap(),
        }
    }

    #[test]
    fn rejected_before_the_registration_the_buyer_may_rescind() {
        let readings = [read(LegalStatus::InExam, "2026-03-01T00:00:00Z"), read(LegalStatus::Rejected, "2026-04-01T00:00:00Z")];
        let loss = lost(&readings);
        assert_eq!(loss, Some(Loss { legal_status: LegalStatus::Rejected, lost_on: day("2026-04-01") }));
        for registered in [None, Some(day("2026-04-02"))] {
            assert_eq!(may_rescind(loss, registered).unwrap().lost_on, day("2026-04-01"));
        }
    }

    #[test]
    fn deemed_withdrawn_after_the_registration_he_may_not() {
        let loss = lost(&[read(LegalStatus::DeemedWithdrawn, "2026-04-01T00:00:00Z")]);
        for registered in ["2026-03-31", "2026-04-01"] {
            let problem = may_rescind(loss, Some(day(registered))).unwrap_err();
            assert_eq!((problem.code, problem.errors[0].code.as_str()), (Code::StatusForbids, "registered_before"));
            assert_eq!(problem.facts["registration_date"], registered);
        }
    }

    #[test]
    fn what_was_restored_or_given_up_is_not_lost() {
        let restored = [read(LegalStatus::DeemedWithdrawn, "2026-04-01T00:00:00Z"), read(LegalStatus::InExam, "2026-05-01T00:00:00Z")];
        assert_eq!(lost(&restored), None);
        assert_eq!(lost(&[read(LegalStatus::Withdrawn, "2026-04-01T00:00:00Z")]), None, "the applicant's own withdrawal is another matter");
        assert_eq!(lost(&[]), None);
        assert_eq!(may_rescind(None, None).unwrap_err().errors[0].code, "not_lost");
    }

    #[test]
    fn what_was_read_again_was_lost_as_it_was_first_read() {
        let again = [read(LegalStatus::Rejected, "2026-04-01T00:00:00Z"), read(LegalStatus::Rejected, "2026-06-01T00:00:00Z")];
        assert_eq!(lost(&again).unwrap().lost_on, day("2026-04-01"));
    }

    proptest! {
        #[test]
        fn only_the_order_of_the_two_days_counts(lost in 0_i64..2_000, registered in proptest::option::of(0_i64..2_000)) {
            let after = |days: i64| day("2026-01-01") + chrono::TimeDelta::days(days);
            let loss = Loss { legal_status: LegalStatus::Rejected, lost_on: after(lost) };
            let may = may_rescind(Some(loss), registered.map(after)).is_ok();
            prop_assert_eq!(may, registered.is_none_or(|registered| lost < registered));
        }
    }
}
