//! Entries that are made to be slow to read, each of about the wanted size.

use otel_native::entry::EntrySource;

/// The parts of one entry, as `record` gets them.
#[derive(Default)]
pub(crate) struct Adversarial {
    pub(crate) entry: String,
    pub(crate) request: Option<String>,
    pub(crate) response: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
}

impl Adversarial {
    /// The entry with its parts, as the parser reads it.
    pub(crate) fn source(&self) -> EntrySource<'_> {
        EntrySource {
            entry: &self.entry,
            request: self.request.as_deref(),
            response: self.response.as_deref(),
            headers: &self.headers,
            ..EntrySource::default()
        }
    }

    /// How long the texts are together, in bytes.
    pub(crate) fn len(&self) -> usize {
        let parts = [self.request.as_deref(), self.response.as_deref()];
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len());
        self.entry.len()
            + parts.iter().flatten().map(|part| part.len()).sum::<usize>()
            + headers.sum::<usize>()
    }
}

/// A member of an object, by its number.
type Member = fn(usize) -> String;

/// A program in code mode of about so many bytes.
type Program = fn(usize) -> String;

/// All kinds, each of about `bytes`.
#[expect(clippy::too_many_lines, reason = "a list")]
pub(crate) fn entries(bytes: usize) -> Vec<(String, Adversarial)> {
    let mut all = Vec::new();
    let mut add = |name: &str, entry: Adversarial| all.push((name.to_owned(), entry));
    let named: [(&str, Member); 4] = [
        ("many names", |it: usize| format!(r#""t{it}":1"#)),
        ("many names with many calls", |it: usize| format!(r#""t{it}":10000"#)),
        ("many MCP names", |it: usize| format!(r#""mcp__s{it}__t":1"#)),
        ("the same name again and again", |_: usize| r#""Bash":1"#.to_owned()),
    ];
    for (name, fields) in named {
        add(name, line("turnToolCalls", &object(bytes, fields)));
    }
    add("one long name", line("turnToolCalls", &format!(r#"{{"{}":1}}"#, "n".repeat(bytes))));
    add(
        "one long MCP name",
        line("turnToolCalls", &format!(r#"{{"mcp__{}":1}}"#, "s_".repeat(bytes / 2))),
    );
    add(
        "deep nesting",
        line("usage", &format!("{}{}", "[".repeat(bytes / 2), "]".repeat(bytes / 2))),
    );
    add(
        "deep nesting of a frame",
        line("res", &format!("[{}1{}]", r#"{"data":"#.repeat(bytes / 9), "}".repeat(bytes / 9))),
    );
    add("numbers beyond f64", line("x", &list(bytes, |_| "1e400".to_owned())));
    add(
        "numbers beyond f64 that are read",
        line("turnToolCalls", &object(bytes, |it| format!(r#""t{it}":1e400"#))),
    );
    add("a field given many times", line("x", &object(bytes, |_| r#""a":1"#.to_owned())));
    add("a long model", line("model", &format!(r#""{}""#, "gpt-5-".repeat(bytes / 6))));
    add("a long agent", line("agentKey", &format!(r#""{}""#, "sk-ant-".repeat(bytes / 7))));
    for part in [
        "rm ",
        "rm rm -",
        "curl ",
        "curl | ",
        "git ",
        "git -c x ",
        "git push ",
        "sudo ",
        "cat ",
        "tar dump | ",
        " -",
        "xargs -n 1 ",
        "docker -x y ",
        "npm -x y ",
        "aws -x y ",
        "drop ",
        "/dev/ ",
        "> ",
        "\\\\n",
        "\\\"",
        "chmod -x ",
        "find -exec ",
        "kill -",
        "env | ",
        "scp -i ",
    ] {
        let command = part.repeat(bytes / part.len());
        add(
            &format!("one command of {part:?}"),
            calls(bytes, |_| command[..command.floor_char_boundary(bytes - 200)].to_owned()),
        );
    }
    add("commands of random words", calls(bytes, |it| random_words(it, 1000)));
    add("short commands", calls(bytes, |it| format!("ls {it}")));
    add("short dangerous commands", calls(bytes, |it| format!("rm -rf {it}")));
    add("short near-matches", calls(bytes, |it| format!("rm git curl sudo {it}")));
    add(
        "a patch with many headers",
        custom("apply_patch", &repeated(bytes, |it| format!("*** Add File: {it}\\n"))),
    );
    add(
        "a program with many patches",
        custom("exec", &repeated(bytes, |it| format!("*** Add File: {it}\\\\n"))),
    );
    add("a line of stars", custom("apply_patch", &"*** Add File: ".repeat(bytes / 14)));
    add("many stars", custom("apply_patch", &"*\\n".repeat(bytes / 3)));
    add("unknown events", response(&list(bytes, |it| format!(r#"{{"type":"e{it}"}}"#))));
    add(
        "unknown items",
        response(&list(bytes, |it| {
            format!(r#"{{"type":"response.output_item.done","item":{{"type":"i{it}"}}}}"#)
        })),
    );
    add(
        "events with repeated fields",
        response(&list(bytes, |_| r#"{"type":"ping","type":"ping"}"#.to_owned())),
    );
    add(
        "calls with many ids",
        response(&list(bytes, |it| {
            format!(
                r#"{{"type":"response.output_item.done","item":{{"type":"function_call","call_id":"{it}","name":"x"}}}}"#
            )
        })),
    );
    let start = |it: usize| {
        format!(
            r#"{{"type":"content_block_start","index":{it},"content_block":{{"type":"tool_use","id":"{it}","name":"x"}}}}"#
        )
    };
    add(
        "calls that never end",
        response(&list(bytes, |it| {
            if it % 2 == 0 {
                start(it)
            } else {
                r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"},"_ts":1787205803118}"#.to_owned()
            }
        })),
    );
    add(
        "calls that end in the order of their starts",
        response(&list(bytes, |it| {
            let half = bytes / 200;
            if it < half {
                start(it)
            } else {
                format!(r#"{{"type":"content_block_stop","index":{}}}"#, it - half)
            }
        })),
    );
    add("skill markers", user(&"<command-message>a</command-message>".repeat(bytes / 36)));
    add(
        "many skills",
        user(&repeated(bytes, |it| format!("<command-message>s{it}</command-message>"))),
    );
    add("broken skill markers", user(&"<command-message>".repeat(bytes / 17)));
    add("texts about plan mode", user(&"Plan mode is ".repeat(bytes / 13)));
    add("lines about plan mode", user(&"\\n<system-reminder>Plan mode is ".repeat(bytes / 32)));
    add("blanks before plan mode", user(&format!("{}Plan mode is ", "\\n".repeat(bytes / 2))));
    add(
        "permission instructions",
        Adversarial {
            request: Some(format!(
                r#"{{"input":[{{"role":"developer","content":"<permissions instructions>{}"}}]}}"#,
                "`sandbox_mode` is `danger-full-access` Approval policy is currently "
                    .repeat(bytes / 68)
            )),
            ..entry_of("openai", "")
        },
    );
    add(
        "blanks before a mention of a mode",
        developer(&format!(
            "{}{}",
            " ".repeat(bytes / 2),
            "x<collaboration_mode>".repeat(bytes / 42)
        )),
    );
    add(
        "blanks before each mention of a mode",
        developer(&format!("x{}<collaboration_mode>", " ".repeat(300)).repeat(bytes / 321)),
    );
    let programs: [(&str, Program); 7] = [
        ("codes without an end", |bytes| {
            format!("tools.exec_command({{cmd:'{}'}})", "\\\\u{".repeat(bytes / 4))
        }),
        ("calls around one long text", |bytes| {
            let text = "a".repeat(bytes);
            format!("{}'{text}'{}", "tools.exec_command(".repeat(250), ")".repeat(250))
        }),
        ("calls around ends of lines", |bytes| {
            let text = "\\\\\\n".repeat(bytes / 4);
            format!("{}'{text}'{}", "tools.exec_command(".repeat(250), ")".repeat(250))
        }),
        ("calls within the fields of calls", |bytes| {
            let fields = "a:1,".repeat(bytes / 800);
            format!("tools.exec_command({{{fields}cmd:").repeat(200)
        }),
        ("calls around many words", |bytes| {
            format!("{}{}", "tools.exec_command(".repeat(200), "a+".repeat(bytes / 2))
        }),
        ("many marks", |bytes| format!("tools.exec_command({}", ",".repeat(bytes))),
        ("many comments", |bytes| format!("tools.exec_command({}", "/**/".repeat(bytes / 4))),
    ];
    for (name, program) in programs {
        add(&format!("a program with {name}"), custom("exec", &program(bytes)));
    }
    for element in ["0", "{}", r#"{"role":"system"}"#] {
        let elements = list(bytes, |_| element.to_owned());
        let lists: [(&str, Adversarial); 10] = [
            ("turnToolResults", line("turnToolResults", &elements)),
            ("output", response(&format!(r#"{{"object":"response","output":{elements}}}"#))),
            ("content", response(&format!(r#"{{"type":"message","content":{elements}}}"#))),
            (
                "message",
                response(&format!(
                    r#"[{{"type":"message_start","message":{{"content":{elements}}}}}]"#
                )),
            ),
            (
                "response",
                response(&format!(
                    r#"[{{"type":"response.completed","response":{{"output":{elements}}}}}]"#
                )),
            ),
            ("messages", request(&format!(r#"{{"messages":{elements}}}"#))),
            ("input", request(&format!(r#"{{"input":{elements}}}"#))),
            ("system", request(&format!(r#"{{"system":{elements}}}"#))),
            (
                "parts",
                request(&format!(r#"{{"messages":[{{"role":"user","content":{elements}}}]}}"#)),
            ),
            (
                "command",
                response(&format!(
                    r#"{{"type":"message","content":[{{"type":"tool_use","name":"Bash","input":{{"command":{elements}}}}}]}}"#
                )),
            ),
        ];
        for (name, entry) in lists {
            add(&format!("a list {name} of {element}"), entry);
        }
    }
    add(
        "calls of items without a name",
        response(&format!(
            r#"{{"object":"response","output":{}}}"#,
            list(bytes, |_| r#"{"type":"x_call"}"#.to_owned())
        )),
    );
    add("calls by their ids", ids(bytes));
    add(
        "headers in an event",
        response(&format!(
            r#"[{{"type":"response.metadata","headers":{}}}]"#,
            object(bytes, |it| format!(r#""a{it}":"1""#))
        )),
    );
    add(
        "many fields and one given twice",
        line(
            "model",
            &format!(r#""a","x":{},"model":"b""#, object(bytes, |it| format!(r#""{it}":0"#))),
        ),
    );
    add(
        "many headers",
        Adversarial {
            headers: (0..bytes / 50)
                .map(|it| (format!("x-ratelimit-limit-requests-{it}"), "1e400".to_owned()))
                .collect(),
            ..entry_of("openai", "")
        },
    );
    all
}

fn entry_of(provider: &str, fields: &str) -> Adversarial {
    let entry = format!(
        r#"{{"provider":"{provider}","msgCount":1,"status":200,"isSSE":true,"sessionId":"s","receivedAt":1787205803000,"elapsed":"1.0","usage":{{"input_tokens":1,"output_tokens":1}}{fields}}}"#
    );
    Adversarial { entry, ..Adversarial::default() }
}

fn line(field: &str, value: &str) -> Adversarial {
    entry_of("anthropic", &format!(r#","{field}":{value}"#))
}

/// A call for each id, as the host counts them on the Responses wire.
fn ids(bytes: usize) -> Adversarial {
    let ids = object(bytes, |it| format!(r#""{it}":"shell""#));
    entry_of("openai", &format!(r#","turnToolCallIds":{ids}"#))
}

fn request(request: &str) -> Adversarial {
    Adversarial { request: Some(request.to_owned()), ..entry_of("anthropic", "") }
}

fn developer(text: &str) -> Adversarial {
    let request = format!(r#"{{"input":[{{"role":"developer","content":"{text}"}}]}}"#);
    Adversarial { request: Some(request), ..entry_of("openai", "") }
}

fn response(response: &str) -> Adversarial {
    Adversarial { response: Some(response.to_owned()), ..entry_of("anthropic", "") }
}

fn user(text: &str) -> Adversarial {
    let request = format!(r#"{{"messages":[{{"role":"user","content":"{text}"}}]}}"#);
    Adversarial { request: Some(request), ..entry_of("anthropic", "") }
}

fn custom(tool: &str, input: &str) -> Adversarial {
    response(&format!(
        r#"{{"status":"completed","output":[{{"type":"custom_tool_call","call_id":"a","name":"{tool}","input":"{input}"}}]}}"#
    ))
}

/// A message with calls of a shell, as many as there is room for.
fn calls(bytes: usize, command: impl Fn(usize) -> String) -> Adversarial {
    let block = |it| {
        format!(
            r#"{{"type":"tool_use","id":"{it}","name":"Bash","input":{{"command":"{}"}}}}"#,
            command(it)
        )
    };
    response(&format!(
        r#"{{"type":"message","stop_reason":"tool_use","content":{}}}"#,
        list(bytes, block)
    ))
}

fn list(bytes: usize, element: impl Fn(usize) -> String) -> String {
    format!("[{}]", separated(bytes, ",", element))
}

fn object(bytes: usize, member: impl Fn(usize) -> String) -> String {
    format!("{{{}}}", separated(bytes, ",", member))
}

fn repeated(bytes: usize, part: impl Fn(usize) -> String) -> String {
    separated(bytes, "", part)
}

fn separated(bytes: usize, separator: &str, part: impl Fn(usize) -> String) -> String {
    let mut text = part(0);
    for it in 1.. {
        let next = part(it);
        if text.len() + next.len() >= bytes {
            break;
        }
        text.push_str(separator);
        text.push_str(&next);
    }
    text
}

/// Words of commands in no order, which take the search of a pattern to many different states.
fn random_words(seed: usize, bytes: usize) -> String {
    const WORDS: &[&str] = &[
        "git", "push", "-f", "rm", "-r", "curl", "|", "sh", "sudo", "cat", "cp", "--force",
        "docker", "prune", "npm", "publish", "-c", "x=1", "aws", "s3", "env", "/dev/", "=", "'",
        ";", "&&", "reset", "--hard", "chmod", "777", "kill", "-9", "kubectl", "delete", "drop",
        "table",
    ];
    let mut state = (seed as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut text = String::new();
    while text.len() < bytes {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let word = usize::try_from(state >> 33).unwrap_or(0) % WORDS.len();
        text.push_str(WORDS[word]);
        text.push(' ');
    }
    text
}
