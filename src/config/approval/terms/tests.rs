use super::*;

fn terms(json: &str) -> ConsentTerms {
    let settings: ProjectSettings = serde_json::from_str(json).unwrap();
    let endpoint = settings.endpoint.as_ref().map(written).unwrap_or_default();
    ConsentTerms::of(Some(&settings), None, settings.tier.map(Level::number), endpoint)
}

const BASE: &str = r#"{"tier":1,"endpoint":"https://a.example","headers":{"x":"${A}"}}"#;

#[test]
fn every_change_of_what_is_sent_is_listed() {
    let base = terms(BASE);
    for (json, expected) in [
        (
            r#"{"tier":2,"endpoint":"https://a.example","headers":{"x":"${A}"}}"#,
            "the tier was 1 and is now 2",
        ),
        (
            r#"{"tier":1,"endpoint":"https://b.example","headers":{"x":"${A}"}}"#,
            "the endpoint was https://a.example and is now https://b.example",
        ),
        (
            r#"{"tier":1,"endpoint":"https://a.example","headers":{"x":"${B}"}}"#,
            "new header x=${B}; removed header x=${A}; new variable B@headers.x; removed variable A@headers.x",
        ),
        (
            r#"{"tier":1,"endpoint":"https://a.example","headers":{"x":"${A}","y":"${A}"}}"#,
            "new header y=${A}; new variable A@headers.y",
        ),
        (
            r#"{"tier":1,"endpoint":"https://a.example","headers":{"x":"${A}"},"resolution":"day"}"#,
            "the resolution was not set and is now day",
        ),
        (
            r#"{"tier":1,"endpoint":"https://a.example","headers":{"x":"${A}"},"names":"all"}"#,
            "\"names\" was known and is now all",
        ),
        (
            r#"{"tier":1,"endpoint":"https://a.example","headers":{"x":"${A}"},"known_names":["deploy"]}"#,
            "new known name deploy",
        ),
        (
            r#"{"tier":1,"endpoint":"https://a.example","headers":{"x":"${A}"},"project":"${HOME}"}"#,
            "new variable HOME@project",
        ),
        (
            r#"{"tier":1,"endpoint":"https://a.example","headers":{"x":"${A}"},"tls":{"key_file":"k"}}"#,
            "new certificate file key_file=k",
        ),
    ] {
        let changed = terms(json);
        assert_ne!(changed.hash(), base.hash(), "{json}");
        assert_eq!(changed.changes_since(&base).join("; "), expected);
    }
}

#[test]
fn an_approval_covers_a_coarser_resolution_and_no_finer_one() {
    let with = |tier: &str, resolution: &str| {
        let resolution = match resolution {
            "" => String::new(),
            set => format!(r#","resolution":"{set}""#),
        };
        terms(&format!(r#"{{"endpoint":"https://a.example"{tier}{resolution}}}"#))
    };
    let (tier_1, tier_2, no_tier) = (r#","tier":1"#, r#","tier":2"#, "");
    for (tier, approved, now, is_covered) in [
        (tier_1, "", "minute", true),
        (tier_1, "", "day", true),
        (tier_1, "minute", "", true),
        (tier_1, "day", "hour", false),
        (tier_1, "day", "", false),
        (tier_2, "", "minute", false),
        (tier_2, "", "hour", true),
        (tier_2, "hour", "day", true),
        // At tier 1, which the user can choose, nothing set means a minute.
        (tier_2, "hour", "", false),
        (tier_2, "minute", "hour", true),
        (no_tier, "", "minute", false),
        (no_tier, "", "day", true),
    ] {
        let approved = with(tier, approved).hash();
        let now = with(tier, now);
        let found = now.covering_hashes().any(|hash| hash == approved);
        assert_eq!(found, is_covered, "{now:?}");
    }
}

#[test]
fn other_settings_are_not_part_of_the_terms() {
    let json = r#"{"interval_seconds":5,"team":"x","headers":{"X":"${A}"},"endpoint":"https://a.example","tier":1}"#;
    assert_eq!(terms(json).headers, terms(BASE).headers);
    let same = json.replace("\"X\"", "\"x\"");
    assert_eq!(terms(&same).hash(), terms(BASE).hash());
}

#[test]
fn the_terms_are_listed_line_by_line() {
    let listed = terms(
        r#"{"tier":2,"endpoint":"https://${HOST}","headers":{"Authorization":"Bearer ${TOKEN}"},
            "project":"${NAME}","team":"${TEAM}","names":"all","known_names":["deploy","x y"],
            "resource_attributes":{"zone":"${ZONE}"},"tls":{"ca_file":"${CA}"}}"#,
    );
    assert_eq!(
        listed.text().split('\n').collect::<Vec<_>>(),
        [
            "Send: numbers with the name that you choose (tier 2)",
            "To: https://${HOST}",
            "How often: at most once an hour; at tier 1 in each interval",
            "With the headers: \"authorization=Bearer ${TOKEN}\"",
            "It will read your variable CA to find the certificate file of \"tls.ca_file\"",
            "It will read your variable HOST as a part of this address",
            "It will read your variable NAME and send it there as \"project.name\"",
            "It will read your variable TEAM and send it there as \"team\"",
            "It will read your variable TOKEN and send it there in the header \"Authorization\"",
            "It will read your variable ZONE and send it there as \"zone\"",
            "It will send the private names of tools, servers, skills, agents and models",
            "It will send these private names: deploy, \"x y\"",
            "It will use these certificate files: ca_file=${CA}",
            NEVER_SENT,
        ]
    );
    assert_eq!(
        terms(BASE).to_string(),
        "send anonymous numbers (tier 1) to https://a.example; with the headers: x=${A}; it will \
         read your variable A and send it there in the header \"x\""
    );
}
