//! Where people, organisations, memberships, staff and sessions are kept.

pub mod registrations;

use std::collections::{BTreeMap, BTreeSet};

use entity::Timestamp;
use entity::identity::{
    MembershipState, OrgRole, StaffRole, device_letter, device_request, membership, membership_role, organisation, password_reset,
    past_password, person, recovery_code, refresh_token, reset_request, second_factor, session, sign_in_attempt, staff, token_key,
};
use entity::ids::{AttemptId, MembershipId, OrganisationId, PersonId, SessionId, TokenId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseBackend, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use crate::platform::db;
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// A person.
pub async fn person(db: &impl ConnectionTrait, id: PersonId) -> Result<Option<person::Model>, DbErr> {
    person::Entity::find_by_id(id).one(db).await
}

/// Notes that a person's address is his, if that was not known.
pub async fn prove_address(db: &impl ConnectionTrait, id: PersonId, now: Timestamp) -> Result<(), DbErr> {
    person::Entity::update_many()
        .col_expr(person::Column::AddressProvedAt, Expr::value(now))
        .filter(person::Column::Id.eq(id))
        .filter(person::Column::AddressProvedAt.is_null())
        .exec(db)
        .await
        .map(|_| ())
}

/// A person, held: whoever changes what the person is holds it first.
pub async fn hold_person(db: &impl ConnectionTrait, id: PersonId) -> Result<Option<person::Model>, DbErr> {
    person::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// The person whose address this stands for.
pub async fn person_by_email(db: &impl ConnectionTrait, blind: &[u8]) -> Result<Option<person::Model>, DbErr> {
    person::Entity::find().filter(person::Column::EmailBlind.eq(blind)).one(db).await
}

/// Puts a hash made anew in the place of the one it was made beside, unless another stands there by now; tells whether it did.
/// That column alone: the password is the same.
pub async fn rehash(db: &impl ConnectionTrait, id: PersonId, old: &str, new: &str) -> Result<bool, DbErr> {
    let done = person::Entity::update_many()
        .col_expr(person::Column::PasswordHash, new.to_owned().into())
        .filter(person::Column::Id.eq(id))
        .filter(person::Column::PasswordHash.eq(old))
        .exec(db)
        .await?;
    Ok(done.rows_affected > 0)
}

/// An organisation.
pub async fn organisation(db: &impl ConnectionTrait, id: OrganisationId) -> Result<Option<organisation::Model>, DbErr> {
    organisation::Entity::find_by_id(id).one(db).await
}

/// An organisation, held.
pub async fn hold_organisation(db: &impl ConnectionTrait, id: OrganisationId) -> Result<Option<organisation::Model>, DbErr> {
    organisation::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// A membership.
pub async fn membership(db: &impl ConnectionTrait, id: MembershipId) -> Result<Option<membership::Model>, DbErr> {
    membership::Entity::find_by_id(id).one(db).await
}

/// A membership, held together with its organisation so that owners are counted truly.
pub async fn hold_membership(db: &impl ConnectionTrait, id: MembershipId) -> Result<Option<membership::Model>, DbErr> {
    let Some(found) = membership(db, id).await? else { return Ok(None) };
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
pub async fn staff_page(db: &impl ConnectionTrait, page: &PageQuery) -> Result<Vec<(staff::Model, Option<person::Model>)>, Problem> {
    let rows = page.restrict(staff::Entity::find(), staff::Column::GrantedAt, staff::Column::PersonId)?.all(db).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let person = person(db, row.person_id).await?;
        found.push((row, person));
    }
    Ok(found)
}

/// How many hold a staff role.
pub async fn number_of_staff(db: &impl ConnectionTrait, role: StaffRole) -> Result<u64, DbErr> {
    staff::Entity::find().filter(staff::Column::Role.eq(role)).count(db).await
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

/// When a session was last renewed: when the only one of its tokens that can be exchanged was made.
pub async fn last_renewal(db: &impl ConnectionTrait, session: SessionId) -> Result<Option<Timestamp>, DbErr> {
    let leaf = refresh_token::Entity::find()
        .filter(refresh_token::Column::SessionId.eq(session))
        .filter(refresh_token::Column::UsedAt.is_null())
        .filter(refresh_token::Column::SupersededAt.is_null());
    Ok(leaf.one(db).await?.map(|token| token.created_at))
}

/// Every session of a person that was not ended, held, by id.
pub async fn hold_sessions(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<session::Model>, DbErr> {
    session::Entity::find()
        .filter(session::Column::PersonId.eq(person))
        .filter(session::Column::RevokedAt.is_null())
        .order_by_asc(session::Column::Id)
        .lock_exclusive()
        .all(db)
        .await
}

/// A page of the sessions of a person that live, newest first, and one more.
pub async fn sessions_page(
    db: &impl ConnectionTrait,
    person: PersonId,
    now: Timestamp,
    page: &PageQuery,
) -> Result<Vec<session::Model>, Problem> {
    let live = session::Entity::find()
        .filter(session::Column::PersonId.eq(person))
        .filter(session::Column::RevokedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now));
    Ok(page.restrict(live, session::Column::CreatedAt, session::Column::Id)?.all(db).await?)
}

/// A person's second factor.
pub async fn second_factor(db: &impl ConnectionTrait, person: PersonId) -> Result<Option<second_factor::Model>, DbErr> {
    second_factor::Entity::find_by_id(person).one(db).await
}

/// A person's second factor, held: a code is used once.
pub async fn hold_second_factor(db: &impl ConnectionTrait, person: PersonId) -> Result<Option<second_factor::Model>, DbErr> {
    second_factor::Entity::find_by_id(person).lock_exclusive().one(db).await
}

/// Takes a second factor away.
pub async fn remove_second_factor(db: &impl ConnectionTrait, person: PersonId) -> Result<(), DbErr> {
    second_factor::Entity::delete_by_id(person).exec(db).await.map(|_| ())
}

/// Takes a person's recovery codes away.
pub async fn remove_recovery_codes(db: &impl ConnectionTrait, person: PersonId) -> Result<(), DbErr> {
    recovery_code::Entity::delete_many().filter(recovery_code::Column::PersonId.eq(person)).exec(db).await.map(|_| ())
}

/// Uses a recovery code; tells whether it was there.
pub async fn use_recovery_code(db: &impl ConnectionTrait, person: PersonId, hash: &[u8]) -> Result<bool, DbErr> {
    let used = recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::PersonId.eq(person))
        .filter(recovery_code::Column::Hash.eq(hash))
        .exec(db)
        .await?;
    Ok(used.rows_affected > 0)
}

/// The last passwords of a person, newest first.
pub async fn past_passwords(db: &impl ConnectionTrait, person: PersonId, count: usize) -> Result<Vec<past_password::Model>, DbErr> {
    past_password::Entity::find()
        .filter(past_password::Column::PersonId.eq(person))
        .order_by_desc(past_password::Column::ReplacedAt)
        .order_by_desc(past_password::Column::Id)
        .limit(count as u64)
        .all(db)
        .await
}

/// Forgets the passwords of a person but for the last so many.
pub async fn forget_passwords(db: &impl ConnectionTrait, person: PersonId, keep: usize) -> Result<(), DbErr> {
    let kept: Vec<_> = past_passwords(db, person, keep).await?.into_iter().map(|row| row.id).collect();
    past_password::Entity::delete_many()
        .filter(past_password::Column::PersonId.eq(person))
        .filter(past_password::Column::Id.is_not_in(kept))
        .exec(db)
        .await
        .map(|_| ())
}

/// No session of a person counts as proved any more.
pub async fn unprove_sessions(db: &impl ConnectionTrait, person: PersonId) -> Result<(), DbErr> {
    session::Entity::update_many()
        .col_expr(session::Column::ProvedAt, Expr::value(None::<Timestamp>))
        .filter(session::Column::PersonId.eq(person))
        .exec(db)
        .await
        .map(|_| ())
}

/// Whether a recovery code stands.
pub async fn has_recovery_code(db: &impl ConnectionTrait, person: PersonId, hash: &[u8]) -> Result<bool, DbErr> {
    let found = recovery_code::Entity::find()
        .filter(recovery_code::Column::PersonId.eq(person))
        .filter(recovery_code::Column::Hash.eq(hash))
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Lets one try of an account be judged at a time. The account need not exist, so there is no row to hold.
pub async fn hold_account(db: &impl ConnectionTrait, account: &[u8]) -> Result<(), DbErr> {
    if db.get_database_backend() == DatabaseBackend::Postgres {
        let part = account.first_chunk::<4>().map_or(0, |bytes| i32::from_be_bytes(*bytes));
        db.execute_unprepared(&format!("SELECT pg_advisory_xact_lock(7402005, {part})")).await?;
    }
    Ok(())
}

/// The failed tries of an account since an instant, from anywhere or from one origin, the newest of them.
pub async fn attempts(
    db: &impl ConnectionTrait,
    account: &[u8],
    origin: Option<&str>,
    since: Timestamp,
    most: usize,
) -> Result<Vec<sign_in_attempt::Model>, DbErr> {
    let mut find = sign_in_attempt::Entity::find()
        .filter(sign_in_attempt::Column::Account.eq(account))
        .filter(sign_in_attempt::Column::MadeAt.gt(since));
    if let Some(origin) = origin {
        find = find.filter(sign_in_attempt::Column::Origin.eq(origin));
    }
    find.order_by_desc(sign_in_attempt::Column::MadeAt).limit(u64::try_from(most).unwrap_or(u64::MAX)).all(db).await
}

/// Takes a try away.
pub async fn remove_attempt(db: &impl ConnectionTrait, id: AttemptId) -> Result<(), DbErr> {
    sign_in_attempt::Entity::delete_by_id(id).exec(db).await.map(|_| ())
}

/// Takes all tries before an instant away.
pub async fn remove_attempts_before(db: &impl ConnectionTrait, limit: Timestamp) -> Result<(), DbErr> {
    sign_in_attempt::Entity::delete_many().filter(sign_in_attempt::Column::MadeAt.lt(limit)).exec(db).await.map(|_| ())
}

/// Notes that a letter to a new device was asked for; tells whether none waits yet.
pub async fn insert_device_request(db: &impl ConnectionTrait, row: device_request::Model) -> Result<bool, DbErr> {
    db::insert_if_absent(db, row).await
}

/// Takes a note away that a letter to a new device was asked for.
pub async fn take_device_request(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<device_request::Model>, DbErr> {
    let found = device_request::Entity::find().filter(device_request::Column::Id.eq(id)).lock_exclusive().one(db).await?;
    device_request::Entity::delete_many().filter(device_request::Column::Id.eq(id)).exec(db).await?;
    Ok(found)
}

/// Whether a letter written to a person since an instant was not used yet.
pub async fn has_device_letter(db: &impl ConnectionTrait, person: PersonId, since: Timestamp) -> Result<bool, DbErr> {
    let found = device_letter::Entity::find()
        .filter(device_letter::Column::PersonId.eq(person))
        .filter(device_letter::Column::CreatedAt.gt(since))
        .filter(device_letter::Column::UsedAt.is_null())
        .limit(1)
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// A letter to a new device.
pub async fn device_letter(db: &impl ConnectionTrait, hash: &[u8]) -> Result<Option<device_letter::Model>, DbErr> {
    device_letter::Entity::find_by_id(hash.to_vec()).one(db).await
}

/// A letter to a new device, held: it is used once.
pub async fn hold_device_letter(db: &impl ConnectionTrait, hash: &[u8]) -> Result<Option<device_letter::Model>, DbErr> {
    device_letter::Entity::find_by_id(hash.to_vec()).lock_exclusive().one(db).await
}

/// Takes away the letters to new devices that ran out before an instant.
pub async fn remove_device_letters_before(db: &impl ConnectionTrait, limit: Timestamp) -> Result<(), DbErr> {
    device_letter::Entity::delete_many().filter(device_letter::Column::ExpiresAt.lt(limit)).exec(db).await.map(|_| ())
}

/// A password reset.
pub async fn reset(db: &impl ConnectionTrait, hash: &[u8]) -> Result<Option<password_reset::Model>, DbErr> {
    password_reset::Entity::find_by_id(hash.to_vec()).one(db).await
}

/// A password reset, held.
pub async fn hold_reset(db: &impl ConnectionTrait, hash: &[u8]) -> Result<Option<password_reset::Model>, DbErr> {
    password_reset::Entity::find_by_id(hash.to_vec()).lock_exclusive().one(db).await
}

/// Notes that a letter with a reset was asked for; tells whether none waits yet.
pub async fn insert_reset_request(db: &impl ConnectionTrait, row: reset_request::Model) -> Result<bool, DbErr> {
    db::insert_if_absent(db, row).await
}

/// Takes a note away that a letter was asked for.
pub async fn take_reset_request(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<reset_request::Model>, DbErr> {
    let found = reset_request::Entity::find().filter(reset_request::Column::Id.eq(id)).lock_exclusive().one(db).await?;
    reset_request::Entity::delete_many().filter(reset_request::Column::Id.eq(id)).exec(db).await?;
    Ok(found)
}

/// Whether a letter with a reset written to a person since an instant was not used yet.
pub async fn has_reset_letter(db: &impl ConnectionTrait, person: PersonId, since: Timestamp) -> Result<bool, DbErr> {
    let found = password_reset::Entity::find()
        .filter(password_reset::Column::PersonId.eq(person))
        .filter(password_reset::Column::IssuedBy.is_null())
        .filter(password_reset::Column::CreatedAt.gt(since))
        .filter(password_reset::Column::UsedAt.is_null())
        .limit(1)
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Takes every reset of a person away that was not used.
pub async fn remove_resets(db: &impl ConnectionTrait, person: PersonId) -> Result<(), DbErr> {
    password_reset::Entity::delete_many()
        .filter(password_reset::Column::PersonId.eq(person))
        .filter(password_reset::Column::UsedAt.is_null())
        .exec(db)
        .await
        .map(|_| ())
}

/// Every token key, oldest first.
pub async fn token_keys(db: &impl ConnectionTrait) -> Result<Vec<token_key::Model>, DbErr> {
    token_key::Entity::find().order_by_asc(token_key::Column::Generation).all(db).await
}

/// Every token key, held, oldest first.
pub async fn hold_token_keys(db: &impl ConnectionTrait) -> Result<Vec<token_key::Model>, DbErr> {
    token_key::Entity::find().order_by_asc(token_key::Column::Generation).lock_exclusive().all(db).await
}

/// Writes a token key down, unless its generation stands already.
pub async fn insert_token_key(db: &impl ConnectionTrait, row: token_key::Model) -> Result<bool, DbErr> {
    db::insert_if_absent(db, row).await
}
