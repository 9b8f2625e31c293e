//! The ground: one numbered step per table family, the same source for SQLite and PostgreSQL.
//!
//! Steps are written as SQL with a few placeholders for the types that differ. Every constraint
//! has a name; every state column refers to a table of states; append-only tables are guarded by triggers.

use sea_orm_migration::prelude::*;
pub use sea_orm_migration::prelude::{MigratorTrait, SchemaManager};

mod append_only;
mod claims;
mod dialect;
mod relax;
mod states;
mod steps;

/// All steps in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        steps::all()
    }
}
