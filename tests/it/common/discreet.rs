//! What no refusal may tell: how the program is made, what it asks its database, where its files lie, and which version it is.

/// Words of a statement, a library of ours, a stack, a file, a version.
const INSIDE: &[&str] = &[
    "SELECT ",
    "INSERT INTO",
    "DELETE FROM",
    "SQLSTATE",
    "sqlx",
    "sea-orm",
    "sea_orm",
    "panicked",
    "stack backtrace",
    "src/",
    ".rs:",
    "/home/",
    "/root/",
    "/tmp/",
    "zhepai/0.",
    env!("CARGO_MANIFEST_DIR"),
];

/// The first such word in a text, if there is one.
pub fn inside(said: &str) -> Option<&'static str> {
    INSIDE.iter().copied().find(|word| said.contains(word))
}

#[test]
fn what_is_inside_is_seen_and_where_a_fault_lies_may_be_told() {
    for told in ["error returned from database: SELECT id FROM person", "panicked at src/main.rs:3:5", "/tmp/x is full"] {
        assert!(inside(told).is_some(), "{told}");
    }
    assert_eq!(inside("expected `,` or `}` at line 1 column 28"), None);
}
