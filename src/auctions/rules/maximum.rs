//! The commitment to a maximum bid: it hides the amount, and whoever has the seed can show of it, without opening it,
//! that the amount is at least so much.
//!
//! As in HashWires (Chalkias and others, 2021): an amount is written as the few numbers that together dominate, digit by
//! digit, every amount up to it, and nothing above. Each digit of such a number is the length of a hash chain. To show that
//! the amount is at least another, one number that dominates the other is taken, and each of its chains is given as far from
//! its end as the other's digit. Nobody can go a chain backwards. Width and count are the same for every amount, and the
//! numbers are told in the order of their hashes, so that neither commitment nor proof tells more.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::keys::{hex, keyed, sha256, unhex};

/// What hides an amount; random, and another for each maximum.
pub type Seed = [u8; 32];

/// Decimal digits of an amount in fen; the largest amount of the market has as many.
const DIGITS: usize = 16;
/// How many numbers an amount is written as: itself, and one for each digit that can be lowered.
const NUMBERS: usize = DIGITS + 1;

type Hash = [u8; 32];
type Digits = [u8; DIGITS];

/// Shows that an amount that was committed to is at least another, and nothing else of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MaximumProof {
    /// For each digit, the most significant first, a link of its chain, hexadecimal.
    pub chains: Vec<String>,
    /// The other numbers' roots, by rising value, hexadecimal.
    pub roots: Vec<String>,
}

/// The public commitment to an amount, hexadecimal.
pub fn commitment(seed: &Seed, amount: i64) -> String {
    hex(&over(numbers(amount).iter().zip(0..).map(|(number, index)| root_of(seed, index, number.as_ref())).collect()))
}

/// Shows that the amount is at least another; nothing if it is less.
pub fn prove(seed: &Seed, amount: i64, at_least: i64) -> Option<MaximumProof> {
    let (numbers, wanted) = (numbers(amount), digits(at_least));
    let (chosen, index) = numbers.iter().zip(0_u8..).find_map(|(number, index)| Some((distance(number.as_ref()?, &wanted)?, index)))?;
    let links = chosen.iter().zip(0..).map(|(steps, place)| hex(&chain(secret(seed, index, place), *steps)));
    let others = numbers.iter().zip(0_u8..).filter(|(_, other)| *other != index);
    let mut roots: Vec<_> = others.map(|(number, other)| root_of(seed, other, number.as_ref())).collect();
    roots.sort_unstable();
    Some(MaximumProof { chains: links.collect(), roots: roots.iter().map(|root| hex(root)).collect() })
}

/// Whether a proof shows that what was committed to is at least an amount.
pub fn proves(commitment: &str, proof: &MaximumProof, at_least: i64) -> bool {
    let (Some(links), Some(mut roots)) = (hashes(&proof.chains), hashes(&proof.roots)) else { return false };
    if links.len() != DIGITS || roots.len() != NUMBERS - 1 {
        return false;
    }
    let ends: Vec<_> = links.into_iter().zip(digits(at_least)).map(|(link, steps)| chain(link, steps)).collect();
    roots.push(root(&ends));
    hex(&over(roots)) == commitment
}

/// Reads a seed as it is opened.
pub fn seed(text: &str) -> Option<Seed> {
    unhex(text)?.try_into().ok()
}

fn digits(amount: i64) -> Digits {
    let (mut digits, mut rest) = ([0; DIGITS], amount.unsigned_abs());
    for digit in digits.iter_mut().rev() {
        *digit = u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
    digits
}

/// The numbers that together dominate every amount up to this one: each digit lowered by one with nines behind it, and
/// the amount itself. A digit that is nought has none.
fn numbers(amount: i64) -> [Option<Digits>; NUMBERS] {
    let own = digits(amount);
    std::array::from_fn(|place| {
        let mut number = own;
        if let Some(digit) = number.get_mut(place) {
            *digit = digit.checked_sub(1)?;
            number[place + 1..].fill(9);
        }
        Some(number)
    })
}

/// How far each digit of a number lies above another's, where it dominates it.
fn distance(number: &Digits, other: &Digits) -> Option<Vec<u8>> {
    number.iter().zip(other).map(|(digit, other)| digit.checked_sub(*other)).collect()
}

fn secret(seed: &Seed, number: u8, place: u8) -> Hash {
    keyed(seed, &[b"digit", &[number, place]])
}

/// A link of a chain so many further on.
fn chain(from: Hash, steps: u8) -> Hash {
    (0..steps).fold(from, |link, _| sha256(&[b"link".as_slice(), &link].concat()))
}

/// The root of a number; of one that is missing, what nobody can tell from a root.
fn root_of(seed: &Seed, index: u8, number: Option<&Digits>) -> Hash {
    let Some(number) = number else { return keyed(seed, &[b"none", &[index]]) };
    let ends: Vec<_> = number.iter().zip(0..).map(|(digit, place)| chain(secret(seed, index, place), *digit)).collect();
    root(&ends)
}

fn root(ends: &[Hash]) -> Hash {
    sha256(&[b"root".as_slice(), &ends.concat()].concat())
}

fn over(mut roots: Vec<Hash>) -> Hash {
    roots.sort_unstable();
    sha256(&[b"maximum".as_slice(), &roots.concat()].concat())
}

fn hashes(texts: &[String]) -> Option<Vec<Hash>> {
    texts.iter().map(|text| unhex(text)?.try_into().ok()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::money::MAX_MINOR;
    use proptest::prelude::*;

    use super::*;

    /// Any amount, and often one whose digits are nought or nine.
    fn any_amount() -> impl Strategy<Value = i64> {
        prop_oneof![
            1..=MAX_MINOR,
            (0_u32..16, 1_i64..9).prop_map(|(power, digit)| digit * 10_i64.pow(power.min(15))),
            (1_u32..16).prop_map(|power| 10_i64.pow(power) - 1),
        ]
    }

    #[test]
    fn no_amount_of_the_market_is_wider_than_a_commitment() {
        assert_eq!(digits(MAX_MINOR).iter().fold(0, |sum, digit| sum * 10 + i64::from(*digit)), MAX_MINOR);
    }

    #[test]
    fn an_amount_is_dominated_by_its_numbers_and_by_nothing_else() {
        let dominated = |amount: i64, other: i64| numbers(amount).iter().flatten().any(|n| distance(n, &digits(other)).is_some());
        for amount in [1, 9, 10, 340, 999, 1_000, 1_203] {
            assert!((0..1_500).all(|other| dominated(amount, other) == (other <= amount)), "{amount}");
        }
    }

    #[test]
    fn the_form_tells_nothing() {
        for (amount, at_least) in [(1, 1), (MAX_MINOR, 1), (999_999, 3), (1_000_000, 999_999)] {
            let proof = prove(&[7; 32], amount, at_least).unwrap();
            assert_eq!((commitment(&[7; 32], amount).len(), proof.chains.len(), proof.roots.len()), (64, DIGITS, DIGITS));
            assert!(proof.roots.is_sorted());
        }
        assert_ne!(commitment(&[7; 32], 5), commitment(&[8; 32], 5));
        assert_ne!(commitment(&[7; 32], 5), commitment(&[7; 32], 6));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn whatever_is_not_above_the_amount_is_shown_and_nothing_above(seed in any::<Seed>(), amount in any_amount(), other in any_amount()) {
            let (committed, proof) = (commitment(&seed, amount), prove(&seed, amount, other));
            prop_assert_eq!(proof.is_some(), other <= amount);
            if let Some(proof) = proof {
                prop_assert!(proves(&committed, &proof, other));
                // It shows what its digits dominate and no more.
                prop_assert!(!proves(&committed, &proof, other + 1));
                prop_assert!(!proves(&commitment(&seed, amount + 1), &proof, other));
                let mut touched = proof.clone();
                touched.chains.swap(0, 15);
                prop_assert!(!proves(&committed, &touched, other));
                let mut short = proof;
                short.roots.pop();
                prop_assert!(!proves(&committed, &short, other));
            }
        }

        /// What is given away is as far along its chain as the amount lies above what is shown: what lies before, and the
        /// beginnings of all other chains, stay with whoever has the seed.
        #[test]
        fn a_proof_gives_away_no_link_before_it(seed in any::<Seed>(), amount in any_amount(), less in any_amount()) {
            let at_least = less.min(amount);
            let proof = prove(&seed, amount, at_least).unwrap();
            let said = [proof.chains.concat(), proof.roots.concat()].concat();
            prop_assert!(!said.contains(&hex(&seed)));
            let numbers = numbers(amount);
            let used = numbers.iter().position(|number| number.is_some_and(|number| distance(&number, &digits(at_least)).is_some())).unwrap();
            for (index, number) in (0_u8..).zip(&numbers) {
                let Some(number) = number else { continue };
                for (place, (digit, shown)) in (0_u8..).zip(number.iter().zip(digits(at_least))) {
                    let kept = if usize::from(index) == used { digit - shown } else { *digit };
                    let mut link = secret(&seed, index, place);
                    for _ in 0..kept {
                        prop_assert!(!said.contains(&hex(&link)));
                        link = chain(link, 1);
                    }
                }
            }
        }
    }
}
