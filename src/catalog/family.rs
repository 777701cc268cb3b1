//! Which family a model belongs to. Shared with `build.rs`, which tries the catalog's examples.

/// The longest known family of a model: `claude-haiku-4-5-20251001` is `claude-haiku-4-5`.
///
/// Whatever stands before the last `/`, or before a vendor's `anthropic.`, is a route and not a
/// model. A family must be followed by the end or by one of `-@:[`, so `gpt-50` is no `gpt-5`. The
/// longest family wins: `gpt-5.5-mini` is no `gpt-5`.
pub(crate) fn longest<T>(model: &str, known: impl Fn(&str) -> Option<T>) -> Option<T> {
    let model = model.rsplit('/').next().unwrap_or(model);
    let model = model.rsplit_once("anthropic.").map_or(model, |(_, model)| model);
    let ends = model.rmatch_indices(['-', '@', ':', '[']).map(|(at, _)| at);
    let ends = ends.filter(|end| !is_version(&model[*end..]));
    std::iter::once(model.len()).chain(ends).find_map(|end| known(&model[..end]))
}

/// Whether a model's name goes on with a version: `-9` of `claude-opus-4-9`, which is no
/// `claude-opus-4`. More digits are a date, and `-0` is the family itself.
fn is_version(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix('-') else { return false };
    let word = rest.split(['-', '@', ':', '[']).next().unwrap_or(rest);
    word != "0" && (1..=2).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
}
