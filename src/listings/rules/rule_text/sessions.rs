//! What a session of lots (专场), which a lot may still be put into once it is announced, does to its times.

use entity::auctions::{ClosingMode, Format};

use super::{Bidding, RuleText, duration};

/// Says how a place in a session moves the end, or the opening and the end with it.
pub(super) fn say(text: &mut RuleText, bidding: &Bidding) {
    // When a lot by rounds ends depends on how many bidders have turns.
    if !matches!(bidding.format, Format::Rounds { .. }) {
        staggered(text, bidding);
    }
    // Rules announced before there was this one go without it.
    if let Some(lateness) = bidding.limits.host_lateness {
        let (zh, en) = duration(lateness);
        text.say(
            format!("竞价开始前，本标的可以编入由主持人逐个开启的专场：公告的开始时间已到且在前标的均已结束后，由主持人开启竞价；其后{zh}内未开启的，届时自行开始。竞价晚于公告时间开始的，结束时间推迟同样时长。"),
            format!("Before bidding opens the lot may be placed in a session whose lots a host opens one by one: once the announced time has come and every lot before it has ended, the host opens it; if he has not within {en} of that, it opens by itself. If it opens later than announced, it ends as much later."),
        );
    }
}

/// Lots that end one after another: the end that is set is the one that is reckoned with until somebody bids.
fn staggered(text: &mut RuleText, bidding: &Bidding) {
    let (end_zh, end_en) = match (&bidding.format, bidding.closing_mode) {
        (Format::English {}, ClosingMode::TimedCycle) => ("自由报价期的结束时间", "the end of its free period"),
        _ => ("竞价的结束时间", "its end"),
    };
    let (within_zh, within_en) = match bidding.max_duration_seconds {
        Some(_) => ("，也不晚于公告的最迟结束时间", ", nor past the latest end announced"),
        None => ("", ""),
    };
    text.say(
        format!("竞价开始前，本标的可以编入各标的依次结束的专场：{end_zh}可以因此推迟，不会提前{within_zh}，并公开记录。"),
        format!("Before bidding opens the lot may be placed in a session whose lots end one after another: {end_en} may then be set later, never earlier{within_en}, and its log says so."),
    );
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::auctions::ClosingMode;
    use entity::identity::SellerClass;

    use super::super::rule_text;
    use crate::listings::rules::offer::{Offer, OfferedFormat};
    use crate::listings::rules::pricing::settle;
    use crate::listings::rules::tests::{offer, rules};

    fn said(offer: &Offer) -> String {
        let rules = rules(SellerClass::Private);
        rule_text(offer, &settle(offer, &rules, None).unwrap(), &rules).unwrap().en.join(" ")
    }

    #[test]
    fn a_lot_by_rounds_is_never_told_to_end_after_another() {
        let (mut chosen, mut rounds) = (offer(), offer());
        (rounds.auction.format, rounds.auction.closing_mode) = (OfferedFormat::Rounds {}, ClosingMode::HardClose);
        for (offer, staggered) in [(&chosen, true), (&rounds, false)] {
            let text = said(offer);
            assert_eq!(text.contains("whose lots end one after another"), staggered, "{text}");
            assert!(text.contains("if he has not within 30 minutes of that, it opens by itself"), "{text}");
        }
        chosen.auction.closing_mode = ClosingMode::TimedCycle;
        assert!(said(&chosen).contains("the end of its free period may then be set later, never earlier, and"));
        chosen.auction.free_period_seconds = Some(3_600);
        chosen.auction.max_duration_seconds = Some(86_400);
        assert!(said(&chosen).contains("never earlier, nor past the latest end announced"));
    }

    #[test]
    fn rules_from_before_hosts_could_be_late_say_nothing_of_them() {
        let (offer, rules) = (offer(), rules(SellerClass::Private));
        let mut bidding = settle(&offer, &rules, None).unwrap();
        bidding.limits.host_lateness = None;
        let text = rule_text(&offer, &bidding, &rules).unwrap();
        assert!(text.en.iter().all(|sentence| !sentence.contains("a host opens one by one")));
    }
}
