use std::{env, fs, path::PathBuf};

use attestation::{Attestation, FeedKind, Millis, Observation, Quorum};
use circuits::{iden3::r1cs_hash, Circuit, KeyStore};
use client::instructions::oracle::ProposeVerifyingKeyArgs;
use oracle::NETWORK;
use prover::{proof_json, public_json, verification_key_json, Prover};
use testbed::{feed, FlashWorld};

const LIQUIDITY: u64 = 100_000_000_000;
const PURSE: u64 = 10_000_000_000;
const STAKE: u64 = 1_000_000;
const WINNER: u8 = 2;

/// What `scripts/ceremony-rehearsal` says.
fn said(variable: &str) -> String {
    env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set"))
}

fn directory(variable: &str) -> PathBuf {
    said(variable).into()
}

#[test]
#[ignore = "needs the keys that scripts/ceremony-rehearsal makes"]
fn key_of_a_ceremony_settles_a_flash_bet() {
    assert_eq!(NETWORK, oracle::Network::Mainnet);
    let circuit: Circuit = said("STROBE_CEREMONY_CIRCUIT").parse().unwrap();
    let keys = KeyStore::new(directory("STROBE_CEREMONY_KEYS")).load(circuit);
    let keys = keys.unwrap().expect("the ceremony's keys");
    let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
    let slots = u8::try_from(circuit.slots()).unwrap();
    let key = ProposeVerifyingKeyArgs {
        development: keys.is_dev(),
        slots,
        transcript_hash: keys.transcript_hash.expect("there is a transcript"),
        r1cs_hash: r1cs_hash(&keys.r1cs),
        key: keys.verifying_key.as_bytes().to_vec(),
        ..flash.world.key_args(slots.into(), 1)
    };
    flash.world.verifying_key = flash.world.propose_verifying_key(key).unwrap();
    flash.world.pass_timelock();
    let prover = Prover::new(keys);

    let terms = flash.terms(3);
    let (id, time) = (1, terms.observe_at_ms);
    let locks_at = i64::try_from(time / 1_000).unwrap();
    let market = flash.market(terms);
    let user = flash.user(PURSE);
    flash.open_ticket(&user, market).unwrap();
    flash.place(&user, market, WINNER, STAKE).unwrap();
    flash.go_to_second(locks_at + 1);

    let [said_at, never] = [time, 0].map(|time| Millis::new(time).unwrap());
    let said = Observation::new(feed(id), said_at, never, i64::from(WINNER)).unwrap();
    let domain = flash.world.domain();
    let attestations: Vec<_> = flash.world.providers[..3]
        .iter()
        .map(|provider| Attestation::sign(provider, domain, said))
        .collect();
    let members = &flash.world.members;
    let kind = FeedKind::Event;
    let quorum = Quorum::new(
        members,
        domain,
        kind,
        feed(id),
        said_at,
        &attestations,
        None,
    );
    let made = prover.prove(&quorum.unwrap()).unwrap();
    let verify = flash
        .world
        .verify_observation(feed(id), time, i64::from(WINNER));
    let mut verify = verify.unwrap();
    verify.args.proof = made.proof;
    flash.world.send_verify(&verify).unwrap();

    let held = flash.ticket(market, &user).holdings.shares[usize::from(WINNER)];
    let purse = flash.balance(user.tokens);
    flash.resolve_on(market, verify.observation()).unwrap();
    flash.settle(market, &[&user]).unwrap();
    assert_eq!(flash.balance(user.tokens), purse + held);
    assert!(held > STAKE);

    let out = directory("STROBE_CEREMONY_OUT");
    fs::create_dir_all(&out).unwrap();
    let account = flash.world.chain.find_account(flash.world.verifying_key);
    fs::write(
        out.join("verifying-key-account"),
        account.unwrap().unwrap().data,
    )
    .unwrap();
    for (file, contents) in [
        (
            "verification_key.json",
            verification_key_json(prover.verifying_key()),
        ),
        ("proof.json", proof_json(&made.proof)),
        ("public.json", public_json(&made.public_input)),
    ] {
        fs::write(out.join(file), contents.to_string()).unwrap();
    }
}
