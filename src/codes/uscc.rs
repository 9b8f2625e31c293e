//! Unified social credit codes of organisations (统一社会信用代码).

use super::{CodeError, CodeWarning, is_known_division, normalise};

/// The 31 characters of GB 32100-2015: digits and capitals without I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// How a code stands that has the right form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsccStanding {
    /// Both check characters are right.
    Valid,
    /// The last check character is wrong, the organisation code inside is right. Some codes of
    /// the pilot years are so and are in force: an operator decides on the certificate.
    Suspicious {
        /// The last character by the rule.
        expected: char,
    },
}

/// What an organisation is by its registering authority and category. Source: GB 32100-2015.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartyType {
    /// 11, 机关.
    GovernmentOrgan,
    /// 12, 事业单位: universities, institutes, hospitals.
    PublicInstitution,
    /// 13, 群众团体 kept by the office of staffing.
    MassOrganisation,
    /// 19, other bodies kept by the office of staffing.
    OtherPublicBody,
    /// 21, offices of foreign news agencies, and 29, other bodies kept by foreign affairs.
    ForeignOffice,
    /// 31, 律师执业机构.
    LawFirm,
    /// 32, 公证处.
    NotaryOffice,
    /// 33, 基层法律服务所.
    LegalServiceOffice,
    /// 34, 司法鉴定机构.
    ForensicInstitution,
    /// 35, 仲裁委员会.
    ArbitrationCommission,
    /// 39, other bodies kept by the judicial administration.
    OtherJudicialBody,
    /// 41 and 49, bodies kept by the cultural administration.
    CulturalBody,
    /// 51, 社会团体.
    SocialAssociation,
    /// 52, 民办非企业单位: many institutes of the new kind.
    PrivateNonEnterprise,
    /// 53, 基金会.
    Foundation,
    /// 59, other bodies kept by civil affairs.
    OtherCivilBody,
    /// 61, 62 and 69, offices kept by the tourism administration.
    TourismOffice,
    /// 71, 72 and 79, religious places and schools.
    ReligiousBody,
    /// 81 and 89, 工会.
    TradeUnion,
    /// 91, 企业.
    Enterprise,
    /// 92, 个体工商户.
    IndividualHousehold,
    /// 93, 农民专业合作社.
    FarmersCooperative,
    /// A1 and A9, 军队事业单位.
    MilitaryUnit,
    /// N1, N2, N3 and N9, collectives of group, village, township and other.
    RuralCollective,
    /// Y1, other.
    Other,
}

impl PartyType {
    /// Whether a body of this type is kept by the state's own registers: an organ or a public institution.
    pub fn is_public_body(self) -> bool {
        matches!(self, Self::GovernmentOrgan | Self::PublicInstitution | Self::MassOrganisation | Self::OtherPublicBody)
    }

    /// Whether a body of this type trades on its own account.
    pub fn is_trader(self) -> bool {
        matches!(self, Self::Enterprise | Self::IndividualHousehold | Self::FarmersCooperative)
    }

    fn of(authority_category: &str) -> Option<Self> {
        Some(match authority_category {
            "11" => Self::GovernmentOrgan,
            "12" => Self::PublicInstitution,
            "13" => Self::MassOrganisation,
            "19" => Self::OtherPublicBody,
            "21" | "29" => Self::ForeignOffice,
            "31" => Self::LawFirm,
            "32" => Self::NotaryOffice,
            "33" => Self::LegalServiceOffice,
            "34" => Self::ForensicInstitution,
            "35" => Self::ArbitrationCommission,
            "39" => Self::OtherJudicialBody,
            "41" | "49" => Self::CulturalBody,
            "51" => Self::SocialAssociation,
            "52" => Self::PrivateNonEnterprise,
            "53" => Self::Foundation,
            "59" => Self::OtherCivilBody,
            "61" | "62" | "69" => Self::TourismOffice,
            "71" | "72" | "79" => Self::ReligiousBody,
            "81" | "89" => Self::TradeUnion,
            "91" => Self::Enterprise,
            "92" => Self::IndividualHousehold,
            "93" => Self::FarmersCooperative,
            "A1" | "A9" => Self::MilitaryUnit,
            "N1" | "N2" | "N3" | "N9" => Self::RuralCollective,
            "Y1" => Self::Other,
            _ => return None,
        })
    }
}

/// A unified social credit code whose form and organisation code are right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uscc {
    /// The one form to store and compare: 18 characters.
    pub canonical: String,
    /// Whether the last check character is right too.
    pub standing: UsccStanding,
    /// Places 3 to 8: the division of registration, not of business.
    pub division: String,
    /// Places 1 and 2: registering authority and category.
    pub authority_category: String,
    /// What the organisation is, if the pair is known.
    pub party: Option<PartyType>,
    /// What is unknown to us and yet no ground to refuse.
    pub warnings: Vec<CodeWarning>,
}

/// Reads a unified social credit code.
///
/// A wrong organisation code is an error, a wrong last character alone makes the code
/// [`UsccStanding::Suspicious`]. Divisions and categories change faster than our tables, so
/// unknown ones only warn. Source: GB 32100-2015; GB 11714-1997 for places 9 to 17.
pub fn parse_uscc(raw: &str) -> Result<Uscc, CodeError> {
    let text = normalise(raw)?;
    if text.len() != 18 {
        return Err(CodeError::BadLength { expected: "18", found: text.len() });
    }
    let values = values_of(&text)?;
    let (authority_category, division) = (&text[..2], &text[2..8]);
    if !division.bytes().all(|b| b.is_ascii_digit()) {
        return Err(CodeError::BadDivision);
    }
    let (inner, last) = (char::from(text.as_bytes()[16]), char::from(text.as_bytes()[17]));
    let expected = organisation_check(&text.as_bytes()[8..16]);
    if inner != expected {
        return Err(CodeError::BadCheckDigit { expected, found: inner });
    }
    let expected = last_check(&values[..17]);
    let standing = if last == expected { UsccStanding::Valid } else { UsccStanding::Suspicious { expected } };
    let party = PartyType::of(authority_category);
    let unknown_division = (!is_known_division(division)).then_some(CodeWarning::UnknownDivision);
    let unknown_category = party.is_none().then_some(CodeWarning::UnknownCategory);
    Ok(Uscc {
        standing,
        division: division.to_owned(),
        authority_category: authority_category.to_owned(),
        party,
        warnings: unknown_division.into_iter().chain(unknown_category).collect(),
        canonical: text,
    })
}

/// Completes a made-up code for demonstrations with both check characters.
///
/// `first8` is authority, category and division, `organisation8` the organisation code without its
/// check; `None` if they have not that form. Source: GB 32100-2015, GB 11714-1997.
pub fn complete_uscc(first8: &str, organisation8: &str) -> Option<String> {
    let mut code = format!("{first8}{organisation8}");
    let is_formed =
        first8.len() == 8 && organisation8.len() == 8 && first8.bytes().skip(2).all(|b| b.is_ascii_digit()) && values_of(&code).is_ok();
    if !is_formed {
        return None;
    }
    code.push(organisation_check(organisation8.as_bytes()));
    let values = values_of(&code).ok()?;
    code.push(last_check(&values));
    Some(code)
}

fn values_of(code: &str) -> Result<Vec<usize>, CodeError> {
    code.bytes()
        .enumerate()
        .map(|(at, b)| {
            let value = ALPHABET.iter().position(|&known| known == b);
            value.ok_or(CodeError::BadChar { position: at + 1 })
        })
        .collect()
}

/// The last character, from the values of the seventeen before it: weights are powers of 3.
fn last_check(values: &[usize]) -> char {
    let weights = std::iter::successors(Some(1), |weight| Some(weight * 3 % 31));
    let sum: usize = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
    char::from(ALPHABET[(31 - sum % 31) % 31])
}

/// The check character of an organisation code, from its eight characters of the alphabet.
///
/// Unlike the alphabet, its values leave no letter out.
fn organisation_check(organisation8: &[u8]) -> char {
    let value = |b: u8| {
        if b.is_ascii_digit() { b - b'0' } else { b - b'A' + 10 }
    };
    let sum: u32 = organisation8.iter().zip(ORGANISATION_WEIGHTS).map(|(&b, weight)| u32::from(value(b)) * weight).sum();
    // 10 is written X and 11 is written 0, so both ends of the range fall out of one remainder.
    char::from_digit((11 - sum % 11) % 11, 10).unwrap_or('X')
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn real_codes_pass() {
        for (code, party, division) in [
            ("12100000470095016Q", PartyType::PublicInstitution, "100000"),
            ("12100000400000624D", PartyType::PublicInstitution, "100000"),
            ("9144030071526726XG", PartyType::Enterprise, "440300"),
            ("914403001922038216", PartyType::Enterprise, "440300"),
            ("91110000802100433B", PartyType::Enterprise, "110000"),
            ("91330000733796106P", PartyType::Enterprise, "330000"),
            ("91330100799655058B", PartyType::Enterprise, "330100"),
            ("91350100M000100Y43", PartyType::Enterprise, "350100"),
        ] {
            let read = parse_uscc(code).unwrap();
            assert_eq!(read.canonical, code);
            assert_eq!(read.standing, UsccStanding::Valid, "{code}");
            assert_eq!((read.party, read.division.as_str()), (Some(party), division));
            assert_eq!(read.authority_category, code[..2]);
            assert_eq!(read.warnings, []);
        }
        let spaced = parse_uscc("１２１０００００ 4700-9501-6q").unwrap();
        assert_eq!(spaced.canonical, "12100000470095016Q");
    }

    #[test]
    fn pilot_codes_are_suspicious_not_refused() {
        for (code, expected) in [("91350100M0001TGQXM", '1'), ("91350211M0000XUF46", 'R'), ("91350203M0001FUE2P", 'J')] {
            assert_eq!(parse_uscc(code).unwrap().standing, UsccStanding::Suspicious { expected });
        }
    }

    #[test]
    fn wrong_codes_say_why() {
        let length = |found| Err(CodeError::BadLength { expected: "18", found });
        assert_eq!(parse_uscc("91330108MA2B5D6E3"), length(17));
        assert_eq!(parse_uscc("12100000470095016QQ"), length(19));
        assert_eq!(parse_uscc("1210000047009501OQ"), Err(CodeError::BadChar { position: 17 }));
        for letter in ["I", "O", "S", "V", "Z", "."] {
            let code = format!("12100000{letter}70095016Q");
            assert_eq!(parse_uscc(&code), Err(CodeError::BadChar { position: 9 }));
        }
        assert_eq!(parse_uscc("1210A000470095016Q"), Err(CodeError::BadDivision));
        assert_eq!(parse_uscc("12100000470095017Q"), Err(CodeError::BadCheckDigit { expected: '6', found: '7' }));
        assert_eq!(parse_uscc(""), Err(CodeError::Empty));
    }

    #[test]
    fn a_right_last_character_does_not_heal_a_wrong_organisation_code() {
        let wrong_inside = "12100000470095017";
        let last = last_check(&values_of(wrong_inside).unwrap());
        assert_eq!(parse_uscc(&format!("{wrong_inside}{last}")), Err(CodeError::BadCheckDigit { expected: '6', found: '7' }));
    }

    #[test]
    fn the_unknown_warns() {
        let code = complete_uscc("X1999999", "47009501").unwrap();
        let read = parse_uscc(&code).unwrap();
        assert_eq!(read.standing, UsccStanding::Valid);
        assert_eq!(read.party, None);
        assert_eq!(read.warnings, [CodeWarning::UnknownDivision, CodeWarning::UnknownCategory]);
    }

    #[test]
    fn both_ends_of_the_inner_remainder_are_written() {
        // Sums 1 and 0 modulo 11 give the values 10 and 11.
        assert_eq!(organisation_check(b"71526726"), 'X');
        assert_eq!(organisation_check(b"00000000"), '0');
    }

    #[test]
    fn codes_are_completed_only_from_their_form() {
        assert_eq!(complete_uscc("12100000", "47009501").unwrap(), "12100000470095016Q");
        assert_eq!(complete_uscc("1210000", "47009501"), None);
        assert_eq!(complete_uscc("12100000", "4700950"), None);
        assert_eq!(complete_uscc("12A00000", "47009501"), None);
        assert_eq!(complete_uscc("12100000", "4700950-"), None);
        assert_eq!(complete_uscc("12100000", "4700950i"), None);
    }

    const FIRST: &str = "[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}";
    const SUBJECT: &str = "[0-9A-HJ-NPQRTUWXY]{8}";

    proptest! {
        #[test]
        fn completed_codes_are_valid(first in FIRST, subject in SUBJECT) {
            let code = complete_uscc(&first, &subject).unwrap();
            let read = parse_uscc(&code).unwrap();
            prop_assert_eq!(read.standing, UsccStanding::Valid);
            prop_assert_eq!(parse_uscc(&read.canonical), Ok(read));
        }

        #[test]
        fn no_wrong_character_is_valid(
            first in FIRST,
            subject in SUBJECT,
            at in 0_usize..18,
            other in "[0-9A-HJ-NPQRTUWXY]",
        ) {
            let right = complete_uscc(&first, &subject).unwrap();
            let mut wrong = right.clone();
            wrong.replace_range(at..=at, &other);
            let standing = parse_uscc(&wrong).map(|read| read.standing);
            prop_assert_eq!(standing == Ok(UsccStanding::Valid), wrong == right);
        }

        #[test]
        fn no_text_upsets_it(raw in "\\PC{0,20}") {
            let _ = parse_uscc(&raw);
        }
    }
}
