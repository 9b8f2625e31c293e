//! What one of several owners may do without the others.

use super::super::Verdict;
use super::super::owners::without_the_others;
use super::*;

use IntendedDeed::{Assignment, NonExclusiveLicence};

/// What a kind of right says to every deed of one owner, in their order: `p`ass, `w`arn, `b`lock.
fn row(kind: AssetKind) -> String {
    let letter = |deed: &IntendedDeed| match without_the_others(kind, *deed) {
        Verdict::Pass => 'p',
        Verdict::Warn(_) => 'w',
        Verdict::Block(_) => 'b',
    };
    IntendedDeed::ALL.iter().map(letter).collect()
}

#[test]
fn a_co_owner_of_a_patent_alone_grants_non_exclusive_licences_only() {
    for kind in [AssetKind::Invention, AssetKind::UtilityModel, AssetKind::Design, AssetKind::PatentApplication] {
        assert_eq!(row(kind), "bbbbwbwbb", "{kind:?}");
    }
    let standing = shared(AssetKind::Invention);
    assert_eq!(found(&standing, NonExclusiveLicence, false), ["fees_shared"]);
    assert_eq!(found(&standing, Assignment, false), ["!all_owners"]);
}

#[test]
fn software_needs_all_for_its_transfer_and_other_uses_are_not_stopped() {
    assert_eq!(row(AssetKind::Software), "bbwwwwwbb");
    assert_eq!(found(&shared(AssetKind::Software), Assignment, false), ["!software_all_owners"]);
}

#[test]
fn either_owner_licenses_a_joint_technical_secret_non_exclusively() {
    for kind in [AssetKind::TradeSecret, AssetKind::OtherTech] {
        assert_eq!(row(kind), "bbbbpbpbb", "{kind:?}");
    }
    assert!(found(&shared(AssetKind::TradeSecret), NonExclusiveLicence, false).is_empty(), "he keeps the gain");
}

#[test]
fn two_thirds_of_the_shares_do_not_suffice() {
    let owners = vec![owner(0, "浙江大学", 9_999), owner(1, "杭州某公司", 1)];
    let standing = Standing { owners, ..shared(AssetKind::Invention) };
    assert_eq!(found(&standing, Assignment, false), ["!all_owners"], "PL art. 14 goes before CC art. 301");
}

#[test]
fn every_other_owner_consents_or_is_missed() {
    let owners = vec![owner(0, "浙江大学", 5_000), owner(1, "杭州某公司", 3_000), owner(2, "宁波某公司", 2_000)];
    let mut standing = Standing { owners, ..shared(AssetKind::Invention) };
    standing.consents = vec![consent(None, ConsentKind::CoOwner, "杭州某公司", &[Assignment])];
    let by = seller();
    let intended = Intended { deed: Assignment, abroad: false, by: &by };
    assert_eq!(super::super::owners::missing(&standing, &intended, today()), ["宁波某公司"]);
    standing.consents.push(consent(None, ConsentKind::CoOwner, "宁波某公司", &[Assignment]));
    assert!(found(&standing, Assignment, false).is_empty());
}

#[test]
fn what_is_one_owners_alone_needs_nobody() {
    for deed in IntendedDeed::ALL {
        assert!(found(&alone(), *deed, false).is_empty(), "{deed:?}");
    }
}
