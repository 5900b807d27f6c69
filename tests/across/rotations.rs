//! Keys change hands while markets are open: each rotation that keys.example describes, as the chain
//! sees it.

use anchor_lang::{error::ErrorCode, prelude::Pubkey, solana_program::instruction::Instruction};
use attestation::SecretKey;
use client::{
    addresses::oracle::{config, provider_set},
    instructions::{
        flash_bets::{Pause, ProposeChange, VaultChange},
        oracle::{
            AcceptAdmin, ProposeAdmin, ProposeProviderSet, RetireProviderSet, SetGuardian,
            SuspendProviderSet,
        },
    },
};
use flash_bets::error::FlashError;
use oracle::{error::OracleError, OracleConfig};
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_system_interface::instruction::{advance_nonce_account, create_nonce_account};
use testbed::{
    multisig::Multisig, ExpectError, FeeShare, FlashWorld, PassedOn, Receipt, SendError, User,
    World,
};

use crate::support::unsigned;

const LIQUIDITY: u64 = 100_000_000_000;
const STAKE: u64 = 1_000_000_000;
/// Longer than a timelock, so that a market is open before a rotation and after it.
const TWO_TIMELOCKS: u32 = 2 * 3_600;

/// A vault, a bettor with `purse`, and a market that he has bet on.
struct Scene {
    flash: FlashWorld,
    bettor: User,
    market: Pubkey,
}

impl Scene {
    fn new() -> Self {
        let (mut flash, _) = FlashWorld::with_liquidity(LIQUIDITY);
        let bettor = flash.user(10 * STAKE);
        let market = bet_on_new_market(&mut flash, &bettor);
        Self {
            flash,
            bettor,
            market,
        }
    }

    /// Settles a market on outcome 0, on which the bettor has all his shares: each pays one base unit,
    /// whatever has been rotated.
    #[track_caller]
    fn win(&mut self, market: Pubkey) {
        let shares = self.flash.ticket(market, &self.bettor).holdings.shares[0];
        let before = self.flash.balance(self.bettor.tokens);
        self.flash.resolve(market, 0).expect("a resolution");
        self.settle_and_close(market);
        assert_eq!(self.flash.balance(self.bettor.tokens), before + shares);
    }

    fn settle_and_close(&mut self, market: Pubkey) {
        self.flash
            .settle(market, &[&self.bettor])
            .expect("a payout");
        self.flash.close(market).expect("a closing");
        self.flash.forget(market);
    }

    fn admin(&self) -> Keypair {
        self.flash.world.admin.insecure_clone()
    }

    #[track_caller]
    fn retire(&mut self, set: Pubkey) {
        let retire = RetireProviderSet {
            authority: self.flash.world.admin.pubkey(),
            provider_set: set,
        };
        let admin = self.admin();
        self.flash
            .send(retire.instruction(), &[&admin])
            .expect("a retirement");
    }
}

fn bet_on_new_market(flash: &mut FlashWorld, bettor: &User) -> Pubkey {
    let terms = flash.lasting(2, TWO_TIMELOCKS);
    let market = flash.market(terms);
    flash
        .open_and_place(bettor, market, 0, STAKE)
        .expect("a bet");
    market
}

/// The set that a world speaks for, to be put back.
struct Providers {
    keys: Vec<SecretKey>,
    members: attestation::ProviderSet,
    address: Pubkey,
}

/// Has the world speak for other providers; gives those before.
fn speak_for(world: &mut World, next: Providers) -> Providers {
    Providers {
        keys: std::mem::replace(&mut world.providers, next.keys),
        members: std::mem::replace(&mut world.members, next.members),
        address: std::mem::replace(&mut world.provider_set, next.address),
    }
}

/// The world's providers with the first `replaced` of them new.
fn with_new_keys(world: &World, replaced: usize, address: Pubkey) -> Providers {
    let old = world.providers.iter().skip(replaced);
    let old = old.map(|key| SecretKey::from_bytes(*key.expose()));
    let keys: Vec<_> = (0..replaced)
        .map(|_| SecretKey::generate())
        .chain(old)
        .collect();
    let members = keys
        .iter()
        .enumerate()
        .map(|(place, key)| attestation::Provider {
            name: format!("provider-{place}"),
            public_key: key.public_key(),
        })
        .collect();
    let members = attestation::ProviderSet::new(world.members.threshold().into(), members);
    Providers {
        keys,
        members: members.expect("a set"),
        address,
    }
}

/// Proposes a set of which the first `replaced` keys are new, under this id and epoch, and plays the
/// rotation: it is no good before the timelock; after it the old one is retired, an open market is
/// served by the keys that it was opened with, and a new one takes the new set alone.
fn rotate_providers(replaced: usize, id: u32, epoch: u32) {
    let mut scene = Scene::new();
    let next = with_new_keys(&scene.flash.world, replaced, provider_set(id, epoch));
    assert_ne!(next.members.root(), scene.flash.world.members.root());
    let old = speak_for(&mut scene.flash.world, next);
    let old_set = old.address;
    let args = scene.flash.world.provider_set_args(id, epoch);
    scene.flash.world.propose_provider_set(args).expect("a set");

    let event_book = scene.flash.create_event_book();
    let terms = scene.flash.lasting(2, TWO_TIMELOCKS);
    scene
        .flash
        .try_market(event_book, terms)
        .expect_refusal(PassedOn(OracleError::ProviderSetNotActive));
    let usable_from = scene.flash.chain().now().seconds() + scene.flash.world.timelock;
    scene.flash.pass_to(usable_from);
    scene.retire(old_set);

    let (bettor, market) = (&scene.bettor, scene.market);
    let new_market = bet_on_new_market(&mut scene.flash, bettor);
    let next = speak_for(&mut scene.flash.world, old);
    let terms = scene.flash.lasting(2, TWO_TIMELOCKS);
    scene
        .flash
        .try_market(event_book, terms)
        .expect_refusal(PassedOn(OracleError::ProviderSetRetired));
    scene.win(market);

    let old = speak_for(&mut scene.flash.world, next);
    scene.win(new_market);
    assert_eq!(old.address, old_set);
}

#[test]
fn one_provider_is_replaced_by_a_new_epoch_of_the_set() {
    rotate_providers(1, World::PROVIDER_SET_ID, 1);
}

#[test]
fn a_whole_set_is_replaced_by_another() {
    rotate_providers(5, World::PROVIDER_SET_ID + 1, 0);
}

/// As many keys as decide were stolen. The set is suspended at once: nothing that it signs settles the
/// open market, which pays slow prices after its deadline, and a market of the new set is not touched.
#[test]
fn a_stolen_set_is_suspended_and_settles_nothing() {
    let mut scene = Scene::new();
    let stolen = scene.flash.world.provider_set;
    let suspend = SuspendProviderSet {
        authority: scene.flash.world.guardian.pubkey(),
        provider_set: stolen,
    };
    let guardian = scene.flash.world.guardian.insecure_clone();
    let suspended = scene.flash.send(suspend.instruction(), &[&guardian]);
    suspended.expect("a suspension");
    let (id, epoch) = (World::PROVIDER_SET_ID, 1);
    let next = with_new_keys(&scene.flash.world, 5, provider_set(id, epoch));
    let old = speak_for(&mut scene.flash.world, next);
    let args = scene.flash.world.provider_set_args(id, epoch);
    scene.flash.world.propose_provider_set(args).expect("a set");
    let usable_from = scene.flash.chain().now().seconds() + scene.flash.world.timelock;
    scene.flash.pass_to(usable_from);
    let new_market = bet_on_new_market(&mut scene.flash, &scene.bettor);

    let next = speak_for(&mut scene.flash.world, old);
    let state = scene.flash.market_state(scene.market);
    let observe_at_ms = state.evidence.observe_at_ms;
    scene
        .flash
        .pass_to(i64::try_from(observe_at_ms.div_ceil(1_000)).expect("a time"));
    let lie = scene
        .flash
        .world
        .verify_observation(testbed::feed(state.id), observe_at_ms, 1)
        .expect("a proof");
    scene
        .flash
        .world
        .send_verify(&lie)
        .expect_refusal(OracleError::ProviderSetSuspended);
    speak_for(&mut scene.flash.world, next);
    scene.win(new_market);

    scene.flash.pass_to(state.void_from);
    let before = scene.flash.balance(scene.bettor.tokens);
    scene.flash.void(scene.market).expect("a void");
    scene.settle_and_close(scene.market);
    let paid = scene.flash.balance(scene.bettor.tokens) - before;
    let shares = state.pool.sold[0];
    assert!(0 < paid && paid < shares, "{paid} of {shares}");
}

/// The old operator runs the open market until the last second, the new one from then on; what the old
/// one has earned stays his.
#[test]
fn an_operator_is_replaced_with_a_market_open() {
    let mut scene = Scene::new();
    let (old, new) = (
        scene.flash.operator.insecure_clone(),
        scene.flash.world.chain.new_actor().expect("an actor"),
    );
    let propose = ProposeChange {
        authority: scene.flash.world.admin.pubkey(),
        vault: scene.flash.vault,
        change: VaultChange::Operator(new.pubkey()),
    };
    let admin = scene.admin();
    let proposed = scene.flash.send(propose.instruction(), &[&admin]);
    proposed.expect("a proposal");
    let from = scene.flash.chain().now().seconds() + scene.flash.world.timelock;

    scene.flash.go_to_second(from - 1);
    scene.flash.operator = new.insecure_clone();
    let early = scene.flash.suspend(scene.market, 60);
    early.expect_refusal(FlashError::NotOperator);
    scene.flash.go_to_second(from);
    scene.flash.operator = old.insecure_clone();
    let late = scene.flash.suspend(scene.market, 60);
    late.expect_refusal(FlashError::NotOperator);
    scene.flash.operator = new;
    let suspended = scene.flash.suspend(scene.market, 60);
    suspended.expect("operator now");
    scene.flash.resume(scene.market).expect("operator now");

    let fees = scene.flash.market_state(scene.market).pool.fees;
    scene.win(scene.market);
    let earned = fees * 1_000 / 10_000;
    assert!(earned > 0);
    scene.flash.operator = old;
    let collected = scene.flash.collect(FeeShare::Operator);
    collected.expect("what the old one earned");
    assert_eq!(scene.flash.balance(scene.flash.operator_tokens), earned);
}

/// The old guardian acts until the last second, the new one from then on; a pause of the new one leaves
/// the open market's settlement alone.
#[test]
fn a_guardian_is_replaced_with_a_market_open() {
    let mut scene = Scene::new();
    let (old, new) = (
        scene.flash.world.guardian.insecure_clone(),
        scene.flash.world.chain.new_actor().expect("an actor"),
    );
    let set = SetGuardian {
        admin: scene.flash.world.admin.pubkey(),
        new_guardian: new.pubkey(),
    };
    let admin = scene.admin();
    let set = scene.flash.send(set.instruction(), &[&admin]);
    set.expect("a proposal");
    let from = scene.flash.chain().now().seconds() + scene.flash.world.timelock;

    let pause = |flash: &FlashWorld, by: &Keypair| {
        Pause {
            authority: by.pubkey(),
            vault: flash.vault,
        }
        .instruction()
    };
    scene.flash.go_to_second(from - 1);
    let early = pause(&scene.flash, &new);
    let early = scene.flash.send(early, &[&new]);
    early.expect_refusal(FlashError::NotAdminOrGuardian);
    scene.flash.go_to_second(from);
    let late = pause(&scene.flash, &old);
    let late = scene.flash.send(late, &[&old]);
    late.expect_refusal(FlashError::NotAdminOrGuardian);
    let paused = pause(&scene.flash, &new);
    let paused = scene.flash.send(paused, &[&new]);
    paused.expect("guardian now");
    scene.win(scene.market);
}

/// A multisig and the keys of its members, two of whom decide.
struct Council {
    multisig: Multisig,
    members: Vec<Keypair>,
}

impl Council {
    fn new(flash: &mut FlashWorld) -> Self {
        let mut actor = || flash.world.chain.new_actor().expect("an actor");
        let members = vec![actor(), actor(), actor()];
        let multisig = Multisig {
            threshold: 2,
            members: members.iter().map(Keypair::pubkey).collect(),
        };
        // It pays the rent of what it proposes.
        let chain = &mut flash.world.chain;
        chain
            .airdrop(multisig.address(), 1_000_000_000)
            .expect("lamports");
        Self { multisig, members }
    }

    fn execute(
        &self,
        flash: &mut FlashWorld,
        instruction: &Instruction,
        voters: &[&Keypair],
    ) -> Result<Receipt, SendError> {
        let signed: Vec<_> = voters.iter().map(|voter| voter.pubkey()).collect();
        let execute = self.multisig.execute(instruction, &signed);
        flash.send(execute, voters)
    }
}

/// A multisig becomes admin by a vote, and then proposes a provider set by votes; a vote below the
/// threshold or of strangers is none, and one on a durable nonce is refused.
#[test]
fn a_multisig_becomes_admin_with_a_market_open() {
    let mut scene = Scene::new();
    let council = Council::new(&mut scene.flash);
    let new_admin = council.multisig.address();
    let old = scene.admin();
    let propose = ProposeAdmin {
        admin: old.pubkey(),
        new_admin,
    };
    let proposed = scene.flash.send(propose.instruction(), &[&old]);
    proposed.expect("a proposal");

    let accept = AcceptAdmin {
        pending_admin: new_admin,
    }
    .instruction();
    let [first, second, _] = &council.members[..] else {
        panic!("three members")
    };
    let flash = &mut scene.flash;
    let early = council.execute(flash, &accept, &[first, second]);
    early.expect_refusal(OracleError::TimelockNotPassed);
    let from = flash.chain().now().seconds() + flash.world.timelock;
    flash.go_to_second(from);
    let one = council.execute(flash, &accept, &[first]);
    one.expect_refusal("MissingRequiredSignature");
    let accepted = council.execute(flash, &accept, &[first, second]);
    accepted.expect("a vote of two of three");
    assert_eq!(flash.read::<OracleConfig>(config()).admin, new_admin);

    let args = flash.world.provider_set_args(World::PROVIDER_SET_ID, 1);
    let by = |admin| ProposeProviderSet { admin, args }.instruction();
    let late = flash.send(by(old.pubkey()), &[&old]);
    late.expect_refusal(OracleError::NotAdmin);
    refuse_other_votes(flash, &council, &by(new_admin));
    let before = flash.chain().lamports(new_admin).expect("lamports");
    let proposed = council.execute(flash, &by(new_admin), &[second, first]);
    proposed.expect("a vote of two of three");
    let set = provider_set(args.id, args.epoch);
    let rent = flash.chain().lamports(set).expect("rent");
    let after = flash.chain().lamports(new_admin).expect("lamports");
    assert_eq!(after, before - rent);
    scene.win(scene.market);
}

fn refuse_other_votes(flash: &mut FlashWorld, council: &Council, instruction: &Instruction) {
    let members = &council.members;
    let strangers = Council::new(flash);
    let voters: Vec<_> = strangers.members.iter().collect();
    // For another council the same program signs in the name of another address.
    let execute = strangers
        .multisig
        .execute(instruction, &strangers.multisig.members);
    let execute = unsigned(execute, council.multisig.address());
    flash
        .send(execute, &voters)
        .expect_refusal(ErrorCode::AccountNotSigner);

    let nonce = Keypair::new();
    let authority = members[0].pubkey();
    let rent = flash.chain().rent(80);
    let create = create_nonce_account(&authority, &nonce.pubkey(), &authority, rent);
    let created = flash.send_all(&create, &[&members[0], &nonce]);
    created.expect("a nonce");
    flash.world.chain.new_blockhash().expect("a blockhash");
    let advance = advance_nonce_account(&nonce.pubkey(), &authority);
    let voters = [authority, members[1].pubkey()];
    let execute = council.multisig.execute(instruction, &voters);
    let vote = flash.send_all(&[advance, execute], &[&members[0], &members[1]]);
    vote.expect_refusal(OracleError::DurableNonce);
}
