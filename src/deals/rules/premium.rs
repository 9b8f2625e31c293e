//! How much more than the start price was paid (溢价率), or after descending bids how much less (降价率).

use entity::auctions::is_descending_format;

/// The premium in per cent with two places, rounded half up: `33.33`. Nothing without a start price.
fn premium_percent(start_minor: i64, final_minor: i64) -> Option<String> {
    percent_of(start_minor, i128::from(final_minor) - i128::from(start_minor))
}

/// The saving in per cent in the same way: how much less than the start price the lowest bid was.
fn saving_percent(start_minor: i64, final_minor: i64) -> Option<String> {
    percent_of(start_minor, i128::from(start_minor) - i128::from(final_minor))
}

/// What a result says beside its price, by how the price was found: premium or saving, under its name.
pub fn beside_price(format: &str, start_minor: i64, final_minor: i64) -> Option<(&'static str, String)> {
    if is_descending_format(format) {
        saving_percent(start_minor, final_minor).map(|saving| ("saving_percent", saving))
    } else {
        premium_percent(start_minor, final_minor).map(|premium| ("premium_percent", premium))
    }
}

fn percent_of(start_minor: i64, more: i128) -> Option<String> {
    if start_minor <= 0 {
        return None;
    }
    let start = i128::from(start_minor);
    // Hundredths of a per cent; half up is the floor of the double plus one half.
    let hundredths = (2 * more * 10_000 + start).div_euclid(2 * start);
    let sign = if hundredths < 0 { "-" } else { "" };
    let size = hundredths.unsigned_abs();
    Some(format!("{sign}{}.{:02}", size / 100, size % 100))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::auctions::DESCENDING_FORMAT;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn printed_premiums_come_out() {
        for (start, last, printed) in [
            (240, 320, "33.33"),
            (200, 300, "50.00"),
            (895, 1230, "37.43"),
            (160, 320, "100.00"),
            (100, 100, "0.00"),
            (3, 5, "66.67"),
            (80_000, 80_001, "0.00"),
            (20_000, 20_001, "0.01"),
            (300, 200, "-33.33"),
            (20_000, 19_999, "0.00"),
        ] {
            assert_eq!(premium_percent(start, last).unwrap(), printed, "{start} {last}");
        }
        assert_eq!(premium_percent(0, 5), None);
        assert_eq!(premium_percent(-1, 5), None);
    }

    #[test]
    fn descending_bids_save_and_have_no_premium() {
        assert_eq!(beside_price(DESCENDING_FORMAT, 240, 180), Some(("saving_percent", "25.00".to_owned())));
        assert_eq!(beside_price(DESCENDING_FORMAT, 240, 240), Some(("saving_percent", "0.00".to_owned())));
        for sealed in ["first_price", "one_shot"] {
            assert_eq!(beside_price(&format!("{sealed}_descending"), 240, 180), Some(("saving_percent", "25.00".to_owned())));
            assert_eq!(beside_price(sealed, 240, 180), Some(("premium_percent", "-25.00".to_owned())));
        }
        assert_eq!(beside_price("english", 240, 320), Some(("premium_percent", "33.33".to_owned())));
    }

    proptest! {
        #[test]
        fn the_unit_makes_no_difference(start in 1..1_000_000_i64, last in 1..1_000_000_i64) {
            prop_assert_eq!(premium_percent(start, last), premium_percent(start * 1_000_000, last * 1_000_000));
        }

        #[test]
        fn it_is_off_by_half_a_hundredth_at_most(start in 1..=i64::MAX, last in 0..=i64::MAX) {
            let text = premium_percent(start, last).unwrap();
            let hundredths: i128 = text.replace('.', "").parse().unwrap();
            let exact = (i128::from(last) - i128::from(start)) * 10_000;
            let twice = 2 * (hundredths * i128::from(start) - exact);
            prop_assert!(twice > -i128::from(start) && twice <= i128::from(start));
        }
    }
}
