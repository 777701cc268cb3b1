//! What a backend has not confirmed yet, as files that outlive the process: `~/.ccxray/otel/pending/`.
//!
//! A file has only what has passed the privacy gate, and no header or other secret of the connection. It is
//! written while exports fail, and removed when everything is delivered. A later process of the same user
//! delivers what an ended one has left.
//!
//! | file | what it is |
//! |---|---|
//! | `origin` | whose sums they are, and whether another config may send them |
//! | `content` | the content of a file, as bytes |
//! | `progress` | how much of a file is delivered |
//! | `directory` | the files: written, claimed, removed, and kept within limits |
//! | `locks` | which process a file belongs to |

pub mod content;
pub mod directory;
mod locks;
pub mod origin;
pub mod progress;
