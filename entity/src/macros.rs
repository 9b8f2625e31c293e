//! Two small macros that keep tables and states to what differs between them.

/// Declares a closed enumeration that is stored as its `snake_case` code.
macro_rules! codes {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord,
            serde::Serialize, serde::Deserialize, utoipa::ToSchema,
            sea_orm::EnumIter, sea_orm::DeriveActiveEnum,
        )]
        #[serde(rename_all = "snake_case")]
        #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
        #[allow(missing_docs)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every member, in order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The codes of every member.
            pub fn codes() -> Vec<String> {
                Self::ALL.iter().map(|member| member.code()).collect()
            }

            /// The stored and spoken code.
            pub fn code(self) -> String {
                sea_orm::ActiveEnum::into_value(self)
            }
        }
    };
}

/// Declares a table as a module with its `Model`, `Entity` and `Column`.
macro_rules! table {
    ($(#[$meta:meta])* $name:ident $table:literal { $($body:tt)* }) => {
        $(#[$meta])*
        #[allow(missing_docs)]
        pub mod $name {
            #[allow(clippy::wildcard_imports, unused_imports)]
            use super::*;
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model { $($body)* }

            /// Rows are joined by hand where a query needs it.
            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}
