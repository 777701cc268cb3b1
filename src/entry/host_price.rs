//! What the host says about the price of a call.

use crate::entry::lenient::{Lenient, Number, Object};
use crate::entry::usage::{CacheCreation, Usage};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A higher price of one call, in US dollars, is an error of its reporter. One such value would
/// make a cumulative sum useless until the process ends.
const MAX_USD: f64 = 1e6;
/// Rates are for this number of tokens.
const TOKENS_PER_RATE: f64 = 1e6;

/// The price of a call, as far as the host knows it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HostPrice {
    /// US dollars, from 0 to 1,000,000.
    pub(super) usd: Option<f64>,
    /// The rates from which the host computes it.
    pub(super) rates: Option<Rates>,
}

/// US dollars for one million tokens of each kind.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Rates {
    input: Lenient<Number>,
    output: Lenient<Number>,
    cache_create: Lenient<Number>,
    cache_read: Lenient<Number>,
}

impl HostPrice {
    /// Reads the field `cost`: `{cost, rates, …}`, `null`, or a number from older hosts.
    pub(super) fn read(cost: Option<&RawValue>) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Priced {
            cost: Lenient<Number>,
            rates: Object<Rates>,
        }
        let text = cost.map_or("null", RawValue::get);
        let priced = if text.starts_with('{') {
            serde_json::from_str(text)
        } else {
            let cost = serde_json::from_str(text);
            cost.map(|cost| Priced { cost, rates: Object(None) })
        };
        let Priced { cost, rates: Object(rates) } = priced.unwrap_or_default();
        Self { usd: cost.number().filter(|usd| is_price(*usd)), rates }
    }
}

impl Rates {
    /// The price of these tokens in US dollars; `None` if a rate that it needs is missing, or if
    /// the price is too high to be true. One-hour cache writes cost twice the input rate, and the
    /// host knows only the rate of five-minute writes.
    pub(super) fn price(&self, usage: &Usage) -> Option<f64> {
        let (written, one_hour) = match usage.cache_creation {
            Some(CacheCreation::Split { five_minutes, one_hour }) => (five_minutes, one_hour),
            Some(CacheCreation::Total(total)) => (total, 0),
            None => (0, 0),
        };
        let parts = [
            (usage.input.unwrap_or(0), self.input.number()),
            (usage.output.unwrap_or(0), self.output.number()),
            (usage.cache_read.unwrap_or(0), self.cache_read.number()),
            (written, self.cache_create.number()),
            (one_hour, self.input.number().map(|rate| 2.0 * rate)),
        ];
        let mut sum = 0.0;
        for (tokens, rate) in parts.into_iter().filter(|(tokens, _)| *tokens > 0) {
            #[expect(clippy::cast_precision_loss, reason = "a count of tokens is far below 2^53")]
            let tokens = tokens as f64;
            sum += tokens * rate.filter(|rate| is_price(*rate))?;
        }
        Some(sum / TOKENS_PER_RATE).filter(|usd| is_price(*usd))
    }
}

fn is_price(usd: f64) -> bool {
    (0.0..=MAX_USD).contains(&usd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::value::to_raw_value;
    use serde_json::{Value as Json, json};

    fn read(cost: &Json) -> HostPrice {
        HostPrice::read(Some(&to_raw_value(cost).unwrap()))
    }

    fn rates() -> Rates {
        let rates = json!({"input": 3, "output": 15, "cache_create": 3.75, "cache_read": 0.3});
        read(&json!({"cost": 1, "rates": rates})).rates.unwrap()
    }

    #[test]
    fn only_a_plausible_price_is_read() {
        for (cost, usd) in [
            (json!({"cost": 0.25, "rates": null}), Some(0.25)),
            (json!({"cost": null}), None),
            (json!({"cost": -1}), None),
            (json!({"cost": 1e300}), None),
            (json!(0.5), Some(0.5)),
            (json!(null), None),
            (json!([]), None),
        ] {
            assert_eq!(read(&cost).usd, usd, "{cost}");
        }
        assert_eq!(HostPrice::read(None).usd, None);
    }

    #[test]
    fn a_price_needs_the_rates_of_its_tokens_only() {
        let input = Usage { input: Some(1000), ..Usage::default() };
        for (rates, usd) in [
            (json!({"input": 3}), Some(0.003)),
            (json!({"input": 3, "output": null, "cache_read": -1}), Some(0.003)),
            (json!({"input": 0}), Some(0.0)),
            (json!({"output": 15}), None),
            (json!({"input": -3}), None),
            (json!({"input": 1e308}), None),
            (json!({"input": "three"}), None),
            (json!({}), None),
        ] {
            let read = read(&json!({"cost": 1, "rates": rates})).rates.unwrap();
            assert_eq!(read.price(&input), usd, "{rates}");
        }
    }

    #[test]
    fn one_hour_cache_writes_cost_twice_the_input() {
        let split = CacheCreation::Split { five_minutes: 1000, one_hour: 10_000 };
        let usage = Usage { cache_creation: Some(split), ..Usage::default() };
        assert!((rates().price(&usage).unwrap() - 0.063_75).abs() < 1e-12);
        let unknown = Usage { cache_creation: Some(CacheCreation::Total(11_000)), ..usage };
        assert!((rates().price(&unknown).unwrap() - 0.041_25).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn the_price_is_linear_in_the_tokens(
            a in prop::array::uniform5(0_u64..1_000_000),
            b in prop::array::uniform5(0_u64..1_000_000),
        ) {
            let usage = |[input, output, cache_read, five_minutes, one_hour]: [u64; 5]| Usage {
                input: Some(input),
                output: Some(output),
                cache_read: Some(cache_read),
                cache_creation: Some(CacheCreation::Split { five_minutes, one_hour }),
            };
            let price = |usage: Usage| rates().price(&usage).unwrap();
            let sum = price(usage(a).plus(usage(b)));
            prop_assert!((sum - price(usage(a)) - price(usage(b))).abs() < 1e-6);
        }
    }
}
