//! The answer to a caller that may be waiting for it.

/// The answer to one request. It is always sent: dropping it unsent sends `false`.
pub struct Reply(Option<Box<dyn FnOnce(bool) + Send>>);

impl Reply {
    /// Calls `answer` exactly once, on the thread that sends or drops the reply.
    pub fn new(answer: impl FnOnce(bool) + Send + 'static) -> Self {
        Self(Some(Box::new(answer)))
    }

    /// Sends the answer: whether everything was delivered.
    pub fn send(mut self, delivered: bool) {
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
