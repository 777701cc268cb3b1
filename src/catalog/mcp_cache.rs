//! A cache of MCP names and their parts. An agent calls the same tools again and again, and
//! `regex-lite` is small but slow.

use parking_lot::Mutex;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

/// How many names are cached.
const SLOTS: usize = 64;
/// A longer name, in bytes, is not cached.
const MAX_LENGTH: usize = 128;

/// The positions of server and tool in a name; `None` if the name does not have this form.
pub(super) type McpRanges = Option<(Range<usize>, Range<usize>)>;

/// A name with the positions that were found in it.
type CacheSlot = Option<(Box<str>, McpRanges)>;

/// The names that were looked up last; two names that share a slot replace each other.
pub(super) struct McpCache(Mutex<[CacheSlot; SLOTS]>);

impl McpCache {
    pub(super) const fn new() -> Self {
        Self(Mutex::new([const { None }; SLOTS]))
    }

    /// The positions in `name`, from the cache or else from `find`.
    pub(super) fn get_or_find(&self, name: &str, find: impl FnOnce() -> McpRanges) -> McpRanges {
        if name.len() > MAX_LENGTH {
            return find();
        }
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        #[expect(clippy::cast_possible_truncation, reason = "any bits of the hash serve")]
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
