//! Where data keys are kept, what is sealed under them, and what a person had a hand in.

use entity::admissions::admission;
use entity::auctions::{first_offer, lot_event, turn_bid};
use entity::banking::{bank_case, bank_line, bank_statement, payment_file, payment_item};
use entity::certificates::licence_certificate;
use entity::data_rooms::{data_room, data_room_acceptance, data_room_access, data_room_document, data_room_grant, data_room_nda};
use entity::deals::deal_signature;
use entity::documents::document;
use entity::encumbrances::{burden, burden_consent, burden_step, consent_withdrawal, owners_agreement};
use entity::gates::{export_paper, gate_acknowledgement, gate_declaration, organisation_facts, organisation_relation, restriction};
use entity::identity::{
    data_request, device_letter, membership, organisation, past_password, person, refresh_token, registration_request, session,
    sign_in_attempt,
};
use entity::ids::{
    BankCreditId, ListingId, MembershipId, ObjectionId, PaymentItemId, PersonId, QuestionId, RegistrationRequestId, TipId, TransferId,
};
use entity::ledger::{bank_credit, bank_entry};
use entity::licences::licence_grant;
use entity::listings::{listing, listing_amendment};
use entity::negotiations::{negotiation, negotiation_decision, negotiation_offer};
use entity::notices::{notice, notice_proposal, notice_takedown, unit_notice};
use entity::objections::objection;
use entity::open_implementation::open_implementation;
use entity::open_licences::{open_licence, open_licence_acceptance};
use entity::platform::data_key;
use entity::questions::question;
use entity::recordals::{patent_grant, recordal};
use entity::rights_grants::rights_grant;
use entity::sealed::Sealed;
use entity::tips::tip;
use entity::{Timestamp, identity};
use sea_orm::sea_query::{ExprTrait, LockBehavior, LockType, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use crate::platform::db;
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// Every data key, oldest first.
pub async fn data_keys(db: &impl ConnectionTrait) -> Result<Vec<data_key::Model>, DbErr> {
    data_key::Entity::find().order_by_asc(data_key::Column::Generation).all(db).await
}

/// Every data key, held, oldest first.
pub async fn hold_data_keys(db: &impl ConnectionTrait) -> Result<Vec<data_key::Model>, DbErr> {
    data_key::Entity::find().order_by_asc(data_key::Column::Generation).lock_exclusive().all(db).await
}

/// A data key, held so that it is not destroyed meanwhile.
pub async fn share_data_key(db: &impl ConnectionTrait, generation: i64) -> Result<Option<data_key::Model>, DbErr> {
    data_key::Entity::find_by_id(generation).lock_shared().one(db).await
}

/// Writes a data key down, unless its generation stands already.
pub async fn insert_data_key(db: &impl ConnectionTrait, row: data_key::Model) -> Result<bool, DbErr> {
    db::insert_if_absent(db, row).await
}

/// What is not sealed under this key.
fn elsewhere(column: impl ColumnTrait, generation: i64) -> SimpleExpr {
    column.not_like(format!("{}%", Sealed::beginning(generation)))
}

/// What was said and is not sealed under this key; what was taken away is nothing.
fn said_elsewhere(column: impl ColumnTrait, generation: i64) -> Condition {
    Condition::all().add(column.ne("")).add(elsewhere(column, generation))
}

/// Questions whose words are not sealed under this key, held.
pub async fn hold_questions_elsewhere(db: &impl ConnectionTrait, generation: i64, most: u64) -> Result<Vec<question::Model>, DbErr> {
    let rows = question::Entity::find().filter(elsewhere(question::Column::Words, generation));
    let rows = rows.order_by_asc(question::Column::Id).limit(most);
    rows.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).all(db).await
}

/// Tips whose words are not sealed under this key, held.
pub async fn hold_tips_elsewhere(db: &impl ConnectionTrait, generation: i64, most: u64) -> Result<Vec<tip::Model>, DbErr> {
    let rows = tip::Entity::find().filter(elsewhere(tip::Column::Words, generation)).order_by_asc(tip::Column::Id).limit(most);
    rows.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).all(db).await
}

/// The questions of a person, held.
pub async fn hold_questions(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<question::Model>, DbErr> {
    let his = question::Entity::find().filter(question::Column::Asker.eq(person));
    his.order_by_asc(question::Column::Id).lock_exclusive().all(db).await
}

/// Lines of the bank with a word that is not sealed under this key.
fn lines_elsewhere(generation: i64) -> Select<bank_line::Entity> {
    let words = [bank_line::Column::CounterpartyName, bank_line::Column::CounterpartyAccount, bank_line::Column::Remark];
    let any = words.into_iter().map(|column| said_elsewhere(column, generation)).fold(Condition::any(), Condition::add);
    bank_line::Entity::find().filter(any)
}

/// People of whom something is not sealed under this key. Most have no reason for a suspension, and none is nowhere.
fn of_people_elsewhere(generation: i64) -> Condition {
    let cells = [person::Column::Email, person::Column::Name, person::Column::SuspendedWhy];
    cells.into_iter().map(|column| elsewhere(column, generation)).fold(Condition::any(), Condition::add)
}

/// People of whom something is not sealed under this key, held; those somebody else works on are left to him.
pub async fn hold_people_elsewhere(db: &impl ConnectionTrait, generation: i64, most: u64) -> Result<Vec<person::Model>, DbErr> {
    let other = of_people_elsewhere(generation).add(person::Column::EmailBlind.is_null().and(person::Column::ForgottenAt.is_null()));
    let rows = person::Entity::find().filter(other).order_by_asc(person::Column::Id).limit(most);
    rows.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).all(db).await
}

/// Memberships whose address is not sealed under this key, held.
pub async fn hold_memberships_elsewhere(db: &impl ConnectionTrait, generation: i64, most: u64) -> Result<Vec<membership::Model>, DbErr> {
    let rows = membership::Entity::find().filter(elsewhere(membership::Column::Email, generation));
    let rows = rows.order_by_asc(membership::Column::Id).limit(most);
    rows.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).all(db).await
}

/// Listings whose contact is not sealed under this key, held.
pub async fn hold_listings_elsewhere(db: &impl ConnectionTrait, generation: i64, most: u64) -> Result<Vec<listing::Model>, DbErr> {
    let rows = listing::Entity::find().filter(said_elsewhere(listing::Column::Contact, generation));
    let rows = rows.order_by_asc(listing::Column::Id).limit(most);
    rows.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).all(db).await
}

/// Objections whose words are not sealed under this key, held.
pub async fn hold_objections_elsewhere(db: &impl ConnectionTrait, generation: i64, most: u64) -> Result<Vec<objection::Model>, DbErr> {
    let rows = objection::Entity::find().filter(elsewhere(objection::Column::Words, generation));
    let rows = rows.order_by_asc(objection::Column::Id).limit(most);
    rows.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).all(db).await
}

/// The documents of a person's own, held.
pub async fn hold_documents(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<document::Model>, DbErr> {
    let his = document::Entity::find().filter(document::Column::PersonId.eq(person));
    his.order_by_asc(document::Column::Id).lock_exclusive().all(db).await
}

/// The objections of a person, held.
pub async fn hold_objections(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<objection::Model>, DbErr> {
    let his = objection::Entity::find().filter(objection::Column::Objector.eq(person));
    his.order_by_asc(objection::Column::Id).lock_exclusive().all(db).await
}

/// Lines of the bank with a word that is not sealed under this key, held.
pub async fn hold_lines_elsewhere(db: &impl ConnectionTrait, generation: i64, most: u64) -> Result<Vec<bank_line::Model>, DbErr> {
    let rows = lines_elsewhere(generation).order_by_asc(bank_line::Column::Id).limit(most);
    rows.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).all(db).await
}

/// What was booked of somebody whose name is not sealed under this key, held.
pub async fn hold_entries_elsewhere(db: &impl ConnectionTrait, generation: i64, most: u64) -> Result<Vec<bank_entry::Model>, DbErr> {
    let rows = bank_entry::Entity::find().filter(said_elsewhere(bank_entry::Column::CounterpartyName, generation));
    let rows = rows.order_by_asc(bank_entry::Column::TransferId).limit(most);
    rows.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).all(db).await
}

/// Deposits paid in a name that is not sealed under this key, held.
pub async fn hold_credits_elsewhere(db: &impl ConnectionTrait, generation: i64, most: u64) -> Result<Vec<bank_credit::Model>, DbErr> {
    let rows = bank_credit::Entity::find().filter(said_elsewhere(bank_credit::Column::PayerName, generation));
    let rows = rows.order_by_asc(bank_credit::Column::Id).limit(most);
    rows.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).all(db).await
}

/// Payments to somebody whose name is not sealed under this key, held.
pub async fn hold_payments_elsewhere(db: &impl ConnectionTrait, generation: i64, most: u64) -> Result<Vec<payment_item::Model>, DbErr> {
    let rows = payment_item::Entity::find().filter(said_elsewhere(payment_item::Column::PayeeName, generation));
    let rows = rows.order_by_asc(payment_item::Column::Id).limit(most);
    rows.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).all(db).await
}

/// Requests whose reason is not sealed under this key, held.
pub async fn hold_requests_elsewhere(db: &impl ConnectionTrait, generation: i64, most: u64) -> Result<Vec<data_request::Model>, DbErr> {
    let rows = data_request::Entity::find().filter(elsewhere(data_request::Column::Reason, generation));
    let rows = rows.order_by_asc(data_request::Column::Id).limit(most);
    rows.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).all(db).await
}

/// Requests to register with what was given, where it is not sealed under this key, held.
pub async fn hold_registrations_elsewhere(
    db: &impl ConnectionTrait,
    generation: i64,
    most: u64,
) -> Result<Vec<registration_request::Model>, DbErr> {
    let given = registration_request::Column::Email;
    let rows = registration_request::Entity::find().filter(given.is_not_null()).filter(elsewhere(given, generation));
    let rows = rows.order_by_asc(registration_request::Column::Id).limit(most);
    rows.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).all(db).await
}

/// Whether there is somebody, or an invitation, that cannot be found by an address yet.
pub async fn has_unfindable(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let people = person::Column::EmailBlind.is_null().and(person::Column::ForgottenAt.is_null());
    let places = membership::Column::EmailBlind.is_null().and(elsewhere_at_all(membership::Column::Email));
    let person = person::Entity::find().filter(people).limit(1).one(db).await?;
    Ok(person.is_some() || membership::Entity::find().filter(places).limit(1).one(db).await?.is_some())
}

/// What is not sealed at all.
fn elsewhere_at_all(column: impl ColumnTrait) -> SimpleExpr {
    column.not_like(format!("{}%", Sealed::MARK))
}

/// How many rows are not sealed under this key.
pub async fn count_elsewhere(db: &impl ConnectionTrait, generation: i64) -> Result<u64, DbErr> {
    let people = person::Entity::find().filter(of_people_elsewhere(generation)).count(db).await?;
    let offers = listing::Entity::find().filter(said_elsewhere(listing::Column::Contact, generation)).count(db).await?;
    let places = membership::Entity::find().filter(elsewhere(membership::Column::Email, generation)).count(db).await?;
    let requests = data_request::Entity::find().filter(elsewhere(data_request::Column::Reason, generation)).count(db).await?;
    let objections = objection::Entity::find().filter(elsewhere(objection::Column::Words, generation)).count(db).await?;
    let questions = question::Entity::find().filter(elsewhere(question::Column::Words, generation)).count(db).await?;
    let tips = tip::Entity::find().filter(elsewhere(tip::Column::Words, generation)).count(db).await?;
    let given = registration_request::Column::Email;
    let registrations = registration_request::Entity::find().filter(given.is_not_null()).filter(elsewhere(given, generation));
    let registrations = registrations.count(db).await?;
    Ok(people + places + offers + objections + questions + tips + requests + registrations + count_of_the_bank(db, generation).await?)
}

/// How many of them are what the bank said.
async fn count_of_the_bank(db: &impl ConnectionTrait, generation: i64) -> Result<u64, DbErr> {
    let entries = bank_entry::Entity::find().filter(said_elsewhere(bank_entry::Column::CounterpartyName, generation));
    let credits = bank_credit::Entity::find().filter(said_elsewhere(bank_credit::Column::PayerName, generation));
    let payments = payment_item::Entity::find().filter(said_elsewhere(payment_item::Column::PayeeName, generation));
    let lines = lines_elsewhere(generation).count(db).await?;
    Ok(lines + entries.count(db).await? + credits.count(db).await? + payments.count(db).await?)
}

/// Seals what is kept of a person anew, and gives the address its keyed hash.
pub async fn reseal_person(db: &impl ConnectionTrait, held: &person::Model) -> Result<(), DbErr> {
    person::Entity::update_many()
        .col_expr(person::Column::Email, held.email.clone().into())
        .col_expr(person::Column::Name, held.name.clone().into())
        .col_expr(person::Column::SuspendedWhy, held.suspended_why.clone().into())
        .col_expr(person::Column::EmailBlind, held.email_blind.clone().into())
        .filter(person::Column::Id.eq(held.id))
        .exec(db)
        .await
        .map(|_| ())
}

/// Seals the address of a membership anew, and gives it its keyed hash.
pub async fn reseal_membership(db: &impl ConnectionTrait, id: MembershipId, email: Sealed, blind: Option<Vec<u8>>) -> Result<(), DbErr> {
    membership::Entity::update_many()
        .col_expr(membership::Column::Email, email.into())
        .col_expr(membership::Column::EmailBlind, blind.into())
        .filter(membership::Column::Id.eq(id))
        .exec(db)
        .await
        .map(|_| ())
}

/// Seals anew the address of a request to register; what nobody can use any more stays gone.
pub async fn reseal_registration(db: &impl ConnectionTrait, id: RegistrationRequestId, email: Sealed) -> Result<(), DbErr> {
    registration_request::Entity::update_many()
        .col_expr(registration_request::Column::Email, email.into())
        .filter(registration_request::Column::Id.eq(id))
        .filter(registration_request::Column::Email.is_not_null())
        .exec(db)
        .await
        .map(|_| ())
}

/// Seals the contact of a listing anew.
pub async fn reseal_listing(db: &impl ConnectionTrait, id: ListingId, contact: Sealed) -> Result<(), DbErr> {
    listing::Entity::update_many()
        .col_expr(listing::Column::Contact, contact.into())
        .filter(listing::Column::Id.eq(id))
        .exec(db)
        .await
        .map(|_| ())
}

/// Seals the words of an objection anew.
pub async fn reseal_objection(db: &impl ConnectionTrait, id: ObjectionId, words: Sealed) -> Result<(), DbErr> {
    objection::Entity::update_many()
        .col_expr(objection::Column::Words, words.into())
        .filter(objection::Column::Id.eq(id))
        .exec(db)
        .await
        .map(|_| ())
}

/// Seals the words of a question anew.
pub async fn reseal_question(db: &impl ConnectionTrait, id: QuestionId, words: Sealed) -> Result<(), DbErr> {
    question::Entity::update_many()
        .col_expr(question::Column::Words, words.into())
        .filter(question::Column::Id.eq(id))
        .exec(db)
        .await
        .map(|_| ())
}

/// Seals the words of a tip anew.
pub async fn reseal_tip(db: &impl ConnectionTrait, id: TipId, words: Sealed) -> Result<(), DbErr> {
    let changed = tip::Entity::update_many().col_expr(tip::Column::Words, words.into());
    changed.filter(tip::Column::Id.eq(id)).exec(db).await.map(|_| ())
}

/// Seals the words of a line anew.
pub async fn reseal_line(db: &impl ConnectionTrait, held: &bank_line::Model) -> Result<(), DbErr> {
    bank_line::Entity::update_many()
        .col_expr(bank_line::Column::CounterpartyName, held.counterparty_name.clone().into())
        .col_expr(bank_line::Column::CounterpartyAccount, held.counterparty_account.clone().into())
        .col_expr(bank_line::Column::Remark, held.remark.clone().into())
        .filter(bank_line::Column::Id.eq(held.id))
        .exec(db)
        .await
        .map(|_| ())
}

/// Seals anew of whom something was booked.
pub async fn reseal_entry(db: &impl ConnectionTrait, transfer: TransferId, name: Sealed) -> Result<(), DbErr> {
    bank_entry::Entity::update_many()
        .col_expr(bank_entry::Column::CounterpartyName, name.into())
        .filter(bank_entry::Column::TransferId.eq(transfer))
        .exec(db)
        .await
        .map(|_| ())
}

/// Seals anew in whose name a deposit was paid.
pub async fn reseal_credit(db: &impl ConnectionTrait, id: BankCreditId, name: Sealed) -> Result<(), DbErr> {
    bank_credit::Entity::update_many()
        .col_expr(bank_credit::Column::PayerName, name.into())
        .filter(bank_credit::Column::Id.eq(id))
        .exec(db)
        .await
        .map(|_| ())
}

/// Seals anew to whom a payment goes.
pub async fn reseal_payment(db: &impl ConnectionTrait, id: PaymentItemId, name: Sealed) -> Result<(), DbErr> {
    payment_item::Entity::update_many()
        .col_expr(payment_item::Column::PayeeName, name.into())
        .filter(payment_item::Column::Id.eq(id))
        .exec(db)
        .await
        .map(|_| ())
}

/// Requests about a person, newest first.
pub async fn requests(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<data_request::Model>, DbErr> {
    let his = data_request::Entity::find().filter(data_request::Column::PersonId.eq(person));
    his.order_by_desc(data_request::Column::DoneAt).order_by_desc(data_request::Column::Id).all(db).await
}

/// A page of requests, newest first, and one more.
pub async fn request_page(
    db: &impl ConnectionTrait,
    person: Option<PersonId>,
    page: &PageQuery,
) -> Result<Vec<data_request::Model>, Problem> {
    let wanted = Condition::all().add_option(person.map(|id| data_request::Column::PersonId.eq(id)));
    let asked = data_request::Entity::find().filter(wanted);
    Ok(page.restrict(asked, data_request::Column::DoneAt, data_request::Column::Id)?.all(db).await?)
}

/// The newest instant of a column among the rows of a condition.
async fn newest<E: EntityTrait>(db: &impl ConnectionTrait, of: Condition, column: E::Column) -> Result<Option<Timestamp>, DbErr> {
    let asked = E::find().select_only().column(column).filter(of).filter(column.is_not_null()).order_by_desc(column).limit(1);
    asked.into_tuple().one(db).await
}

/// When a person last took part in a declaration of an open licence, in the taking of one, or in what is said of a patent that nobody uses.
async fn last_act_on_open_licences(db: &impl ConnectionTrait, id: PersonId) -> Result<Option<Timestamp>, DbErr> {
    use open_implementation::Column as Unused;
    use open_licence::Column as Declared;
    use open_licence_acceptance::Column as Taken;
    let declared = Condition::any().add(Declared::CreatedBy.eq(id)).add(Declared::SubmittedBy.eq(id)).add(Declared::PublishedBy.eq(id));
    let only = |column: SimpleExpr| Condition::all().add(column);
    let acts = [
        newest::<open_licence::Entity>(db, declared.clone(), Declared::CreatedAt).await?,
        newest::<open_licence::Entity>(db, declared, Declared::SubmittedAt).await?,
        newest::<open_licence_acceptance::Entity>(db, only(Taken::CreatedBy.eq(id)), Taken::CreatedAt).await?,
        newest::<open_licence_acceptance::Entity>(db, only(Taken::ReceivedBy.eq(id)), Taken::ReceivedAt).await?,
        newest::<open_implementation::Entity>(db, only(Unused::TermsSetBy.eq(id)), Unused::TermsSetAt).await?,
        newest::<open_implementation::Entity>(db, only(Unused::ClaimedBy.eq(id)), Unused::ClaimedAt).await?,
        newest::<open_implementation::Entity>(db, only(Unused::DecidedBy.eq(id)), Unused::DecidedAt).await?,
    ];
    Ok(acts.into_iter().flatten().max())
}

/// When a person last entered anything about the burdens or the owners of a right.
async fn last_entered(db: &impl ConnectionTrait, id: PersonId) -> Result<Option<Timestamp>, DbErr> {
    let by = |column: SimpleExpr| Condition::all().add(column);
    let entries = [
        newest::<burden::Entity>(db, by(burden::Column::RecordedBy.eq(id)), burden::Column::RecordedAt).await?,
        newest::<burden_step::Entity>(db, by(burden_step::Column::MadeBy.eq(id)), burden_step::Column::MadeAt).await?,
        newest::<burden_consent::Entity>(db, by(burden_consent::Column::RecordedBy.eq(id)), burden_consent::Column::RecordedAt).await?,
        newest::<consent_withdrawal::Entity>(
            db,
            by(consent_withdrawal::Column::WithdrawnBy.eq(id)),
            consent_withdrawal::Column::WithdrawnAt,
        )
        .await?,
        newest::<owners_agreement::Entity>(db, by(owners_agreement::Column::PutBy.eq(id)), owners_agreement::Column::PutAt).await?,
    ];
    Ok(entries.into_iter().flatten().max())
}

/// When a person last took part in a trade, decided anything about one or moved money.
pub async fn last_act(db: &impl ConnectionTrait, id: PersonId) -> Result<Option<Timestamp>, DbErr> {
    let by = |columns: &[SimpleExpr]| columns.iter().cloned().fold(Condition::any(), Condition::add);
    let on_listing = by(&[
        listing::Column::CreatedBy.eq(id),
        listing::Column::SubmittedBy.eq(id),
        listing::Column::Reviewer.eq(id),
        listing::Column::PublishedBy.eq(id),
    ]);
    let on_negotiation = by(&[
        negotiation::Column::CreatedBy.eq(id),
        negotiation::Column::AgreedBy.eq(id),
        negotiation::Column::DecidedBy.eq(id),
        negotiation::Column::PublishedBy.eq(id),
        negotiation::Column::SellerConfirmedBy.eq(id),
        negotiation::Column::BuyerConfirmedBy.eq(id),
    ]);
    let on_grant = by(&[
        rights_grant::Column::CreatedBy.eq(id),
        rights_grant::Column::DecidedBy.eq(id),
        rights_grant::Column::PublishedBy.eq(id),
        rights_grant::Column::AgreedBy.eq(id),
        rights_grant::Column::RegisteredBy.eq(id),
    ]);
    let on_admission = by(&[admission::Column::AppliedBy.eq(id), admission::Column::DecidedBy.eq(id)]);
    let on_organisation = by(&[organisation::Column::CreatedBy.eq(id), organisation::Column::DecidedBy.eq(id)]);
    let acts = [
        newest::<listing::Entity>(db, on_listing.clone(), listing::Column::CreatedAt).await?,
        newest::<listing::Entity>(db, on_listing, listing::Column::PublishedAt).await?,
        newest::<listing_amendment::Entity>(db, by(&[listing_amendment::Column::ProposedBy.eq(id)]), listing_amendment::Column::ProposedAt)
            .await?,
        newest::<listing_amendment::Entity>(db, by(&[listing_amendment::Column::DecidedBy.eq(id)]), listing_amendment::Column::DecidedAt)
            .await?,
        newest::<admission::Entity>(db, on_admission, admission::Column::CreatedAt).await?,
        newest::<organisation::Entity>(db, on_organisation, organisation::Column::CreatedAt).await?,
        newest::<lot_event::Entity>(db, by(&[lot_event::Column::PersonId.eq(id)]), lot_event::Column::At).await?,
        newest::<first_offer::Entity>(db, by(&[first_offer::Column::PersonId.eq(id)]), first_offer::Column::ArrivedAt).await?,
        newest::<turn_bid::Entity>(db, by(&[turn_bid::Column::PersonId.eq(id)]), turn_bid::Column::ArrivedAt).await?,
        newest::<negotiation::Entity>(db, on_negotiation.clone(), negotiation::Column::CreatedAt).await?,
        newest::<negotiation::Entity>(db, on_negotiation.clone(), negotiation::Column::DecidedAt).await?,
        newest::<negotiation::Entity>(db, on_negotiation.clone(), negotiation::Column::SellerConfirmedAt).await?,
        newest::<negotiation::Entity>(db, on_negotiation, negotiation::Column::BuyerConfirmedAt).await?,
        newest::<negotiation_decision::Entity>(
            db,
            by(&[negotiation_decision::Column::DecidedBy.eq(id)]),
            negotiation_decision::Column::DecidedAt,
        )
        .await?,
        newest::<negotiation_offer::Entity>(db, by(&[negotiation_offer::Column::MadeBy.eq(id)]), negotiation_offer::Column::MadeAt).await?,
        newest::<rights_grant::Entity>(db, on_grant.clone(), rights_grant::Column::CreatedAt).await?,
        newest::<rights_grant::Entity>(db, on_grant.clone(), rights_grant::Column::DecidedAt).await?,
        newest::<rights_grant::Entity>(db, on_grant.clone(), rights_grant::Column::AgreedAt).await?,
        newest::<rights_grant::Entity>(db, on_grant, rights_grant::Column::RegisteredAt).await?,
        last_entered(db, id).await?,
        last_filed(db, id).await?,
        last_act_on_open_licences(db, id).await?,
        act_in_rooms(db, id).await?,
        newest::<deal_signature::Entity>(db, by(&[deal_signature::Column::PersonId.eq(id)]), deal_signature::Column::SignedAt).await?,
        newest::<notice::Entity>(db, by(&[notice::Column::PublishedBy.eq(id)]), notice::Column::PublishedAt).await?,
        newest::<unit_notice::Entity>(db, by(&[unit_notice::Column::ShownBy.eq(id)]), unit_notice::Column::ShownAt).await?,
        newest::<notice_takedown::Entity>(db, by(&[notice_takedown::Column::TakenDownBy.eq(id)]), notice_takedown::Column::TakenDownAt)
            .await?,
        newest::<notice_proposal::Entity>(db, by(&[notice_proposal::Column::ProposedBy.eq(id)]), notice_proposal::Column::ProposedAt)
            .await?,
        newest::<notice_proposal::Entity>(db, by(&[notice_proposal::Column::DecidedBy.eq(id)]), notice_proposal::Column::DecidedAt).await?,
        newest::<objection::Entity>(
            db,
            by(&[objection::Column::Objector.eq(id), objection::Column::Handler.eq(id)]),
            objection::Column::SubmittedAt,
        )
        .await?,
        newest::<question::Entity>(
            db,
            by(&[question::Column::Asker.eq(id), question::Column::AnsweredBy.eq(id), question::Column::Moderator.eq(id)]),
            question::Column::AskedAt,
        )
        .await?,
        last_at_gates(db, id).await?,
        newest::<bank_credit::Entity>(db, by(&[bank_credit::Column::RecordedBy.eq(id)]), bank_credit::Column::RecordedAt).await?,
        newest::<bank_statement::Entity>(db, by(&[bank_statement::Column::ImportedBy.eq(id)]), bank_statement::Column::ImportedAt).await?,
        newest::<bank_case::Entity>(db, by(&[bank_case::Column::DecidedBy.eq(id)]), bank_case::Column::DecidedAt).await?,
        newest::<payment_file::Entity>(db, by(&[payment_file::Column::CreatedBy.eq(id)]), payment_file::Column::CreatedAt).await?,
    ];
    Ok(acts.into_iter().flatten().max())
}

/// When a person last entered a licence, had one certified, or took part in what is filed with a registry.
async fn last_filed(db: &impl ConnectionTrait, id: PersonId) -> Result<Option<Timestamp>, DbErr> {
    let by = |columns: &[SimpleExpr]| columns.iter().cloned().fold(Condition::any(), Condition::add);
    let on_recordal = by(&[recordal::Column::CreatedBy.eq(id), recordal::Column::EnteredBy.eq(id), recordal::Column::ConfirmedBy.eq(id)]);
    let acts = [
        newest::<licence_grant::Entity>(db, by(&[licence_grant::Column::CreatedBy.eq(id)]), licence_grant::Column::CreatedAt).await?,
        newest::<recordal::Entity>(db, on_recordal.clone(), recordal::Column::CreatedAt).await?,
        newest::<recordal::Entity>(db, on_recordal.clone(), recordal::Column::EnteredAt).await?,
        newest::<recordal::Entity>(db, on_recordal, recordal::Column::ConfirmedAt).await?,
        newest::<patent_grant::Entity>(db, by(&[patent_grant::Column::RecordedBy.eq(id)]), patent_grant::Column::RecordedAt).await?,
        newest::<licence_certificate::Entity>(
            db,
            by(&[licence_certificate::Column::IssuedBy.eq(id)]),
            licence_certificate::Column::IssuedAt,
        )
        .await?,
        newest::<licence_certificate::Entity>(
            db,
            by(&[licence_certificate::Column::RevokedBy.eq(id)]),
            licence_certificate::Column::RevokedAt,
        )
        .await?,
    ];
    Ok(acts.into_iter().flatten().max())
}

/// When a person last did anything in a data room, or was let into one.
async fn act_in_rooms(db: &impl ConnectionTrait, id: PersonId) -> Result<Option<Timestamp>, DbErr> {
    let by = |columns: &[SimpleExpr]| columns.iter().cloned().fold(Condition::any(), Condition::add);
    let acts = [
        newest::<data_room::Entity>(
            db,
            by(&[data_room::Column::CreatedBy.eq(id), data_room::Column::OpenedBy.eq(id)]),
            data_room::Column::CreatedAt,
        )
        .await?,
        newest::<data_room::Entity>(db, by(&[data_room::Column::ClosedBy.eq(id)]), data_room::Column::ClosedAt).await?,
        newest::<data_room_nda::Entity>(db, by(&[data_room_nda::Column::PutBy.eq(id)]), data_room_nda::Column::PutAt).await?,
        newest::<data_room_acceptance::Entity>(
            db,
            by(&[data_room_acceptance::Column::AcceptedBy.eq(id)]),
            data_room_acceptance::Column::AcceptedAt,
        )
        .await?,
        newest::<data_room_document::Entity>(db, by(&[data_room_document::Column::AddedBy.eq(id)]), data_room_document::Column::AddedAt)
            .await?,
        newest::<data_room_grant::Entity>(
            db,
            by(&[data_room_grant::Column::PersonId.eq(id), data_room_grant::Column::GrantedBy.eq(id)]),
            data_room_grant::Column::GrantedAt,
        )
        .await?,
        newest::<data_room_access::Entity>(db, by(&[data_room_access::Column::PersonId.eq(id)]), data_room_access::Column::At).await?,
    ];
    Ok(acts.into_iter().flatten().max())
}

/// When a person last declared, entered or decided anything for the gates.
async fn last_at_gates(db: &impl ConnectionTrait, id: PersonId) -> Result<Option<Timestamp>, DbErr> {
    let by = |column: SimpleExpr| Condition::all().add(column);
    let acts = [
        newest::<gate_declaration::Entity>(db, by(gate_declaration::Column::DeclaredBy.eq(id)), gate_declaration::Column::DeclaredAt)
            .await?,
        newest::<gate_acknowledgement::Entity>(
            db,
            by(gate_acknowledgement::Column::DecidedBy.eq(id)),
            gate_acknowledgement::Column::DecidedAt,
        )
        .await?,
        newest::<organisation_facts::Entity>(db, by(organisation_facts::Column::DeclaredBy.eq(id)), organisation_facts::Column::DeclaredAt)
            .await?,
        newest::<organisation_relation::Entity>(
            db,
            by(organisation_relation::Column::DeclaredBy.eq(id)),
            organisation_relation::Column::DeclaredAt,
        )
        .await?,
        newest::<restriction::Entity>(db, by(restriction::Column::EnteredBy.eq(id)), restriction::Column::EnteredAt).await?,
        newest::<export_paper::Entity>(db, by(export_paper::Column::HandedInBy.eq(id)), export_paper::Column::HandedInAt).await?,
        newest::<export_paper::Entity>(db, by(export_paper::Column::DecidedBy.eq(id)), export_paper::Column::DecidedAt).await?,
    ];
    Ok(acts.into_iter().flatten().max())
}

fn of_person(held: &person::Model) -> Condition {
    Condition::any()
        .add(membership::Column::PersonId.eq(held.id))
        .add_option(held.email_blind.clone().map(|blind| membership::Column::EmailBlind.eq(blind)))
}

/// Every membership of a person and every invitation to his address.
pub async fn places(db: &impl ConnectionTrait, held: &person::Model) -> Result<Vec<membership::Model>, DbErr> {
    membership::Entity::find().filter(of_person(held)).order_by_asc(membership::Column::Id).all(db).await
}

/// The same, held.
pub async fn hold_places(db: &impl ConnectionTrait, held: &person::Model) -> Result<Vec<membership::Model>, DbErr> {
    membership::Entity::find().filter(of_person(held)).order_by_asc(membership::Column::Id).lock_exclusive().all(db).await
}

/// Takes away what only let a person in: past passwords, letters to new devices, the tries at his account, and requests to
/// register under his address.
pub async fn remove_entries(db: &impl ConnectionTrait, held: &person::Model) -> Result<(), DbErr> {
    past_password::Entity::delete_many().filter(past_password::Column::PersonId.eq(held.id)).exec(db).await?;
    device_letter::Entity::delete_many().filter(device_letter::Column::PersonId.eq(held.id)).exec(db).await?;
    let Some(account) = held.email_blind.clone() else { return Ok(()) };
    sign_in_attempt::Entity::delete_many().filter(sign_in_attempt::Column::Account.eq(account.clone())).exec(db).await?;
    registration_request::Entity::delete_many().filter(registration_request::Column::Account.eq(account)).exec(db).await.map(|_| ())
}

/// Removes what officers did at people's requests before an instant; tells how much.
pub async fn purge_requests(db: &impl ConnectionTrait, before: Timestamp) -> Result<u64, DbErr> {
    Ok(data_request::Entity::delete_many().filter(data_request::Column::DoneAt.lt(before)).exec(db).await?.rows_affected)
}

/// Removes the sessions that were over before an instant, with their tokens; tells how many.
pub async fn purge_sessions(db: &impl ConnectionTrait, before: Timestamp) -> Result<u64, DbErr> {
    let over = Condition::any().add(session::Column::ExpiresAt.lt(before)).add(session::Column::RevokedAt.lt(before));
    let ids = session::Entity::find().select_only().column(session::Column::Id).filter(over.clone()).into_query();
    refresh_token::Entity::delete_many().filter(refresh_token::Column::SessionId.in_subquery(ids)).exec(db).await?;
    Ok(session::Entity::delete_many().filter(over).exec(db).await?.rows_affected)
}

/// A page of a person's sessions, the living and the dead, newest first, and one more.
pub async fn sessions(db: &impl ConnectionTrait, id: PersonId, page: &PageQuery) -> Result<Vec<identity::session::Model>, Problem> {
    let his = session::Entity::find().filter(session::Column::PersonId.eq(id));
    Ok(page.restrict(his, session::Column::CreatedAt, session::Column::Id)?.all(db).await?)
}
