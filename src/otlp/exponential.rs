//! Histograms with exponential buckets: their zero, and the difference between two collections.
//!
//! The SDK makes the buckets coarser when the range of the values grows. So two collections may have
//! different scales, and the finer one is made as coarse as the other one before they are compared.
//!
//! Source: <https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram>

use opentelemetry_proto::tonic::metrics::v1::ExponentialHistogramDataPoint;
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;

/// The most buckets of a sum: as many as the SDK makes.
const MAX_BUCKETS: i64 = 160;
/// The coarsest scale of the specification.
const MIN_SCALE: i32 = -10;

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

/// Adds the values of another part of the same series. Returns whether that was possible: values can be too far apart.
#[must_use]
pub(super) fn add(
    point: &mut ExponentialHistogramDataPoint,
    other: &ExponentialHistogramDataPoint,
) -> bool {
    let mut scale = point.scale.min(other.scale);
    loop {
        let both = |own: &Option<Buckets>, others: &Option<Buckets>| {
            let own = own.as_ref().map(|it| coarser(it, point.scale, scale));
            (own, others.as_ref().map(|it| coarser(it, other.scale, scale)))
        };
        let (positive, negative) =
            (both(&point.positive, &other.positive), both(&point.negative, &other.negative));
        let is_small = |(own, others): &(Option<Buckets>, Option<Buckets>)| {
            width(own.iter().chain(others)) <= MAX_BUCKETS
        };
        if is_small(&positive) && is_small(&negative) {
            let added = |(own, others): (Option<Buckets>, Option<Buckets>)| match (own, others) {
                (Some(own), Some(others)) => Some(union(&own, &others)),
                (own, others) => own.or(others),
            };
            (point.positive, point.negative) = (added(positive), added(negative));
            break;
        }
        if scale <= MIN_SCALE {
            return false;
        }
        scale -= 1;
    }
    point.scale = scale;
    point.count = point.count.saturating_add(other.count);
    point.sum = point.sum.zip(other.sum).map(|(a, b)| a + b);
    point.zero_count = point.zero_count.saturating_add(other.zero_count);
    true
}

/// How many buckets there are from the first to the last one.
fn width<'b>(buckets: impl Iterator<Item = &'b Buckets>) -> i64 {
    let ranges = buckets.filter(|it| !it.bucket_counts.is_empty()).map(|it| {
        let start = i64::from(it.offset);
        (start, start.saturating_add_unsigned(it.bucket_counts.len() as u64))
    });
    let (start, end) = ranges
        .fold((i64::MAX, i64::MIN), |(start, end), (from, to)| (start.min(from), end.max(to)));
    end.saturating_sub(start).max(0)
}

/// The counts of both, bucket by bucket, at the same scale.
fn union(a: &Buckets, b: &Buckets) -> Buckets {
    let [a, b] = [a, b].map(|it| (it.bucket_counts.is_empty(), it));
    let (first, second) = match (a, b) {
        ((true, _), (_, only)) | ((_, only), (true, _)) => return only.clone(),
        ((_, a), (_, b)) if a.offset <= b.offset => (a, b),
        ((_, a), (_, b)) => (b, a),
    };
    let mut counts = first.bucket_counts.clone();
    // There are few buckets from the first to the last one.
    let distance =
        usize::try_from(i64::from(second.offset) - i64::from(first.offset)).unwrap_or_default();
    counts.resize(counts.len().max(distance + second.bucket_counts.len()), 0);
    for (total, count) in counts.iter_mut().skip(distance).zip(&second.bucket_counts) {
        *total = total.saturating_add(*count);
    }
    Buckets { offset: first.offset, bucket_counts: counts }
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
    for (index, count) in (i64::from(buckets.offset)..).zip(&buckets.bucket_counts) {
        let Ok(at) = usize::try_from((index >> shift) - i64::from(offset)) else { continue };
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
    for (index, count) in (i64::from(then.offset)..).zip(&then.bucket_counts) {
        let at = usize::try_from(index - i64::from(buckets.offset)).ok();
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

    proptest! {
        #[test]
        fn a_sum_has_the_values_of_both(
            first in prop::collection::vec(-60..60_i32, 0..20),
            second in prop::collection::vec(-60..60_i32, 0..20),
            (a, b) in (0..4_i32, 0..4_i32),
        ) {
            let mut sum = point(&first, -a);
            prop_assert!(add(&mut sum, &point(&second, -b)));
            let all: Vec<_> = first.iter().chain(&second).copied().collect();
            let expected = point(&all, -a.max(b));
            prop_assert_eq!(filled(&sum), filled(&expected));
            prop_assert_eq!((sum.count, sum.sum, sum.scale), (expected.count, expected.sum, expected.scale));
        }
    }

    #[test]
    fn a_sum_of_distant_values_has_no_more_buckets_than_the_sdk_makes() {
        let mut sum = point(&[-400], 0);
        assert!(add(&mut sum, &point(&[400], 0)));
        assert_eq!((sum.scale, sum.count), (-3, 2));
        assert_eq!(filled(&sum), [(-50, 1), (50, 1)]);
    }

    #[test]
    fn buckets_that_no_scale_brings_together_are_not_added() {
        let far = |offset| ExponentialHistogramDataPoint {
            scale: MIN_SCALE - 1,
            positive: Some(Buckets { offset, bucket_counts: vec![1] }),
            ..ExponentialHistogramDataPoint::default()
        };
        assert!(!add(&mut far(i32::MIN), &far(i32::MAX)));
    }

    #[test]
    fn a_zero_has_no_values() {
        let mut it = point(&[1, 2, 3], 0);
        zero(&mut it);
        assert_eq!((it.count, it.sum, filled(&it)), (0, Some(0.0), vec![]));
    }
}
