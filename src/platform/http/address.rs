//! Where a call comes from: the peer, or what a proxy we trust says of it.

use std::net::{IpAddr, SocketAddr};

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// The caller's address. `X-Forwarded-For` is believed from the right, as far as the proxies are ours.
pub fn client_address(request: &HttpRequest, trusted: &[IpNet]) -> Option<IpAddr> {
    request.peer_addr().map(|peer| forwarded(peer.ip(), request.headers(), trusted))
}

fn forwarded(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let ours = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    let said: Vec<&str> = headers.get_all("X-Forwarded-For").filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(',')).collect();
    let mut address = peer.to_canonical();
    for word in said.into_iter().rev() {
        let Some(next) = named(word.trim()) else { break };
        if !ours(&address) {
            break;
        }
        address = next.to_canonical();
    }
    address
}

/// An address as a proxy writes it: some add the port.
fn named(word: &str) -> Option<IpAddr> {
    word.parse().or_else(|_| word.parse::<SocketAddr>().map(|address| address.ip())).ok()
}

/// The network an address belongs to: whoever holds one of its addresses easily holds another.
pub fn network(address: IpAddr) -> IpNet {
    match address {
        IpAddr::V4(v4) => Ipv4Net::new(v4, 24).map_or_else(|_| IpNet::from(address), |net| IpNet::V4(net.trunc())),
        IpAddr::V6(v6) => Ipv6Net::new(v6, 56).map_or_else(|_| IpNet::from(address), |net| IpNet::V6(net.trunc())),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn seen(peer: &str, forwarded_for: &[&'static str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for said in forwarded_for {
            headers.append(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_static(said));
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        forwarded(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_says_nothing_about_where_he_is() {
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"], &[]), "203.0.113.9");
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"], &["10.0.0.0/8"]), "203.0.113.9");
    }

    #[test]
    fn our_proxies_are_believed_from_the_right() {
        assert_eq!(seen("10.0.0.2", &["198.51.100.1"], &["10.0.0.0/8"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.2", &["1.1.1.1, 198.51.100.1, 10.0.0.3"], &["10.0.0.0/8"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.2", &["1.1.1.1", "198.51.100.1"], &["10.0.0.0/8"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.2", &["198.51.100.1, rubbish"], &["10.0.0.0/8"]), "10.0.0.2");
    }

    #[test]
    fn a_port_behind_an_address_is_no_part_of_it() {
        assert_eq!(seen("10.0.0.2", &["198.51.100.1:5678"], &["10.0.0.0/8"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.2", &["[2001:db8::1]:443, 10.0.0.3:80"], &["10.0.0.0/8"]), "2001:db8::1");
        assert_eq!(seen("10.0.0.2", &["198.51.100.1:99999"], &["10.0.0.0/8"]), "10.0.0.2");
    }

    #[test]
    fn neighbours_are_one_network() {
        assert_eq!(network("203.0.113.9".parse().unwrap()).to_string(), "203.0.113.0/24");
        assert_eq!(network("2001:db8:1:2ff::1".parse().unwrap()).to_string(), "2001:db8:1:200::/56");
    }
}
