//! Targets as libFuzzer calls them.

use std::{cell::RefCell, env, fs, path::Path};

use crate::Target;

thread_local! {
    static TARGET: RefCell<Option<Target>> = const { RefCell::new(None) };
}

/// The whole of a target's binary.
#[macro_export]
macro_rules! libfuzzer {
    ($make:path) => {
        libfuzzer_sys::fuzz_target!(
            init: $crate::guided::start($make()),
            |input: &[u8]| $crate::guided::check(input)
        );
    };
}

/// Puts what the target makes into the corpus, which is the first folder among the arguments.
///
/// # Panics
/// If that cannot be written.
pub fn start(target: Target) {
    let folder = env::args().skip(1).find(|one| Path::new(one).is_dir());
    for (folder, (number, input)) in folder.iter().cycle().zip(target.made.iter().enumerate()) {
        fs::write(Path::new(folder).join(format!("made-{number}")), input).expect("writable");
    }
    TARGET.set(Some(target));
    free_x87();
}

/// Checks an input.
///
/// # Panics
/// If the check does.
pub fn check(input: &[u8]) {
    TARGET.with_borrow_mut(|target| {
        if let Some(target) = target {
            (target.check)(input);
        }
    });
    free_x87();
}

/// The compiled bytecode of the embedded chain leaves MMX registers in use, where libFuzzer's next `long
/// double` is not a number.
#[allow(unsafe_code, reason = "no safe function does it")]
fn free_x87() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: `emms` marks registers as free that nothing here uses.
    unsafe {
        std::arch::asm!("emms", options(nomem, nostack, preserves_flags));
    }
}
