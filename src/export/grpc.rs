//! OTLP over gRPC. tonic knows the statuses; the connections are those of OTLP over HTTP, so that both
//! have the same certificates and look up hosts in the same way.
//!
//! Sources: <https://opentelemetry.io/docs/specs/otlp/#otlpgrpc>,
//! <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>

use crate::config::{Compression, Config};
use crate::export::answer::{Answer, PartialSuccess};
use crate::export::connection::{BackendConnection, ReceivedResponse};
use crate::export::failure::Failure;
use crate::export::http::{PRODUCT, verdict};
use crate::export::transport_error::TransportError;
use crate::otlp::grpc_frame;
use crate::otlp::retry::Verdict;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, TE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Version};
use http_body_util::Full;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use prost::Message;
use std::time::{Duration, SystemTime};
use tonic::{Code, Status};

/// The method that takes metrics.
const METHOD: &str = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
/// The longest time that `grpc-timeout` can say in milliseconds: 8 digits.
const MAX_TIMEOUT_MILLIS: u128 = 99_999_999;

/// Calls the method with one message, which is framed already. The backend is told that the answer is
/// worthless after `timeout`. A date in `Retry-After` is compared with `now`.
///
/// # Errors
/// [`TransportError`] if there is no usable answer. Any status is an answer.
pub(super) async fn call(
    connection: &BackendConnection,
    config: &Config,
    message: Bytes,
    timeout: Duration,
    now: SystemTime,
) -> Result<Answer, TransportError> {
    let response = connection.send(request(config, message, timeout)?).await?;
    let ReceivedResponse { status, headers, body, trailers } = response;
    // A status in the headers is the only one: then there is no message.
    let grpc_status =
        Status::from_header_map(&headers).or_else(|| Status::from_header_map(&trailers));
    match grpc_status {
        Some(grpc_status) => Ok(answer(&grpc_status, body)),
        // Something before the backend answered in its place: a proxy or a gateway.
        None if status != 200 => Ok(Answer {
            verdict: verdict(status, &headers, now),
            failure: Failure::Status(status),
            partial_success: PartialSuccess::default(),
        }),
        None if is_grpc(&headers) => Err(TransportError::ResponseBroken),
        None => Err(TransportError::OtherProtocol),
    }
}

fn answer(status: &Status, body: Bytes) -> Answer {
    let code = status.code();
    let message = grpc_frame::message(&body).filter(|_| code == Code::Ok);
    let response = message.and_then(|message| ExportMetricsServiceResponse::decode(message).ok());
    Answer {
        verdict: Verdict::of_call(code.into(), status.message(), status.details()),
        failure: Failure::Code(code),
        partial_success: PartialSuccess::of(response),
    }
}

/// Whether the answer claims to be gRPC.
fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    content_type.is_some_and(|it| it.starts_with(b"application/grpc"))
}

fn request(
    config: &Config,
    message: Bytes,
    timeout: Duration,
) -> Result<Request<Full<Bytes>>, TransportError> {
    let url = config.endpoint.url();
    let origin = &url[..url::Position::BeforePath];
    let mut request = Request::post(format!("{origin}{METHOD}"))
        .version(Version::HTTP_2)
        .body(Full::new(message))
        .map_err(|_| TransportError::Endpoint)?;
    let headers = request.headers_mut();
    // Names that start like this belong to the protocol.
    let own = config.headers.iter().filter(|(name, _)| !name.as_str().starts_with("grpc-"));
    headers.extend(own.map(|(name, value)| (name.clone(), value.clone())));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    headers.insert(TE, HeaderValue::from_static("trailers"));
    if config.compression == Compression::Gzip {
        let name = HeaderName::from_static("grpc-encoding");
        headers.insert(name, HeaderValue::from_static("gzip"));
    }
    let millis = timeout.as_millis().clamp(1, MAX_TIMEOUT_MILLIS);
    let timeout =
        HeaderValue::try_from(format!("{millis}m")).map_err(|_| TransportError::Endpoint)?;
    headers.insert(HeaderName::from_static("grpc-timeout"), timeout);
    headers.insert(USER_AGENT, HeaderValue::from_static(PRODUCT));
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsPartialSuccess;

    #[test]
    fn a_partial_success_is_read_from_the_message() {
        let partial_success = ExportMetricsPartialSuccess {
            rejected_data_points: 7,
            error_message: "old".to_owned(),
        };
        let response = ExportMetricsServiceResponse { partial_success: Some(partial_success) };
        let body = grpc_frame::framed(&response.encode_to_vec(), false);
        let read = answer(&Status::new(Code::Ok, ""), body.unwrap().into()).partial_success;
        assert_eq!(read, PartialSuccess { rejected_points: 7, message: "old".to_owned() });
        for broken in [&b""[..], b"\0", b"\0\0\0\0\x09x", b"\x01\0\0\0\0"] {
            let read = answer(&Status::new(Code::Ok, ""), Bytes::from_static(broken));
            assert_eq!(read.partial_success, PartialSuccess::default());
        }
    }
}
