//! Fuzzes the request of each wire with any text.

#![no_main]

#[path = "../laws.rs"]
#[expect(dead_code, reason = "each target needs a part of it")]
mod laws;

use libfuzzer_sys::fuzz_target;

const ENTRIES: [&str; 3] = [
    r#"{"provider":"anthropic","agent":"claude","model":"claude-opus-5","msgCount":3,"sessionId":"s","isSSE":true,"status":200,"turnToolCalls":{}}"#,
    r#"{"provider":"openai","agent":"codex","model":"gpt-5.5","msgCount":3,"sessionId":"s","isSSE":true,"status":200,"turnToolCallIds":{}}"#,
    r#"{"provider":"openai","agent":"grok","model":"grok-4.5","msgCount":3,"sessionId":"s","isSSE":true,"status":200,"turnToolCallIds":{}}"#,
];

fuzz_target!(|request: &str| {
    for entry in ENTRIES {
        laws::check_request(entry, request);
    }
});
