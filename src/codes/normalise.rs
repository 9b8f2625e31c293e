//! One spelling for what people type in many.

use unicode_normalization::UnicodeNormalization;

use super::CodeError;

/// Brings an identifier to capital ASCII without blanks, underscores and dashes.
///
/// Full-width forms become ASCII and the Chinese points become `.`, because an input method leaves
/// them behind; `/` stays. Whatever else is not ASCII is refused.
/// Source: product rule, applied before every check; Unicode Standard Annex 15 (NFKC).
pub fn normalise(raw: &str) -> Result<String, CodeError> {
    clean(raw, None)
}

/// The same, but every kind of dash stays, as `-`: in Locarno classes it is part of the form.
///
/// Source: product rule; form `NN-NN` of the Locarno classification.
pub fn normalise_keeping_dashes(raw: &str) -> Result<String, CodeError> {
    clean(raw, Some('-'))
}

fn clean(raw: &str, dash: Option<char>) -> Result<String, CodeError> {
    let mut text = String::with_capacity(raw.len());
    for c in raw.nfkc() {
        match c {
            '-' | '\u{2010}'..='\u{2015}' => text.extend(dash),
            '_' => {}
            '。' | '·' | '・' | '•' => text.push('.'),
            blank if blank.is_ascii_whitespace() => {}
            plain if plain.is_ascii_graphic() => text.push(plain.to_ascii_uppercase()),
            _ => {
                return Err(CodeError::BadChar { position: text.len() + 1 });
            }
        }
    }
    if text.is_empty() {
        return Err(CodeError::Empty);
    }
    Ok(text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blanks_dashes_and_full_width_forms_vanish() {
        for raw in [
            "ZL 2020 1 0566088.9",
            "zl202010566088.9",
            "ＺＬ２０２０１０５６６０８８．９",
            "ZL\u{3000}2020\u{a0}1\t0566088。9",
            "ZL2020-1-0566088·9",
            "ZL2020\u{2011}1\u{2013}0566088・9",
            "ZL_2020_1_0566088•9",
            "ZL2020\u{ff0d}1\u{2015}0566088\u{ff65}9\n",
        ] {
            assert_eq!(normalise(raw).unwrap(), "ZL202010566088.9", "{raw}");
        }
    }

    #[test]
    fn slashes_stay_and_dashes_stay_where_asked() {
        assert_eq!(normalise("pct／cn2021/075891").unwrap(), "PCT/CN2021/075891");
        assert_eq!(normalise_keeping_dashes(" 14\u{2014}02").unwrap(), "14-02");
        assert_eq!(normalise("14-02").unwrap(), "1402");
    }

    #[test]
    fn nothing_is_empty_and_the_rest_is_refused_at_its_place() {
        for raw in ["", "  ", "\u{3000}-_"] {
            assert_eq!(normalise(raw), Err(CodeError::Empty));
        }
        assert_eq!(normalise("2020 号"), Err(CodeError::BadChar { position: 5 }));
        assert_eq!(normalise("é"), Err(CodeError::BadChar { position: 1 }));
        assert_eq!(normalise("A\u{0}"), Err(CodeError::BadChar { position: 2 }));
        assert_eq!(normalise("2020\u{200b}1"), Err(CodeError::BadChar { position: 5 }));
    }

    proptest! {
        #[test]
        fn twice_is_once(raw in "\\PC{0,24}") {
            if let Ok(once) = normalise(&raw) {
                prop_assert_eq!(normalise(&once), Ok(once));
            }
            if let Ok(once) = normalise_keeping_dashes(&raw) {
                prop_assert_eq!(normalise_keeping_dashes(&once), Ok(once));
            }
        }

        #[test]
        fn blanks_and_case_never_matter(head in "[a-zA-Z0-9./]{1,9}", tail in "[a-zA-Z0-9./]{1,9}") {
            let joined = format!("{head}{tail}");
            let apart = format!(" {} _-\u{3000}{}\t", head.to_lowercase(), tail.to_uppercase());
            prop_assert_eq!(normalise(&apart), normalise(&joined));
        }
    }
}
