//! Reads JavaScript values with plain Node-API calls. This is the fastest way, and none of it
//! throws.

use crate::entry::payload::Payload;
use crate::pipeline::MAX_ENTRY_BYTES;
use crate::record::launch_id::LaunchId;
use napi::{Env, ValueType, sys};
use std::ffi::{CStr, CString};
use std::ptr;

/// Why a value was not copied.
pub(super) enum CopyError {
    /// It is larger than an entry may be, or than the memory that the process can get.
    TooLarge,
    /// It is neither a string nor a `Uint8Array`.
    NotText,
}

/// A property of a JavaScript object.
pub(super) enum Property {
    /// It is missing, `undefined` or `null`.
    Absent,
    /// Its value.
    Is(sys::napi_value),
    /// Reading it throws: it is a getter, or the object is a Proxy. The error is discarded.
    Throws,
}

/// The longest header that is read, in bytes.
const MAX_HEADER_BYTES: usize = 4096;

/// Reads values within one call from JavaScript.
#[derive(Clone, Copy)]
pub(super) struct Reader(sys::napi_env);

#[expect(
    unsafe_code,
    reason = "calls Node-API with the environment and the values of the running call"
)]
impl Reader {
    /// A reader for the running call.
    pub(super) fn new(env: Env) -> Self {
        Self(env.raw())
    }

    /// The bytes that a copy of a string or a `Uint8Array` needs. Zero for anything else.
    pub(super) fn size(self, value: sys::napi_value) -> usize {
        match self.units(value) {
            Some(units) => units.saturating_mul(2),
            None => self.array(value).map_or(0, |(_, length)| length),
        }
    }

    /// Whether the value is a string.
    pub(super) fn is_text(self, value: sys::napi_value) -> bool {
        self.kind(value) == ValueType::String
    }

    /// The length of a string in UTF-16 units.
    fn units(self, value: sys::napi_value) -> Option<usize> {
        let mut units = 0;
        // SAFETY: without a buffer only the length is written.
        let status = unsafe {
            sys::napi_get_value_string_utf16(self.0, value, ptr::null_mut(), 0, &raw mut units)
        };
        (status == sys::Status::napi_ok).then_some(units)
    }

    /// Copies a string or a `Uint8Array`.
    pub(super) fn payload(self, value: sys::napi_value) -> Result<Payload, CopyError> {
        let Some(units) = self.units(value) else { return self.bytes(value) };
        if units > MAX_ENTRY_BYTES / 2 {
            return Err(CopyError::TooLarge);
        }
        let mut text: Vec<u16> = Vec::new();
        text.try_reserve_exact(units + 1).map_err(|_| CopyError::TooLarge)?;
        let mut written = 0;
        // SAFETY: the buffer has room for `units` and the terminating zero, which is not counted.
        let status = unsafe {
            let buffer = text.as_mut_ptr();
            sys::napi_get_value_string_utf16(self.0, value, buffer, units + 1, &raw mut written)
        };
        if status != sys::Status::napi_ok || written > units {
            return Err(CopyError::NotText);
        }
        // SAFETY: `written` units were written, and the buffer has room for them.
        unsafe { text.set_len(written) };
        Ok(Payload::Utf16(text))
    }

    /// The content of a `Uint8Array`: where it starts, and its length.
    fn array(self, value: sys::napi_value) -> Option<(*const u8, usize)> {
        let mut is_array = false;
        // SAFETY: only writes the result.
        unsafe { sys::napi_is_typedarray(self.0, value, &raw mut is_array) };
        if !is_array {
            return None;
        }
        let (mut kind, mut length, mut data) = (0, 0, ptr::null_mut());
        // SAFETY: the value is a typed array; results that are not needed may be null.
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
        (status == sys::Status::napi_ok && is_bytes).then_some((data.cast(), length))
    }

    fn bytes(self, value: sys::napi_value) -> Result<Payload, CopyError> {
        let (data, length) = self.array(value).ok_or(CopyError::NotText)?;
        if length > MAX_ENTRY_BYTES {
            return Err(CopyError::TooLarge);
        }
        let mut bytes: Vec<u8> = Vec::new();
        bytes.try_reserve_exact(length).map_err(|_| CopyError::TooLarge)?;
        if !data.is_null() {
            // SAFETY: `data` points to `length` bytes until this call returns to JavaScript, and
            // `bytes` has room for them. Another thread may write to a SharedArrayBuffer meanwhile,
            // so no Rust reference to it is made; then the text is malformed at worst.
            unsafe {
                ptr::copy_nonoverlapping(data, bytes.as_mut_ptr(), length);
                bytes.set_len(length);
            }
        }
        Ok(Payload::Utf8(bytes))
    }

    /// The type of a value. A Proxy has the type of its target.
    pub(super) fn kind(self, value: sys::napi_value) -> ValueType {
        let mut kind = 0;
        // SAFETY: only writes the result.
        let status = unsafe { sys::napi_typeof(self.0, value, &raw mut kind) };
        if status == sys::Status::napi_ok { ValueType::from(kind) } else { ValueType::Unknown }
    }

    /// The value, if it is an object.
    pub(super) fn object(self, value: sys::napi_value) -> Option<sys::napi_value> {
        (self.kind(value) == ValueType::Object).then_some(value)
    }

    /// Whether the value is an array.
    pub(super) fn is_array(self, value: sys::napi_value) -> bool {
        let mut is_array = false;
        // SAFETY: only writes the result.
        unsafe { sys::napi_is_array(self.0, value, &raw mut is_array) };
        is_array
    }

    /// A property of an object.
    pub(super) fn property(self, object: sys::napi_value, name: &CStr) -> Property {
        let mut value = ptr::null_mut();
        // SAFETY: the name ends with a zero.
        let status =
            unsafe { sys::napi_get_named_property(self.0, object, name.as_ptr(), &raw mut value) };
        if status != sys::Status::napi_ok {
            self.discard_exception();
            return Property::Throws;
        }
        match self.kind(value) {
            ValueType::Undefined | ValueType::Null => Property::Absent,
            _ => Property::Is(value),
        }
    }

    /// The same for a name that is not a constant.
    pub(super) fn property_named(self, object: sys::napi_value, name: &str) -> Property {
        match CString::new(name) {
            Ok(name) => self.property(object, &name),
            Err(_) => Property::Throws,
        }
    }

    /// The names of an object's enumerable properties, own and inherited. `None` if that throws.
    pub(super) fn names(self, object: sys::napi_value) -> Option<Vec<String>> {
        let mut names = ptr::null_mut();
        // SAFETY: only writes the result.
        let status = unsafe { sys::napi_get_property_names(self.0, object, &raw mut names) };
        if status != sys::Status::napi_ok {
            self.discard_exception();
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

    /// The value, if it is a string of at most [`MAX_ENTRY_BYTES`].
    pub(super) fn text(self, value: sys::napi_value) -> Option<String> {
        match self.payload(value) {
            Ok(Payload::Utf16(units)) => Some(String::from_utf16_lossy(&units)),
            Ok(Payload::Utf8(_)) | Err(_) => None,
        }
    }

    /// The same for a string that cannot be useful if it is longer than `max_bytes`.
    pub(super) fn short_text(self, value: sys::napi_value, max_bytes: usize) -> Option<String> {
        // A unit is at least one byte of UTF-8.
        let is_short = self.units(value).is_some_and(|units| units <= max_bytes);
        let text = is_short.then(|| self.text(value)).flatten();
        text.filter(|text| text.len() <= max_bytes)
    }

    /// The value, if it is a boolean.
    pub(super) fn flag(self, value: sys::napi_value) -> Option<bool> {
        let mut flag = false;
        // SAFETY: only writes the result.
        let status = unsafe { sys::napi_get_value_bool(self.0, value, &raw mut flag) };
        (status == sys::Status::napi_ok).then_some(flag)
    }

    /// The value, if it is a number.
    pub(super) fn number(self, value: sys::napi_value) -> Option<f64> {
        let mut number = 0.0;
        // SAFETY: only writes the result.
        let status = unsafe { sys::napi_get_value_double(self.0, value, &raw mut number) };
        (status == sys::Status::napi_ok).then_some(number)
    }

    /// The value, if it is what `launch` has returned.
    pub(super) fn launch(self, value: sys::napi_value) -> Option<LaunchId> {
        let number = self.number(value).filter(|number| number.fract() == 0.0)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
        (1.0..=f64::from(u32::MAX)).contains(&number).then_some(LaunchId(number as u32))
    }

    /// A number as JavaScript prints it.
    pub(super) fn number_as_text(self, value: sys::napi_value) -> Option<String> {
        self.number(value)?;
        let mut text = ptr::null_mut();
        // SAFETY: only writes the result; the conversion of a number runs no code of the caller.
        let status = unsafe { sys::napi_coerce_to_string(self.0, value, &raw mut text) };
        if status == sys::Status::napi_ok { self.text(text) } else { None }
    }

    /// The headers of these names. If a header is a list, its first value counts. A long one is left
    /// out: what is read from headers are numbers and times.
    pub(super) fn headers(
        self,
        headers: sys::napi_value,
        names: impl Iterator<Item = &'static str>,
    ) -> Vec<(String, String)> {
        let header = |name: &'static str| {
            let value = self.header(headers, name, MAX_HEADER_BYTES)?;
            Some((name.to_owned(), value))
        };
        names.filter_map(header).collect()
    }

    /// One header of at most `max_bytes`. If it is a list, its first value counts.
    pub(super) fn header(
        self,
        headers: sys::napi_value,
        name: &str,
        max_bytes: usize,
    ) -> Option<String> {
        let Property::Is(value) = self.property_named(headers, name) else { return None };
        let text = |value| self.short_text(value, max_bytes);
        text(value).or_else(|| match self.property(self.object(value)?, c"0") {
            Property::Is(first) => text(first),
            Property::Absent | Property::Throws => None,
        })
    }

    /// Discards an error that the caller's own code has thrown, because Node-API refuses further
    /// calls while one is pending. The status of the failed call does not show whether one is.
    fn discard_exception(self) {
        let mut pending = false;
        // SAFETY: only writes the results.
        unsafe {
            sys::napi_is_exception_pending(self.0, &raw mut pending);
            if pending {
                let mut exception = ptr::null_mut();
                sys::napi_get_and_clear_last_exception(self.0, &raw mut exception);
            }
        }
    }
}
