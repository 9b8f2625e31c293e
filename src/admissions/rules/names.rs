//! References and pseudonyms: drawn at random, so that they tell nothing of who, when or how many.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use crate::codes;

/// What references of deposits begin with.
pub const DEPOSIT: char = 'D';

/// Crockford's 32 symbols: no I, L, O, U.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A reference of a kind, `D-7K2M9QXP`, from random bytes.
pub fn reference(kind: char, random: [u8; 8]) -> String {
    let drawn: String = random.iter().map(|byte| char::from(SYMBOLS[usize::from(byte & 31)])).collect();
    format!("{kind}-{drawn}")
}

/// The reference a deposit is paid under, from random bytes.
pub fn deposit_reference(random: [u8; 8]) -> String {
    reference(DEPOSIT, random)
}

/// A reference as a payer or a bank may have written it, in the form it is kept in.
pub fn canonical_reference(text: &str) -> Option<String> {
    let plain = codes::normalise(text).ok()?;
    let code = plain.strip_prefix(DEPOSIT).filter(|code| code.len() == 8)?;
    Some(format!("{DEPOSIT}-{}", code.chars().map(meant).collect::<String>()))
}

/// Every text of a remark that can be a reference of this kind, in the form it is kept in, each once.
/// Blanks and punctuation do not matter; what stands around a reference may make it up to more than one.
pub fn references_in(kind: char, remark: &str) -> Vec<String> {
    let plain: Vec<char> = remark.nfkc().flat_map(char::to_uppercase).filter(|c| c.is_alphanumeric()).collect();
    let mut found = Vec::new();
    for window in plain.windows(9).filter(|window| window[0] == kind) {
        let code: String = window[1..].iter().copied().map(meant).collect();
        let reference = format!("{kind}-{code}");
        if code.bytes().all(|byte| SYMBOLS.contains(&byte)) && !found.contains(&reference) {
            found.push(reference);
        }
    }
    found
}

/// The symbol meant where people write letters that look like figures.
fn meant(c: char) -> char {
    match c {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    }
}

/// A name for a bidder in a lot, `竞买人 4821`, that none of the lot's other bidders has.
///
/// It is drawn at random, never made from an id or an order, so that the bidders of one lot cannot be
/// found again in another. Once half the names of a length are taken the next length is drawn from.
pub fn pseudonym(taken: &BTreeSet<String>, mut random: impl FnMut() -> [u8; 8]) -> String {
    let mut lowest: u64 = 1_000;
    while (taken.len() as u64).saturating_mul(2) >= lowest.saturating_mul(9) {
        lowest = lowest.saturating_mul(10);
    }
    let names = lowest.saturating_mul(9);
    loop {
        let drawn = u64::from_be_bytes(random());
        // What is left over beyond whole rounds would favour the low numbers.
        if drawn >= u64::MAX - u64::MAX % names {
            continue;
        }
        let name = format!("竞买人 {}", lowest + drawn % names);
        if !taken.contains(&name) {
            return name;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    /// A generator of bytes for tests (splitmix64).
    fn source(mut seed: u64) -> impl FnMut() -> [u8; 8] {
        move || {
            seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = seed;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (z ^ (z >> 31)).to_be_bytes()
        }
    }

    fn number(name: &str) -> u64 {
        name.strip_prefix("竞买人 ").unwrap().parse().unwrap()
    }

    /// Names of so many bidders in one lot, in the order of their admission.
    fn lot(bidders: usize, seed: u64) -> Vec<String> {
        let mut random = source(seed);
        let mut taken = BTreeSet::new();
        let mut names = Vec::new();
        for _ in 0..bidders {
            let name = pseudonym(&taken, &mut random);
            assert!(taken.insert(name.clone()), "{name} was given twice");
            names.push(name);
        }
        names
    }

    proptest! {
        #[test]
        fn references_read_back_however_they_are_typed(random in any::<[u8; 8]>()) {
            let reference = deposit_reference(random);
            prop_assert_eq!(canonical_reference(&reference), Some(reference.clone()));
            let typed = reference.to_lowercase().replace('0', "o").replace('1', "l").replace('-', " — ");
            prop_assert_eq!(canonical_reference(&typed), Some(reference));
        }
    }

    proptest! {
        #[test]
        fn a_reference_is_found_in_whatever_remark_carries_it(
            random in any::<[u8; 8]>(), before in "[a-z0-9 保证金:/-]{0,12}", after in "[ ，。]{0,3}(某公司|保证金)?",
        ) {
            let reference = deposit_reference(random);
            let written = reference.to_lowercase().replace('0', "o").replace('1', "i").replace('-', " － ");
            let found = references_in(DEPOSIT, &format!("{before}{written}{after}"));
            prop_assert!(found.contains(&reference), "{:?}", found);
            prop_assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len());
        }
    }

    #[test]
    fn a_remark_may_carry_none_one_or_several() {
        assert_eq!(references_in(DEPOSIT, "报名保证金"), Vec::<String>::new());
        assert_eq!(references_in(DEPOSIT, "保证金 D-7K2M-9QXP 某某公司"), ["D-7K2M9QXP"]);
        assert_eq!(references_in(DEPOSIT, "D-7K2M9QXP, D-00000000; d7k2m9qxp"), ["D-7K2M9QXP", "D-00000000"]);
        assert_eq!(references_in('R', "退款R-7K2M9QXP"), ["R-7K2M9QXP"]);
        assert_eq!(references_in(DEPOSIT, "D-7K2M9QXU"), Vec::<String>::new());
    }

    #[test]
    fn other_texts_are_no_references() {
        for text in ["", "D-", "D-7K2M9QX", "D-7K2M9QXPP", "7K2M9QXP", "X-7K2M9QXP", "保证金"] {
            assert_eq!(canonical_reference(text), None, "{text}");
        }
        assert_eq!(canonical_reference("ｄ－7k2m9qxp").as_deref(), Some("D-7K2M9QXP"));
    }

    #[test]
    fn names_never_run_out() {
        let names = lot(12_000, 1);
        assert!(names[..4_500].iter().all(|name| (1_000..10_000).contains(&number(name))));
        assert!(names[4_500..].iter().all(|name| (10_000..100_000).contains(&number(name))));
    }

    #[test]
    fn a_name_tells_nothing_of_the_order_of_admission() {
        // Over many lots the first admitted has the smaller number about half the time.
        let smaller = (0..2_000).map(|seed| lot(2, seed)).filter(|pair| number(&pair[0]) < number(&pair[1])).count();
        assert!((880..1_120).contains(&smaller), "{smaller} of 2000");
    }

    #[test]
    fn the_same_bidders_cannot_be_found_again_in_another_lot() {
        // Twenty bidders in each of two hundred pairs of lots: a shared number is as rare as chance makes it.
        let meetings: usize = (0..200_u64)
            .map(|seed| {
                let other: BTreeSet<_> = lot(20, 1_000_000 + seed).into_iter().collect();
                lot(20, seed).iter().filter(|name| other.contains(*name)).count()
            })
            .sum();
        assert!(meetings < 40, "{meetings} of 4000, where chance makes about 9");
    }

    #[test]
    fn every_leading_digit_is_as_likely() {
        let mut counts: HashMap<u64, u32> = HashMap::new();
        let mut random = source(42);
        for _ in 0..9_000 {
            *counts.entry(number(&pseudonym(&BTreeSet::new(), &mut random)) / 1_000).or_default() += 1;
        }
        assert!((1..=9).all(|digit| (850..1_150).contains(&counts[&digit])), "{counts:?}");
    }
}
