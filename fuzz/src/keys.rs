//! Files of keys, of a circuit so small that they are too.

use std::fs;

use circuits::{iden3::Zkey, small};
use sha2::{Digest, Sha256};

use crate::Target;

/// Where the hash of a key file's contents is, before its points.
const CONTENTS: std::ops::Range<usize> = 124..156;

/// What passes every check of a `.zkey` has the key's points of the verifying key, whatever names and
/// values of beacons it has. Other points of A, B and C would take the powers of tau to see.
pub fn zkeys() -> Target {
    let r1cs = small::circuit();
    let verifying = |zkey: &Zkey| zkey.proving_key().vk;
    let expected = verifying(&Zkey::read(small::ZKEY).expect("a key"));
    Target::new("zkeys", [small::ZKEY.to_vec()], move |bytes| {
        let Ok(zkey) = Zkey::read(bytes) else {
            return false;
        };
        let is_taken = zkey.check(&r1cs).is_ok();
        if is_taken {
            let found = verifying(&zkey);
            assert_eq!(found.alpha_g1, expected.alpha_g1);
            assert_eq!(found.beta_g2, expected.beta_g2);
            assert_eq!(found.gamma_g2, expected.gamma_g2);
            assert_eq!(found.delta_g2, expected.delta_g2);
        }
        is_taken
    })
}

/// What is taken is the key. Files come as they are, and with the hash of their contents put right, as
/// their maker could.
pub fn key_files() -> Target {
    let keys = small::keys();
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("key");
    keys.write(&path).expect("writable");
    let good = fs::read(&path).expect("readable");
    Target::new("key_files", [good], move |bytes| {
        let path = directory.path().join("key");
        let mut sealed = bytes.to_vec();
        if bytes.len() >= CONTENTS.end {
            let hash = Sha256::new()
                .chain_update(&bytes[..CONTENTS.start])
                .chain_update(&bytes[CONTENTS.end..])
                .finalize();
            sealed[CONTENTS].copy_from_slice(&hash);
        }
        [bytes, &sealed].iter().any(|bytes| {
            fs::write(&path, bytes).expect("writable");
            let read = small::read_keys(&path);
            if let Ok(read) = &read {
                assert_eq!(read.verifying_key, keys.verifying_key);
            }
            read.is_ok()
        })
    })
}
