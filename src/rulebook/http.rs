//! The law as the platform applies it, for everybody to read.

use actix_web::get;
use actix_web::web::{Data, Query};
use chrono::{DateTime, NaiveDate, Utc};
use entity::identity::SellerClass;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::rules;
use crate::house::House;
use crate::operations;
use crate::platform::access::{Allow, Operation};
use crate::platform::http::Call;
use crate::platform::http::answer::{self, Answer};
use crate::platform::problem::Code;

operations! {
    /// Read the rules in force.
    ReadRulebook = Operation::question("read_rulebook", &[Allow::ANYONE]).with_query();
    /// Compute the end of a period.
    ReadDeadline = Operation::question("read_deadline", &[Allow::ANYONE]).with_query();
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read_rulebook).service(read_deadline);
}

/// For whom and when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RulesQuery {
    /// Class of seller.
    pub class: SellerClass,
    /// Day in Shanghai; today if left out.
    pub on: Option<NaiveDate>,
}

/// One rule as it applies.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleView {
    /// Name.
    pub name: String,
    /// Value: `15d`, `10wd`, `1000bp`, `true` …
    #[schema(example = "15d")]
    pub value: String,
    /// Least an announcement may set.
    pub min: Option<String>,
    /// Most an announcement may set.
    pub max: Option<String>,
    /// Document and article.
    pub source: String,
    /// The day lies before the rule entered into force; the first version is shown.
    pub not_in_force: bool,
}

/// The rules for a class of seller on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct RulebookView {
    /// Edition.
    pub version: i64,
    /// The day.
    pub on: NaiveDate,
    /// The rules.
    pub rules: Vec<RuleView>,
}

/// Read the rules in force
///
/// Every period, rate and threshold with its source, for a class of seller on a day.
#[utoipa::path(tag = "rulebook", params(RulesQuery), responses((status = 200, description = "The rules", body = RulebookView)))]
#[get("/v1/rulebook")]
pub async fn read_rulebook(house: Data<House>, _call: Call<ReadRulebook>, query: Query<RulesQuery>) -> Answer {
    let on = query.on.unwrap_or_else(|| rules::shanghai_date(house.world.now()));
    let snapshot = house.rulebook.current().rulebook.snapshot(query.class, on);
    let rules = snapshot.parameters.into_iter().map(|entry| RuleView {
        name: entry.name,
        value: entry.value.to_string(),
        min: entry.min.map(|v| v.to_string()),
        max: entry.max.map(|v| v.to_string()),
        source: entry.source,
        not_in_force: entry.not_in_force,
    });
    Ok(answer::listed(&RulebookView { version: snapshot.version, on, rules: rules.collect() }))
}

/// Which period, from when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeadlineQuery {
    /// The period, such as `15d` or `10wd`.
    #[param(max_length = 12, example = "10wd")]
    pub span: String,
    /// The instant it runs from.
    pub from: DateTime<Utc>,
}

/// The end of a period.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeadlineView {
    /// The instant it is over.
    pub ends_at: DateTime<Utc>,
    /// Its last day in Shanghai, where it is counted in days.
    pub last_day: Option<NaiveDate>,
    /// It reaches past the announced holidays and may move.
    pub provisional: bool,
}

/// Compute the end of a period
///
/// The first day is not counted; the period ends at 24:00 in Shanghai of its last day, or of the next working day (民法典 201-203).
#[utoipa::path(tag = "rulebook", params(DeadlineQuery), responses((status = 200, description = "The end", body = DeadlineView)))]
#[get("/v1/rulebook/deadline")]
pub async fn read_deadline(house: Data<House>, _call: Call<ReadDeadline>, query: Query<DeadlineQuery>) -> Answer {
    let wrong = || Code::Invalid.at("#query/span", "span", "须为如 15d、10wd、24h 的期间", "must be a period such as 15d, 10wd, 24h");
    let span: rules::Span = query.span.parse().map_err(|_| wrong())?;
    let in_range = (2000..2100).contains(&chrono::Datelike::year(&query.from));
    if !in_range {
        return Err(Code::Invalid.at("#query/from", "range", "年份须在 2000 至 2099 之间", "the year must be between 2000 and 2099"));
    }
    let found = rules::deadline(query.from, span, &house.rulebook.current().calendar);
    Ok(answer::listed(&DeadlineView { ends_at: found.ends_at, last_day: found.last_day, provisional: found.provisional }))
}
