//! First seed of every program address, one for each account type.

pub const CONFIG: &[u8] = b"config";
pub const PROVIDERS: &[u8] = b"providers";
pub const VERIFYING_KEY: &[u8] = b"vk";
pub const OBSERVATION: &[u8] = b"obs";
pub const RESULT_ROOT: &[u8] = b"root";
