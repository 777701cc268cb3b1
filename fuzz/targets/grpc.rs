//! Fuzzes what a backend for gRPC answers: the frame of a message, the status and its details.

use otel_native::otlp::grpc_frame;
use otel_native::otlp::retry::Verdict;

pub(crate) fn check(text: &str) {
    // Any bytes, and not only those of UTF-8.
    let bytes: Vec<u8> = text.chars().map(|c| u32::from(c).to_le_bytes()[0]).collect();
    let body = bytes.clone().into();
    let payload = grpc_frame::payload(&body);
    if let Some(payload) = &payload {
        let is_compressed = bytes.starts_with(&[1]);
        let framed = grpc_frame::framed(payload, is_compressed).expect("it was in a frame");
        assert_eq!(framed[1..], bytes[1..framed.len()]);
    }
    assert!(grpc_frame::message(&body).is_none_or(|message| Some(message) == payload));
    for code in -1..18 {
        let verdict = Verdict::of_call(code, text, &bytes);
        assert_eq!(verdict == Verdict::Delivered, code == 0);
    }
}
