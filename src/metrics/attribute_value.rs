//! Attribute values: the only strings that an instrument accepts.

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};

/// A string that may be exported: a text of this program, or a text that has passed the privacy
/// gate.
#[derive(Clone, Eq)]
pub struct AttributeValue(Cow<'static, str>);

/// Nearly all values are texts of this program, so equal values usually have the same address.
/// Comparing addresses first saves most comparisons of bytes.
impl PartialEq for AttributeValue {
    fn eq(&self, other: &Self) -> bool {
        let (text, other) = (self.as_str(), other.as_str());
        text.len() == other.len() && (text.as_ptr() == other.as_ptr() || text == other)
    }
}

impl Hash for AttributeValue {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl AttributeValue {
    /// A value from this program's own text.
    pub const fn constant(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// A value that has passed the privacy gate. Only the gate and its scrubber call this.
    pub(super) const fn checked(text: String) -> Self {
        Self(Cow::Owned(text))
    }

    /// The text on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AttributeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
