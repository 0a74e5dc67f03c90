//! Files that make a crate panic which reads them: [`guarded`].

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What is read, or the text of a panic.
pub(super) fn guarded<T>(read: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(read)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        format!("it cannot be decoded: {}", text.unwrap_or("panic"))
    })
}
