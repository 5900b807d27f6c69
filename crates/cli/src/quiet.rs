//! Keeps what natively run programs print out of the command's own output.

#[cfg(unix)]
mod descriptor {
    use std::{
        fs::File,
        io,
        os::fd::{AsFd, OwnedFd},
    };

    /// While it lives, nothing that the process writes to standard output arrives.
    pub struct Quiet(OwnedFd);

    impl Quiet {
        /// # Errors
        /// Those of the operating system.
        pub fn start() -> io::Result<Self> {
            let output = io::stdout().as_fd().try_clone_to_owned()?;
            rustix::stdio::dup2_stdout(File::create("/dev/null")?)?;
            Ok(Self(output))
        }
    }

    impl Drop for Quiet {
        fn drop(&mut self) {
            // There is nowhere to report to if it fails.
            let _ = rustix::stdio::dup2_stdout(&self.0);
        }
    }
}

#[cfg(not(unix))]
mod descriptor {
    /// Does nothing here: the programs' lines come before the summary.
    pub struct Quiet;

    impl Quiet {
        /// # Errors
        /// None.
        pub fn start() -> std::io::Result<Self> {
            Ok(Self)
        }
    }
}

pub use descriptor::Quiet;
