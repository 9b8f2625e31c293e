//! What keeps claims apart: no two of one right meet in every dimension. The second wall behind the conflict matrix, which it does not
//! repeat: it knows of those alone who are to be the only licensee.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

/// The four dimensions of a claim.
const DIMENSIONS: [&str; 4] = ["act", "field", "region", "day"];

/// Lets no two claims meet: by an exclusion constraint on PostgreSQL, which holds between transactions that do not see each other; by a
/// trigger on SQLite, where there is one writer.
pub async fn keep_apart(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    if manager.get_database_backend() == DatabaseBackend::Sqlite {
        let meets: Vec<_> = DIMENSIONS.map(|name| format!("{name}_from < NEW.{name}_to AND NEW.{name}_from < {name}_to")).to_vec();
        let met = format!("EXISTS (SELECT 1 FROM licence_claim WHERE asset_id = NEW.asset_id AND {})", meets.join(" AND "));
        // Claims are written and taken away, and never changed.
        let sql = format!(
            "CREATE TRIGGER ex_licence_claim BEFORE INSERT ON licence_claim FOR EACH ROW WHEN {met} \
             BEGIN SELECT RAISE(ABORT, 'ex_licence_claim'); END"
        );
        return db.execute_unprepared(&sql).await.map(|_| ());
    }
    // Equality of ids within an index of ranges; any owner of a database may have it.
    db.execute_unprepared("CREATE EXTENSION IF NOT EXISTS btree_gist").await?;
    let ranges: Vec<_> = DIMENSIONS.map(|name| format!("int4range({name}_from, {name}_to) WITH &&")).to_vec();
    let sql =
        format!("ALTER TABLE licence_claim ADD CONSTRAINT ex_licence_claim EXCLUDE USING gist (asset_id WITH =, {})", ranges.join(", "));
    db.execute_unprepared(&sql).await.map(|_| ())
}
