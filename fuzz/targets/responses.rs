//! Fuzzes the response of an entry on the Responses wire over HTTP, which Codex and Grok use, with
//! any text.

#![no_main]

#[path = "../laws.rs"]
#[expect(dead_code, reason = "each target needs a part of it")]
mod laws;

use libfuzzer_sys::fuzz_target;

const ENTRY: &str = r#"{"provider":"openai","agent":"grok","model":"grok-4.5","msgCount":3,"sessionId":"s","agentKey":"default","isSSE":true,"status":200,"receivedAt":1,"turnToolCallIds":{"a":"Bash"}}"#;

fuzz_target!(|response: &str| laws::check_response(ENTRY, response));
