//! How much of a file is delivered: marks that are added to its end.
//!
//! A mark is one byte, so that it takes no space to speak of and is written as a whole or not at all.

/// A mark at the end of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The next request is being sent. Nobody knows whether it arrives, until the next mark.
    Sending,
    /// It has arrived, or it was rejected for good.
    Done,
}

impl Mark {
    /// As it is in a file.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Sending => b's',
            Self::Done => b'd',
        }
    }
}

/// What the marks of a file say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeliveryProgress {
    /// How many requests are done.
    pub done: usize,
    /// Whether the next one may have arrived.
    pub is_sending: bool,
}

impl DeliveryProgress {
    /// Reads marks. `None` if they are not marks.
    pub fn read(marks: &[u8]) -> Option<Self> {
        let mut progress = Self::default();
        for mark in marks {
            match *mark {
                mark if mark == Mark::Sending.byte() => progress.is_sending = true,
                mark if mark == Mark::Done.byte() => {
                    progress = Self { done: progress.done + 1, is_sending: false };
                }
                _ => return None,
            }
        }
        Some(progress)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_say_what_is_done_and_what_is_unclear() {
        for (marks, progress) in [
            ("", Some((0, false))),
            ("s", Some((0, true))),
            ("sd", Some((1, false))),
            ("sds", Some((1, true))),
            // The same request was sent twice.
            ("ssd", Some((1, false))),
            ("dd", Some((2, false))),
            ("sx", None),
        ] {
            let progress = progress.map(|(done, is_sending)| DeliveryProgress { done, is_sending });
            assert_eq!(DeliveryProgress::read(marks.as_bytes()), progress, "{marks}");
        }
    }
}
