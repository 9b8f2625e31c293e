//! Many rows as one parameter, which PostgreSQL takes apart itself: however many there are, the statement is the same, so that it is
//! prepared once.

use chrono::SecondsFormat;
use sea_orm::sea_query::sea_value_to_json_value;
use sea_orm::{
    ActiveModelTrait, DatabaseBackend, EntityName, EntityTrait, IdenStatic, Iterable, JsonValue, PrimaryKeyToColumn, Statement, Value,
};

use crate::platform::keys::hex;

type Column<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Column;

/// Inserts rows, in order; the database fills in what is not set, which is the same of all.
pub fn insertion<A: ActiveModelTrait>(rows: &[A]) -> Statement {
    let columns = set::<A>(rows);
    let (table, names) = (table::<A>(), quoted::<A>(&columns, "").join(", "));
    let sql = format!("INSERT INTO \"{table}\" ({names}) SELECT {names} FROM {}", given(table));
    statement(sql, rows, &columns)
}

/// Changes what is set, which is the same of all, in rows that stand already.
pub fn change<A: ActiveModelTrait>(rows: &[A]) -> Statement {
    let (columns, keys, table) = (set::<A>(rows), keys::<A>(), table::<A>());
    let names = columns.iter().map(IdenStatic::as_str).filter(|name| !keys.contains(name));
    let changed: Vec<_> = names.map(|name| format!("\"{name}\" = given.\"{name}\"")).collect();
    let same = same_key(table, &keys);
    let sql = format!("UPDATE \"{table}\" SET {} FROM {} AS given WHERE {same}", changed.join(", "), given(table));
    statement(sql, rows, &columns)
}

/// Finds rows by their keys, which is all that is set.
pub fn search<A: ActiveModelTrait>(keyed: &[A]) -> Statement {
    let all: Vec<_> = Column::<A>::iter().collect();
    let table = table::<A>();
    let wanted = quoted::<A>(&all, &format!("\"{table}\"."));
    let same = same_key(table, &keys::<A>());
    let sql = format!("SELECT {} FROM {} AS given JOIN \"{table}\" ON {same}", wanted.join(", "), given(table));
    statement(sql, keyed, &set::<A>(keyed))
}

fn table<A: ActiveModelTrait>() -> &'static str {
    A::Entity::default().table_name()
}

fn keys<A: ActiveModelTrait>() -> Vec<&'static str> {
    <A::Entity as EntityTrait>::PrimaryKey::iter().map(|key| key.into_column().as_str()).collect()
}

/// That a row is the one that is given.
fn same_key(table: &str, keys: &[&str]) -> String {
    let same: Vec<_> = keys.iter().map(|name| format!("\"{table}\".\"{name}\" = given.\"{name}\"")).collect();
    same.join(" AND ")
}

/// The columns that are set.
fn set<A: ActiveModelTrait>(rows: &[A]) -> Vec<Column<A>> {
    let is_set = |column: &Column<A>| rows.first().is_some_and(|row| row.get(*column).is_set());
    Column::<A>::iter().filter(is_set).collect()
}

fn quoted<A: ActiveModelTrait>(columns: &[Column<A>], before: &str) -> Vec<String> {
    columns.iter().map(|column| format!("{before}\"{}\"", column.as_str())).collect()
}

/// Rows of a table as they are given, with the types of its columns.
fn given(table: &str) -> String {
    format!("json_populate_recordset(NULL::\"{table}\", $1::json)")
}

fn statement<A: ActiveModelTrait>(sql: String, rows: &[A], columns: &[Column<A>]) -> Statement {
    let rows = rows.iter().map(|row| {
        let members = columns.iter().map(|column| {
            let value = row.get(*column).into_value();
            (column.as_str().to_owned(), value.map_or(JsonValue::Null, |value| as_json(&value)))
        });
        JsonValue::Object(members.collect())
    });
    let rows = JsonValue::Array(rows.collect());
    Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, [rows.to_string().into()])
}

/// A value as PostgreSQL reads it out of JSON.
fn as_json(value: &Value) -> JsonValue {
    match value {
        Value::Bytes(Some(bytes)) => format!("\\x{}", hex(bytes)).into(),
        Value::ChronoDateTimeUtc(Some(at)) => at.to_rfc3339_opts(SecondsFormat::Micros, true).into(),
        Value::Json(Some(json)) => (**json).clone(),
        other => sea_value_to_json_value(other),
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::platform::idempotency;
    use sea_orm::{ActiveValue, IntoActiveModel};

    use super::*;

    fn record(key: &str, outcome: Option<&str>) -> idempotency::Model {
        idempotency::Model {
            principal: "person".into(),
            operation: "place_bid".into(),
            key: key.into(),
            fingerprint: vec![0, 171],
            outcome: outcome.map(ToOwned::to_owned),
            created_at: DateTime::from_timestamp_micros(1_772_413_200_000_001).unwrap_or_default(),
        }
    }

    #[test]
    fn the_statement_is_the_same_however_many_rows_there_are() {
        let rows = [record("a", Some("\"一\"")), record("b", None)].map(|row| row.into_active_model().reset_all());
        let (one, two) = (insertion(&rows[..1]), insertion(&rows));
        assert_eq!(one.sql, two.sql);
        assert!(one.sql.starts_with("INSERT INTO \"idempotency\" (\"principal\", \"operation\", \"key\", "), "{}", one.sql);
        let given = two.values.map(|values| values.0).unwrap_or_default();
        let [Value::String(Some(text))] = &given[..] else { panic!("{given:?}") };
        let given: JsonValue = serde_json::from_str(text).unwrap_or_default();
        assert_eq!((&given[0]["fingerprint"], &given[0]["outcome"]), (&"\\x00ab".into(), &"\"一\"".into()));
        assert_eq!((&given[1]["created_at"], &given[1]["outcome"]), (&"2026-03-02T01:00:00.000001Z".into(), &JsonValue::Null));
    }

    #[test]
    fn only_what_is_set_is_written_and_keys_are_compared() {
        let mut row = record("a", None).into_active_model().reset_all();
        (row.fingerprint, row.created_at) = (ActiveValue::NotSet, ActiveValue::NotSet);
        let sql = change(&[row]).sql;
        assert!(sql.starts_with("UPDATE \"idempotency\" SET \"outcome\" = given.\"outcome\" FROM json_populate_recordset("), "{sql}");
        assert!(sql.ends_with("\"idempotency\".\"operation\" = given.\"operation\" AND \"idempotency\".\"key\" = given.\"key\""), "{sql}");
    }
}
