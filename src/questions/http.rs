//! Questions over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{ListingId, OrganisationId, PersonId, QuestionId};
use entity::questions::{QuestionState, question};
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows;
use super::store::Wanted;
use super::views::{NewAnswer, NewQuestion, QuestionView};
use crate::house::{Done, House};
use crate::identity::views::Reason;
use crate::operations;
use crate::paged;
use crate::platform::access::{Allow, Context, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page};
use crate::platform::problem::Code;

/// Who answers for the seller.
const AUTHORS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Operator];
/// Which officers look at questions and answers before everybody reads them.
const MODERATORS: &[StaffRole] = &[StaffRole::Reviewer];
/// Who may not.
const OTHER_HANDS: &str = "nobody who asks, or has a place with the seller or with who asks";

operations! {
    /// Ask about a listing.
    AskQuestion = Operation::deed("ask_question", &[Allow::SIGNED_IN]).refuses(&[
        Code::QuestionsClosed, Code::TooManyQuestions, Code::ConflictOfInterest,
    ]);
    /// List questions.
    ListQuestions = Operation::question("list_questions", &[Allow::ANYONE]).with_query();
    /// Read a question.
    ReadQuestion = Operation::question("read_question", &[Allow::PUBLIC, Allow::SELF, Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)]);
    /// Answer a question.
    AnswerQuestion = Operation::deed("answer_question", &[Allow::own(AUTHORS)])
        .on_version_if_sent()
        .second_person("nobody who asked")
        .refuses(&[Code::WrongState, Code::SamePerson]);
    /// Publish a question with its answer.
    PublishQuestion = Operation::deed("publish_question", &[Allow::staff(MODERATORS)])
        .on_version_if_sent()
        .second_person(OTHER_HANDS)
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest]);
    /// Send an answer back.
    ReturnAnswer = Operation::deed("return_answer", &[Allow::staff(MODERATORS)])
        .on_version_if_sent()
        .second_person(OTHER_HANDS)
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest]);
    /// Refuse a question.
    RefuseQuestion = Operation::deed("refuse_question", &[Allow::staff(MODERATORS)])
        .on_version_if_sent()
        .second_person(OTHER_HANDS)
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest]);
    /// Withdraw a question.
    WithdrawQuestion = Operation::deed("withdraw_question", &[Allow::SELF]).on_version_if_sent().refuses(&[Code::WrongState]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(ask_question)
        .service(list_questions)
        .service(read_question)
        .service(answer_question)
        .service(publish_question)
        .service(return_answer)
        .service(refuse_question)
        .service(withdraw_question);
}

impl Thing for question::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }

    fn person(&self) -> Option<PersonId> {
        Some(self.asker)
    }

    fn is_public(&self) -> bool {
        self.state == QuestionState::Published
    }
}

paged! {
    /// Which questions.
    pub struct QuestionQuery {
        /// Only about this listing.
        pub listing_id: Option<ListingId>,
        /// Only to this organisation.
        pub organisation_id: Option<OrganisationId>,
        /// Only in this state; those that everybody reads unless given. Others are shown to officers and to whom they are asked.
        pub state: Option<QuestionState>,
        /// Only the caller's own, in whatever state.
        pub mine: Option<bool>,
    }
}

/// Ask about a listing
///
/// While registration for it is open, by anybody who is signed in (提问). The seller reads at once what is asked, and is not told who asks,
/// so nothing in the words should tell it. Its answer is due by the rule
/// `question_answer`, and before bidding opens; everybody reads both once an officer has looked at them.
#[utoipa::path(tag = "questions", params(("id" = Uuid, Path, description = "The listing")), request_body = NewQuestion, responses((status = 201, description = "Asked", body = QuestionView)))]
#[post("/v1/listings/{id}/questions")]
pub async fn ask_question(house: Data<House>, call: Call<AskQuestion, Json<NewQuestion>>, id: Path<ListingId>) -> Answer {
    let done = flows::ask(&house, &call.context, *id, call.body.0.question).await?;
    let (id, view) = (done.value.id, flows::told(&house, &call.context, &done.value).await?);
    let done = Done { value: (), replayed: done.replayed };
    Ok(answer::created(done, call.context.dry_run, |()| format!("/v1/questions/{id}"), |()| view))
}

/// List questions
///
/// Newest first, with their answers (答疑): what everybody reads, unless another state or the caller's own are asked for.
#[utoipa::path(tag = "questions", params(QuestionQuery), responses((status = 200, description = "A page", body = Page<QuestionView>)))]
#[get("/v1/questions")]
pub async fn list_questions(house: Data<House>, call: Call<ListQuestions>, query: Query<QuestionQuery>) -> Answer {
    let query = query.into_inner();
    let asker = if query.mine == Some(true) { Some(call.context.actor()?.person) } else { None };
    let unless_given = || if asker.is_some() { QuestionState::ALL.to_vec() } else { vec![QuestionState::Published] };
    let states = query.state.map_or_else(unless_given, |state| vec![state]);
    let wanted = Wanted { listing_id: query.listing_id, organisation_id: query.organisation_id, states, asker };
    Ok(answer::page(&house, flows::list(&house, &call.context, wanted, &query.page()).await?))
}

/// Read a question
///
/// Before everybody may read it, who asked, the seller and officers do; who asks is told to himself and to officers who have no place with the
/// seller.
#[utoipa::path(tag = "questions", params(("id" = Uuid, Path, description = "The question")), responses((status = 200, description = "The question", body = QuestionView)))]
#[get("/v1/questions/{id}")]
pub async fn read_question(house: Data<House>, call: Call<ReadQuestion>, id: Path<QuestionId>) -> Answer {
    Ok(answer::found(&flows::read(&house, &call.context, &call.permit, *id).await?))
}

/// Answer a question
///
/// By whose listing it is (答复). An officer looks at the answer by the rule `question_publication`, and then everybody reads it.
#[utoipa::path(tag = "questions", params(("id" = Uuid, Path, description = "The question")), request_body = NewAnswer, responses((status = 200, description = "Answered", body = QuestionView)))]
#[post("/v1/questions/{id}/answer")]
pub async fn answer_question(house: Data<House>, call: Call<AnswerQuestion, Json<NewAnswer>>, id: Path<QuestionId>) -> Answer {
    let done = flows::answer(&house, &call.context, call.permit, *id, call.body.0.answer).await?;
    moved(&house, &call.context, done).await
}

/// Publish a question with its answer
///
/// Everybody reads both as they were written (公布). Whoever has registered for the lot is told.
#[utoipa::path(tag = "questions", params(("id" = Uuid, Path, description = "The question")), responses((status = 200, description = "Published", body = QuestionView)))]
#[post("/v1/questions/{id}/publish")]
pub async fn publish_question(house: Data<House>, call: Call<PublishQuestion>, id: Path<QuestionId>) -> Answer {
    let done = flows::publish(&house, &call.context, call.permit, *id).await?;
    moved(&house, &call.context, done).await
}

/// Send an answer back
///
/// With a reason the seller reads (退回), such as a secret in it, or that it does not answer what was asked. Another is due as the first
/// was.
#[utoipa::path(tag = "questions", params(("id" = Uuid, Path, description = "The question")), request_body = Reason, responses((status = 200, description = "Sent back", body = QuestionView)))]
#[post("/v1/questions/{id}/return")]
pub async fn return_answer(house: Data<House>, call: Call<ReturnAnswer, Json<Reason>>, id: Path<QuestionId>) -> Answer {
    let done = flows::return_answer(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    moved(&house, &call.context, done).await
}

/// Refuse a question
///
/// With a reason that who asked and the seller read (不予公布), such as that it is not about what is on offer. Nobody else ever reads it.
#[utoipa::path(tag = "questions", params(("id" = Uuid, Path, description = "The question")), request_body = Reason, responses((status = 200, description = "Refused", body = QuestionView)))]
#[post("/v1/questions/{id}/refuse")]
pub async fn refuse_question(house: Data<House>, call: Call<RefuseQuestion, Json<Reason>>, id: Path<QuestionId>) -> Answer {
    let done = flows::refuse(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    moved(&house, &call.context, done).await
}

/// Withdraw a question
///
/// By who asked (撤回提问), while not everybody reads it. Nobody is to answer it any more.
#[utoipa::path(tag = "questions", params(("id" = Uuid, Path, description = "The question")), responses((status = 200, description = "Withdrawn", body = QuestionView)))]
#[post("/v1/questions/{id}/withdraw")]
pub async fn withdraw_question(house: Data<House>, call: Call<WithdrawQuestion>, id: Path<QuestionId>) -> Answer {
    let done = flows::withdraw(&house, &call.context, call.permit, *id).await?;
    moved(&house, &call.context, done).await
}

async fn moved(house: &House, by: &Context, done: Done<question::Model>) -> Answer {
    let view = flows::told(house, by, &done.value).await?;
    Ok(answer::done(Done { value: (), replayed: done.replayed }, |()| view))
}
