//! When an account may be closed, when its name goes, and how long records are kept.

use entity::Timestamp;
use entity::identity::{StaffRole, person};
use entity::ids::OrganisationId;

use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Calendar, Span, days_before};

/// What an account answers for when it is to be closed.
#[derive(Clone, Debug, Default)]
pub struct Duties {
    /// A staff place.
    pub staff: Option<StaffRole>,
    /// Organisations of which it is the only owner.
    pub only_owner_of: Vec<OrganisationId>,
}

/// The account once it is closed. Name and address go at once where its owner never took part in a trade or
/// decided anything, otherwise when the records of it need not be kept any longer, which is `kept_until`
/// (个人信息保护法 art. 47).
pub fn closed(held: &person::Model, duties: &Duties, kept_until: Option<Timestamp>, now: Timestamp) -> Result<person::Model, Problem> {
    if held.closed_at.is_some() {
        return Err(Code::WrongState.with("state", "closed").with("allowed", Vec::<String>::new()));
    }
    if let Some(role) = duties.staff {
        return Err(Code::AccountNeeded.with("why", format!("staff: {}", role.code())).with("allowed", ["dismiss_staff"]));
    }
    if !duties.only_owner_of.is_empty() {
        let problem = Code::AccountNeeded.with("why", "the only owner");
        return Err(problem.with("organisation_ids", duties.only_owner_of.clone()).with("allowed", ["change_member_roles"]));
    }
    let forget_at = kept_until.map_or(now, |until| until.max(now));
    Ok(person::Model { closed_at: Some(now), forget_at: Some(forget_at), ..held.clone() })
}

/// Whether the time has come for name and address of a closed account to go.
pub fn may_forget(held: &person::Model, now: Timestamp) -> bool {
    held.forgotten_at.is_none() && held.forget_at.is_some_and(|due| due <= now)
}

/// What an officer purges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purgeable {
    /// The audit trail, in whole sealed stretches.
    Audit,
    /// Sessions that are over.
    Sessions,
    /// What officers did at people's requests with their data.
    Requests,
}

/// How records of a kind go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Going {
    /// By themselves, soon after their time.
    ByThemselves,
    /// When an officer purges them.
    ByPurge(Purgeable),
    /// Never: they are kept for good, and name people by id only.
    Never,
}

/// A kind of records and the rule it is kept by.
#[derive(Clone, Copy, Debug)]
pub struct RetentionClass {
    /// Its name.
    pub code: &'static str,
    /// In Chinese and English.
    pub says: (&'static str, &'static str),
    /// The parameter that says how long.
    pub parameter: &'static str,
    /// How it goes.
    pub going: Going,
}

const fn kind(code: &'static str, parameter: &'static str, going: Going, zh: &'static str, en: &'static str) -> RetentionClass {
    RetentionClass { code, says: (zh, en), parameter, going }
}

/// Every kind of records that has a period.
pub const CLASSES: [RetentionClass; 12] = [
    kind(
        "auction_records",
        "electronic_record_retention",
        Going::Never,
        "拍卖记录：标的、出价、成交确认、围标串标线索",
        "auction records: lots, bids, confirmations, signals of collusion",
    ),
    kind(
        "trade_records",
        "trade_retention",
        Going::Never,
        "交易信息：挂牌、报名、公告、账务",
        "trade records: listings, admissions, notices, the ledger",
    ),
    kind(
        "closed_accounts",
        "auction_record_retention",
        Going::ByThemselves,
        "已注销账号的姓名与邮箱",
        "names and addresses of closed accounts",
    ),
    kind("audit", "audit_retention", Going::ByPurge(Purgeable::Audit), "审计记录", "the audit trail"),
    kind("sessions", "session_retention", Going::ByPurge(Purgeable::Sessions), "已结束的登录记录", "sessions that are over"),
    kind(
        "device_letters",
        "device_letter_life",
        Going::ByThemselves,
        "新设备登录邮件凭证记录",
        "what letters brought to let new devices in",
    ),
    kind(
        "data_requests",
        "personal_data_sharing_retention",
        Going::ByPurge(Purgeable::Requests),
        "个人信息提供与注销的办理记录",
        "what of people's data was handed out or closed at their requests",
    ),
    kind("registrations", "registration_life", Going::ByThemselves, "未完成的注册申请", "registrations that were not completed"),
    kind("key_calls", "api_key_log_life", Going::ByThemselves, "密钥调用记录", "calls made with keys"),
    kind("idempotency", "idempotency_retention", Going::ByThemselves, "幂等记录", "idempotency records"),
    kind("deliveries", "webhook_log_retention", Going::ByThemselves, "Webhook 投递与邮件记录", "deliveries to webhooks, and letters"),
    kind("failed_imports", "failed_import_life", Going::ByThemselves, "中断导入的文件", "files of imports that broke off"),
];

/// The kind of this name.
pub fn class(code: &str) -> Option<&'static RetentionClass> {
    CLASSES.iter().find(|class| class.code == code)
}

/// What is purged of a kind; refused where records go in another way.
pub fn purgeable(class: &RetentionClass) -> Result<Purgeable, Problem> {
    match class.going {
        Going::ByPurge(what) => Ok(what),
        Going::ByThemselves | Going::Never => Err(Code::WrongState.with("state", "not_purged").with("allowed", ["list_retention"])),
    }
}

/// What can be done to records of a kind, as operations.
pub fn open_on_class(class: &RetentionClass) -> &'static [&'static str] {
    if purgeable(class).is_ok() { &["purge_records"] } else { &[] }
}

/// The instant before which records have been kept long enough. A period without a length of its own, such as years,
/// ends with its last day.
pub fn kept_long_enough(keep: Span, calendar: &Calendar, now: Timestamp) -> Timestamp {
    keep.elapsed().map_or_else(|| days_before(now, keep, calendar), |length| now - length)
}

/// Checks that a purge is not early: only what was kept long enough goes.
pub fn may_purge(before: Timestamp, limit: Timestamp) -> Result<(), Problem> {
    if before > limit {
        return Err(Code::RetentionRuns.with("until", limit.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::{TimeDelta, TimeZone, Utc};
    use entity::sealed::Sealed;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::rulebook::rules::shipped::CALENDAR;

    fn at(day: i64) -> Timestamp {
        Utc.with_ymd_and_hms(2026, 3, 2, 12, 0, 0).unwrap() + TimeDelta::days(day)
    }

    fn account() -> person::Model {
        person::Model {
            id: Uuid::from_u128(1).into(),
            email: Sealed::from("wang@zju.example".to_owned()),
            email_blind: Some(vec![1; 32]),
            name: Sealed::from("王工".to_owned()),
            password_hash: "x".into(),
            password_changed_at: None,
            suspended_at: None,
            suspended_why: None,
            closed_at: None,
            forget_at: None,
            forgotten_at: None,
            address_proved_at: None,
            created_at: at(0),
        }
    }

    fn keep() -> TimeDelta {
        TimeDelta::days(5 * 365)
    }

    #[test]
    fn who_never_traded_is_forgotten_at_once_and_who_did_when_the_records_may_go() {
        let never = closed(&account(), &Duties::default(), None, at(10)).unwrap();
        assert_eq!((never.closed_at, never.forget_at), (Some(at(10)), Some(at(10))));
        assert!(may_forget(&never, at(10)));
        let traded = closed(&account(), &Duties::default(), Some(at(3) + keep()), at(10)).unwrap();
        assert_eq!(traded.forget_at, Some(at(3) + keep()));
        assert!(!may_forget(&traded, at(3) + keep() - TimeDelta::seconds(1)));
        assert!(may_forget(&traded, at(3) + keep()));
        let again = closed(&traded, &Duties::default(), None, at(11)).unwrap_err();
        assert_eq!(again.code, Code::WrongState);
    }

    #[test]
    fn nobody_leaves_a_duty_behind() {
        let officer = Duties { staff: Some(StaffRole::Finance), ..Duties::default() };
        let owner = Duties { only_owner_of: vec![Uuid::from_u128(7).into()], ..Duties::default() };
        for duties in [officer, owner] {
            assert_eq!(closed(&account(), &duties, None, at(1)).unwrap_err().code, Code::AccountNeeded);
        }
    }

    #[test]
    fn only_what_officers_purge_is_purged_and_names_are_unique() {
        let purged: Vec<_> = CLASSES.iter().filter_map(|class| Some((class.code, purgeable(class).ok()?))).collect();
        assert_eq!(purged, [("audit", Purgeable::Audit), ("sessions", Purgeable::Sessions), ("data_requests", Purgeable::Requests)]);
        for class in &CLASSES {
            assert_eq!(CLASSES.iter().filter(|other| other.code == class.code).count(), 1);
        }
    }

    #[test]
    fn a_purge_is_never_early() {
        let limit = kept_long_enough(Span::CalendarDays(184), &CALENDAR, at(200));
        assert_eq!(limit, at(16));
        assert_eq!(may_purge(limit, limit), Ok(()));
        let early = may_purge(limit + TimeDelta::microseconds(1), limit).unwrap_err();
        assert_eq!(early.code, Code::RetentionRuns);
        // Three years end with a day, so what is from 1 March goes on the second, and not before.
        let years = kept_long_enough(Span::Years(3), &CALENDAR, Utc.with_ymd_and_hms(2029, 3, 2, 12, 0, 0).unwrap());
        assert_eq!(years, Utc.with_ymd_and_hms(2026, 3, 1, 16, 0, 0).unwrap());
    }

    proptest! {
        #[test]
        fn nothing_goes_before_its_time(until in 0_i64..4000, closed_on in 0_i64..4000, asked in 0_i64..8000) {
            let account = closed(&account(), &Duties::default(), Some(at(until)), at(closed_on)).unwrap();
            prop_assert_eq!(may_forget(&account, at(asked)), asked >= until && asked >= closed_on);
        }
    }
}
