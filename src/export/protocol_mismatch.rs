//! Messages about OTLP over HTTP that is sent to a port for gRPC, and the other way round.

use crate::export::endpoint_description::EndpointDescription;

/// What to do if the endpoint is for OTLP over HTTP.
pub(super) const USE_HTTP: &str = "If it is for OTLP over HTTP, set the protocol to http/protobuf. Else use the port for \
                        gRPC, usually 4317.";
/// What to do if the endpoint is for gRPC.
const USE_GRPC: &str = "If it is for gRPC, set the protocol to grpc. Else use the port for OTLP over HTTP, \
                        usually 4318.";

/// The message about another side that does not speak the protocol of the request.
pub(super) fn message(
    EndpointDescription { authority, is_grpc, .. }: &EndpointDescription,
) -> String {
    if *is_grpc {
        format!("{authority} does not speak gRPC. {USE_HTTP}")
    } else {
        format!("{authority} does not speak HTTP/1.1. {USE_GRPC}")
    }
}

/// The message about a status of HTTP that answers a call of gRPC.
pub(super) fn status_message(status: u16, endpoint: &EndpointDescription) -> String {
    let EndpointDescription { authority, credentials, .. } = endpoint;
    match (status, credentials) {
        (401 | 403, Some(credentials)) => {
            format!("the backend answered HTTP {status}: {credentials} was rejected.")
        }
        (300..=499, _) if status != 429 => {
            format!("{authority} answered HTTP {status}, and not gRPC. {USE_HTTP}")
        }
        _ => format!("the backend answered HTTP {status}, and not gRPC"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_port_is_named_with_the_cure() {
        let endpoint = |is_grpc| EndpointDescription {
            url: "http://otlp.example:4317/".to_owned(),
            authority: "otlp.example:4317".to_owned(),
            host: "otlp.example".to_owned(),
            path: "/".to_owned(),
            is_grpc,
            credentials: Some("the token in OTLP_TOKEN".to_owned()),
            ..EndpointDescription::example()
        };
        for (message, expected) in [
            (
                message(&endpoint(true)),
                "otlp.example:4317 does not speak gRPC. If it is for OTLP over HTTP, set the protocol to \
                 http/protobuf. Else use the port for gRPC, usually 4317.",
            ),
            (
                message(&endpoint(false)),
                "otlp.example:4317 does not speak HTTP/1.1. If it is for gRPC, set the protocol to grpc. \
                 Else use the port for OTLP over HTTP, usually 4318.",
            ),
            (
                status_message(404, &endpoint(true)),
                "otlp.example:4317 answered HTTP 404, and not gRPC. If it is for OTLP over HTTP, set the \
                 protocol to http/protobuf. Else use the port for gRPC, usually 4317.",
            ),
            (
                status_message(403, &endpoint(true)),
                "the backend answered HTTP 403: the token in OTLP_TOKEN was rejected.",
            ),
            (status_message(502, &endpoint(true)), "the backend answered HTTP 502, and not gRPC"),
        ] {
            assert_eq!(message, expected);
        }
    }
}
