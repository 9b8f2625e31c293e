//! What an achievement must say of itself.

use entity::Timestamp;
use entity::achievements::achievement;
use entity::ids::{AchievementId, OrganisationId, PersonId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Change;
use crate::documents::rules::not_secret;
use crate::documents::views::SecretLevel;
use crate::platform::problem::{Faults, Problem};

/// An achievement to register.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAchievement {
    /// Title.
    #[schema(min_length = 1, max_length = 200, example = "一种锂电池正极材料的制备方法")]
    pub title: String,
    /// Title in English.
    #[schema(min_length = 1, max_length = 300, example = "Preparation of a cathode material for lithium batteries")]
    pub title_en: Option<String>,
    /// What it does, never how: this is its public level.
    #[schema(min_length = 1, max_length = 5_000, example = "提高循环寿命，降低制造成本。")]
    pub summary: String,
    /// The same in English.
    #[schema(min_length = 1, max_length = 5_000)]
    pub summary_en: Option<String>,
    /// Technical field of the contract statistics, `01` to `11` (技术领域).
    #[schema(pattern = "^(0[1-9]|1[01])$", example = "06")]
    pub field: String,
    /// Technology readiness level, 1 to 13 (技术就绪度, GB/T 22900-2022).
    #[schema(minimum = 1, maximum = 13, example = 6)]
    pub trl: Option<i32>,
    /// Who brought it about, by name (成果完成人).
    #[schema(min_items = 1, max_items = 50, example = json!(["王某", "李某"]))]
    pub completers: Vec<String>,
    /// Whether public money paid for it (财政性资金形成).
    pub state_funded: bool,
    /// Whether it is a state secret (密级). Anything but `none` is refused, and nothing is kept.
    #[serde(default, skip_serializing_if = "SecretLevel::is_none")]
    pub secret_level: SecretLevel,
}

/// A change to an achievement: what is left out stays as it is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendAchievement {
    /// Title.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, example = "一种锂电池正极材料的制备方法及设备")]
    pub title: Option<String>,
    /// Title in English; `null` takes it away.
    #[serde(default, skip_serializing_if = "Change::is_keep")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 300)]
    pub title_en: Change<String>,
    /// What it does, never how.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 5_000)]
    pub summary: Option<String>,
    /// The same in English; `null` takes it away.
    #[serde(default, skip_serializing_if = "Change::is_keep")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 5_000)]
    pub summary_en: Change<String>,
    /// Technical field of the contract statistics.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(0[1-9]|1[01])$", example = "06")]
    pub field: Option<String>,
    /// Technology readiness level; `null` takes it away.
    #[serde(default, skip_serializing_if = "Change::is_keep")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 13)]
    pub trl: Change<i32>,
    /// Who brought it about, by name; replaces them all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 50)]
    pub completers: Option<Vec<String>>,
    /// Whether public money paid for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_funded: Option<bool>,
    /// Whether what it is to say is a state secret. Anything but `none` is refused, and nothing is kept.
    #[serde(default, skip_serializing_if = "SecretLevel::is_none")]
    pub secret_level: SecretLevel,
}

/// The achievement as it will stand.
pub fn new_achievement(
    id: AchievementId,
    organisation: OrganisationId,
    by: PersonId,
    asked: NewAchievement,
    now: Timestamp,
) -> Result<achievement::Model, Problem> {
    not_secret(asked.secret_level, "/secret_level")?;
    sound(achievement::Model {
        id,
        organisation_id: organisation,
        title: asked.title,
        title_en: asked.title_en,
        summary: asked.summary,
        summary_en: asked.summary_en,
        field: asked.field,
        trl: asked.trl,
        completers: asked.completers.into(),
        state_funded: asked.state_funded,
        created_by: by,
        version: 1,
        created_at: now,
    })
}

/// The achievement as it will stand after a change.
pub fn amend_achievement(held: &achievement::Model, asked: AmendAchievement) -> Result<achievement::Model, Problem> {
    not_secret(asked.secret_level, "/secret_level")?;
    let held = held.clone();
    sound(achievement::Model {
        title: asked.title.unwrap_or(held.title),
        title_en: asked.title_en.over(held.title_en),
        summary: asked.summary.unwrap_or(held.summary),
        summary_en: asked.summary_en.over(held.summary_en),
        field: asked.field.unwrap_or(held.field),
        trl: asked.trl.over(held.trl),
        completers: asked.completers.map_or(held.completers, Into::into),
        state_funded: asked.state_funded.unwrap_or(held.state_funded),
        version: held.version + 1,
        ..held
    })
}

/// Refuses a row that does not say what it must.
fn sound(row: achievement::Model) -> Result<achievement::Model, Problem> {
    let mut faults = Faults::new();
    faults
        .text("/title", &row.title, 200)
        .optional_text("/title_en", row.title_en.as_ref(), 300)
        .text("/summary", &row.summary, 5_000)
        .optional_text("/summary_en", row.summary_en.as_ref(), 5_000)
        .require(is_field(&row.field), "/field", "field", "须为 01 至 11 的技术领域代码", "must be a technical field, 01 to 11")
        .require(row.trl.is_none_or(|level| (1..=13).contains(&level)), "/trl", "range", "须在 1 至 13 之间", "must be between 1 and 13");
    let names: Vec<&str> = row.completers.as_array().into_iter().flatten().filter_map(serde_json::Value::as_str).collect();
    super::details::people(&mut faults, "/completers", &names);
    faults.done()?;
    Ok(row)
}

/// The eleven technical fields of the contract statistics.
fn is_field(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|b| b.is_ascii_digit()) && ("01"..="11").contains(&code)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::platform::problem::Code;
    use chrono::DateTime;
    use uuid::Uuid;

    fn asked() -> NewAchievement {
        NewAchievement {
            title: "一种方法".into(),
            title_en: Some("A method".into()),
            summary: "有用".into(),
            summary_en: None,
            field: "06".into(),
            trl: Some(6),
            completers: vec!["王某".into()],
            state_funded: true,
            secret_level: SecretLevel::None,
        }
    }

    #[test]
    fn a_secret_is_refused_before_anything_of_it_is_looked_at() {
        for secret_level in [SecretLevel::Secret, SecretLevel::Confidential, SecretLevel::TopSecret] {
            let refused = register(NewAchievement { secret_level, title: "甲".repeat(201), ..asked() }).unwrap_err();
            assert_eq!((refused.code, refused.errors.len()), (Code::DeclarationMissing, 1));
            assert_eq!(refused.errors[0].pointer, "/secret_level");
        }
    }

    fn register(asked: NewAchievement) -> Result<achievement::Model, Problem> {
        let id = Uuid::from_u128(1);
        new_achievement(id.into(), id.into(), id.into(), asked, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let wrong = NewAchievement {
            title: " ".into(),
            field: "12".into(),
            trl: Some(14),
            completers: vec!["王某".into(), String::new()],
            ..asked()
        };
        let problem = register(wrong).unwrap_err();
        let pointers: Vec<_> = problem.errors.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/title", "/field", "/trl", "/completers/1"]);
        assert!(register(NewAchievement { completers: Vec::new(), ..asked() }).is_err());
    }

    #[test]
    fn fields_are_the_eleven() {
        for code in ["01", "09", "10", "11"] {
            assert!(is_field(code), "{code}");
        }
        for code in ["00", "12", "1", "011", "1a", "０１", ""] {
            assert!(!is_field(code), "{code}");
        }
    }

    #[test]
    fn a_change_leaves_alone_what_it_does_not_name() {
        let held = register(asked()).unwrap();
        let change: AmendAchievement = serde_json::from_str(r#"{"summary":"更有用","title_en":null,"trl":7}"#).unwrap();
        let next = amend_achievement(&held, change).unwrap();
        let expected = achievement::Model { summary: "更有用".into(), title_en: None, trl: Some(7), version: 2, ..held.clone() };
        assert_eq!(next, expected);
        let wrong: AmendAchievement = serde_json::from_str(r#"{"completers":[]}"#).unwrap();
        assert!(amend_achievement(&held, wrong).is_err());
    }
}
