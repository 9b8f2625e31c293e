//! Licences of an application that becomes the patent.

use entity::licences::LicenceEventKind::CarriedOver;
use entity::licences::LicenceMode::NonExclusive;
use entity::licences::licence_grant;

use super::super::grant::capped;
use super::super::history::what_happened;
use super::{day, licence};

#[test]
fn a_licence_of_an_application_ends_with_the_patent_at_the_latest() {
    let until = |year: Option<i32>| licence_grant::Model { ends_on: year.map(day), ..licence(NonExclusive, None) };
    for longer in [None, Some(2041)] {
        let (held, next) = (until(longer), capped(&until(longer), day(2040)).unwrap());
        assert_eq!((next.ends_on, what_happened(Some(&held), &next)), (Some(day(2040)), CarriedOver));
    }
    assert!(capped(&until(Some(2040)), day(2040)).is_none() && capped(&until(Some(2030)), day(2040)).is_none());
}
