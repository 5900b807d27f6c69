//! Where a program begins.

/// The entry point of Anchor's `entry`, in place of Anchor's own: the accounts are written where they stay, and are left
/// to the end of the program instead of each being dropped, which costs some fifty units an account less. Of what runs
/// on the chain alone, and is no part of another program.
#[macro_export]
macro_rules! entrypoint {
    ($entry:ident) => {
        /// # Safety
        /// `input` is what the runtime writes.
        #[no_mangle]
        pub unsafe extern "C" fn entrypoint(input: *mut u8) -> u64 {
            use $crate::runtime_entrypoint;
            // SAFETY: it starts with the number of accounts, of which `deserialize_into` writes as many as it returns.
            let (program, accounts, data) = unsafe {
                let mut accounts = Vec::with_capacity(*input.cast::<usize>());
                let places = accounts.spare_capacity_mut();
                let (program, count, data) = runtime_entrypoint::deserialize_into(input, places);
                accounts.set_len(count);
                (program, accounts.leak(), data)
            };
            match $entry(program, accounts, data) {
                Ok(()) => runtime_entrypoint::SUCCESS,
                Err(error) => error.into(),
            }
        }
        $crate::runtime_entrypoint::custom_heap_default!();
        $crate::runtime_entrypoint::custom_panic_default!();
    };
}
