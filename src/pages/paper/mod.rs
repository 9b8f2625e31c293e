//! Notices on paper: the parts of a page as a file that can be printed, signed and kept (PDF/A), the same for the same text.

mod face;
mod lines;
mod print;

use super::rules::{Part, Shown};

pub use print::{Dated, print};

/// How far what belongs to something is moved in, points.
const STEP: u16 = 14;

/// What Chinese is called among languages (BCP 47).
const CHINESE: &str = "zh";

/// What stands under the title of a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// How it is set.
    pub style: Style,
    /// How far it is moved in, points.
    pub indent: u16,
    /// What it says.
    pub text: String,
    /// In which language (BCP 47), where it is not that of the paper.
    pub language: Option<&'static str>,
}

/// How a text is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// The title.
    Title,
    /// The name of a part.
    Heading,
    /// All else.
    Body,
    /// A hash, or a word about the paper itself.
    Small,
}

impl Block {
    /// Moved in by nothing.
    pub fn new(style: Style, text: impl Into<String>) -> Self {
        Self { style, indent: 0, text: text.into(), language: None }
    }

    /// In Chinese, on a paper in English.
    pub fn chinese(style: Style, text: impl Into<String>) -> Self {
        Self { language: Some(CHINESE), ..Self::new(style, text) }
    }
}

/// A part with its name over it.
pub fn part(part: &Part, blocks: &mut Vec<Block>) {
    blocks.push(Block::new(Style::Heading, part.label.clone()));
    shown(&part.shown, 0, blocks);
}

/// A value, however deep.
pub fn shown(value: &Shown, indent: u16, blocks: &mut Vec<Block>) {
    match value {
        Shown::Text(paragraphs) => blocks.extend(paragraphs.iter().map(|text| body(indent, text.clone()))),
        Shown::Chinese(paragraphs) => {
            blocks.extend(paragraphs.iter().map(|text| Block { indent, ..Block::chinese(Style::Body, text.clone()) }));
        }
        Shown::Facts(facts) => facts.iter().for_each(|fact| named(fact, indent, blocks)),
        Shown::List(items) => items.iter().for_each(|value| item(value, indent, blocks)),
    }
}

fn body(indent: u16, text: String) -> Block {
    Block { indent, ..Block::new(Style::Body, text) }
}

/// A value under its name; what is said in one line, and in the language of the paper, stands beside it.
fn named(fact: &Part, indent: u16, blocks: &mut Vec<Block>) {
    match &fact.shown {
        Shown::Text(paragraphs) if paragraphs.len() == 1 => blocks.push(body(indent, format!("{}：{}", fact.label, paragraphs[0]))),
        deeper => {
            blocks.push(body(indent, format!("{}：", fact.label)));
            shown(deeper, indent + STEP, blocks);
        }
    }
}

/// One of several, behind a mark.
fn item(value: &Shown, indent: u16, blocks: &mut Vec<Block>) {
    let first = blocks.len();
    shown(value, indent + STEP, blocks);
    if let Some(block) = blocks.get_mut(first) {
        block.indent = indent;
        block.text = format!("• {}", block.text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(said: &str) -> Shown {
        Shown::Text(vec![said.to_owned()])
    }

    fn told(value: &Shown) -> Vec<(u16, String)> {
        let mut blocks = Vec::new();
        shown(value, 0, &mut blocks);
        blocks.into_iter().map(|block| (block.indent, block.text)).collect()
    }

    #[test]
    fn what_belongs_to_something_stands_below_it_and_moved_in() {
        let owner =
            Shown::Facts(vec![Part { label: "名称".into(), shown: text("浙江大学") }, Part { label: "份额".into(), shown: text("100%") }]);
        let facts = Shown::Facts(vec![
            Part { label: "起拍价".into(), shown: text("1,000.00 元") },
            Part { label: "权利人".into(), shown: Shown::List(vec![owner]) },
        ]);
        let expected = [(0, "起拍价：1,000.00 元"), (0, "权利人："), (14, "• 名称：浙江大学"), (28, "份额：100%")];
        assert_eq!(told(&facts), expected.map(|(indent, said)| (indent, said.to_owned())));
    }

    #[test]
    fn what_is_in_another_language_stands_in_blocks_of_its_own() {
        let facts = Shown::Facts(vec![
            Part { label: "Name".into(), shown: Shown::Chinese(vec!["浙江大学".into()]) },
            Part { label: "Share".into(), shown: text("100%") },
        ]);
        let mut blocks = Vec::new();
        shown(&facts, 0, &mut blocks);
        let told: Vec<_> = blocks.iter().map(|block| (block.indent, block.text.as_str(), block.language)).collect();
        assert_eq!(told, [(0, "Name：", None), (14, "浙江大学", Some("zh")), (0, "Share：100%", None)]);
    }
}
