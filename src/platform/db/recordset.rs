//! Many rows as one parameter, which PostgreSQL takes apart itself: however many there are, the statement is the same, so that it is
//! prepared once.

use chrono::SecondsFormat;
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, Query, SelectStatement, sea_value_to_json_value};
use sea_orm::{
    ActiveModelTrait, Condition, DatabaseBackend, EntityName, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn, Statement, Value,
};
use serde::{Serialize, Serializer};

use crate::platform::keys::hex;

/// How much longer than the first a row may be, bytes, before room has to be found for it.
const ROOM: usize = 32;

type Column<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Column;

/// Rows, and what is done with them.
pub struct Recordset {
    /// What is said before they are named, and after.
    before: String,
    after: String,
    table: &'static str,
    rows: String,
}

impl Recordset {
    /// Inserts rows, in order; the database fills in what is not set, which is the same of all.
    pub fn insertion<A: ActiveModelTrait>(rows: &[A]) -> Self {
        let columns = set::<A>(rows);
        let names = quoted::<A>(&columns).join(", ");
        Self::of(rows, &columns, format!("INSERT INTO \"{}\" ({names}) SELECT {names} FROM ", table::<A>()), String::new())
    }

    /// Inserts those of which no equal stands already.
    pub fn insertion_of_absent<A: ActiveModelTrait>(rows: &[A], equal: &[Column<A>]) -> Self {
        let equal = quoted::<A>(equal).join(", ");
        Self { after: format!(" ON CONFLICT ({equal}) DO NOTHING"), ..Self::insertion(rows) }
    }

    /// Changes what is set, which is the same of all, in rows that stand already. Of the key it need not be new.
    pub fn change<A: ActiveModelTrait>(rows: &[A]) -> Self {
        let (columns, keys, table) = (set::<A>(rows), keys::<A>(), table::<A>());
        let names = columns.iter().map(IdenStatic::as_str).filter(|name| !keys.contains(name));
        let changed: Vec<_> = names.map(|name| format!("\"{name}\" = given.\"{name}\"")).collect();
        let same: Vec<_> = keys.iter().map(|name| format!("\"{table}\".\"{name}\" = given.\"{name}\"")).collect();
        let before = format!("UPDATE \"{table}\" SET {} FROM ", changed.join(", "));
        Self::of(rows, &columns, before, format!(" AS given WHERE {}", same.join(" AND ")))
    }

    fn of<A: ActiveModelTrait>(rows: &[A], columns: &[Column<A>], before: String, after: String) -> Self {
        Self { before, after, table: table::<A>(), rows: as_text(rows, columns) }
    }

    /// One statement that does with several what each is for; none may be about a row that another is about.
    pub fn together(all: Vec<Self>) -> Statement {
        let mut parts: Vec<String> = all.iter().enumerate().map(|(index, one)| one.sql(index + 1)).collect();
        let last = parts.pop().unwrap_or_default();
        let first: Vec<String> = parts.into_iter().enumerate().map(|(index, sql)| format!("w{index} AS ({sql})")).collect();
        let sql = if first.is_empty() { last } else { format!("WITH {} {last}", first.join(", ")) };
        Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, all.into_iter().map(|one| Value::from(one.rows)))
    }

    fn sql(&self, place: usize) -> String {
        let Self { before, after, table, .. } = self;
        format!("{before}json_populate_recordset(NULL::\"{table}\", ${place}::json){after}")
    }
}

/// Finds rows of which something is given, the same of all: these columns of whatever has it.
pub fn search<A: ActiveModelTrait>(given: &[A], wanted: &[Column<A>]) -> SelectStatement {
    let (table, columns) = (A::Entity::default(), set::<A>(given));
    let rows = Expr::cust_with_values("$1::json", [as_text(given, &columns)]);
    let rows = Func::cust("json_populate_recordset").args([Expr::cust(format!("NULL::\"{}\"", table.table_name())), rows]);
    let is_given = columns.iter().fold(Condition::all(), |all, column| all.add(Expr::col((table, *column)).equals(("given", *column))));
    Query::select()
        .columns(wanted.iter().map(|column| (table, *column)))
        .from_function(rows, "given")
        .inner_join(table, is_given)
        .to_owned()
}

fn table<A: ActiveModelTrait>() -> &'static str {
    A::Entity::default().table_name()
}

fn keys<A: ActiveModelTrait>() -> Vec<&'static str> {
    <A::Entity as EntityTrait>::PrimaryKey::iter().map(|key| key.into_column().as_str()).collect()
}

/// The columns of which something is said, the same of all.
pub(super) fn set<A: ActiveModelTrait>(rows: &[A]) -> Vec<Column<A>> {
    let is_set = |column: &Column<A>| rows.first().is_some_and(|row| !row.get(*column).is_not_set());
    Column::<A>::iter().filter(is_set).collect()
}

fn quoted<A: ActiveModelTrait>(columns: &[Column<A>]) -> Vec<String> {
    columns.iter().map(|column| format!("\"{}\"", column.as_str())).collect()
}

/// Rows as a JSON array of objects.
fn as_text<A: ActiveModelTrait>(rows: &[A], columns: &[Column<A>]) -> String {
    let mut text = String::from("[");
    for (number, row) in rows.iter().enumerate() {
        let one = serde_json::to_string(&Row { row, columns }).unwrap_or_default();
        if number == 0 {
            // Rows are about as long as the first: what grows step by step is copied as often.
            text.reserve((one.len() + ROOM) * rows.len());
        } else {
            text.push(',');
        }
        text.push_str(&one);
    }
    text.push(']');
    text
}

struct Row<'a, A: ActiveModelTrait> {
    row: &'a A,
    columns: &'a [Column<A>],
}

impl<A: ActiveModelTrait> Serialize for Row<'_, A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.columns.iter().map(|column| (column.as_str(), self.row.get(*column).into_value().map(Cell))))
    }
}

/// A value as PostgreSQL reads it out of JSON.
struct Cell(Value);

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Value::String(text) => text.serialize(serializer),
            Value::Uuid(id) => id.serialize(serializer),
            Value::BigInt(number) => number.serialize(serializer),
            Value::Bytes(Some(bytes)) => serializer.collect_str(&format_args!("\\x{}", hex(bytes))),
            Value::ChronoDateTimeUtc(Some(at)) => serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Micros, true)),
            Value::Json(Some(json)) => json.serialize(serializer),
            other => sea_value_to_json_value(other).serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::platform::idempotency;
    use sea_orm::{ActiveValue, IntoActiveModel, JsonValue};

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

    fn alone(one: Recordset) -> Statement {
        Recordset::together(vec![one])
    }

    #[test]
    fn the_statement_is_the_same_however_many_rows_there_are() {
        let rows = [record("a", Some("\"一\"")), record("b", None)].map(|row| row.into_active_model().reset_all());
        let (one, two) = (alone(Recordset::insertion(&rows[..1])), alone(Recordset::insertion(&rows)));
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
        let sql = alone(Recordset::change(&[row])).sql;
        assert!(sql.starts_with("UPDATE \"idempotency\" SET \"outcome\" = given.\"outcome\" FROM json_populate_recordset("), "{sql}");
        assert!(sql.ends_with("\"idempotency\".\"operation\" = given.\"operation\" AND \"idempotency\".\"key\" = given.\"key\""), "{sql}");
    }

    #[test]
    fn several_are_written_by_one_statement_each_by_a_parameter_of_its_own() {
        let rows = [record("a", None).into_active_model().reset_all()];
        let written = Recordset::together(vec![Recordset::insertion(&rows), Recordset::change(&rows)]);
        assert!(written.sql.starts_with("WITH w0 AS (INSERT INTO \"idempotency\" ("), "{}", written.sql);
        assert!(
            written.sql.contains("$1::json)) UPDATE \"idempotency\" SET ") && written.sql.contains("$2::json) AS given"),
            "{}",
            written.sql
        );
        assert_eq!(written.values.map(|values| values.0.len()), Some(2));
    }
}
