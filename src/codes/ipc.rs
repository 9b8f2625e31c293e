//! Symbols of the International Patent Classification (IPC) and Locarno classes of designs.

use super::{CodeError, normalise, normalise_keeping_dashes};

const SYMBOL: &str = "A61K 31/495";
const CLASS: &str = "NN-NN";

/// A full symbol of the International Patent Classification.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ipc(String);

impl Ipc {
    /// The form people read, such as `A61K 31/495`.
    pub fn display(&self) -> String {
        let (subclass, groups) = self.0.split_at(4);
        let (main, sub) = groups.split_at(4);
        let digits = sub.trim_end_matches('0').len().max(2);
        format!("{subclass} {}/{}", main.trim_start_matches('0'), &sub[..digits])
    }

    /// The form of 14 characters in the scheme files of WIPO, such as `A61K0031495000`. Prefixes
    /// of it find subclasses and main groups; below, the hierarchy is not in the digits.
    pub fn canonical(&self) -> &str {
        &self.0
    }
}

/// Reads a full symbol in the form people write.
///
/// Source: Guide to the IPC (WIPO); main groups have up to four digits, subgroups two to six.
pub fn parse_ipc(raw: &str) -> Result<Ipc, CodeError> {
    let text = normalise(raw)?;
    let malformed = CodeError::BadForm { expected: SYMBOL };
    let Some((subclass, (main, sub))) = text.split_at_checked(4).and_then(|(subclass, groups)| Some((subclass, groups.split_once('/')?)))
    else {
        return Err(malformed);
    };
    let is_subclass = matches!(subclass.as_bytes(), [b'A'..=b'H', b'0'..=b'9', b'0'..=b'9', b'A'..=b'Z']);
    let is_main = matches!(main.len(), 1..=4) && are_digits(main) && !main.starts_with('0');
    let is_sub = matches!(sub.len(), 2..=6) && are_digits(sub);
    if !(is_subclass && is_main && is_sub) {
        return Err(malformed);
    }
    Ok(Ipc(format!("{subclass}{main:0>4}{sub:0<6}")))
}

/// A class and subclass of the Locarno classification, which designs have instead of the IPC.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locarno(String);

impl Locarno {
    /// The one form to show, store and compare, such as `14-02`.
    pub fn canonical(&self) -> &str {
        &self.0
    }
}

/// Reads a Locarno class. Source: Locarno Agreement, form `NN-NN`.
pub fn parse_locarno(raw: &str) -> Result<Locarno, CodeError> {
    let text = normalise_keeping_dashes(raw)?;
    match text.split_once('-') {
        Some((class, subclass)) if class.len() == 2 && subclass.len() == 2 && are_digits(class) && are_digits(subclass) => {
            Ok(Locarno(text))
        }
        _ => Err(CodeError::BadForm { expected: CLASS }),
    }
}

fn are_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn worked_symbols_have_both_forms() {
        for (display, canonical) in [
            ("A61K 31/495", "A61K0031495000"),
            ("H04M 11/00", "H04M0011000000"),
            ("B01D 17/032", "B01D0017032000"),
            ("C08L 101/00", "C08L0101000000"),
            ("G06F 119/02", "G06F0119020000"),
            ("G06N 3/08", "G06N0003080000"),
            ("A01B 1/02", "A01B0001020000"),
            ("G06F 111/20", "G06F0111200000"),
        ] {
            let read = parse_ipc(display).unwrap();
            assert_eq!(read.canonical(), canonical);
            assert_eq!(read.display(), display);
        }
        assert_eq!(parse_ipc("ｇ０６ｎ３／０８").unwrap().display(), "G06N 3/08");
    }

    #[test]
    fn what_is_no_full_symbol_is_refused() {
        for raw in [
            "A61K",
            "A61",
            "A",
            "A61K 31",
            "A61K 031/495",
            "A61K 0/00",
            "A61K 31/4",
            "A61K 31/4950000",
            "A61K 12345/00",
            "I61K 31/495",
            "A6K 31/495",
            "A61K 31/49A",
            "A61K31/49/5",
            "A61K0031495000",
            "14-02",
        ] {
            assert_eq!(parse_ipc(raw), Err(CodeError::BadForm { expected: SYMBOL }), "{raw}");
        }
    }

    #[test]
    fn locarno_classes_keep_their_dash() {
        assert_eq!(parse_locarno(" 14-02 ").unwrap().canonical(), "14-02");
        assert_eq!(parse_locarno("32—00").unwrap().canonical(), "32-00");
        for raw in ["1402", "14-2", "4-02", "14-02-1", "14-0A", "G06N 3/08"] {
            assert_eq!(parse_locarno(raw), Err(CodeError::BadForm { expected: CLASS }), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(raw in "[A-H][0-9]{2}[A-Z] [1-9][0-9]{0,3}/[0-9]{2,6}") {
            let read = parse_ipc(&raw).unwrap();
            prop_assert_eq!(read.canonical().len(), 14);
            prop_assert_eq!(parse_ipc(&read.display()), Ok(read));
        }

        #[test]
        fn no_text_upsets_it(raw in "\\PC{0,16}") {
            let _ = (parse_ipc(&raw), parse_locarno(&raw));
        }
    }
}
