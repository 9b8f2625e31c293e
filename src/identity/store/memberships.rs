//! Where memberships and their roles are kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::identity::{MembershipState, OrgRole, OrganisationState, membership, membership_role, organisation, person};
use entity::ids::{MembershipId, OrganisationId, PersonId};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::Deserialize;

use crate::platform::db::{self, Question, Questions};
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// A membership.
pub async fn membership(db: &impl ConnectionTrait, id: MembershipId) -> Result<Option<membership::Model>, DbErr> {
    membership::Entity::find_by_id(id).one(db).await
}

/// A membership, held together with its organisation so that owners are counted truly.
pub async fn hold_membership(db: &impl ConnectionTrait, id: MembershipId) -> Result<Option<membership::Model>, DbErr> {
    let Some(found) = membership(db, id).await? else { return Ok(None) };
    super::hold_organisation(db, found.organisation_id).await?;
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
    blind: &[u8],
) -> Result<Option<membership::Model>, DbErr> {
    membership::Entity::find()
        .filter(membership::Column::OrganisationId.eq(organisation))
        .filter(membership::Column::EmailBlind.eq(blind))
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

/// The place somebody has in an organisation.
#[derive(Clone, Debug)]
pub struct Place {
    /// Whether the organisation is verified.
    pub verified: bool,
    /// What he may do for it.
    pub roles: Vec<OrgRole>,
}

/// The places of people, by person and organisation.
pub type Places = HashMap<PersonId, HashMap<OrganisationId, Place>>;

/// A role somebody has in an organisation, or that he has a place there without any.
#[derive(FromQueryResult, Deserialize)]
pub struct PlaceRow {
    person_id: PersonId,
    organisation_id: OrganisationId,
    state: OrganisationState,
    role: Option<OrgRole>,
}

/// Asks for the places people have now, of those whose account lets them in.
pub fn ask_places(questions: &mut Questions, people: impl IntoIterator<Item = PersonId>) -> Question<PlaceRow> {
    let of = |column: membership::Column| Expr::col((membership::Entity, column));
    let asked = Query::select()
        .columns([(membership::Entity, membership::Column::PersonId), (membership::Entity, membership::Column::OrganisationId)])
        .column((organisation::Entity, organisation::Column::State))
        .column((membership_role::Entity, membership_role::Column::Role))
        .from(membership::Entity)
        .inner_join(person::Entity, of(membership::Column::PersonId).equals((person::Entity, person::Column::Id)))
        .inner_join(organisation::Entity, of(membership::Column::OrganisationId).equals((organisation::Entity, organisation::Column::Id)))
        .left_join(
            membership_role::Entity,
            of(membership::Column::Id).equals((membership_role::Entity, membership_role::Column::MembershipId)),
        )
        .and_where(questions.is_among((membership::Entity, membership::Column::PersonId), people))
        .and_where(of(membership::Column::State).eq(MembershipState::Active))
        .and_where(Expr::col((person::Entity, person::Column::SuspendedAt)).is_null())
        .and_where(Expr::col((person::Entity, person::Column::ClosedAt)).is_null())
        .to_owned();
    questions.ask(asked)
}

/// The places such rows tell of.
pub fn places_of(rows: Vec<PlaceRow>) -> Places {
    let mut found = Places::new();
    for row in rows {
        let verified = row.state == OrganisationState::Verified;
        let places = found.entry(row.person_id).or_default();
        let place = places.entry(row.organisation_id).or_insert_with(|| Place { verified, roles: Vec::new() });
        place.roles.extend(row.role);
    }
    found
}

/// Everybody who has an active place in one of these organisations and whose address is known to be his, by organisation.
pub async fn reachable_members(
    db: &impl ConnectionTrait,
    organisations: &BTreeSet<OrganisationId>,
) -> Result<BTreeMap<OrganisationId, BTreeSet<PersonId>>, DbErr> {
    let proved = person::Entity::find().select_only().column(person::Column::Id).filter(person::Column::AddressProvedAt.is_not_null());
    let proved = proved.into_query();
    let places: Vec<(OrganisationId, PersonId)> = membership::Entity::find()
        .select_only()
        .column(membership::Column::OrganisationId)
        .column(membership::Column::PersonId)
        .filter(membership::Column::OrganisationId.is_in(organisations.iter().copied()))
        .filter(membership::Column::State.eq(MembershipState::Active))
        .filter(membership::Column::PersonId.in_subquery(proved))
        .into_tuple()
        .all(db)
        .await?;
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (organisation, person) in places {
        found.entry(organisation).or_default().insert(person);
    }
    Ok(found)
}

/// Every place somebody took in one of these organisations, be it over.
pub async fn taken_places(db: &impl ConnectionTrait, organisations: &BTreeSet<OrganisationId>) -> Result<Vec<membership::Model>, DbErr> {
    membership::Entity::find()
        .filter(membership::Column::OrganisationId.is_in(organisations.iter().copied()))
        .filter(membership::Column::State.ne(MembershipState::Invited))
        .filter(membership::Column::PersonId.is_not_null())
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
pub async fn my_memberships(db: &impl ConnectionTrait, held: &person::Model) -> Result<Vec<membership::Model>, DbErr> {
    let invited = membership::Column::State.eq(MembershipState::Invited);
    let open = sea_orm::Condition::all().add(membership::Column::EmailBlind.eq(held.email_blind.clone())).add(invited);
    membership::Entity::find()
        .filter(sea_orm::Condition::any().add(membership::Column::PersonId.eq(held.id)).add(open))
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
