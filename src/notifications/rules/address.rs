//! Where a webhook may be sent (SSRF): to public addresses only, each written in the one plain way.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// The longest address taken, bytes.
const LONGEST: usize = 2_048;

/// The ports taken.
const PORTS: [u16; 2] = [443, 8443];

/// IPv4 networks that are not the public internet (IANA special-purpose registry), with their prefix lengths.
const CLOSED_V4: &[(Ipv4Addr, u32)] = &[
    // This network.
    (Ipv4Addr::UNSPECIFIED, 8),
    // Private.
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    // Shared by carriers (CGNAT).
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    // Loopback, link-local.
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    // Protocol assignments, documentation, the relays of 6to4, AS112, tunnels (AMT).
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 175, 48, 0), 24),
    (Ipv4Addr::new(192, 52, 193, 0), 24),
    // Benchmarks.
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    // Multicast, reserved, broadcast.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The only IPv6 network that is given out as global unicast. Everything outside is closed: loopback,
/// IPv4 in any wrapping but those below, NAT64, unique local, link-local, site-local, multicast.
const OPEN_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What is closed inside it.
const CLOSED_V6: &[(Ipv6Addr, u32)] = &[
    // Protocol assignments: Teredo, benchmarks, ORCHID.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Documentation.
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
    // 6to4.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    // AS112.
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48),
];

/// Names that never belong to the public internet.
const CLOSED_NAMES: [&str; 6] = ["localhost", "local", "internal", "intranet", "lan", "home.arpa"];

/// Whether an address is on the public internet.
pub fn address_allowed(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !CLOSED_V4.iter().any(|network| lies_in_v4(v4, *network)),
        IpAddr::V6(v6) => lies_in_v6(v6, OPEN_V6) && !CLOSED_V6.iter().any(|network| lies_in_v6(v6, *network)),
    }
}

fn lies_in_v4(address: Ipv4Addr, (network, length): (Ipv4Addr, u32)) -> bool {
    (u32::from(address) ^ u32::from(network)) >> (32 - length) == 0
}

fn lies_in_v6(address: Ipv6Addr, (network, length): (Ipv6Addr, u32)) -> bool {
    (u128::from(address) ^ u128::from(network)) >> (128 - length) == 0
}

/// Why an address is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Longer than any sensible one.
    TooLong,
    /// No address, or one that readers could read differently.
    Malformed,
    /// Another scheme.
    Scheme,
    /// Another port.
    Port,
    /// A name or password in it.
    UserInfo,
    /// No host of the public internet, or one written in an odd way.
    Host,
}

impl Unfit {
    /// Stable code of the fault, and its words in Chinese and English.
    pub fn says(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::TooLong => ("url_too_long", "地址不得超过 2048 个字符", "an address has 2048 characters at most"),
            Self::Malformed => ("url_malformed", "地址无法解析或写法有歧义", "the address cannot be read, or can be read in two ways"),
            Self::Scheme => ("url_scheme", "地址须以 https:// 开头", "the address must begin with https://"),
            Self::Port => ("url_port", "端口须为 443 或 8443", "the port must be 443 or 8443"),
            Self::UserInfo => ("url_user_info", "地址中不得含用户名或口令", "the address must hold no name or password"),
            Self::Host => ("url_host", "主机须为公网主机，且以通常方式书写", "the host must be public and written in the plain way"),
        }
    }
}

/// Reads an address webhooks may be sent to. With `private_too` any host and port will do, and plain HTTP.
///
/// The text is judged beside what the URL standard makes of it, since that repairs much (backslashes,
/// missing slashes, octal and hexadecimal numbers), and whoever must repair may be deceived.
pub fn url_allowed(text: &str, private_too: bool) -> Result<Url, Unfit> {
    if text.len() > LONGEST {
        return Err(Unfit::TooLong);
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(Unfit::Malformed);
    }
    let lower = text.to_ascii_lowercase();
    let schemes: &[&str] = if private_too { &["https://", "http://"] } else { &["https://"] };
    let rest = schemes.iter().find_map(|scheme| lower.strip_prefix(scheme)).ok_or(Unfit::Scheme)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(Unfit::UserInfo);
    }
    if authority.is_empty() || authority.contains('%') {
        return Err(Unfit::Malformed);
    }
    // A name in other letters than ASCII may look like another; its plain way begins with `xn--`.
    if !authority.is_ascii() {
        return Err(Unfit::Host);
    }
    let url = Url::parse(text).map_err(|_| Unfit::Malformed)?;
    if url.fragment().is_some() {
        return Err(Unfit::Malformed);
    }
    let host = url.host().ok_or(Unfit::Host)?;
    if private_too {
        return Ok(url);
    }
    if url.port_or_known_default().is_none_or(|port| !PORTS.contains(&port)) {
        return Err(Unfit::Port);
    }
    let written = if authority.starts_with('[') { authority } else { authority.rsplit_once(':').map_or(authority, |(name, _)| name) };
    let is_public = match host {
        Host::Domain(name) => is_public_name(name),
        // Decimal, octal, hexadecimal, shortened or full-width numbers are no way to write an address.
        Host::Ipv4(v4) => written == v4.to_string() && address_allowed(v4.into()),
        Host::Ipv6(v6) => address_allowed(v6.into()),
    };
    if is_public { Ok(url) } else { Err(Unfit::Host) }
}

fn is_public_name(name: &str) -> bool {
    let has_labels = name.contains('.') && name.split('.').all(|label| (1..=63).contains(&label.len()));
    let is_closed = CLOSED_NAMES.iter().any(|closed| name == *closed || name.strip_suffix(closed).is_some_and(|rest| rest.ends_with('.')));
    has_labels && name.len() <= 253 && !is_closed
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn closed_addresses_are_refused_up_to_both_ends_of_their_networks() {
        for closed in [
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.0.0",
            "169.254.169.254",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.0",
            "192.0.0.255",
            "192.0.2.1",
            "192.31.196.1",
            "192.52.193.1",
            "192.88.99.1",
            "192.168.0.0",
            "192.168.255.255",
            "192.175.48.1",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.255",
            "224.0.0.0",
            "239.255.255.255",
            "240.0.0.0",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::ffff:0:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:4136:e378::1",
            "2001:2::1",
            "2001:20::1",
            "2001:1ff:ffff::1",
            "2001:db8::1",
            "2002::1",
            "2002:7f00:1::1",
            "2620:4f:8000::1",
            "3fff::1",
            "3fff:fff:ffff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "ff0e::1",
        ] {
            assert!(!address_allowed(closed.parse().unwrap()), "{closed}");
        }
    }

    #[test]
    fn their_neighbours_are_public() {
        for open in [
            "1.0.0.0",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "203.0.112.255",
            "203.0.114.0",
            "223.255.255.255",
            "114.114.114.114",
            "2000::1",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2003::1",
            "240e::1",
            "2606:4700:4700::1111",
            "3ffe::1",
            "3fff:1000::1",
        ] {
            assert!(address_allowed(open.parse().unwrap()), "{open}");
        }
    }

    proptest! {
        /// The standard library's own idea of what is not public is part of ours.
        #[test]
        fn nothing_private_slips_through(bits in any::<u32>()) {
            let v4 = Ipv4Addr::from(bits);
            let closed = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_broadcast() || v4.is_documentation()
                || v4.is_multicast() || v4.is_unspecified();
            prop_assert!(!(closed && address_allowed(v4.into())));
            prop_assert!(!address_allowed(v4.to_ipv6_mapped().into()));
            prop_assert!(!address_allowed(v4.to_ipv6_compatible().into()));
        }
    }

    #[test]
    fn plain_public_addresses_are_taken() {
        for (text, host) in [
            ("https://hooks.example.com/a?b=c", "hooks.example.com"),
            ("HTTPS://Hooks.Example.COM:8443/", "hooks.example.com"),
            ("https://hooks.example.com:443", "hooks.example.com"),
            ("https://8.8.8.8/x", "8.8.8.8"),
            ("https://[2606:4700:4700::1111]:8443/x", "[2606:4700:4700::1111]"),
        ] {
            let url = url_allowed(text, false).unwrap_or_else(|unfit| panic!("{text}: {unfit:?}"));
            assert_eq!(url.host_str(), Some(host));
        }
        let chinese = url_allowed("https://xn--9sur8u.example.cn/钩", false).unwrap();
        assert!(chinese.as_str().starts_with("https://xn--9sur8u.example.cn/") && chinese.as_str().is_ascii(), "{chinese}");
    }

    #[test]
    fn whatever_is_odd_is_refused() {
        let long = format!("https://a.example/{}", "x".repeat(2_048));
        for (text, unfit) in [
            (long.as_str(), Unfit::TooLong),
            ("", Unfit::Scheme),
            ("http://a.example/", Unfit::Scheme),
            ("ftp://a.example/", Unfit::Scheme),
            ("file:///etc/passwd", Unfit::Scheme),
            ("gopher://a.example/", Unfit::Scheme),
            ("//a.example/", Unfit::Scheme),
            ("https:a.example", Unfit::Scheme),
            ("https:/a.example", Unfit::Scheme),
            ("https:///a.example", Unfit::Malformed),
            ("https://", Unfit::Malformed),
            ("https://a.example\\@127.0.0.1/", Unfit::Malformed),
            ("https://a.ex ample/", Unfit::Malformed),
            ("https://a.example/\n", Unfit::Malformed),
            (" https://a.example/", Unfit::Malformed),
            ("https://a.example/#x", Unfit::Malformed),
            ("https://%31%32%37.0.0.1/", Unfit::Malformed),
            ("https://[fe80::1%25eth0]/", Unfit::Malformed),
            ("https://[::1/", Unfit::Malformed),
            ("https://user@a.example/", Unfit::UserInfo),
            ("https://user:password@a.example/", Unfit::UserInfo),
            ("https://@a.example/", Unfit::UserInfo),
            ("https://8.8.8.8@127.0.0.1/", Unfit::UserInfo),
            ("https://a.example:80/", Unfit::Port),
            ("https://a.example:22/", Unfit::Port),
            ("https://a.example:8080/", Unfit::Port),
            ("https://localhost/", Unfit::Host),
            ("https://a.localhost/", Unfit::Host),
            ("https://metadata.google.internal/", Unfit::Host),
            ("https://printer.local/", Unfit::Host),
            ("https://a.example./", Unfit::Host),
            ("https://example/", Unfit::Host),
            ("https://a..example/", Unfit::Host),
            ("https://127.0.0.1/", Unfit::Host),
            ("https://10.0.0.1/", Unfit::Host),
            ("https://169.254.169.254/latest/meta-data/", Unfit::Host),
            ("https://2130706433/", Unfit::Host),
            ("https://0x7f000001/", Unfit::Host),
            ("https://0x7f.1/", Unfit::Host),
            ("https://0177.0.0.1/", Unfit::Host),
            ("https://127.1/", Unfit::Host),
            ("https://134744072/", Unfit::Host),
            ("https://8.8.2056/", Unfit::Host),
            ("https://8.8.8.8./", Unfit::Host),
            ("https://010.8.8.8/", Unfit::Host),
            ("https://８.８.８.８/", Unfit::Host),
            ("https://8。8。8。8/", Unfit::Host),
            ("https://①②⑦.0.0.1/", Unfit::Host),
            ("https://浙拍.example.cn/", Unfit::Host),
            ("https://浙拍.example.cn:22/", Unfit::Host),
            ("https://а.example/", Unfit::Host),
            ("https://a。example/", Unfit::Host),
            ("https://a.example：443/", Unfit::Host),
            ("https://[::1]/", Unfit::Host),
            ("https://[::ffff:8.8.8.8]/", Unfit::Host),
            ("https://[64:ff9b::8.8.8.8]/", Unfit::Host),
            ("https://[fd00::1]/", Unfit::Host),
        ] {
            assert_eq!(url_allowed(text, false).unwrap_err(), unfit, "{text}");
        }
    }

    #[test]
    fn a_test_machine_may_be_reached_where_that_is_asked_for() {
        for text in ["http://127.0.0.1:4711/x", "https://localhost/", "http://[::1]:80/"] {
            assert!(url_allowed(text, true).is_ok(), "{text}");
        }
        assert_eq!(url_allowed("http://１27.0.0.1/", true).unwrap_err(), Unfit::Host);
        assert_eq!(url_allowed("http://a@127.0.0.1/", true).unwrap_err(), Unfit::UserInfo);
        assert_eq!(url_allowed("ftp://127.0.0.1/", true).unwrap_err(), Unfit::Scheme);
    }
}
