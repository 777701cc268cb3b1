//! Whether the process can get more memory.

/// Smaller sizes are not tested: every allocation of a process could fail for them.
const MIN_TESTED_BYTES: usize = 1 << 20;
/// What must be left for the host. JavaScript ends the process if it gets no memory.
const LEFT_FOR_HOST_BYTES: usize = 64 << 20;

/// Whether `bytes` can be allocated with enough left for the host: a process can have a limit on its
/// address space. Small sizes are not tested. Nothing is written to the memory, so this takes
/// microseconds.
pub fn has_room_for(bytes: usize) -> bool {
    if bytes < MIN_TESTED_BYTES {
        return true;
    }
    let mut room: Vec<u8> = Vec::new();
    let reserved = room.try_reserve_exact(bytes.saturating_add(LEFT_FOR_HOST_BYTES));
    // Without this the compiler may leave the allocation out.
    std::hint::black_box(&room);
    reserved.is_ok()
}

/// What threads need at most. Most of it is address space that is never used: the C library and the
/// allocator reserve it for each thread, ours and those of Node that start later.
const FOR_THREADS_BYTES: usize = 600 << 20;

/// Whether threads can start with enough left for the host. Without a limit on the address space they
/// always can.
pub fn has_room_for_threads() -> bool {
    !has_limited_address_space() || has_room_for(FOR_THREADS_BYTES)
}

#[cfg(unix)]
fn has_limited_address_space() -> bool {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::As).current.is_some()
}

/// Other systems limit memory, not addresses.
#[cfg(not(unix))]
const fn has_limited_address_space() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_process_has_room_for_everything() {
        assert!(has_room_for(0) && has_room_for(MIN_TESTED_BYTES));
        assert!(!has_room_for(usize::MAX) && !has_room_for(usize::MAX / 4));
    }
}
