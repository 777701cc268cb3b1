//! The iterations of a call: the parts of a call that the upstream bills one by one.
//!
//! A call has several if the server summarises the conversation first, if a model asks a second one
//! for advice, or if a second model takes over. Their sum is what the call costs.

use crate::entry::lenient::{Count, JsonText, Lenient, Object, not_reported, skip_map};
use crate::entry::token_counts::{CacheCreationFields, tokens};
use crate::entry::usage::{CacheCreation, ModelUsage, Usage};
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Further models of one call are counted together, without their names.
const MAX_MODELS: usize = 8;

/// The iterations of a call, added up by model.
#[derive(Clone, Debug, Default)]
pub(super) struct Iterations {
    models: Vec<ModelIterations>,
    /// The sum of the models beyond the limit.
    further: Option<Usage>,
    /// The newest iteration with a count.
    last: Usage,
    /// A count was refused: it is not a count, or a sum is too large to be true.
    has_refused: bool,
}

/// The iterations of one model.
#[derive(Clone, Debug)]
struct ModelIterations {
    /// `None` if the iterations name no model: then it is the entry's.
    model: Option<String>,
    sum: Usage,
    /// How many iterations of any model there were before the newest one of this model.
    position: u64,
    /// The context of the newest iteration that shows it, in tokens.
    context_tokens: Option<u64>,
}

/// The iterations of a call, divided by whether they are of the entry's model.
pub(super) struct DividedIterations {
    /// The sum of the own ones. `None` if there are none, or if none has used a token.
    pub(super) own: Option<Usage>,
    /// The context of the newest own iteration that shows it, in tokens.
    pub(super) context_tokens: Option<u64>,
    /// The sums of the other models that have used tokens.
    pub(super) others: Vec<ModelUsage>,
}

impl Iterations {
    /// Whether no iteration has used a token.
    pub(super) fn is_empty(&self) -> bool {
        !self.models.iter().any(|it| it.sum.is_used()) && self.further.is_none()
    }

    /// Whether a count of an iteration was refused.
    pub(super) fn has_refused(&self) -> bool {
        self.has_refused
    }

    /// Whether `usage` has the input and output of the newest iteration.
    pub(super) fn ends_with(&self, usage: &Usage) -> bool {
        (self.last.input, self.last.output) == (usage.input, usage.output)
    }

    /// Divides the iterations by whether `is_own` is true for their model.
    pub(super) fn divide(&self, is_own: impl Fn(&str) -> bool) -> DividedIterations {
        let (own, others): (Vec<_>, Vec<_>) =
            self.models.iter().partition(|it| it.model.as_deref().is_none_or(&is_own));
        let newest =
            own.iter().filter(|it| it.context_tokens.is_some()).max_by_key(|it| it.position);
        let sum = own.iter().map(|it| it.sum).reduce(Usage::plus);
        let others = others.into_iter().map(|it| (it.model.clone(), it.sum));
        let further = self.further.map(|sum| (None, sum));
        DividedIterations {
            own: sum.map(Usage::bounded).filter(Usage::is_used),
            context_tokens: newest.and_then(|it| it.context_tokens),
            others: others
                .chain(further)
                .map(|(model, sum)| ModelUsage { model, usage: sum.bounded() })
                .filter(|it| it.usage.is_used())
                .collect(),
        }
    }

    /// Adds an iteration of `model`, which is the one at `position` in the list. `context_tokens` is
    /// the context that it shows.
    fn add(
        &mut self,
        model: Option<&str>,
        usage: Usage,
        context_tokens: Option<u64>,
        position: u64,
    ) {
        if usage.is_empty() {
            return;
        }
        self.last = usage;
        if let Some(known) = self.models.iter_mut().find(|it| it.model.as_deref() == model) {
            known.sum = known.sum.plus(usage);
            self.has_refused |= known.sum != known.sum.bounded();
            if context_tokens.is_some() {
                (known.context_tokens, known.position) = (context_tokens, position);
            }
        } else if self.models.len() < MAX_MODELS || model.is_none() {
            let model = model.map(str::to_owned);
            self.models.push(ModelIterations { model, sum: usage, position, context_tokens });
        } else {
            self.further = Some(self.further.map_or(usage, |sum| sum.plus(usage)));
        }
    }
}

/// One element of the list.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Iteration<'a> {
    #[serde(rename = "type", borrow)]
    kind: Lenient<JsonText<'a>>,
    #[serde(borrow)]
    model: Lenient<JsonText<'a>>,
    input_tokens: Option<Lenient<Count>>,
    output_tokens: Option<Lenient<Count>>,
    cache_read_input_tokens: Option<Lenient<Count>>,
    cache_creation_input_tokens: Option<Lenient<Count>>,
    cache_creation: Object<CacheCreationFields>,
}

impl Iteration<'_> {
    /// Whether it is a request of the conversation, and not one for a summary or for advice. Only such
    /// a one shows how full the context is.
    fn is_of_conversation(&self) -> bool {
        self.kind.text().is_none_or(|kind| kind == "message")
    }

    fn usage(&self) -> Usage {
        let count = |field: &Option<Lenient<Count>>| field.as_ref().and_then(tokens);
        let split = self.cache_creation.0.as_ref().and_then(CacheCreationFields::split);
        let written = count(&self.cache_creation_input_tokens);
        Usage {
            input: count(&self.input_tokens),
            output: count(&self.output_tokens),
            cache_read: count(&self.cache_read_input_tokens),
            cache_creation: CacheCreation::reported(written, split),
        }
    }

    /// Whether a field has a value that is not a count. `null` is only "not reported".
    fn has_invalid_count(&self) -> bool {
        let fields = [
            &self.input_tokens,
            &self.output_tokens,
            &self.cache_read_input_tokens,
            &self.cache_creation_input_tokens,
        ];
        fields.into_iter().flatten().any(|field| tokens(field).is_none())
    }
}

impl<'de> Deserialize<'de> for Iterations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IterationsVisitor).map(Option::unwrap_or_default)
    }
}

struct IterationsVisitor;

impl<'de> Visitor<'de> for IterationsVisitor {
    type Value = Option<Iterations>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut iterations = Iterations::default();
        let mut position = 0;
        while let Some(Object(element)) = seq.next_element::<Object<Iteration<'_>>>()? {
            if let Some(iteration) = element {
                iterations.has_refused |= iteration.has_invalid_count();
                let usage = iteration.usage();
                let context = usage.context_tokens().filter(|_| iteration.is_of_conversation());
                iterations.add(iteration.model.text(), usage, context, position);
            }
            position += 1;
        }
        Ok(Some(iterations))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        skip_map(map).map(|()| None)
    }

    not_reported!();
}
