//! A lot that opens later than was announced (延期开拍), since registration for it runs longer, or its auction was not announced for as long
//! as it must be: the page of a notice was away, the market stood still for hours, or the notice was corrected late.
//!
//! Nothing is taken from anybody: everything keeps its length.

use entity::Timestamp;
use entity::auctions::{lot, lot_event};

use super::clock;
use super::log::{Body, Cause, append};

/// Puts the opening of a lot off to an instant, to the microsecond, and its end by as much; nothing unless the lot waits for its
/// opening, paused or not, and that is later. Where it is known whether the lot opens, it does, and that lies ahead. A pause goes on, and
/// moves both once more when it ends. A lot that its host opens gives its turn back: whose it is now its session says once it hears of it.
pub fn postponed(lot: &lot::Model, opens_at: Timestamp, reason: &str, at: Timestamp) -> Option<(lot_event::Model, lot::Model)> {
    let may_open = lot.enough_admitted.is_none_or(|enough| enough && opens_at > at);
    if !(clock::awaits_opening(lot) && may_open && opens_at > lot.opens_at) {
        return None;
    }
    let by = opens_at - lot.opens_at;
    let body = Body::Postponed { reason: reason.into(), opens_at, opens_by: None, closes_at: lot.closes_at + by };
    Some(append(lot, at, &body, Cause::default()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::auctions::{LotState, LotTerms};

    use super::*;
    use crate::auctions::rules::pause::tests::{open_at, order, paused, resumed};
    use crate::auctions::rules::tests::{at, lot, terms};
    use crate::auctions::rules::{announce, log, pause};

    const REASON: &str = "公告网页中断";

    /// Announced under terms, with registration open.
    fn waiting(terms: LotTerms) -> lot::Model {
        lot::Model { enough_admitted: None, ..lot(terms) }
    }

    /// The lot if it is to open at a second, as is written down before its opening.
    fn later(lot: &lot::Model, second: i64) -> Option<lot::Model> {
        postponed(lot, at(second), REASON, at(-10)).map(|(_, lot)| lot)
    }

    #[test]
    fn a_lot_opens_later_and_closes_as_much_later() {
        let on = later(&waiting(LotTerms { max_duration_seconds: Some(3_700), ..terms() }), 600).unwrap();
        assert_eq!((on.state, on.opens_at, on.closes_at), (LotState::Scheduled, at(600), at(4_200)));
        assert_eq!((clock::next_look(&on), clock::latest_end(&on)), (Some(at(600)), Some(at(4_300))));
        let registered = announce::registered(&on, 1, at(-1)).1;
        assert!(clock::advance(&registered, at(599)).0.is_empty());
        let open = clock::advance(&registered, at(600)).1;
        assert_eq!((open.state, open.opens_at, open.closes_at), (LotState::OpenFree, at(600), at(4_200)));
        let again = later(&on, 700).unwrap();
        assert_eq!((again.opens_at, again.closes_at), (at(700), at(4_300)), "it may be put off once more");
    }

    #[test]
    fn whoever_reads_the_log_is_told_why() {
        let (event, _) = postponed(&waiting(terms()), at(600), REASON, at(-10)).unwrap();
        assert_eq!(event.at, at(-10));
        assert!(event.body.contains(REASON) && !event.body.contains("opens_by"), "{}", event.body);
    }

    #[test]
    fn a_lot_that_its_host_opens_gives_its_turn_back() {
        for opens_by in [None, Some(at(1_800))] {
            let on = later(&lot::Model { hosted: true, opens_by, ..waiting(terms()) }, 600).unwrap();
            assert_eq!((on.opens_by, on.hosted, on.opens_at, clock::next_look(&on)), (None, true, at(600), None));
        }
    }

    #[test]
    fn a_lot_for_which_registration_has_closed_opens_later_too() {
        let registered = announce::registered(&waiting(terms()), 1, at(-20)).1;
        let on = later(&registered, 600).unwrap();
        assert_eq!((on.state, on.opens_at, on.closes_at, on.enough_admitted), (LotState::Scheduled, at(600), at(4_200), Some(true)));
        // Its time has come and nobody wrote it down: it waits for a time that lies ahead.
        let late = |opens_at| postponed(&registered, at(opens_at), REASON, at(50)).map(|(_, lot)| lot.opens_at);
        assert_eq!([50, 51].map(late), [None, Some(at(51))]);
    }

    #[test]
    fn nothing_is_put_off_to_an_earlier_time_or_once_it_opens_or_never_will() {
        let waits = waiting(terms());
        assert_eq!([-1, 0].map(|second| later(&waits, second)), [None, None]);
        let registered = announce::registered(&waits, 0, at(-20)).1;
        let open = lot::Model { enough_admitted: None, ..open_at(terms(), 0) };
        let interrupted = paused(&open, 100);
        let aborted = append(&waits, at(-20), &Body::aborted(log::TERMINATED), Cause::default()).1;
        for other in [registered, open, interrupted, aborted] {
            assert_eq!(later(&other, 600), None, "{:?}", other.state);
        }
    }

    #[test]
    fn a_paused_lot_is_moved_by_both() {
        let still = later(&paused(&waiting(terms()), -60), 600).unwrap();
        assert_eq!((still.state, still.opens_at, still.closes_at), (LotState::Paused, at(600), at(4_200)));
        assert_eq!((still.pause.as_ref().map(|pause| pause.at), clock::next_look(&still)), (Some(at(-60)), None));
        let on = resumed(&still, 140);
        assert_eq!((on.state, on.opens_at, on.closes_at), (LotState::Scheduled, at(800), at(4_400)));
    }

    #[test]
    fn the_log_alone_gives_the_same_lot() {
        let blank = lot::Model { hosted: true, opens_by: Some(at(1_800)), ..waiting(terms()) };
        let (first, still) = pause::pause(&blank, &order(), at(-60)).unwrap();
        let (second, later) = postponed(&still, at(600), REASON, at(-10)).unwrap();
        let (third, on) = pause::resume(&later, &order(), at(140)).unwrap();
        assert_eq!(log::replay(blank, &[first, second, third]), Ok(on));
    }
}
