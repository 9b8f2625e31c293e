//! What a licence covers: acts, fields, territory and days. Each is said, `all` too; nothing is covered by silence.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use entity::listings::LicenceTerms;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extent::{Extent, Part};
use crate::codes::{field_name, is_known_division};
use crate::platform::problem::{Code, Faults, Problem};

/// What is said where nothing is left out.
pub const ALL: &str = "all";
/// The acts that have a name (PL art. 11), each at its place. Others, such as copying software, are in `all` alone.
const ACTS: [&str; 5] = ["make", "use", "offer", "sell", "import"];
/// The most codes of one dimension.
const MOST: usize = 50;
/// The most claims (see [`Scope::claims`]) of one scope.
const MOST_CLAIMS: usize = 1_000;
/// All points of a line of six digits.
const WHOLE: Part = Part { from: 0, to: 1_000_000 };

/// What a licence covers, in codes (许可范围). Each of the four is `all`, said explicitly, or a list of codes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeTerms {
    /// What may be done: `make`, `use`, `offer`, `sell`, `import`, or `all`.
    #[schema(min_items = 1, max_items = 50, example = json!(["all"]))]
    pub acts: Vec<String>,
    /// In which fields: codes of the tree of fields, each with all under it, or `all`.
    #[schema(min_items = 1, max_items = 50, example = json!(["06.01"]))]
    pub fields: Vec<String>,
    /// Where: division codes of the mainland, each with all under it, or `all`.
    #[schema(min_items = 1, max_items = 50, example = json!(["330000"]))]
    pub territory: Vec<String>,
    /// The first day, in Shanghai.
    #[schema(example = "2026-06-01")]
    pub from: NaiveDate,
    /// The day on which it ends, the first that is not covered; absent where it stands as long as the right does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2031-06-01")]
    pub until: Option<NaiveDate>,
}

/// What a licence covers, ready to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Which acts.
    pub acts: Extent,
    /// In which fields.
    pub fields: Extent,
    /// Where.
    pub territory: Extent,
    /// On which days, by their numbers since the first day of the era.
    pub days: Part,
}

impl Scope {
    /// All that can be covered, from a day on: what passes with the right itself.
    pub fn whole(from: NaiveDate) -> Self {
        let whole = Extent::one(WHOLE);
        Self { acts: whole.clone(), fields: whole.clone(), territory: whole, days: days(from, None) }
    }

    /// What is said at a place of a request; refuses what is empty, unknown, said twice or beside `all`.
    pub fn read(place: &str, terms: &ScopeTerms) -> Result<Self, Problem> {
        let mut faults = Faults::new();
        let unclear = ("须为 make、use、offer、sell、import 或 all", "must be make, use, offer, sell, import or \"all\"");
        let acts = dimension(&mut faults, &format!("{place}/acts"), &terms.acts, act, unclear);
        let unclear = ("须为应用领域代码或 all", "must be a code of the tree of fields or \"all\"");
        let fields = dimension(&mut faults, &format!("{place}/fields"), &terms.fields, field, unclear);
        let unclear = ("须为内地行政区划代码或 all", "must be a division code of the mainland or \"all\"");
        let territory = dimension(&mut faults, &format!("{place}/territory"), &terms.territory, division, unclear);
        let ordered = terms.until.is_none_or(|until| terms.from < until);
        faults.require(ordered, &format!("{place}/until"), "order", "须晚于开始日", "must be after the first day");
        let (Some(acts), Some(fields), Some(territory)) = (acts, fields, territory) else {
            return Err(faults.done().err().unwrap_or_else(|| Code::Internal.into()));
        };
        let scope = Self { acts, fields, territory, days: days(terms.from, terms.until) };
        let few = scope.acts.parts().len() * scope.fields.parts().len() * scope.territory.parts().len() <= MOST_CLAIMS;
        faults.require(few, place, "range", "范围组合过多，请归并", "too many combinations; say it by codes further up");
        faults.done()?;
        Ok(scope)
    }

    /// Whether something is covered by both: every dimension meets.
    pub fn meets(&self, other: &Self) -> bool {
        self.days.meets(other.days)
            && self.acts.meets(&other.acts)
            && self.fields.meets(&other.fields)
            && self.territory.meets(&other.territory)
    }

    /// Whether all that the other covers is covered by it: in every dimension.
    pub fn holds(&self, other: &Self) -> bool {
        self.days.holds(other.days)
            && self.acts.holds(&other.acts)
            && self.fields.holds(&other.fields)
            && self.territory.holds(&other.territory)
    }

    /// The same as boxes, each one part of every dimension; two scopes meet exactly where two of their boxes do. The database keeps
    /// them of whoever is to be the only licensee, and lets no two meet.
    pub fn claims(&self) -> Vec<[Part; 4]> {
        let mut claims = Vec::new();
        for act in self.acts.parts() {
            for field in self.fields.parts() {
                claims.extend(self.territory.parts().iter().map(|region| [*act, *field, *region, self.days]));
            }
        }
        claims
    }
}

/// How far a licence on offer goes: from a day on, for it is not known yet when it will begin. What is said of its fields in words instead
/// of codes is held to be all of them.
pub fn offered(offered: &LicenceTerms, from: NaiveDate) -> Result<Scope, Problem> {
    Scope::read("/terms", &in_codes(offered, from, None))
}

/// The same as codes, with an end where one is known.
pub fn in_codes(offered: &LicenceTerms, from: NaiveDate, until: Option<NaiveDate>) -> ScopeTerms {
    let known = offered.fields.iter().all(|field| field == ALL || field_name(field).is_some());
    let fields = if known { offered.fields.clone() } else { vec![ALL.to_owned()] };
    ScopeTerms { acts: offered.acts.clone(), fields, territory: offered.territory.clone(), from, until }
}

/// Which use of a right the register is asked about; what is not said is any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedUse {
    /// One act.
    pub act: Option<String>,
    /// In one field.
    pub field: Option<String>,
    /// In one place.
    pub territory: Option<String>,
}

impl AskedUse {
    /// That use on a day, as a scope; refuses a code that is not known.
    pub fn on(&self, day: NaiveDate) -> Result<Scope, Problem> {
        let mut faults = Faults::new();
        let mut one = |name: &str, code: Option<&String>, part: fn(&str) -> Option<Part>| {
            let Some(code) = code else { return Some(Extent::one(WHOLE)) };
            let found = part(code);
            faults.require(found.is_some(), &format!("#query/{name}"), "unknown", "没有此代码", "there is no such code");
            found.map(Extent::one)
        };
        let acts = one("act", self.act.as_ref(), act);
        let fields = one("field", self.field.as_ref(), field);
        let territory = one("territory", self.territory.as_ref(), division);
        faults.done()?;
        let days = days(day, day.succ_opt());
        acts.zip(fields)
            .zip(territory)
            .map(|((acts, fields), territory)| Scope { acts, fields, territory, days })
            .ok_or_else(|| Code::Internal.into())
    }
}

/// Days by their numbers; what has no end goes on for ever.
fn days(from: NaiveDate, until: Option<NaiveDate>) -> Part {
    Part { from: from.num_days_from_ce(), to: until.map_or(i32::MAX, |until| until.num_days_from_ce()) }
}

/// Codes of one dimension as parts of its line; nothing where something is wrong with them.
fn dimension(faults: &mut Faults, place: &str, codes: &[String], part: fn(&str) -> Option<Part>, (zh, en): (&str, &str)) -> Option<Extent> {
    let different = codes.iter().collect::<BTreeSet<_>>().len() == codes.len();
    let clear = codes.len() <= 1 || codes.iter().all(|code| code != ALL);
    faults
        .require((1..=MOST).contains(&codes.len()), place, "range", "须为 1 至 50 项", "1 to 50 entries")
        .require(different, place, "repeated", "不得重复", "nothing twice")
        .require(clear, place, "contradiction", "all 不得与其他项并列", "\"all\" stands alone");
    let mut parts = Vec::with_capacity(codes.len());
    for (index, code) in codes.iter().enumerate() {
        let found = if code == ALL { Some(WHOLE) } else { part(code) };
        faults.require(found.is_some(), &format!("{place}/{index}"), "unknown", zh, en);
        parts.extend(found);
    }
    (clear && different && codes.len() <= MOST && parts.len() == codes.len()).then(|| Extent::of(parts)).flatten()
}

/// What an act is called, in Chinese and in English; none where there is no such code.
pub fn act_name(code: &str) -> Option<(&'static str, &'static str)> {
    match code {
        "make" => Some(("制造", "making")),
        "use" => Some(("使用", "using")),
        "offer" => Some(("许诺销售", "offering for sale")),
        "sell" => Some(("销售", "selling")),
        "import" => Some(("进口", "importing")),
        _ => None,
    }
}

/// An act at its place. The first place is that of whatever has no name.
fn act(code: &str) -> Option<Part> {
    let index = ACTS.iter().position(|act| *act == code)?;
    let from = i32::try_from(index).ok()? + 1;
    Some(Part { from, to: from + 1 })
}

/// `06.01` is all of 060100 up to 060200.
fn field(code: &str) -> Option<Part> {
    field_name(code)?;
    let digits: String = code.split('.').collect();
    of_six(&digits)
}

/// `330000` is all of it up to 340000. Rights granted here stand on the mainland only.
fn division(code: &str) -> Option<Part> {
    let is_elsewhere = ["71", "81", "82"].iter().any(|region| code.starts_with(region));
    // Central bodies carry a code that is no division.
    if !is_known_division(code) || is_elsewhere || code == "100000" {
        return None;
    }
    of_six(code.trim_end_matches("0000").strip_suffix("00").unwrap_or_else(|| code.trim_end_matches("0000")))
}

/// Two, four or six digits as all numbers of six that begin with them.
fn of_six(digits: &str) -> Option<Part> {
    let size = match digits.len() {
        2 => 10_000,
        4 => 100,
        6 => 1,
        _ => return None,
    };
    let from = digits.parse::<i32>().ok()? * size;
    Some(Part { from, to: from + size })
}
