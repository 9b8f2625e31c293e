//! A notice of a listing runs for a period by a rule, by which its end is reckoned anew. Those that run since before it was kept are given
//! theirs: the rule that its lot was announced with says how registration came to end, and the rules of the listing how long it is and
//! by what source. Of lots from before the rule was kept nobody knows it, and their notices end when they were told to.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

/// The step.
pub struct Step;

const SQLITE: &str = "UPDATE notice SET period = json_patch( \
       json_object('rule', json_extract(rule.value, '$.name'), 'span', json_extract(rule.value, '$.value'), \
         'source', json_extract(rule.value, '$.source')), \
       CASE WHEN json_extract(lot.facts, '$.dates.registration_chosen') THEN json_object('until', json_object( \
         'at', replace(notice.ends_at, '+00:00', 'Z'), 'since', replace(notice.published_at, '+00:00', 'Z'), 'why', 'chosen')) \
         ELSE '{}' END) \
     FROM listing JOIN lot ON lot.id = listing.lot_id JOIN json_each(listing.rules, '$.parameters') AS rule \
     WHERE listing.notice_id = notice.id AND notice.kind = 'listing' AND notice.state = 'published' AND notice.period IS NULL \
       AND notice.ends_at IS NOT NULL AND json_extract(rule.value, '$.name') = json_extract(lot.facts, '$.dates.registration_rule')";

const POSTGRES: &str = "UPDATE notice SET period = jsonb_build_object( \
       'rule', rule.entry -> 'name', 'span', rule.entry -> 'value', 'source', rule.entry -> 'source') \
       || CASE WHEN lot.facts #>> '{dates,registration_chosen}' = 'true' THEN jsonb_build_object('until', jsonb_build_object( \
         'at', to_char(notice.ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), \
         'since', to_char(notice.published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), 'why', 'chosen')) \
         ELSE '{}'::jsonb END \
     FROM listing JOIN lot ON lot.id = listing.lot_id CROSS JOIN LATERAL jsonb_array_elements(listing.rules -> 'parameters') AS rule(entry) \
     WHERE listing.notice_id = notice.id AND notice.kind = 'listing' AND notice.state = 'published' AND notice.period IS NULL \
       AND notice.ends_at IS NOT NULL AND rule.entry ->> 'name' = lot.facts #>> '{dates,registration_rule}'";

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m71_listing_periods"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let given = if manager.get_database_backend() == DatabaseBackend::Sqlite { SQLITE } else { POSTGRES };
        manager.get_connection().execute_unprepared(given).await.map(|_| ())
    }
}
