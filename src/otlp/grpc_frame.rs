//! Messages of gRPC in a body: a byte that says whether the message is compressed, its length, and the
//! message.
//!
//! Source: <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>

use bytes::{Buf, Bytes};

/// The bytes before a message.
const HEADER_BYTES: usize = 5;

/// A body with one message. `None` if the message is too long for gRPC.
pub fn framed(message: &[u8], is_compressed: bool) -> Option<Vec<u8>> {
    let length = u32::try_from(message.len()).ok()?;
    let mut body = Vec::with_capacity(HEADER_BYTES + message.len());
    body.push(u8::from(is_compressed));
    body.extend_from_slice(&length.to_be_bytes());
    body.extend_from_slice(message);
    Some(body)
}

/// The message of a body. `None` if it is compressed, which this package does not ask for, or cut.
pub fn message(body: &Bytes) -> Option<Bytes> {
    payload(body).filter(|_| body.starts_with(&[0]))
}

/// The message of a body as it is there, perhaps compressed. `None` if it is cut.
pub fn payload(body: &Bytes) -> Option<Bytes> {
    let mut rest = body.clone();
    if rest.len() < HEADER_BYTES {
        return None;
    }
    rest.advance(1);
    let length = usize::try_from(rest.get_u32()).ok()?;
    (rest.len() >= length).then(|| rest.split_to(length))
}
