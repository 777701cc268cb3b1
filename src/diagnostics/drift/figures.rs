//! How far figures differ, as JSON: one object for each figure, both in the drift log and in a
//! report.

use crate::entry::{ComparedFigure, Difference, Differences};
use serde::{Deserialize, Serialize, Serializer};
use std::borrow::Cow;

/// One figure. `ccxray` is what the host reports.
#[derive(Serialize, Deserialize)]
pub(super) struct FigureFields<'a> {
    figure: Cow<'a, str>,
    turns: u64,
    ccxray: Amount,
    response: Amount,
}

impl FigureFields<'_> {
    /// All figures that differ.
    pub(super) fn of(differences: Differences) -> impl Iterator<Item = Self> {
        differences.iter().map(|(figure, Difference { turns, host, response })| Self {
            figure: figure.as_str().into(),
            turns,
            ccxray: Amount(host),
            response: Amount(response),
        })
    }

    /// Adds the figure to `differences`, unless it is one of a later version.
    pub(super) fn add_to(&self, differences: &mut Differences) {
        if let Some(figure) = ComparedFigure::ALL.into_iter().find(|it| it.as_str() == self.figure)
        {
            let Self { turns, ccxray: Amount(host), response: Amount(response), .. } = *self;
            differences.add(figure, Difference { turns, host, response });
        }
    }

    /// Whether this package can have written it.
    pub(super) fn is_ours(&self) -> bool {
        self.ccxray.0 >= 0.0 && self.response.0 >= 0.0
    }
}

/// For `serialize_with`: a list of the figures that differ.
pub(super) fn serialize<S: Serializer>(
    differences: &Differences,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(FigureFields::of(*differences))
}

/// Tokens or US dollars. A whole number is written without a fraction.
#[derive(Clone, Copy, Deserialize)]
#[serde(transparent)]
struct Amount(f64);

impl Serialize for Amount {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a whole number that f64 represents exactly"
    )]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const MAX_EXACT: f64 = 9_007_199_254_740_992.0;
        let Self(amount) = *self;
        if amount.fract() == 0.0 && (0.0..=MAX_EXACT).contains(&amount) {
            serializer.serialize_u64(amount as u64)
        } else {
            serializer.serialize_f64(amount)
        }
    }
}
