//! Several identical units: what is said of those that one buyer has, beside the price of all of them.

use entity::money::Money;
use serde_json::{Value, json};

/// Identical licences at one price.
const UNIFORM_PRICE: &str = "uniform_price";

/// What so many units cost at the price of one, in minor units.
pub fn times(minor: i64, units: Option<u32>) -> i64 {
    minor.saturating_mul(units.unwrap_or(1).into())
}

/// What each of a buyer's units costs, where it is the same for all of them: a bidder may have bid differently for each.
pub fn unit_price(format: &str, price: Money, units: Option<u32>) -> Option<Money> {
    let units = units.filter(|units| format == UNIFORM_PRICE || *units == 1)?;
    let minor = price.minor.checked_div(units.into())?;
    Some(Money { minor, ..price })
}

/// How many units a confirmation is about.
pub fn told(units: u32) -> Value {
    json!({
        "count": units,
        "zh": format!("内容相同的普通许可{units}份；成交价为全部份数的总价，起拍价为每份的价格"),
        "en": format!("identical non-exclusive licences: {units}; the final price is for all of them, the start price for one"),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::examples;
    use super::super::facts::{Facts, NewDeal};
    use super::super::{beside_price, confirmation, result_content};
    use super::*;
    use crate::rulebook::rules::shipped::{CALENDAR, RULEBOOK};
    use crate::rulebook::rules::{Deadline, RedactionRule};

    /// Two of several units, for 5000000.00 together, from 2400000.00 each.
    fn two(format: &str) -> Facts {
        let example = examples::facts();
        let deal = NewDeal { format: format.into(), price: Money::fen(500_000_000), units: Some(2), ..example.deal };
        Facts { deal, ..example }
    }

    fn drawn_up(facts: &Facts) -> Value {
        let by = Deadline { ends_at: examples::at(259_200), last_day: None, provisional: false };
        confirmation(examples::deal().id, facts, by, examples::at(1)).unwrap()
    }

    fn published(facts: &Facts, policy: &[RedactionRule]) -> Value {
        result_content(examples::deal().id, facts, examples::at(120), policy, &CALENDAR).unwrap()
    }

    #[test]
    fn the_confirmation_says_how_many_units_and_what_one_costs_where_that_is_one_price() {
        let uniform = drawn_up(&two(UNIFORM_PRICE));
        assert_eq!(uniform["units"]["value"]["count"], 2);
        assert!(uniform["units"]["value"]["zh"].as_str().unwrap().contains("2份"));
        assert_eq!(
            (&uniform["unit_price"]["value"]["amount"], &uniform["final_price"]["value"]["amount"]),
            (&json!("2500000.00"), &json!("5000000.00"))
        );
        let own = drawn_up(&two("pay_as_bid"));
        assert_eq!((&own["units"]["value"]["count"], own.get("unit_price")), (&json!(2), None));
        let single = drawn_up(&examples::facts());
        assert_eq!((single.get("units"), single.get("unit_price")), (None, None));
    }

    #[test]
    fn the_public_is_told_how_many_units_and_what_one_costs_only_with_the_price() {
        let said = published(&two(UNIFORM_PRICE), &RULEBOOK.redaction);
        assert_eq!((&said["units"], &said["unit_price"]["amount"]), (&json!(2), &json!("2500000.00")));
        assert_eq!(said["premium_percent"], "4.17", "over the start price of both");
        let hidden = published(&two(UNIFORM_PRICE), &[]);
        for beside in ["units", "unit_price", "premium_percent"] {
            assert_eq!(hidden.get(beside), None, "{beside}");
        }
        assert_eq!(published(&examples::facts(), &RULEBOOK.redaction).get("units"), None);
    }

    #[test]
    fn one_unit_has_its_own_price_and_a_premium_like_any() {
        assert_eq!(unit_price("pay_as_bid", Money::fen(700), Some(1)), Some(Money::fen(700)));
        assert_eq!(unit_price("english", Money::fen(700), None), None);
        let premium = |units| beside_price(UNIFORM_PRICE, times(100, units), 300).map(|(_, percent)| percent);
        assert_eq!((premium(None), premium(Some(2))), (Some("200.00".to_owned()), Some("50.00".to_owned())));
    }
}
