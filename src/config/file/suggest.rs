//! Suggestions for misspelled names.

/// The one of `choices` that is most similar to `written`, if any is similar.
fn nearest<'a>(written: &str, choices: &[&'a str]) -> Option<&'a str> {
    let alike = choices.iter().map(|choice| (strsim::jaro_winkler(written, choice), *choice));
    let best = alike.max_by(|(a, _), (b, _)| a.total_cmp(b));
    best.filter(|(alike, _)| *alike > 0.75).map(|(_, choice)| choice)
}

/// Whether `written` is `name` with one letter wrong, missing, added or swapped.
pub(crate) fn is_misspelling(written: &str, name: &str) -> bool {
    written != name && strsim::osa_distance(&written.to_lowercase(), name) <= 1
}

/// Whether a similar name is suggested, or all of `choices`.
pub(crate) fn suggestion(written: &str, choices: &[&str]) -> String {
    match nearest(written, choices) {
        Some(nearest) => format!("Did you mean \"{nearest}\"?"),
        None => format!("Use one of {}.", choices.join(", ")),
    }
}

/// All of `choices`, in quotes.
pub(crate) fn one_of(choices: &[&str]) -> String {
    choices.iter().map(|choice| format!("\"{choice}\"")).collect::<Vec<_>>().join(" or ")
}
