//! Text in a cell that a spreadsheet shows and does not reckon.

/// What a formula can begin with, also in the full-width forms of an input method; and the mark itself.
fn could_mislead(first: char) -> bool {
    matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠' | '\'')
}

/// A cell that a spreadsheet shows and does not reckon: one that begins like a formula gets an apostrophe.
pub fn guarded(cell: &str) -> String {
    if cell.starts_with(could_mislead) { format!("'{cell}") } else { cell.to_owned() }
}

/// The cell without the apostrophe that guards it.
pub fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(could_mislead)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_formula_is_shown_and_not_reckoned() {
        for cell in ["=1+1", "+86", "-1", "@SUM(A1)", "\tx", "＝1", "'x", "'=x"] {
            assert!(guarded(cell).starts_with('\''), "{cell}");
            assert_eq!(unguarded(&guarded(cell)), cell);
        }
        for plain in ["", "x=1", "一种方法", "'tis"] {
            assert_eq!(unguarded(plain), plain);
        }
    }

    proptest! {
        #[test]
        fn a_guarded_cell_is_what_it_was(cell in "['=+@a\t-]{0,6}") {
            let safe = guarded(&cell);
            prop_assert_eq!(unguarded(&safe), cell.as_str());
        }
    }
}
