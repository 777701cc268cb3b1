//! The parsers under libFuzzer. All targets are one program, because each further one would be linked with the whole
//! addon: the variable `FUZZ_TARGET` names the target of a run.

#![no_main]

mod laws;
mod targets {
    pub(crate) mod anthropic;
    pub(crate) mod bounded_file;
    pub(crate) mod catalog;
    pub(crate) mod certificate;
    pub(crate) mod config_file;
    pub(crate) mod gate;
    pub(crate) mod git_index;
    pub(crate) mod grpc;
    pub(crate) mod pending;
    pub(crate) mod program;
    pub(crate) mod proxy;
    pub(crate) mod request;
    pub(crate) mod responses;
    pub(crate) mod template;
    pub(crate) mod websocket;
}

use libfuzzer_sys::fuzz_target;
use std::env;
use std::sync::LazyLock;

static CHECK: LazyLock<fn(&str)> = LazyLock::new(|| {
    let name = env::var("FUZZ_TARGET").unwrap_or_default();
    match name.as_str() {
        "anthropic" => targets::anthropic::check,
        "bounded_file" => targets::bounded_file::check,
        "catalog" => targets::catalog::check,
        "certificate" => targets::certificate::check,
        "config_file" => targets::config_file::check,
        "gate" => targets::gate::check,
        "git_index" => targets::git_index::check,
        "grpc" => targets::grpc::check,
        "pending" => targets::pending::check,
        "program" => targets::program::check,
        "proxy" => targets::proxy::check,
        "request" => targets::request::check,
        "responses" => targets::responses::check,
        "template" => targets::template::check,
        "websocket" => targets::websocket::check,
        _ => panic!("FUZZ_TARGET={name:?} names no file of fuzz/targets"),
    }
});

fuzz_target!(|text: &str| CHECK(text));
