//! The program itself, as a process of its own that has nothing but the files it is given.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::common::program;

/// Every hash of a course is of bytes made anew, so that a program that made others would pass none.
#[test]
fn the_program_as_shipped_makes_the_bytes_of_every_course_that_is_kept() {
    let Some(program) = program::shipped() else {
        eprintln!("SKIPPED: ZHEPAI_TEST_PROGRAM is not set, so nothing was recomputed by the program as it is shipped");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let kept = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/courses"));
    let names = std::fs::read_dir(kept).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let names: Vec<_> = names.filter_map(|file| file.strip_suffix(".receipts.json").map(str::to_owned)).collect();
    assert!(names.len() >= 17, "{names:?}");
    for name in names {
        let receipts = std::fs::read(kept.join(format!("{name}.receipts.json"))).unwrap();
        let receipts: Vec<Value> = serde_json::from_slice(&receipts).unwrap();
        let mut command = Command::new(&program);
        command.args(["verify", "lot"]).arg(kept.join(format!("{name}.json")));
        for (number, receipt) in receipts.iter().enumerate() {
            let place = folder.path().join(format!("{name}.{number}"));
            std::fs::write(&place, receipt.to_string()).unwrap();
            command.arg(place);
        }
        let told = command.output().unwrap();
        assert!(told.status.success(), "{name}: {told:?}");
    }
}

/// What is planted to prove the tests is in no program that anybody uses.
#[test]
fn the_program_has_no_planted_fault() {
    let program = program::shipped().unwrap_or_else(|| env!("CARGO_BIN_EXE_zhepai").into());
    let (bytes, name) = (std::fs::read(program).unwrap(), b"ZHEPAI_TEST_PLANTED_FAULT");
    assert!(!bytes.windows(name.len()).any(|part| part == name));
}

/// Whatever is wrong with a file, it is named as the rest is.
#[test]
fn a_file_that_cannot_be_read_is_named_as_what_is_wrong() {
    let program = program::shipped().unwrap_or_else(|| env!("CARGO_BIN_EXE_zhepai").into());
    let folder = tempfile::tempdir().unwrap();
    let rubbish = folder.path().join("rubbish.json");
    std::fs::write(&rubbish, "{\"lot\": 1}").unwrap();
    let course = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/courses/dutch.json"));
    let verified = |files: &[&Path]| {
        let told = Command::new(&program).args(["verify", "lot"]).args(files).output().unwrap();
        (told.status.code(), String::from_utf8(told.stdout).unwrap())
    };
    let (code, told) = verified(&[&rubbish, &rubbish]);
    assert!(code == Some(1) && told.starts_with("WRONG   course_unreadable: "), "{told}");
    let (code, told) = verified(&[course, &rubbish]);
    let last = told.lines().last().unwrap();
    assert!(code == Some(1) && told.starts_with("passed  ") && last.starts_with("WRONG   receipt_unreadable: "), "{told}");
}
