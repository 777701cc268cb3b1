//! The answer to a caller that may be waiting for it.

/// The answer to one request, by default whether everything was delivered. It is always sent: dropping it
/// unsent sends the default of its type.
pub struct Reply<T: Default = bool>(Option<Box<dyn FnOnce(T) + Send>>);

impl<T: Default> Reply<T> {
    /// Calls `answer` exactly once, on the thread that sends or drops the reply.
    pub fn new(answer: impl FnOnce(T) + Send + 'static) -> Self {
        Self(Some(Box::new(answer)))
    }

    /// Sends the answer.
    pub fn send(mut self, value: T) {
        if let Some(answer) = self.0.take() {
            answer(value);
        }
    }
}

impl<T: Default> Drop for Reply<T> {
    fn drop(&mut self) {
        if let Some(answer) = self.0.take() {
            answer(T::default());
        }
    }
}

impl<T: Default> std::fmt::Debug for Reply<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reply")
    }
}
