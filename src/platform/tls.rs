//! How we speak TLS when we call others: to whoever a public authority vouches for.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

/// Trusts the authorities that browsers trust.
pub fn trusting_authorities() -> ClientConfig {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions();
    let config = config.unwrap_or_else(|_| unreachable!("ring speaks TLS 1.2 and 1.3"));
    config.with_root_certificates(roots).with_no_client_auth()
}
