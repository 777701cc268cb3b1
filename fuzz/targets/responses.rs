//! Fuzzes the response of an entry on the Responses wire over HTTP, which Codex and Grok use, with
//! any text.

use crate::laws;

const ENTRY: &str = r#"{"provider":"openai","agent":"grok","model":"grok-4.5","msgCount":3,"sessionId":"s","agentKey":"default","isSSE":true,"status":200,"receivedAt":1,"turnToolCallIds":{"a":"Bash"}}"#;

pub(crate) fn check(response: &str) {
    laws::check_response(ENTRY, response);
}
