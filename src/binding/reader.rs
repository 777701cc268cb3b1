//! JS values, read by Node-API's own calls: the cheapest way, and none of them throws.

use crate::entry::payload::Payload;
use crate::pipeline::MAX_ENTRY_BYTES;
use napi::{ValueType, sys};
use std::ffi::{CStr, CString};
use std::ptr;

/// What copying a value out of JavaScript came to.
pub(super) enum Copied {
    Payload(Payload),
    TooLarge,
    NotText,
}

/// Reads the values of one call.
#[derive(Clone, Copy)]
pub(super) struct Reader(pub(super) sys::napi_env);

/// A property of an object of the caller's.
pub(super) enum Property {
    /// It has no such property, or it is `undefined` or `null`.
    Absent,
    /// Its value.
    Is(sys::napi_value),
    /// A getter or a Proxy threw. What it threw is forgotten.
    Throws,
}

#[expect(
    unsafe_code,
    reason = "calls into Node-API with an environment and values of this very call"
)]
impl Reader {
    /// Copies a string or a `Uint8Array`.
    pub(super) fn payload(self, value: sys::napi_value) -> Copied {
        let mut units = 0;
        // SAFETY: with no buffer only the length is written.
        let status = unsafe {
            sys::napi_get_value_string_utf16(self.0, value, ptr::null_mut(), 0, &raw mut units)
        };
        if status != sys::Status::napi_ok {
            return self.bytes(value);
        }
        if units > MAX_ENTRY_BYTES / 2 {
            return Copied::TooLarge;
        }
        let mut text: Vec<u16> = Vec::with_capacity(units + 1);
        let mut written = 0;
        // SAFETY: the buffer holds `units` and the terminating zero, which is not counted.
        let status = unsafe {
            let buffer = text.as_mut_ptr();
            sys::napi_get_value_string_utf16(self.0, value, buffer, units + 1, &raw mut written)
        };
        if status != sys::Status::napi_ok || written > units {
            return Copied::NotText;
        }
        // SAFETY: `written` units were written, and fit.
        unsafe { text.set_len(written) };
        Copied::Payload(Payload::Utf16(text))
    }

    fn bytes(self, value: sys::napi_value) -> Copied {
        let mut is_array = false;
        // SAFETY: only writes the answer.
        unsafe { sys::napi_is_typedarray(self.0, value, &raw mut is_array) };
        if !is_array {
            return Copied::NotText;
        }
        let (mut kind, mut length, mut data) = (0, 0, ptr::null_mut());
        // SAFETY: the value is a typed array; what is not wanted may be null.
        let status = unsafe {
            sys::napi_get_typedarray_info(
                self.0,
                value,
                &raw mut kind,
                &raw mut length,
                &raw mut data,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        let is_bytes = kind == sys::TypedarrayType::uint8_array
            || kind == sys::TypedarrayType::uint8_clamped_array;
        if status != sys::Status::napi_ok || !is_bytes {
            return Copied::NotText;
        }
        if length > MAX_ENTRY_BYTES {
            return Copied::TooLarge;
        }
        let mut bytes: Vec<u8> = Vec::with_capacity(length);
        if !data.is_null() {
            // SAFETY: `data` holds `length` bytes until this call returns to JavaScript, and so
            // does `bytes`. A copy through raw pointers, for a SharedArrayBuffer may change
            // meanwhile: then some bytes are old and some new, and the text is malformed.
            unsafe {
                ptr::copy_nonoverlapping(data.cast::<u8>(), bytes.as_mut_ptr(), length);
                bytes.set_len(length);
            }
        }
        Copied::Payload(Payload::Utf8(bytes))
    }

    /// What kind of value it is; a Proxy is what it stands for.
    pub(super) fn kind(self, value: sys::napi_value) -> ValueType {
        let mut kind = 0;
        // SAFETY: only writes the answer.
        let status = unsafe { sys::napi_typeof(self.0, value, &raw mut kind) };
        if status == sys::Status::napi_ok { ValueType::from(kind) } else { ValueType::Unknown }
    }

    /// The value, if it is an object.
    pub(super) fn object(self, value: sys::napi_value) -> Option<sys::napi_value> {
        (self.kind(value) == ValueType::Object).then_some(value)
    }

    pub(super) fn is_array(self, value: sys::napi_value) -> bool {
        let mut is_array = false;
        // SAFETY: only writes the answer.
        unsafe { sys::napi_is_array(self.0, value, &raw mut is_array) };
        is_array
    }

    /// A property of an object.
    pub(super) fn property(self, object: sys::napi_value, name: &CStr) -> Property {
        let mut value = ptr::null_mut();
        // SAFETY: the name ends in a zero.
        let status =
            unsafe { sys::napi_get_named_property(self.0, object, name.as_ptr(), &raw mut value) };
        if status != sys::Status::napi_ok {
            self.forget_exception();
            return Property::Throws;
        }
        match self.kind(value) {
            ValueType::Undefined | ValueType::Null => Property::Absent,
            _ => Property::Is(value),
        }
    }

    /// A property by a name that is only known now.
    pub(super) fn property_named(self, object: sys::napi_value, name: &str) -> Property {
        match CString::new(name) {
            Ok(name) => self.property(object, &name),
            Err(_) => Property::Throws,
        }
    }

    /// The names of an object's own and inherited enumerable properties. `None` if that throws.
    pub(super) fn names(self, object: sys::napi_value) -> Option<Vec<String>> {
        let mut names = ptr::null_mut();
        // SAFETY: only writes the answer.
        let status = unsafe { sys::napi_get_property_names(self.0, object, &raw mut names) };
        if status != sys::Status::napi_ok {
            self.forget_exception();
            return None;
        }
        let mut length = 0;
        // SAFETY: `names` is the array that was just made.
        unsafe { sys::napi_get_array_length(self.0, names, &raw mut length) };
        let name = |i| {
            let mut name = ptr::null_mut();
            // SAFETY: as above, and the index is within its length.
            let status = unsafe { sys::napi_get_element(self.0, names, i, &raw mut name) };
            if status == sys::Status::napi_ok { self.text(name) } else { None }
        };
        (0..length).map(name).collect()
    }

    /// A string of the caller's.
    pub(super) fn text(self, value: sys::napi_value) -> Option<String> {
        match self.payload(value) {
            Copied::Payload(Payload::Utf16(units)) => Some(String::from_utf16_lossy(&units)),
            _ => None,
        }
    }

    /// A boolean of the caller's.
    pub(super) fn flag(self, value: sys::napi_value) -> Option<bool> {
        let mut flag = false;
        // SAFETY: only writes the answer.
        let status = unsafe { sys::napi_get_value_bool(self.0, value, &raw mut flag) };
        (status == sys::Status::napi_ok).then_some(flag)
    }

    /// A number of the caller's.
    pub(super) fn number(self, value: sys::napi_value) -> Option<f64> {
        let mut number = 0.0;
        // SAFETY: only writes the answer.
        let status = unsafe { sys::napi_get_value_double(self.0, value, &raw mut number) };
        (status == sys::Status::napi_ok).then_some(number)
    }

    /// The headers called `names`. One that came twice is a list; the first one counts.
    pub(super) fn headers(
        self,
        headers: sys::napi_value,
        names: impl Iterator<Item = &'static str>,
    ) -> Vec<(String, String)> {
        let header = |name: &'static str| {
            let Property::Is(value) = self.property_named(headers, name) else { return None };
            let text =
                self.text(value).or_else(|| match self.property(self.object(value)?, c"0") {
                    Property::Is(first) => self.text(first),
                    Property::Absent | Property::Throws => None,
                })?;
            Some((name.to_owned(), text))
        };
        names.filter_map(header).collect()
    }

    /// Drops what code of the caller's own threw, so that the next call is not refused. Node-API
    /// reports it by one of several statuses, so it is asked for.
    fn forget_exception(self) {
        let mut pending = false;
        // SAFETY: only writes the answers.
        unsafe {
            sys::napi_is_exception_pending(self.0, &raw mut pending);
            if pending {
                let mut exception = ptr::null_mut();
                sys::napi_get_and_clear_last_exception(self.0, &raw mut exception);
            }
        }
    }
}
