//! Blocks on pages of A4, as PDF/A-2b, which can be read when nobody has this program any more.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Timelike, Utc};
use krilla::Document;
use krilla::SerializeSettings;
use krilla::configure::ConfigurationBuilder;
use krilla::configure::validate::Archival;
use krilla::geom::Point;
use krilla::metadata::{self, Metadata};
use krilla::page::PageSettings;
use krilla::tagging::{ContentTag, SpanTag};
use krilla::text::{Font, TextDirection};

use super::face::Face;
use super::lines::lines;
use super::{Block, Style};
use crate::platform::problem::{Code, Problem};
use crate::platform::typeface::NOTO_SANS_SC;

/// A4 in points, and what is left free on each side.
const WIDTH: u16 = 595;
const HEIGHT: u16 = 842;
const MARGIN: u16 = 57;
/// Where the number of a page stands.
const FOOT: u16 = HEIGHT - 30;

impl Style {
    /// Size of the letters, and how far the next line is below, points.
    fn measures(self) -> (u16, u16) {
        match self {
            Self::Title => (17, 25),
            Self::Heading => (13, 20),
            Self::Body => (10, 16),
            Self::Small => (8, 12),
        }
    }

    /// What is left free above, points.
    fn above(self) -> u16 {
        match self {
            Self::Heading => 10,
            Self::Small => 4,
            Self::Title | Self::Body => 0,
        }
    }
}

/// What a paper is and from when.
pub struct Dated<'a> {
    /// Its title.
    pub title: &'a str,
    /// Its language (BCP 47).
    pub language: &'a str,
    /// When what it says was frozen.
    pub at: DateTime<Utc>,
    /// What stands at the foot of each page, before its number.
    pub foot: &'a str,
}

/// A line where it stands.
#[derive(Debug, PartialEq, Eq)]
struct Placed {
    x: u16,
    y: u16,
    size: u16,
    text: String,
    /// Its language, where it is not that of the paper.
    language: Option<&'static str>,
}

/// The file. The same blocks give the same bytes.
pub fn print(dated: &Dated<'_>, blocks: &[Block]) -> Result<Vec<u8>, Problem> {
    let face = Face::shipped().ok_or_else(|| broken("the typeface cannot be read"))?;
    let font = Font::new(NOTO_SANS_SC.into(), 0).ok_or_else(|| broken("the typeface cannot be read"))?;
    let mut missing = BTreeSet::new();
    let pages = laid_out(blocks, &face, &mut missing);
    let settings = ConfigurationBuilder::new().with_archival_validator(Archival::A2_B).finish().map_err(broken)?;
    let mut document = Document::new_with(SerializeSettings { configuration: settings, ..SerializeSettings::default() });
    document.set_metadata(Metadata::new().title(dated.title.to_owned()).language(dated.language.to_owned()).creation_date(date(dated.at)));
    let (count, size) = (pages.len(), Style::Small.measures().0);
    for (number, lines) in pages.iter().enumerate() {
        let sheet = PageSettings::from_wh(f32::from(WIDTH), f32::from(HEIGHT)).ok_or_else(|| broken("no such page"))?;
        let mut page = document.start_page_with(sheet);
        let mut surface = page.surface();
        let text = face.settable(&format!("{}  {}/{count}", dated.foot, number + 1), &mut missing);
        let last = Placed { x: MARGIN, y: FOOT, size, text, language: None };
        for line in lines.iter().chain([&last]) {
            let place = Point::from_xy(f32::from(line.x), f32::from(line.y));
            if line.language.is_some() {
                surface.start_tagged(ContentTag::Span(SpanTag::empty().with_lang(line.language)));
            }
            surface.draw_text(place, font.clone(), f32::from(line.size), &line.text, false, TextDirection::LeftToRight);
            if line.language.is_some() {
                surface.end_tagged();
            }
        }
        surface.finish();
        page.finish();
    }
    document.finish().map_err(broken)
}

fn broken(why: impl std::fmt::Debug) -> Problem {
    tracing::error!(?why, "a paper cannot be made");
    Code::Internal.into()
}

fn date(at: DateTime<Utc>) -> metadata::DateTime {
    let small = |part: u32| u8::try_from(part).unwrap_or_default();
    metadata::DateTime::new(u16::try_from(at.year()).unwrap_or_default())
        .month(small(at.month()))
        .day(small(at.day()))
        .hour(small(at.hour()))
        .minute(small(at.minute()))
        .second(small(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

/// Where each line stands, page by page. What the typeface lacks is told at the end.
fn laid_out(blocks: &[Block], face: &Face<'_>, missing: &mut BTreeSet<char>) -> Vec<Vec<Placed>> {
    let mut pages = vec![Vec::new()];
    let mut y = MARGIN;
    for block in blocks {
        set(block, face, missing, &mut pages, &mut y);
    }
    if !missing.is_empty() {
        let codes: Vec<_> = missing.iter().map(|letter| format!("U+{:04X}", u32::from(*letter))).collect();
        let told = Block::new(Style::Small, format!("〓 = {}", codes.join(", ")));
        set(&told, face, &mut BTreeSet::new(), &mut pages, &mut y);
    }
    pages
}

fn set(block: &Block, face: &Face<'_>, missing: &mut BTreeSet<char>, pages: &mut Vec<Vec<Placed>>, y: &mut u16) {
    let (size, leading) = block.style.measures();
    // However deep something is, a third of the page is left for it.
    let x = (MARGIN + block.indent).min(WIDTH * 2 / 3 - MARGIN);
    let column = u32::from(WIDTH - MARGIN - x) * 1000;
    let text = face.settable(&block.text, missing);
    let found = lines(&text, column, |letter| face.width(letter) * u32::from(size));
    // The name of a part stands on the page of its first line.
    let together = if block.style == Style::Heading { leading * 2 } else { 0 };
    *y += block.style.above();
    for text in found {
        if *y + leading + together > HEIGHT - MARGIN {
            pages.push(Vec::new());
            *y = MARGIN;
        }
        *y += leading;
        if let Some(page) = pages.last_mut() {
            page.push(Placed { x, y: *y, size, text, language: block.language });
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn blocks(count: usize) -> Vec<Block> {
        let body = (0..count)
            .map(|n| Block {
                indent: 14, ..Block::new(Style::Body, format!("第 {n} 条：一种便携式重金属检测装置 a portable device"))
            });
        [Block::new(Style::Title, "一种检测装置 · 挂牌公告"), Block::new(Style::Heading, "价格")].into_iter().chain(body).collect()
    }

    fn dated() -> Dated<'static> {
        Dated { title: "公告", language: "zh-CN", at: DateTime::from_timestamp(1_772_413_200, 0).unwrap(), foot: "浙拍" }
    }

    #[test]
    fn the_same_text_gives_the_same_file() {
        let file = print(&dated(), &blocks(3)).unwrap();
        assert!(file.starts_with(b"%PDF-1."));
        assert_eq!(file, print(&dated(), &blocks(3)).unwrap());
        assert_ne!(file, print(&dated(), &blocks(4)).unwrap());
        assert!(file.len() < 100_000, "only the letters that stand in it: {}", file.len());
    }

    #[test]
    fn a_line_in_another_language_is_marked_so() {
        let blocks = |foreign: Block| [Block::new(Style::Heading, "Summary"), foreign];
        let plain = blocks(Block::new(Style::Body, "一种检测装置"));
        let chinese = blocks(Block::chinese(Style::Body, "一种检测装置"));
        let pages = laid_out(&chinese, &Face::shipped().unwrap(), &mut BTreeSet::new());
        let told: Vec<_> = pages.iter().flatten().map(|line| (line.text.as_str(), line.language)).collect();
        assert_eq!(told, [("Summary", None), ("一种检测装置", Some("zh"))]);
        let english = Dated { language: "en", ..dated() };
        let marked = print(&english, &chinese).unwrap();
        assert_eq!(marked, print(&english, &chinese).unwrap());
        assert_ne!(marked, print(&english, &plain).unwrap());
    }

    #[test]
    fn everything_stands_within_the_margins_in_order() {
        let (face, mut missing) = (Face::shipped().unwrap(), BTreeSet::new());
        let pages = laid_out(&blocks(200), &face, &mut missing);
        assert!(pages.len() > 3);
        for page in &pages {
            assert!(page.windows(2).all(|pair| pair[0].y < pair[1].y));
            for line in page {
                let wide: u32 = line.text.chars().map(|letter| face.width(letter) * u32::from(line.size)).sum();
                assert!(line.y <= HEIGHT - MARGIN && u32::from(line.x) * 1000 + wide <= u32::from(WIDTH - MARGIN) * 1000, "{line:?}");
            }
        }
        let said: String = pages.iter().flatten().map(|line| line.text.as_str()).collect();
        assert!((0..200).all(|n| said.contains(&format!("第 {n} 条"))));
    }

    #[test]
    fn a_letter_the_typeface_lacks_is_told() {
        let (face, mut missing) = (Face::shipped().unwrap(), BTreeSet::new());
        let pages = laid_out(&[Block::new(Style::Body, "完成人：𠀀某")], &face, &mut missing);
        let told: Vec<_> = pages.iter().flatten().map(|line| line.text.as_str()).collect();
        assert_eq!(told, ["完成人：〓某", "〓 = U+20000"]);
        assert!(print(&dated(), &[Block::new(Style::Body, "𠀀")]).is_ok());
    }
}
