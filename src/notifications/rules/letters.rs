//! Which news a member gets by letter, how much of it at once, what a letter says, and when it is tried again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use entity::Timestamp;
use entity::ids::{InboxItemId, OrganisationId, PersonId};
use entity::notifications::{MailChoice, MailState, inbox_item, inbox_letter, mail_preference};
use serde_json::Value;

use crate::notifications::catalogue::{self, Kind};
use crate::platform::mail::{Failure, Letter, wait_after};
use crate::platform::problem::{Faults, Problem};
use crate::rulebook::rules::shanghai_minute;

/// How many kinds somebody may name; there are fewer.
const MOST_KINDS: usize = 100;

/// What a subject says of news whose sentence holds facts: a subject shows where others look on.
const NEWS: (&str, &str) = ("收件箱有新消息", "news in your inbox");

/// Whether a member gets news of a kind by letter; as is usual, where he chose nothing yet.
pub fn by_letter(chosen: Option<&mail_preference::Model>, kind: &Kind) -> bool {
    let Some(chosen) = chosen else { return kind.by_letter };
    match chosen.choice {
        MailChoice::Usual => kind.by_letter,
        MailChoice::Everything => true,
        MailChoice::Nothing => false,
        MailChoice::Chosen => {
            let names = chosen.kinds.as_ref().and_then(Value::as_array);
            names.is_some_and(|names| names.iter().any(|name| name == kind.name))
        }
    }
}

/// Checks what somebody chooses: kinds are named where some are chosen, and only there.
pub fn check_choice(choice: MailChoice, kinds: Option<&[String]>) -> Result<(), Problem> {
    let mut faults = Faults::new();
    let names = kinds.unwrap_or_default();
    if choice == MailChoice::Chosen {
        faults.require(!names.is_empty(), "/kinds", "needed", "须至少选一种通知", "name one kind at least");
    } else {
        faults.require(kinds.is_none(), "/kinds", "not_needed", "仅在 choice 为 chosen 时填写", "is given with the choice `chosen` only");
    }
    faults.require(names.len() <= MOST_KINDS, "/kinds", "too_many", "不得超过 100 种", "at most 100 kinds are named");
    for (index, name) in names.iter().take(MOST_KINDS).enumerate() {
        let known = catalogue::for_inboxes().any(|kind| kind.name == name);
        faults.require(known, &format!("/kinds/{index}"), "unknown_kind", "收件箱没有此种通知", "no inbox has news of this kind");
    }
    faults.done()
}

/// What stands once somebody has chosen anew.
pub fn chosen(held: &mail_preference::Model, choice: MailChoice, kinds: Option<Vec<String>>, now: Timestamp) -> mail_preference::Model {
    mail_preference::Model { choice, kinds: kinds.map(Into::into), version: held.version + 1, changed_at: now, ..held.clone() }
}

/// How far letters are written in one go: through at most so many items, and always to the end of an event. Of an event
/// that has more items all are taken, of which the positions need tell one more than there may be.
pub fn end_of_batch(positions: &[i64], most: usize, told: i64) -> i64 {
    match (positions.first(), positions.get(most)) {
        (Some(first), Some(beyond)) if first < beyond => beyond - 1,
        (_, Some(beyond)) => *beyond,
        (_, None) => told,
    }
}

/// Whose letters, about which organisation.
pub type Whose = (PersonId, OrganisationId);

/// What is to be written about some items.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Writing {
    /// A letter each.
    pub letters: Vec<(Whose, InboxItemId)>,
    /// How many items there was no room for.
    pub more: BTreeMap<Whose, i64>,
}

/// What is to be written about items, in their order, to the members of their organisations who want it; of whom some had
/// letters already.
pub fn writing(
    items: &[(InboxItemId, OrganisationId, &Kind)],
    members: &BTreeMap<OrganisationId, BTreeSet<PersonId>>,
    chosen: &BTreeMap<Whose, mail_preference::Model>,
    mut had: BTreeMap<PersonId, i64>,
    most: i64,
) -> Writing {
    let mut found = Writing::default();
    for (item, organisation, kind) in items {
        for person in members.get(organisation).into_iter().flatten() {
            let whose = (*person, *organisation);
            if !by_letter(chosen.get(&whose), kind) {
                continue;
            }
            let count = had.entry(*person).or_default();
            if *count < most {
                *count += 1;
                found.letters.push((whose, *item));
            } else {
                *found.more.entry(whose).or_default() += 1;
            }
        }
    }
    found
}

/// Whether what happened or was written then is no news any more.
pub fn is_stale(since: Timestamp, life: TimeDelta, real: Timestamp) -> bool {
    since + life < real
}

/// The letter about an item: no more than the inbox says of it.
pub fn about_item(to: &str, organisation: &str, kind: &Kind, item: &inbox_item::Model, stop: &str) -> Letter {
    let body: Value = serde_json::from_str(&item.body).unwrap_or_default();
    let (zh, en) = (kind.sentence(false, &body), kind.sentence(true, &body));
    let (at, subject, id) = (shanghai_minute(item.created_at), &item.subject_kind, item.subject_id);
    let (test_zh, test_en) = if item.test { ("沙盒示例，并未发生。", " An example from the sandbox.") } else { ("", "") };
    let zh = format!("{zh}。{test_zh}\n时间：{at}（北京时间）\n事项：{subject} {id}\n详情见浙拍平台收件箱。");
    let en = format!("{en}.{test_en}\nWhen: {at} (Beijing time)\nAbout: {subject} {id}\nThe inbox on Zhepai says more.");
    let short = if kind.zh.contains('{') || kind.en.contains('{') { NEWS } else { (kind.zh, kind.en) };
    letter(to, short, organisation, (&zh, &en), stop)
}

/// The letter that counts what there was no room for.
pub fn about_more(to: &str, organisation: &str, more: i64, stop: &str) -> Letter {
    let zh = format!("近期通知较多，另有 {more} 条未逐一发送邮件，请查看浙拍平台收件箱。");
    let en = format!("There was much news lately; {more} more in the inbox on Zhepai came by no letter of their own.");
    letter(to, NEWS, organisation, (&zh, &en), stop)
}

fn letter(to: &str, (short_zh, short_en): (&str, &str), organisation: &str, (zh, en): (&str, &str), stop: &str) -> Letter {
    // Somebody else named it, so its name stays on its line.
    let organisation = organisation.split_whitespace().collect::<Vec<_>>().join(" ");
    Letter {
        to: to.to_owned(),
        subject: format!("浙拍：{short_zh} Zhepai: {short_en}"),
        text: format!(
            "{organisation}\n\n{zh}\n\n{en}\n\n--\n停止接收本机构的通知邮件 To stop letters about this organisation:\n{stop}\n\
             登录后可选择接收哪些通知。 Signed in, choose which news comes by letter.\n"
        ),
    }
}

/// The letter as an attempt leaves it: done with, tried again, or given up once it would come too late.
pub fn after_letter(held: &inbox_letter::Model, outcome: Result<(), Failure>, life: TimeDelta, real: Timestamp) -> inbox_letter::Model {
    let ended = |state| inbox_letter::Model { state, ended_at: Some(real), ..held.clone() };
    let next_attempt_at = real + wait_after(held.attempts);
    match outcome {
        Ok(()) => ended(MailState::Sent),
        Err(Failure::ForNow) if !is_stale(held.created_at, life, next_attempt_at) => {
            inbox_letter::Model { next_attempt_at, ..held.clone() }
        }
        Err(_) => ended(MailState::GivenUp),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::{TimeZone, Utc};
    use proptest::prelude::*;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn at() -> Timestamp {
        Utc.with_ymd_and_hms(2026, 3, 2, 12, 0, 0).unwrap()
    }

    fn preference(choice: MailChoice, kinds: Option<Value>) -> mail_preference::Model {
        mail_preference::Model {
            person_id: Uuid::from_u128(1).into(),
            organisation_id: Uuid::from_u128(2).into(),
            choice,
            kinds,
            stop_id: Uuid::from_u128(3).into(),
            version: 1,
            changed_at: at(),
        }
    }

    fn item(kind: &Kind) -> inbox_item::Model {
        inbox_item::Model {
            id: Uuid::from_u128(4).into(),
            organisation_id: Uuid::from_u128(2).into(),
            event_id: Uuid::from_u128(5).into(),
            position: 7,
            kind: kind.name.into(),
            subject_kind: kind.subject.into(),
            subject_id: Uuid::from_u128(6),
            body: kind.example().to_string(),
            test: false,
            created_at: at(),
            read_at: None,
        }
    }

    fn waiting() -> inbox_letter::Model {
        inbox_letter::Model {
            id: Uuid::from_u128(8).into(),
            person_id: Uuid::from_u128(1).into(),
            organisation_id: Uuid::from_u128(2).into(),
            item_id: Some(Uuid::from_u128(4).into()),
            more: 0,
            state: MailState::Pending,
            attempts: 1,
            next_attempt_at: at(),
            created_at: at(),
            ended_at: None,
        }
    }

    #[test]
    fn a_member_gets_what_he_chose() {
        let (urgent, quiet) = (catalogue::find("deal.opened").unwrap(), catalogue::find("listing.approved").unwrap());
        for (chosen, due) in [
            (None, [true, false]),
            (Some(preference(MailChoice::Usual, None)), [true, false]),
            (Some(preference(MailChoice::Everything, None)), [true, true]),
            (Some(preference(MailChoice::Nothing, None)), [false, false]),
            (Some(preference(MailChoice::Chosen, Some(json!(["listing.approved"])))), [false, true]),
        ] {
            assert_eq!([urgent, quiet].map(|kind| by_letter(chosen.as_ref(), kind)), due, "{chosen:?}");
        }
    }

    #[test]
    fn letters_are_written_to_the_end_of_an_event_and_never_beyond_what_was_told() {
        for (positions, end) in [
            (vec![], 9),
            (vec![4], 9),
            (vec![4, 6], 9),
            (vec![4, 6, 8], 7),
            (vec![4, 6, 6], 5),
            // One event more than fills it.
            (vec![4, 4, 4], 4),
        ] {
            assert_eq!(end_of_batch(&positions, 2, 9), end, "{positions:?}");
        }
    }

    #[test]
    fn what_there_is_no_room_for_is_counted_by_member_and_organisation() {
        let kind = catalogue::find("deal.opened").unwrap();
        let person = |id: u128| PersonId::from(Uuid::from_u128(id));
        let organisation = |id: u128| OrganisationId::from(Uuid::from_u128(id));
        let item = |id: u128| InboxItemId::from(Uuid::from_u128(id));
        // One is in both organisations and had two letters of three, another wants none.
        let members = BTreeMap::from([
            (organisation(20), BTreeSet::from([person(1), person(2)])),
            (organisation(21), BTreeSet::from([person(1), person(3)])),
        ]);
        let chosen = BTreeMap::from([((person(3), organisation(21)), preference(MailChoice::Nothing, None))]);
        let items = [(item(30), organisation(20), kind), (item(31), organisation(21), kind), (item(32), organisation(20), kind)];
        let found = writing(&items, &members, &chosen, BTreeMap::from([(person(1), 2)]), 3);
        let first = (person(1), organisation(20));
        let second = (person(2), organisation(20));
        assert_eq!(found.letters, [(first, item(30)), (second, item(30)), (second, item(32))]);
        assert_eq!(found.more, BTreeMap::from([((person(1), organisation(21)), 1), (first, 1)]));
    }

    #[test]
    fn kinds_are_named_where_some_are_chosen_and_are_such_as_come_into_inboxes() {
        let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let pointers = |choice, kinds: Option<&[String]>| {
            let faults = check_choice(choice, kinds).err().map(|problem| problem.errors).unwrap_or_default();
            faults.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>()
        };
        assert_eq!(pointers(MailChoice::Chosen, Some(&named(&["deal.opened"]))), Vec::<String>::new());
        assert_eq!(pointers(MailChoice::Everything, None), Vec::<String>::new());
        assert_eq!(pointers(MailChoice::Chosen, None), ["/kinds"]);
        assert_eq!(pointers(MailChoice::Usual, Some(&[])), ["/kinds"]);
        // Officers are told of nothing by letter, and what is public only comes into no inbox.
        let strange = named(&["deal.opened", "staff.appointed", "lot_session.ended", "no.such"]);
        assert_eq!(pointers(MailChoice::Chosen, Some(&strange)), ["/kinds/1", "/kinds/2", "/kinds/3"]);
        assert_eq!(pointers(MailChoice::Chosen, Some(&vec!["deal.opened".to_owned(); 101])), ["/kinds"]);
    }

    #[test]
    fn a_letter_says_it_in_both_languages_and_its_subject_holds_no_facts() {
        for kind in catalogue::for_inboxes() {
            let letter = about_item("a@b.example", "某\n机构", kind, &item(kind), "https://m.example/stop");
            for english in [false, true] {
                assert!(letter.text.contains(&kind.sentence(english, &kind.example())), "{}: {}", kind.name, letter.text);
            }
            assert!(letter.text.starts_with("某 机构\n") && letter.text.contains("https://m.example/stop\n"), "{}", letter.text);
            assert!(letter.text.contains("2026-03-02 20:00"), "{}", letter.text);
            assert!(!letter.subject.contains(['{', '\n']) && !letter.subject.contains(|c: char| c.is_ascii_digit()), "{}", letter.subject);
        }
        let many = about_more("a@b.example", "某机构", 7, "https://m.example/stop");
        assert!(many.text.contains("另有 7 条") && many.text.contains("7 more") && !many.subject.contains('7'), "{many:?}");
    }

    #[test]
    fn what_was_taken_is_done_with_and_what_never_will_be_is_given_up() {
        let life = TimeDelta::days(2);
        let sent = after_letter(&waiting(), Ok(()), life, at());
        assert_eq!((sent.state, sent.ended_at), (MailState::Sent, Some(at())));
        assert_eq!(after_letter(&waiting(), Err(Failure::ForGood), life, at()).state, MailState::GivenUp);
    }

    proptest! {
        #[test]
        fn no_letter_is_tried_after_its_life(minutes in 1_i64..10_000) {
            let life = TimeDelta::minutes(minutes);
            let (mut real, mut row) = (at(), waiting());
            while row.state == MailState::Pending {
                prop_assert!(real <= at() + life);
                row = after_letter(&row, Err(Failure::ForNow), life, real);
                real = row.next_attempt_at.max(real);
                row.attempts += 1;
            }
            prop_assert_eq!(row.state, MailState::GivenUp);
        }
    }
}
