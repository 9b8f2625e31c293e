//! Notices: their periods, and what stops them.

use entity::platform::event;
use reqwest::Method;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::platform::keys::{hex, sha256};
use zhepai::play::{Party, admit, instant, read_status, sign, text};

use crate::authz::{announced, erratum, objection, officer};
use crate::common::fixtures::{enterprise, university};
use crate::common::play::{at, bid, eventually, first_deal, granted, refused};
use crate::common::{Market, http};
use crate::on_both;
use crate::outages::{beats, was_silent};
use crate::timeline::draft;

/// A sale of the university's whose result was made public on Thursday the 19th of March 2026: its seller and the notice.
pub async fn public_result(market: &Market) -> (Party, String) {
    let seller = university(market).await;
    let (winner, loser) = (enterprise(market, "winner", 1).await, enterprise(market, "loser", 2).await);
    let (listing, asset) = draft(&seller).await;
    let (reviewer, publisher) = (&market.staff.reviewer, &market.staff.publisher);
    seller.client.act(&format!("{listing}/submit")).await.unwrap();
    reviewer.act(&format!("{listing}/take")).await.unwrap();
    reviewer.act(&format!("{listing}/approve")).await.unwrap();
    let published = publisher.act(&format!("{listing}/publish")).await.unwrap();
    let lot = text(&published["lot_id"]);
    for buyer in [&winner, &loser] {
        admit(buyer, &market.staff, &lot).await.unwrap();
    }
    market.staff.move_clock(instant(&published["auction_opens_at"])).await.unwrap();
    granted(&bid(&loser.client, &lot, "200000.00").await, 201);
    granted(&bid(&winner.client, &lot, "202000.00").await, 201);
    market.staff.move_clock(at("2026-03-19T06:00:00Z")).await.unwrap();
    let deal = text(&first_deal(&winner.client).await["id"]);
    read_status(&seller, &asset, "granted").await.unwrap();
    sign(&deal, &[&winner.client, &seller.client]).await.unwrap();
    let (fresh, _) = officer(market, "fresh-eyes", "publisher").await;
    let public = fresh.act(&format!("/v1/deals/{deal}/publish-result")).await.unwrap();
    (seller, text(&public["result_notice_id"]))
}

/// What was told of a notice, in order.
pub(crate) async fn told(market: &Market, notice: &str) -> Vec<String> {
    let subject: Uuid = notice.parse().unwrap();
    let all = event::Entity::find().filter(event::Column::SubjectId.eq(subject)).order_by_asc(event::Column::Seq);
    all.all(market.house().db.read()).await.unwrap().into_iter().map(|event| event.kind).collect()
}

fn reason() -> Value {
    json!({"reason": "复核是否涉密"})
}

on_both! {
    /// The day of publication does not count, nor a day on which the page was away; nobody reads it then, and it does not end.
    async fn a_notice_makes_up_for_every_day_on_which_it_was_away(market) {
        let (seller, notice) = public_result(&market).await;
        let place = format!("/v1/notices/{notice}");
        let public = market.stranger.get(&place).await.unwrap();
        let period = &public["period"];
        assert_eq!((&period["rule"], &period["value"], &period["zh"]), (&json!("result_notice_period"), &json!("5wd"), &json!("5个工作日")));
        assert_eq!((&period["last_day"], &period["stopped_days"]), (&json!("2026-03-26"), &json!([])));
        assert_eq!(instant(&public["ends_at"]), at("2026-03-26T16:00:00Z"));

        market.staff.move_clock(at("2026-03-20T02:00:00Z")).await.unwrap();
        let publisher = &market.staff.publisher;
        let (down, restore) = (format!("{place}/take-down"), format!("{place}/restore"));
        refused(&publisher.ask(Method::POST, &restore).send().await.unwrap(), 409, "wrong_state");
        publisher.create(&down, reason()).await.unwrap();
        let gone = market.stranger.look(&place).await.unwrap();
        assert_eq!(refused(&gone, 410, "taken_down")["reason"], "复核是否涉密");
        for insider in [&seller.client, publisher] {
            assert_eq!(insider.get(&place).await.unwrap()["content_text"], public["content_text"], "what is frozen stays");
        }
        let listed = market.stranger.get("/v1/notices?kind=deal_result").await.unwrap()["items"][0].clone();
        assert_eq!((text(&listed["id"]), instant(&listed["taken_down_at"])), (notice.clone(), at("2026-03-20T02:00:00Z")));
        market.staff.move_clock(at("2026-03-30T02:00:00Z")).await.unwrap();
        assert_eq!(seller.client.get(&place).await.unwrap()["state"], "published", "its time had come, but nobody could read it");

        let back = publisher.act(&restore).await.unwrap();
        // The 31st is the first day that counts; from the 4th to the 6th of April nobody works.
        assert_eq!((&back["period"]["last_day"], instant(&back["ends_at"])), (&json!("2026-04-07"), at("2026-04-07T16:00:00Z")));
        assert_eq!(back["period"]["stopped_days"].as_array().unwrap().len(), 11);
        assert_eq!(market.stranger.get(&place).await.unwrap()["takedowns"][0]["reason"], "复核是否涉密");
        market.staff.move_clock(at("2026-04-07T15:59:59Z")).await.unwrap();
        assert_eq!(market.stranger.get(&place).await.unwrap()["state"], "published");
        market.staff.move_clock(at("2026-04-07T16:00:00Z")).await.unwrap();
        assert_eq!(market.stranger.get(&place).await.unwrap()["state"], "ended");
        assert_eq!(told(&market, &notice).await, ["notice.published", "notice.taken_down", "notice.restored", "notice.ended", "notice.final"]);
    }
}

on_both! {
    /// Five hours of a day in which nobody could read it: the day does not count, is told at once, and puts the end off.
    async fn a_day_with_an_outage_of_five_hours_does_not_count(market) {
        let (_, notice) = public_result(&market).await;
        let place = format!("/v1/notices/{notice}");
        market.staff.move_clock(at("2026-03-23T03:00:00Z")).await.unwrap();
        was_silent(&market, 3 * 3_600, at("2026-03-23T00:00:00Z")).await;
        beats(&market).await;
        assert_eq!(market.stranger.get(&place).await.unwrap()["period"]["last_day"], "2026-03-26", "three hours are not much");
        market.staff.move_clock(at("2026-03-24T06:00:00Z")).await.unwrap();
        was_silent(&market, 5 * 3_600, at("2026-03-24T01:00:00Z")).await;
        beats(&market).await;
        let put_off = market.stranger.get(&place).await.unwrap();
        assert_eq!((&put_off["period"]["last_day"], &put_off["period"]["stopped_days"]), (&json!("2026-03-27"), &json!(["2026-03-24"])));
        market.staff.move_clock(at("2026-03-26T16:00:00Z")).await.unwrap();
        assert_eq!(market.stranger.get(&place).await.unwrap()["state"], "published");
        market.staff.move_clock(at("2026-03-27T16:00:00Z")).await.unwrap();
        assert_eq!(market.stranger.get(&place).await.unwrap()["state"], "ended");
        assert_eq!(told(&market, &notice).await, ["notice.published", "notice.put_off", "notice.ended", "notice.final"]);
    }
}

/// What somebody reads at an address, with its media type.
pub(crate) async fn read(market: &Market, place: &str) -> (String, String) {
    let answer = http().get(format!("{}{place}", market.stranger.base())).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200, "{place}");
    let media = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (media, answer.text().await.unwrap())
}

on_both! {
    /// Feeds and filters tell of the same notices, each with its exact text; of one that is away nobody reads it there either.
    async fn feeds_tell_of_what_is_public(market) {
        let (_, notice) = public_result(&market).await;
        let frozen = market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap();
        let (media, fed) = read(&market, "/v1/notices/feed.atom").await;
        assert_eq!(media, "application/atom+xml; charset=utf-8");
        assert_eq!(fed.matches("<entry>").count(), 2, "the listing's and the result's");
        assert!(fed.contains(&format!("urn:uuid:{notice}")));
        let (media, fed) = read(&market, "/v1/notices/feed.json?kind=deal_result").await;
        assert_eq!(media, "application/feed+json; charset=utf-8");
        let feed: Value = serde_json::from_str(&fed).unwrap();
        assert_eq!(feed["items"].as_array().unwrap().len(), 1);
        assert_eq!(feed["items"][0]["content_text"], frozen["content_text"]);
        assert_eq!(feed["items"][0]["_zhepai"]["sha256"], frozen["sha256"]);
        assert_eq!((&frozen["city"], &frozen["field"]), (&json!("100000"), &market.stranger.get("/v1/notices").await.unwrap()["items"][1]["field"]));

        let found = async |query: &str| market.stranger.get(&format!("/v1/notices?{query}")).await.unwrap()["items"].as_array().unwrap().len();
        assert_eq!((found("city=100000").await, found("city=330100").await), (2, 0));
        let field = text(&frozen["field"]);
        assert_eq!((found(&format!("field={field}")).await, found("field=99").await), (2, 0));
        assert_eq!((found("from=2026-03-19T00:00:00Z").await, found("to=2026-03-19T00:00:00Z").await), (1, 1));
        refused(&market.stranger.look("/v1/notices/feed.json?limit=101").await.unwrap(), 422, "invalid");
        for (period, fed) in [("from", true), ("to", false)] {
            let (_, feed) = read(&market, &format!("/v1/notices/feed.json?{period}=2026-03-19T00:00:00Z")).await;
            assert_eq!(feed.contains(&notice), fed, "{period}");
            let (_, atom) = read(&market, &format!("/v1/notices/feed.atom?{period}=2026-03-19T00:00:00Z")).await;
            assert_eq!((atom.matches("<entry>").count(), atom.contains(&notice)), (1, fed), "{period}");
        }

        market.staff.publisher.create(&format!("/v1/notices/{notice}/take-down"), reason()).await.unwrap();
        for place in ["/v1/notices/feed.atom", "/v1/notices/feed.json"] {
            let (_, fed) = read(&market, place).await;
            assert!(fed.contains(&notice) && fed.contains("已下架") && !fed.contains("final_price"), "{fed}");
        }
    }
}

on_both! {
    /// People ask for a period by its days and for a seller by its name, and go on to the next page of just that.
    async fn a_list_is_asked_for_by_period_and_by_seller(market) {
        let (seller, notice) = public_result(&market).await;
        let told = market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap();
        let (id, name) = (text(&told["organisation_id"]), text(&told["seller_name"]));
        assert_eq!(id, seller.organisation);
        let listed = async |query: &str| read(&market, &format!("/notices?{query}")).await.1;
        let that_day = listed("lang=zh&kind=&from=2026-03-19&to=2026-03-19&organisation_id=").await;
        assert!(that_day.contains(&format!("/notices/{notice}?")) && that_day.matches("<article>").count() == 1, "{that_day}");
        assert!(that_day.contains("name=\"from\" value=\"2026-03-19\"") && that_day.contains("name=\"to\" value=\"2026-03-19\""));
        for (query, count) in [("to=2026-03-18", 1), ("from=2026-03-20", 0), ("from=2026-03-19T07:00:00Z", 0), ("to=2026-03-19T06:00:00Z", 1)] {
            assert_eq!(listed(query).await.matches("<article>").count(), count, "{query}");
        }
        let own = listed(&format!("lang=en&organisation_id={id}&from=2026-03-01&limit=1")).await;
        assert!(own.contains(&format!("<option value=\"{id}\" lang=\"zh\" selected>{name}</option>")), "{own}");
        let next = own.lines().find(|line| line.contains("rel=\"next\"")).unwrap();
        assert!(next.contains(&format!("organisation_id={id}")) && next.contains("from=2026-03-01"), "{next}");
        let none = listed(&format!("organisation_id={}", Uuid::nil())).await;
        assert_eq!(none.matches("<article>").count(), 0);
        // A city has a name in Chinese alone: elsewhere its code stands before it, and its language is told.
        assert!(own.contains("<option value=\"330100\" lang=\"zh\">330100 杭州市</option>"), "{own}");
        assert!(that_day.contains("<option value=\"330100\">杭州市</option>"));
        let page = read(&market, &format!("/notices/{notice}?lang=en")).await.1;
        assert!(page.contains(&format!("/notices?organisation_id={id}&amp;lang=en\">Other notices of this seller</a>")), "{page}");
        for broken in ["from=gestern", "to=2026-13-01", "from=0001-01-01", "organisation_id=x"] {
            refused(&market.stranger.look(&format!("/notices?{broken}")).await.unwrap(), 422, "invalid");
        }
    }
}

on_both! {
    /// Every notice says how to object to it, on which grounds, and by when each step is done; so do its page and its result's.
    async fn a_notice_says_how_to_object_to_it(market) {
        let (_, result) = public_result(&market).await;
        let all = market.stranger.get("/v1/notices").await.unwrap();
        let notices: Vec<_> = all["items"].as_array().unwrap().iter().map(|one| text(&one["id"])).collect();
        assert_eq!((notices.len(), &notices[0]), (2, &result));
        for (notice, until) in notices.iter().zip(["本公告公示期届满之时", "挂牌公告期届满、报名截止之时"]) {
            let said = market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap()["content"]["objections"].clone();
            assert_eq!(said["until"]["zh"], until);
            assert_eq!(said["grounds"].as_array().unwrap().len(), 9);
            let steps: Vec<_> = said["deadlines"].as_array().unwrap().iter().map(|one| (text(&one["rule"]), text(&one["period"]))).collect();
            let expected = [("acceptance", "3wd"), ("investigation", "10wd"), ("extension", "10wd"), ("review", "5wd"), ("investigation", "10wd")];
            assert_eq!(steps, expected.map(|(rule, period)| (format!("objection_{rule}"), period.to_owned())));
            let chinese = read(&market, &format!("/notices/{notice}?lang=zh")).await.1;
            for words in ["提出后3个工作日内决定是否受理", "权属", "仅由监管人员阅读", &format!("POST /v1/notices/{notice}/tips")] {
                assert!(chinese.contains(words), "{words} in {chinese}");
            }
            let english = read(&market, &format!("/notices/{notice}?lang=en")).await.1;
            for words in ["within 3 working days of its being handed in", "unfair price", &format!("POST /v1/notices/{notice}/tips")] {
                assert!(english.contains(words), "{words} in {english}");
            }
        }
    }
}

on_both! {
    /// What comes of a procedure is a file that calendars read.
    async fn the_coming_dates_are_a_file_for_calendars(market) {
        let seller = university(&market).await;
        let published = announced(&market, &seller, "一种在公告的技术", &[]).await;
        for place in [format!("/v1/listings/{}/timeline", published.listing), format!("/v1/lots/{}/timeline", published.lot)] {
            let told = market.stranger.get(&place).await.unwrap();
            let coming = told["steps"].as_array().unwrap().iter().filter(|step| {
                step["due_at"].is_string() && ["next", "coming", "may_come"].contains(&step["state"].as_str().unwrap()) && step["overdue"] == false
            });
            let (media, file) = read(&market, &format!("{place}.ics")).await;
            assert_eq!(media, "text/calendar; charset=utf-8");
            assert_eq!(file.matches("BEGIN:VEVENT").count(), coming.count(), "{file}");
            assert!(file.contains("UID:registration_closes-"), "{file}");
        }
        let draft = draft(&seller).await.0;
        refused(&market.stranger.look(&format!("{draft}/timeline.ics")).await.unwrap(), 404, "not_found");
    }
}

/// A listing of the university's, announced on the 2nd of March 2026, for which a firm is registered: its place and its notice.
async fn running(market: &Market, seller: &Party, firm: &Party) -> (String, String) {
    let (listing, _) = draft(seller).await;
    seller.client.act(&format!("{listing}/submit")).await.unwrap();
    market.staff.reviewer.act(&format!("{listing}/take")).await.unwrap();
    market.staff.reviewer.act(&format!("{listing}/approve")).await.unwrap();
    let published = market.staff.publisher.act(&format!("{listing}/publish")).await.unwrap();
    admit(firm, &market.staff, &text(&published["lot_id"])).await.unwrap();
    (listing, text(&published["notice_id"]))
}

/// Waits until news of a kind is in an organisation's inbox.
async fn heard(party: &Party, kind: &str) {
    eventually(async || {
        let inbox = party.client.get("/v1/inbox").await.unwrap();
        inbox["items"].as_array().unwrap().iter().any(|item| item["kind"] == kind)
    })
    .await;
}

on_both! {
    /// A slip is proposed by one, published by another: both texts stay, with what differs and why, and the period runs on.
    async fn a_slip_is_set_right_in_the_open_and_moves_no_end(market) {
        let (seller, firm) = (university(&market).await, enterprise(&market, "firm", 1).await);
        let (_, notice) = running(&market, &seller, &firm).await;
        let place = format!("/v1/notices/{notice}");
        let before = market.stranger.get(&place).await.unwrap();
        let wrong = json!({"reason": "标题错别字", "changes": [{"pointer": "/title", "value": "一种新的标题"}]});
        let open = seller.client.get(&place).await.unwrap()["open_changes"].clone();
        assert_eq!((&open["announces_anew"], &open["until"]), (&json!("propose_listing_amendment"), &before["ends_at"]));
        assert!(open["errata"].as_array().unwrap().contains(&json!("/title")) && instant(&open["late_from"]) < instant(&open["until"]));
        assert_eq!((before.get("open_changes"), &before["seller_name"]), (None, &before["content"]["seller"]["name"]));
        let proposed = seller.client.create(&format!("{place}/errata"), wrong).await.unwrap();
        assert_eq!(proposed["allowed_deeds"], json!(["refuse_notice_proposal"]), "he may take it back");
        assert_eq!(market.stranger.get(&place).await.unwrap(), before, "nothing is changed before a second person has looked");
        refused(&firm.client.look(&format!("{place}/proposals")).await.unwrap(), 403, "forbidden");
        let waits = market.staff.publisher.get(&format!("{place}/proposals")).await.unwrap()["items"][0].clone();
        assert_eq!(waits["allowed_deeds"], json!(["publish_notice_proposal", "refuse_notice_proposal"]));
        let done = market.staff.publisher.act(&format!("/v1/notice-proposals/{}/publish", text(&proposed["id"]))).await.unwrap();
        assert_eq!((&done["state"], &done["made_version"]), (&json!("published"), &json!(2)));

        let after = market.stranger.get(&place).await.unwrap();
        assert_eq!((&after["version"], &after["content"]["title"], &after["ends_at"]), (&json!(2), &json!("一种新的标题"), &before["ends_at"]));
        assert_eq!(text(&after["sha256"]), hex(&sha256(text(&after["content_text"]).as_bytes())));
        let versions = market.stranger.get(&format!("{place}/versions")).await.unwrap();
        let told: Vec<_> = versions["items"].as_array().unwrap().iter().map(|one| (text(&one["kind"]), one["stands"].clone(), one["sha256"].clone())).collect();
        assert_eq!(told, [("first".into(), json!(false), before["sha256"].clone()), ("erratum".into(), json!(true), after["sha256"].clone())]);
        assert_eq!(versions["items"][1]["reason"], "标题错别字");
        let first = market.stranger.get(&format!("{place}/versions/1")).await.unwrap();
        assert_eq!(first["content_text"], before["content_text"], "what was frozen stays");
        let difference = market.stranger.get(&format!("{place}/difference")).await.unwrap();
        let expected = json!([{"pointer": "/title", "zh": "名称", "en": "Title", "before": before["content"]["title"], "after": "一种新的标题"}]);
        assert_eq!((&difference["from"], &difference["to"], &difference["changes"]), (&json!(1), &json!(2), &expected));
        // Whoever is registered is told.
        for party in [&seller, &firm] {
            heard(party, "notice.corrected").await;
        }
        let (_, feed) = read(&market, "/v1/notices/feed.json").await;
        assert!(feed.contains("一种新的标题"));
    }
}

on_both! {
    /// What others decide by is no slip: every field of it is refused, and what may be set right is told.
    async fn what_others_decide_by_is_no_slip(market) {
        let (seller, firm) = (university(&market).await, enterprise(&market, "firm", 1).await);
        let (_, notice) = running(&market, &seller, &firm).await;
        let place = format!("/v1/notices/{notice}");
        let before = market.stranger.get(&place).await.unwrap();
        for (what, pointer) in [
            ("asset set", "/assets/0/identifier"),
            ("scope", "/terms/mode"),
            ("mode", "/mode/code"),
            ("price", "/price/base_price/amount"),
            ("payment", "/payment/zh"),
            ("qualification", "/conditions"),
            ("deposit", "/deposit/amount/amount"),
            ("format", "/bidding/closing_mode"),
            ("pre-emption", "/preemption_holders"),
        ] {
            assert!(before["content"].pointer(pointer).is_some(), "{what}");
            let wrong = json!({"reason": "笔误", "changes": [{"pointer": pointer, "value": "另一内容"}]});
            let said = seller.client.post(&format!("{place}/errata"), wrong).send().await.unwrap();
            let told = refused(&said, 409, "material_change");
            assert_eq!(told["pointers"], json!([pointer]), "{what}");
            assert!(told["fields"].as_array().unwrap().contains(&json!("/title")), "{what}");
        }
        assert_eq!(market.stranger.get(&place).await.unwrap(), before);
    }
}

on_both! {
    /// A listing that is ended takes its notice along: it stands no more, and everybody reads why.
    async fn a_notice_is_withdrawn_with_its_listing(market) {
        let (seller, firm) = (university(&market).await, enterprise(&market, "firm", 1).await);
        let (listing, notice) = running(&market, &seller, &firm).await;
        let place = format!("/v1/notices/{notice}");
        let proposed = seller.client.create(&format!("{place}/errata"), erratum("一种更正的技术")).await.unwrap();
        seller.client.create(&format!("{listing}/terminate"), json!({"reason": "权属发生争议"})).await.unwrap();
        let withdrawn = market.stranger.get(&place).await.unwrap();
        assert_eq!((&withdrawn["state"], &withdrawn["withdrawal_reason"]), (&json!("withdrawn"), &json!("权属发生争议")));
        assert!(withdrawn["content"]["title"].is_string(), "its text stays readable");
        let listed = market.stranger.get("/v1/notices").await.unwrap();
        assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["state"]), (&json!(notice), &json!("withdrawn")));
        let proposals = market.staff.reviewer.get(&format!("{place}/proposals")).await.unwrap();
        assert_eq!((&proposals["items"][0]["id"], &proposals["items"][0]["state"]), (&proposed["id"], &json!("refused")));
        refused(&firm.client.post(&format!("{place}/objections"), objection()).send().await.unwrap(), 409, "objections_closed");
        heard(&firm, "notice.withdrawn").await;
        market.staff.move_clock(instant(&withdrawn["ends_at"])).await.unwrap();
        assert_eq!(market.stranger.get(&place).await.unwrap()["state"], "withdrawn", "no period ends any more");
    }
}

on_both! {
    /// The notice of a result is withdrawn by two: one proposes it, another does it.
    async fn a_result_is_withdrawn_by_two(market) {
        let (_, notice) = public_result(&market).await;
        let place = format!("/v1/notices/{notice}");
        let reason = json!({"reason": "成交被依法撤销"});
        let proposed = market.staff.reviewer.create(&format!("{place}/withdrawal"), reason).await.unwrap();
        let publish = format!("/v1/notice-proposals/{}/publish", text(&proposed["id"]));
        let (fresh, _) = officer(&market, "other-eyes", "publisher").await;
        fresh.act(&publish).await.unwrap();
        refused(&fresh.ask(Method::POST, &publish).send().await.unwrap(), 409, "wrong_state");
        let withdrawn = market.stranger.get(&place).await.unwrap();
        assert_eq!((&withdrawn["state"], &withdrawn["withdrawal_reason"], &withdrawn["version"]), (&json!("withdrawn"), &json!("成交被依法撤销"), &json!(1)));
        assert_eq!(told(&market, &notice).await, ["notice.published", "notice.withdrawn"]);
    }
}

on_both! {
    /// What a page was taken away for stays away, once an erratum has taken it out before the page is put back.
    async fn what_was_taken_out_while_it_was_away_is_shown_to_nobody_outside(market) {
        let (seller, firm) = (university(&market).await, enterprise(&market, "firm", 1).await);
        let (_, notice) = running(&market, &seller, &firm).await;
        let place = format!("/v1/notices/{notice}");
        let secret = text(&market.stranger.get(&place).await.unwrap()["content"]["summary"]);
        let publisher = &market.staff.publisher;
        publisher.create(&format!("{place}/take-down"), reason()).await.unwrap();
        let wrong = json!({"reason": "删去不宜公开的内容", "changes": [{"pointer": "/summary", "value": "一种技术"}]});
        let proposal = text(&seller.client.create(&format!("{place}/errata"), wrong).await.unwrap()["id"]);
        publisher.act(&format!("/v1/notice-proposals/{proposal}/publish")).await.unwrap();
        publisher.act(&format!("{place}/restore")).await.unwrap();
        for hidden in ["versions/1", "difference", "difference?from=2&to=1"] {
            let answer = market.stranger.look(&format!("{place}/{hidden}")).await.unwrap();
            assert_eq!(refused(&answer, 410, "taken_down")["reason"], "复核是否涉密", "{hidden}");
        }
        let page = read(&market, &format!("/notices/{notice}?lang=zh")).await.1;
        for shown in [market.stranger.get(&place).await.unwrap(), market.stranger.get(&format!("{place}/versions")).await.unwrap(), json!(page)] {
            assert!(!shown.to_string().contains(&secret), "{shown}");
        }
        let first = seller.client.get(&format!("{place}/versions/1")).await.unwrap();
        assert_eq!(first["content"]["summary"], secret, "who knew it anyway reads it");
    }
}

on_both! {
    /// People read the same on a page, in their language, as programs do; it has no script.
    async fn a_page_says_what_the_notice_says(market) {
        let (seller, firm) = (university(&market).await, enterprise(&market, "firm", 1).await);
        let (_, notice) = running(&market, &seller, &firm).await;
        let told = market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap();
        let (media, chinese) = read(&market, &format!("/notices/{notice}?lang=zh")).await;
        assert_eq!(media, "text/html; charset=utf-8");
        for said in [text(&told["content"]["title"]), text(&told["sha256"]), "转让方".into(), "起拍价".into(), "异议".into(), "北京时间".into()] {
            assert!(chinese.contains(&said), "{said}");
        }
        let english = read(&market, &format!("/notices/{notice}?lang=en")).await.1;
        for said in ["<html lang=\"en\">", "Start price", "Objections", "Beijing time"] {
            assert!(english.contains(said), "{said}");
        }
        assert!(!chinese.contains("<script") && !english.contains("<script"));
        let paper = read(&market, &format!("/notices/{notice}/pdf?lang=zh")).await;
        assert!(paper.0 == "application/pdf" && paper.1.starts_with("%PDF-1."), "{}", paper.0);
        let list = read(&market, "/notices?kind=listing&city=&field=").await.1;
        assert!(list.contains(&format!("/notices/{notice}?lang=zh")));
        let none = read(&market, "/notices?kind=deal_result&lang=en").await.1;
        assert!(none.contains("There is none."));
        let place = format!("/v1/notices/{notice}/objections");
        let objected = firm.client.create(&place, objection()).await.unwrap();
        let words = text(&objected["inside"]["statement"]);
        let page = read(&market, &format!("/notices/{notice}?lang=zh")).await.1;
        assert!(page.contains("程序 · 待受理") && !page.contains(&words), "what it is about, and not what he wrote");
    }
}
