//! Inputs from outside, damaged at random, for the tests of whatever reads them.
//!
//! A search tries its corpus first, then damaged copies of it for [`SECONDS`], or as long as the
//! environment variable `FUZZ_SECONDS` says. `FUZZ_SEED` makes another search of it. It prints how many
//! inputs it tried, and the input that it fails on.

use std::{
    env, fs,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rand::{rngs::StdRng, Rng, SeedableRng};

/// How long a search takes.
pub const SECONDS: u64 = 3;

/// What parsers of numbers, JSON, roots and lengths are most likely to get wrong.
const TOKENS: [&[u8]; 30] = [
    b"-1",
    b"0",
    b"00",
    b"1e9",
    b"1.0",
    b"9223372036854775807",
    b"9223372036854775808",
    b"18446744073709551616",
    b"-9223372036854775808",
    b"21888242871839275222246405745257275088548364400416034343698204186575808495616",
    b"21888242871839275222246405745257275088548364400416034343698204186575808495617",
    b"2736030358979909402780800718157159386076813972158567259200215660948447373041",
    b"root:",
    b"null",
    b"true",
    b"[]",
    b"{}",
    b"\"\"",
    b"\xef\xbb\xbf",
    b"\\u0000",
    b"\n",
    b",",
    b"[[[[[[[[[[[[[[[[",
    b"\"prev_at\":\"0\",",
    &[0; 4],
    &[0xff; 4],
    &[0; 8],
    &[0xff; 8],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    &[0xff; 32],
];

/// Says which input failed, if one does.
struct Tried<'a> {
    name: &'a str,
    input: &'a [u8],
}

impl Drop for Tried<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let text = self.input.escape_ascii();
            eprintln!("{}: failed on b\"{text}\"", self.name);
        }
    }
}

/// Checks inputs until the time is over.
///
/// # Panics
/// If a check does, and without a corpus.
pub fn search(name: &str, corpus: &[Vec<u8>], mut check: impl FnMut(&[u8])) {
    assert!(!corpus.is_empty(), "{name} has no corpus");
    let mut try_one = |input: &[u8]| {
        let tried = Tried { name, input };
        check(tried.input);
    };
    for input in corpus {
        try_one(input);
    }
    let seconds = number("FUZZ_SECONDS").unwrap_or(SECONDS);
    damaged(name, corpus, seconds, &mut try_one);
}

/// Tries damaged copies of a corpus until the time is over.
fn damaged(name: &str, corpus: &[Vec<u8>], seconds: u64, try_one: &mut dyn FnMut(&[u8])) {
    let seed = name
        .bytes()
        .fold(number("FUZZ_SEED").unwrap_or(0), |seed, byte| {
            seed.wrapping_mul(31).wrapping_add(byte.into())
        });
    let mut random = StdRng::seed_from_u64(seed);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut tried = corpus.len();
    while Instant::now() < end {
        let mut input = corpus[random.gen_range(0..corpus.len())].clone();
        for _ in 0..random.gen_range(1..6) {
            damage(&mut input, corpus, &mut random);
        }
        try_one(&input);
        tried += 1;
    }
    println!("{name}: {tried} inputs in {seconds} s");
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}

/// The files of a folder, by name.
///
/// # Panics
/// If it cannot be read.
pub fn corpus(folder: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).expect("the corpus is there");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| fs::read(path).expect("a file of the corpus"))
        .collect()
}

/// Changes one thing in an input: a bit, a digit, a span that goes, comes twice, or is replaced by one
/// of another input or by a token.
pub fn damage(bytes: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut StdRng) {
    let at = random.gen_range(0..=bytes.len());
    let until = (at + random.gen_range(0..24)).min(bytes.len());
    match random.gen_range(0..7) {
        0 if at < bytes.len() => bytes[at] ^= 1 << random.gen_range(0..8),
        1 => drop(bytes.drain(at..until)),
        2 => {
            let copy = bytes[at..until].to_vec();
            bytes.splice(at..at, copy);
        }
        3 => {
            let other = &corpus[random.gen_range(0..corpus.len())];
            let from = random.gen_range(0..=other.len());
            let to = (from + random.gen_range(0..48)).min(other.len());
            bytes.splice(at..until, other[from..to].iter().copied());
        }
        4 if bytes.get(at).is_some_and(u8::is_ascii_digit) => {
            bytes[at] = random.gen_range(b'0'..=b'9');
        }
        5 => {
            // A token in place of as many bytes: lengths and offsets stay.
            let token = TOKENS[random.gen_range(0..TOKENS.len())];
            let end = (at + token.len()).min(bytes.len());
            bytes[at..end].copy_from_slice(&token[..end - at]);
        }
        _ => {
            let token = TOKENS[random.gen_range(0..TOKENS.len())];
            bytes.splice(at..until, token.iter().copied());
        }
    }
}
