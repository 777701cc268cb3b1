//! Fuzzes the response of an Anthropic entry with any text.

use crate::laws;

const ENTRY: &str = r#"{"provider":"anthropic","agent":"claude","model":"claude-opus-5","msgCount":3,"sessionId":"s","agentKey":"orchestrator","isSSE":true,"status":200,"receivedAt":1,"turnToolCalls":{"Bash":1},"usage":{"input_tokens":1,"output_tokens":2}}"#;

pub(crate) fn check(response: &str) {
    laws::check_response(ENTRY, response);
}
