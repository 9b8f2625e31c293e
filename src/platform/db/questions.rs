//! Several questions in one round trip: PostgreSQL answers them all in one statement, in JSON; SQLite, which is no trip away, one after
//! the other.

use std::marker::PhantomData;

use entity::Timestamp;
use sea_orm::sea_query::{Alias, ArrayType, Expr, ExprTrait as _, IntoColumnRef, Query, SelectStatement, SubQueryStatement, ValueTuple};
use sea_orm::{ActiveModelTrait, Condition, ConnectionTrait, DatabaseBackend, DbErr, EntityTrait, FromQueryResult, QueryResult, Value};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Error as _};

use super::recordset;

/// What is asked together.
pub struct Questions {
    backend: DatabaseBackend,
    asked: Vec<SelectStatement>,
}

/// A question that was asked: where its answer is found, and of what rows it is.
pub struct Question<R> {
    place: usize,
    rows: PhantomData<fn() -> R>,
}

impl<R> Question<R> {
    /// Which one it was: asked with it, it is answered once.
    fn asked_at(self) -> usize {
        self.place
    }
}

/// The answers to questions, each of which is taken once.
pub struct Answers(Vec<Answer>);

enum Answer {
    Rows(Vec<QueryResult>),
    /// An array of rows, in JSON.
    Text(String),
}

impl Questions {
    /// For a database.
    pub fn to(db: &impl ConnectionTrait) -> Self {
        Self { backend: db.get_database_backend(), asked: Vec::new() }
    }

    /// Asks for rows, whose columns are named as the members of what they are read as.
    pub fn ask<R>(&mut self, rows: SelectStatement) -> Question<R> {
        self.asked.push(rows);
        Question { place: self.asked.len() - 1, rows: PhantomData }
    }

    /// Asks for rows of which something is given, the same of all: these columns of whatever has it, and of which something else holds.
    pub fn ask_given<A: ActiveModelTrait, R>(
        &mut self,
        given: &[A],
        wanted: &[<A::Entity as EntityTrait>::Column],
        that: Option<Expr>,
    ) -> Question<R> {
        let mut rows = if self.backend == DatabaseBackend::Postgres { recordset::search(given, wanted) } else { looked_up(given, wanted) };
        self.ask(rows.and_where_option(that).to_owned())
    }

    /// That a column is one of some ids. On PostgreSQL the statement is the same however many there are, so that it is prepared once.
    pub fn is_among<I: Into<uuid::Uuid>>(&self, column: impl IntoColumnRef, ids: impl IntoIterator<Item = I>) -> Expr {
        is_among(self.backend, column, ids)
    }

    /// What the database says; and what its clock shows after that, where it has one.
    pub async fn answered(self, db: &impl ConnectionTrait) -> Result<(Answers, Option<Timestamp>), DbErr> {
        if self.backend == DatabaseBackend::Postgres { self.answered_at_once(db).await } else { self.answered_in_turn(db).await }
    }

    async fn answered_in_turn(self, db: &impl ConnectionTrait) -> Result<(Answers, Option<Timestamp>), DbErr> {
        let mut answers = Vec::with_capacity(self.asked.len());
        for question in &self.asked {
            answers.push(Answer::Rows(db.query_all(question).await?));
        }
        Ok((Answers(answers), None))
    }

    async fn answered_at_once(self, db: &impl ConnectionTrait) -> Result<(Answers, Option<Timestamp>), DbErr> {
        let mut whole = Query::select();
        let count = self.asked.len();
        for (place, question) in self.asked.into_iter().enumerate() {
            let rows = Query::select().expr(Expr::cust("CAST(json_agg(asked) AS text)")).from_subquery(question, "asked").to_owned();
            whole.expr_as(Expr::from(SubQueryStatement::from(rows)), name(place));
        }
        // What is selected is found out from left to right.
        whole.expr_as(Expr::cust("clock_timestamp()"), "now");
        let row = db.query_one(&whole).await?.ok_or_else(|| DbErr::RecordNotFound("answers".into()))?;
        let text = |place| row.try_get::<Option<String>>("", &name(place)).map(|text| Answer::Text(text.unwrap_or_else(|| "[]".into())));
        let answers = (0..count).map(text).collect::<Result<_, _>>()?;
        Ok((Answers(answers), Some(row.try_get("", "now")?)))
    }
}

fn name(place: usize) -> String {
    format!("a{place}")
}

impl Answers {
    /// The answer to a question.
    pub fn take<R: FromQueryResult + DeserializeOwned>(&mut self, question: Question<R>) -> Result<Vec<R>, DbErr> {
        let unknown = || DbErr::Custom("this was not asked".into());
        match std::mem::replace(self.0.get_mut(question.asked_at()).ok_or_else(unknown)?, Answer::Rows(Vec::new())) {
            Answer::Rows(rows) => rows.iter().map(|row| R::from_query_result(row, "")).collect(),
            Answer::Text(text) => serde_json::from_str(&text).map_err(|error| DbErr::Json(error.to_string())),
        }
    }
}

/// Finds rows of which something is given, on SQLite: what is given is gone through, and each is looked up by an index. Left to itself it
/// reads the whole table instead, where it was small when it was last counted.
fn looked_up<A: ActiveModelTrait>(given: &[A], wanted: &[<A::Entity as EntityTrait>::Column]) -> SelectStatement {
    let (table, columns) = (A::Entity::default(), recordset::set::<A>(given));
    let mut rows = Query::select();
    rows.columns(wanted.iter().map(|column| (table, *column)));
    if given.is_empty() {
        return rows.from(table).and_where(Expr::val(false)).to_owned();
    }
    let values = |row: &A| ValueTuple::Many(columns.iter().filter_map(|column| row.get(*column).into_value()).collect());
    // As SQLite names the columns of values.
    let is_same = |(place, column)| Expr::col((table, column)).equals(("given", Alias::new(format!("column{}", place + 1))));
    let is_given = columns.iter().copied().enumerate().map(is_same).fold(Condition::all(), Condition::add);
    rows.from_values(given.iter().map(values), "given").cross_join(table).cond_where(is_given).to_owned()
}

/// That a column is one of some ids.
pub fn is_among<I: Into<uuid::Uuid>>(backend: DatabaseBackend, column: impl IntoColumnRef, ids: impl IntoIterator<Item = I>) -> Expr {
    let ids = ids.into_iter().map(Into::into);
    let column = Expr::col(column);
    if backend != DatabaseBackend::Postgres {
        return column.is_in(ids);
    }
    let ids = Value::Array(ArrayType::Uuid, Some(Box::new(ids.map(Value::from).collect())));
    // Read once, not for each row that is looked at.
    Expr::cust_with_exprs(format!("$1 IN (SELECT unnest({}))", recordset::hidden(2)), [column, Expr::val(ids)])
}

/// Bytes in an answer.
#[derive(Clone, Debug, PartialEq, Eq, sea_orm::DeriveValueType)]
pub struct Bytes(pub Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.strip_prefix("\\x").ok_or_else(|| D::Error::custom("no bytes"))?;
        crate::platform::keys::unhex(digits).map(Self).ok_or_else(|| D::Error::custom("no bytes"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::platform::idempotency::{ActiveModel, Column, Entity};
    use sea_orm::ActiveValue::Set;
    use sea_orm::Database;
    use uuid::Uuid;

    use super::*;

    #[derive(Debug, PartialEq, FromQueryResult, Deserialize)]
    struct Row {
        key: String,
        fingerprint: Bytes,
        outcome: Option<String>,
    }

    fn given(key: &str) -> ActiveModel {
        ActiveModel { key: Set(key.into()), ..Default::default() }
    }

    #[test]
    fn ids_are_one_parameter_on_postgresql() {
        let sql = |count: u128| {
            let among = is_among(DatabaseBackend::Postgres, ("lot", "id"), (0..count).map(Uuid::from_u128));
            DatabaseBackend::Postgres.build(&Query::select().column("id").from("lot").and_where(among).to_owned()).sql
        };
        assert_eq!(sql(1), "SELECT \"id\" FROM \"lot\" WHERE \"lot\".\"id\" IN (SELECT unnest((SELECT $1)))");
        assert_eq!(sql(1), sql(300));
    }

    #[test]
    fn bytes_are_read_as_postgresql_writes_them_in_json() {
        assert_eq!(serde_json::from_str::<Bytes>(r#""\\x00ab""#).unwrap(), Bytes(vec![0, 171]));
        for wrong in [r#""00ab""#, r#""\\x0""#, r#""\\xzz""#, "7"] {
            assert!(serde_json::from_str::<Bytes>(wrong).is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn each_question_has_its_own_answer() {
        let db = Database::connect("sqlite::memory:").await.unwrap();
        db.execute_unprepared("CREATE TABLE idempotency (key text, fingerprint blob, outcome text)").await.unwrap();
        db.execute_unprepared("INSERT INTO idempotency VALUES ('a', x'01', 'done'), ('b', x'02', NULL)").await.unwrap();
        let mut questions = Questions::to(&db);
        let wanted = [Column::Key, Column::Fingerprint, Column::Outcome];
        let some: Question<Row> = questions.ask_given(&[given("b"), given("c")], &wanted, None);
        let undone = Expr::cust("outcome IS NULL");
        let undone: Question<Row> = questions.ask_given(&[given("a"), given("b")], &wanted, Some(undone));
        let none: Question<Row> = questions.ask_given(&[] as &[ActiveModel], &wanted, None);
        let all: Question<Row> = questions.ask(Query::select().columns(wanted).from(Entity).to_owned());
        let (mut answers, clock) = questions.answered(&db).await.unwrap();
        assert_eq!(answers.take(some).unwrap(), [Row { key: "b".into(), fingerprint: Bytes(vec![2]), outcome: None }]);
        assert_eq!(answers.take(undone).unwrap().len(), 1);
        assert_eq!((answers.take(none).unwrap().len(), answers.take(all).unwrap().len(), clock), (0, 2, None));
    }
}
