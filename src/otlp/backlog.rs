//! Requests that wait for a backend to come back, with delta temporality.
//!
//! It never throws anything away to make room: whoever fills it asks for room first, and lets the
//! interval that is not closed yet grow while there is none. So an outage of any length costs the
//! fineness of its end, and no number.

use bytes::Bytes;
use std::collections::VecDeque;

/// Requests that may wait: a day and a half of one a minute.
const MAX_REQUESTS: usize = 2048;
/// Bytes that may wait, but for the last request.
const MAX_BYTES: usize = 16 << 20;

/// Encoded requests, the oldest first.
#[derive(Debug, Default)]
pub struct Backlog {
    waiting: VecDeque<Bytes>,
    bytes: usize,
}

impl Backlog {
    /// Whether one more may wait.
    pub fn has_room(&self) -> bool {
        self.waiting.len() < MAX_REQUESTS && self.bytes < MAX_BYTES
    }

    /// Adds the newest.
    pub fn push(&mut self, body: Bytes) {
        self.bytes += body.len();
        self.waiting.push_back(body);
    }

    /// The oldest.
    pub fn oldest(&self) -> Option<Bytes> {
        self.waiting.front().cloned()
    }

    /// Forgets the oldest.
    pub fn pop(&mut self) {
        if let Some(body) = self.waiting.pop_front() {
            self.bytes -= body.len();
        }
    }

    /// Requests that wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Bytes that wait.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_is_full_by_count_or_by_bytes() {
        let mut by_count = Backlog::default();
        while by_count.has_room() {
            by_count.push(Bytes::from_static(b"x"));
        }
        assert_eq!((by_count.len(), by_count.bytes()), (2048, 2048));
        by_count.pop();
        assert!(by_count.has_room());

        let mut by_bytes = Backlog::default();
        let mebibyte = Bytes::from(vec![0; 1 << 20]);
        while by_bytes.has_room() {
            by_bytes.push(mebibyte.clone());
        }
        assert_eq!((by_bytes.len(), by_bytes.bytes()), (16, 16 << 20));
    }

    proptest! {
        #[test]
        fn what_comes_in_goes_out_in_order(steps in prop::collection::vec(prop::option::of(0_usize..50), 0..100)) {
            let mut backlog = Backlog::default();
            let mut expected = VecDeque::new();
            for step in steps {
                if let Some(size) = step {
                    backlog.push(Bytes::from(vec![0; size]));
                    expected.push_back(size);
                } else {
                    prop_assert_eq!(backlog.oldest().map(|it| it.len()), expected.pop_front());
                    backlog.pop();
                }
                prop_assert_eq!(backlog.len(), expected.len());
                prop_assert_eq!(backlog.is_empty(), expected.is_empty());
                prop_assert_eq!(backlog.bytes(), expected.iter().sum::<usize>());
            }
        }
    }
}
