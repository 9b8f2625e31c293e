//! Where people, organisations, memberships, staff and sessions are kept.

use std::collections::BTreeMap;

use entity::Timestamp;
use entity::identity::{
    MembershipState, OrgRole, StaffRole, membership, membership_role, organisation, person, refresh_token, session, staff,
};
use entity::ids::{MembershipId, OrganisationId, PersonId, SessionId, TokenId};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::platform::db;
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// A person.
pub async fn person(db: &impl ConnectionTrait, id: PersonId) -> Result<Option<person::Model>, DbErr> {
    person::Entity::find_by_id(id).one(db).await
}

/// A person, held: whoever changes what the person is holds it first.
pub async fn hold_person(db: &impl ConnectionTrait, id: PersonId) -> Result<Option<person::Model>, DbErr> {
    person::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// The person with this address.
pub async fn person_by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<person::Model>, DbErr> {
    person::Entity::find().filter(person::Column::Email.eq(email)).one(db).await
}

/// An organisation.
pub async fn organisation(db: &impl ConnectionTrait, id: OrganisationId) -> Result<Option<organisation::Model>, DbErr> {
    organisation::Entity::find_by_id(id).one(db).await
}

/// An organisation, held.
pub async fn hold_organisation(db: &impl ConnectionTrait, id: OrganisationId) -> Result<Option<organisation::Model>, DbErr> {
    organisation::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// A membership, held together with its organisation so that owners are counted truly.
pub async fn hold_membership(db: &impl ConnectionTrait, id: MembershipId) -> Result<Option<membership::Model>, DbErr> {
    let Some(found) = membership::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    hold_organisation(db, found.organisation_id).await?;
    membership::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// The roles of a membership, in a fixed order.
pub async fn roles(db: &impl ConnectionTrait, id: MembershipId) -> Result<Vec<OrgRole>, DbErr> {
    let mut roles: Vec<OrgRole> = membership_role::Entity::find()
        .filter(membership_role::Column::MembershipId.eq(id))
        .all(db)
        .await?
        .into_iter()
        .map(|row| row.role)
        .collect();
    roles.sort_unstable();
    Ok(roles)
}

/// Replaces the roles of a membership.
pub async fn set_roles(db: &impl ConnectionTrait, id: MembershipId, roles: &[OrgRole]) -> Result<(), DbErr> {
    membership_role::Entity::delete_many().filter(membership_role::Column::MembershipId.eq(id)).exec(db).await?;
    for role in roles {
        db::insert(db, membership_role::Model { membership_id: id, role: *role }).await?;
    }
    Ok(())
}

/// Everybody who is or was in an organisation, newest first.
pub async fn members(
    db: &impl ConnectionTrait,
    id: OrganisationId,
    page: &PageQuery,
) -> Result<Vec<(membership::Model, Vec<OrgRole>)>, Problem> {
    let select = membership::Entity::find().filter(membership::Column::OrganisationId.eq(id));
    let rows = page.restrict(select, membership::Column::CreatedAt, membership::Column::Id)?.all(db).await?;
    let mut given: BTreeMap<MembershipId, Vec<OrgRole>> = BTreeMap::new();
    let roles = membership_role::Entity::find()
        .filter(membership_role::Column::MembershipId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(membership_role::Column::Role)
        .all(db)
        .await?;
    for row in roles {
        given.entry(row.membership_id).or_default().push(row.role);
    }
    Ok(rows.into_iter().map(|row| (given.remove(&row.id).unwrap_or_default(), row)).map(|(roles, row)| (row, roles)).collect())
}

/// The membership an address has in an organisation, unless removed.
pub async fn standing_membership(
    db: &impl ConnectionTrait,
    organisation: OrganisationId,
    email: &str,
) -> Result<Option<membership::Model>, DbErr> {
    membership::Entity::find()
        .filter(membership::Column::OrganisationId.eq(organisation))
        .filter(membership::Column::Email.eq(email))
        .filter(membership::Column::State.ne(MembershipState::Removed))
        .one(db)
        .await
}

/// The active memberships of a person.
pub async fn active_memberships(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<membership::Model>, DbErr> {
    membership::Entity::find()
        .filter(membership::Column::PersonId.eq(person))
        .filter(membership::Column::State.eq(MembershipState::Active))
        .order_by_asc(membership::Column::CreatedAt)
        .all(db)
        .await
}

/// The places a person has, be they suspended ones: what binds him to organisations.
pub async fn ties(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<membership::Model>, DbErr> {
    membership::Entity::find()
        .filter(membership::Column::PersonId.eq(person))
        .filter(membership::Column::State.is_in([MembershipState::Active, MembershipState::Suspended]))
        .all(db)
        .await
}

/// What is open to a person: memberships held and invitations to the address.
pub async fn my_memberships(db: &impl ConnectionTrait, person: PersonId, email: &str) -> Result<Vec<membership::Model>, DbErr> {
    membership::Entity::find()
        .filter(sea_orm::Condition::any().add(membership::Column::PersonId.eq(person)).add(
            sea_orm::Condition::all().add(membership::Column::Email.eq(email)).add(membership::Column::State.eq(MembershipState::Invited)),
        ))
        .filter(membership::Column::State.ne(MembershipState::Removed))
        .order_by_asc(membership::Column::CreatedAt)
        .all(db)
        .await
}

/// How many active owners an organisation has besides this membership.
pub async fn other_owners(db: &impl ConnectionTrait, held: &membership::Model) -> Result<u64, DbErr> {
    let owners: Vec<MembershipId> = membership_role::Entity::find()
        .select_only()
        .column(membership_role::Column::MembershipId)
        .filter(membership_role::Column::Role.eq(OrgRole::Owner))
        .filter(membership_role::Column::MembershipId.ne(held.id))
        .filter(
            membership_role::Column::MembershipId.in_subquery(sea_orm::QueryTrait::into_query(
                membership::Entity::find()
                    .select_only()
                    .column(membership::Column::Id)
                    .filter(membership::Column::OrganisationId.eq(held.organisation_id))
                    .filter(membership::Column::State.eq(MembershipState::Active)),
            )),
        )
        .into_tuple()
        .all(db)
        .await?;
    Ok(owners.len() as u64)
}

/// A staff place.
pub async fn staff(db: &impl ConnectionTrait, person: PersonId) -> Result<Option<staff::Model>, DbErr> {
    staff::Entity::find_by_id(person).one(db).await
}

/// A staff place, held.
pub async fn hold_staff(db: &impl ConnectionTrait, person: PersonId) -> Result<Option<staff::Model>, DbErr> {
    staff::Entity::find_by_id(person).lock_exclusive().one(db).await
}

/// Ends a staff place.
pub async fn remove_staff(db: &impl ConnectionTrait, person: PersonId) -> Result<(), DbErr> {
    staff::Entity::delete_by_id(person).exec(db).await.map(|_| ())
}

/// All staff.
pub async fn all_staff(db: &impl ConnectionTrait) -> Result<Vec<(staff::Model, Option<person::Model>)>, DbErr> {
    let rows = staff::Entity::find().order_by_asc(staff::Column::GrantedAt).order_by_asc(staff::Column::PersonId).all(db).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let person = person(db, row.person_id).await?;
        found.push((row, person));
    }
    Ok(found)
}

/// How many hold a staff role; they are held, so that two cannot end each other's place at once.
pub async fn count_staff(db: &impl ConnectionTrait, role: StaffRole) -> Result<u64, DbErr> {
    let rows =
        staff::Entity::find().filter(staff::Column::Role.eq(role)).order_by_asc(staff::Column::PersonId).lock_exclusive().all(db).await?;
    Ok(rows.len() as u64)
}

/// A session.
pub async fn session(db: &impl ConnectionTrait, id: SessionId) -> Result<Option<session::Model>, DbErr> {
    session::Entity::find_by_id(id).one(db).await
}

/// A session, held.
pub async fn hold_session(db: &impl ConnectionTrait, id: SessionId) -> Result<Option<session::Model>, DbErr> {
    session::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// A refresh token.
pub async fn token(db: &impl ConnectionTrait, id: TokenId) -> Result<Option<refresh_token::Model>, DbErr> {
    refresh_token::Entity::find_by_id(id).one(db).await
}

/// Notes the first use of the access token issued with a refresh token. That column alone: a renewal may
/// be changing the others at this moment.
pub async fn saw_access(db: &impl ConnectionTrait, id: TokenId, at: Timestamp) -> Result<(), DbErr> {
    refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::AccessSeenAt, Some(at).into())
        .filter(refresh_token::Column::Id.eq(id))
        .filter(refresh_token::Column::AccessSeenAt.is_null())
        .exec(db)
        .await
        .map(|_| ())
}

/// The refresh token with this hash.
pub async fn token_by_hash(db: &impl ConnectionTrait, hash: &[u8]) -> Result<Option<refresh_token::Model>, DbErr> {
    refresh_token::Entity::find().filter(refresh_token::Column::Hash.eq(hash)).one(db).await
}

/// The child of a refresh token that has not been replaced.
pub async fn live_successor(db: &impl ConnectionTrait, id: TokenId) -> Result<Option<refresh_token::Model>, DbErr> {
    refresh_token::Entity::find()
        .filter(refresh_token::Column::ParentId.eq(id))
        .filter(refresh_token::Column::SupersededAt.is_null())
        .one(db)
        .await
}
