//! Fuzzes a file of what waits to be delivered. Only what this package has written is used, and what is used is written
//! in the same way again.

use otel_native::otlp::merged;
use otel_native::otlp::resumed::Resumed;
use otel_native::pending::content::{PendingContent, PendingHeader};

pub(crate) fn check(text: &str) {
    let bytes = text.as_bytes();
    // Any bytes can be in the place of a request.
    if let Ok(resumed) = Resumed::new(Some(bytes), bytes) {
        let mut sum = resumed.newest.clone();
        let _ = merged::add(&mut sum, resumed.newest.clone());
        for [confirmed, newest] in [resumed.clone().dated(0), resumed.dated_at(0)] {
            assert!(confirmed.point_count() <= newest.point_count());
        }
    }
    // The header is read alone, too.
    let header = PendingContent::header_of(bytes);
    let Ok((content, _)) = PendingContent::decode(&bytes.to_vec().into()) else { return };
    let PendingContent { origin, since_unix_ms, period_end_unix_ms, replaces, .. } =
        content.clone();
    let expected = PendingHeader { origin, since_unix_ms, period_end_unix_ms, replaces };
    assert_eq!(header, Ok(expected));
    let written = content.encode().expect("it is encoded");
    assert_eq!(PendingContent::decode(&written.into()).map(|(again, _)| again), Ok(content));
}
