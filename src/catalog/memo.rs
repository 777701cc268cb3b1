//! The last answers of a pattern engine that is small and not fast: an agent calls the same tools all
//! day.

use parking_lot::Mutex;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

/// Answers that are remembered.
const SLOTS: usize = 64;
/// A longer name is asked about anew each time.
const MAX_LENGTH: usize = 128;

/// Where the server and the tool stand in a name, if they do.
pub(super) type Parts = Option<(Range<usize>, Range<usize>)>;

/// A name with what was found in it.
type Slot = Option<(Box<str>, Parts)>;

/// The names that were asked about last.
pub(super) struct Memo(Mutex<[Slot; SLOTS]>);

impl Memo {
    pub(super) const fn new() -> Self {
        Self(Mutex::new([const { None }; SLOTS]))
    }

    /// What is in `name`, from memory or as `find` says.
    pub(super) fn recall(&self, name: &str, find: impl FnOnce() -> Parts) -> Parts {
        if name.len() > MAX_LENGTH {
            return find();
        }
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        #[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
        let slot = hasher.finish() as usize % SLOTS;
        let mut slots = self.0.lock();
        match &slots[slot] {
            Some((known, parts)) if **known == *name => parts.clone(),
            _ => {
                let parts = find();
                slots[slot] = Some((name.into(), parts.clone()));
                parts
            }
        }
    }
}
