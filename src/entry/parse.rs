//! From the text of one entry to its turn.

use crate::entry::anomaly::{Anomaly, FallbackReason, Parser};
use crate::entry::host_entry::HostEntry;
use crate::entry::lenient::Object;
use crate::entry::parsed_entry::ParsedEntry;
use crate::entry::quota::Quotas;
use crate::entry::request::RequestFacts;
use crate::entry::response::Response;
use crate::entry::turn::Turn;
use crate::entry::{assembly, request, request_headers};
use serde_json::value::RawValue;

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
    let parsed: Result<Object<HostEntry<'_>>, _> = serde_json::from_str(source.entry);
    let Ok(Object(Some(mut host))) = parsed else { return Err(MalformedEntry) };
    let mut anomalies = Vec::new();

    if let Some(text) = source.response {
        host.res = Response::from_text(text).unwrap_or_else(|_| {
            anomalies.push(Anomaly::Error { parser: Parser::Response });
            Response::Opaque
        });
    }
    let request = source.request.or(host.req.map(RawValue::get));
    let request = request.map_or(Ok(RequestFacts::default()), request::read);
    let request = request.unwrap_or_else(|_| {
        anomalies.push(Anomaly::Error { parser: Parser::Request });
        RequestFacts::default()
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
    let headers = request_headers::read(source.request_headers);
    Ok(assembly::assemble(ParsedEntry { host, request, headers, quotas, anomalies }))
}
