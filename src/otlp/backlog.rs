//! With delta temporality: encoded requests that the backend has not taken yet.
//!
//! The backlog drops nothing to make room. While it is full, the caller keeps the current interval
//! open. So a long outage costs resolution in time, but no data.

use crate::otlp::request::EncodedRequest;
use bytes::Bytes;
use std::collections::VecDeque;

/// The limit in requests: 34 hours at one request per minute.
const MAX_REQUESTS: usize = 2048;
/// The limit in bytes: 16 MiB. The last request may exceed it.
const MAX_BYTES: usize = 16 << 20;

/// Encoded requests in the order of their intervals, the oldest first.
#[derive(Debug, Default)]
pub struct Backlog {
    requests: VecDeque<EncodedRequest>,
    bytes: usize,
}

impl Backlog {
    /// Whether one more request may be added.
    pub fn has_room(&self) -> bool {
        self.requests.len() < MAX_REQUESTS && self.bytes < MAX_BYTES
    }

    /// Adds the newest request.
    pub fn push(&mut self, body: EncodedRequest) {
        self.bytes += body.bytes.len();
        self.requests.push_back(body);
    }

    /// The oldest request, which stays in the backlog.
    pub fn oldest(&self) -> Option<EncodedRequest> {
        self.requests.front().cloned()
    }

    /// The bodies of all requests, the oldest first.
    pub fn bodies(&self) -> impl Iterator<Item = &Bytes> {
        self.requests.iter().map(|request| &request.bytes)
    }

    /// Removes the oldest request.
    pub fn pop(&mut self) {
        if let Some(body) = self.requests.pop_front() {
            self.bytes -= body.bytes.len();
        }
    }

    /// Replaces the oldest request by parts of it.
    pub fn split_oldest(&mut self, parts: [EncodedRequest; 2]) {
        self.pop();
        for part in parts.into_iter().rev() {
            self.bytes += part.bytes.len();
            self.requests.push_front(part);
        }
    }

    /// The number of requests.
    pub fn len(&self) -> usize {
        self.requests.len()
    }

    /// Whether it has no requests.
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// The size of all requests together.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn body(size: usize) -> EncodedRequest {
        EncodedRequest { bytes: vec![0; size].into(), size }
    }

    #[test]
    fn it_is_full_by_requests_or_by_bytes() {
        let mut by_count = Backlog::default();
        while by_count.has_room() {
            by_count.push(body(1));
        }
        assert_eq!((by_count.len(), by_count.bytes()), (2048, 2048));
        by_count.pop();
        assert!(by_count.has_room());

        let mut by_bytes = Backlog::default();
        let mebibyte = body(1 << 20);
        while by_bytes.has_room() {
            by_bytes.push(mebibyte.clone());
        }
        assert_eq!((by_bytes.len(), by_bytes.bytes()), (16, 16 << 20));
    }

    #[test]
    fn parts_take_the_place_of_their_request() {
        let mut backlog = Backlog::default();
        backlog.push(body(5));
        backlog.push(body(7));
        backlog.split_oldest([body(2), body(3)]);
        let mut sizes = Vec::new();
        while let Some(oldest) = backlog.oldest() {
            sizes.push((oldest.size, backlog.bytes()));
            backlog.pop();
        }
        assert_eq!(sizes, [(2, 12), (3, 10), (7, 7)]);
    }

    proptest! {
        #[test]
        fn requests_leave_in_the_order_in_which_they_came(steps in prop::collection::vec(prop::option::of(0_usize..50), 0..100)) {
            let mut backlog = Backlog::default();
            let mut expected = VecDeque::new();
            for step in steps {
                if let Some(size) = step {
                    backlog.push(body(size));
                    expected.push_back(size);
                } else {
                    prop_assert_eq!(backlog.oldest().map(|it| it.size), expected.pop_front());
                    backlog.pop();
                }
                prop_assert_eq!(backlog.len(), expected.len());
                prop_assert_eq!(backlog.is_empty(), expected.is_empty());
                prop_assert_eq!(backlog.bytes(), expected.iter().sum::<usize>());
            }
        }
    }
}
