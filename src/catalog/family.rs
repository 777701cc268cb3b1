//! Which family a model belongs to. Shared by `build.rs`, which tests the examples of the catalog,
//! and the look-up.

/// Longer names are compared only as they are written.
const MAX_SPELLING_BYTES: usize = 128;

/// The names that gateways and clouds put in front of a model's name, as in
/// `us.anthropic.claude-opus-5`, `openai:gpt-5.5` or `databricks-claude-sonnet-4`.
const VENDORS: &[&str] = &["anthropic", "openai", "xai", "x-ai", "databricks"];

/// The longest known family of a model: `claude-haiku-4-5-20251001` is of `claude-haiku-4-5`.
///
/// A model's name can have a route in front: everything before the last `/` is ignored. After the
/// family the name must end or continue with one of `-@:[`, so `gpt-50` is not of `gpt-5`. The
/// longest family wins, so `gpt-5.5-mini` is not of `gpt-5`. If no family has the name as it is
/// written, other published spellings of it are compared; see [`spellings`].
pub(crate) fn longest<T>(model: &str, known: impl Fn(&str) -> Option<T>) -> Option<T> {
    let name = model.rsplit('/').next().unwrap_or(model);
    as_written(name, &known).or_else(|| {
        let is_comparable = !name.is_empty() && name.len() <= MAX_SPELLING_BYTES;
        let names = if is_comparable { spellings(name) } else { Vec::new() };
        names.iter().find_map(|name| in_dashes(name, &known))
    })
}

/// The longest known family of which `model` is, as it is written.
fn as_written<T>(model: &str, known: &impl Fn(&str) -> Option<T>) -> Option<T> {
    ends(model).find_map(|end| known(&model[..end]))
}

/// The longest known family of which `model`, a name without dots, is. The family may have a dot
/// between two digits.
fn in_dashes<T>(model: &str, known: &impl Fn(&str) -> Option<T>) -> Option<T> {
    ends(model).find_map(|end| {
        let family = &model[..end];
        known(family).or_else(|| known(&with_dots(family)))
    })
}

/// Where a family can end in a model's name, the longest first.
fn ends(model: &str) -> impl Iterator<Item = usize> {
    let ends = model.rmatch_indices(['-', '@', ':', '[']).map(|(at, _)| at);
    std::iter::once(model.len()).chain(ends.filter(|end| !is_version(&model[*end..])))
}

/// The spellings of `name` to compare: in lower case, without the vendor in front, with `-` between
/// its words, and with the version behind the word as well as before it (`claude-4.6-opus` is
/// `claude-opus-4-6`, `claude-sonnet-3.7` is `claude-3-7-sonnet`).
fn spellings(name: &str) -> Vec<String> {
    let name = name.trim().to_ascii_lowercase();
    let name = without_vendor(&name).replace(['.', '_', ' '], "-");
    let mut found = Vec::with_capacity(2);
    if let Some((brand, rest)) = name.split_once('-') {
        let parts: Vec<&str> = rest.split('-').collect();
        let is_number = |part: &&&str| {
            (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        let numbers = parts.iter().take(2).take_while(is_number).count();
        let swapped = if brand.contains(|letter: char| letter.is_ascii_digit()) {
            None
        } else if numbers > 0 {
            parts.get(numbers).map(|word| (*word, &parts[..numbers], &parts[numbers + 1..]))
        } else {
            let numbers = parts.iter().skip(1).take(2).take_while(is_number).count();
            parts
                .split_first()
                .filter(|_| numbers > 0)
                .map(|(word, rest)| (*word, &rest[..numbers], &rest[numbers..]))
        };
        if let Some((word, version, rest)) = swapped {
            let version = version.join("-");
            let (first, second) =
                if numbers > 0 { (word, version.as_str()) } else { (version.as_str(), word) };
            let mut swapped = format!("{brand}-{first}-{second}");
            for part in rest {
                swapped.push('-');
                swapped.push_str(part);
            }
            found.push(swapped);
        }
    }
    found.insert(0, name);
    found
}

/// `name` without the vendor in front, and without a region in front of the vendor.
fn without_vendor(name: &str) -> &str {
    let rests = VENDORS.iter().filter_map(|vendor| {
        let (before, rest) = name.rsplit_once(vendor)?;
        let is_word = before.is_empty() || before.ends_with(['.', ':', '~']);
        let rest = rest.strip_prefix(['.', ':', '-', '_'])?;
        is_word.then(|| rest.trim_start_matches('-'))
    });
    rests.min_by_key(|rest| rest.len()).unwrap_or(name)
}

/// `name` with a dot for each dash between two digits.
fn with_dots(name: &str) -> String {
    let bytes = name.as_bytes();
    let is_digit =
        |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let spelled = name.char_indices().map(|(at, letter)| {
        let is_between = letter == '-' && is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
        if is_between { '.' } else { letter }
    });
    spelled.collect()
}

/// Whether a model's name continues with a version, as in the `-9` of `claude-opus-4-9`, which is
/// not of `claude-opus-4`. More than two digits are a date, and `-0` is the family itself.
fn is_version(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix('-') else { return false };
    let version = rest.split(['-', '@', ':', '[']).next().unwrap_or(rest);
    version != "0"
        && (1..=2).contains(&version.len())
        && version.bytes().all(|byte| byte.is_ascii_digit())
}
