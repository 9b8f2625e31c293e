//! Every cell of the conflict matrix, row by row, and what stands beside it in its text.

use entity::licences::LicenceMode::{self, Compulsory, Exclusive, GrantedUseRight, NonExclusive, Open, Sole, SubLicence, Trial};

use super::super::matrix::{Beside, Cure, Proposed, Wish, beside, beside_declaration, judged};
use super::{everything, firm, grant, proposed, scope, standing};

const FREE: Beside = Beside::Free;
const SUBJECT: Beside = Beside::SubjectTo;
const OTHER: Beside = Beside::Blocked(Cure::OtherScope);
const CARVE: Beside = Beside::Blocked(Cure::CarveOut);
const WAIVER: Beside = Beside::Blocked(Cure::Waiver);
const ENDS: Beside = Beside::Blocked(Cure::TrialEnds);

/// What becomes of a licence of each column beside a grant: non-exclusive, sole, exclusive, a declaration to all, and title.
fn row(mode: LicenceMode) -> [Beside; 5] {
    let wishes = [Wish::Licence(NonExclusive), Wish::Licence(Sole), Wish::Licence(Exclusive), Wish::Declaration, Wish::Title];
    wishes.map(|wish| beside(&proposed(wish, everything()), &standing(mode, everything())))
}

#[test]
fn beside_nothing_all_is_free() {
    assert_eq!(judged(&proposed(Wish::Licence(Exclusive), everything()), &[]).count(), 0);
}

#[test]
fn beside_a_non_exclusive_licence() {
    assert_eq!(row(NonExclusive), [FREE, CARVE, CARVE, FREE, SUBJECT]);
}

#[test]
fn beside_a_sole_licence() {
    assert_eq!(row(Sole), [OTHER, OTHER, OTHER, OTHER, SUBJECT]);
}

#[test]
fn beside_an_exclusive_licence() {
    assert_eq!(row(Exclusive), [OTHER, OTHER, OTHER, OTHER, SUBJECT]);
}

#[test]
fn beside_a_licence_taken_from_a_declaration() {
    assert_eq!(row(Open), [FREE, CARVE, CARVE, FREE, SUBJECT]);
}

#[test]
fn beside_a_declaration_in_force() {
    let withdrawn_first = Beside::Blocked(Cure::Withdrawal);
    let wishes = [Wish::Licence(NonExclusive), Wish::Licence(Sole), Wish::Licence(Exclusive), Wish::Declaration, Wish::Title];
    assert_eq!(wishes.map(beside_declaration), [FREE, withdrawn_first, withdrawn_first, withdrawn_first, SUBJECT]);
}

#[test]
fn beside_a_trial() {
    assert_eq!(row(Trial), [FREE, ENDS, ENDS, FREE, SUBJECT]);
}

#[test]
fn beside_a_granted_use_right() {
    assert_eq!(row(GrantedUseRight), [FREE, WAIVER, WAIVER, WAIVER, SUBJECT]);
}

#[test]
fn beside_a_compulsory_licence_which_nothing_cures() {
    assert_eq!(row(Compulsory), [FREE, OTHER, OTHER, FREE, SUBJECT]);
    let named = Proposed { carve_outs: [grant(1)].into(), waived: [grant(1)].into(), ..proposed(Wish::Licence(Exclusive), everything()) };
    assert_eq!(beside(&named, &standing(Compulsory, everything())), OTHER);
}

#[test]
fn a_sub_licence_is_looked_at_with_the_licence_it_is_under() {
    assert_eq!(row(SubLicence), [FREE, FREE, FREE, FREE, SUBJECT]);
}

#[test]
fn a_trial_takes_the_column_of_non_exclusive_licences() {
    for mode in LicenceMode::ALL {
        let [as_trial, as_ordinary] =
            [Trial, NonExclusive].map(|wanted| beside(&proposed(Wish::Licence(wanted), everything()), &standing(*mode, everything())));
        assert_eq!(as_trial, as_ordinary, "{mode:?}");
    }
}

#[test]
fn an_earlier_licence_is_carved_out_by_who_accepts_it() {
    let accepts = Proposed { carve_outs: [grant(1)].into(), ..proposed(Wish::Licence(Exclusive), everything()) };
    assert_eq!(beside(&accepts, &standing(NonExclusive, everything())), Beside::CarvedOut);
    assert_eq!(beside(&accepts, &standing(Exclusive, everything())), OTHER, "no two are alone");
}

#[test]
fn who_made_it_agrees_and_another_gets_it_alone() {
    let agreed = Proposed { waived: [grant(1)].into(), ..proposed(Wish::Licence(Exclusive), everything()) };
    assert_eq!(beside(&agreed, &standing(GrantedUseRight, everything())), FREE);
    let declared = Proposed { wish: Wish::Declaration, ..agreed };
    assert_eq!(beside(&declared, &standing(GrantedUseRight, everything())), FREE);
}

#[test]
fn a_licence_takes_the_place_of_a_narrower_one_of_the_same_holder() {
    let wider = |wish| Proposed { grantee: Some(firm(1)), ..proposed(wish, everything()) };
    let narrower = scope(&["06"], &["330000"], (2027, Some(2028)));
    for mode in [NonExclusive, Sole, Exclusive, Trial] {
        assert_eq!(beside(&wider(Wish::Licence(Exclusive)), &standing(mode, narrower.clone())), Beside::Replaces, "{mode:?}");
    }
    let later = Proposed { grantee: Some(firm(1)), ..proposed(Wish::Licence(Exclusive), scope(&["06"], &["all"], (2027, None))) };
    assert_eq!(beside(&later, &standing(Exclusive, everything())), OTHER, "what he has he would lose in part");
}

#[test]
fn who_tries_it_may_have_it_alone() {
    let his = Proposed { grantee: Some(firm(1)), ..proposed(Wish::Licence(Exclusive), scope(&["06"], &["all"], (2027, None))) };
    assert_eq!(beside(&his, &standing(Trial, everything())), FREE);
}

#[test]
fn a_licence_ends_in_the_right_itself() {
    let his = Proposed { grantee: Some(firm(1)), ..proposed(Wish::Title, everything()) };
    assert_eq!(beside(&his, &standing(Exclusive, everything())), Beside::Merges);
}

#[test]
fn a_sole_licensor_has_it_used_by_one_other() {
    let proxy = Proposed { is_proxy: true, ..proposed(Wish::Licence(NonExclusive), everything()) };
    let sole = standing(Sole, everything());
    assert_eq!(beside(&proxy, &sole), FREE);
    assert_eq!(beside(&proxy, &standing(Exclusive, everything())), OTHER, "an exclusive one leaves him no use");
    let mut first = standing(NonExclusive, everything());
    (first.id, first.grantee, first.is_proxy) = (grant(2), Some(firm(3)), true);
    let found: Vec<_> = judged(&proxy, &[sole.clone(), first.clone()]).map(|(standing, beside)| (standing.id, beside)).collect();
    assert_eq!(found, [(grant(2), OTHER)], "one, not two");
    first.scope = scope(&["06"], &["all"], (2031, None));
    assert_eq!(judged(&proxy, &[sole, first]).count(), 0, "another in other years");
}

#[test]
fn other_rights_are_another_matter() {
    let mut other = standing(Exclusive, everything());
    other.assets = [entity::ids::AssetId(uuid::Uuid::from_u128(2))].into();
    assert_eq!(beside(&proposed(Wish::Licence(Exclusive), everything()), &other), FREE);
}
