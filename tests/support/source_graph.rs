//! The sources of the crate and which file uses which, read from their tokens.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Every file below `src`, by its path there, with its code: without comments and without its test module.
pub(crate) struct SourceGraph {
    files: BTreeMap<String, Vec<TokenTree>>,
    /// Which file a module is, by its path: `export::http` is `export/http.rs`.
    modules: BTreeMap<String, String>,
    /// Where a module's `pub use` takes a name from.
    reexports: BTreeMap<String, BTreeMap<String, String>>,
}

/// A name that stands for all names of a module.
const GLOB: &str = "*";

impl SourceGraph {
    pub(crate) fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut texts = BTreeMap::new();
        read_directory(&root, &root, &mut texts);
        let files: BTreeMap<_, _> =
            texts.iter().map(|(file, text)| (file.clone(), code_of(text))).collect();
        let modules: BTreeMap<_, _> =
            files.keys().map(|file| (module_of(file), file.clone())).collect();
        let mut graph = Self { files, modules, reexports: BTreeMap::new() };
        for (module, file) in &graph.modules {
            let names = graph.public_uses(module, &graph.files[file]);
            graph.reexports.insert(module.clone(), names);
        }
        graph
    }

    /// The paths of all files below `src`.
    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The tokens of a file.
    pub(crate) fn tokens(&self, file: &str) -> &[TokenTree] {
        &self.files[file]
    }

    /// Which files a file uses.
    pub(crate) fn uses(&self, file: &str) -> BTreeSet<&str> {
        let module = module_of(file);
        let mut paths = Vec::new();
        collect_paths(&self.files[file], &mut paths);
        let absolute = paths.iter().filter_map(|path| absolute(&module, path));
        let used = absolute.filter_map(|path| self.file_that_defines(&path, 0));
        used.filter(|used| *used != file).collect()
    }

    /// The first circle of files that use each other, if there is one.
    pub(crate) fn circle(&self) -> Option<Vec<&str>> {
        let mut done = BTreeSet::new();
        self.files().find_map(|file| self.circle_from(file, &mut Vec::new(), &mut done))
    }

    fn circle_from<'a>(
        &'a self,
        file: &'a str,
        path: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Option<Vec<&'a str>> {
        if let Some(start) = path.iter().position(|it| *it == file) {
            return Some(path[start..].to_vec());
        }
        if !done.insert(file) {
            return None;
        }
        path.push(file);
        let circle =
            self.uses(file).into_iter().find_map(|used| self.circle_from(used, path, done));
        path.pop();
        circle
    }

    /// The file in which the item with this path is defined, through re-exports.
    fn file_that_defines(&self, path: &str, depth: usize) -> Option<&str> {
        let parts: Vec<_> = path.split("::").collect();
        (1..=parts.len()).rev().find_map(|length| {
            let module = parts[..length].join("::");
            let file = self.modules.get(&module)?;
            let reexported = parts.get(length).filter(|_| depth < 8).and_then(|name| {
                let names = &self.reexports[&module];
                let source = names.get(*name).or_else(|| names.get(GLOB))?;
                self.file_that_defines(&format!("{source}::{name}"), depth + 1)
            });
            Some(reexported.unwrap_or(file))
        })
    }

    fn public_uses(&self, module: &str, tokens: &[TokenTree]) -> BTreeMap<String, String> {
        let mut names = BTreeMap::new();
        for (at, token) in tokens.iter().enumerate() {
            let is_public = at > 0
                && (is_ident(&tokens[at - 1], "pub")
                    || matches!(&tokens[at - 1], TokenTree::Group(it) if it.delimiter() == Delimiter::Parenthesis));
            if !is_ident(token, "use") || !is_public {
                continue;
            }
            let mut paths = Vec::new();
            expand_use(&tokens[at + 1..], "", &mut paths);
            for path in paths {
                let (source, name) = path.rsplit_once("::").unwrap_or(("", &path));
                // `pub use facade::X` names a module beside it.
                let inner = format!("{module}::{source}");
                let source = match absolute(module, source) {
                    Some(source) => source,
                    None if self.modules.contains_key(&inner) => inner,
                    None => continue,
                };
                names.insert(name.to_owned(), source);
            }
        }
        names
    }
}

fn read_directory(directory: &Path, root: &Path, texts: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_directory(&path, root, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            texts.insert(name, fs::read_to_string(path).unwrap());
        }
    }
}

fn module_of(file: &str) -> String {
    let path = file.strip_suffix(".rs").unwrap();
    path.strip_suffix("/mod").unwrap_or(path).replace('/', "::")
}

/// The tokens of a text, without the modules that exist in tests only.
fn code_of(text: &str) -> Vec<TokenTree> {
    let all: Vec<_> = text.parse::<TokenStream>().unwrap().into_iter().collect();
    let mut code = Vec::new();
    let mut at = 0;
    while at < all.len() {
        let attribute = match (&all[at], all.get(at + 1)) {
            (TokenTree::Punct(mark), Some(TokenTree::Group(group)))
                if mark.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
            {
                group.stream().to_string()
            }
            _ => String::new(),
        };
        let is_test = attribute.starts_with("cfg")
            && attribute.contains("test")
            && !attribute.contains("not");
        if is_test && all.get(at + 2).is_some_and(|token| is_ident(token, "mod")) {
            at += 5;
        } else {
            code.push(all[at].clone());
            at += 1;
        }
    }
    code
}

/// All paths that begin with `crate`, `super` or `self`, those of `use` trees expanded.
fn collect_paths(tokens: &[TokenTree], paths: &mut Vec<String>) {
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                collect_paths(&group.stream().into_iter().collect::<Vec<_>>(), paths);
            }
            TokenTree::Ident(ident) if ["crate", "super", "self"].iter().any(|it| ident == it) => {
                expand_use(&tokens[at..], "", paths);
            }
            _ => {}
        }
    }
}

/// Expands one path, or one tree of paths, that begins at the first token.
fn expand_use(tokens: &[TokenTree], prefix: &str, paths: &mut Vec<String>) {
    let mut path = prefix.to_owned();
    let mut rest = tokens.iter().peekable();
    while let Some(token) = rest.next() {
        match token {
            TokenTree::Ident(ident) if ident == "as" => break,
            TokenTree::Ident(ident) => {
                if !path.is_empty() {
                    path += "::";
                }
                path += &ident.to_string();
                if !matches!(rest.peek(), Some(TokenTree::Punct(mark)) if mark.as_char() == ':') {
                    break;
                }
            }
            TokenTree::Punct(mark) if mark.as_char() == ':' => {}
            TokenTree::Punct(mark) if mark.as_char() == '*' => {
                path += "::*";
                break;
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let inner: Vec<_> = group.stream().into_iter().collect();
                let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',');
                for part in inner.split(is_comma).filter(|part| !part.is_empty()) {
                    if is_ident(&part[0], "self") {
                        paths.push(path.clone());
                    } else {
                        expand_use(part, &path, paths);
                    }
                }
                return;
            }
            _ => break,
        }
    }
    paths.push(path);
}

/// A path from the root of the crate; `None` if it leads out of it.
fn absolute(module: &str, path: &str) -> Option<String> {
    if let Some(path) = path.strip_prefix("crate::") {
        return Some(path.to_owned());
    }
    if let Some(path) = path.strip_prefix("self::") {
        return Some(format!("{module}::{path}"));
    }
    let path = path.strip_prefix("super::")?;
    let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
    Some(if parent.is_empty() { path.to_owned() } else { format!("{parent}::{path}") })
}

fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}
