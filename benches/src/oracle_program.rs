//! The oracle's instructions.

use anchor_lang::solana_program::instruction::Instruction;
use attestation::Field;
use client::{addresses::oracle as addresses, instructions::oracle::*};
use oracle::Network;
use result_tree::FeedResult;
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{simulation::field, Chain, KeySource, ProgramKind, World, WorldOptions};

use crate::{Measured, SEED};

pub fn measure(measured: &mut Measured) {
    initialize(measured);
    let world = World::start(&WorldOptions {
        keys: KeySource::seeded(SEED),
        ..WorldOptions::new(ProgramKind::Sbf)
    })
    .expect("a world");
    let mut scenario = Scenario { world, measured };
    scenario.admins();
    scenario.proposals();
    scenario.observation();
    scenario.batches();
    scenario.results();
    scenario.conflicts();
    scenario.suspensions();
}

fn initialize(measured: &mut Measured) {
    let keys = KeySource::seeded(SEED);
    let mut chain = Chain::start_with(ProgramKind::Sbf, keys).expect("a chain");
    let payer = chain.new_actor().expect("an actor");
    let upgrade_authority = chain.upgrade_authority().insecure_clone();
    let initialize = Initialize {
        payer: payer.pubkey(),
        upgrade_authority: upgrade_authority.pubkey(),
        args: InitializeArgs {
            network: Network::Localnet,
            admin: payer.pubkey(),
            guardian: payer.pubkey(),
            timelock_seconds: 0,
            retention_seconds: oracle::instructions::MIN_RETENTION_SECONDS,
        },
    };
    let receipt = chain
        .send(&[initialize.instruction()], &[&payer, &upgrade_authority])
        .expect("an oracle");
    measured.take("oracle initialize", &receipt);
}

struct Scenario<'a> {
    world: World,
    measured: &'a mut Measured,
}

impl Scenario<'_> {
    fn send(&mut self, name: &str, instruction: Instruction, signers: &[&Keypair]) {
        let receipt = self.world.chain.send(&[instruction], signers).expect(name);
        self.measured.take(&format!("oracle {name}"), &receipt);
    }

    fn send_as_admin(&mut self, name: &str, instruction: Instruction) {
        let admin = self.world.admin.insecure_clone();
        self.send(name, instruction, &[&admin]);
    }

    fn admins(&mut self) {
        let authority = self.world.admin.pubkey();
        let propose = ProposeAdmin {
            admin: authority,
            new_admin: authority,
        };
        let accept = AcceptAdmin {
            pending_admin: authority,
        };
        let guardian = SetGuardian {
            admin: authority,
            new_guardian: self.world.guardian.pubkey(),
        };
        self.send_as_admin("propose_admin", propose.instruction());
        self.world.pass_timelock();
        self.send_as_admin("accept_admin", accept.instruction());
        let again = propose.instruction();
        let admin = self.world.admin.insecure_clone();
        let proposed = self.world.chain.send(&[again], &[&admin]);
        proposed.expect("a proposal");
        self.send_as_admin("cancel_admin", CancelAdmin { authority }.instruction());
        self.send_as_admin("set_guardian", guardian.instruction());
        let cancel = CancelGuardian { authority };
        self.send_as_admin("cancel_guardian", cancel.instruction());
    }

    fn proposals(&mut self) {
        let authority = self.world.admin.pubkey();
        let set = self.world.provider_set_args(World::PROVIDER_SET_ID, 1);
        let propose = ProposeProviderSet {
            admin: authority,
            args: set,
        };
        let cancel = CancelProviderSet {
            authority,
            provider_set: addresses::provider_set(set.id, set.epoch),
            rent_payer: authority,
        };
        self.send_as_admin("propose_provider_set", propose.instruction());
        self.send_as_admin("cancel_provider_set", cancel.instruction());

        let key = self.world.key_args(World::CIRCUIT_ID, 1);
        let cancel = CancelVerifyingKey {
            authority,
            verifying_key: addresses::verifying_key(key.circuit_id, key.key_version),
            rent_payer: authority,
        };
        let propose = ProposeVerifyingKey {
            admin: authority,
            args: key,
        };
        self.send_as_admin("propose_verifying_key", propose.instruction());
        self.send_as_admin("cancel_verifying_key", cancel.instruction());
    }

    fn observation(&mut self) {
        let keeper = self.world.keeper.insecure_clone();
        let verify = self.world.verify_observation(Field::from(1u64), 1, 1);
        let verify = verify.expect("a proof");
        self.send("verify_observation", verify.instruction(), &[&keeper]);
        self.world.advance_seconds(self.world.retention);
        let close = CloseObservation {
            observation: verify.observation(),
            rent_payer: keeper.pubkey(),
        };
        self.send("close_observation", close.instruction(), &[]);
    }

    fn batches(&mut self) {
        let keeper = self.world.keeper.insecure_clone();
        for (count, feed) in [(1u64, 100u64), (2, 200), (5, 300), (10, 400)] {
            let claim = |number| {
                let feed = Field::from(feed + number);
                let verify = self.world.verify_observation(feed, 1, 1);
                verify.expect("a proof").args
            };
            let verify = VerifyObservations {
                payer: keeper.pubkey(),
                provider_set: self.world.provider_set,
                verifying_key: self.world.verifying_key,
                claims: (0..count).map(claim).collect(),
            };
            let receipt = self
                .world
                .chain
                .send_with_all_units(&verify.instruction(), &[&keeper])
                .expect("a batch");
            let name = format!("oracle verify_observations ({count})");
            self.measured.take(&name, &receipt);
        }
    }

    /// A root of 1,024 results.
    fn results(&mut self) {
        let keeper = self.world.keeper.insecure_clone();
        let result = |number: u64| FeedResult {
            feed_id: field(Field::from(number)),
            time: 1,
            value: 1,
        };
        let results: Vec<_> = (0..1_024).map(result).collect();
        let tree = self.world.result_tree(&results).expect("a tree");
        let verify = self.world.verify_result_root(Field::from(1u64), 1, &tree);
        let verify = verify.expect("a proof");
        self.send("verify_result_root", verify.instruction(), &[&keeper]);
        let root = verify.result_root();
        let record = self.world.record_result(root, &tree, &results[600], 600);
        self.send(
            "record_result (1,024 results)",
            record.instruction(),
            &[&keeper],
        );
        let contradicted = self.world.observe(Field::from(7u64), 1, 2);
        let report = ReportResultConflict {
            result_root: root,
            observation: contradicted.expect("an observation"),
            args: ReportResultConflictArgs {
                value: 1,
                index: 7,
                path: tree.path(7).unwrap_or_default(),
            },
        };
        self.send(
            "report_result_conflict (1,024 results)",
            report.instruction(),
            &[],
        );
        self.world.advance_seconds(self.world.retention);
        let close = CloseResultRoot {
            result_root: root,
            rent_payer: keeper.pubkey(),
        };
        self.send("close_result_root", close.instruction(), &[]);
    }

    fn conflicts(&mut self) {
        let feed = Field::from(20_000u64);
        self.world.observe(feed, 1, 1).expect("an observation");
        let report = self.world.report_conflict(feed, 1, 2).expect("a proof");
        self.send("report_conflict", report.instruction(), &[]);
    }

    fn suspensions(&mut self) {
        let authority = self.world.admin.pubkey();
        let set = SuspendProviderSet {
            authority,
            provider_set: self.world.provider_set,
        };
        let key = SuspendVerifyingKey {
            authority,
            verifying_key: self.world.verifying_key,
        };
        let retire_set = RetireProviderSet {
            authority,
            provider_set: self.world.provider_set,
        };
        let retire_key = RetireVerifyingKey {
            authority,
            verifying_key: self.world.verifying_key,
        };
        self.send_as_admin("retire_provider_set", retire_set.instruction());
        self.send_as_admin("retire_verifying_key", retire_key.instruction());
        self.send_as_admin("suspend_provider_set", set.instruction());
        self.send_as_admin("suspend_verifying_key", key.instruction());
    }
}
