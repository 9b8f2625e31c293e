//! A course as a table to read.

use entity::Timestamp;
use entity::auctions::LotState;
use entity::money::Money;

use super::course::{Course, Line};
use crate::auctions::rules::log::{ANNOUNCED_ANEW, NOT_CURABLE, TERMINATED};
use crate::rulebook::rules::shanghai_time;

/// The course and its outcome. Times are those of Shanghai.
pub fn text(course: &Course) -> String {
    let heads = ["no", "time (Asia/Shanghai)", "what", "price", "closes", ""].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(heads).chain(course.lines.iter().map(cells)).collect();
    // Words of people come last, so that nothing stands behind characters of another width.
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let [number, at, what, price, closes] = [0, 1, 2, 3, 4].map(width);
    let mut text = format!("{}\n\n", in_a_line(&course.title));
    for [no, time, did, offered, end, words] in &rows {
        let row = format!("{no:>number$}  {time:<at$}  {did:<what$}  {offered:>price$}  {end:<closes$}  {words}");
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&outcome(course));
    text.push('\n');
    text
}

fn cells(line: &Line) -> [String; 6] {
    let what = line.refused.as_ref().map_or_else(|| line.what.clone(), |refused| format!("{}: {}", line.what, refused.code));
    let said = line.refused.as_ref().map(|refused| refused.detail.clone()).or_else(|| line.reason.clone());
    let words: Vec<String> = line.bidder.iter().cloned().chain(said).collect();
    [
        line.seq.map_or_else(|| "-".into(), |seq| seq.to_string()),
        time(line.at),
        what,
        line.price.map(Money::decimal).unwrap_or_default(),
        time(line.closes_at),
        in_a_line(&words.join(": ")),
    ]
}

fn in_a_line(words: &str) -> String {
    words.replace(char::is_control, " ")
}

fn time(at: Timestamp) -> String {
    shanghai_time(at, "%Y-%m-%d %H:%M:%S%.f")
}

/// What it came to, in a sentence.
fn outcome(course: &Course) -> String {
    let lot = &course.lot;
    let best = lot.price_minor.map(|minor| Money { minor, currency: lot.currency });
    let last = course.lines.last().and_then(|line| line.reason.as_deref());
    let leader = lot.leader_pseudonym.as_deref().unwrap_or_default();
    match (lot.state, best) {
        (LotState::ClosedSold, _) if !course.awards().is_empty() => {
            let told: Vec<_> =
                course.awards().iter().map(|one| format!("{} units to {} for {}", one.units, one.bidder, one.price)).collect();
            format!("sold: {}; {} bids", told.join(", "), lot.bid_count)
        }
        (LotState::ClosedSold, Some(price)) => format!("sold to {leader} for {price}, {} bids", lot.bid_count),
        (LotState::ClosedUnsold, Some(price)) => {
            let past = if lot.terms.direction.is_ascending() { "below" } else { "above" };
            format!("not sold: {price} by {leader} is {past} the reserve")
        }
        (LotState::ClosedUnsold, None) => "not sold: nobody bid".into(),
        (LotState::Aborted, _) if last == Some(TERMINATED) => "aborted: the listing was terminated".into(),
        (LotState::Aborted, _) if last == Some(ANNOUNCED_ANEW) => "aborted: another was announced in its place".into(),
        (LotState::Aborted, _) if last.is_some_and(|last| last.starts_with(NOT_CURABLE)) => {
            "aborted: it was paused for a fault that could not be cured".into()
        }
        (LotState::Aborted, _) => format!("aborted: fewer admitted than {}", lot.terms.min_bidders),
        _ => format!("not over: {} at the end of the description", lot.state.code()),
    }
}
