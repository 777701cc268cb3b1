//! The calls among a response's output items. A stream tells each item up to three times: where it
//! begins, where it is done, and in the list of the terminal event. Some gateways leave one or two
//! of these out, or repeat them.

use crate::entry::tool_call::{MAX_CALLS, ToolCall};
use std::collections::{BTreeMap, VecDeque};

/// What tells an item apart from the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct ItemKey<'a> {
    /// The item's id.
    pub(super) id: Option<&'a str>,
    /// The id under which the client answers the call.
    pub(super) call_id: Option<&'a str>,
    /// The item's place in the output.
    pub(super) index: Option<u64>,
    /// The type of the item.
    pub(super) kind: &'a str,
    /// The name of the tool.
    pub(super) name: &'a str,
}

/// Where an item is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Telling {
    /// Where it begins.
    Begun,
    /// Where it is done.
    Done,
    /// In the list of all items.
    Listed,
}

/// What a telling adds.
#[derive(Debug, PartialEq)]
pub(super) struct Told {
    /// The call was not told before.
    pub(super) is_new: bool,
    /// The call, if it counts from now on. One that has only begun counts when the stream ends.
    pub(super) call: Option<ToolCall>,
    /// The call has an id of its own under which the host counts it.
    pub(super) has_own_call_id: bool,
}

/// The calls that were told so far.
#[derive(Debug, Default)]
pub(super) struct OutputItems {
    items: Vec<ToldItem>,
    by_id: BTreeMap<String, usize>,
    by_call_id: BTreeMap<String, usize>,
    by_index: BTreeMap<u64, usize>,
    /// The items without any id, by type and name.
    nameless: BTreeMap<(String, String), Nameless>,
    listed: u64,
}

/// The items of one type and name that have no id.
#[derive(Debug, Default)]
struct Nameless {
    /// Those of which no end was told.
    begun: VecDeque<usize>,
    /// Those that no list has contained.
    unlisted: VecDeque<usize>,
}

/// A call that was told.
#[derive(Debug)]
struct ToldItem {
    id: Option<String>,
    call_id: Option<String>,
    index: Option<u64>,
    kind: String,
    name: String,
    /// The call, while it has only begun.
    begun: Option<ToolCall>,
    is_listed: bool,
}

impl OutputItems {
    /// Notes that `call` is told.
    pub(super) fn tell(&mut self, key: &ItemKey<'_>, call: ToolCall, telling: Telling) -> Told {
        let found = self.find(key, telling);
        let is_new = found.is_none();
        let has_own_call_id = key.call_id.is_some_and(|call_id| {
            let owner = self.by_call_id.get(call_id);
            owner.is_none() || owner == found.as_ref()
        });
        let at = found.unwrap_or_else(|| self.add(key, telling));
        if let Some(item) = self.items.get_mut(at) {
            let is_first_listing = telling == Telling::Listed && !item.is_listed;
            item.is_listed |= is_first_listing;
            self.listed += u64::from(is_first_listing);
            if telling == Telling::Begun {
                if is_new {
                    item.begun = Some(call);
                }
            } else if item.begun.take().is_some() || is_new {
                return Told { is_new, call: Some(call), has_own_call_id };
            }
        }
        Told { is_new, call: None, has_own_call_id }
    }

    /// Changes the call that has begun and that `key` means, because its input has arrived.
    pub(super) fn complete(
        &mut self,
        id: Option<&str>,
        index: Option<u64>,
        change: impl FnOnce(ToolCall) -> ToolCall,
    ) {
        let by_index = || self.by_index.get(&index?);
        let at = id.and_then(|id| self.by_id.get(id)).or_else(by_index).copied();
        if let Some(item) = at.and_then(|at| self.items.get_mut(at)) {
            item.begun = item.begun.take().map(change);
        }
    }

    /// Whether more calls were told than a response has.
    pub(super) fn is_full(&self) -> bool {
        self.items.len() > MAX_CALLS
    }

    /// The number of different calls in the lists.
    pub(super) fn listed(&self) -> u64 {
        self.listed
    }

    /// The calls that have only begun.
    pub(super) fn begun(self) -> impl Iterator<Item = ToolCall> {
        self.items.into_iter().filter_map(|item| item.begun)
    }

    /// The item that was told before and that `key` means.
    fn find(&mut self, key: &ItemKey<'_>, telling: Telling) -> Option<usize> {
        if let Some(at) = key.id.and_then(|id| self.by_id.get(id)) {
            return Some(*at);
        }
        if let Some(at) = key.call_id.and_then(|call_id| self.by_call_id.get(call_id)).copied() {
            // Some gateways give an item a new id each time, and some give two calls one call id.
            let item = self.items.get(at)?;
            let is_other = item.id.is_some()
                && key.id.is_some()
                && item.index.zip(key.index).is_some_and(|(one, other)| one != other);
            return (!is_other).then_some(at);
        }
        if let Some(at) = key.index.and_then(|index| self.by_index.get(&index)).copied() {
            let item = self.items.get(at)?;
            let is_comparable = (item.id.is_some() && key.id.is_some())
                || (item.call_id.is_some() && key.call_id.is_some());
            let is_same = item.kind == key.kind && item.name == key.name;
            return (!is_comparable && is_same).then_some(at);
        }
        if key.id.is_some() || key.call_id.is_some() {
            return None;
        }
        let Nameless { begun, unlisted } = self.nameless.get_mut(&key.type_and_name())?;
        match telling {
            Telling::Begun => None,
            Telling::Done => loop {
                let at = begun.pop_front()?;
                if self.items.get(at).is_some_and(|item| item.begun.is_some()) {
                    return Some(at);
                }
            },
            Telling::Listed => unlisted.pop_front(),
        }
    }

    fn add(&mut self, key: &ItemKey<'_>, telling: Telling) -> usize {
        let at = self.items.len();
        if let Some(id) = key.id {
            self.by_id.insert(id.to_owned(), at);
        }
        if let Some(call_id) = key.call_id {
            self.by_call_id.entry(call_id.to_owned()).or_insert(at);
        }
        if let Some(index) = key.index {
            self.by_index.insert(index, at);
        }
        if key.id.is_none() && key.call_id.is_none() {
            let Nameless { begun, unlisted } =
                self.nameless.entry(key.type_and_name()).or_default();
            if telling == Telling::Begun {
                begun.push_back(at);
            }
            if telling != Telling::Listed {
                unlisted.push_back(at);
            }
        }
        self.items.push(ToldItem {
            id: key.id.map(str::to_owned),
            call_id: key.call_id.map(str::to_owned),
            index: key.index,
            kind: key.kind.to_owned(),
            name: key.name.to_owned(),
            begun: None,
            is_listed: false,
        });
        at
    }
}

impl ItemKey<'_> {
    fn type_and_name(&self) -> (String, String) {
        (self.kind.to_owned(), self.name.to_owned())
    }
}
