//! Panics that tests expect, and where they happened.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

pub(crate) struct Panic {
    pub(crate) message: String,
    pub(crate) file: String,
    pub(crate) line: u32,
}

thread_local! {
    static EXPECTED: RefCell<Option<Option<Panic>>> = const { RefCell::new(None) };
}

/// Runs `f`, which must panic.
pub(crate) fn panic_of(what: &str, f: impl FnOnce()) -> Panic {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |info| {
            let noted = EXPECTED.with_borrow_mut(|expected| {
                let Some(slot) = expected else { return false };
                let payload = info.payload();
                let message = payload.downcast_ref::<String>().cloned();
                let message = message.or(payload.downcast_ref::<&str>().map(|s| s.to_string()));
                *slot = info.location().map(|at| Panic {
                    message: message.unwrap_or_default(),
                    file: at.file().into(),
                    line: at.line(),
                });
                true
            });
            if !noted {
                usual(info);
            }
        }));
    });
    EXPECTED.set(Some(None));
    let outcome = catch_unwind(AssertUnwindSafe(f));
    let panic = EXPECTED.take().flatten();
    assert!(outcome.is_err(), "no panic: {what}");
    panic.unwrap_or_else(|| panic!("no location: {what}"))
}

/// Asserts that an expression panics with this message, at the line where it is written.
macro_rules! misuse {
    ($message:literal, $($body:tt)+) => {{
        let what = stringify!($($body)+);
        let panic = $crate::panics::panic_of(what, || { let _ = { $($body)+ }; });
        assert!(panic.message.contains($message), "{what}: {:?}", panic.message);
        let lines = line!()..=line!() + 6;
        let here = panic.file == file!() && lines.contains(&panic.line);
        assert!(here, "{what}: panicked at {}:{}", panic.file, panic.line);
    }};
}
pub(crate) use misuse;
