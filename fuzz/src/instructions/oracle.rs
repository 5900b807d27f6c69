use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::{
    accounts::decode,
    addresses::oracle as addresses,
    instructions::oracle::{ProposeProviderSet, ProposeVerifyingKey},
};
use oracle::VerifyingKey;
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{feed, SendError, World};

use super::{options, target, Play, Steps};
use crate::Target;

/// The oracle has no money. What it recorded stays, what it knows of itself too, and no key is one that
/// it would refuse.
pub fn oracle_data() -> Target {
    target("oracle_data", start)
}

struct Oracle {
    world: World,
    /// Accounts that nothing may change, and what they hold.
    kept: Vec<(Pubkey, Vec<u8>)>,
    proposed_key: Pubkey,
}

impl Oracle {
    fn find(&self, address: Pubkey) -> Option<Vec<u8>> {
        let account = self.world.chain.find_account(address).expect("the chain");
        account.map(|account| account.data)
    }
}

impl Play for Oracle {
    fn send(&mut self, instruction: Instruction, signers: &[&Keypair]) -> Result<(), SendError> {
        let sent = self.world.chain.send(&[instruction], signers).map(drop);
        for (address, data) in &self.kept {
            assert_eq!(self.find(*address).as_ref(), Some(data));
        }
        if let Some(data) = self.find(self.proposed_key) {
            let key: VerifyingKey = decode(&oracle::ID, &data).expect("a key");
            let key = groth16::VerifyingKey::from_bytes(&key.key).expect("a key");
            assert_eq!(key.check(), Ok(()));
        }
        sent
    }

    fn pass(&mut self) {
        self.world.advance_seconds(30);
    }
}

fn start() -> (Oracle, Steps) {
    let mut world = World::start(&options()).expect("a world");
    let observation = world.observe(feed(7), 1, 5).expect("an observation");
    let admin = world.admin.insecure_clone();
    let (admin_key, keeper) = (admin.pubkey(), world.keeper.insecure_clone());

    let mut steps = Steps::default();
    let verify = world.verify_observation(feed(8), 1, 6).expect("a proof");
    steps.add(verify.instruction(), &[&keeper]);
    let set = ProposeProviderSet {
        admin: admin_key,
        args: world.provider_set_args(9, 0),
    };
    steps.add(set.instruction(), &[&admin]);
    let key = ProposeVerifyingKey {
        admin: admin_key,
        args: world.key_args(World::CIRCUIT_ID, 7),
    };
    steps.add(key.instruction(), &[&admin]);
    let mut oracle = Oracle {
        world,
        kept: Vec::new(),
        proposed_key: addresses::verifying_key(World::CIRCUIT_ID, 7),
    };
    for address in [addresses::config(), observation] {
        let data = oracle.find(address).expect("it is there");
        oracle.kept.push((address, data));
    }
    (oracle, steps)
}
