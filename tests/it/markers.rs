//! What is not public carries a marker, which is looked for wherever anybody is told anything.

use std::time::Duration;

use tokio::time::timeout;
use zhepai::client::{Client, Reply};

use crate::common::http;
use crate::common::play::Watch;

/// What was told, and where.
#[derive(Default)]
pub struct Told(Vec<(String, String)>);

impl Told {
    /// Something that was said.
    pub fn said(&mut self, place: &str, words: String) {
        self.0.push((place.to_owned(), words));
    }

    /// A refusal, in the words it was refused in.
    pub fn refused(&mut self, reply: &Reply) {
        assert!(reply.status >= 400, "{} was not refused: {}", reply.asked, reply.body);
        self.said(&reply.asked, reply.body.to_string());
    }

    /// What anybody is answered who asks for something, be it that there is no such thing.
    pub async fn asked(&mut self, stranger: &Client, place: &str) {
        let answer = http().get(format!("{}{place}", stranger.base())).send().await.unwrap();
        let words = String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned();
        self.said(place, words);
    }

    /// What a notice tells: its text and all before it, its pages, its files, what is objected to.
    pub async fn notice(&mut self, stranger: &Client, notice: &str) {
        for place in [
            format!("/v1/notices/{notice}"),
            format!("/v1/notices/{notice}/versions"),
            format!("/v1/notices/{notice}/versions/1"),
            format!("/v1/notices/{notice}/difference"),
            format!("/v1/notices/{notice}/proposals"),
            format!("/v1/objections?notice_id={notice}"),
            format!("/notices/{notice}?lang=zh"),
            format!("/notices/{notice}?lang=en"),
            format!("/notices/{notice}/pdf?lang=zh"),
            format!("/notices/{notice}/pdf?lang=en"),
        ] {
            self.asked(stranger, &place).await;
        }
    }

    /// What the market tells everybody: its lists, its feeds, its figures, and its events from the first on.
    pub async fn market(&mut self, stranger: &Client) {
        for place in [
            "/notices",
            "/v1/notices",
            "/v1/notices/feed.atom",
            "/v1/notices/feed.json",
            "/v1/listings",
            "/v1/lots",
            "/v1/open-licences",
            "/v1/open-implementation",
            "/v1/rights-grants",
            "/v1/objections",
            "/v1/questions",
            "/metrics",
        ] {
            self.asked(stranger, place).await;
        }
        let feed = http().get(format!("{}/v1/events/stream", stranger.base())).header("Last-Event-ID", "0");
        let mut watch = Watch::of(feed).await;
        while let Ok(Some(step)) = timeout(Duration::from_secs(1), watch.step()).await {
            self.said("/v1/events/stream", step.data.to_string());
        }
    }

    /// Where something is told.
    pub fn places_of(&self, marker: &str) -> Vec<&str> {
        self.0.iter().filter(|(_, words)| words.contains(marker)).map(|(place, _)| place.as_str()).collect()
    }

    /// Sees that none of these is told anywhere.
    #[track_caller]
    pub fn tells_none_of(&self, markers: &[&str]) {
        assert!(!self.0.is_empty(), "nothing was told");
        for marker in markers {
            let places = self.places_of(marker);
            assert!(places.is_empty(), "{marker} is told at {places:?}");
        }
    }
}
