//! The figures as a chart, SVG: a bar for each measure, as long as it is near to what must hold or beyond it.
//!
//! Every bar is the figure over what must hold, or the other way round where less is better, so that a bar that reaches the line
//! holds. From half to four times of it the scale doubles in equal steps, drawn in whole numbers.

use super::figures::Figure;
use super::measures::{Measure, Side};
use super::report::Report;
use crate::simulation::chart::{escaped, label};

const WIDTH: i128 = 9_600;
const LEFT: i128 = 4_600;
/// How long one doubling is.
const DOUBLING: i128 = 900;
/// Where what must hold is reached: two doublings from the left end, which is a quarter of it.
const LINE: i128 = LEFT + 2 * DOUBLING;
const RIGHT: i128 = LEFT + 5 * DOUBLING;
const TOP: i128 = 900;
const ROW: i128 = 420;
const BAR: i128 = 180;

const STYLE: &str = "text{font:120px system-ui,'PingFang SC','Noto Sans CJK SC','Microsoft YaHei',sans-serif;fill:#1f2733}\
.paper{fill:#fff}.title{font-size:180px;font-weight:600}.soft{fill:#5b6675}.end{text-anchor:end}.middle{text-anchor:middle}\
.holds{fill:#0b5cc4}.missed{fill:#b3261e}.must{stroke:#5b6675;stroke-width:12;stroke-dasharray:60 40}.aim{fill:none;stroke:#5b6675;stroke-width:16}\
.ends{stroke:#1f2733;stroke-width:16}\
@media (prefers-color-scheme:dark){text{fill:#e8ecf2}.paper{fill:#14181f}.soft{fill:#a3adba}.holds{fill:#7db7ff}.missed{fill:#ff8a80}\
.must,.aim{stroke:#a3adba}.ends{stroke:#e8ecf2}}";

/// Draws it.
pub fn svg(report: &Report) -> String {
    let height = TOP + ROW * i128::try_from(report.taken.len()).unwrap_or_default() + 300;
    let mut parts = vec![
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\n<title>zhepai bench</title>\n\
             <style>{STYLE}</style>\n<rect class=\"paper\" width=\"{WIDTH}\" height=\"{height}\"/>"
        ),
        label(200, 330, "title", "zhepai bench"),
        label(200, 570, "soft", &report.machine.join("；")),
        label(LINE, TOP - 100, "soft middle", "必须 must"),
        format!("<path class=\"must\" d=\"M{LINE} {}V{}\"/>", TOP - 60, height - 200),
    ];
    for (row, taken) in (0_i128..).zip(&report.taken) {
        let (y, measure, spread) = (TOP + row * ROW, taken.measure, taken.spread);
        let class = if taken.holds() { "holds" } else { "missed" };
        let at = |figure| place(measure, figure);
        let (end, one, other, aim, middle) = (at(spread.median), at(spread.min), at(spread.max), at(measure.aim), y + BAR / 2);
        let said = format!("{} ({}–{})", spread.median, spread.min, spread.max);
        parts.extend([
            label(LEFT - 150, y + 60, "end", measure.name),
            label(LEFT - 150, y + 220, "soft end", measure.says_zh),
            format!(
                "<rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{}\" height=\"{BAR}\"><title>{}</title></rect>",
                end - LEFT,
                escaped(measure.says)
            ),
            format!("<path class=\"ends\" d=\"M{one} {middle}H{other}\"/>"),
            format!("<path class=\"aim\" d=\"M{aim} {y}v{BAR}\"/>"),
            label(LEFT + 60, y + BAR + 140, "soft", &format!("{said}，{}", taken.database)),
        ]);
    }
    parts.push("</svg>\n".into());
    parts.join("\n")
}

/// Where a figure lies: every doubling of its goodness is as far as the one before.
fn place(measure: &Measure, figure: Figure) -> i128 {
    let (must, figure) = (u128::from(measure.must.0.max(1)), u128::from(figure.0.max(1)));
    let (good, bad) = match measure.side {
        Side::AtLeast => (figure, must),
        Side::AtMost => (must, figure),
    };
    // In 1/4096 of what must hold; a quarter of it is where the scale begins.
    let parts = (good * 4_096 / bad).max(1_024);
    let doublings = parts.ilog2();
    let whole = 1_u128 << doublings;
    let within = i128::try_from((parts - whole) * 1_000 / whole).unwrap_or_default();
    let from_begin = (i128::from(doublings) - 10) * DOUBLING + within * DOUBLING / 1_000;
    (LEFT + from_begin).clamp(LEFT, RIGHT)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::figures::Spread;
    use super::super::measures::{HOT_VS_NAIVE, P99_VS_NAIVE, named};
    use super::super::report::Taken;
    use super::*;

    #[test]
    fn a_bar_reaches_the_line_where_what_must_hold_does() {
        let (more, less) = (named(HOT_VS_NAIVE).unwrap(), named(P99_VS_NAIVE).unwrap());
        assert_eq!((place(more, more.must), place(less, less.must)), (LINE, LINE));
        assert_eq!(place(more, more.aim), LINE + DOUBLING);
        assert!(place(less, less.aim) > LINE && place(less, Figure(less.must.0 * 2)) == LINE - DOUBLING);
        assert_eq!((place(more, Figure(0)), place(more, Figure(u64::MAX))), (LEFT, RIGHT));
    }

    #[test]
    fn the_chart_names_every_measure_that_was_taken() {
        let spread = Spread { median: Figure(200_000), min: Figure(150_000), max: Figure(250_000), rounds: 5 };
        let taken = Taken { measure: named(HOT_VS_NAIVE).unwrap(), database: "postgres", spread, broken: None };
        let drawn = svg(&Report { taken: vec![taken], ..Report::default() });
        assert!(drawn.contains(HOT_VS_NAIVE) && drawn.contains("20.0 (15.0–25.0)") && drawn.ends_with("</svg>\n"), "{drawn}");
    }
}
