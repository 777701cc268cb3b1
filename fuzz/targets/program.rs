//! Fuzzes a program in code mode with any text, as the input of a call over WebSocket.

use crate::laws;

const ENTRY: &str = r#"{"provider":"openai","agent":"codex","model":"gpt-6-sol","msgCount":1,"sessionId":"s","agentKey":"default","status":101,"receivedAt":1,"responseMetadata":{"transport":"websocket"},"turnToolCallIds":{"c":"Bash"}}"#;

pub(crate) fn check(program: &str) {
    let input: String = program.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    let item = format!(
        r#"{{"type":"custom_tool_call","id":"a","call_id":"c","name":"exec","input":"{input}"}}"#
    );
    let response = format!(
        r#"[{{"type":"response.output_item.done","item":{item},"_ts":1}},{{"type":"response.completed","_ts":2}}]"#
    );
    laws::check_response(ENTRY, &response);
}
