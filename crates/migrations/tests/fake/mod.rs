//! A chain in memory that counts what it does and stops answering when told.

use std::collections::HashMap;

use anchor_lang::{
    prelude::{Clock, Pubkey},
    solana_program::{
        bpf_loader_upgradeable::{self, UpgradeableLoaderState},
        instruction::Instruction,
    },
    AccountSerialize, AnchorDeserialize, Discriminator,
};
use bytemuck::Zeroable;
use client::{
    addresses,
    transport::{message, Landed, Prepared, Simulated, Transport, TransportError},
};
use oracle::{instruction, statement::domain, Network, OracleConfig, ProviderSet};
use program_kit::ScheduledKey;
use solana_account::Account;
use solana_message::AddressLookupTableAccount;
use solana_signer::Signer;
use solana_transaction::{versioned::VersionedTransaction, Signature};

/// What becomes of a transaction that is sent.
pub enum Fate {
    /// It takes effect, and nobody says so.
    LandsUnseen,
    /// It does not land, and nobody says so.
    Dropped,
}

#[derive(Default)]
pub struct Fake {
    pub accounts: HashMap<Pubkey, Account>,
    /// Transactions that took effect, in their order.
    pub executed: Vec<Signature>,
    /// How many were signed.
    pub signed: u64,
    pub height: u64,
    /// Calls that are answered before the node falls silent; `None` if it does not.
    pub calls_left: Option<usize>,
    /// Of the next transactions; all others land.
    pub fates: Vec<Fate>,
}

fn account(owner: Pubkey, data: Vec<u8>) -> Account {
    Account {
        lamports: 1,
        data,
        owner,
        ..Account::default()
    }
}

impl Fake {
    /// With the oracle deployed and upgradeable by `authority`.
    pub fn with_oracle(authority: Pubkey) -> Self {
        let state = UpgradeableLoaderState::ProgramData {
            slot: 0,
            upgrade_authority_address: Some(authority),
        };
        let data = bincode::serialize(&state).expect("a state");
        let owner = bpf_loader_upgradeable::ID;
        let accounts = [(addresses::program_data(&oracle::ID), account(owner, data))];
        Self {
            accounts: accounts.into(),
            ..Self::default()
        }
    }

    fn answer(&mut self) -> Result<(), TransportError> {
        match &mut self.calls_left {
            Some(0) => Err(TransportError::Silent {
                url: "http://fake".to_owned(),
                cause: "killed".to_owned(),
            }),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn execute(&mut self, transaction: &VersionedTransaction) {
        let message = &transaction.message;
        for compiled in message.instructions() {
            let data = compiled.data.as_slice();
            let (discriminator, mut arguments) = data.split_at(8);
            if discriminator == instruction::Initialize::DISCRIMINATOR {
                let initialize = instruction::Initialize::deserialize(&mut arguments);
                self.initialize(initialize.expect("arguments").args);
            } else {
                assert_eq!(
                    discriminator,
                    instruction::ProposeProviderSet::DISCRIMINATOR
                );
                let propose = instruction::ProposeProviderSet::deserialize(&mut arguments);
                self.propose(propose.expect("arguments"));
            }
        }
        self.executed.push(transaction.signatures[0]);
    }

    fn initialize(&mut self, args: oracle::instructions::InitializeArgs) {
        let config = OracleConfig {
            version: 1,
            bump: 255,
            network: args.network,
            admin: args.admin,
            pending_admin: Pubkey::default(),
            pending_admin_from: 0,
            guardian: ScheduledKey::new(args.guardian),
            timelock_seconds: args.timelock_seconds,
            retention_seconds: args.retention_seconds,
            domain: [0; 32],
            sequence: oracle::state::FIRST_EVENT,
            reserved: [0; 128],
        };
        let mut data = Vec::new();
        config.try_serialize(&mut data).expect("an account");
        self.create(addresses::oracle::config(), data);
    }

    fn propose(&mut self, args: instruction::ProposeProviderSet) {
        let mut set = ProviderSet::zeroed();
        (set.id, set.epoch) = (args.id, args.epoch);
        (set.role, set.threshold, set.size) = (args.role as u8, args.threshold, args.size);
        (set.root, set.median_slack) = (args.root, args.median_slack);
        set.domain = domain(&oracle::ID, Network::Localnet);
        let data = [ProviderSet::DISCRIMINATOR, bytemuck::bytes_of(&set)].concat();
        self.create(addresses::oracle::provider_set(args.id, args.epoch), data);
    }

    fn create(&mut self, address: Pubkey, data: Vec<u8>) {
        let before = self.accounts.insert(address, account(oracle::ID, data));
        assert!(before.is_none(), "{address} is made twice");
    }
}

impl Transport for Fake {
    fn account(&mut self, address: &Pubkey) -> Result<Option<Account>, TransportError> {
        self.answer()?;
        Ok(self.accounts.get(address).cloned())
    }

    fn accounts_of(
        &mut self,
        _: &Pubkey,
        _: &[u8],
    ) -> Result<Vec<(Pubkey, Account)>, TransportError> {
        panic!("a step knows where to look")
    }

    fn clock(&mut self) -> Result<Clock, TransportError> {
        panic!("no step asks for the time")
    }

    fn wait_past(&mut self, _: u64) -> Result<(), TransportError> {
        panic!("no step waits for a slot")
    }

    fn simulate_with(
        &mut self,
        _: &[Instruction],
        _: &[AddressLookupTableAccount],
        _: &Pubkey,
    ) -> Result<Simulated, TransportError> {
        panic!("what is prepared is simulated")
    }

    fn prepare_with(
        &mut self,
        instructions: &[Instruction],
        tables: &[AddressLookupTableAccount],
        signers: &[&dyn Signer],
    ) -> Result<Prepared, TransportError> {
        self.answer()?;
        self.signed += 1;
        let mut blockhash = [0; 32];
        blockhash[..8].copy_from_slice(&self.signed.to_le_bytes());
        let payer = signers[0].pubkey();
        let message = message(instructions, tables, &payer, blockhash.into())?;
        let transaction = VersionedTransaction::try_new(message, signers)?;
        Ok(Prepared {
            transaction,
            last_valid_block_height: self.height + 150,
        })
    }

    fn watch(&mut self, prepared: &Prepared) -> Result<Landed, TransportError> {
        self.answer()?;
        let signature = prepared.signature();
        if let Some(Fate::LandsUnseen) = self.fates.pop() {
            self.execute(&prepared.transaction);
        }
        if !self.executed.contains(&signature) {
            self.height = self.height.max(prepared.last_valid_block_height + 1);
        }
        self.submit(prepared)
    }

    fn submit(&mut self, prepared: &Prepared) -> Result<Landed, TransportError> {
        self.answer()?;
        let signature = prepared.signature();
        if !self.executed.contains(&signature) {
            let unseen = TransportError::Unconfirmed {
                signature,
                cause: "silence".to_owned(),
            };
            if self.height > prepared.last_valid_block_height {
                return Err(TransportError::Expired { signature });
            }
            match self.fates.pop() {
                Some(Fate::Dropped) => return Err(unseen),
                Some(Fate::LandsUnseen) => {
                    self.execute(&prepared.transaction);
                    return Err(unseen);
                }
                None => self.execute(&prepared.transaction),
            }
        }
        self.answer()?;
        Ok(Landed {
            signature,
            slot: self.height,
            compute_units: None,
            fee_lamports: None,
            logs: Vec::new(),
            events: Vec::new(),
        })
    }
}
