//! Fuzzes the response of an entry on the Responses wire over a WebSocket with any text.

use crate::laws;

const ENTRY: &str = r#"{"provider":"openai","agent":"codex","model":"gpt-5.5","msgCount":1,"sessionId":"s","agentKey":"default","isSSE":false,"status":101,"receivedAt":1,"responseMetadata":{"transport":"websocket"},"usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}}"#;

pub(crate) fn check(response: &str) {
    laws::check_response(ENTRY, response);
}
