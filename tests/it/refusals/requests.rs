//! Requests that are broken in themselves, made of every operation the document names, by somebody
//! who may do it: broken bodies, keys, versions, ids and queries, each refused with its own code.

use entity::money::Money;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;
use zhepai::client::{Client, Reply};
use zhepai::platform::problem::Code;
use zhepai::play::parties::invented_uscc;
use zhepai::play::{self, Party, text};

use super::{Call, changes, refuses_badly};
use crate::authz::{
    Operation, address, announced, announced_by_rounds, document, draft_session, erratum, invite, join, lot, mail_stop, newest, objection,
    offer, officer, operations, person, question, resting_webhook, right, session, tip,
};
use crate::bank::Books;
use crate::common::database::{Tables, at_rest, fingerprint};
use crate::common::discreet::inside;
use crate::common::play::{PASSWORD, cny, granted, seal};
use crate::common::{Market, fixtures};
use crate::encumbrances::{self, Entered};
use crate::on_both;
use crate::{
    amendments, certificates, data_rooms, gates, licences, negotiations, open_implementation, open_licence_acceptance, open_licences,
    recordals, rights_grants, sealed, weighted,
};

// ---- A market with one of everything, and a sound call of every operation ----

/// A market with one of everything.
struct Fixture {
    market: Market,
    seller: Party,
    buyer: Party,
    /// Somebody signed in, to sign out.
    nobody: Client,
    invited: Client,
    invitation: String,
    session: String,
    membership: String,
    officer: String,
    paper: String,
    achievement: String,
    asset: String,
    draft: String,
    offer: Value,
    notice: String,
    lot: String,
    sold_lot: String,
    draft_session: String,
    /// A session that is over with its only lot.
    lot_session: String,
    admission: String,
    deal: String,
    refund: String,
    /// What was read off the sold lot: its bidders came from one network.
    signal: String,
    books: Books,
    import: String,
    /// An open data room of the seller's, a document that lies in it, and the grant of the buyer.
    room: String,
    room_document: String,
    room_grant: String,
    /// A key of the seller, and a program that calls with it.
    key: String,
    program: Client,
    webhook: String,
    inbox_item: String,
    inbox_event: String,
    mail_stop: String,
    /// Open for sealed bids, with one of the buyer's.
    sealed: String,
    /// Bid for by rounds, with a first offer of the buyer's.
    sealing: String,
    /// Bid for by weighted quotes.
    weighted: String,
    /// An objection of somebody signed in.
    objection: String,
    /// A question of somebody signed in, about a listing for which registration is open.
    question: String,
    asked_about: String,
    /// What the seller proposes about a notice.
    proposal: String,
    amendment: String,
    /// An officer who handles it.
    handler: Client,
    /// A sale at a negotiated price, and one that was announced.
    negotiation: String,
    noticed: String,
    /// A grant of rights that is proposed, and one that was announced.
    grant: String,
    announced_grant: String,
    /// An open licence that is drafted, and its patent; and one that was announced.
    licence: String,
    patent: String,
    announced_licence: String,
    /// A licence in the register, with a licence under which it may be granted.
    granted: String,
    /// A transfer of the patent to the buyer that is drafted.
    recordal: String,
    /// An open licence that the buyer took, and a patent that nobody uses.
    acceptance: String,
    unused: String,
    /// A relation of the seller to somebody, what he is kept from, and a paper of the buyer.
    relation: String,
    restriction: String,
    export_paper: String,
    /// The number of a certificate of it.
    certificate: String,
    /// A right that is pledged, with a consent and what its owners agreed on.
    entered: Entered,
}

/// A lot that is open for sealed bids, with one.
async fn sealed_for(market: &Market, seller: &Party, buyer: &Party) -> String {
    let lot = sealed::opened(market, seller, "一种密封报价的技术", "vickrey", &[buyer]).await;
    granted(&sealed::seal(&buyer.client, &lot, "1000.00").await, 201);
    lot
}

/// A lot bid for by rounds, with a first offer.
async fn sealing(market: &Market, seller: &Party, buyer: &Party) -> String {
    let lot = announced_by_rounds(market, seller, "一种分轮报价的技术", &[buyer]).await.lot;
    granted(&seal(&buyer.client, &lot, "1000.00").await, 200);
    lot
}

impl Fixture {
    #[allow(clippy::too_many_lines)] // One thing of each kind, and there are many.
    async fn build(market: Market) -> Self {
        let seller = fixtures::university(&market).await;
        let buyer = fixtures::enterprise(&market, "buyer", 1).await;
        let loser = fixtures::enterprise(&market, "loser", 2).await;
        let sold = announced(&market, &seller, "一种已售出的技术", &[&buyer, &loser]).await;
        let session = session(&market.staff.host, "staggered", &[&sold.lot]).await;
        market.pass(2).await;
        play::bid(&buyer, &sold.lot, Money::fen(100_000)).await.unwrap();
        market.pass(24 * 60 + 5).await;
        let open = lot(&market, &seller, "一种正在竞价的技术", &[&buyer]).await;
        let (achievement, asset) = right(&seller, "一种起草中的技术").await;
        let mut offer = offer(&market, "一种起草中的技术").await;
        offer["achievement_id"] = achievement.as_str().into();
        offer["asset_ids"] = json!([asset]);
        let paper = seller.client.upload("说明", "note.txt", "private", "text/plain", "内容".into()).await.unwrap();
        let invitation = invite(&seller, &address("i-nvited"), &["viewer"]).await;
        let staff = market.staff.security.get("/v1/staff").await.unwrap();
        for party in [&seller, &buyer] {
            party.client.prove().await.unwrap();
        }
        let nobody = person(&market, "n-one").await;
        let asked_about = announced(&market, &seller, "一种有异议的技术", &[]).await.listing;
        let place = format!("/v1/listings/{asked_about}");
        let new = amendments::amendment(&seller, &place, |offer| offer["summary"] = "另一说明".into()).await;
        let amended = seller.client.create(&format!("{place}/amendments"), new).await.unwrap();
        let asked = nobody.create(&format!("/v1/listings/{asked_about}/questions"), question()).await.unwrap();
        let disputed = text(&seller.client.get(&format!("/v1/listings/{asked_about}")).await.unwrap()["notice_id"]);
        let objected = nobody.create(&format!("/v1/notices/{disputed}/objections"), objection()).await.unwrap();
        let key = seller.client.create("/v1/api-keys", json!({"name": "程序", "scopes": ["bids:read"]})).await.unwrap();
        let proposed = seller.client.create(&format!("/v1/notices/{disputed}/errata"), erratum("一种有异议的新技术")).await.unwrap();
        let (decider, _) = join(&market, &seller, "d-ecides", &["signatory"]).await;
        let begun = negotiations::begun(&seller, &buyer, "一种商谈中的技术", "100000.00").await;
        let noticed = negotiations::noticed(&market, &seller, &buyer, &decider, "一种协议定价的技术").await;
        let notice = newest(&market.stranger, "/v1/notices").await;
        let grant = rights_grants::proposed(&seller, "一种赋权中的技术", rights_grants::use_right).await;
        let announced_grant = rights_grants::proposed(&seller, "一种赋权公示的技术", rights_grants::use_right).await;
        rights_grants::noticed(&market, &seller, &decider, &announced_grant).await;
        let (_, patent) = open_licences::patent(&seller, 1).await;
        let licence = open_licences::drafted(&seller.client, open_licences::declaration(&patent)).await;
        let announced_licence = open_licences::announced(&market, &seller, 2).await;
        let granted = licences::granted_to(&seller, &patent, &buyer).await;
        let recordal = recordals::drafted(&seller.client, recordals::transfer(&seller, &buyer, &patent).await).await;
        let room = data_rooms::opened(&seller.client, json!({"listing_id": asked_about})).await;
        let let_in = data_rooms::letting_in(&market, &buyer).await;
        let certificate = text(&certificates::issued(&seller.client, &granted).await["number"]);
        let id_of = |place: &str| place.rsplit('/').next().unwrap_or_default().to_owned();
        let relation = seller.client.create(&gates::of(&seller, "relations"), gates::related_to(&loser)).await.unwrap();
        let restricted = market.staff.reviewer.create(&gates::of(&loser, "restrictions"), gates::restriction("award")).await.unwrap();
        let place = format!("/v1/listings/{asked_about}/export-papers");
        let export_paper = buyer.client.create(&place, gates::letter(&buyer).await).await.unwrap();
        Self {
            relation: text(&relation["id"]),
            restriction: text(&restricted["id"]),
            export_paper: text(&export_paper["id"]),
            negotiation: id_of(&begun),
            noticed: id_of(&noticed),
            grant: id_of(&grant),
            announced_grant: id_of(&announced_grant),
            licence: id_of(&licence),
            patent,
            announced_licence: id_of(&announced_licence),
            granted,
            recordal: id_of(&recordal),
            acceptance: open_licence_acceptance::taken_of(&market, &seller, 3, &buyer).await,
            unused: open_implementation::unused(&seller, 4).await,
            room_document: data_rooms::laid_out(&seller.client, &room, "public").await,
            room_grant: text(&seller.client.create(&format!("{room}/grants"), let_in).await.unwrap()["id"]),
            room: id_of(&room),
            certificate,
            entered: encumbrances::entered(&market, &seller, 7).await,
            objection: text(&objected["id"]),
            question: text(&asked["id"]),
            asked_about,
            proposal: text(&proposed["id"]),
            amendment: text(&amended["id"]),
            handler: officer(&market, "h-andles", "reviewer").await.0,
            key: text(&key["key"]["id"]),
            program: market.stranger.with_token(key["secret"].as_str().unwrap()),
            session: text(&nobody.get("/v1/sessions").await.unwrap()["items"][0]["id"]),
            nobody,
            invited: person(&market, "i-nvited").await,
            invitation,
            membership: join(&market, &seller, "m-ember", &["viewer"]).await.1,
            officer: staff["items"]
                .as_array()
                .unwrap()
                .iter()
                .find(|one| one["role"] == "auditor")
                .map(|one| text(&one["person_id"]))
                .unwrap(),
            paper: text(&paper["id"]),
            draft: text(&seller.client.create("/v1/listings", offer.clone()).await.unwrap()["id"]),
            achievement,
            asset,
            offer,
            notice,
            lot: open.lot,
            sold_lot: sold.lot,
            draft_session: draft_session(&market.staff.host, "hosted").await,
            lot_session: session,
            admission: newest(&buyer.client, "/v1/admissions").await,
            deal: newest(&buyer.client, "/v1/deals").await,
            refund: newest(&market.staff.finance, "/v1/refunds").await,
            signal: newest(&market.staff.supervisor, "/v1/integrity-signals").await,
            books: Books::keep(&market).await,
            import: fixtures::imported(&seller).await,
            webhook: resting_webhook(&seller.client).await,
            inbox_item: newest(&seller.client, "/v1/inbox").await,
            inbox_event: text(&seller.client.get("/v1/inbox").await.unwrap()["items"][0]["event_id"]),
            mail_stop: mail_stop(&market, &seller.client).await,
            sealed: sealed_for(&market, &seller, &buyer).await,
            sealing: sealing(&market, &seller, &buyer).await,
            weighted: weighted::announced(&market, &seller, "一种权重报价的技术", &[]).await,
            market,
            seller,
            buyer,
        }
    }

    /// Somebody who may do it, and the thing it is done to.
    #[allow(clippy::match_same_arms, clippy::too_many_lines)] // What belongs together stands together, and there are many.
    fn caller(&self, operation: &str) -> Option<(&Client, &str)> {
        let (staff, seller, buyer) = (&self.market.staff, &self.seller.client, &self.buyer.client);
        Some(match operation {
            "read_time"
            | "read_key_set"
            | "read_receipt_keys"
            | "read_sandbox_clock"
            | "read_rulebook"
            | "read_deadline"
            | "register_person"
            | "sign_in"
            | "refresh_session"
            | "list_notices"
            | "read_notices_atom"
            | "read_notices_feed"
            | "show_notices"
            | "list_lots"
            | "list_listings"
            | "list_lot_sessions"
            | "watch_market"
            | "read_event_catalogue" => (&self.market.stranger, ""),
            "read_lot_session" | "watch_lot_session" => (&self.market.stranger, &self.lot_session),
            "read_lot" | "read_lot_timeline" | "read_lot_calendar" | "list_bids" | "list_lot_events" | "watch_lot" => {
                (&self.market.stranger, &self.lot)
            }
            "read_lot_course" => (&self.market.stranger, &self.sold_lot),
            "read_notice" | "show_notice" | "print_notice" | "list_notice_versions" | "read_notice_version" | "compare_notice_versions" => {
                (&self.market.stranger, &self.notice)
            }
            "reset_password" | "request_password_reset" | "request_device_letter" | "request_registration" | "complete_registration" => {
                (&self.market.stranger, "")
            }
            "sign_out"
            | "create_organisation"
            | "list_sessions"
            | "end_other_sessions"
            | "change_password"
            | "enrol_second_factor"
            | "confirm_second_factor"
            | "export_my_data"
            | "close_my_account"
            | "step_up" => (&self.nobody, ""),
            "end_session" => (&self.nobody, &self.session),
            "remove_second_factor" | "create_api_key" | "list_api_keys" => (seller, ""),
            "read_current_key" => (&self.program, ""),
            "read_api_key" | "rotate_api_key" | "revoke_api_key" | "list_key_calls" => (seller, &self.key),
            "rotate_token_key" | "rotate_data_key" => (&staff.security, ""),
            "list_data_keys" | "list_data_requests" | "list_retention" => (&staff.supervisor, ""),
            "purge_records" => (&staff.security, "sessions"),
            "export_personal_data" | "close_person" => (&staff.security, &self.officer),
            "suspend_person" | "reinstate_person" | "issue_password_reset" | "reset_second_factor" => (&staff.security, &self.officer),
            "accept_invitation" => (&self.invited, &self.invitation),
            "list_organisations" => (&staff.reviewer, ""),
            "list_audit_rows" | "read_audit_head" | "list_integrity_signals" => (&staff.supervisor, ""),
            "read_integrity_signal" => (&staff.supervisor, &self.signal),
            "verify_organisation" | "refuse_organisation" | "resolve_uscc" => (&staff.reviewer, &self.seller.organisation),
            "qualify_admission" | "refuse_admission" => (&staff.reviewer, &self.admission),
            "list_lot_admissions" => (&staff.reviewer, &self.lot),
            "take_listing" | "return_listing" | "reject_listing" | "approve_listing" => (&staff.reviewer, &self.draft),
            "publish_listing" => (&staff.publisher, &self.draft),
            "publish_result" => (&staff.publisher, &self.deal),
            "give_tip" => (&self.market.stranger, &self.notice),
            "list_tips" => (&staff.supervisor, ""),
            "list_negotiations" | "start_negotiation" => (seller, ""),
            "read_negotiation"
            | "read_negotiation_timeline"
            | "read_negotiation_calendar"
            | "make_offer"
            | "accept_offer"
            | "decide_negotiation"
            | "withdraw_negotiation" => (seller, &self.negotiation),
            "show_unit_notice" | "confirm_negotiation" | "read_negotiation_evidence" => (seller, &self.noticed),
            "publish_negotiation" | "publish_negotiation_result" => (&staff.publisher, &self.negotiation),
            "list_rights_grants" | "propose_rights_grant" => (seller, ""),
            "read_rights_grant"
            | "decide_rights_grant"
            | "show_rights_grant_notice"
            | "agree_rights_grant"
            | "register_rights_grant"
            | "withdraw_rights_grant" => (seller, &self.grant),
            "read_rights_grant_evidence" => (seller, &self.announced_grant),
            "publish_rights_grant" => (&staff.publisher, &self.grant),
            "list_licences" | "record_licence" => (seller, ""),
            "ask_register" => (seller, &self.patent),
            "read_licence" | "terminate_licence" | "report_licence_breach" => (seller, &self.granted),
            "grant_sub_licence" => (&self.buyer.client, &self.granted),
            "list_recordals" | "draft_recordal" => (seller, ""),
            "read_recordal"
            | "submit_recordal"
            | "record_recordal_defect"
            | "resubmit_recordal"
            | "enter_registration"
            | "confirm_registration"
            | "record_recordal_refusal"
            | "withdraw_recordal" => (seller, &self.recordal),
            "rescind_transfer" => (&self.buyer.client, &self.recordal),
            "record_patent_grant" | "list_asset_titles" => (seller, &self.patent),
            "issue_certificate" => (seller, &self.granted),
            "read_certificate" => (&self.market.stranger, &self.certificate),
            "print_certificate" => (seller, &self.certificate),
            "verify_certificate" => (&self.market.stranger, ""),
            "revoke_certificate" => (&staff.reviewer, &self.certificate),
            "list_open_licences" => (&self.market.stranger, ""),
            "draft_open_licence" => (seller, ""),
            "read_open_licence"
            | "replace_open_licence"
            | "submit_open_licence"
            | "record_cnipa_announcement"
            | "record_cnipa_decision"
            | "withdraw_open_licence" => (seller, &self.licence),
            "take_open_licence" => (&self.buyer.client, &self.announced_licence),
            "list_open_licence_acceptances" => (seller, ""),
            "read_open_licence_acceptance" | "confirm_open_licence_payment" | "record_open_licence_recordal" => (seller, &self.acceptance),
            "refute_open_licence_payment" => (&staff.reviewer, &self.acceptance),
            "list_open_implementation" => (&self.market.stranger, ""),
            "read_open_implementation" | "set_implementation_terms" | "claim_implementation" => (seller, &self.unused),
            "decide_implementation_claim" => (&staff.reviewer, &self.unused),
            "read_open_licence_evidence" => (seller, &self.announced_licence),
            "return_open_licence" => (&staff.reviewer, &self.licence),
            "record_encumbrance"
            | "list_encumbrances"
            | "record_encumbrance_consent"
            | "list_encumbrance_consents"
            | "put_owners_agreement"
            | "read_owners_agreement"
            | "read_deed_findings" => (seller, &self.entered.asset),
            "see_encumbrance" => (&staff.reviewer, &self.entered.burden),
            "lift_encumbrance" => (seller, &self.entered.burden),
            "withdraw_encumbrance_consent" => (seller, &self.entered.consent),
            "publish_open_licence" => (&staff.publisher, &self.licence),
            "list_data_rooms" => (&self.market.stranger, ""),
            "create_data_room" => (seller, ""),
            "read_data_room"
            | "open_data_room"
            | "close_data_room"
            | "put_data_room_nda"
            | "read_data_room_nda"
            | "add_data_room_document"
            | "grant_data_room_viewer"
            | "list_data_room_viewers"
            | "list_data_room_log"
            | "export_data_room_log" => (seller, &self.room),
            "accept_data_room_nda" => (buyer, &self.room),
            "remove_data_room_document" | "download_data_room_document" => (seller, &self.room_document),
            "revoke_data_room_grant" => (seller, &self.room_grant),
            "declare_organisation_facts" | "read_organisation_standing" | "declare_relation" => (seller, &self.seller.organisation),
            "restrict_organisation" => (&staff.reviewer, &self.seller.organisation),
            "end_relation" => (&staff.reviewer, &self.relation),
            "lift_restriction" => (&staff.reviewer, &self.restriction),
            "hand_in_export_paper" => (buyer, &self.asked_about),
            "list_export_papers" => (buyer, ""),
            "decide_export_paper" => (&staff.reviewer, &self.export_paper),
            "read_listing_gates" | "declare_for_gates" => (seller, &self.draft),
            "acknowledge_gate" => (&staff.reviewer, &self.draft),
            "list_questions" => (&self.market.stranger, ""),
            "ask_question" => (&self.nobody, &self.asked_about),
            "read_listing_evidence" => (seller, &self.asked_about),
            "read_question" | "withdraw_question" => (&self.nobody, &self.question),
            "answer_question" => (seller, &self.question),
            "publish_question" | "return_answer" | "refuse_question" => (&self.handler, &self.question),
            "list_objections" => (&self.market.stranger, ""),
            "submit_objection" => (&self.nobody, &self.notice),
            "read_objection" | "request_objection_review" | "withdraw_objection" => (&self.nobody, &self.objection),
            "accept_objection"
            | "refuse_objection"
            | "extend_objection"
            | "decide_objection"
            | "decide_objection_review"
            | "settle_objection" => (&self.handler, &self.objection),
            "take_down_notice" | "restore_notice" | "propose_notice_withdrawal" => (&staff.publisher, &self.notice),
            "propose_listing_amendment" | "list_listing_amendments" => (seller, &self.asked_about),
            "read_listing_amendment" => (seller, &self.amendment),
            "publish_listing_amendment" | "refuse_listing_amendment" => (&staff.publisher, &self.amendment),
            "propose_erratum" | "list_notice_proposals" => (seller, &self.notice),
            "publish_notice_proposal" | "refuse_notice_proposal" => (&staff.publisher, &self.proposal),
            "suspend_bidder" | "reinstate_bidder" => (&staff.host, &self.admission),
            "pause_lot" | "resume_lot" | "extend_lot" | "abort_lot" => (&staff.host, &self.lot),
            "record_scores" => (&staff.host, &self.weighted),
            "read_lot_scores" => (&staff.reviewer, &self.weighted),
            "create_lot_session" => (&staff.host, ""),
            "arrange_lot_session"
            | "publish_lot_session"
            | "advance_lot_session"
            | "pause_lot_session"
            | "resume_lot_session"
            | "extend_lot_session" => (&staff.host, &self.draft_session),
            "record_bank_credit" | "list_transfers" | "read_trial_balance" | "list_refunds" => (&staff.finance, ""),
            "pay_refund" => (&staff.finance, &self.refund),
            "import_bank_statement"
            | "list_bank_statements"
            | "list_bank_lines"
            | "create_payment_file"
            | "list_payment_files"
            | "read_reconciliation" => (&staff.finance, ""),
            "read_bank_statement" => (&staff.finance, &self.books.statement),
            "read_bank_line" | "decide_bank_line" => (&staff.finance, &self.books.line),
            "read_payment_file" | "download_payment_file" | "cancel_payment_file" => (&staff.finance, &self.books.file),
            "list_staff" | "appoint_staff" | "set_sandbox_clock" | "trigger_event" => (&staff.security, ""),
            "dismiss_staff" => (&staff.security, &self.officer),
            "read_organisation" | "list_members" | "invite_member" | "read_funds" => (seller, &self.seller.organisation),
            "suspend_member" | "reinstate_member" | "remove_member" | "change_member_roles" => (seller, &self.membership),
            "read_me" | "upload_document" | "list_documents" | "list_achievements" | "create_achievement" | "create_listing"
            | "list_deals" | "list_inbox" | "read_inbox" | "create_webhook" | "list_webhooks" => (seller, ""),
            "read_mail_preferences" | "set_mail_preferences" => (seller, ""),
            "read_mail_stop" | "stop_mail" => (&self.market.stranger, &self.mail_stop),
            "read_inbox_item" => (seller, &self.inbox_item),
            "read_webhook"
            | "pause_webhook"
            | "resume_webhook"
            | "rotate_webhook_secret"
            | "remove_webhook"
            | "list_webhook_deliveries"
            | "replay_webhook"
            | "test_webhook" => (seller, &self.webhook),
            "add_document_version" | "read_document" | "download_document" => (seller, &self.paper),
            "read_achievement" | "amend_achievement" | "add_asset" => (seller, &self.achievement),
            "read_asset" | "amend_asset" | "record_legal_status" | "list_legal_statuses" => (seller, &self.asset),
            "read_listing"
            | "read_listing_timeline"
            | "read_listing_calendar"
            | "replace_listing"
            | "submit_listing"
            | "terminate_listing" => (seller, &self.draft),
            "create_import" | "list_imports" | "export_assets" | "export_listings" => (seller, ""),
            "read_import" | "list_import_rows" | "read_import_report" | "cancel_import" | "resume_import" => (seller, &self.import),
            "list_my_admissions" | "simulate_bank_credit" => (buyer, ""),
            "apply_for_lot" | "place_bid" | "buy_lot_now" | "answer_next_bidder_offer" | "answer_preemption" => (buyer, &self.lot),
            "place_sealed_bid" | "read_own_sealed_bid" => (buyer, &self.sealed),
            "seal_first_offer" | "read_first_offer" | "place_turn_bid" => (buyer, &self.sealing),
            "read_admission" | "withdraw_admission" => (buyer, &self.admission),
            "read_deal" | "read_deal_timeline" | "read_confirmation" | "sign_deal" => (buyer, &self.deal),
            _ => return None,
        })
    }

    /// A body the operation takes.
    fn body(&self, operation: &str) -> Option<Value> {
        Some(match operation {
            "complete_registration" => json!({"token": "x", "name": "张某", "password": PASSWORD}),
            "register_person" => json!({"email": "new@people.example", "name": "张某", "password": PASSWORD}),
            "request_registration" => json!({"email": "new@people.example"}),
            "sign_in" => json!({"email": address("n-one"), "password": PASSWORD}),
            "refresh_session" => json!({"refresh_token": "x"}),
            "create_organisation" => json!({"kind": "enterprise", "ownership": "private", "name": "某企业", "uscc": invented_uscc(9)}),
            "change_password" => json!({"current_password": PASSWORD, "new_password": "another phrase of mine"}),
            "reset_password" => json!({"reset_token": "x", "new_password": "another phrase of mine"}),
            "request_password_reset" | "request_device_letter" => json!({"email": address("n-one")}),
            "enrol_second_factor" | "close_my_account" => json!({"password": PASSWORD}),
            "purge_records" => json!({"before": "2000-01-01T00:00:00Z"}),
            "confirm_second_factor" | "step_up" => json!({"code": "000000"}),
            "rotate_token_key" | "rotate_api_key" => json!({"at_once": false}),
            "create_api_key" => json!({"name": "程序", "scopes": ["bids:place"]}),
            "revoke_api_key"
            | "export_personal_data"
            | "close_person"
            | "suspend_person"
            | "refuse_organisation"
            | "refuse_admission"
            | "suspend_bidder"
            | "reinstate_bidder"
            | "return_listing"
            | "reject_listing"
            | "terminate_listing"
            | "take_down_notice"
            | "propose_notice_withdrawal"
            | "refuse_notice_proposal"
            | "refuse_listing_amendment"
            | "refuse_objection"
            | "refuse_question"
            | "withdraw_negotiation"
            | "return_answer"
            | "pause_lot"
            | "resume_lot"
            | "abort_lot"
            | "pause_lot_session"
            | "resume_lot_session" => json!({"reason": "理由"}),
            "start_negotiation" => json!({
                "achievement_id": self.achievement,
                "asset_ids": [self.asset],
                "buyer_organisation_id": self.buyer.organisation,
                "title": "一种技术",
                "summary": "一种技术",
                "base_price": cny("100000.00"),
                "base_price_basis": "market_comparison",
                "secret_level_none": true,
                "offer": negotiations::offer("100000.00")
            }),
            "make_offer" => negotiations::offer("90000.00"),
            "accept_offer" | "confirm_negotiation" | "decide_negotiation" => json!({"terms_sha256": "0".repeat(64)}),
            "propose_listing_amendment" => json!({"offer": self.offer, "reason": "理由"}),
            "publish_listing_amendment" | "publish_negotiation" => json!({"drafted_sha256": "0".repeat(64)}),
            "show_unit_notice" => json!({"document_id": self.paper, "published_on": "2026-03-02", "place": "公告栏"}),
            "give_tip" => tip(),
            "ask_question" => question(),
            "answer_question" => json!({"answer": "可以"}),
            "submit_objection" => objection(),
            "propose_erratum" => erratum("一种更正的技术"),
            "decide_objection" | "decide_objection_review" => json!({"outcome": "dismissed", "reasons": "理由"}),
            "request_objection_review" => json!({"statement": "理由"}),
            "settle_objection" => json!({"settlement": "已改正"}),
            "extend_lot" | "extend_lot_session" => json!({"seconds": 60, "reason": "理由"}),
            "create_lot_session" => json!({"title": "某专场", "mode": "hosted"}),
            "arrange_lot_session" => json!({"lots": []}),
            "resolve_uscc" => json!({"document_id": self.paper}),
            "invite_member" => json!({"email": address("later"), "roles": ["viewer"]}),
            "change_member_roles" => json!({"roles": ["bidder"]}),
            "appoint_staff" => json!({"email": address("n-one"), "role": "finance"}),
            "pay_refund" => json!({"bank_reference": "BANK-1"}),
            "decide_bank_line" => json!({"decision": "return", "reason": "理由"}),
            "create_payment_file" => json!({"due_by": "2026-12-31T00:00:00Z"}),
            "create_achievement" => fixtures::achievement(),
            "amend_achievement" | "amend_asset" => json!({"title": "另一名称"}),
            "add_asset" => fixtures::patent(&self.seller).body,
            "record_legal_status" => json!({"status": "unregistered", "as_of": "2026-03-02T00:00:00Z", "source": "registry"}),
            "sign_deal" => json!({"confirmation_sha256": "0".repeat(64)}),
            "apply_for_lot" => json!({"documents": []}),
            "record_bank_credit" => {
                json!({"bank_reference": "BANK-1", "deposit_reference": "D-00000000", "amount": cny("100.00"), "payer_name": "某企业"})
            }
            "place_bid" | "place_sealed_bid" | "place_turn_bid" | "seal_first_offer" => json!({"price": cny("1000.00")}),
            "answer_next_bidder_offer" | "answer_preemption" => json!({"takes": true}),
            "record_scores" => json!({
                "admission_id": self.admission,
                "scores": [{"kind": "level", "criterion": "方案", "level": "优"}],
                "protocol": "评审记录 1",
                "reason": "录入错误"
            }),
            "create_listing" | "replace_listing" => self.offer.clone(),
            "set_sandbox_clock" => json!({"factor": 0}),
            "read_inbox" => json!({"up_to": self.inbox_event}),
            "create_webhook" => json!({"url": "https://hooks.example/zhepai", "signing": "ed25519"}),
            "replay_webhook" => json!({"from_event": null}),
            "set_mail_preferences" => json!({"choice": "chosen", "kinds": ["deal.opened"]}),
            "trigger_event" => json!({"kind": "lot.closed"}),
            "simulate_bank_credit" => json!({"deposit_reference": "D-00000000", "amount": cny("100.00")}),
            _ => return self.grant_body(operation),
        })
    }

    /// The same of grants of rights, of open licences, and of data rooms.
    fn grant_body(&self, operation: &str) -> Option<Value> {
        Some(match operation {
            "propose_rights_grant" => rights_grants::use_right((&self.achievement, &self.asset)),
            "decide_rights_grant" => json!({"decision_document_id": self.paper}),
            "publish_rights_grant" | "publish_open_licence" => json!({"drafted_sha256": "0".repeat(64)}),
            "show_rights_grant_notice" => json!({"document_id": self.paper, "published_on": "2026-03-02", "place": "公告栏"}),
            "agree_rights_grant" => json!({"agreement_document_id": self.paper}),
            "register_rights_grant" => json!({"registry_date": "2026-04-20", "registry_document": "2026042000123450"}),
            "record_licence" => json!({
                "asset_ids": [self.patent], "mode": "non_exclusive", "scope": licences::scope(&["06"], &["all"], 2028),
                "grantee": {"name": "某企业"}, "document_id": self.paper
            }),
            "grant_sub_licence" => json!({
                "scope": licences::scope(&["06"], &["all"], 2028), "grantee": {"name": "某企业"}, "document_id": self.paper
            }),
            "terminate_licence" | "record_recordal_refusal" | "rescind_transfer" => json!({"reason": "理由", "document_id": self.paper}),
            "draft_recordal" => recordals::sold(&self.buyer, &self.patent, &self.paper),
            "submit_recordal" => json!({"submitted_on": "2026-03-02"}),
            "record_recordal_defect" => json!({"defect": "签章不一致", "reply_by": "2026-12-31", "document_id": self.paper}),
            "resubmit_recordal" => json!({"resubmitted_on": "2026-03-02"}),
            "enter_registration" => recordals::entry("2026-03-02", &self.paper),
            "record_patent_grant" => recordals::grant("2026-03-02", "ZL201610200331.9", &self.paper),
            "report_licence_breach"
            | "revoke_certificate"
            | "close_data_room"
            | "withdraw_rights_grant"
            | "return_open_licence"
            | "withdraw_open_licence"
            | "withdraw_recordal"
            | "withdraw_encumbrance_consent"
            | "refute_open_licence_payment" => json!({"reason": "理由"}),
            "take_open_licence" => open_licence_acceptance::notice(),
            "record_open_licence_recordal" => open_licence_acceptance::recordal(),
            "record_cnipa_decision" => open_licence_acceptance::decision("not_accepted"),
            "set_implementation_terms" => open_implementation::terms(),
            "claim_implementation" => json!({"claim": "exploited", "statement": "自行实施", "document_id": self.paper}),
            "decide_implementation_claim" => json!({"accepted": true, "reason": "属实"}),
            "verify_certificate" => json!({"jws": "a.b.c"}),
            "record_encumbrance" => encumbrances::pledge(),
            "lift_encumbrance" => json!({"lifted_on": "2026-03-01", "document_id": self.paper}),
            "record_encumbrance_consent" => json!({
                "kind": "co_owner",
                "given_by": "某共有人",
                "deeds": ["assignment"],
                "valid_from": "2026-02-01",
                "document_id": self.paper
            }),
            "put_owners_agreement" => json!({
                "clauses": [{"deeds": ["assignment"], "signed_by": {"kind": "any_owner"}}],
                "in_force_from": "2026-02-01",
                "document_id": self.paper
            }),
            "draft_open_licence" | "replace_open_licence" => open_licences::declaration(&self.patent),
            "record_cnipa_announcement" => open_licences::entry(),
            "create_data_room" => json!({"listing_id": self.asked_about}),
            "put_data_room_nda" => data_rooms::nda(),
            "accept_data_room_nda" => json!({"sha256": "0".repeat(64)}),
            "add_data_room_document" => data_rooms::laying(&self.paper, "nda"),
            "grant_data_room_viewer" => json!({
                "organisation_id": self.buyer.organisation,
                "person_id": self.buyer.organisation,
                "from": "2026-03-02T01:00:00Z",
                "until": "2026-03-09T01:00:00Z"
            }),
            _ => return self.gates_body(operation),
        })
    }

    /// The same of the gates.
    fn gates_body(&self, operation: &str) -> Option<Value> {
        Some(match operation {
            "declare_organisation_facts" => gates::domestic(),
            "declare_relation" => gates::related_to(&self.buyer),
            "restrict_organisation" => gates::restriction("award"),
            "end_relation" | "lift_restriction" => json!({"reason": "理由"}),
            "hand_in_export_paper" => json!({
                "kind": "letter_of_intent", "number": "12号", "valid_until": "2027-03-01", "document_id": self.paper
            }),
            "decide_export_paper" => json!({"verified": true, "reason": "理由"}),
            "declare_for_gates" => json!({"admits_foreign": false}),
            "acknowledge_gate" => gates::decision(&json!({"finding_sha256": "0".repeat(64)}), "accepted"),
            _ => return None,
        })
    }

    /// A call that lacks nothing, but that it says of no version.
    fn sound(&self, operation: &Operation) -> Option<Sound<'_>> {
        let (caller, id) = self.caller(&operation.id)?;
        let query = match operation.id.as_str() {
            "read_rulebook" => "?class=state",
            "read_deadline" => "?span=10wd&from=2026-03-02T01:00:00Z",
            "read_deed_findings" => "?deed=assignment",
            "upload_document" => "?title=x&file_name=x.txt&confidentiality=private",
            "add_document_version" => "?file_name=y.txt",
            "import_bank_statement" => "?file_name=x.csv&currency=CNY&opening_balance=0.00&closing_balance=0.00",
            "create_import" => "?kind=assets&file_name=x.csv",
            "export_assets" | "export_listings" => "?format=csv",
            _ => "",
        };
        Some(Sound { caller, id: id.to_owned(), query, body: self.body(&operation.id) })
    }
}

/// What a sound call of an operation is made of.
struct Sound<'a> {
    caller: &'a Client,
    id: String,
    query: &'static str,
    body: Option<Value>,
}

// ---- What the document says of an operation ----

/// An operation as the document describes it.
struct Described<'a> {
    operation: &'a Operation,
    sound: Sound<'a>,
    schemas: &'a Value,
}

impl Described<'_> {
    /// Its parameters at a place: their names and whether they must be given.
    fn parameters(&self, place: &str) -> Vec<(&str, bool, &Value)> {
        let all = self.operation.said["parameters"].as_array().into_iter().flatten();
        all.filter(|one| one["in"] == place).map(|one| (one["name"].as_str().unwrap(), one["required"] == true, &one["schema"])).collect()
    }

    fn takes(&self, place: &str, name: &str) -> bool {
        self.parameters(place).iter().any(|(known, ..)| *known == name)
    }

    fn is_idempotent(&self) -> bool {
        self.operation.said["x-idempotent"] == "required"
    }

    fn is_question(&self) -> bool {
        self.operation.method == Method::GET
    }

    /// What it takes as a file, if it takes one.
    fn file(&self) -> Option<&'static str> {
        let taken = &self.operation.said["requestBody"]["content"];
        ["text/plain", "text/csv"].into_iter().find(|media| taken.get(*media).is_some())
    }

    /// The fields of its JSON body with their schemas.
    fn fields(&self) -> Option<&Map<String, Value>> {
        let reference = self.operation.said["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str()?;
        let name = reference.rsplit('/').next()?;
        self.schemas[name]["properties"].as_object()
    }

    /// The call at an id, without a body.
    fn bare(&self, id: &str) -> Call {
        let place = format!(
            "{}{}",
            self.operation
                .place
                .replace("{id}", id)
                .replace("{number}", id)
                .replace("{class}", id)
                .replace("{version}", "1")
                .replace("{gate}", "clauses"),
            self.sound.query
        );
        let call = Call::of(self.sound.caller, self.operation.method.clone(), place);
        if self.takes("header", "If-Match") && self.parameters("header").iter().any(|(name, needed, _)| *name == "If-Match" && *needed) {
            return call.on_version(1);
        }
        call
    }

    /// The call at an id, with everything it needs.
    fn whole_at(&self, id: &str) -> Call {
        let call = self.bare(id);
        match (&self.sound.body, self.file()) {
            (Some(body), _) => call.json(body),
            (None, Some(media)) => call.carrying(media, "内容"),
            (None, None) => call,
        }
    }

    fn whole(&self) -> Call {
        self.whole_at(&self.sound.id)
    }

    /// The call with these bytes as its JSON.
    fn bytes(&self, bytes: impl Into<Vec<u8>>) -> Call {
        self.bare(&self.sound.id).carrying("application/json", bytes)
    }
}

// ---- What is broken about it, and what must come ----

/// A broken call and what is due.
struct Broken {
    what: String,
    call: Call,
    /// The code that is due; any refusal where several rules are broken at once.
    code: Option<Code>,
    /// The fault at the first place, and where, if one is due.
    fault: Option<(&'static str, Option<String>)>,
}

/// The broken calls of an operation.
struct Breaker<'a> {
    of: Described<'a>,
    broken: Vec<Broken>,
}

impl<'a> Breaker<'a> {
    fn breaking(of: Described<'a>) -> Vec<Broken> {
        let mut breaker = Self { of, broken: Vec::new() };
        breaker.addresses();
        breaker.bodies();
        breaker.nested();
        breaker.no_bodies();
        breaker.keys();
        breaker.versions();
        breaker.queries();
        breaker.lists();
        breaker.bounds();
        breaker.broken
    }

    fn add(&mut self, what: impl Into<String>, call: Call, code: Code) {
        self.broken.push(Broken { what: what.into(), call, code: Some(code), fault: None });
    }

    fn add_fault(&mut self, what: impl Into<String>, call: Call, fault: &'static str, pointer: Option<String>) {
        self.broken.push(Broken { what: what.into(), call, code: Some(Code::Invalid), fault: Some((fault, pointer)) });
    }

    /// An address that means nothing, and one that means a thing there is not.
    fn addresses(&mut self) {
        for bytes in ["%00", "%FF", "%C3%28"] {
            let mut call = self.of.whole();
            let (path, query) =
                call.place.split_once('?').map_or((call.place.clone(), String::new()), |(p, q)| (p.into(), format!("?{q}")));
            call.place = format!("{path}{bytes}{query}");
            self.add(format!("{bytes} in the path"), call, Code::Malformed);
            let call = self.of.whole().asking(&format!("limit={bytes}"));
            self.add(format!("{bytes} in the query"), call, Code::Malformed);
        }
        if self.of.operation.place.contains("{id}") {
            let ids = [Uuid::new_v4().to_string(), Uuid::nil().to_string(), "not-an-id".into(), "7".into(), "%E6%B5%99".into()];
            for id in ids {
                self.add(format!("the id {id}"), self.of.whole_at(&id), Code::NotFound);
            }
        }
    }

    /// A JSON body that cannot be read, or says something else than is asked.
    fn bodies(&mut self) {
        let (Some(fields), Some(sound)) = (self.of.fields().cloned(), self.of.sound.body.clone()) else { return };
        let text = sound.to_string();
        let first = sound.as_object().and_then(|body| body.keys().next()).cloned().unwrap();

        let (half, more, twice) = (&text[..text.len() - 1], format!("{text} x"), format!("{text}{text}"));
        for broken in ["", " ", "{", half, &more, &twice, "{'x':1}", "\u{feff}{}"] {
            self.add(format!("the body {}", shortened(broken)), self.of.bytes(broken), Code::Malformed);
        }
        self.add("a NUL in a text", self.of.bytes(format!("{{\"{first}\":\"a\\u0000b\"}}")), Code::Malformed);
        let mut surrogate = format!("{{\"{first}\":\"").into_bytes();
        self.add("half a surrogate", self.of.bytes([&surrogate[..], b"\\ud800\"}"].concat()), Code::Malformed);
        surrogate.extend_from_slice(b"\xff\xfe\"}");
        self.add("a body that is not UTF-8", self.of.bytes(surrogate), Code::Malformed);

        for wrong in ["null", "7", "\"x\"", "true", "[]"] {
            self.add_fault(format!("the body {wrong}"), self.of.bytes(wrong), "wrong_type", None);
        }
        let mut unknown = sound.clone();
        unknown["unexpected"] = true.into();
        self.add_fault("an unknown field", self.of.bare(&self.of.sound.id).json(&unknown), "unknown_field", Some("/unexpected".into()));
        for (name, schema) in &fields {
            let mut wrong = sound.clone();
            wrong[name] = if is_number_or_flag(schema) { json!("x") } else { json!(7) };
            let call = self.of.bare(&self.of.sound.id).json(&wrong);
            self.add_fault(format!("a wrong type for {name}"), call, "wrong_type", Some(format!("/{name}")));
        }
        let needed =
            self.of.schemas.as_object().into_iter().flatten().find(|(_, schema)| schema["properties"].as_object() == Some(&fields));
        for name in needed.and_then(|(_, schema)| schema["required"].as_array().cloned()).unwrap_or_default() {
            let mut partial = sound.clone();
            partial.as_object_mut().unwrap().remove(name.as_str().unwrap());
            self.add_fault(format!("no {name}"), self.of.bare(&self.of.sound.id).json(&partial), "missing_field", None);
        }

        for media in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""] {
            let call = self.of.bare(&self.of.sound.id).carrying(media, text.clone());
            self.add(format!("the content type {media:?}"), call, Code::UnsupportedMedia);
        }
        self.add("no content type", self.of.bytes(text.clone()).without("content-type"), Code::UnsupportedMedia);
        self.add("a body too large", self.of.bytes(text.clone() + &" ".repeat(LIMIT + 1 - text.len())), Code::TooLarge);
    }

    /// The same inside the body: a field twice, and one nobody knows.
    fn nested(&mut self) {
        let Some(sound) = self.of.sound.body.clone() else { return };
        for place in objects(&sound, String::new()) {
            let Some(first) = sound.pointer(&place).and_then(Value::as_object).and_then(|inside| inside.iter().next()) else { continue };
            let (name, value) = (first.0.clone(), first.1.clone());
            let mut twice = sound.clone();
            twice.pointer_mut(&place).unwrap()["@twin"] = value;
            let text = twice.to_string().replace("\"@twin\":", &format!("\"{name}\":"));
            self.add(format!("{place}/{name} twice"), self.of.bytes(text), Code::Malformed);
            if !place.is_empty() {
                let mut unknown = sound.clone();
                unknown.pointer_mut(&place).unwrap()["unexpected"] = true.into();
                self.add_fault(
                    format!("an unknown field in {place}"),
                    self.of.bare(&self.of.sound.id).json(&unknown),
                    "unknown_field",
                    None,
                );
            }
        }
    }

    /// A body where none is taken.
    fn no_bodies(&mut self) {
        if self.of.is_question() || self.of.sound.body.is_some() || self.of.file().is_some() {
            return;
        }
        for body in ["{", "x"] {
            self.add(format!("the body {body}"), self.of.bytes(body), Code::Malformed);
        }
        for body in ["{\"unexpected\":true}", "[]", "null"] {
            self.add_fault(format!("the body {body}"), self.of.bytes(body), "unknown_field", None);
        }
        self.add("a body too large", self.of.bytes(" ".repeat(LIMIT + 1)), Code::TooLarge);
    }

    /// No key, no sensible key, two keys.
    fn keys(&mut self) {
        if !self.of.is_idempotent() {
            return;
        }
        let without = || self.of.whole().without("idempotency-key");
        let long = "x".repeat(256);
        let mut broken =
            vec![("no key".to_owned(), without()), ("two keys".to_owned(), self.of.whole().with("idempotency-key", "another-key"))];
        for key in ["", "seven-7", "with a blank", long.as_str(), "钥匙钥匙钥匙"] {
            broken.push((format!("the key {}", shortened(key)), without().with("idempotency-key", key)));
        }
        for (what, call) in broken {
            self.add(what, call, Code::IdempotencyKeyMissing);
        }
    }

    /// No version where one is needed, and one that does not stand.
    fn versions(&mut self) {
        let Some((_, needed, _)) = self.of.parameters("header").into_iter().find(|(name, ..)| *name == "If-Match") else { return };
        if needed {
            self.add("no If-Match", self.of.whole().without("if-match"), Code::PreconditionMissing);
        }
        for tag in ["\"0\"", "\"999999\"", "*", "1", "W/\"1\"", "\"x\"", ""] {
            let call = self.of.whole().without("if-match").with("if-match", tag);
            self.add(format!("If-Match {tag}"), call, Code::Stale);
        }
    }

    /// Parameters nobody knows, and values they do not take.
    fn queries(&mut self) {
        let known = !self.of.parameters("query").is_empty();
        if self.of.is_idempotent() || (known && self.of.is_question()) {
            self.add_fault("an unknown parameter", self.of.whole().asking("unexpected=1"), "unknown_field", None);
        }
        if self.of.takes("query", "dry_run") {
            let call = self.of.whole().asking("dry_run=maybe");
            self.add_fault("a dry run that is neither", call, "wrong_type", Some("#query/dry_run".into()));
            self.add("two dry runs", self.of.whole().asking("dry_run=true&dry_run=true"), Code::Malformed);
        }
        let mut broken = Vec::new();
        for (name, needed, schema) in self.of.parameters("query") {
            if needed {
                let mut call = self.of.whole();
                call.place = without_parameter(&call.place, name);
                broken.push((format!("no {name}"), call, Code::Invalid));
                broken.push((format!("{name} twice"), doubled(self.of.whole(), name), Code::Malformed));
            }
            if name == "cursor"
                || name == "dry_run"
                || (schema["type"] == "string" && schema.get("enum").is_none() && schema.get("format").is_none())
            {
                continue;
            }
            let mut call = self.of.whole();
            call.place = without_parameter(&call.place, name);
            broken.push((format!("{name}=nonsense"), call.asking(&format!("{name}=nonsense")), Code::Invalid));
        }
        for (what, call, code) in broken {
            self.add(what, call, code);
        }
    }

    /// Values outside what the document says a parameter or a field of the body may be.
    fn bounds(&mut self) {
        let mut broken = Vec::new();
        for (name, _, schema) in self.of.parameters("query") {
            for (what, value) in outside(schema, self.of.schemas) {
                let Some(value) = value.as_str().map(str::to_owned).or_else(|| value.as_i64().map(|n| n.to_string())) else { continue };
                let mut call = self.of.whole();
                call.place = without_parameter(&call.place, name);
                broken.push((format!("{name} {what}"), call.asking(&format!("{name}={value}"))));
            }
        }
        if let (Some(fields), Some(sound)) = (self.of.fields(), &self.of.sound.body) {
            for (place, schema) in places(fields, sound, self.of.schemas, "") {
                for (what, value) in outside(schema, self.of.schemas) {
                    let mut wrong = sound.clone();
                    put(&mut wrong, &place, value);
                    broken.push((format!("{place} {what}"), self.of.bare(&self.of.sound.id).json(&wrong)));
                }
            }
        }
        // Some of them are refused for what they are done to first.
        self.broken.extend(broken.into_iter().map(|(what, call)| Broken { what, call, code: None, fault: None }));
    }

    /// Pages there are not.
    fn lists(&mut self) {
        if !self.of.takes("query", "limit") {
            return;
        }
        for limit in ["0", "101", "-1", "1.5", "18446744073709551616", ""] {
            self.add(format!("limit={limit}"), self.of.whole().asking(&format!("limit={limit}")), Code::Invalid);
        }
        self.add("limit twice", self.of.whole().asking("limit=1&limit=2"), Code::Malformed);
        if self.of.takes("query", "cursor") {
            for cursor in ["x", "", "AAAA", "%20"] {
                self.add(format!("cursor={cursor}"), self.of.whole().asking(&format!("cursor={cursor}")), Code::CursorInvalid);
            }
            let far = "f".repeat(32);
            self.add("a cursor beyond all time", self.of.whole().asking(&format!("cursor={far}")), Code::CursorInvalid);
        }
    }
}

/// The largest JSON body, bytes.
const LIMIT: usize = 1 << 20;

fn is_number_or_flag(schema: &Value) -> bool {
    let is = |kind: &Value| kind == "integer" || kind == "boolean" || kind == "number";
    is(&schema["type"]) || schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(is))
}

/// The schema itself, behind references and beside null.
fn plain<'a>(schema: &'a Value, schemas: &'a Value) -> &'a Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return plain(&schemas[reference.rsplit('/').next().unwrap_or_default()], schemas);
    }
    let choices = ["oneOf", "anyOf"].iter().find_map(|name| schema[*name].as_array());
    let mut real = choices.into_iter().flatten().filter(|one| one["type"] != "null");
    match (real.next(), real.next()) {
        (Some(only), None) => plain(only, schemas),
        _ => schema,
    }
}

/// Values just outside what a schema allows, and what is wrong with each.
fn outside(schema: &Value, schemas: &Value) -> Vec<(&'static str, Value)> {
    let schema = plain(schema, schemas);
    let number = |name: &str| schema[name].as_i64();
    let mut values = Vec::new();
    if let Some(longest) = number("maxLength").and_then(|n| usize::try_from(n).ok()) {
        values.push(("too long", "x".repeat(longest + 1).into()));
    }
    if number("minLength").is_some_and(|least| least > 0) {
        values.push(("empty", "".into()));
    }
    if schema.get("enum").is_some() {
        values.push(("of no known word", "no_such_word".into()));
    }
    if schema.get("pattern").is_some() {
        values.push(("of another form", "~ ~".into()));
    }
    if let Some(least) = number("minimum") {
        values.push(("too small", (least - 1).into()));
    }
    if let Some(most) = number("maximum") {
        values.push(("too great", (most + 1).into()));
    }
    if let Some(most) = number("maxItems").and_then(|n| usize::try_from(n).ok()) {
        values.push(("of too many", vec![Value::Null; most + 1].into()));
    }
    if number("minItems").is_some_and(|least| least > 0) {
        values.push(("of none", json!([])));
    }
    values
}

/// The fields of a body with their schemas, those inside of what the sound body has as well.
fn places<'a>(fields: &'a Map<String, Value>, sound: &Value, schemas: &'a Value, above: &str) -> Vec<(String, &'a Value)> {
    let mut all = Vec::new();
    for (name, schema) in fields {
        let place = format!("{above}/{name}");
        if let (Some(inside), Some(value)) = (plain(schema, schemas)["properties"].as_object(), sound.get(name).filter(|v| v.is_object())) {
            all.extend(places(inside, value, schemas, &place));
        }
        all.push((place, schema));
    }
    all
}

/// Puts a value at a place of a body, there or not before.
fn put(body: &mut Value, place: &str, value: Value) {
    let Some((above, name)) = place.rsplit_once('/') else { return };
    if let Some(inside) = body.pointer_mut(above) {
        inside[name] = value;
    }
}

/// Where there are objects in a body.
fn objects(value: &Value, place: String) -> Vec<String> {
    match value {
        Value::Object(members) => {
            let inside: Vec<_> = members.iter().flat_map(|(name, member)| objects(member, format!("{place}/{name}"))).collect();
            [vec![place], inside].concat()
        }
        Value::Array(items) => items.iter().enumerate().flat_map(|(at, item)| objects(item, format!("{place}/{at}"))).collect(),
        _ => Vec::new(),
    }
}

/// An address without a parameter.
fn without_parameter(place: &str, name: &str) -> String {
    let Some((path, query)) = place.split_once('?') else { return place.to_owned() };
    let kept: Vec<_> = query.split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

/// A call that gives a parameter once more.
fn doubled(call: Call, name: &str) -> Call {
    let pair = call.place.split_once('?').and_then(|(_, query)| query.split('&').find(|pair| pair.starts_with(&format!("{name}="))));
    let pair = pair.unwrap_or_default().to_owned();
    call.asking(&pair)
}

fn shortened(text: &str) -> String {
    format!("{:?}", text.chars().take(40).collect::<String>())
}

// ---- The run ----

/// What is wrong with the answer to a broken call.
fn answers_badly(broken: &Broken, reply: &Reply) -> Option<String> {
    let Some(code) = broken.code else {
        let is_refusal = (400..500).contains(&reply.status) && inside(&reply.body.to_string()).is_none();
        return (!is_refusal).then(|| format!("a refusal is due that tells nothing, {} came: {}", reply.status, reply.body));
    };
    if let Some(fault) = refuses_badly(reply, code) {
        return Some(fault);
    }
    let (code, pointer) = broken.fault.as_ref()?;
    let first = &reply.body["errors"][0];
    let at = first["pointer"].as_str().unwrap_or_default();
    let is_right = first["code"] == *code && pointer.as_ref().is_none_or(|due| at == due || at.starts_with(&format!("{due}/")));
    (!is_right).then(|| format!("the fault {code} at {pointer:?} is due: {}", reply.body))
}

/// Makes every broken call of an operation; what is wrong with the answers, and how many there were.
async fn try_operation(fixture: &Fixture, of: Described<'_>, before: &Tables) -> (Vec<String>, usize) {
    let id = of.operation.id.clone();
    let broken = Breaker::breaking(of);
    let mut wrong = Vec::new();
    for some in broken.chunks(16) {
        let replies = join_all(some.iter().map(|one| one.call.clone().made())).await;
        for (one, reply) in some.iter().zip(&replies) {
            wrong.extend(answers_badly(one, reply).map(|fault| format!("{id}, {}: {fault}", one.what)));
        }
    }
    let changed = changes(before, &fingerprint(fixture.market.house()).await);
    if !changed.is_empty() {
        wrong.push(format!("{id}: broken calls changed {}", changed.join(", ")));
    }
    (wrong, broken.len())
}

on_both! {
    async fn every_operation_refuses_broken_requests(market) {
        let fixture = Fixture::build(market).await;
        let document = document();
        let operations = operations(&document);
        let (mut wrong, mut calls) = (Vec::new(), 0);
        let mut before = at_rest(fixture.market.house()).await;
        for operation in &operations {
            let Some(sound) = fixture.sound(operation) else {
                wrong.push(format!("{} is not in the table of this test", operation.id));
                continue;
            };
            let of = Described { operation, sound, schemas: &document["components"]["schemas"] };
            if of.fields().is_some() != of.sound.body.is_some() {
                wrong.push(format!("{}: the table and the document do not agree on its body", operation.id));
                continue;
            }
            let (faults, made) = try_operation(&fixture, of, &before).await;
            calls += made;
            if !faults.is_empty() {
                before = at_rest(fixture.market.house()).await;
            }
            wrong.extend(faults);
        }
        println!("{} operations, {calls} broken calls", operations.len());
        assert!(wrong.is_empty(), "{} of {calls} wrong:\n{}", wrong.len(), wrong.join("\n"));
    }
}

on_both! {
    /// The table above is what it says: its callers may do it, and its calls lack nothing, so that what
    /// is refused is refused for what was broken.
    async fn the_calls_that_are_broken_are_sound_before(market) {
        let fixture = Fixture::build(market).await;
        let document = document();
        let mut wrong = Vec::new();
        let ends = |operation: &&Operation| !["watch_lot", "watch_market"].contains(&operation.id.as_str());
        for operation in operations(&document).iter().filter(|operation| operation.is_question()).filter(ends) {
            let of = Described { operation, sound: fixture.sound(operation).unwrap(), schemas: &document["components"]["schemas"] };
            let reply = of.whole().made().await;
            if reply.status != 200 {
                wrong.push(format!("{}: {} {}", operation.id, reply.status, reply.body));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
