//! Fuzzes the request of each wire with any text.

use crate::laws;

const ENTRIES: [&str; 3] = [
    r#"{"provider":"anthropic","agent":"claude","model":"claude-opus-5","msgCount":3,"sessionId":"s","isSSE":true,"status":200,"turnToolCalls":{}}"#,
    r#"{"provider":"openai","agent":"codex","model":"gpt-5.5","msgCount":3,"sessionId":"s","isSSE":true,"status":200,"turnToolCallIds":{}}"#,
    r#"{"provider":"openai","agent":"grok","model":"grok-4.5","msgCount":3,"sessionId":"s","isSSE":true,"status":200,"turnToolCallIds":{}}"#,
];

pub(crate) fn check(request: &str) {
    for entry in ENTRIES {
        laws::check_request(entry, request);
    }
}
