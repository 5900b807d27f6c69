//! A search that libFuzzer guides by coverage.

#![allow(
    unsafe_code,
    reason = "libFuzzer takes a function and no closure, and arguments as C does"
)]

use std::{
    ffi::{c_char, c_int, CString},
    fs,
    mem::transmute,
    path::Path,
    ptr,
    sync::Mutex,
};

// Of the libFuzzer that `libfuzzer_sys` builds.
extern "C" {
    fn LLVMFuzzerRunDriver(
        count: *mut c_int,
        arguments: *mut *mut *mut c_char,
        check: unsafe extern "C" fn(*const u8, usize) -> c_int,
    ) -> c_int;
}

/// The check of the one search of this process.
struct Check(*mut (dyn FnMut(&[u8]) + 'static));

// SAFETY: libFuzzer calls it in the thread that set it.
unsafe impl Send for Check {}

static CHECK: Mutex<Option<Check>> = Mutex::new(None);

/// What `libfuzzer_sys` calls for an input.
#[no_mangle]
fn rust_fuzzer_test_input(input: &[u8]) -> i32 {
    let check = CHECK.lock().ok().and_then(|check| Some(check.as_ref()?.0));
    let Some(check) = check else { return 0 };
    // SAFETY: `search` outlives the driver, which it waits for.
    (unsafe { &mut *check })(input);
    0
}

unsafe extern "C" fn try_one(start: *const u8, len: usize) -> c_int {
    libfuzzer_sys::test_input_wrap(start, len)
}

/// Searches until the seconds are over, with what it finds kept in `folder` beside the corpus. It ends
/// the process, as libFuzzer does.
///
/// # Panics
/// If the folder cannot be written.
pub fn search(
    name: &str,
    folder: &Path,
    corpus: &[Vec<u8>],
    seconds: u64,
    check: &mut dyn FnMut(&[u8]),
) -> ! {
    let known = folder.join(name.replace(' ', "-"));
    fs::create_dir_all(&known).expect("a folder for the corpus");
    for (number, input) in corpus.iter().enumerate() {
        fs::write(known.join(format!("given-{number}")), input).expect("a file of the corpus");
    }
    libfuzzer_sys::initialize(ptr::null(), ptr::null());
    // SAFETY: only the lifetime changes; the check is called before this function ends.
    let check: *mut (dyn FnMut(&[u8]) + 'static) =
        unsafe { transmute::<&mut dyn FnMut(&[u8]), &'static mut dyn FnMut(&[u8])>(check) };
    *CHECK.lock().expect("nobody else holds it") = Some(Check(check));

    let longest = corpus.iter().map(Vec::len).max().unwrap_or_default();
    let texts = [
        name.to_owned(),
        format!("-max_total_time={seconds}"),
        format!("-max_len={}", 2 * longest + 64),
        format!("-artifact_prefix={}-", known.display()),
        "-print_final_stats=1".to_owned(),
        known.display().to_string(),
    ];
    let texts = texts.map(|text| CString::new(text).expect("no zero byte"));
    let mut arguments: Vec<_> = texts.iter().map(|text| text.as_ptr().cast_mut()).collect();
    arguments.push(ptr::null_mut());
    let mut count = c_int::try_from(texts.len()).expect("few");
    let mut start = arguments.as_mut_ptr();
    // SAFETY: as many arguments as said, and a null after them, as `main` gets them.
    let code = unsafe { LLVMFuzzerRunDriver(&mut count, &mut start, try_one) };
    std::process::exit(code)
}
