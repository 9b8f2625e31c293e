//! What the rules want of the exhibition before an auction in the sense of the law (AL art. 45 and 48): that there is one, how long it
//! is, and that it lies between the notice and the bidding.

use entity::Timestamp;

use super::findings::{Findings, outside_rule, unruled};
use super::offer::{Exhibition, Offer};
use super::schedule::last_instant;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Snapshot, Span, Value, shanghai_date};

/// The rule that says how long it is at least.
pub const RULE: &str = "exhibition_period";

/// Whether an offer keeps the rules of the exhibition when it is published at an instant and bidding opens at another, if that is known.
/// Both must be told where the rules want an exhibition: its notice says when the auction is.
pub fn keeps_the_rules(offer: &Offer, rules: &Snapshot, opens_at: Option<Timestamp>, published_at: Timestamp) -> Result<(), Problem> {
    let least = rules.span(RULE).map_err(|error| unruled(&error))?;
    let is_wanted = offer.auction.auction_licence.is_some() && !least.is_zero();
    let mut findings = Findings::new();
    if let Some(shown) = &offer.auction.exhibition {
        lies_between(&mut findings, shown, rules, opens_at, published_at);
    }
    findings
        .require(
            !is_wanted || offer.auction.exhibition.is_some(),
            Code::Invalid,
            "/auction/exhibition",
            "missing_field",
            "拍卖须先展示标的，须填写展示时间、地点和公告媒体",
            "what is auctioned is exhibited before: say when and where, and in which media the auction is announced",
        )
        .require(
            !is_wanted || offer.schedule.auction_opens_at.is_some(),
            Code::Invalid,
            "/schedule/auction_opens_at",
            "missing_field",
            "拍卖公告须写明拍卖时间，须填写竞价开始时间",
            "the notice of an auction says when it is: say when bidding opens",
        );
    findings.done()
}

/// It begins after the notice, is long enough by whole days, and ends before bidding opens.
fn lies_between(findings: &mut Findings, shown: &Exhibition, rules: &Snapshot, opens_at: Option<Timestamp>, published_at: Timestamp) {
    if shown.from < published_at {
        findings.add(outside_rule(RULE, "/auction/exhibition/from", Some(published_at), None::<Timestamp>));
    }
    if let Err(bounds) = rules.within_bounds(RULE, &Value::Span(days(shown))) {
        findings.add(outside_rule(RULE, "/auction/exhibition/to", bounds.min, bounds.max));
    }
    if let Some(opens_at) = opens_at
        && shown.to > opens_at
    {
        findings.add(outside_rule(RULE, "/auction/exhibition/to", None::<Timestamp>, Some(opens_at)));
    }
}

/// The days in Shanghai on which it is open, the first and the last among them; the last counts once it comes as late as the first began.
fn days(shown: &Exhibition) -> Span {
    let by_date = (shanghai_date(last_instant(shown.to)) - shanghai_date(shown.from)).num_days();
    let by_length = (shown.to - shown.from).num_days();
    Span::CalendarDays(u32::try_from(by_date.min(by_length) + 1).unwrap_or(0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::identity::SellerClass;

    use super::super::tests::{at, auction, offer, rules};
    use super::*;

    const PUBLISHED: &str = "2026-03-03T02:00:00Z";

    /// What is wrong with an auction by the rules of a class, by place and code.
    fn wrong(class: SellerClass, change: impl FnOnce(&mut Offer)) -> Vec<(String, String)> {
        let mut changed = auction();
        change(&mut changed);
        let found = keeps_the_rules(&changed, &rules(class), changed.schedule.auction_opens_at, at(PUBLISHED));
        found.err().map(|problem| problem.errors).unwrap_or_default().into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    fn found(place: &str, code: &str) -> Vec<(String, String)> {
        vec![(place.to_owned(), code.to_owned())]
    }

    /// The same of an exhibition at other times.
    fn shown(from: &str, to: &str) -> Vec<(String, String)> {
        wrong(SellerClass::State, |offer| {
            let exhibition = offer.auction.exhibition.as_mut().unwrap();
            (exhibition.from, exhibition.to) = (at(from), at(to));
        })
    }

    #[test]
    fn an_auction_says_when_it_is_and_what_is_shown_before() {
        for class in SellerClass::ALL.iter().copied().filter(|class| *class != SellerClass::Rehearsal) {
            assert!(wrong(class, |_| {}).is_empty(), "{class:?}");
            let missing = wrong(class, |offer| (offer.auction.exhibition, offer.schedule.auction_opens_at) = (None, None));
            let both = [found("/auction/exhibition", "missing_field"), found("/schedule/auction_opens_at", "missing_field")].concat();
            assert_eq!(missing, both, "{class:?}");
        }
        assert_eq!(keeps_the_rules(&offer(), &rules(SellerClass::State), None, at(PUBLISHED)), Ok(()), "what is no auction need not");
    }

    #[test]
    fn a_rehearsal_may_leave_both_out() {
        let bare = |offer: &mut Offer| (offer.auction.exhibition, offer.schedule.auction_opens_at) = (None, None);
        assert!(wrong(SellerClass::Rehearsal, bare).is_empty());
        let brief = |offer: &mut Offer| {
            let exhibition = offer.auction.exhibition.as_mut().unwrap();
            exhibition.to = exhibition.from + chrono::TimeDelta::minutes(1);
        };
        assert!(wrong(SellerClass::Rehearsal, brief).is_empty(), "nor is it long");
        assert_eq!(wrong(SellerClass::State, brief), found("/auction/exhibition/to", "outside_rule"));
    }

    #[test]
    fn it_lasts_for_two_days_by_the_calendar_of_shanghai() {
        // From nine on the 10th to five in the afternoon of the 11th.
        assert!(shown("2026-03-10T01:00:00Z", "2026-03-11T09:00:00Z").is_empty());
        assert!(shown("2026-03-10T01:00:00Z", "2026-03-11T01:00:00Z").is_empty());
        // From the evening to the next morning are not two days, nor is what ends at 24:00 of the first.
        for to in ["2026-03-11T00:59:59Z", "2026-03-10T16:00:01Z", "2026-03-10T16:00:00Z"] {
            assert_eq!(shown("2026-03-10T01:00:00Z", to), found("/auction/exhibition/to", "outside_rule"), "{to}");
        }
        let mut short = auction();
        short.auction.exhibition.as_mut().unwrap().to = at("2026-03-10T09:00:00Z");
        let problem = keeps_the_rules(&short, &rules(SellerClass::State), None, at(PUBLISHED)).unwrap_err();
        assert_eq!((problem.code, &problem.facts["name"], &problem.facts["min"]), (Code::OutsideRule, &RULE.into(), &"2d".into()));
    }

    #[test]
    fn it_lies_between_the_notice_and_the_bidding() {
        assert!(shown("2026-03-03T02:00:00Z", "2026-03-12T02:00:00Z").is_empty(), "both instants included");
        assert_eq!(shown("2026-03-03T01:59:59Z", "2026-03-12T02:00:00Z"), found("/auction/exhibition/from", "outside_rule"));
        assert_eq!(shown("2026-03-03T02:00:00Z", "2026-03-12T02:00:01Z"), found("/auction/exhibition/to", "outside_rule"));
    }
}
