//! A chart of price over time, as SVG: nothing in it is a script, or asked for from elsewhere.
//!
//! One unit is a tenth of a pixel, so that whole numbers are fine enough and the same drawing gives the same bytes.

use std::fmt::Write as _;

use entity::Timestamp;
use entity::auctions::LotState;
use entity::money::Money;

use crate::rulebook::rules::shanghai_time;

/// What is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// What was sold.
    pub title: String,
    /// What it came to, in Chinese.
    pub outcome: String,
    /// From when on.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// Stretches of time by the state the lot was in.
    pub phases: Vec<(Timestamp, Timestamp, LotState)>,
    /// Stretches of time in which the market stood still.
    pub outages: Vec<(Timestamp, Timestamp)>,
    /// Every bid in order: when, how much, by whom.
    pub bids: Vec<(Timestamp, Money, String)>,
    /// How many bids there were; of sealed ones only the best are drawn.
    pub count: i64,
    /// The start price.
    pub start: Money,
    /// The reserve price, where it is known.
    pub reserve: Option<Money>,
    /// The prices a falling clock has shown, each from when on.
    pub clock: Vec<(Timestamp, Money)>,
}

const WIDTH: i128 = 9_600;
const HEIGHT: i128 = 5_200;
/// Where the field lies in which prices are drawn.
const LEFT: i128 = 1_300;
const RIGHT: i128 = 9_300;
const TOP: i128 = 1_000;
const BOTTOM: i128 = 4_500;
const MIDDLE: i128 = 5_300;

const STYLE: &str = "text{font:120px system-ui,'PingFang SC','Noto Sans CJK SC','Microsoft YaHei',sans-serif;fill:#1f2733}\
.paper{fill:#fff}.title{font-size:180px;font-weight:600}.soft{fill:#5b6675}.end{text-anchor:end}.middle{text-anchor:middle}\
.grid{stroke:#d9dee6;stroke-width:8}.open_free{fill:#e6f0ff}.open_timed{fill:#fff0d6}.paused{fill:#d3d8df}.outage{fill:#f6d5d2}\
.price{fill:none;stroke:#0b5cc4;stroke-width:24}.bid{fill:#0b5cc4}\
.start{stroke:#5b6675;stroke-width:12;stroke-dasharray:60 40}.reserve{stroke:#b3261e;stroke-width:12;stroke-dasharray:120 40}\
@media (prefers-color-scheme:dark){text{fill:#e8ecf2}.paper{fill:#14181f}.soft{fill:#a3adba}.grid{stroke:#39414d}\
.open_free{fill:#17293f}.open_timed{fill:#3a2d12}.paused{fill:#434b57}.outage{fill:#4d2725}.price{stroke:#7db7ff}.bid{fill:#7db7ff}\
.start{stroke:#a3adba}.reserve{stroke:#ff8a80}}";

const DAY: i64 = 86_400;
/// Steps between two times on the axis, seconds.
const STEPS: [i64; 16] = [1, 5, 10, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, DAY, 7 * DAY];

/// Draws it.
pub fn svg(drawing: &Drawing) -> String {
    let times = Scale::of(drawing.from.timestamp_millis().into(), drawing.to.timestamp_millis().into(), LEFT, RIGHT);
    let known = drawing.bids.iter().map(|bid| bid.1).chain([drawing.start]).chain(drawing.reserve);
    let known = known.chain(drawing.clock.iter().map(|shown| shown.1));
    let ends = known.fold((i64::MAX, 0), |(low, high), money| (money.minor.min(low), money.minor.max(high)));
    let (low, high) = (i128::from(ends.0), i128::from(ends.1));
    // A price that hardly moves, or not at all, still has an axis.
    let step = round_step((high - low).max(high / 50));
    let (low, high) = (low.div_euclid(step) * step, (high.div_euclid(step) + 1) * step);
    let prices = Scale::of(low, high, BOTTOM, TOP);
    let head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\">\n<title>{}</title>\n<style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>",
        escaped(&drawing.title)
    );
    let parts = [
        vec![head],
        heading(drawing),
        phases(drawing, times),
        amounts(prices, step),
        instants(drawing, times),
        levels(drawing, prices),
        bids(drawing, times, prices),
        vec!["</svg>\n".into()],
    ];
    parts.concat().join("\n")
}

/// What it is of, and what the colours mean.
fn heading(drawing: &Drawing) -> Vec<String> {
    let outcome = format!("{}，出价 {} 次", drawing.outcome, drawing.count);
    let mut parts = vec![label(LEFT, 330, "title", &drawing.title), label(LEFT, 570, "soft", &outcome)];
    let open = if drawing.clock.is_empty() { "自由报价" } else { "降价竞价" };
    for (state, name, x) in
        [(LotState::OpenFree, open, LEFT), (LotState::OpenTimed, "限时报价", LEFT + 1_100), (LotState::Paused, "暂停", LEFT + 2_200)]
    {
        parts.extend(colour(&state.code(), name, x));
    }
    if !drawing.outages.is_empty() {
        parts.extend(colour("outage", "系统中断", LEFT + 3_000));
    }
    parts
}

/// What a colour means.
fn colour(class: &str, name: &str, x: i128) -> [String; 2] {
    [format!("<rect class=\"{class}\" x=\"{x}\" y=\"690\" width=\"160\" height=\"160\"/>"), label(x + 220, 815, "soft", name)]
}

fn phases(drawing: &Drawing, times: Scale) -> Vec<String> {
    let shown = |state: LotState| matches!(state, LotState::OpenFree | LotState::OpenTimed | LotState::Paused);
    let stretch = |class: &str, from: Timestamp, to: Timestamp| {
        let (x, height) = (times.at_instant(from), BOTTOM - TOP);
        let width = times.at_instant(to) - x;
        format!("<rect class=\"{class}\" x=\"{x}\" y=\"{TOP}\" width=\"{width}\" height=\"{height}\"/>")
    };
    let phases = drawing.phases.iter().filter(|phase| shown(phase.2)).map(|(from, to, state)| stretch(&state.code(), *from, *to));
    phases.chain(drawing.outages.iter().map(|(began, ended)| stretch("outage", *began, *ended))).collect()
}

/// The axis of prices.
fn amounts(prices: Scale, step: i128) -> Vec<String> {
    let mut parts = vec![label(LEFT - 100, TOP - 130, "soft end", "元")];
    for count in 0..=prices.span / step {
        let amount = prices.low + count * step;
        let y = prices.at(amount);
        parts.push(format!("<path class=\"grid\" d=\"M{LEFT} {y}H{RIGHT}\"/>"));
        parts.push(label(LEFT - 100, y + 40, "soft end", &yuan(amount)));
    }
    parts
}

/// The axis of time: at most eight instants, round in Shanghai.
fn instants(drawing: &Drawing, times: Scale) -> Vec<String> {
    let (from, to) = (drawing.from.timestamp(), drawing.to.timestamp());
    let fits = |step: &i64| (to - from) / step <= 7;
    let step = STEPS.into_iter().find(fits).unwrap_or(((to - from) / 7 / DAY + 1) * DAY);
    let form = match (step, shanghai_time(drawing.from, "%F") == shanghai_time(drawing.to, "%F")) {
        (DAY.., _) => "%-m月%-d日",
        (60.., true) => "%H:%M",
        (60.., false) => "%-m月%-d日 %H:%M",
        _ => "%H:%M:%S",
    };
    let since = shanghai_time(drawing.from, "北京时间，自 %Y 年 %-m 月 %-d 日起");
    let mut parts = vec![label(MIDDLE, HEIGHT - 180, "soft middle", &since)];
    let ahead = 8 * 3_600;
    let first = (from + ahead).div_euclid(step) * step - ahead;
    for second in std::iter::successors(Some(first), |second| Some(second + step)).take_while(|second| *second <= to) {
        if let Some(at) = Timestamp::from_timestamp(second, 0).filter(|at| *at >= drawing.from) {
            let x = times.at_instant(at);
            parts.push(format!("<path class=\"grid\" d=\"M{x} {BOTTOM}v60\"/>"));
            parts.push(label(x, BOTTOM + 220, "soft middle", &shanghai_time(at, form)));
        }
    }
    parts
}

/// The start price and the reserve.
fn levels(drawing: &Drawing, prices: Scale) -> Vec<String> {
    let mut parts = Vec::new();
    for (class, name, money) in [("start", "起拍价", Some(drawing.start)), ("reserve", "保留价", drawing.reserve)] {
        let Some(money) = money else { continue };
        let y = prices.at(money.minor.into());
        parts.push(format!("<path class=\"{class}\" d=\"M{LEFT} {y}H{RIGHT}\"/>"));
        parts.push(label(RIGHT - 60, y - 50, "soft end", &format!("{name} {}", yuan(money.minor.into()))));
    }
    parts
}

/// The price over time, with a dot for every bid.
fn bids(drawing: &Drawing, times: Scale, prices: Scale) -> Vec<String> {
    let mut parts: Vec<_> = price_line(drawing, times, prices).into_iter().collect();
    for (at, price, bidder) in &drawing.bids {
        let (x, y) = (times.at_instant(*at), prices.at(price.minor.into()));
        let said = format!("{bidder}：{} 元，{}", yuan(price.minor.into()), shanghai_time(*at, "%H:%M:%S"));
        parts.push(format!("<circle class=\"bid\" cx=\"{x}\" cy=\"{y}\" r=\"45\"><title>{}</title></circle>", escaped(&said)));
    }
    parts
}

/// From each bid to the next at its price, and from the last to the end; of a clock from each of its prices to the next.
fn price_line(drawing: &Drawing, times: Scale, prices: Scale) -> Option<String> {
    let bids = drawing.bids.iter().map(|(at, price, _)| (*at, *price)).filter(|_| drawing.clock.is_empty());
    let mut points = drawing.clock.iter().copied().chain(bids);
    let (at, price) = points.next()?;
    let mut line = format!("M{} {}", times.at_instant(at), prices.at(price.minor.into()));
    for (at, price) in points {
        let _ = write!(line, "H{}V{}", times.at_instant(at), prices.at(price.minor.into()));
    }
    Some(format!("<path class=\"price\" d=\"{line}H{}\"/>", times.at_instant(drawing.to)))
}

/// Where on the paper values lie.
#[derive(Clone, Copy)]
struct Scale {
    low: i128,
    span: i128,
    begin: i128,
    length: i128,
}

impl Scale {
    fn of(low: i128, high: i128, begin: i128, end: i128) -> Self {
        Self { low, span: (high - low).max(1), begin, length: end - begin }
    }

    fn at(self, value: i128) -> i128 {
        self.begin + (value - self.low) * self.length / self.span
    }

    fn at_instant(self, at: Timestamp) -> i128 {
        self.at(at.timestamp_millis().into())
    }
}

/// One, two or five times a power of ten, of which at most five go into a span.
fn round_step(span: i128) -> i128 {
    let powers = std::iter::successors(Some(1_i128), |power| power.checked_mul(10));
    powers.flat_map(|power| [power, 2 * power, 5 * power]).find(|step| span / step <= 5).unwrap_or(1)
}

/// An amount in yuan, in groups of three digits, without a fraction that is none.
pub fn yuan(minor: i128) -> String {
    let (whole, fen) = (minor / 100, minor % 100);
    let digits = whole.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if fen == 0 { text } else { format!("{text}.{fen:02}") }
}

/// A text at a place.
pub(crate) fn label(x: i128, y: i128, class: &str, text: &str) -> String {
    format!("<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", escaped(text))
}

/// Text as XML takes it: its five characters spelled out, and those it cannot hold left out.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => safe.push(c),
            _ => {}
        }
    }
    safe
}
