//! Detects what no name needs: addresses of people and machines, paths, and numbers that identify.
//!
//! Each check reads the text once, from left to right. The text is in its normal form.

/// Endings of host names. Names of models and tools have dots, too, so not every ending counts.
const HOST_ENDINGS: &[&str] = &[
    "ai",
    "app",
    "arpa",
    "biz",
    "cloud",
    "com",
    "corp",
    "dev",
    "edu",
    "example",
    "gov",
    "home",
    "info",
    "int",
    "intern",
    "internal",
    "intra",
    "intranet",
    "invalid",
    "io",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "mil",
    "name",
    "net",
    "network",
    "onion",
    "online",
    "org",
    "private",
    "shop",
    "site",
    "store",
    "systems",
    "tech",
    "test",
    "xyz",
];
/// Endings of two letters that are usual for files. All others are countries.
const FILE_ENDINGS: &[&str] =
    &["cc", "cs", "go", "js", "kt", "md", "mk", "pl", "ps", "py", "rb", "rs", "sh", "ts", "vb"];
/// Directories at the top of a file system, and where users have their files.
const TOP_DIRECTORIES: &[&str] = &[
    "home",
    "users",
    "root",
    "srv",
    "var",
    "tmp",
    "etc",
    "opt",
    "mnt",
    "usr",
    "private",
    "volumes",
    "media",
    "workspace",
    "workspaces",
    "documents",
    "desktop",
];
/// Endings of names of files that a path may lead to. Names of models have slashes, too.
const PATH_ENDINGS: &[&str] = &[
    "c", "cc", "conf", "cpp", "cs", "css", "csv", "doc", "docx", "env", "go", "h", "html", "ini",
    "ipynb", "java", "js", "json", "jsx", "key", "kt", "lock", "log", "md", "pdf", "pem", "php",
    "ppt", "pptx", "py", "rb", "rs", "sh", "sql", "swift", "tf", "toml", "ts", "tsx", "txt", "vue",
    "xls", "xlsx", "xml", "yaml", "yml",
];
/// A longer number may be a phone number, an account or a time in milliseconds. A date has eight
/// digits.
const MAX_DIGITS: usize = 8;
/// More digits in short runs may be a phone number.
const MAX_SEPARATED_DIGITS: usize = 9;
const MAX_SHORT_RUN: usize = 5;
/// The digits of a number that is written in groups and identifies a person, such as 123-45-6789.
const PERSONAL_GROUPS: [usize; 3] = [3, 2, 4];
/// A longer run of hexadecimal digits may be a hash or an id.
const MAX_HEX_DIGITS: usize = 15;

/// Whether `text` contains an e-mail address, a path, a URL, the name or the address of a host, a
/// UUID, or a long number.
pub(super) fn is_private(text: &str) -> bool {
    has_address(text)
        || has_path(text)
        || has_url(text)
        || has_host(text)
        || has_ip_address(text)
        || has_long_number(text)
}

/// Whether `text` contains an e-mail address, or the part of one that begins with `@`.
pub(super) fn has_address(text: &str) -> bool {
    text.match_indices('@').any(|(at, _)| {
        let rest = text[at + 1..].trim_start();
        let end = rest.find(|c| !is_host_character(c)).unwrap_or(rest.len());
        let domain = rest[..end].trim_matches('.');
        domain.rsplit_once('.').is_some_and(|(_, top)| is_top_of_address(top))
    })
}

fn is_top_of_address(top: &str) -> bool {
    top.chars().count() > 1 && top.chars().any(char::is_alphabetic)
}

fn is_host_character(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '.' || c == '_'
}

/// A slash at the beginning of a word, a backslash, a home directory, or a drive of Windows.
fn has_path(text: &str) -> bool {
    if text.contains('\\') || text.contains("../") || text.contains("./") {
        return true;
    }
    let is_outside_word =
        |before: Option<char>| before.is_none_or(|c| !(c.is_alphanumeric() || "-.@)]".contains(c)));
    let mut before = None;
    let mut before_that = None;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let next = characters.peek().copied();
        let is_drive = |drive: Option<char>| drive.is_some_and(|c| c.is_ascii_alphabetic());
        let starts_path = match c {
            '/' => {
                is_outside_word(before) && next.is_some()
                    || before == Some(':') && is_drive(before_that)
            }
            '~' => is_outside_word(before) && next.is_none_or(|c| c == '/' || c.is_alphanumeric()),
            '$' | '%' => {
                next.is_some_and(|c| c == '{' || c.is_ascii_alphabetic()) && text.contains('/')
            }
            _ => false,
        };
        if starts_path {
            return true;
        }
        before_that = before;
        before = Some(c);
    }
    let leads_to_file = |path: &str| {
        let ending = path.rsplit_once('/').and_then(|(_, name)| name.rsplit_once('.'));
        ending.is_some_and(|(_, it)| PATH_ENDINGS.iter().any(|end| it.eq_ignore_ascii_case(end)))
    };
    if text.split(|c: char| !(c.is_alphanumeric() || "-_./@".contains(c))).any(leads_to_file) {
        return true;
    }
    let mut parts = text.split('/').peekable();
    while let Some(part) = parts.next() {
        let is_end_of_word = |c: char| !(c.is_alphanumeric() || "-_.".contains(c));
        let word = part.rsplit(is_end_of_word).next().unwrap_or(part);
        let is_top = TOP_DIRECTORIES.iter().any(|top| word.eq_ignore_ascii_case(top));
        if is_top && parts.peek().is_some() {
            return true;
        }
    }
    false
}

fn has_url(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let begins_word = |start: &str| {
        let mut found = lower.match_indices(start);
        found.any(|(at, _)| !lower[..at].ends_with(char::is_alphanumeric))
    };
    text.contains("://") || ["file:", "mailto:", "www."].into_iter().any(begins_word)
}

/// Words that can be parts of host names: letters of any script, digits and `-._`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !is_host_character(c)).filter(|word| !word.is_empty())
}

fn has_host(text: &str) -> bool {
    words(text).any(|word| {
        let word = word.trim_matches(['.', '-', '_']);
        if word.split('_').any(|word| word.eq_ignore_ascii_case("localhost")) {
            return true;
        }
        let Some((name, ending)) = word.rsplit_once('.') else { return false };
        let lower = ending.to_lowercase();
        let is_country = lower.len() == 2
            && lower.bytes().all(|byte| byte.is_ascii_lowercase())
            && !FILE_ENDINGS.contains(&lower.as_str());
        let is_ending = is_country || HOST_ENDINGS.contains(&lower.as_str());
        // `xn--` begins a label in another script.
        let has_name = name.chars().any(char::is_alphabetic);
        has_name && is_ending || word.split('.').any(|label| label.starts_with("xn--"))
    })
}

fn has_ip_address(text: &str) -> bool {
    let is_number = |part: &str| part.len() <= 3 && part.parse::<u8>().is_ok();
    let dotted = text.split(|c: char| !(c.is_ascii_digit() || c == '.'));
    let mut dotted = dotted.map(|word| word.trim_matches('.'));
    let is_v4 = |word: &str| word.split('.').count() >= 4 && word.split('.').all(is_number);
    if dotted.any(is_v4) {
        return true;
    }
    // With hyphens, as in the names of virtual machines.
    let has_octets =
        text.split(|c: char| !(c.is_ascii_digit() || c == '-' || c == '_')).any(|word| {
            let octets = word.split(['-', '_']).filter(|part| !part.is_empty());
            octets.clone().count() >= 4 && octets.clone().all(is_number)
        });
    has_octets || has_colons_or_hexadecimal_pairs(text)
}

/// An IPv6 address, or the address of a network card.
fn has_colons_or_hexadecimal_pairs(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_hexdigit() || c == ':' || c == '-';
    let mut start = 0;
    while let Some(at) = text[start..].find(is_part) {
        let rest = &text[start + at..];
        let word = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
        let is_within_word = text[..start + at].ends_with(char::is_alphanumeric)
            || rest[word.len()..].starts_with(char::is_alphanumeric);
        start += at + word.len();
        let is_group = |part: &&str| part.len() <= 4 && !part.is_empty();
        let groups = word.split(':').filter(is_group).count();
        let all = word.split(':').count();
        // `acme::deploy` is a name: there are other letters around it.
        let is_short_v6 = word.contains("::") && groups >= if is_within_word { 3 } else { 1 };
        let is_v6 = all >= 3 && (is_short_v6 || groups >= 4);
        let is_mac = word.split('-').filter(|part| part.len() == 2).count() >= 6;
        if is_v6 || is_mac {
            return true;
        }
    }
    false
}

/// A long run of digits, many short ones as in a phone number, or a long run of hexadecimal digits as
/// in a UUID.
fn has_long_number(text: &str) -> bool {
    // The digits of this run, of all runs since the last letter, and whether those are all short.
    let (mut run, mut all, mut are_short) = (0, 0, true);
    let (mut hex, mut hex_has_digit) = (0, false);
    // Whether the digits begin as a phone number does. A version has dots.
    let (mut before, mut begins_phone) = (None, false);
    for c in text.chars() {
        if c.is_numeric() {
            if all == 0 {
                begins_phone = before == Some('+') || c == '0';
            }
            run += 1;
            all += 1;
            are_short &= run <= MAX_SHORT_RUN;
        } else {
            run = 0;
            begins_phone &= c != '.';
            if !"- .()/+_,".contains(c) {
                (all, are_short) = (0, true);
            }
        }
        before = Some(c);
        if c.is_ascii_hexdigit() {
            hex += 1;
            hex_has_digit |= c.is_ascii_digit();
        } else if c != '-' {
            (hex, hex_has_digit) = (0, false);
        }
        let is_phone = are_short && all > MAX_SEPARATED_DIGITS || begins_phone && all > MAX_DIGITS;
        if run > MAX_DIGITS || is_phone || hex > MAX_HEX_DIGITS && hex_has_digit {
            return true;
        }
    }
    has_personal_groups(text)
}

fn has_personal_groups(text: &str) -> bool {
    let mut words = text.split(|c: char| !(c.is_ascii_digit() || c == '-'));
    words.any(|word| word.split('-').map(str::len).eq(PERSONAL_GROUPS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_identifies_is_private_anywhere_in_a_text() {
        for text in [
            "mika@corp.example",
            "mika@corp.example:deploy",
            "mika@corp.example/deploy",
            "\"mika@corp.example\"",
            "mika@corp.xn--p1ai",
            "Me <me@corp.example>",
            "file:///srv/x",
            "D:/clients/acme/model.gguf",
            "C:\\x",
            " /srv/clients",
            "(/srv/x)",
            "$HOME/clients",
            "~/own",
            "~mika/own",
            "../own",
            "home/me/bin",
            "Users/me/x",
            "x=/etc/x",
            "\\\\server\\share",
            "//server/share",
            "https://x",
            "run http://a b",
            "www.acme.com",
            "build.corp.example",
            "mikas-laptop.local",
            "localhost",
            "db.acme.internal:5432",
            "api.acme.ch",
            "10.0.0.7",
            "ip-10-0-3-17",
            "host_10_0_3_17",
            "at 192.168.1.20:80",
            "fe80::1",
            "::1",
            "2001:db8:0:0:0:0:0:1",
            "00:11:22:33:44:55",
            "00-11-22-33-44-55",
            "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
            "d670460b4b4aece5915caf5c68d12f560a9fe3e4",
            "+41 79 123 45 67",
            "+41791234567",
            "acct-123456789",
            "1,234,567,890",
            "open file:mika",
            "acme_localhost",
            "mika @corp.zone",
            "mika @ corp.zone",
            "+41 79 1234567",
            "079 12345678",
            "123-45-6789",
            "src/clients/acme/secret.ts",
            "read clients/acme.xlsx now",
            "acme:home/me/x",
            "run Users/me/x",
            "acme_/srv/x",
            "1787205800000",
        ] {
            assert!(is_private(text), "{text}");
        }
    }

    #[test]
    fn usual_names_are_not_private() {
        for text in [
            "gpt-5.5",
            "claude-opus-4.6",
            "claude-3-5-sonnet-20241022",
            "acme-7b",
            "acme:ship",
            "instruments/acme/models/own-7b",
            "@acme/deploy",
            "home",
            "a@b",
            "mcp__acme__refund",
            "node.js",
            "acme-0.12.20250514",
            "models/acme-7b.gguf",
            "2025-11-28",
            "v2.acme",
            "acme deploy tool",
            "eu.acme-v1:0",
            "claude-opus-4-20250514",
            "acme-4-7-20250514",
            "llama3.1:8b",
            "qwen2.5-coder",
            "Q4_K_M.gguf",
            "feature-cafe",
            "deployment",
            "漢字",
            "eu-west-1",
            "1.2.3",
            "profile:mika",
            "smart-home/lamp",
            "list_users/all",
            "ft:gpt-4o-mini-2024-07-18:acme::abc1",
            "ft:gpt-4o-mini-2024-07-18:acme::7p4lURel",
            "us.meta.llama3-3-70b-instruct-v1:0",
            "Meta-Llama-3.1-8B-Instruct.Q4_K_M.gguf",
            "openrouter/acme/deepseek-chat-v3.1:free",
            "accounts/fireworks/models/llama-v3p1-405b-instruct",
            "github.create_issue",
            "str_replace_based_edit_tool_20250728",
            "acme::deploy",
            "std::vec",
            "eu.anthropic.claude-opus-4-5-20250101-v1:0",
            "qwen2.5-coder:7b",
            "claude-opus-4.6",
            "functions.exec",
            "mcp__acme_docs__search_2",
            "task-getAllProjectMembersOfTeam",
        ] {
            assert!(!is_private(text), "{text}");
        }
    }
}
