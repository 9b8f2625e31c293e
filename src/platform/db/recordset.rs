//! Many rows as arrays, one for each column, which PostgreSQL takes apart itself: however many there are, the statement is the same, so
//! that it is prepared once.

use sea_orm::sea_query::{ArrayType, Expr, ExprTrait as _, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait, Condition, DatabaseBackend, EntityName, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn, Statement, Value,
};

type Column<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Column;

/// Rows, and what is done with them.
pub struct Recordset {
    deed: Deed,
    table: &'static str,
    columns: Vec<Named>,
}

enum Deed {
    /// What is said after the rows.
    Insert(String),
    /// The columns of the key.
    Change(Vec<&'static str>),
}

/// A column by its name, and what stands in it.
struct Named(&'static str, Content);

/// What stands in a column of some rows. An array that the driver is given has no gaps.
enum Content {
    Nothing,
    Everywhere(Value),
    /// Where nothing stands is told by a second array.
    Here(Value, Value),
}

impl Content {
    fn of(values: Vec<Value>) -> Self {
        let absent: Vec<bool> = values.iter().map(is_nothing).collect();
        match absent.iter().position(|absent| !absent) {
            None => Self::Nothing,
            Some(_) if !absent.contains(&true) => Self::Everywhere(array(values)),
            Some(first) => {
                let instead = values[first].dummy_value();
                let filled = values.into_iter().zip(&absent).map(|(value, absent)| if *absent { instead.clone() } else { value });
                Self::Here(array(filled.collect()), array(absent.iter().map(|absent| Value::from(*absent)).collect()))
            }
        }
    }
}

impl Named {
    /// What stands in the column, of rows that are called `given`.
    fn said(&self) -> String {
        let Self(name, content) = self;
        match content {
            Content::Nothing => "NULL".to_owned(),
            Content::Everywhere(_) => format!("given.\"{name}\""),
            Content::Here(..) => format!("CASE WHEN given.\"no {name}\" THEN NULL ELSE given.\"{name}\" END"),
        }
    }

    /// The names of the arrays it is given by.
    fn arrays(&self) -> Vec<String> {
        let Self(name, content) = self;
        match content {
            Content::Nothing => Vec::new(),
            Content::Everywhere(_) => vec![format!("\"{name}\"")],
            Content::Here(..) => vec![format!("\"{name}\""), format!("\"no {name}\"")],
        }
    }

    fn into_values(self) -> Vec<Value> {
        match self.1 {
            Content::Nothing => Vec::new(),
            Content::Everywhere(values) => vec![values],
            Content::Here(values, absent) => vec![values, absent],
        }
    }
}

impl Recordset {
    /// Inserts rows, in order; the database fills in what is not set, which is the same of all.
    pub fn insertion<A: ActiveModelTrait>(rows: &[A]) -> Self {
        Self::of(Deed::Insert(String::new()), rows)
    }

    /// Inserts those of which no equal stands already.
    pub fn insertion_of_absent<A: ActiveModelTrait>(rows: &[A], equal: &[Column<A>]) -> Self {
        let equal: Vec<_> = equal.iter().map(|column| format!("\"{}\"", column.as_str())).collect();
        Self::of(Deed::Insert(format!(" ON CONFLICT ({}) DO NOTHING", equal.join(", "))), rows)
    }

    /// Changes what is set, which is the same of all, in rows that stand already. Of the key it need not be new.
    pub fn change<A: ActiveModelTrait>(rows: &[A]) -> Self {
        Self::of(Deed::Change(keys::<A>()), rows)
    }

    fn of<A: ActiveModelTrait>(deed: Deed, rows: &[A]) -> Self {
        let content = |column: Column<A>| Content::of(rows.iter().filter_map(|row| row.get(column).into_value()).collect());
        let columns = set::<A>(rows).into_iter().map(|column| Named(column.as_str(), content(column))).collect();
        Self { deed, table: A::Entity::default().table_name(), columns }
    }

    /// One statement that does with several what each is for; none may be about a row that another is about.
    pub fn together(all: Vec<Self>) -> Statement {
        let mut parameters = 0;
        let mut parts: Vec<String> = all.iter().map(|one| one.sql(&mut parameters)).collect();
        let last = parts.pop().unwrap_or_default();
        let first: Vec<String> = parts.into_iter().enumerate().map(|(index, sql)| format!("w{index} AS ({sql})")).collect();
        let sql = if first.is_empty() { last } else { format!("WITH {} {last}", first.join(", ")) };
        let values = all.into_iter().flat_map(|one| one.columns).flat_map(Named::into_values);
        Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, values)
    }

    /// Its own part, after so many parameters of others.
    fn sql(&self, parameters: &mut usize) -> String {
        let arrays: Vec<String> = self.columns.iter().flat_map(Named::arrays).collect();
        let places: Vec<String> = (1..=arrays.len()).map(|place| hidden(*parameters + place)).collect();
        *parameters += arrays.len();
        let (table, given) = (self.table, format!("unnest({}) AS given({})", places.join(", "), arrays.join(", ")));
        match &self.deed {
            Deed::Insert(after) => {
                let names: Vec<_> = self.columns.iter().map(|column| format!("\"{}\"", column.0)).collect();
                let said: Vec<_> = self.columns.iter().map(Named::said).collect();
                format!("INSERT INTO \"{table}\" ({}) SELECT {} FROM {given}{after}", names.join(", "), said.join(", "))
            }
            Deed::Change(keys) => {
                let changed = self.columns.iter().filter(|column| !keys.contains(&column.0));
                let changed: Vec<_> = changed.map(|column| format!("\"{}\" = {}", column.0, column.said())).collect();
                let same: Vec<_> = keys.iter().map(|name| format!("\"{table}\".\"{name}\" = given.\"{name}\"")).collect();
                format!("UPDATE \"{table}\" SET {} FROM {given} WHERE {}", changed.join(", "), same.join(" AND "))
            }
        }
    }
}

/// Finds rows of which something is given, the same of all: these columns of whatever has it.
pub fn search<A: ActiveModelTrait>(given: &[A], wanted: &[Column<A>]) -> SelectStatement {
    let (table, columns) = (A::Entity::default(), set::<A>(given));
    let row = |row: &A| columns.iter().filter_map(|column| row.get(*column).into_value().filter(|value| !is_nothing(value))).collect();
    // What is not known equals nothing.
    let rows: Vec<Vec<Value>> = given.iter().map(row).filter(|row: &Vec<Value>| row.len() == columns.len()).collect();
    let mut found = Query::select();
    found.columns(wanted.iter().map(|column| (table, *column)));
    if rows.is_empty() {
        return found.from(table).and_where(Expr::val(false)).to_owned();
    }
    let mut taken_apart = Query::select();
    for (place, column) in columns.iter().enumerate() {
        let values = array(rows.iter().map(|row| row[place].clone()).collect());
        taken_apart.expr_as(Expr::cust_with_values(format!("unnest({})", hidden(1)), [values]), *column);
    }
    let is_given = columns.iter().fold(Condition::all(), |all, column| all.add(Expr::col((table, *column)).equals(("given", *column))));
    found.from_subquery(taken_apart, "given").inner_join(table, is_given).to_owned()
}

/// A parameter whose length is not seen when a statement is planned, so that a plan is not thought better for few rows than for many, and
/// made anew each time.
pub(super) fn hidden(place: usize) -> String {
    format!("(SELECT ${place})")
}

/// Values as one; there are some, and none of them is nothing.
fn array(values: Vec<Value>) -> Value {
    let kind = values.first().map_or(ArrayType::String, Value::array_type);
    Value::Array(kind, Some(Box::new(values)))
}

fn is_nothing(value: &Value) -> bool {
    *value == value.as_null()
}

/// The columns of the key.
pub(super) fn keys<A: ActiveModelTrait>() -> Vec<&'static str> {
    <A::Entity as EntityTrait>::PrimaryKey::iter().map(|key| key.into_column().as_str()).collect()
}

/// The columns of which something is said, the same of all.
pub(super) fn set<A: ActiveModelTrait>(rows: &[A]) -> Vec<Column<A>> {
    let is_set = |column: &Column<A>| rows.first().is_some_and(|row| !row.get(*column).is_not_set());
    Column::<A>::iter().filter(is_set).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::DateTime;
    use entity::platform::idempotency;
    use sea_orm::{ActiveValue, IntoActiveModel};

    use super::*;

    fn record(key: &str, outcome: Option<&str>) -> idempotency::ActiveModel {
        let row = idempotency::Model {
            principal: "person".into(),
            operation: "place_bid".into(),
            key: key.into(),
            fingerprint: vec![0, 171],
            outcome: outcome.map(ToOwned::to_owned),
            created_at: DateTime::from_timestamp_micros(1_772_413_200_000_001).unwrap_or_default(),
        };
        row.into_active_model().reset_all()
    }

    fn alone(one: Recordset) -> Statement {
        Recordset::together(vec![one])
    }

    fn values(statement: Statement) -> Vec<Value> {
        statement.values.unwrap().0
    }

    #[test]
    fn the_statement_is_the_same_however_many_rows_there_are() {
        let rows = [record("a", Some("一")), record("b", Some("二"))];
        let (one, two) = (alone(Recordset::insertion(&rows[..1])), alone(Recordset::insertion(&rows)));
        assert_eq!(one.sql, two.sql);
        assert_eq!(
            one.sql,
            "INSERT INTO \"idempotency\" (\"principal\", \"operation\", \"key\", \"fingerprint\", \"outcome\", \"created_at\") \
             SELECT given.\"principal\", given.\"operation\", given.\"key\", given.\"fingerprint\", given.\"outcome\", given.\"created_at\" \
             FROM unnest((SELECT $1), (SELECT $2), (SELECT $3), (SELECT $4), (SELECT $5), (SELECT $6)) \
             AS given(\"principal\", \"operation\", \"key\", \"fingerprint\", \"outcome\", \"created_at\")"
        );
        assert_eq!(values(two)[4], array(vec!["一".into(), "二".into()]));
    }

    #[test]
    fn where_nothing_stands_nothing_is_written() {
        let nowhere = alone(Recordset::insertion(&[record("a", None)]));
        assert!(nowhere.sql.contains(", given.\"fingerprint\", NULL, given.\"created_at\" FROM unnest((SELECT $1), (SELECT $2), (SELECT $3), (SELECT $4), (SELECT $5)) "), "{}", nowhere.sql);
        let here = alone(Recordset::insertion(&[record("a", None), record("b", Some("二"))]));
        assert!(here.sql.contains("CASE WHEN given.\"no outcome\" THEN NULL ELSE given.\"outcome\" END"), "{}", here.sql);
        assert!(here.sql.contains("\"outcome\", \"no outcome\", \"created_at\")"), "{}", here.sql);
        let given = values(here);
        assert_eq!(given[4].as_ref_array().unwrap()[1], "二".into());
        assert_eq!(given[5], array(vec![true.into(), false.into()]));
    }

    #[test]
    fn only_what_is_set_is_written_and_keys_are_compared() {
        let mut row = record("a", None);
        (row.fingerprint, row.created_at) = (ActiveValue::NotSet, ActiveValue::NotSet);
        let sql = alone(Recordset::change(&[row])).sql;
        assert!(
            sql.starts_with("UPDATE \"idempotency\" SET \"outcome\" = NULL FROM unnest((SELECT $1), (SELECT $2), (SELECT $3)) AS given("),
            "{sql}"
        );
        assert!(sql.ends_with("\"idempotency\".\"operation\" = given.\"operation\" AND \"idempotency\".\"key\" = given.\"key\""), "{sql}");
    }

    #[test]
    fn several_are_written_by_one_statement_each_by_parameters_of_its_own() {
        let rows = [record("a", None)];
        let written = Recordset::together(vec![Recordset::insertion(&rows), Recordset::change(&rows)]);
        assert!(written.sql.starts_with("WITH w0 AS (INSERT INTO \"idempotency\" ("), "{}", written.sql);
        assert!(
            written.sql.contains(") UPDATE \"idempotency\" SET ")
                && written.sql.contains("unnest((SELECT $6), (SELECT $7), (SELECT $8), (SELECT $9), (SELECT $10))"),
            "{}",
            written.sql
        );
        assert_eq!(values(written).len(), 10);
    }

    #[test]
    fn what_is_not_known_is_not_searched_for() {
        let mut unknown = record("a", None);
        (unknown.principal, unknown.operation) = (ActiveValue::NotSet, ActiveValue::NotSet);
        (unknown.fingerprint, unknown.created_at) = (ActiveValue::NotSet, ActiveValue::NotSet);
        let mut known = unknown.clone();
        known.outcome = ActiveValue::Set(Some("一".into()));
        let sql = |given: &[idempotency::ActiveModel]| DatabaseBackend::Postgres.build(&search(given, &[idempotency::Column::Key]));
        assert_eq!(values(sql(std::slice::from_ref(&unknown))), [Value::from(false)], "nothing is found");
        let found = sql(&[unknown, known]);
        assert_eq!(
            found.sql,
            "SELECT \"idempotency\".\"key\" FROM (SELECT unnest((SELECT $1)) AS \"key\", unnest((SELECT $2)) AS \"outcome\") AS \"given\" \
             INNER JOIN \"idempotency\" ON \"idempotency\".\"key\" = \"given\".\"key\" \
             AND \"idempotency\".\"outcome\" = \"given\".\"outcome\""
        );
        assert_eq!(values(found)[1], array(vec!["一".into()]));
    }
}
