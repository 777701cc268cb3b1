//! Fuzzes git's index with any bytes: each character of the text is one byte. The answer does not depend
//! on upper and lower case.

use otel_native::config::{Listing, listing};
use std::io::Cursor;

const WANTED: &str = "src/.ccxray.user.json";

pub(crate) fn check(text: &str) {
    let bytes: Vec<u8> = text.chars().map(|c| u32::from(c).to_le_bytes()[0]).collect();
    for version in 2..=4 {
        let mut index = b"DIRC\0\0\0".to_vec();
        index.push(version);
        index.extend(&bytes);
        let answer = of(&index, WANTED);
        assert_eq!(answer, of(&index, &WANTED.to_uppercase()));
        // A file without the last hash of an index is not understood.
        let none = index.len() < 32;
        assert!(!none || answer != Listing::NotListed);
    }
    of(&bytes, WANTED);
}

fn of(index: &[u8], wanted: &str) -> Listing {
    listing(&mut Cursor::new(index), wanted)
}
