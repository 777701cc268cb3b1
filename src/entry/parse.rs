//! From the text of one entry to its turn.

use crate::entry::anomaly::{Anomaly, FallbackReason, Parser};
use crate::entry::host_entry::HostEntry;
use crate::entry::lenient::Object;
use crate::entry::parsed_entry::ParsedEntry;
use crate::entry::quota::Quotas;
use crate::entry::repair::{self, Repaired};
use crate::entry::response::Response;
use crate::entry::turn::Turn;
use crate::entry::{assembly, request, request_headers};
use serde_json::value::RawValue;
use std::cell::OnceCell;

/// The text of one entry, and of the parts that the host passes beside it.
#[derive(Clone, Copy, Debug, Default)]
pub struct EntrySource<'a> {
    /// The index line, or the whole entry.
    pub entry: &'a str,
    /// The request, whole or an excerpt. Used instead of the entry's own `req`.
    pub request: Option<&'a str>,
    /// The response, as the host stores it. Used instead of the entry's own `res`.
    pub response: Option<&'a str>,
    /// The rate-limit headers of the upstream's response, as name and value.
    pub headers: &'a [(String, String)],
    /// The headers of the request that [`request_header_names`](super::request_header_names)
    /// lists, as name in lower case and value.
    pub request_headers: &'a [(String, String)],
}

/// The entry is not a JSON object, so nothing of it can be counted.
#[derive(Debug, thiserror::Error)]
#[error("the entry is not a JSON object")]
pub struct MalformedEntry;

/// Reads one entry.
///
/// # Errors
/// [`MalformedEntry`] if the entry itself is not a JSON object. A malformed part is an anomaly of
/// the turn.
pub fn parse(source: EntrySource<'_>) -> Result<Turn, MalformedEntry> {
    let (entry_text, request_text) = (OnceCell::new(), OnceCell::new());
    let mut anomalies = Vec::new();
    let parsed = repair::read(source.entry, &entry_text, |text| {
        serde_json::from_str::<Object<HostEntry<'_>>>(text)
    });
    let Ok(Repaired { value: Object(Some(mut host)), has_refused }) = parsed else {
        return Err(MalformedEntry);
    };
    let has_refused = has_refused || host.turn_tool_results.has_more;
    note_refused(&mut anomalies, Parser::Entry, has_refused);

    if let Some(text) = source.response {
        let repaired_text = OnceCell::new();
        let parsed = repair::read(text, &repaired_text, Response::from_text);
        host.res = note(&mut anomalies, Parser::Response, parsed).unwrap_or(Response::Opaque);
    }
    let request = source.request.or(host.req.map(RawValue::get));
    let request = request.and_then(|text| {
        let mut parsed = repair::read(text, &request_text, request::read);
        if let Ok(Repaired { value, has_refused }) = &mut parsed {
            *has_refused |= value.has_refused;
        }
        note(&mut anomalies, Parser::Request, parsed)
    });
    let mut quotas = Quotas::of_headers(source.headers);
    if let Response::Read(facts) = &mut host.res {
        quotas.add_newer(std::mem::take(&mut facts.quotas));
    }
    if quotas.is_refused {
        anomalies.push(Anomaly::Fallback {
            parser: Parser::Quota,
            reason: FallbackReason::UnknownValue,
        });
    }
    let quotas = quotas.quotas;
    let request = request.unwrap_or_default();
    let headers = request_headers::read(source.request_headers);
    Ok(assembly::assemble(ParsedEntry { host, request, headers, quotas, anomalies }))
}

/// What was read from a part of the entry. Notes whether the part, or a value in it, was refused.
fn note<T, E>(
    anomalies: &mut Vec<Anomaly>,
    parser: Parser,
    parsed: Result<Repaired<T>, E>,
) -> Option<T> {
    let Ok(Repaired { value, has_refused }) = parsed else {
        anomalies.push(Anomaly::Error { parser });
        return None;
    };
    note_refused(anomalies, parser, has_refused);
    Some(value)
}

fn note_refused(anomalies: &mut Vec<Anomaly>, parser: Parser, has_refused: bool) {
    if has_refused {
        anomalies.push(Anomaly::Fallback { parser, reason: FallbackReason::OutOfBounds });
    }
}
