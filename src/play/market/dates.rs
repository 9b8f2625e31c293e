//! The dates of an offer, which are set when the demo begins.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{Offer, Scenario};

/// The listing of an offer that is published at an instant.
pub(super) fn of_listing(offer: &Offer, now: DateTime<Utc>) -> Value {
    let mut listing = offer.listing.clone();
    match offer.scenario {
        Scenario::Live => {
            let opens = now + TimeDelta::seconds(2);
            listing["schedule"] = json!({"registration_closes_at": opens - TimeDelta::seconds(1), "auction_opens_at": opens});
        }
        Scenario::Exhibited => exhibited(&mut listing, now),
        Scenario::Sold | Scenario::Unsold | Scenario::Published => {}
    }
    listing
}

/// Shown for two days from nine to five, and auctioned later at ten, by the clock of Shanghai: long after registration has closed, whatever
/// holidays come between.
fn exhibited(listing: &mut Value, now: DateTime<Utc>) {
    let midnight = now.date_naive().and_time(NaiveTime::MIN).and_utc();
    let at = |days, utc_hour| midnight + TimeDelta::days(days) + TimeDelta::hours(utc_hour);
    let exhibition = &mut listing["auction"]["exhibition"];
    exhibition["from"] = json!(at(35, 1));
    exhibition["to"] = json!(at(36, 9));
    listing["schedule"] = json!({"auction_opens_at": at(40, 2)});
}
