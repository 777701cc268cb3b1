//! An answer to somebody who waits, or does not.

/// An answer that is always given: `false` if nobody gives it.
pub struct Reply(Option<Box<dyn FnOnce(bool) + Send>>);

impl Reply {
    /// Calls `answer`, exactly once, on the exporter's thread.
    pub fn new(answer: impl FnOnce(bool) + Send + 'static) -> Self {
        Self(Some(Box::new(answer)))
    }

    /// Gives the answer.
    pub fn give(mut self, delivered: bool) {
        if let Some(answer) = self.0.take() {
            answer(delivered);
        }
    }
}

impl Drop for Reply {
    fn drop(&mut self) {
        if let Some(answer) = self.0.take() {
            answer(false);
        }
    }
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reply")
    }
}
