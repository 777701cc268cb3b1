//! Messages about a proxy through which an endpoint cannot be reached.

use crate::export::endpoint_description::EndpointDescription;
use crate::export::transport_error::TransportError;
use std::io::{self, ErrorKind};

/// The message about a failure on the way to the endpoint. `None` if the proxy has no part in it.
pub(super) fn message(error: &TransportError, endpoint: &EndpointDescription) -> Option<String> {
    let EndpointDescription { authority, proxy, .. } = endpoint;
    let proxy = proxy.as_ref()?;
    let what = match error {
        TransportError::UnknownHost => ": its host name is unknown.".to_owned(),
        TransportError::NoConnection { os_error } => {
            match os_error.map(io::Error::from_raw_os_error) {
                Some(error) if error.kind() == ErrorKind::ConnectionRefused => {
                    ": nothing listens there (connection refused).".to_owned()
                }
                Some(error) => format!(": cannot connect to it: {error}."),
                None => ": cannot connect to it.".to_owned(),
            }
        }
        TransportError::ProxyAuthorization => {
            " asks for a user and a password that it accepts. Write them into the variable: \
             http://USER:PASSWORD@HOST:PORT"
                .to_owned()
        }
        TransportError::ProxyRefused => {
            format!(
                " does not connect to {authority}. If that needs no proxy, add its host to NO_PROXY."
            )
        }
        _ => return None,
    };
    Some(format!("{proxy}{what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_on_the_way_to_the_endpoint_names_the_proxy() {
        let endpoint = |proxy: Option<&str>| EndpointDescription {
            url: "https://otlp.example/v1/metrics".to_owned(),
            authority: "otlp.example:443".to_owned(),
            host: "otlp.example".to_owned(),
            path: "/v1/metrics".to_owned(),
            proxy: proxy.map(str::to_owned),
            ..EndpointDescription::example()
        };
        let proxy = Some("The proxy http://a:1 (HTTPS_PROXY)");
        for (error, expected) in [
            (
                TransportError::UnknownHost,
                "The proxy http://a:1 (HTTPS_PROXY): its host name is unknown.",
            ),
            (
                TransportError::NoConnection { os_error: None },
                "The proxy http://a:1 (HTTPS_PROXY): cannot connect to it.",
            ),
            (
                TransportError::ProxyAuthorization,
                "The proxy http://a:1 (HTTPS_PROXY) asks for a user and a password that it accepts. Write \
                 them into the variable: http://USER:PASSWORD@HOST:PORT",
            ),
            (
                TransportError::ProxyRefused,
                "The proxy http://a:1 (HTTPS_PROXY) does not connect to otlp.example:443. If that needs \
                 no proxy, add its host to NO_PROXY.",
            ),
        ] {
            assert_eq!(message(&error, &endpoint(proxy)).as_deref(), Some(expected));
            assert_eq!(message(&error, &endpoint(None)), None);
        }
        assert_eq!(message(&TransportError::NeedsTls, &endpoint(proxy)), None);
    }
}
