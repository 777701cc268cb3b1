//! Fuzzes the response of an Anthropic entry with any text.

#![no_main]

#[path = "../laws.rs"]
#[expect(dead_code, reason = "each target needs a part of it")]
mod laws;

use libfuzzer_sys::fuzz_target;

const ENTRY: &str = r#"{"provider":"anthropic","agent":"claude","model":"claude-opus-5","msgCount":3,"sessionId":"s","agentKey":"orchestrator","isSSE":true,"status":200,"receivedAt":1,"turnToolCalls":{"Bash":1},"usage":{"input_tokens":1,"output_tokens":2}}"#;

fuzz_target!(|response: &str| laws::check_response(ENTRY, response));
