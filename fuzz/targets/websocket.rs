//! Fuzzes the response of an entry on the Responses wire over a WebSocket with any text.

#![no_main]

#[path = "../laws.rs"]
#[expect(dead_code, reason = "each target needs a part of it")]
mod laws;

use libfuzzer_sys::fuzz_target;

const ENTRY: &str = r#"{"provider":"openai","agent":"codex","model":"gpt-5.5","msgCount":1,"sessionId":"s","agentKey":"default","isSSE":false,"status":101,"receivedAt":1,"responseMetadata":{"transport":"websocket"},"usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}}"#;

fuzz_target!(|response: &str| laws::check_response(ENTRY, response));
