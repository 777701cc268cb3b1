//! What somebody may have meant who has misspelled a name.

/// The one of `choices` that somebody who wrote `written` may have meant.
pub(crate) fn nearest<'a>(written: &str, choices: &[&'a str]) -> Option<&'a str> {
    let alike = choices.iter().map(|choice| (strsim::jaro_winkler(written, choice), *choice));
    let best = alike.max_by(|(a, _), (b, _)| a.total_cmp(b));
    best.filter(|(alike, _)| *alike > 0.75).map(|(_, choice)| choice)
}

/// All of `choices`, in quotes.
pub(crate) fn one_of(choices: &[&str]) -> String {
    choices.iter().map(|choice| format!("\"{choice}\"")).collect::<Vec<_>>().join(" or ")
}
