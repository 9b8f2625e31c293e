//! What was measured, as a table, as one in Markdown and as JSON; and what was not, with why.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::figures::Spread;
use super::measures::{Measure, Side};

/// A measure that was taken.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Which.
    pub measure: &'static Measure,
    /// On which database.
    pub database: &'static str,
    /// What it came to.
    pub spread: Spread,
    /// What must hold beside the figure and does not.
    pub broken: Option<String>,
}

/// The figures a measure is held to: what must hold, and what is aimed at.
fn bounds(measure: &Measure) -> (String, String) {
    let sign = match measure.side {
        Side::AtLeast => "≥",
        Side::AtMost => "≤",
    };
    (format!("{sign} {}", measure.must), format!("{sign} {}", measure.aim))
}

/// A text within a cell of a table in Markdown.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

impl Taken {
    /// Whether it is what must hold.
    pub fn holds(&self) -> bool {
        self.broken.is_none() && self.measure.holds(self.spread.median)
    }
}

/// Everything that came of measuring.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What was measured.
    pub taken: Vec<Taken>,
    /// What was not asked for, or cannot be had here, by name, with why.
    pub left_out: Vec<(&'static str, String)>,
    /// What was to be measured and could not be, or came to something else than it must, by name, with why.
    pub failed: Vec<(&'static str, String)>,
    /// The state of the machine, a line each.
    pub machine: Vec<String>,
}

impl Report {
    /// As a table.
    pub fn table(&self) -> String {
        let mut text = String::new();
        for line in &self.machine {
            let _ = writeln!(text, "{line}");
        }
        let _ = writeln!(text, "{:<36} {:<9} {:>8} {:>8} {:>8}   {:<9} {:<9}", "measure", "on", "median", "least", "most", "must", "aim");
        for taken in &self.taken {
            let Taken { measure, database, spread, .. } = taken;
            let (required, aim) = bounds(measure);
            let verdict = if taken.holds() { "" } else { "  MISSED" };
            let (name, median, least, most) = (measure.name, spread.median, spread.min, spread.max);
            let _ = writeln!(text, "{name:<36} {database:<9} {median:>8} {least:>8} {most:>8}   {required:<9} {aim:<9}{verdict}");
            let _ = writeln!(text, "    {}", measure.says);
            if let Some(broken) = &taken.broken {
                let _ = writeln!(text, "    and {broken}");
            }
        }
        for (name, why) in &self.left_out {
            let _ = writeln!(text, "{name:<36} left out: {why}");
        }
        for (name, why) in &self.failed {
            let _ = writeln!(text, "{name:<36} FAILED: {why}");
        }
        text
    }

    /// As a table in Markdown, in Chinese and English.
    pub fn markdown(&self) -> String {
        let mut text = String::from("<!-- zhepai bench --table -->\n");
        for line in &self.machine {
            let _ = writeln!(text, "- {line}");
        }
        text.push_str(
            "\n| 测量 Measure | 数据库 On | 中位数 Median | 最小 Least | 最大 Most | 必须 Must | 目标 Aim | 结果 Outcome |\n\
             |---|---|--:|--:|--:|--:|--:|---|\n",
        );
        for taken in &self.taken {
            let Taken { measure, database, spread, broken } = taken;
            let (required, aim) = bounds(measure);
            let outcome = match broken {
                Some(broken) => format!("未达到 missed: {}", cell(broken)),
                None if taken.holds() => "达到 holds".into(),
                None => "未达到 missed".into(),
            };
            let (name, zh, en) = (measure.name, cell(measure.says_zh), cell(measure.says));
            let (median, least, most) = (spread.median, spread.min, spread.max);
            let _ =
                writeln!(text, "| `{name}`<br>{zh}<br>{en} | {database} | {median} | {least} | {most} | {required} | {aim} | {outcome} |");
        }
        for (name, why) in &self.left_out {
            let _ = writeln!(text, "| `{name}` | | | | | | | 未测量 left out: {} |", cell(why));
        }
        for (name, why) in &self.failed {
            let _ = writeln!(text, "| `{name}` | | | | | | | 测量失败 failed: {} |", cell(why));
        }
        text
    }

    /// As JSON, under names that stay.
    pub fn json(&self) -> Value {
        let taken = self.taken.iter().map(|taken| {
            let Taken { measure, database, spread, broken } = taken;
            let said = json!({
                "database": database,
                "median": spread.median.json(),
                "min": spread.min.json(),
                "max": spread.max.json(),
                "rounds": spread.rounds,
                "broken": broken,
            });
            (measure.name.to_owned(), said)
        });
        let why = |said: &[(&'static str, String)]| said.iter().map(|(name, why)| ((*name).to_owned(), json!(why))).collect::<Map<_, _>>();
        json!({
            "machine": self.machine,
            "measures": taken.collect::<Map<_, _>>(),
            "left_out": why(&self.left_out),
            "failed": why(&self.failed),
        })
    }

    /// Whether everything that was to be measured is what must hold.
    pub fn holds(&self) -> bool {
        self.failed.is_empty() && self.taken.iter().all(Taken::holds)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::figures::Figure;
    use super::super::measures::{SQLITE_HOT_VS_NAIVE, TWO_VS_ONE, named};
    use super::*;

    fn report(median: u64) -> Report {
        let spread = Spread { median: Figure(median), min: Figure(50_000), max: Figure(90_000), rounds: 5 };
        let taken = Taken { measure: named(SQLITE_HOT_VS_NAIVE).unwrap(), database: "sqlite", spread, broken: None };
        Report {
            taken: vec![taken],
            left_out: vec![(TWO_VS_ONE, "SQLite has one server".into())],
            machine: vec!["2 cores".into()],
            ..Report::default()
        }
    }

    #[test]
    fn a_figure_below_what_must_hold_is_called_missed() {
        assert!(report(60_000).holds() && !report(60_000).table().contains("MISSED"));
        assert!(!report(59_999).holds() && report(59_999).table().contains("MISSED"));
    }

    #[test]
    fn what_failed_does_not_hold_and_is_told_everywhere() {
        let mut report = report(60_000);
        report.failed.push((TWO_VS_ONE, "9 bids were acknowledged, 8 are in logs".into()));
        assert!(!report.holds());
        assert_eq!(report.json()["failed"][TWO_VS_ONE], "9 bids were acknowledged, 8 are in logs");
        assert!(report.table().contains("FAILED: 9 bids") && report.markdown().contains("测量失败 failed: 9 bids"));
    }

    #[test]
    fn the_table_in_markdown_tells_every_measure_in_a_row_of_as_many_cells() {
        let mut report = report(59_999);
        report.left_out.push(("another", "one | two\nthree".into()));
        let text = report.markdown();
        let rows: Vec<_> = text.lines().filter(|line| line.starts_with("| `")).collect();
        assert_eq!(rows.len(), 3, "{text}");
        assert!(rows.iter().all(|row| row.replace("\\|", "").matches('|').count() == 9), "{text}");
        assert!(
            rows[0].contains("SQLite：单一热门标的") && rows[0].contains("| 5.99 | 5.00 | 9.00 | ≥ 6.00 | ≥ 12.0 | 未达到 missed |"),
            "{text}"
        );
        assert!(rows[2].ends_with("未测量 left out: one \\| two three |"), "{text}");
    }

    #[test]
    fn what_was_not_measured_has_no_figure_and_says_why() {
        let json = report(70_000).json();
        assert_eq!(json["measures"][SQLITE_HOT_VS_NAIVE]["median"], 7.0);
        assert_eq!(json["measures"].as_object().unwrap().len(), 1);
        assert_eq!(json["left_out"][TWO_VS_ONE], "SQLite has one server");
        assert!(report(70_000).table().contains("left out: SQLite has one server"));
    }
}
