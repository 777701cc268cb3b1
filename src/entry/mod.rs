//! From what the host hands over to a [`Turn`]: the only place that knows the host's field names.
//!
//! An entry arrives as an index line, or whole with `req` and `res` inside, and with optional parts
//! beside it. Parsing is lenient: a field of an unexpected type is "not reported", a part that
//! cannot be read is an anomaly of the turn, and only an entry that is no JSON object is an error.

mod anthropic;
mod assembly;
mod checks;
mod events;
mod lenient;
mod line;
pub mod payload;
mod quota;
mod request;
mod response;
mod responses;
mod tool;
mod turn;
mod usage;

pub use quota::header_names as quota_header_names;
pub use turn::{
    Anomaly, CacheCreation, Compaction, Cost, FallbackReason, Kind, McpTool, Mismatch, Parser,
    Permission, Provider, Quota, ToolCall, Turn, Usage, Window,
};

use assembly::Assembly;
use lenient::Object;
use line::Line;
use request::RequestFacts;
use response::Response;

/// One entry as text, with what came beside it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Source<'a> {
    /// The index line, or the whole entry.
    pub entry: &'a str,
    /// The request, whole or an excerpt; wins over the entry's own `req`.
    pub request: Option<&'a str>,
    /// The response as the host stores it; wins over the entry's own `res`.
    pub response: Option<&'a str>,
    /// The rate-limit headers of the upstream's response.
    pub headers: &'a [(String, String)],
}

/// The entry is not a JSON object; nothing of it can be counted.
#[derive(Debug, thiserror::Error)]
#[error("the entry is not a JSON object")]
pub struct MalformedEntry;

/// Reads one entry.
///
/// # Errors
/// [`MalformedEntry`] if the entry itself is no JSON object. Broken parts are anomalies instead.
pub fn parse(source: Source<'_>) -> Result<Turn, MalformedEntry> {
    let parsed: Result<Object<Line<'_>>, _> = serde_json::from_str(source.entry);
    let Ok(Object(Some(mut line))) = parsed else { return Err(MalformedEntry) };
    let mut anomalies = Vec::new();

    if let Some(text) = source.response {
        line.res = Response::from_text(text).unwrap_or_else(|_| {
            anomalies.push(Anomaly::Error { parser: Parser::Response });
            Response::Opaque
        });
    }
    let request = source.request.or(line.req.map(serde_json::value::RawValue::get));
    let request = request.map_or(Ok(RequestFacts::default()), request::read);
    let request = request.unwrap_or_else(|_| {
        anomalies.push(Anomaly::Error { parser: Parser::Request });
        RequestFacts::default()
    });
    Ok(Assembly { line, request, quotas: quota::read(source.headers), anomalies }.finish())
}
