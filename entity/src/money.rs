//! Money as integer minor units (fen) with a currency; decimal strings only at the edge.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

codes! {
    /// A currency the market settles in. Every member has two decimal places.
    Currency {
        /// Renminbi yuan; the minor unit is the fen.
        #[serde(rename = "CNY")]
        #[sea_orm(string_value = "CNY")]
        Cny,
    }
}

/// The largest amount accepted from outside, in minor units: sums of many stay far inside `i64`.
pub const MAX_MINOR: i64 = 9_000_000_000_000_000;

/// An amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// Minor units (fen).
    pub minor: i64,
    /// The currency the minor units are of.
    pub currency: Currency,
}

/// Why an amount cannot be read or reckoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoneyError {
    /// Not a plain decimal number.
    NotANumber,
    /// More than two decimal places.
    TooFine,
    /// Larger than the market handles, or an arithmetic overflow.
    OutOfRange,
    /// Two currencies in one sum.
    CurrencyMismatch,
}

impl fmt::Display for MoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotANumber => "amount is not a decimal number",
            Self::TooFine => "amount has more than two decimal places",
            Self::OutOfRange => "amount is out of range",
            Self::CurrencyMismatch => "currencies differ",
        })
    }
}

impl std::error::Error for MoneyError {}

impl Money {
    /// Renminbi, in fen.
    pub const fn fen(minor: i64) -> Self {
        Self { minor, currency: Currency::Cny }
    }

    /// The sum, refused on overflow or differing currencies.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::OutOfRange)?;
        Ok(Self { minor, ..self })
    }

    /// `rate_bp` ten-thousandths of the amount, rounded up to a whole minor unit.
    pub fn share_ceil(self, rate_bp: i64) -> Result<Self, MoneyError> {
        let product = i128::from(self.minor) * i128::from(rate_bp);
        let minor = product.div_euclid(10_000) + i128::from(product.rem_euclid(10_000) > 0);
        Ok(Self { minor: i64::try_from(minor).map_err(|_| MoneyError::OutOfRange)?, ..self })
    }

    /// The amount as a plain decimal text, `1234.50`.
    pub fn decimal(self) -> String {
        Decimal::new(self.minor, 2).to_string()
    }

    /// Reads a plain decimal text such as `1234.5`; no sign, exponent or separators.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let plain = !text.is_empty()
            && text.len() <= 20
            && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && !text.starts_with('.')
            && !text.ends_with('.');
        if !plain {
            return Err(MoneyError::NotANumber);
        }
        let value = Decimal::from_str(text).map_err(|_| MoneyError::NotANumber)?;
        if value.normalize().scale() > 2 {
            return Err(MoneyError::TooFine);
        }
        let minor = (value * Decimal::ONE_HUNDRED).to_i64().ok_or(MoneyError::OutOfRange)?;
        if minor > MAX_MINOR {
            return Err(MoneyError::OutOfRange);
        }
        Ok(Self { minor, currency })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency.code())
    }
}

/// How money is spoken: a decimal string with its currency.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Money, example = json!({"amount": "1234.50", "currency": "CNY"}))]
#[serde(deny_unknown_fields)]
pub struct SpokenMoney {
    /// Decimal text with at most two places, never a number.
    #[schema(pattern = r"^[0-9]{1,14}(\.[0-9]{1,2})?$", example = "1234.50")]
    pub amount: String,
    /// ISO 4217 code.
    pub currency: Currency,
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        SpokenMoney { amount: self.decimal(), currency: self.currency }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spoken = deserializer.deserialize_map(ByName)?;
        Self::parse(&spoken.amount, spoken.currency).map_err(serde::de::Error::custom)
    }
}

/// Reads money from an object only: a list would name neither amount nor currency.
struct ByName;

impl<'de> Visitor<'de> for ByName {
    type Value = SpokenMoney;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with amount and currency")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SpokenMoney, A::Error> {
        SpokenMoney::deserialize(MapAccessDeserializer::new(map))
    }
}

impl utoipa::__dev::ComposeSchema for Money {
    fn compose(
        generics: Vec<utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>>,
    ) -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        <SpokenMoney as utoipa::__dev::ComposeSchema>::compose(generics)
    }
}

impl ToSchema for Money {
    fn name() -> std::borrow::Cow<'static, str> {
        "Money".into()
    }

    fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
        <SpokenMoney as ToSchema>::schemas(schemas);
    }
}

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];

/// The amount in Chinese capitals as written on a deal confirmation (大写金额),
/// after the rules for bank bills (《支付结算办法》附一《正确填写票据和结算凭证的基本规定》).
pub fn chinese_capitals(money: Money) -> String {
    let fen_total = money.minor.unsigned_abs();
    let (yuan, jiao, fen) = (fen_total / 100, (fen_total / 10) % 10, fen_total % 10);
    let mut text = String::from(if money.minor < 0 { "人民币负" } else { "人民币" });
    if yuan > 0 || fen_total == 0 {
        text.push_str(&capitals_of_yuan(yuan));
        text.push('元');
    }
    if jiao == 0 && fen == 0 {
        text.push('整');
        return text;
    }
    if jiao > 0 {
        text.push(digit(jiao));
        text.push('角');
    } else if yuan > 0 {
        text.push('零');
    }
    if fen > 0 {
        text.push(digit(fen));
        text.push('分');
    } else {
        text.push('整');
    }
    text
}

fn digit(value: u64) -> char {
    usize::try_from(value % 10).map_or('零', |index| DIGITS[index])
}

/// Whole yuan in capitals: groups of four digits under 万, 亿, 兆; a gap of zeros is one 零.
fn capitals_of_yuan(yuan: u64) -> String {
    if yuan == 0 {
        return "零".into();
    }
    let mut text = String::new();
    let mut gap = false;
    for (power, unit) in [(12_u32, "兆"), (8, "亿"), (4, "万"), (0, "")] {
        let group = (yuan / 10_u64.pow(power)) % 10_000;
        if group == 0 {
            gap = !text.is_empty();
            continue;
        }
        for (place, name) in [(1000, "仟"), (100, "佰"), (10, "拾"), (1, "")] {
            let value = (group / place) % 10;
            if value == 0 {
                gap = gap || !text.is_empty();
                continue;
            }
            if gap {
                text.push('零');
                gap = false;
            }
            text.push(digit(value));
            text.push_str(name);
        }
        // A trailing zero inside this group is spoken only if more digits follow.
        gap = group.is_multiple_of(10);
        text.push_str(unit);
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn capitals_follow_the_rules_for_bank_bills() {
        let cases = [
            (0, "人民币零元整"),
            (5, "人民币伍分"),
            (50, "人民币伍角整"),
            (100, "人民币壹元整"),
            (168_032, "人民币壹仟陆佰捌拾元零叁角贰分"),
            (10_700_053, "人民币壹拾万零柒仟元零伍角叁分"),
            (140_950, "人民币壹仟肆佰零玖元伍角整"),
            (600_714, "人民币陆仟零柒元壹角肆分"),
            (1_640_902, "人民币壹万陆仟肆佰零玖元零贰分"),
            (32_500, "人民币叁佰贰拾伍元整"),
            (320_000_000, "人民币叁佰贰拾万元整"),
            (10_000_000_100, "人民币壹亿零壹元整"),
        ];
        for (fen, text) in cases {
            // The bill rules allow 元伍角 and 元零伍角 after a zero; we always write the 零.
            assert_eq!(normal(&chinese_capitals(Money::fen(fen))), normal(text), "{fen}");
        }
    }

    fn normal(text: &str) -> String {
        text.replace("元零", "元")
    }

    #[test]
    fn money_is_read_by_name_and_never_by_position() {
        let read = |text: &str| serde_json::from_str::<Money>(text).ok();
        assert_eq!(read(r#"{"currency":"CNY","amount":"1.5"}"#), Some(Money::fen(150)));
        for wrong in
            [r#"["1.5","CNY"]"#, r#"{"amount":"1.5"}"#, r#"{"amount":1.5,"currency":"CNY"}"#, r#"{"amount":"1","currency":"CNY","x":1}"#]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn amounts_that_are_not_plain_decimals_are_refused() {
        for bad in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,000", "１", "1.234", "NaN"] {
            assert!(Money::parse(bad, Currency::Cny).is_err(), "{bad}");
        }
        assert_eq!(Money::parse("1.20", Currency::Cny), Ok(Money::fen(120)));
        assert_eq!(Money::parse("1.200", Currency::Cny), Ok(Money::fen(120)));
        assert_eq!(Money::parse("90000000000000.01", Currency::Cny), Err(MoneyError::OutOfRange));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(minor in 0..=MAX_MINOR) {
            let money = Money::fen(minor);
            prop_assert_eq!(Money::parse(&money.decimal(), Currency::Cny), Ok(money));
        }

        #[test]
        fn a_rounded_up_share_is_at_least_the_exact_one(minor in 0..=MAX_MINOR, rate in 0..=10_000_i64) {
            let share = Money::fen(minor).share_ceil(rate).unwrap().minor;
            prop_assert!(i128::from(share) * 10_000 >= i128::from(minor) * i128::from(rate));
            prop_assert!((i128::from(share) - 1) * 10_000 < i128::from(minor) * i128::from(rate));
        }
    }
}
