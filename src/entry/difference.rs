//! How far the host's own figures of a call are from the exported ones.

use crate::entry::usage::Usage;

/// A figure that both the host and the response report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComparedFigure {
    /// Uncached input tokens.
    Input,
    /// Output tokens.
    Output,
    /// Input tokens read from a cache.
    CacheRead,
    /// Input tokens written to a cache.
    CacheCreation,
    /// US dollars.
    Cost,
}

impl ComparedFigure {
    /// All figures, in the order of their values.
    pub const ALL: [Self; 5] =
        [Self::Input, Self::Output, Self::CacheRead, Self::CacheCreation, Self::Cost];

    /// The name in the drift log and in a report.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
            Self::CacheRead => "cache_read",
            Self::CacheCreation => "cache_creation",
            Self::Cost => "cost",
        }
    }
}

/// The sums of one figure over the turns in which it differs: tokens, or US dollars.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// In how many turns it differs.
    pub turns: u64,
    /// What the host reports for these turns.
    pub host: f64,
    /// What is exported for these turns.
    pub response: f64,
}

impl Difference {
    fn plus(self, other: Self) -> Self {
        Self {
            turns: self.turns.saturating_add(other.turns),
            host: (self.host + other.host).min(f64::MAX),
            response: (self.response + other.response).min(f64::MAX),
        }
    }
}

/// The difference of each figure, as far as there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Differences([Option<Difference>; ComparedFigure::ALL.len()]);

impl Differences {
    /// Compares the token counts of one turn. A count that one of the two lacks does not differ.
    #[expect(clippy::cast_precision_loss, reason = "a count of tokens is far below 2^53")]
    pub(super) fn of_tokens(host: &Usage, response: &Usage) -> Self {
        let mut all = Self::default();
        for (figure, host, response) in [
            (ComparedFigure::Input, host.input, response.input),
            (ComparedFigure::Output, host.output, response.output),
            (ComparedFigure::CacheRead, host.cache_read, response.cache_read),
            (ComparedFigure::CacheCreation, host.written(), response.written()),
        ] {
            if let (Some(host), Some(response)) = (host, response)
                && host != response
            {
                all.add_one(figure, host as f64, response as f64);
            }
        }
        all
    }

    /// Adds the figure of one turn, in which it differs.
    pub(super) fn add_one(&mut self, figure: ComparedFigure, host: f64, response: f64) {
        self.add(figure, Difference { turns: 1, host, response });
    }

    /// Adds the difference of a figure in other turns.
    pub fn add(&mut self, figure: ComparedFigure, difference: Difference) {
        let sum = &mut self.0[figure as usize];
        *sum = Some(sum.map_or(difference, |sum| sum.plus(difference)));
    }

    /// Adds all differences of other turns.
    pub fn add_all(&mut self, others: Self) {
        for (figure, difference) in others.iter() {
            self.add(figure, difference);
        }
    }

    /// The figures that differ.
    pub fn iter(&self) -> impl Iterator<Item = (ComparedFigure, Difference)> + use<> {
        let all = ComparedFigure::ALL.into_iter().zip(self.0);
        all.filter_map(|(figure, difference)| Some((figure, difference?)))
    }

    /// Whether no figure differs.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The difference of the cost, without those of token counts.
    #[must_use]
    pub fn cost_only(mut self) -> Self {
        self.0[..ComparedFigure::Cost as usize].fill(None);
        self
    }

    /// The differences of token counts, without that of the cost.
    #[must_use]
    pub fn tokens_only(mut self) -> Self {
        self.0[ComparedFigure::Cost as usize] = None;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::usage::CacheCreation;

    #[test]
    fn only_counts_that_both_report_differ() {
        let host = Usage {
            input: Some(10),
            output: Some(5),
            cache_read: None,
            cache_creation: Some(CacheCreation::Total(7)),
        };
        let response = Usage {
            input: Some(40),
            output: None,
            cache_read: Some(9),
            cache_creation: Some(CacheCreation::Split { five_minutes: 3, one_hour: 4 }),
        };
        let found: Vec<_> = Differences::of_tokens(&host, &response).iter().collect();
        let expected = Difference { turns: 1, host: 10.0, response: 40.0 };
        assert_eq!(found, [(ComparedFigure::Input, expected)]);
    }

    #[test]
    fn differences_add_up_by_figure() {
        let mut sum = Differences::default();
        for (figure, host, response) in [
            (ComparedFigure::Output, 31.0, 420.0),
            (ComparedFigure::Cost, 0.5, 1.5),
            (ComparedFigure::Output, 1.0, 2.0),
        ] {
            let mut one = Differences::default();
            one.add_one(figure, host, response);
            sum.add_all(one);
        }
        let output = Difference { turns: 2, host: 32.0, response: 422.0 };
        let cost = Difference { turns: 1, host: 0.5, response: 1.5 };
        assert_eq!(
            sum.tokens_only().iter().collect::<Vec<_>>(),
            [(ComparedFigure::Output, output)]
        );
        assert_eq!(sum.cost_only().iter().collect::<Vec<_>>(), [(ComparedFigure::Cost, cost)]);
    }
}
