//! A server whose clock is wrong dates no notice wrongly.

use chrono::TimeDelta;
use zhepai::platform::config::SANDBOX_PASSWORD;
use zhepai::play::{Staff, instant, text};
use zhepai::rulebook::rules::{Calendar, Span, deadline};

use crate::common::Base;
use crate::common::database::{self, has_postgres};
use crate::common::play::{eventually, university_at};
use crate::linear::servers::three;
use crate::timeline::draft;

/// One server's clock is an hour ahead: a notice that is published there begins and ends as anywhere else, and does not end an hour early.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_ends_when_it_should_whatever_the_clock_of_a_server_shows() {
    if !has_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = database::fresh(Base::Postgres, folder.path()).await;
    let mut servers = three(&database, folder.path()).await;
    let (right, wrong) = (servers[0].client(), servers[2].client());
    let staff = Staff::of_sandbox(&wrong, SANDBOX_PASSWORD).await.unwrap();
    let seller = university_at(&wrong, &staff).await;
    let (listing, _) = draft(&seller).await;
    seller.client.act(&format!("{listing}/submit")).await.unwrap();
    staff.reviewer.act(&format!("{listing}/take")).await.unwrap();
    staff.reviewer.act(&format!("{listing}/approve")).await.unwrap();
    // Half past eleven in Shanghai: by its own clock that server would publish on the next day.
    let now = staff.now().await.unwrap();
    let today = now.date_naive().and_hms_opt(15, 30, 0).unwrap().and_utc();
    let evening = if today > now { today } else { today + TimeDelta::days(1) };
    staff.move_clock(evening).await.unwrap();
    staff.run_clock(1).await.unwrap();
    let published = staff.publisher.act(&format!("{listing}/publish")).await.unwrap();

    let notice = format!("/v1/notices/{}", text(&published["notice_id"]));
    let [here, there] = [right.get(&notice).await.unwrap(), wrong.get(&notice).await.unwrap()];
    let published_at = instant(&here["published_at"]);
    assert!((evening..evening + TimeDelta::minutes(5)).contains(&published_at), "{published_at} is not soon after {evening}");
    let calendar = Calendar::parse_csv(include_str!("../../../../seeds/calendar/cn_days.csv")).unwrap();
    assert_eq!(instant(&here["ends_at"]), deadline(published_at, Span::WorkingDays(10), &calendar).ends_at);
    assert_eq!(here["ends_at"], there["ends_at"]);

    // Alone in the last seconds it ends nothing an hour early.
    let ends_at = instant(&here["ends_at"]);
    staff.move_clock(ends_at - TimeDelta::seconds(3)).await.unwrap();
    staff.run_clock(1).await.unwrap();
    servers[0].kill();
    servers[1].kill();
    assert_eq!(wrong.get(&notice).await.unwrap()["state"], "published");
    let has_ended = async || wrong.get(&notice).await.unwrap()["state"] == "ended";
    eventually(has_ended).await;
    assert!(instant(&wrong.get("/v1/time").await.unwrap()["now"]) >= ends_at, "it ended too early");
}
