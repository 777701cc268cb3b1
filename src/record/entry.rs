//! What one `record` call hands over.

use crate::entry::payload::Payload;
use crate::record::project_key::ProjectKey;

/// A finished turn, as the host handed it over. Its parts are boxed: a small entry moves faster
/// through the queue's memory, which another processor core has used last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// ccxray's record of the turn: the index line, or the whole entry.
    pub entry: Payload,
    /// What the host passed with it.
    pub parts: Option<Box<EntryParts>>,
}

/// What the host can pass with an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryParts {
    /// The request.
    pub request: Option<Payload>,
    /// The response.
    pub response: Option<Payload>,
    /// The rate-limit headers of the upstream's response: name and value.
    pub headers: Vec<(String, String)>,
    /// The headers in which the client says who it is: name in lower case and value.
    pub request_headers: Vec<(String, String)>,
    /// The project of the turn. `None`: the project given to `init`.
    pub project: Option<ProjectKey>,
}

impl Entry {
    /// The memory that it uses, in bytes.
    pub fn len_bytes(&self) -> usize {
        let Self { entry, parts } = self;
        entry.len_bytes() + parts.as_ref().map_or(0, |parts| parts.len_bytes())
    }
}

impl EntryParts {
    fn len_bytes(&self) -> usize {
        let Self { request, response, headers, request_headers, project } = self;
        let payloads = [request, response].into_iter().flatten().map(Payload::len_bytes);
        let headers = headers.iter().chain(request_headers);
        let headers = headers.map(|(name, value)| name.len() + value.len());
        payloads.chain(headers).sum::<usize>() + project.as_ref().map_or(0, |it| it.directory.len())
    }
}
