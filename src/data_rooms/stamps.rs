//! Watermarks: whom a document was handed to and when, over every page of it, with a code that the log of the room knows.
//!
//! The pages of a PDF are drawn anew with the words over them; links, forms and notes of the original go. A picture becomes a page with the
//! words over it. What cannot be drawn so, such as a PDF that is encrypted, is refused when it is laid out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use chrono::FixedOffset;
use entity::Timestamp;
use entity::ids::PersonId;
use krilla::color::rgb;
use krilla::configure::{ConfigurationBuilder, PdfVersion};
use krilla::geom::{Point, Size, Transform};
use krilla::image::Image;
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::pdf::{Pdf, PdfDocument};
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};
use krilla::{Document, SerializeSettings};

use crate::platform::bounded::Bounded;
use crate::platform::problem::Problem;
use crate::platform::typeface::NOTO_SANS_SC;

/// The most pages of a document that bears watermarks.
const MOST_PAGES: usize = 2_000;
/// The longest side of a picture, pixels, and the most pixels of it: one that says it has more takes all memory.
const LONGEST_SIDE: u16 = 14_000;
const MOST_PIXELS: u64 = 60_000_000;
/// The least page a picture is laid on, points: on a smaller one nobody could read the words.
const LEAST_PAGE: (u16, u16) = (595, 842);
/// How far the words are from each other across and down the page, points.
const ACROSS: usize = 360;
const DOWN: u16 = 170;
/// How far the words go on: no page is larger.
const FAR: u16 = 14_400;
/// Seconds that Shanghai is ahead of UTC.
const SHANGHAI: i32 = 8 * 3600;

/// Content that can bear a watermark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Markable {
    /// A PDF.
    Pdf,
    /// A picture.
    Png,
    /// A photograph.
    Jpeg,
}

impl Markable {
    /// What content of a media type can bear; nothing where it bears none.
    pub fn of(media_type: &str) -> Option<Self> {
        match media_type {
            "application/pdf" => Some(Self::Pdf),
            "image/png" => Some(Self::Png),
            "image/jpeg" => Some(Self::Jpeg),
            _ => None,
        }
    }
}

/// Why content bears no watermark although its kind does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmarkable {
    /// It is encrypted.
    Encrypted,
    /// It cannot be read.
    Broken,
    /// It has too many pages or is too large.
    TooLarge,
}

/// What a watermark says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// For whom it was handed out.
    pub reader: String,
    /// To whom, by his number.
    pub person: Option<PersonId>,
    /// When.
    pub at: Timestamp,
    /// The code that the log of the room knows.
    pub code: String,
}

impl Mark {
    /// The line that is repeated over the page.
    fn across(&self) -> String {
        format!("{} {}", self.reader, self.code)
    }

    /// The line at the foot of the page.
    fn foot(&self) -> String {
        let person = self.person.map(|id| id.to_string()).unwrap_or_default();
        let at = FixedOffset::east_opt(SHANGHAI).map_or_else(|| self.at.to_rfc3339(), |zone| self.at.with_timezone(&zone).to_rfc3339());
        format!("{} {person} {at} {} 仅供本人查阅，不得外传 Confidential", self.reader, self.code)
    }
}

/// Draws watermarks, off the async threads and one at a time.
#[derive(Clone)]
pub struct Stamps(Bounded);

impl Default for Stamps {
    fn default() -> Self {
        Self(Bounded::new(1, 16))
    }
}

impl Stamps {
    /// The content with a watermark, as a PDF.
    pub async fn marked(&self, kind: Markable, content: Vec<u8>, mark: Mark) -> Result<Result<Vec<u8>, Unmarkable>, Problem> {
        self.0.run(move || marked(kind, content, &mark)).await
    }
}

/// The same at once. What makes the reader of others' files stumble is broken.
fn marked(kind: Markable, content: Vec<u8>, mark: &Mark) -> Result<Vec<u8>, Unmarkable> {
    let work = AssertUnwindSafe(|| match kind {
        Markable::Pdf => pages(content, mark),
        Markable::Png => picture(&Image::from_png(content.into(), false).map_err(|_| Unmarkable::Broken)?, mark),
        Markable::Jpeg => picture(&Image::from_jpeg(content.into(), false).map_err(|_| Unmarkable::Broken)?, mark),
    });
    catch_unwind(work).unwrap_or(Err(Unmarkable::Broken))
}

/// Whether a PDF says that it is encrypted: the dictionary that says so is never compressed.
fn is_encrypted(content: &[u8]) -> bool {
    const NAME: &[u8] = b"/Encrypt";
    let says = |place: &[u8]| place.get(NAME.len()).is_none_or(|next| !next.is_ascii_alphanumeric());
    content.windows(NAME.len() + 1).any(|place| place.starts_with(NAME) && says(place))
}

/// The pages of a PDF with the words over them.
fn pages(content: Vec<u8>, mark: &Mark) -> Result<Vec<u8>, Unmarkable> {
    if is_encrypted(&content) {
        return Err(Unmarkable::Encrypted);
    }
    let source = Pdf::new(content).map_err(|_| Unmarkable::Broken)?;
    let count = source.pages().len();
    if count > MOST_PAGES {
        return Err(Unmarkable::TooLarge);
    }
    let sizes: Option<Vec<Size>> = (0..count)
        .map(|number| {
            let (width, height) = source.pages().get(number)?.render_dimensions();
            Size::from_wh(width, height)
        })
        .collect();
    let sizes = sizes.filter(|sizes| !sizes.is_empty()).ok_or(Unmarkable::Broken)?;
    let source = PdfDocument::new(Arc::new(source));
    drawn(mark, sizes.len(), |number| sizes[number], |surface, number| surface.draw_pdf_page(&source, sizes[number], number))
}

/// A picture on a page with the words over it.
fn picture(image: &Image, mark: &Mark) -> Result<Vec<u8>, Unmarkable> {
    let (width, height) = image.size();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(Unmarkable::TooLarge);
    }
    let side = |pixels: u32| u16::try_from(pixels).ok().filter(|side| *side <= LONGEST_SIDE).ok_or(Unmarkable::TooLarge);
    let (width, height) = (side(width)?, side(height)?);
    let own = Size::from_wh(f32::from(width), f32::from(height)).ok_or(Unmarkable::Broken)?;
    let page = Size::from_wh(f32::from(width.max(LEAST_PAGE.0)), f32::from(height.max(LEAST_PAGE.1))).ok_or(Unmarkable::Broken)?;
    drawn(mark, 1, |_| page, |surface, _| surface.draw_image(image.clone(), own))
}

/// So many pages, each drawn by somebody, with the words over it.
fn drawn(
    mark: &Mark,
    count: usize,
    size: impl Fn(usize) -> Size,
    content: impl Fn(&mut Surface<'_>, usize),
) -> Result<Vec<u8>, Unmarkable> {
    let font = Font::new(NOTO_SANS_SC.into(), 0).ok_or(Unmarkable::Broken)?;
    let configuration = ConfigurationBuilder::new().with_version(PdfVersion::Pdf20).finish().map_err(|_| Unmarkable::Broken)?;
    let settings = SerializeSettings { configuration, enable_tagging: false, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    // Programs find the code here too, without reading the words.
    document.set_metadata(Metadata::new().title(mark.code.clone()).description(mark.foot()));
    for number in 0..count {
        let size = size(number);
        let mut page = document.start_page_with(PageSettings::new(size));
        let mut surface = page.surface();
        content(&mut surface, number);
        words(&mut surface, size, &font, mark);
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|_| Unmarkable::Broken)
}

/// The words over a page: pale and slanting all over it, and small at its foot.
fn words(surface: &mut Surface<'_>, size: Size, font: &Font, mark: &Mark) {
    surface.set_fill(Some(ink(0.28)));
    let across = mark.across();
    for down in (60..FAR).step_by(usize::from(DOWN)).map(f32::from).take_while(|down| *down < size.height()) {
        for right in (12..FAR).step_by(ACROSS).map(f32::from).take_while(|right| *right < size.width()) {
            // Turned by thirty degrees, up to the right.
            surface.push_transform(&Transform::from_row(0.866, -0.5, 0.5, 0.866, right, down));
            surface.draw_text(Point::from_xy(0.0, 0.0), font.clone(), 15.0, &across, false, TextDirection::LeftToRight);
            surface.pop();
        }
    }
    surface.set_fill(Some(ink(0.9)));
    surface.push_transform(&Transform::from_translate(0.0, size.height()));
    surface.draw_text(Point::from_xy(12.0, -9.0), font.clone(), 6.5, &mark.foot(), false, TextDirection::LeftToRight);
    surface.pop();
}

fn ink(opacity: f32) -> Fill {
    let opacity = NormalizedF32::new(opacity).unwrap_or(NormalizedF32::ONE);
    Fill { paint: rgb::Color::new(96, 96, 96).into(), opacity, rule: FillRule::NonZero }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    fn mark() -> Mark {
        Mark {
            reader: "杭州某新材料公司".into(),
            person: Some(Uuid::from_u128(7).into()),
            at: DateTime::from_timestamp(1_772_413_200, 0).unwrap(),
            code: "DR0123456789abcdef".into(),
        }
    }

    /// A PDF of two pages of different sizes.
    fn plain() -> Vec<u8> {
        let mut document = Document::new();
        for (width, height) in [(595.0, 842.0), (300.0, 200.0)] {
            let mut page = document.start_page_with(PageSettings::from_wh(width, height).unwrap());
            page.surface().finish();
            page.finish();
        }
        document.finish().unwrap()
    }

    fn has(file: &[u8], word: &str) -> bool {
        file.windows(word.len()).any(|place| place == word.as_bytes())
    }

    /// A picture of one grey pixel.
    const PIXEL: &[u8] =
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\nIDAT\x78\xda\x63\x68\0\0\0\x82\0\x81\
\xda\x45\x08\x3b\0\0\0\0IEND\xae\x42\x60\x82";

    #[test]
    fn every_page_is_drawn_anew_in_its_size_with_the_words() {
        let file = marked(Markable::Pdf, plain(), &mark()).unwrap();
        assert!(file.starts_with(b"%PDF-2.0") && has(&file, "DR0123456789abcdef"));
        let read = Pdf::new(file.clone()).unwrap();
        let sizes: Vec<_> = (0..read.pages().len()).map(|number| read.pages()[number].render_dimensions()).collect();
        assert_eq!(sizes, [(595.0, 842.0), (300.0, 200.0)]);
        let other = Mark { code: "DRother".into(), ..mark() };
        let another = marked(Markable::Pdf, plain(), &other).unwrap();
        assert!(!has(&another, "DR0123456789abcdef") && has(&another, "DRother"));
        // What bears one bears another: a watermark is not taken off by that.
        assert!(has(&marked(Markable::Pdf, file, &other).unwrap(), "DRother"));
    }

    #[test]
    fn a_picture_becomes_a_page_on_which_the_words_can_be_read() {
        let file = marked(Markable::Png, PIXEL.to_vec(), &mark()).unwrap();
        assert!(has(&file, "DR0123456789abcdef"));
        assert_eq!(Pdf::new(file).unwrap().pages()[0].render_dimensions(), (595.0, 842.0));
    }

    #[test]
    fn what_is_encrypted_or_broken_is_refused() {
        let mut locked = plain();
        locked.extend_from_slice(b"\ntrailer << /Encrypt 9 0 R >>");
        assert_eq!(marked(Markable::Pdf, locked, &mark()), Err(Unmarkable::Encrypted));
        assert!(!is_encrypted(b"<< /EncryptMetadata false >>") && is_encrypted(b"<</Encrypt<<>>>>"));
        for (kind, content) in [
            (Markable::Pdf, b"%PDF-1.7 and nothing else".as_slice()),
            (Markable::Png, b"\x89PNG\r\n\x1a\n"),
            (Markable::Jpeg, b"\xff\xd8\xff"),
        ] {
            assert_eq!(marked(kind, content.to_vec(), &mark()), Err(Unmarkable::Broken), "{kind:?}");
        }
        assert_eq!(Markable::of("text/plain"), None);
    }

    #[test]
    fn the_words_name_reader_person_time_and_code() {
        let foot = mark().foot();
        for word in ["杭州某新材料公司", "00000000-0000-0000-0000-000000000007", "2026-03-02T09:00:00+08:00", "DR0123456789abcdef"]
        {
            assert!(foot.contains(word), "{word} in {foot}");
        }
        assert!(mark().across().contains("DR0123456789abcdef"));
    }
}
