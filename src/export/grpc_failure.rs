//! Messages about a status of gRPC that is not OK.

use crate::export::endpoint_description::EndpointDescription;
use tonic::Code;

/// The names of the codes in the specification of gRPC, by number.
/// Source: <https://grpc.io/docs/guides/status-codes/>
const NAMES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// Whether the backend has certainly not taken the request.
pub(super) fn is_certain(code: Code) -> bool {
    let is_unclear = [
        Code::Cancelled,
        Code::Unknown,
        Code::DeadlineExceeded,
        Code::Aborted,
        Code::Internal,
        Code::DataLoss,
    ];
    !is_unclear.contains(&code)
}

/// The class of the failure in `otel.log`.
pub(super) fn class(code: Code) -> String {
    format!("grpc_{}", name(code).to_ascii_lowercase())
}

/// The message in `status` and `otel.log`. The backend's own text is not repeated: it may contain what was
/// sent.
pub(super) fn message(code: Code, endpoint: &EndpointDescription) -> String {
    let EndpointDescription { authority, credentials, .. } = endpoint;
    let answered = format!("the backend answered gRPC status {}", name(code));
    match (code, credentials) {
        (Code::Unauthenticated | Code::PermissionDenied, Some(credentials)) => {
            format!("{answered}: {credentials} was rejected.")
        }
        (Code::Unauthenticated | Code::PermissionDenied, None) => format!(
            "{answered}: no token is configured. \
             Add \"headers\": {{\"authorization\": \"Bearer ${{OTLP_TOKEN}}\"}}."
        ),
        (Code::Unimplemented | Code::NotFound, _) => format!(
            "{answered}: {authority} does not take metrics over gRPC. Use the port for OTLP over gRPC, \
             usually 4317, or set the protocol to http/protobuf."
        ),
        _ => answered,
    }
}

fn name(code: Code) -> &'static str {
    usize::try_from(i32::from(code)).ok().and_then(|code| NAMES.get(code)).unwrap_or(&"UNKNOWN")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_of_grpc_is_named_and_explained() {
        let endpoint = |credentials: Option<&str>| EndpointDescription {
            url: "http://otlp.example:4317/".to_owned(),
            authority: "otlp.example:4317".to_owned(),
            host: "otlp.example".to_owned(),
            path: "/".to_owned(),
            is_grpc: true,
            credentials: credentials.map(str::to_owned),
            ..EndpointDescription::example()
        };
        let token = Some("the token in OTLP_TOKEN");
        for (code, credentials, expected) in [
            (Code::Unavailable, token, "the backend answered gRPC status UNAVAILABLE"),
            (
                Code::Unauthenticated,
                token,
                "the backend answered gRPC status UNAUTHENTICATED: the token in OTLP_TOKEN was rejected.",
            ),
            (
                Code::PermissionDenied,
                None,
                "the backend answered gRPC status PERMISSION_DENIED: no token is configured. \
                 Add \"headers\": {\"authorization\": \"Bearer ${OTLP_TOKEN}\"}.",
            ),
            (
                Code::Unimplemented,
                token,
                "the backend answered gRPC status UNIMPLEMENTED: otlp.example:4317 does not take metrics \
                 over gRPC. Use the port for OTLP over gRPC, usually 4317, or set the protocol to \
                 http/protobuf.",
            ),
        ] {
            assert_eq!(message(code, &endpoint(credentials)), expected);
        }
        assert_eq!(class(Code::DeadlineExceeded), "grpc_deadline_exceeded");
    }
}
