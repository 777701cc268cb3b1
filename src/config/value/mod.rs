//! What a single setting may be.

pub(crate) mod choice;
pub(crate) mod endpoint;
pub(crate) mod headers;
pub(crate) mod pem_content;
pub(crate) mod proxy;
pub(crate) mod range;
pub(crate) mod secret;
pub(crate) mod source;
pub(crate) mod template;
pub(crate) mod text;
pub(crate) mod tier;
pub(crate) mod tls;
