//! The numbers of certificates: eighty bits of a hash, so that nobody finds one by counting.

use entity::ids::LicenceGrantId;

use crate::platform::keys::sha256;

/// Digits and letters that nobody mistakes for each other (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How many of them, five bits each.
const LENGTH: u32 = 16;

/// The number of the certificate that is this one of a licence, such as `XK-7QK2-0G4D-ZZ31-9MXA`.
pub fn number(licence: LicenceGrantId, edition: i32) -> String {
    let hash = sha256(format!("zhepai-licence-certificate/1\n{licence}\n{edition}").as_bytes());
    let bits = hash[..10].iter().fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
    let letters: Vec<char> = (0..LENGTH)
        .map(|place| (bits >> (5 * (LENGTH - 1 - place))) & 31)
        .filter_map(|five| LETTERS.get(usize::try_from(five).ok()?).copied().map(char::from))
        .collect();
    letters.chunks(4).fold("XK".to_owned(), |number, four| number + "-" + &four.iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_same_certificate_has_the_same_number_and_no_other_has_it() {
        let of = |licence, edition| number(LicenceGrantId(Uuid::from_u128(licence)), edition);
        assert_eq!(of(1, 1), of(1, 1));
        let all: BTreeSet<_> = (1..=50).flat_map(|licence| (1..=4).map(move |edition| of(licence, edition))).collect();
        assert_eq!(all.len(), 200);
        for number in all {
            let groups: Vec<_> = number.split('-').collect();
            assert!(groups[0] == "XK" && groups.len() == 5 && groups[1..].iter().all(|group| group.len() == 4), "{number}");
            assert!(groups[1..].concat().bytes().all(|letter| LETTERS.contains(&letter)), "{number}");
        }
    }
}
