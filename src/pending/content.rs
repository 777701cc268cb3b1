//! The content of a file: one line of JSON, one line with a checksum, then the requests, then marks.

use crate::pending::origin::Origin;
use crate::pending::progress::DeliveryProgress;
use bytes::Bytes;
use flate2::Crc;
use serde::{Deserialize, Serialize};
use std::io;

/// The version of the form.
const FORMAT: u32 = 1;
/// The line with the checksum: eight hexadecimal digits and a line end.
const CHECKSUM_BYTES: usize = 9;
/// A longer first line is not one of ours.
pub(super) const MAX_HEADER_BYTES: usize = 64 << 10;

/// What a file has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingContent {
    /// Whose sums they are.
    pub origin: Origin,
    /// Since when something waits, in Unix milliseconds.
    pub since_unix_ms: u64,
    /// At a coarse resolution: when the period of the sums ends, in Unix milliseconds. They are not sent before.
    pub period_end_unix_ms: Option<u64>,
    /// The files whose sums this one has. They are not sent any more.
    pub replaces: Vec<String>,
    /// The sums.
    pub sums: Sums,
}

/// The first line of a file, without the lengths of what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingHeader {
    /// Whose sums they are.
    pub origin: Origin,
    /// Since when something waits, in Unix milliseconds.
    pub since_unix_ms: u64,
    /// When the period of the sums ends, in Unix milliseconds.
    pub period_end_unix_ms: Option<u64>,
    /// The files whose sums this one has.
    pub replaces: Vec<String>,
}

/// What the backend has not confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sums {
    /// With cumulative temporality: the newest values of all series.
    Cumulative {
        /// The last values that the backend has confirmed, as a request in protobuf. `None` if there are none.
        confirmed: Option<Bytes>,
        /// The newest values, as a request in protobuf.
        newest: Bytes,
        /// Whether the newest values were being sent when the file was written.
        may_be_confirmed: bool,
    },
    /// With delta temporality: the intervals, the oldest first.
    Delta {
        /// The form of the intervals.
        form: IntervalForm,
        /// Each one is a request.
        intervals: Vec<Bytes>,
    },
}

/// How the intervals of a file are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntervalForm {
    /// Whether they are messages of gRPC, and not of HTTP.
    pub is_grpc: bool,
    /// Whether they are compressed with gzip.
    pub is_gzip: bool,
}

/// Why a file cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnusableFile {
    /// Another version of this package has written it.
    OtherVersion,
    /// Its content is not as it was written.
    Damaged,
}

#[derive(Serialize, Deserialize)]
struct Header {
    ccxray_pending: u32,
    origin: Origin,
    since_unix_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    period_end_unix_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replaces: Vec<String>,
    sums: Lengths,
}

/// The lengths of the requests that follow.
#[derive(Serialize, Deserialize)]
#[serde(tag = "temporality", rename_all = "lowercase", deny_unknown_fields)]
enum Lengths {
    Cumulative { confirmed: Option<usize>, newest: usize, may_be_confirmed: bool },
    Delta { form: IntervalForm, intervals: Vec<usize> },
}

/// Only the version is read if it is another one: the rest can have any form.
#[derive(Deserialize)]
struct FormatVersion {
    ccxray_pending: u32,
}

impl PendingContent {
    /// As it is in a file.
    ///
    /// # Errors
    /// If the JSON cannot be written. That would be a defect of this package.
    pub fn encode(&self) -> io::Result<Vec<u8>> {
        let Self { origin, since_unix_ms, period_end_unix_ms, replaces, sums } = self;
        let (sums, requests) = match sums {
            Sums::Cumulative { confirmed, newest, may_be_confirmed } => {
                let lengths = Lengths::Cumulative {
                    confirmed: confirmed.as_ref().map(Bytes::len),
                    newest: newest.len(),
                    may_be_confirmed: *may_be_confirmed,
                };
                (lengths, confirmed.iter().chain([newest]).cloned().collect())
            }
            Sums::Delta { form, intervals } => {
                let lengths = intervals.iter().map(Bytes::len).collect();
                (Lengths::Delta { form: *form, intervals: lengths }, intervals.clone())
            }
        };
        let header = Header {
            ccxray_pending: FORMAT,
            origin: origin.clone(),
            since_unix_ms: *since_unix_ms,
            period_end_unix_ms: *period_end_unix_ms,
            replaces: replaces.clone(),
            sums,
        };
        let mut bytes = serde_json::to_vec(&header)?;
        bytes.push(b'\n');
        let checksum = checksum(&bytes, &requests);
        bytes.extend(format!("{checksum:08x}\n").bytes());
        for request in &requests {
            bytes.extend_from_slice(request);
        }
        Ok(bytes)
    }

    /// Reads the content of a file.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn decode(bytes: &Bytes) -> Result<(Self, DeliveryProgress), UnusableFile> {
        let (header, length) = read_header(bytes)?;
        let mut rest = bytes.slice(length..);
        let mut take = |length: usize| {
            (length <= rest.len()).then(|| rest.split_to(length)).ok_or(UnusableFile::Damaged)
        };
        let written = take(CHECKSUM_BYTES)?;
        let Header { origin, since_unix_ms, period_end_unix_ms, replaces, sums, .. } = header;
        let (sums, requests) = match sums {
            Lengths::Cumulative { confirmed, newest, may_be_confirmed } => {
                let confirmed = confirmed.map(&mut take).transpose()?;
                let newest = take(newest)?;
                let requests: Vec<Bytes> = confirmed.iter().chain([&newest]).cloned().collect();
                (Sums::Cumulative { confirmed, newest, may_be_confirmed }, requests)
            }
            Lengths::Delta { form, intervals } => {
                let intervals =
                    intervals.into_iter().map(&mut take).collect::<Result<Vec<_>, _>>()?;
                (Sums::Delta { form, intervals: intervals.clone() }, intervals)
            }
        };
        let expected = format!("{:08x}\n", checksum(&bytes[..length], &requests));
        if written != expected.as_bytes() {
            return Err(UnusableFile::Damaged);
        }
        let progress = DeliveryProgress::read(&rest).ok_or(UnusableFile::Damaged)?;
        Ok((Self { origin, since_unix_ms, period_end_unix_ms, replaces, sums }, progress))
    }

    /// The first line of a file that begins so.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn header_of(beginning: &[u8]) -> Result<PendingHeader, UnusableFile> {
        let (header, _) = read_header(beginning)?;
        let Header { origin, since_unix_ms, period_end_unix_ms, replaces, .. } = header;
        Ok(PendingHeader { origin, since_unix_ms, period_end_unix_ms, replaces })
    }
}

/// The first line, and its length with the line end.
fn read_header(bytes: &[u8]) -> Result<(Header, usize), UnusableFile> {
    let end = bytes.iter().take(MAX_HEADER_BYTES).position(|byte| *byte == b'\n');
    let end = end.ok_or(UnusableFile::Damaged)?;
    let line = &bytes[..end];
    let version = serde_json::from_slice(line).map_err(|_| UnusableFile::Damaged)?;
    let FormatVersion { ccxray_pending } = version;
    if ccxray_pending != FORMAT {
        return Err(UnusableFile::OtherVersion);
    }
    let header = serde_json::from_slice(line).map_err(|_| UnusableFile::Damaged)?;
    Ok((header, end + 1))
}

fn checksum(header: &[u8], requests: &[Bytes]) -> u32 {
    let mut crc = Crc::new();
    crc.update(header);
    for request in requests {
        crc.update(request);
    }
    crc.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TimeResolution;
    use crate::pending::progress::Mark;
    use proptest::prelude::*;

    fn request() -> impl Strategy<Value = Bytes> {
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Bytes::from)
    }

    fn content() -> impl Strategy<Value = PendingContent> {
        let cumulative = (prop::option::of(request()), request(), any::<bool>()).prop_map(
            |(confirmed, newest, may_be_confirmed)| Sums::Cumulative {
                confirmed,
                newest,
                may_be_confirmed,
            },
        );
        let form = (any::<bool>(), any::<bool>())
            .prop_map(|(is_grpc, is_gzip)| IntervalForm { is_grpc, is_gzip });
        let delta = (form, prop::collection::vec(request(), 0..5))
            .prop_map(|(form, intervals)| Sums::Delta { form, intervals });
        (prop_oneof![cumulative, delta], prop::option::of(".{0,20}"), any::<u64>()).prop_map(
            |(sums, directory, terms)| {
                let origin = Origin {
                    directory,
                    project: None,
                    endpoint: "http://127.0.0.1:4318/v1/metrics".to_owned(),
                    tier: 1,
                    resolution: TimeResolution::Minute,
                    terms,
                };
                let period_end_unix_ms = (terms % 2 == 0).then_some(terms);
                let replaces = (0..terms % 3).map(|number| format!("a-{number}")).collect();
                PendingContent { origin, since_unix_ms: 5, period_end_unix_ms, replaces, sums }
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(content in content(), marks in prop::collection::vec(any::<bool>(), 0..5)) {
            let mut bytes = content.encode().unwrap();
            let marks = marks.iter().map(|done| if *done { Mark::Done } else { Mark::Sending });
            bytes.extend(marks.clone().map(Mark::byte));
            let done = marks.filter(|mark| *mark == Mark::Done).count();
            let (read, progress) = PendingContent::decode(&bytes.clone().into()).unwrap();
            prop_assert_eq!(&read, &content);
            prop_assert_eq!(progress.done, done);
            prop_assert_eq!(PendingContent::header_of(&bytes).unwrap().origin, content.origin);
        }

        #[test]
        fn a_file_that_was_cut_or_changed_is_not_used(content in content(), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let bytes = content.encode().unwrap();
            let at = at.index(bytes.len());
            prop_assert!(PendingContent::decode(&bytes[..at].to_vec().into()).is_err());
            let mut changed = bytes.clone();
            changed[at] ^= 1_u8 << bit;
            prop_assert!(PendingContent::decode(&changed.into()).is_err());
        }

        #[test]
        fn any_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(PendingContent::decode(&bytes.into()).is_err());
        }
    }

    #[test]
    fn another_version_is_not_damage() {
        let bytes = Bytes::from_static(b"{\"ccxray_pending\":2,\"anything\":[]}\nmore");
        assert_eq!(PendingContent::decode(&bytes), Err(UnusableFile::OtherVersion));
    }
}
