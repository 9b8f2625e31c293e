//! The newest notices for machines that read feeds: Atom (RFC 4287) and JSON Feed 1.1.

use atom_syndication::{Category, Content, Entry, Feed, FixedDateTime, Generator, Link, Person, Text};
use chrono::{DateTime, Utc};
use entity::ids::NoticeId;
use entity::notices::NoticeKind;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::flows::Fed;
use super::rules::seller_named;
use crate::platform::keys::hex;
use crate::rulebook::rules::shanghai_minute;

/// By what the feed is known where nobody has said where the platform is reached.
const FEED: &str = "urn:uuid:6a1f3c52-4f5e-4f0b-9c0e-7b1f5a3d2e10";
/// What both feeds are called.
const TITLE: &str = "浙拍公告 Zhepai notices";

/// A notice as feeds tell of it.
struct Item {
    id: NoticeId,
    title: String,
    kind: (&'static str, &'static str, &'static str),
    summary: String,
    published_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    seller: Option<String>,
    /// The exact text, with its hash; none while its page is away.
    text: Option<(String, String)>,
}

/// A kind of notice: its code, its name in Chinese and in English.
fn named(kind: NoticeKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        NoticeKind::Listing => ("listing", "挂牌公告", "Listing"),
        NoticeKind::DealResult => ("deal_result", "成交公示", "Result of a deal"),
        NoticeKind::NegotiatedPrice => ("negotiated_price", "协议定价公示", "Negotiated price"),
        NoticeKind::Auction => ("auction", "拍卖公告", "Auction"),
        NoticeKind::RightsGrant => ("rights_grant", "赋权公示", "Grant of rights"),
        NoticeKind::OpenLicence => ("open_licence", "开放许可公告", "Open licence"),
    }
}

impl Item {
    fn of(fed: &Fed) -> Self {
        let notice = &fed.notice;
        let content: Value = fed.text.as_ref().and_then(|text| serde_json::from_str(&text.content).ok()).unwrap_or_default();
        let published_at = notice.published_at.unwrap_or(notice.created_at);
        let (code, zh, en) = named(notice.kind);
        let said = |place: &str| content.pointer(place).and_then(Value::as_str).map(ToOwned::to_owned);
        let until = fed.ends_at.map_or_else(String::new, |ends_at| format!("，至 until {}", shanghai_minute(ends_at)));
        let summary = match (&notice.withdrawal_reason, &fed.text) {
            (_, None) => format!("{zh} {en}，已下架 taken away"),
            (Some(reason), _) => format!("{zh} {en}，已撤回 withdrawn: {reason}"),
            (None, Some(_)) => format!("{zh} {en}{until}"),
        };
        Self {
            id: notice.id,
            title: said("/title").unwrap_or_else(|| format!("{zh} {en}")),
            kind: (code, zh, en),
            summary,
            published_at,
            updated_at: fed.updated_at,
            seller: seller_named(&content).map(ToOwned::to_owned),
            text: fed.text.as_ref().map(|text| (text.content.clone(), hex(&text.sha256))),
        }
    }

    fn place(&self, base: Option<&str>) -> String {
        place(base, &format!("/v1/notices/{}", self.id))
    }
}

/// An address at the platform; without where it is reached, from where the feed was read.
fn place(base: Option<&str>, path: &str) -> String {
    base.map_or_else(|| path.to_owned(), |base| format!("{base}{path}"))
}

fn fixed(at: DateTime<Utc>) -> FixedDateTime {
    at.fixed_offset()
}

/// When what is told last changed; the beginning of time where there is nothing.
fn updated(items: &[Item]) -> DateTime<Utc> {
    items.iter().map(|item| item.updated_at).max().unwrap_or(DateTime::UNIX_EPOCH)
}

fn link(href: String, rel: &str, mime_type: &str) -> Link {
    Link { href, rel: rel.into(), mime_type: Some(mime_type.into()), ..Link::default() }
}

/// An Atom feed of these notices; `base` is where the platform is reached from outside.
pub fn atom(notices: &[Fed], base: Option<&str>) -> String {
    let items: Vec<_> = notices.iter().map(Item::of).collect();
    let own = place(base, "/v1/notices/feed.atom");
    let feed = Feed {
        title: Text::plain(TITLE),
        id: if base.is_some() { own.clone() } else { FEED.into() },
        updated: fixed(updated(&items)),
        authors: vec![Person { name: "浙拍 Zhepai".into(), ..Person::default() }],
        links: vec![link(own, "self", "application/atom+xml"), link(place(base, "/v1/notices"), "alternate", "application/json")],
        generator: Some(Generator { value: "Zhepai".into(), uri: None, version: Some(env!("CARGO_PKG_VERSION").into()) }),
        entries: items.iter().map(|item| entry(item, base)).collect(),
        ..Feed::default()
    };
    feed.to_string()
}

fn entry(item: &Item, base: Option<&str>) -> Entry {
    let (code, zh, en) = item.kind;
    Entry {
        title: Text::plain(item.title.clone()),
        id: format!("urn:uuid:{}", item.id),
        updated: fixed(item.updated_at),
        published: Some(fixed(item.published_at)),
        authors: item.seller.iter().map(|name| Person { name: name.clone(), ..Person::default() }).collect(),
        categories: vec![Category { term: code.into(), scheme: None, label: Some(format!("{zh} {en}")) }],
        links: vec![link(item.place(base), "alternate", "application/json")],
        summary: Some(Text::plain(item.summary.clone())),
        content: item.text.as_ref().map(|(text, _)| Content {
            content_type: Some("text".into()),
            value: Some(text.clone()),
            ..Content::default()
        }),
        ..Entry::default()
    }
}

/// A feed of notices, as JSON Feed 1.1 has it.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeFeed {
    /// The version of the form.
    #[schema(example = "https://jsonfeed.org/version/1.1")]
    pub version: &'static str,
    /// What the feed is called.
    pub title: &'static str,
    /// Where it is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feed_url: Option<String>,
    /// In which language it is, first of all.
    pub language: &'static str,
    /// The notices, newest first.
    #[schema(max_items = 100)]
    pub items: Vec<NoticeFeedItem>,
}

/// A notice in a feed.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeFeedItem {
    /// By what it is known: a URN of its id.
    #[schema(example = "urn:uuid:01930a5e-8c4b-7d10-9a3e-2f6b1c0d4e5f")]
    pub id: String,
    /// Where it is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its title.
    pub title: String,
    /// What kind it is, and until when it runs.
    pub summary: String,
    /// Its text, exactly as it was hashed; of one whose page is away, why it is not here.
    pub content_text: String,
    /// When it became public.
    pub date_published: DateTime<Utc>,
    /// When it was last put out or taken away.
    pub date_modified: DateTime<Utc>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 1)]
    pub authors: Vec<NoticeFeedAuthor>,
    /// Its kind.
    #[schema(max_items = 1)]
    pub tags: Vec<&'static str>,
    /// What no other feed has.
    #[serde(rename = "_zhepai")]
    pub zhepai: NoticeFeedExtension,
}

/// Whose a notice in a feed is.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeFeedAuthor {
    /// The name.
    pub name: String,
}

/// What no other feed has.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeFeedExtension {
    /// The notice.
    pub notice_id: NoticeId,
    /// SHA-256 of its text, hexadecimal; absent while its page is away.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: Option<String>,
}

/// A JSON feed of these notices; `base` is where the platform is reached from outside.
pub fn json(notices: &[Fed], base: Option<&str>) -> NoticeFeed {
    let items = notices.iter().map(|fed| {
        let item = Item::of(fed);
        let url = base.map(|_| item.place(base));
        let (text, sha256) = item.text.map_or((item.summary.clone(), None), |(text, sha256)| (text, Some(sha256)));
        NoticeFeedItem {
            id: format!("urn:uuid:{}", item.id),
            url,
            title: item.title,
            summary: item.summary,
            content_text: text,
            date_published: item.published_at,
            date_modified: item.updated_at,
            authors: item.seller.into_iter().map(|name| NoticeFeedAuthor { name }).collect(),
            tags: vec![item.kind.0],
            zhepai: NoticeFeedExtension { notice_id: item.id, sha256 },
        }
    });
    NoticeFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: TITLE,
        feed_url: base.map(|_| place(base, "/v1/notices/feed.json")),
        language: "zh-CN",
        items: items.collect(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::notices::{notice, notice_version};

    use super::*;
    use crate::notices::rules::examples::{at, draft, person};
    use crate::notices::rules::publish;

    fn public() -> Fed {
        let notice = publish(&draft(), person(1), Some(at(60)), at(5)).unwrap();
        let content = r#"{"seller_name":"浙江大学","title":"一种 <减污> & 方法"}"#.to_owned();
        let text = notice_version::Model { notice_id: notice.id, version: 1, content, sha256: vec![7; 32], created_at: at(0) };
        Fed { text: Some(text), ends_at: notice.ends_at, updated_at: at(5), notice }
    }

    fn away() -> Fed {
        let Fed { notice, ends_at, .. } = public();
        Fed { text: None, ends_at, updated_at: at(30), notice: notice::Model { taken_down_at: Some(at(30)), ..notice } }
    }

    #[test]
    fn an_atom_feed_is_read_as_it_was_written() {
        let read: Feed = atom(&[public(), away()], Some("https://market.example/zhepai")).parse().unwrap();
        assert_eq!((read.id.as_str(), read.updated), ("https://market.example/zhepai/v1/notices/feed.atom", fixed(at(30))));
        let [first, second] = read.entries.as_slice() else { panic!("two notices") };
        assert_eq!((first.title.value.as_str(), first.authors[0].name.as_str()), ("一种 <减污> & 方法", "浙江大学"));
        assert_eq!(first.id, "urn:uuid:00000000-0000-0000-0000-000000000001");
        assert_eq!(first.links[0].href, "https://market.example/zhepai/v1/notices/00000000-0000-0000-0000-000000000001");
        let text = first.content.as_ref().and_then(|content| content.value.as_deref());
        assert_eq!(text, public().text.map(|text| text.content).as_deref(), "the exact text, to be hashed");
        assert!(second.content.is_none() && second.summary.as_ref().unwrap().value.contains("已下架"));
    }

    #[test]
    fn a_json_feed_has_what_the_form_asks_for() {
        let feed = serde_json::to_value(json(&[public(), away()], None)).unwrap();
        assert_eq!((&feed["version"], feed.get("feed_url")), (&"https://jsonfeed.org/version/1.1".into(), None));
        assert_eq!(feed["items"][0]["_zhepai"]["sha256"], "07".repeat(32));
        assert_eq!(feed["items"][0]["tags"], serde_json::json!(["deal_result"]));
        assert!(feed["items"][1]["_zhepai"].get("sha256").is_none());
        assert!(feed["items"].as_array().unwrap().iter().all(|item| item["content_text"].is_string()));
    }

    #[test]
    fn a_feed_of_nothing_is_a_feed() {
        let read: Feed = atom(&[], None).parse().unwrap();
        assert_eq!((read.id.as_str(), read.entries.len()), (FEED, 0));
    }
}
