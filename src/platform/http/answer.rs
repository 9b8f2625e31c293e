//! Answers: 200 with an entity tag, 201 with its place, pages.

use actix_web::HttpResponse;
use actix_web::http::header;
use serde::Serialize;

use super::page::Page;
use crate::house::{Done, House};
use crate::platform::problem::Problem;

/// What a handler returns.
pub type Answer = Result<HttpResponse, Problem>;

/// Says that the answer is of an earlier call with the same key.
pub const REPLAYED: &str = "Idempotency-Replayed";

/// Something with a version has an entity tag.
pub trait Tagged {
    /// The version, if it has one.
    fn version(&self) -> Option<i64>;
}

/// The entity tag of a version.
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// 200 with what was asked for.
pub fn found<T: Serialize + Tagged>(thing: &T) -> HttpResponse {
    tag(HttpResponse::Ok(), thing).json(thing)
}

/// 200 with a list or a thing without version.
pub fn listed<T: Serialize>(list: &T) -> HttpResponse {
    HttpResponse::Ok().json(list)
}

/// 200 with a page.
pub fn page<T: Serialize>(house: &House, page: Page<T>) -> HttpResponse {
    listed(&page.signed(&house.keys))
}

/// 200 with a file for calendars.
pub fn calendar(file: &str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/calendar; charset=utf-8").body(file.to_owned())
}

/// 201 with something told once, which no cache keeps, and its place.
pub fn told_once<T: Serialize>(place: &str, secret: &T) -> HttpResponse {
    HttpResponse::Created().insert_header((header::LOCATION, place)).insert_header((header::CACHE_CONTROL, "no-store")).json(secret)
}

/// 200 with the outcome of a deed.
pub fn done<M, T: Serialize + Tagged>(done: Done<M>, view: impl FnOnce(M) -> T) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if done.replayed {
        response.insert_header((REPLAYED, "true"));
    }
    let thing = view(done.value);
    tag(response, &thing).json(thing)
}

/// 201 with the outcome and its place. A dry run created nothing and says 200.
pub fn created<M, T: Serialize + Tagged>(
    done: Done<M>,
    dry_run: bool,
    place: impl FnOnce(&M) -> String,
    view: impl FnOnce(M) -> T,
) -> HttpResponse {
    let mut response = if dry_run { HttpResponse::Ok() } else { HttpResponse::Created() };
    if !dry_run {
        response.insert_header((header::LOCATION, place(&done.value)));
    }
    if done.replayed {
        response.insert_header((REPLAYED, "true"));
    }
    let thing = view(done.value);
    tag(response, &thing).json(thing)
}

fn tag(mut response: actix_web::HttpResponseBuilder, thing: &impl Tagged) -> actix_web::HttpResponseBuilder {
    if let Some(version) = thing.version() {
        response.insert_header((header::ETAG, etag(version)));
    }
    response
}
