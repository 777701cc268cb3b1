//! What a call used and cost.
//!
//! The counts of a complete response are exported. A count that it does not report, or all counts
//! if there is no complete response, are those of the host.

use crate::catalog;
use crate::entry::difference::{ComparedFigure, Differences};
use crate::entry::host_price::HostPrice;
use crate::entry::parsed_entry::ParsedEntry;
use crate::entry::provider::ModelProvider;
use crate::entry::response_facts::ResponseFacts;
use crate::entry::turn::Cost;
use crate::entry::usage::{ModelUsage, Usage};
use crate::entry::usage_block::{CallUsage, UsageBlock};

/// A smaller relative difference of two prices is one of rounding.
const ROUNDING: f64 = 1e-9;

/// What a call used and cost.
pub(super) struct Spending {
    /// The tokens of the entry's model. `None` if they were not reported, or if they can be those
    /// of another turn.
    pub(super) usage: Option<Usage>,
    /// The tokens of other models within the call.
    pub(super) other_usage: Vec<ModelUsage>,
    /// The used part of the context window, in tokens.
    pub(super) context_tokens: Option<u64>,
    pub(super) cost: Cost,
    /// How far the host's figures are from the ones here.
    pub(super) differences: Differences,
}

impl ParsedEntry<'_> {
    pub(super) fn spending(&self, provider: ModelProvider) -> Spending {
        let mut spending = Spending {
            usage: None,
            other_usage: Vec::new(),
            context_tokens: None,
            cost: Cost::NotReported,
            differences: Differences::default(),
        };
        let chat_names = reads_chat_names(provider);
        let Some(CallUsage { own, others, context_tokens }) =
            self.call_usage(provider).filter(|_| self.has_own_numbers())
        else {
            return spending;
        };
        let price = HostPrice::read(self.host.cost);
        let stated = self.host.usage.0.as_ref().map(|block| block.stated_usage(chat_names));
        // The host cannot have priced a count that it does not have.
        let is_priced_by_host = stated.unwrap_or_default().has_counts_of(&own);
        spending.cost =
            if is_priced_by_host { hosts_cost(price, &own) } else { own_cost(price, &own) };
        if let Some(stated) = stated {
            let all = others.iter().fold(own, |sum, other| sum.plus(other.usage));
            spending.differences = Differences::of_tokens(&stated, &all);
        }
        let exported = match spending.cost {
            Cost::Usd(usd) => Some(usd),
            Cost::NotReported if !is_priced_by_host => Some(0.0),
            Cost::NotReported | Cost::Unpriced => None,
        };
        if let (Some(host), Some(usd)) = (price.usd, exported)
            && (host - usd).abs() > ROUNDING * host.max(usd)
        {
            spending.differences.add_one(ComparedFigure::Cost, host, usd);
        }
        spending.usage = Some(own);
        spending.other_usage = others;
        spending.context_tokens = context_tokens.or(own.context_tokens());
        spending
    }

    /// The tokens of the response, and for each count that it lacks those of the host.
    fn call_usage(&self, provider: ModelProvider) -> Option<CallUsage> {
        let model = self.host.model.text();
        let chat_names = reads_chat_names(provider);
        let by_model =
            |block: &UsageBlock| block.call_usage(|name| is_model(model, name), chat_names);
        let response = self.facts().and_then(ResponseFacts::complete_usage).map(by_model);
        let host = self.host.usage.0.as_ref().map(by_model);
        match (response, host) {
            (Some(mut response), Some(host)) if response.is_reported() => {
                response.own = filled(response.own, host.own, provider);
                Some(response)
            }
            (Some(response), None) if response.is_reported() => Some(response),
            (_, host) => host,
        }
    }
}

/// The counts of the response, and for each one that it lacks that of the host. On the Responses
/// wire the response's input contains the cached parts, so those of the host are part of it, too.
fn filled(response: Usage, host: Usage, provider: ModelProvider) -> Usage {
    let missing = |response: Option<u64>, host: Option<u64>| host.filter(|_| response.is_none());
    let parts = [
        missing(response.cache_read, host.cache_read),
        missing(response.written(), host.written()),
    ];
    let parts = parts.into_iter().flatten().fold(0, u64::saturating_add);
    let contains_parts = provider != ModelProvider::Anthropic;
    let without_parts = |input: &u64| input.checked_sub(parts).filter(|_| contains_parts);
    let input = response.input.as_ref().and_then(without_parts).or(response.input);
    Usage { input, ..response }.or(host)
}

/// Whether usage blocks can have the names of chat completions: not on Anthropic's wire.
pub(super) fn reads_chat_names(provider: ModelProvider) -> bool {
    provider != ModelProvider::Anthropic
}

/// Whether `name` is the entry's model, in any spelling.
fn is_model(model: Option<&str>, name: &str) -> bool {
    let Some(model) = model else { return true };
    let family = catalog::model_family;
    model.eq_ignore_ascii_case(name) || family(model).is_some_and(|it| family(name) == Some(it))
}

/// The price of tokens that the host has priced itself.
fn hosts_cost(price: HostPrice, usage: &Usage) -> Cost {
    // The host prices what it cannot read at zero.
    let is_readable = usage.input.is_some() || usage.output.is_some();
    match price.usd.filter(|usd| is_readable || *usd > 0.0) {
        Some(usd) => Cost::Usd(usd),
        None if usage.is_zero() => Cost::NotReported,
        None => Cost::Unpriced,
    }
}

/// The price of other tokens than the host has priced, at the host's rates.
fn own_cost(price: HostPrice, usage: &Usage) -> Cost {
    match price.rates.and_then(|rates| rates.price(usage)) {
        _ if usage.is_zero() => Cost::NotReported,
        Some(usd) => Cost::Usd(usd),
        None => Cost::Unpriced,
    }
}
