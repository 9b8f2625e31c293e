//! Places among the calls under way: a call has one before anything is looked up for it, or is sent away.

use std::sync::Arc;

use actix_web::dev::{ResourceDef, ServiceRequest};
use actix_web::http::{Method, header};
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use tokio::sync::OwnedSemaphorePermit;
use utoipa::openapi::OpenApi as Document;

use super::limits::Lane;
use super::spec;
use crate::house::House;
use crate::platform::access::Class;
use crate::platform::problem::Problem;

/// A place, given back when nobody holds it any more: neither the call nor what works for it.
pub type Place = Arc<OwnedSemaphorePermit>;

/// Where a call was admitted, and its place, if that lane has a limit.
#[derive(Clone)]
struct Admitted {
    lane: Lane,
    place: Option<Place>,
}

/// The calls with a lane of their own, by method and address: nothing has been routed yet.
pub struct Lanes(Vec<(Method, ResourceDef, Lane)>);

impl Lanes {
    /// Read off the document.
    pub fn of(api: &Document) -> Self {
        let mut table = Vec::new();
        for (method, path, operation) in spec::places(api) {
            let lane = match operation.class {
                Class::Bid => Lane::Bids,
                Class::Long | Class::Export => Lane::Long,
                Class::Usual => continue,
            };
            table.push((method, ResourceDef::new(path.as_str()), lane));
        }
        // One is compared after the other, so what is called most stands first.
        table.sort_by_key(|(.., lane)| *lane != Lane::Bids);
        Self(table)
    }

    fn of_call(&self, request: &HttpRequest) -> Lane {
        // As the router reads it, so that no way of writing an address leads past the gate.
        let path = request.match_info().as_str();
        let own = self.0.iter().find(|(method, place, _)| method == request.method() && place.is_match(path)).map(|(.., lane)| *lane);
        match own {
            // Whoever does not even say who he is, bids nothing.
            Some(Lane::Bids) if !request.headers().contains_key(header::AUTHORIZATION) => Lane::Deeds,
            Some(lane) => lane,
            None if [Method::GET, Method::HEAD].contains(request.method()) => Lane::Questions,
            None => Lane::Deeds,
        }
    }
}

/// Takes a place for a call of the API, or for a page; the refusal, where there is none. Whether the server is well can
/// always be asked.
pub async fn admit(house: &House, request: &ServiceRequest) -> Option<Problem> {
    let path = request.match_info().as_str();
    if !["/v1/", "/docs", "/notices"].iter().any(|start| path.starts_with(start)) {
        return None;
    }
    let lane = request.app_data::<Data<Lanes>>()?.of_call(request.request());
    take(house, request.request(), lane).await.err()
}

/// Gives the place back, as far as the call itself holds it: while its body is read, since slow senders would hold
/// every place, and when all that is left is to write down that it was refused. The lane it came by.
pub fn leave(request: &HttpRequest) -> Option<Lane> {
    request.extensions_mut().remove::<Admitted>().map(|admitted| admitted.lane)
}

/// Takes a place again.
pub async fn take(house: &House, request: &HttpRequest, lane: Lane) -> Result<(), Problem> {
    let place = house.limits.place(lane).await?.map(Arc::new);
    request.extensions_mut().insert(Admitted { lane, place });
    Ok(())
}

/// The place of a call.
pub fn held(request: &HttpRequest) -> Option<Place> {
    request.extensions().get::<Admitted>().and_then(|admitted| admitted.place.clone())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn lane(method: Method, path: &str, signed_in: bool) -> Lane {
        let lanes = Lanes::of(&crate::platform::http::server::document());
        let mut request = TestRequest::with_uri(path).method(method);
        if signed_in {
            request = request.insert_header((header::AUTHORIZATION, "Bearer x"));
        }
        lanes.of_call(&request.to_http_request())
    }

    #[test]
    fn a_call_is_known_by_method_and_address_however_it_is_written() {
        let (get, post) = (Method::GET, Method::POST);
        let bids = "/v1/lots/01a218b4-3fbd-772c-91bf-75248fd6692e/bids";
        assert_eq!(lane(post.clone(), bids, true), Lane::Bids);
        assert_eq!(lane(post.clone(), &bids.replace("bids", "bid%73"), true), Lane::Bids);
        assert_eq!(lane(post.clone(), bids, false), Lane::Deeds);
        assert_eq!(lane(get.clone(), bids, true), Lane::Questions);
        assert_eq!(lane(post.clone(), "/v1/sessions", false), Lane::Long);
        assert_eq!(lane(get.clone(), "/v1/exports/assets", true), Lane::Long);
        assert_eq!(lane(get, "/v1/lots", false), Lane::Questions);
        assert_eq!(lane(post, "/v1/listings", true), Lane::Deeds);
    }
}
