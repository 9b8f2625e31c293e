//! The coming dates of a procedure as a file for calendars (iCalendar, RFC 5545).

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use icalendar::{Calendar, Component, Event, EventLike};

use super::rules::timeline::Step;
use super::rules::{Progress, Timeline};

/// A file of the dates that come, each at the instant it is due; `about` is what the procedure is about, `id` by what it is known.
pub fn calendar_file(timeline: &Timeline, about: &str, id: &str) -> String {
    let mut file = Calendar::new();
    file.name(&format!("浙拍 Zhepai: {about}")).timezone("Asia/Shanghai");
    let mut so_far = HashMap::new();
    for (step, due_at) in timeline.steps.iter().filter_map(coming) {
        let number = so_far.entry(step.code).or_insert(0_u32);
        *number += 1;
        // Programs take two events under one name for one; of most steps there is one.
        let name = if *number == 1 { step.code.to_owned() } else { format!("{}-{number}", step.code) };
        file.push(event(step, due_at, about, &format!("{name}-{id}@zhepai"), timeline.now));
    }
    file.to_string()
}

/// A step that comes, and when it is due.
fn coming(step: &Step) -> Option<(&Step, DateTime<Utc>)> {
    let comes = matches!(step.state, Progress::Next | Progress::Coming | Progress::MayCome) && !step.overdue;
    step.due_at.filter(|_| comes).map(|due_at| (step, due_at))
}

fn event(step: &Step, due_at: DateTime<Utc>, about: &str, uid: &str, now: DateTime<Utc>) -> Event {
    let mut said = vec![format!("{} {}", step.zh, step.en)];
    said.extend(step.rule.as_ref().map(|rule| format!("{} {} ({})", rule.name, rule.value, rule.source)));
    said.extend(step.provisional.then(|| "暂定：节假日安排尚未公布 provisional: the holidays are not announced yet".to_owned()));
    said.extend(step.notes.iter().map(|note| format!("{} {}", note.zh, note.en)));
    let mut event = Event::new();
    event.uid(uid).timestamp(now).starts(due_at);
    event.summary(&format!("{}：{about}", step.zh)).description(&said.join("\n"));
    event
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::TimeZone;

    use super::super::rules::By;
    use super::*;

    fn at(hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 16, hour, 0, 0).unwrap()
    }

    fn due(code: &'static str, hour: u32) -> Step {
        Step { due_at: Some(at(hour)), ..Step::coming(code, "报名截止", "Registration closes", By::System) }
    }

    fn timeline(steps: Vec<Step>) -> Timeline {
        Timeline {
            now: at(1),
            state: "published".into(),
            listing_id: None,
            negotiation_id: None,
            lot_id: None,
            deal_id: None,
            deal_ids: Vec::new(),
            steps,
        }
    }

    #[test]
    fn only_what_comes_at_a_known_time_is_in_it() {
        let undated = Step::coming("sold", "成交", "Sold", By::System);
        let steps = vec![due("published", 2).done(at(2)), due("registration_closes", 8), due("refused", 9).skipped(), undated];
        let file = calendar_file(&timeline(steps), "一种方法", "7");
        assert_eq!(file.matches("BEGIN:VEVENT").count(), 1);
        assert!(file.contains("UID:registration_closes-7@zhepai\r\n"), "{file}");
        assert!(file.contains("DTSTART:20260316T080000Z\r\n") && file.contains("DTSTAMP:20260316T010000Z\r\n"), "{file}");
        assert!(file.contains("SUMMARY:报名截止：一种方法\r\n"), "{file}");
    }

    #[test]
    fn of_two_steps_of_one_kind_each_has_a_name() {
        let file = calendar_file(&timeline(vec![due("objection_decided", 8), due("objection_decided", 9)]), "一种方法", "7");
        assert!(file.contains("UID:objection_decided-7@zhepai\r\n") && file.contains("UID:objection_decided-2-7@zhepai\r\n"), "{file}");
    }

    #[test]
    fn it_is_the_same_whenever_it_is_asked_at_one_time() {
        let told = timeline(vec![due("registration_closes", 8), due("bidding_opens", 9)]);
        assert_eq!(calendar_file(&told, "甲；乙,丙\\丁", "7"), calendar_file(&told, "甲；乙,丙\\丁", "7"));
    }
}
