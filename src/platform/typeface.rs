//! The typeface of what is printed. It ships with the program, so that a paper is the same wherever it is made.

/// Noto Sans CJK SC, cut down to Latin, Greek, Cyrillic, signs and the Han of the basic plane; its licence lies beside it. One copy of it is
/// in the program, whoever prints.
pub static NOTO_SANS_SC: &[u8] = include_bytes!("../pages/paper/typeface/NotoSansSC-Regular.otf");
