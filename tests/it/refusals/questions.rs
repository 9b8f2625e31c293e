//! Questions: asked, answered, looked at.

use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::{Party, text};

use super::listings::insider;
use super::{Call, cases, try_all};
use crate::authz::{address, announced, invite, officer, person, question};
use crate::common::{Market, fixtures};
use crate::on_both;

/// Questions in each state about the listing of a seller.
pub(super) struct Stage {
    market: Market,
    seller: Party,
    asker: Client,
    /// An officer who asks too, and one who has a place with the seller.
    curious: Client,
    insider: Client,
    /// Who asked and works for the seller since, and what he asked.
    turncoat: Client,
    turned: String,
    listing: String,
    asked: String,
    own: String,
    answered: String,
    own_answered: String,
    published: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let seller = fixtures::university(&market).await;
        let (asker, turncoat) = (person(&market, "a-sks").await, person(&market, "t-urncoat").await);
        let (curious, _) = officer(&market, "c-urious", "reviewer").await;
        let insider = insider(&market, &seller, "i-nsider", "reviewer").await;
        let listing = announced(&market, &seller, "一种有疑问的技术", &[]).await.listing;
        let ask = async |by: &Client| text(&by.create(&format!("/v1/listings/{listing}/questions"), question()).await.unwrap()["id"]);
        let answer = async |id: &str| seller.client.create(&format!("/v1/questions/{id}/answer"), reply()).await.unwrap();
        let (asked, answered, published) = (ask(&asker).await, ask(&asker).await, ask(&asker).await);
        let (own, own_answered) = (ask(&curious).await, ask(&curious).await);
        for id in [&answered, &published, &own_answered] {
            answer(id).await;
        }
        market.staff.reviewer.act(&format!("/v1/questions/{published}/publish")).await.unwrap();
        for _ in 0..3 {
            ask(&asker).await;
        }
        let turned = ask(&turncoat).await;
        let place = invite(&seller, &address("t-urncoat"), &["operator"]).await;
        turncoat.act(&format!("/v1/memberships/{place}/accept")).await.unwrap();
        Self { market, seller, asker, curious, insider, turncoat, turned, listing, asked, own, answered, own_answered, published }
    }

    fn reviewer(&self) -> &Client {
        &self.market.staff.reviewer
    }
}

fn reason() -> Value {
    json!({"reason": "理由"})
}

fn reply() -> Value {
    json!({"answer": "可以"})
}

fn act(by: &Client, id: &str, step: &str) -> Call {
    Call::act(by, format!("/v1/questions/{id}/{step}"))
}

fn post(by: &Client, id: &str, step: &str, body: &Value) -> Call {
    Call::post(by, format!("/v1/questions/{id}/{step}"), body)
}

fn ask(by: &Client, listing: &str, body: &Value) -> Call {
    Call::post(by, format!("/v1/listings/{listing}/questions"), body)
}

cases! {
    /// Asking, answering, and looking at both.
    QUESTIONS of Stage;
    ask_question, TooManyQuestions, "somebody has five open questions at most": |on| ask(&on.asker, &on.listing, &question());
    ask_question, Invalid, "a question asks something": |on| ask(&on.curious, &on.listing, &json!({"question": " "}));
    ask_question, ConflictOfInterest, "nobody asks himself": |on| ask(&on.seller.client, &on.listing, &question());
    answer_question, WrongState, "a question is answered once": |on| post(&on.seller.client, &on.answered, "answer", &reply());
    answer_question, SamePerson, "nobody answers his own question": |on| post(&on.turncoat, &on.turned, "answer", &reply());
    answer_question, Invalid, "an answer says something": |on| post(&on.seller.client, &on.asked, "answer", &json!({"answer": "\n"}));
    answer_question, Stale, "who answers has seen the question as it stands": |on|
        post(&on.seller.client, &on.asked, "answer", &reply()).on_version(7);
    publish_question, WrongState, "what is not answered is not published": |on| act(on.reviewer(), &on.asked, "publish");
    publish_question, SamePerson, "nobody publishes his own question": |on| act(&on.curious, &on.own_answered, "publish");
    publish_question, ConflictOfInterest, "nobody of the seller publishes": |on| act(&on.insider, &on.answered, "publish");
    return_answer, WrongState, "what is not answered is not sent back": |on| post(on.reviewer(), &on.asked, "return", &reason());
    return_answer, SamePerson, "nobody sends back the answer to his own question": |on|
        post(&on.curious, &on.own_answered, "return", &reason());
    return_answer, ConflictOfInterest, "nobody of the seller sends back": |on| post(&on.insider, &on.answered, "return", &reason());
    return_answer, Invalid, "an answer is sent back for a reason": |on| post(on.reviewer(), &on.answered, "return", &json!({"reason": " "}));
    refuse_question, WrongState, "what everybody reads is not refused": |on| post(on.reviewer(), &on.published, "refuse", &reason());
    refuse_question, SamePerson, "nobody refuses his own question": |on| post(&on.curious, &on.own, "refuse", &reason());
    refuse_question, ConflictOfInterest, "nobody of the seller refuses": |on| post(&on.insider, &on.asked, "refuse", &reason());
    refuse_question, Invalid, "a question is refused for a reason": |on| post(on.reviewer(), &on.asked, "refuse", &json!({"reason": " "}));
    withdraw_question, WrongState, "what everybody reads is not withdrawn": |on| act(&on.asker, &on.published, "withdraw");
    ask_question, QuestionsClosed, "one asks while registration is open": |on| {
        on.market.pass(2).await;
        ask(&on.curious, &on.listing, &question())
    };
}

on_both! {
    async fn questions_and_answers(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, QUESTIONS).await;
        assert_eq!(told.to("somebody has five open questions at most")["limit"], json!(5));
        assert_eq!(told.to("what is not answered is not published")["allowed"], json!(["answer_question", "refuse_question", "withdraw_question"]));
    }
}
