//! Fuzzes a string of a config file with any text: a string without variables stays as it is, and
//! the value of a variable is never shown.

use otel_native::config::{Template, Variables};

/// The fuzzer does not generate it by chance.
const VALUE: &str = "\u{1f511}value\u{1f511}";

pub(crate) fn check(written: &str) {
    let Ok(template) = Template::parse(written) else { return };
    assert_eq!(template.written(), written);
    let variables: Vec<String> = template.variables().map(str::to_owned).collect();
    let env: Variables = variables.iter().map(|name| (name.clone(), VALUE.to_owned())).collect();
    let text = template.fill_in(&env).expect("every variable is set");
    assert_eq!(text.is_filled_in(), !variables.is_empty());
    if !written.contains(VALUE) {
        assert_eq!(text.reveal().matches(VALUE).count(), variables.len());
        assert!(!format!("{text} {text:?} {template:?}").contains(VALUE));
    }
    if variables.is_empty() {
        assert_eq!(text.reveal(), written.replace("$${", "${"));
    } else {
        let unset = template.fill_in(&Variables::default()).expect_err("nothing is set");
        assert!(variables.contains(&unset.variable));
    }
}
