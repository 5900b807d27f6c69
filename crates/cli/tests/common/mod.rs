//! Runs the command as a user would.
#![allow(dead_code, reason = "every test binary uses some of it")]

use std::process::Command;

use serde_json::Value;

pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// What the command wrote, as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.stderr);
        serde_json::from_str(&self.stdout).expect("JSON on standard output")
    }
}

pub fn strobe<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_strobe"))
        .args(arguments)
        .output()
        .expect("the command starts");
    Run {
        code: output.status.code().expect("an exit code"),
        stdout: String::from_utf8(output.stdout).expect("UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// The message with which the command fails.
#[track_caller]
pub fn refusal<S: AsRef<std::ffi::OsStr>>(arguments: &[S]) -> String {
    let run = strobe(arguments);
    assert_eq!(run.code, 1, "it said {}{}", run.stdout, run.stderr);
    assert_eq!(run.stdout, "");
    run.stderr
}
