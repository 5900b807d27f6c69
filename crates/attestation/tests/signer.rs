//! What a provider's record keeps it from signing, through crashes and with a damaged record.

use std::{
    fs,
    path::{Path, PathBuf},
};

use attestation::{
    Clock, Domain, FeedKind, Field, Millis, Request, SecretKey, Signer, SignerError,
};
use proptest::prelude::*;
use tempfile::TempDir;

const NOW: u64 = 1_800_000_000_000;

fn millis(millis: u64) -> Millis {
    Millis::new(millis).expect("small")
}

fn domain() -> Domain {
    Domain(Field::from(1))
}

fn clock(now: u64) -> Clock {
    Clock {
        now: millis(now),
        takes_future: false,
        takes_late: false,
        takes_pause: false,
        was_ahead: false,
    }
}

fn tick(observed_at: u64, prev_at: Option<u64>, value: i64) -> Request {
    Request {
        kind: FeedKind::Tick,
        feed_id: Field::from(7),
        observed_at: millis(observed_at),
        prev_at: prev_at.map(millis),
        is_regular: false,
        value: value.into(),
    }
}

fn event(observed_at: u64, value: i64) -> Request {
    Request {
        kind: FeedKind::Event,
        ..tick(observed_at, None, value)
    }
}

struct Desk {
    secret: SecretKey,
    directory: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self {
            secret: SecretKey::generate(),
            directory: tempfile::tempdir().expect("a temporary directory"),
        }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("record")
    }

    fn create(&self) -> Signer {
        Signer::create(self.secret.clone(), &self.path()).expect("a new record")
    }

    fn open(&self) -> Result<Signer, SignerError> {
        Signer::open(self.secret.clone(), &self.path())
    }

    fn reopened(&self) -> Signer {
        self.open().expect("a good record")
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.path()).expect("readable")
    }

    fn write(&self, bytes: &[u8]) {
        fs::write(self.path(), bytes).expect("writable");
    }

    /// Signs with the record read anew, as a process that starts does.
    fn sign(&self, request: Request) -> Result<attestation::Attestation, SignerError> {
        self.reopened().sign(domain(), request, clock(NOW))
    }
}

#[test]
fn two_values_for_one_observation_are_never_signed() {
    let desk = Desk::new();
    drop(desk.create());
    let first = desk.sign(event(NOW, 1)).expect("signed");
    assert!(first.verify(domain()).is_ok());
    assert!(matches!(
        desk.sign(event(NOW, 2)),
        Err(SignerError::OtherValue { .. })
    ));
    let again = desk.sign(event(NOW, 1)).expect("the same again");
    assert_eq!(again, first);

    let other_domain = Domain(Field::from(2));
    let elsewhere = desk
        .reopened()
        .sign(other_domain, event(NOW, 2), clock(NOW));
    assert!(elsewhere.is_ok());
    let mut other_feed = event(NOW, 2);
    other_feed.feed_id = Field::from(8);
    assert!(desk.sign(other_feed).is_ok());
}

#[test]
fn two_observations_that_cover_one_time_are_never_signed() {
    let desk = Desk::new();
    drop(desk.create());
    desk.sign(event(NOW - 10, 1)).expect("signed");
    for (observed_at, value) in [(NOW, 1), (NOW - 20, 1), (NOW, 2)] {
        let refused = desk.sign(event(observed_at, value));
        assert!(matches!(refused, Err(SignerError::Covered { .. })));
    }
    let as_tick = desk.sign(tick(NOW, Some(NOW - 5), 1));
    assert!(matches!(as_tick, Err(SignerError::OtherKind { .. })));
}

#[test]
fn the_record_says_when_the_tick_before_was() {
    let desk = Desk::new();
    drop(desk.create());
    for prev_at in [None, Some(0)] {
        let refused = desk.sign(tick(NOW - 30, prev_at, 100));
        assert!(matches!(refused, Err(SignerError::NoPrevious)));
    }
    desk.sign(tick(NOW - 30, Some(NOW - 40), 100))
        .expect("the first");
    let second = desk.sign(tick(NOW - 20, None, 140)).expect("the second");
    assert_eq!(second.observation.prev_at(), millis(NOW - 30));
    let named = desk.sign(tick(NOW - 10, Some(NOW - 20), 70));
    assert_eq!(named.expect("true").observation.prev_at(), millis(NOW - 20));

    for prev_at in [NOW - 40, NOW - 11, NOW - 9] {
        let refused = desk.sign(tick(NOW, Some(prev_at), 1));
        assert!(matches!(refused, Err(SignerError::OtherPrevious { .. })));
    }
    let before = desk.sign(tick(NOW - 15, None, 1));
    assert!(matches!(before, Err(SignerError::Observation(_))));
    let other = desk.sign(tick(NOW - 20, None, 141));
    assert!(matches!(other, Err(SignerError::OtherValue { .. })));
    assert_eq!(desk.sign(tick(NOW - 20, None, 140)).expect("again"), second);
    let as_event = desk.sign(event(NOW, 1));
    assert!(matches!(as_event, Err(SignerError::OtherKind { .. })));
    let with_prev_at = desk.sign(Request {
        feed_id: Field::from(8),
        prev_at: Some(millis(5)),
        ..event(NOW, 1)
    });
    assert!(matches!(with_prev_at, Err(SignerError::PreviousOfEvent)));
}

#[test]
fn a_clock_that_is_wrong_is_refused() {
    let desk = Desk::new();
    let mut signer = desk.create();
    let mut sign = |observed_at, prev_at, clock| {
        let signed = signer.sign(domain(), tick(observed_at, prev_at, 1), clock);
        signed.map(|_| ())
    };
    let early = sign(NOW + 60_001, Some(NOW), clock(NOW));
    assert!(matches!(early, Err(SignerError::InFuture { .. })));
    let first = sign(NOW + 60_000, Some(NOW), clock(NOW));
    assert!(first.is_ok());

    let behind = sign(NOW + 60_001, None, clock(NOW - 60_001));
    assert!(matches!(behind, Err(SignerError::InFuture { .. })));
    let eager = Clock {
        takes_future: true,
        ..clock(NOW - 60_001)
    };
    let behind = sign(NOW + 60_001, None, eager);
    assert!(matches!(behind, Err(SignerError::ClockBehind { .. })));

    let much_later = NOW + 90 * 86_400_000 + 1;
    let paused = sign(much_later, None, clock(much_later));
    assert!(matches!(paused, Err(SignerError::LongPause { .. })));
    let patient = Clock {
        takes_pause: true,
        ..clock(much_later)
    };
    assert!(sign(much_later, None, patient).is_ok());
    // What was signed is signed again at any time.
    assert!(sign(NOW + 60_000, None, clock(0)).is_ok());
}

#[test]
fn what_is_signed_an_hour_late_is_refused_unless_it_is_said() {
    let desk = Desk::new();
    let mut signer = desk.create();
    let late = clock(NOW + 3_600_001);
    let refused = signer.sign(domain(), event(NOW, 1), late);
    assert!(matches!(refused, Err(SignerError::Late { .. })));
    // Nothing is recorded of it: another value may be signed.
    let other = signer.sign(domain(), event(NOW, 2), clock(NOW + 3_600_000));
    assert!(other.is_ok());
    // What was signed is signed again at any time.
    assert!(signer.sign(domain(), event(NOW, 2), late).is_ok());
    let said = Clock {
        takes_late: true,
        ..late
    };
    let of_another_feed = Request {
        feed_id: Field::from(8),
        ..event(NOW, 1)
    };
    assert!(signer.sign(domain(), of_another_feed, said).is_ok());
}

#[test]
fn a_clock_that_was_ahead_is_taken_back_and_nothing_else() {
    let desk = Desk::new();
    let mut signer = desk.create();
    let day = 86_400_000;
    let ahead = Clock {
        takes_late: true,
        ..clock(NOW + 30 * day)
    };
    signer
        .sign(domain(), tick(NOW, Some(NOW - 10), 1), ahead)
        .expect("a clock that jumped");
    let next = tick(NOW + 10, None, 2);
    let refused = signer.sign(domain(), next, clock(NOW + 10));
    assert!(matches!(refused, Err(SignerError::ClockBehind { .. })));

    let taken_back = Clock {
        was_ahead: true,
        ..clock(NOW + 10)
    };
    let other = signer.sign(domain(), tick(NOW, None, 2), taken_back);
    assert!(matches!(other, Err(SignerError::OtherValue { .. })));
    let overlapping = Request {
        is_regular: true,
        ..tick(NOW + 10, Some(NOW - 5), 2)
    };
    let overlap = signer.sign(domain(), overlapping, taken_back);
    assert!(matches!(overlap, Err(SignerError::Covered { .. })));
    signer.sign(domain(), next, taken_back).expect("signed");
    drop(signer);
    let text = String::from_utf8(desk.bytes()).expect("a text");
    assert_eq!(text.matches("\"clock_was_ahead\":true").count(), 1);

    // From now on without the flag, and no further back, also from what is read.
    let mut signer = desk.open().expect("the record");
    let third = tick(NOW + 20, None, 3);
    let further = Clock {
        takes_future: true,
        ..clock(NOW + 10 - 60_001)
    };
    let refused = signer.sign(domain(), third, further);
    assert!(matches!(refused, Err(SignerError::ClockBehind { .. })));
    signer
        .sign(domain(), third, clock(NOW + 20))
        .expect("signed");
}

#[test]
fn a_crash_at_any_byte_of_a_line_leaves_a_record_that_goes_on() {
    let desk = Desk::new();
    drop(desk.create());
    desk.sign(tick(NOW - 20, Some(NOW - 30), 1))
        .expect("signed");
    let before = desk.bytes();
    desk.sign(tick(NOW - 10, None, 2)).expect("signed");
    let after = desk.bytes();
    for length in before.len()..after.len() {
        desk.write(&after[..length]);
        // The second tick's signature cannot have left, so another value may be signed.
        desk.sign(tick(NOW - 10, None, 3)).expect("signed");
        let kept = desk.sign(tick(NOW - 20, None, 5));
        assert!(matches!(kept, Err(SignerError::OtherValue { .. })));
        let recorded = desk.sign(tick(NOW - 10, None, 2));
        assert!(matches!(recorded, Err(SignerError::OtherValue { .. })));
    }
    // Between the record and the output, the line is whole.
    desk.write(&after);
    let other = desk.sign(tick(NOW - 10, None, 3));
    assert!(matches!(other, Err(SignerError::OtherValue { .. })));
    assert!(desk.sign(tick(NOW - 10, None, 2)).is_ok());
    // A file system may leave zeros where a line was to be.
    desk.write(&[&after[..], &[0; 64]].concat());
    assert!(desk.sign(tick(NOW, None, 4)).is_ok());
    assert!(desk.sign(tick(NOW, None, 4)).is_ok());
}

#[test]
fn a_record_that_was_changed_signs_nothing() {
    let desk = Desk::new();
    drop(desk.create());
    for (place, value) in [(30, 1), (20, 2), (10, 3)] {
        desk.sign(tick(NOW - place, Some(NOW - place - 10), value))
            .expect("signed");
    }
    let good = desk.bytes();
    let lines: Vec<_> = good.split_inclusive(|byte| *byte == b'\n').collect();
    let bad: [Vec<u8>; 6] = [
        Vec::new(),
        lines[0][..20].to_vec(),
        [lines[1], lines[2]].concat(),
        [lines[0], lines[2], lines[3]].concat(),
        [lines[0], lines[1], lines[1]].concat(),
        [lines[0], b"\n", lines[1]].concat(),
    ];
    for bytes in bad {
        desk.write(&bytes);
        assert!(matches!(desk.open(), Err(SignerError::Corrupt { .. })));
    }
    let last_line = good.len() - 1;
    for place in 0..last_line {
        let mut bytes = good.clone();
        bytes[place] ^= 1;
        desk.write(&bytes);
        assert!(desk.open().is_err(), "byte {place}");
    }
    desk.write(&good);
    assert!(desk.open().is_ok());
}

#[test]
fn one_process_at_a_time_signs() {
    let desk = Desk::new();
    let signer = desk.create();
    assert!(matches!(desk.open(), Err(SignerError::InUse { .. })));
    drop(signer);
    assert!(desk.open().is_ok());
}

#[test]
fn a_record_is_never_begun_unasked_nor_anothers_taken() {
    let desk = Desk::new();
    assert!(matches!(desk.open(), Err(SignerError::NoRecord { .. })));
    drop(desk.create());
    let again = Signer::create(desk.secret.clone(), &desk.path());
    assert!(matches!(again, Err(SignerError::RecordExists { .. })));
    let other = Signer::open(SecretKey::generate(), &desk.path());
    assert!(matches!(other, Err(SignerError::OtherKey { .. })));
}

#[cfg(unix)]
#[test]
fn a_record_that_others_may_write_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    drop(desk.create());
    let set = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
    };
    set(&desk.path(), 0o620);
    let refused = desk.open();
    assert!(matches!(
        refused,
        Err(SignerError::OpenToOthers { mode: 0o620, .. })
    ));
    set(&desk.path(), 0o644);
    assert!(desk.open().is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is asked for, in whatever order and with restarts: no two signed observations of a feed
    /// that differ are the tick of one time.
    #[test]
    fn no_requests_make_a_provider_contradict_itself(
        requests in prop::collection::vec((0u64..12, prop::option::of(0u64..12), 0i64..2, any::<bool>(), any::<bool>()), 1..24),
    ) {
        let desk = Desk::new();
        let mut signer = desk.create();
        let mut signed = Vec::new();
        for (observed_at, prev_at, value, is_event, restarts) in requests {
            let mut request = tick(NOW - 20 + observed_at, prev_at.map(|at| NOW - 20 + at), value);
            if is_event {
                request.kind = FeedKind::Event;
            }
            if let Ok(attestation) = signer.sign(domain(), request, clock(NOW)) {
                signed.push(attestation.observation);
            }
            if restarts {
                drop(signer);
                signer = desk.reopened();
            }
        }
        for time in (NOW - 21..NOW).map(millis) {
            let mut ticks = signed.iter().filter(|one| one.is_tick_at(time));
            if let Some(first) = ticks.next() {
                prop_assert!(ticks.all(|other| other == first));
            }
        }
    }
}

/// A feed with an observation at each multiple of a step: the one before need not be this provider's.
#[test]
fn observation_of_a_regular_feed_follows_the_one_before_by_definition() {
    let desk = Desk::new();
    desk.create();
    let regular = |observed_at, value| Request {
        is_regular: true,
        ..tick(observed_at, Some(observed_at - 10), value)
    };
    let first = desk.sign(regular(NOW - 100, 1)).expect("a signature");
    let later = desk.sign(regular(NOW - 50, 2)).expect("one is skipped");
    assert_eq!(later.observation.prev_at(), millis(NOW - 60));
    let between = desk.sign(regular(NOW - 70, 3)).expect("one between");
    assert_eq!(between.observation.prev_at(), millis(NOW - 80));
    assert_eq!(desk.sign(regular(NOW - 100, 1)).expect("again"), first);
    let other = desk.sign(regular(NOW - 50, 9));
    assert!(matches!(other, Err(SignerError::OtherValue { .. })));
    let overlapping = desk.sign(regular(NOW - 55, 2));
    assert!(matches!(overlapping, Err(SignerError::Covered { .. })));
}
