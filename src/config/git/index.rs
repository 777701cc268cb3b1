//! A reader of git's index: does it list a file?
//!
//! Source: <https://git-scm.com/docs/index-format>. The index belongs to a repository that a stranger may
//! have made. So only an index that is understood to its last byte can say that it does not list a file.

use crate::config::git::index_path::{is_below, is_same};
use std::io::{self, BufRead, Read, Seek, SeekFrom};

/// A larger index is not read. That of the Linux kernel has 10 MiB.
pub const MAX_BYTES: u64 = 64 << 20;
/// No path on a disk is longer.
const MAX_PATH: u64 = 1 << 12;
/// The lengths of all paths together, in bytes. In version 4, an entry of a few bytes can have a long path.
/// Those of the Linux kernel have 4 MiB.
const MAX_PATHS: u64 = 32 << 20;

/// What an index says about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// It lists the file.
    Listed,
    /// It does not list the file.
    NotListed,
    /// It is not understood, or it does not list all files.
    Unclear,
}

/// The sizes of a hash: SHA-1 and SHA-256. The index does not say which one its repository uses.
const HASH_SIZES: [u64; 2] = [20, 32];
/// Times, device, inode, mode, user, group and size.
const STAT_SIZE: usize = 40;
const MODE_AT: usize = 24;
const EXTENDED: u16 = 0x4000;
const LENGTH: u16 = 0x0fff;
/// The kinds of an entry, in the upper bits of its mode.
const KINDS: [u32; 4] = [FILE, LINK, SUBMODULE, DIRECTORY];
const FILE: u32 = 0o10;
const LINK: u32 = 0o12;
const SUBMODULE: u32 = 0o16;
/// Of a sparse index.
const DIRECTORY: u32 = 0o04;

/// What an index says about the file at `wanted`, relative to the root of its repository.
///
/// It is read once for each size of a hash. An index of the other kind ends at its first entries.
pub fn listing<R: BufRead + Seek>(index: &mut R, wanted: &str) -> Listing {
    let mut answer = Listing::Unclear;
    for hash_size in HASH_SIZES {
        match read(index, wanted, hash_size) {
            Ok(Listing::Listed) => return Listing::Listed,
            Ok(Listing::NotListed) => answer = Listing::NotListed,
            Ok(Listing::Unclear) => return Listing::Unclear,
            // It is no index with hashes of this size.
            Err(_) => {}
        }
    }
    answer
}

/// One reading. It is an error if the bytes are not an index with hashes of this size.
fn read<R: BufRead + Seek>(index: &mut R, wanted: &str, hash_size: u64) -> io::Result<Listing> {
    let size = index.seek(SeekFrom::End(0))?;
    index.rewind()?;
    if size > MAX_BYTES {
        return Ok(Listing::Unclear);
    }
    let end = size.checked_sub(hash_size).ok_or_else(damaged)?;
    let mut cursor = IndexCursor { from: index.take(end), read: 0 };
    require(cursor.array()? == *b"DIRC")?;
    let version = cursor.number()?;
    require((2..=4).contains(&version))?;
    let entries = cursor.number()?;
    let mut path = Vec::new();
    let mut answer = Listing::NotListed;
    let mut paths = 0;
    for _ in 0..entries {
        let before = std::mem::take(&mut path);
        let kind = cursor.entry(version, hash_size, &before, &mut path)?;
        paths += path.len() as u64;
        if paths > MAX_PATHS {
            return Ok(Listing::Unclear);
        }
        require(before <= path)?;
        require(is_relative(&path))?;
        if kind == DIRECTORY {
            if is_below(&path, wanted) {
                answer = Listing::Unclear;
            }
        } else if is_same(&path, wanted) {
            return Ok(Listing::Listed);
        }
    }
    while cursor.read < end {
        let name: [u8; 4] = cursor.array()?;
        let size = cursor.number()?;
        // An optional extension starts with an upper-case letter and changes no entry. A split index
        // has other entries in another file.
        if !name[0].is_ascii_uppercase() && name != *b"sdir" {
            answer = Listing::Unclear;
        }
        cursor.skip(u64::from(size))?;
    }
    Ok(answer)
}

/// The bytes of an index before its last hash.
struct IndexCursor<'a, R> {
    from: io::Take<&'a mut R>,
    /// How many bytes are read.
    read: u64,
}

impl<R: BufRead> IndexCursor<'_, R> {
    /// Reads one entry into `path` and returns its kind. `before` is the path of the entry before.
    fn entry(
        &mut self,
        version: u32,
        hash_size: u64,
        before: &[u8],
        path: &mut Vec<u8>,
    ) -> io::Result<u32> {
        let start = self.read;
        let facts: [u8; STAT_SIZE] = self.array()?;
        let mode = u32::from_be_bytes(std::array::from_fn(|at| facts[MODE_AT + at]));
        let kind = mode >> 12;
        require(KINDS.contains(&kind))?;
        self.skip(hash_size)?;
        let flags = u16::from_be_bytes(self.array()?);
        if flags & EXTENDED != 0 {
            require(version > 2)?;
            self.skip(2)?;
        }
        if version == 4 {
            let kept = usize::try_from(self.variable_number()?).ok();
            let kept = kept.and_then(|removed| before.len().checked_sub(removed));
            path.extend_from_slice(&before[..kept.ok_or_else(damaged)?]);
        }
        self.terminated(path)?;
        let length = usize::from(flags & LENGTH);
        require(length == path.len().min(usize::from(LENGTH)))?;
        if version < 4 {
            // An entry ends with one to eight zeros, one of which is read.
            let rest = (8 - (self.read - start) % 8) % 8;
            for _ in 0..rest {
                require(self.array()? == [0])?;
            }
        }
        Ok(kind)
    }

    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut array = [0; N];
        self.from.read_exact(&mut array)?;
        self.read += N as u64;
        Ok(array)
    }

    fn number(&mut self) -> io::Result<u32> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// A number of version 4: seven bits in each byte, the highest first, and one more for each byte.
    fn variable_number(&mut self) -> io::Result<u64> {
        let [mut byte] = self.array()?;
        let mut number = u64::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            require(number < MAX_PATH)?;
            [byte] = self.array()?;
            number = ((number + 1) << 7) | u64::from(byte & 0x7f);
        }
        Ok(number)
    }

    /// Bytes up to a zero, which is read too.
    fn terminated(&mut self, path: &mut Vec<u8>) -> io::Result<()> {
        let read = self.from.by_ref().take(MAX_PATH).read_until(0, path)?;
        self.read += read as u64;
        require(path.pop() == Some(0) && path.len() as u64 <= MAX_PATH)
    }

    fn skip(&mut self, size: u64) -> io::Result<()> {
        let skipped = io::copy(&mut self.from.by_ref().take(size), &mut io::sink())?;
        self.read += skipped;
        require(skipped == size)
    }
}

/// Git has no absolute paths, and none with empty names.
fn is_relative(path: &[u8]) -> bool {
    let path = path.strip_suffix(b"/").unwrap_or(path);
    !path.is_empty() && path.split(|byte| *byte == b'/').all(|name| !name.is_empty())
}

fn require(is_so: bool) -> io::Result<()> {
    if is_so { Ok(()) } else { Err(damaged()) }
}

fn damaged() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Cursor as Bytes;

    /// An index of version 2 or 3 with these files.
    fn index(version: u32, hash_size: usize, files: &[(&str, u32)], extensions: &[u8]) -> Vec<u8> {
        let mut bytes = b"DIRC".to_vec();
        bytes.extend(version.to_be_bytes());
        bytes.extend(u32::try_from(files.len()).unwrap().to_be_bytes());
        let mut before = "";
        for (path, kind) in files {
            let start = bytes.len();
            bytes.extend([7; MODE_AT]);
            bytes.extend((kind << 12 | 0o644).to_be_bytes());
            bytes.extend([7; 12]);
            bytes.extend(vec![9; hash_size]);
            let length = u16::try_from(path.len().min(usize::from(LENGTH))).unwrap();
            let extended = version == 3;
            bytes.extend((length | if extended { EXTENDED } else { 0 }).to_be_bytes());
            bytes.extend(if extended { &[0x20, 0][..] } else { &[] });
            if version == 4 {
                let common = before.bytes().zip(path.bytes()).take_while(|(a, b)| a == b).count();
                let removed = before.len() - common;
                assert!(removed < 0x80, "one byte is enough");
                bytes.push(u8::try_from(removed).unwrap());
                bytes.extend(&path.as_bytes()[common..]);
                bytes.push(0);
            } else {
                bytes.extend(path.as_bytes());
                let zeros = 8 - (bytes.len() - start) % 8;
                bytes.extend(vec![0; zeros]);
            }
            before = path;
        }
        bytes.extend(extensions);
        bytes.extend(vec![3; hash_size]);
        bytes
    }

    fn of(bytes: Vec<u8>, wanted: &str) -> Listing {
        listing(&mut Bytes::new(bytes), wanted)
    }

    #[test]
    fn every_version_and_hash_is_read() {
        let files =
            [("a", FILE), ("b/.ccxray.user.json", FILE), ("b/d", LINK), ("module", SUBMODULE)];
        for version in 2..=4 {
            for hash_size in [20, 32] {
                let ask =
                    |wanted| of(index(version, hash_size, &files, b"TREE\0\0\0\x01x"), wanted);
                let label = format!("version {version}, hash {hash_size}");
                assert_eq!(ask("b/.ccxray.user.json"), Listing::Listed, "{label}");
                assert_eq!(ask(".ccxray.user.json"), Listing::NotListed, "{label}");
                assert_eq!(ask("module/.ccxray.user.json"), Listing::NotListed, "{label}");
                assert_eq!(of(index(version, hash_size, &[], b""), "a"), Listing::NotListed);
            }
        }
    }

    #[test]
    fn what_is_not_understood_is_unclear() {
        let files = [("a", FILE), ("c/", DIRECTORY)];
        let good = index(2, 20, &files, b"");
        assert_eq!(of(good.clone(), "b"), Listing::NotListed);
        assert_eq!(
            of(good.clone(), "c/d/e"),
            Listing::Unclear,
            "below a directory of a sparse index"
        );
        assert_eq!(of(index(2, 20, &files, b"sdir\0\0\0\0"), "b"), Listing::NotListed);
        assert_eq!(of(index(2, 20, &files, b"link\0\0\0\x02xx"), "b"), Listing::Unclear, "split");
        assert_eq!(of(index(2, 20, &files, b"what\0\0\0\0"), "b"), Listing::Unclear, "new");
        assert_eq!(of(index(5, 20, &files, b""), "b"), Listing::Unclear, "a new version");
        assert_eq!(of(index(2, 20, &[("/b", FILE)], b""), "b"), Listing::Unclear, "absolute");
        assert_eq!(of(index(2, 20, &[("b", 0)], b""), "c"), Listing::Unclear, "no kind");
        let unsorted = [("b", FILE), ("a", FILE)];
        assert_eq!(of(index(2, 20, &unsorted, b""), "c"), Listing::Unclear);
        for length in 0..good.len() {
            assert_ne!(of(good[..length].to_vec(), "b"), Listing::NotListed, "cut at {length}");
        }
        let mut more = good.clone();
        more.push(0);
        assert_eq!(of(more, "b"), Listing::Unclear, "bytes at the end");
    }

    #[test]
    fn long_paths_in_few_bytes_are_unclear() {
        let long = "a".repeat(4000);
        let names: Vec<_> = (0..9000).map(|number| format!("{long}{number:04}")).collect();
        let files: Vec<_> = names.iter().map(|name| (name.as_str(), FILE)).collect();
        let bytes = index(4, 20, &files, b"");
        assert!(bytes.len() < 1 << 20);
        assert_eq!(of(bytes, "b"), Listing::Unclear);
        assert_eq!(of(index(4, 20, &files[..10], b""), "b"), Listing::NotListed);
    }

    proptest! {
        #[test]
        fn a_listed_file_is_found(
            version in 2_u32..=4,
            is_long in any::<bool>(),
            names in proptest::collection::btree_set("[a-z.]{1,12}(/[a-z.]{1,12}){0,2}", 1..20),
            at in any::<prop::sample::Index>(),
        ) {
            let files: Vec<_> = names.iter().map(|name| (name.as_str(), FILE)).collect();
            let bytes = index(version, if is_long { 32 } else { 20 }, &files, b"");
            prop_assert_eq!(of(bytes.clone(), files[at.index(files.len())].0), Listing::Listed);
            prop_assert_eq!(of(bytes, "0"), Listing::NotListed);
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in any::<Vec<u8>>(), version in 2_u8..=4) {
            let mut index = b"DIRC\0\0\0".to_vec();
            index.push(version);
            index.extend(bytes);
            let _ = of(index, "a");
        }
    }
}
