//! Which family a model belongs to. Shared by `build.rs`, which tests the examples of the catalog,
//! and the look-up.

/// The longest known family of a model: `claude-haiku-4-5-20251001` is of `claude-haiku-4-5`.
///
/// A model's name can have a route in front: everything before the last `/`, or before a vendor's
/// `anthropic.`, is ignored. After the family the name must end or continue with one of `-@:[`, so
/// `gpt-50` is not of `gpt-5`. The longest family wins, so `gpt-5.5-mini` is not of `gpt-5`.
pub(crate) fn longest<T>(model: &str, known: impl Fn(&str) -> Option<T>) -> Option<T> {
    let model = model.rsplit('/').next().unwrap_or(model);
    let model = model.rsplit_once("anthropic.").map_or(model, |(_, model)| model);
    let ends = model.rmatch_indices(['-', '@', ':', '[']).map(|(at, _)| at);
    let ends = ends.filter(|end| !is_version(&model[*end..]));
    std::iter::once(model.len()).chain(ends).find_map(|end| known(&model[..end]))
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
