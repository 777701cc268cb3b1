//! Histograms with exponential buckets: their zero, and the difference between two collections.
//!
//! The SDK makes the buckets coarser when the range of the values grows. So two collections may have
//! different scales, and the finer one is made as coarse as the other one before they are compared.
//!
//! Source: <https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram>

use opentelemetry_proto::tonic::metrics::v1::ExponentialHistogramDataPoint;
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;

/// The cumulative value of one series.
#[derive(Clone, Debug)]
pub(super) struct ExponentialTotal {
    count: u64,
    sum: Option<f64>,
    scale: i32,
    zero_count: u64,
    positive: Option<Buckets>,
    negative: Option<Buckets>,
}

impl ExponentialTotal {
    /// The value of a data point.
    pub(super) fn of(point: &ExponentialHistogramDataPoint) -> Self {
        let ExponentialHistogramDataPoint { count, sum, scale, zero_count, .. } = *point;
        let (positive, negative) = (point.positive.clone(), point.negative.clone());
        Self { count, sum, scale, zero_count, positive, negative }
    }

    /// Subtracts this value from a later one of the same series.
    pub(super) fn subtract_from(&self, point: &mut ExponentialHistogramDataPoint) {
        let scale = self.scale.min(point.scale);
        point.count = point.count.saturating_sub(self.count);
        point.sum = point.sum.zip(self.sum).map(|(now, then)| now - then);
        point.zero_count = point.zero_count.saturating_sub(self.zero_count);
        for (now, then) in
            [(&mut point.positive, &self.positive), (&mut point.negative, &self.negative)]
        {
            let Some(buckets) = now.as_mut() else { continue };
            *buckets = coarser(buckets, point.scale, scale);
            if let Some(then) = then {
                subtract(buckets, &coarser(then, self.scale, scale));
            }
        }
        point.scale = scale;
    }
}

/// The same series before its first value.
pub(super) fn zero(point: &mut ExponentialHistogramDataPoint) {
    point.count = 0;
    point.sum = point.sum.map(|_| 0.0);
    point.zero_count = 0;
    for buckets in [&mut point.positive, &mut point.negative].into_iter().flatten() {
        buckets.bucket_counts.fill(0);
    }
}

/// The buckets at a scale that is not greater. Each step halves the number of buckets.
fn coarser(buckets: &Buckets, from: i32, to: i32) -> Buckets {
    // A shift by all bits of an index leaves its sign.
    let shift = u32::try_from(from.saturating_sub(to)).unwrap_or(0).min(31);
    let offset = buckets.offset >> shift;
    let mut counts: Vec<u64> = Vec::new();
    for (index, count) in (buckets.offset..).zip(&buckets.bucket_counts) {
        let Ok(at) = usize::try_from((index >> shift) - offset) else { continue };
        if counts.len() <= at {
            counts.resize(at + 1, 0);
        }
        if let Some(total) = counts.get_mut(at) {
            *total = total.saturating_add(*count);
        }
    }
    Buckets { offset, bucket_counts: counts }
}

/// Subtracts bucket by bucket, at the same scale.
fn subtract(buckets: &mut Buckets, then: &Buckets) {
    for (index, count) in (then.offset..).zip(&then.bucket_counts) {
        let at = usize::try_from(i64::from(index) - i64::from(buckets.offset)).ok();
        if let Some(now) = at.and_then(|at| buckets.bucket_counts.get_mut(at)) {
            *now = now.saturating_sub(*count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A data point with these values, each in the bucket of its index at scale 0.
    fn point(indexes: &[i32], scale: i32) -> ExponentialHistogramDataPoint {
        let shift = u32::try_from(-scale).unwrap();
        let indexes: Vec<_> = indexes.iter().map(|index| index >> shift).collect();
        let offset = indexes.iter().min().copied().unwrap_or_default();
        let width =
            indexes.iter().max().map_or(0, |most| usize::try_from(most - offset).unwrap() + 1);
        let mut bucket_counts = vec![0; width];
        for index in &indexes {
            bucket_counts[usize::try_from(index - offset).unwrap()] += 1;
        }
        ExponentialHistogramDataPoint {
            count: indexes.len() as u64,
            sum: Some(indexes.iter().map(|_| 1.0).sum()),
            scale,
            positive: Some(Buckets { offset, bucket_counts }),
            ..ExponentialHistogramDataPoint::default()
        }
    }

    /// The buckets that are not empty.
    fn filled(point: &ExponentialHistogramDataPoint) -> Vec<(i32, u64)> {
        let buckets = point.positive.clone().unwrap_or_default();
        let counts = (buckets.offset..).zip(buckets.bucket_counts);
        counts.filter(|(_, count)| *count > 0).collect()
    }

    proptest! {
        #[test]
        fn a_difference_has_the_values_of_the_interval(
            before in prop::collection::vec(-60..60_i32, 0..20),
            during in prop::collection::vec(-60..60_i32, 0..20),
            (fine, coarse) in (0..4_i32, 0..4_i32),
        ) {
            let (then, now) = (-fine, -fine - coarse);
            let all: Vec<_> = before.iter().chain(&during).copied().collect();
            let mut difference = point(&all, now);
            ExponentialTotal::of(&point(&before, then)).subtract_from(&mut difference);
            let expected = point(&during, now);
            prop_assert_eq!(filled(&difference), filled(&expected));
            prop_assert_eq!(difference.count, expected.count);
            prop_assert_eq!(difference.sum, expected.sum);
            prop_assert_eq!(difference.scale, now);
        }
    }

    #[test]
    fn a_zero_has_no_values() {
        let mut it = point(&[1, 2, 3], 0);
        zero(&mut it);
        assert_eq!((it.count, it.sum, filled(&it)), (0, Some(0.0), vec![]));
    }
}
