//! A course that was forged as a whole is shown by what is known from elsewhere, with no receipt at hand.

use super::super::{Known, Passed, Receipts, Wrong, verify_with};
use super::{dearer, key, sale};
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::receipt::{ReceiptKey, ReceiptKeys, issue};
use crate::auctions::rules::tests::at;
use crate::platform::keys::unhex;

fn held(course: &LotCourse, receipts: &Receipts, known: &Known) -> Result<Vec<Passed>, Wrong> {
    let mut told = Vec::new();
    verify_with(course, receipts, known, |passed| told.push(passed)).map_err(|fault| fault.wrong)?;
    Ok(told)
}

fn public(number: u8) -> ReceiptKey {
    ReceiptKey::of(key(number).verifying_key().as_bytes())
}

#[test]
fn a_course_forged_as_a_whole_does_not_end_in_the_head_that_was_published() {
    let course = sale().course();
    let known = Known { head: Some(unhex(&course.events[6].hash).unwrap().try_into().unwrap()), keys: None };
    let (none, nothing) = (Receipts::default(), Known::default());
    assert_eq!(held(&course, &none, &known).unwrap()[4..], [Passed::Head]);
    let forged = dearer(&course);
    assert_eq!(held(&forged, &none, &nothing).map(|told| told.len()), Ok(4), "it is right in itself");
    assert_eq!(held(&forged, &none, &known), Err(Wrong::LogHeadDiffers));
    // What is wrong in itself is named first.
    let mut touched = course;
    touched.events[6].hash = "00".repeat(32);
    assert_eq!(held(&touched, &none, &known), Err(Wrong::EventChanged));
}

#[test]
fn a_course_with_keys_of_its_own_is_named_before_what_they_signed() {
    let story = sale();
    let course = story.course();
    let known = Known { head: None, keys: Some(ReceiptKeys { keys: vec![public(1), public(2)] }) };
    let receipt = |by: u8| {
        let mut read = Receipts::default();
        assert!(read.add(&serde_json::to_string(&issue(&story.said[..1], &key(by), at(2))[0]).unwrap()));
        read
    };
    let told = held(&course, &receipt(1), &known).unwrap();
    assert_eq!(told[4..], [Passed::Keys(2), Passed::Receipt { seq: 4, kid: public(1).kid }]);

    let forged = LotCourse { receipt_keys: ReceiptKeys { keys: vec![public(1), public(3)] }, ..dearer(&course) };
    assert_eq!(held(&forged, &receipt(3), &Known::default()).map(|told| told.len()), Ok(5), "it is right in itself");
    assert_eq!(held(&forged, &Receipts::default(), &known), Err(Wrong::KeyUnknown));
    assert_eq!(held(&forged, &receipt(3), &known), Err(Wrong::KeyUnknown));
    // Nor does a stranger pass under the id of a key that was noted.
    let borrowed = ReceiptKey { kid: public(1).kid, ..public(3) };
    let forged = LotCourse { receipt_keys: ReceiptKeys { keys: vec![borrowed] }, ..course.clone() };
    assert_eq!(held(&forged, &Receipts::default(), &known), Err(Wrong::KeyUnknown));
    // A key noted that a course from before it does not have is no fault.
    let earlier = LotCourse { receipt_keys: ReceiptKeys { keys: vec![public(1)] }, ..course };
    assert_eq!(held(&earlier, &Receipts::default(), &known).unwrap()[4..], [Passed::Keys(1)]);
}
