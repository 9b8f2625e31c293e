//! Text, timeline, rehearsed attempts and engine never disagree, whatever a seller chooses: whole offers of every format, settled,
//! told, planned, and played through a short history.

mod drawn;
mod foretold;
mod played;
mod told;

use entity::auctions::lot;
use entity::identity::SellerClass;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::auctions::rules::tests::{at, lot};
use crate::listings::rules::offer::{Offer, well_formed};
use crate::listings::rules::pricing::settle;
use crate::listings::rules::rule_text::rule_text;
use crate::listings::rules::tests::rules;
use crate::rulebook::rules::Snapshot;
use played::{Deed, Play};

/// How many offers of each format are drawn.
const CASES: u32 = 16;

/// What of the rules a lot is asked for while it runs.
fn kept(rules: &Snapshot) -> serde_json::Value {
    let mut kept = rules.clone();
    kept.parameters.retain(|entry| ["extend_limit", "outage_window"].contains(&entry.name.as_str()));
    serde_json::to_value(kept).unwrap()
}

/// Holds everything that is said of an offer against what its lot does in such a history.
fn agrees(offer: &Offer, bidders: u8, deeds: &[Deed], rules: &Snapshot) -> Result<(), TestCaseError> {
    prop_assert_eq!(well_formed(offer, false), Ok(()));
    let settled = settle(offer, rules, None);
    prop_assert!(settled.is_ok(), "{:?}", settled);
    let bidding = settled.unwrap();
    let text = rule_text(offer, &bidding, rules).unwrap();
    let lot = lot::Model { rules: kept(rules), ..lot(bidding.lot_terms(at(0), 1)) };
    told::holds(&text, &bidding, &lot, rules)?;
    let mut play = Play::of(&lot, bidders, &text, rules);
    play.is_as_planned()?;
    for deed in deeds {
        play.does(deed)?;
    }
    play.ends()
}

#[test]
fn nothing_that_is_said_of_a_lot_disagrees_with_what_it_does() {
    let rules = rules(SellerClass::Rehearsal);
    for format in drawn::FORMATS {
        // Nothing is written down of a failure: it is told whole.
        let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(CASES) };
        let drawn = (drawn::whole(format), 1_u8..=3, prop::collection::vec(played::deed(), 2..7));
        let held = TestRunner::new(config).run(&drawn, |(offer, bidders, deeds)| {
            // Every offer that is drawn is one that may be made, so that of every format some are.
            agrees(&offer, bidders, &deeds, &rules)
        });
        if let Err(failure) = held {
            panic!("{format}: {failure}");
        }
    }
}
