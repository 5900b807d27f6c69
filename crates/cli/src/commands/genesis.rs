//! `strobe genesis`: the accounts of a set-up deployment, for a validator to start with.
//!
//! A deposit in a vault waits for an hour at least. A local validator that starts with the accounts has
//! that hour behind it: they are made by the programs themselves, on the embedded chain.

use std::{error::Error, path::PathBuf, time::SystemTime};

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use anchor_spl::{
    associated_token::spl_associated_token_account::instruction::create_associated_token_account_idempotent,
    token::spl_token,
};
use attestation::{FeedKind, ProviderSet};
use base64::{engine::general_purpose::STANDARD, Engine};
use circuits::Circuit;
use clap::Args;
use client::{
    addresses::{associated_tokens, flash_bets as flash, markets as standard, oracle as oracles},
    instructions::{
        flash_bets::{
            Caps, CreateVault, CreateVaultArgs, ExecuteDeposit, FeeSplit, RequestDeposit,
            RequestDepositArgs,
        },
        markets::{CreateVenue, CreateVenueArgs, Terms},
        oracle::{
            Initialize, InitializeArgs, ProposeProviderSet, ProposeProviderSetArgs,
            ProposeVerifyingKey,
        },
    },
};
use oracle::{instructions::usual_median_slack, Network, ProviderRole};
use serde_json::{json, Value};
use solana_keypair::Keypair;
use solana_signer::Signer;
use solana_system_interface::instruction::create_account;
use testbed::{Chain, ProgramKind, UnixMillis};

use super::{
    arguments::KeysArguments,
    files::{create_directory, read_json, write_json},
    live::{key_proposal, read_key, to_bytes, Registered},
};

const DECIMALS: u8 = 6;
const TOKEN: u64 = 1_000_000;
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// Of each person, tokens.
const PURSE: u64 = 1_000_000;
/// Of the vault, tokens.
const DEPOSIT: u64 = 100_000;
const VAULT_ID: u64 = 1;
const PROVIDERS_ID: u32 = 1;
const ARBITERS_ID: u32 = 2;
const LAMPORTS: u64 = 1_000_000_000_000;
const MINT_BYTES: usize = 82;

#[derive(Args)]
pub struct Genesis {
    /// Key of whoever governs, operates the vault and provides its money.
    #[arg(long, value_name = "FILE")]
    admin: PathBuf,
    /// Key of the mint that is bet with.
    #[arg(long, value_name = "FILE")]
    mint: PathBuf,
    /// Who gets a million tokens too.
    #[arg(long, value_name = "ADDRESS")]
    bettor: Vec<Pubkey>,
    /// The provider set.
    #[arg(long, value_name = "FILE")]
    providers: PathBuf,
    /// The set that decides disputes, with keys of its own: a key that says one thing as a provider does
    /// not sign another as an arbiter.
    #[arg(long, value_name = "FILE")]
    arbiters: PathBuf,
    #[arg(long, default_value = "quorum-3")]
    circuit: Circuit,
    /// Between a proposal of the admin and its effect. What is proposed here has that behind it.
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..=HOUR))]
    timelock_seconds: i64,
    /// New directory for the accounts, which `solana-test-validator --account-dir` takes.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    keys: KeysArguments,
}

/// The embedded chain, and who acts on it.
struct Stage {
    chain: Chain,
    admin: Keypair,
    mint: Keypair,
}

impl Genesis {
    pub fn run(self) -> Result<Value, Box<dyn Error>> {
        let providers: ProviderSet = read_json(&self.providers)?;
        let arbiters: ProviderSet = read_json(&self.arbiters)?;
        let mut stage = Stage::start(read_key(&self.admin)?, read_key(&self.mint)?)?;
        stage.initialize(self.timelock_seconds)?;
        stage.publish(&providers, PROVIDERS_ID, ProviderRole::Primary)?;
        stage.publish(&arbiters, ARBITERS_ID, ProviderRole::Arbiter)?;
        let keys = self.keys.store()?.load_or_generate(self.circuit)?;
        let proposal = key_proposal(&Registered {
            circuit: self.circuit,
            kind: FeedKind::Event,
            key_version: 0,
            key: &keys.verifying_key,
            transcript_hash: keys.transcript_hash,
        })?;
        let verifying_key = oracles::verifying_key(proposal.circuit_id, proposal.key_version);
        let propose = ProposeVerifyingKey {
            admin: stage.admin.pubkey(),
            args: proposal,
        };
        stage.send(&[propose.instruction()])?;
        stage.mint_to(&self.bettor)?;
        let vault = stage.open_vault()?;
        let venue = stage.open_venue()?;

        create_directory(&self.out)?;
        let owners = [oracle::ID, flash_bets::ID, ::markets::ID, spl_token::ID];
        for (address, account) in stage.chain.accounts_of(&owners)? {
            let file = json!({
                "pubkey": address.to_string(),
                "account": {
                    "lamports": account.lamports,
                    "data": [STANDARD.encode(&account.data), "base64"],
                    "owner": account.owner.to_string(),
                    "executable": false,
                    "rentEpoch": u64::MAX,
                    "space": account.data.len(),
                },
            });
            write_json(&self.out.join(format!("{address}.json")), &file)?;
        }
        Ok(json!({
            "accounts": self.out,
            "mint": stage.mint.pubkey().to_string(),
            "vault": vault.to_string(),
            "venue": venue.to_string(),
            "verifying_key": verifying_key.to_string(),
        }))
    }
}

impl Stage {
    /// A chain on which it is a little more than the vault's notice ago.
    fn start(admin: Keypair, mint: Keypair) -> Result<Self, Box<dyn Error>> {
        let mut chain = Chain::start(ProgramKind::Native)?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        let past = u64::try_from(now.as_millis())?.saturating_sub(2 * 3_600_000);
        let slot = chain.slot();
        chain.set_time(slot, UnixMillis(past));
        chain.airdrop(admin.pubkey(), LAMPORTS)?;
        Ok(Self { chain, admin, mint })
    }

    fn send(&mut self, instructions: &[Instruction]) -> Result<(), Box<dyn Error>> {
        self.chain.send(instructions, &[&self.admin])?;
        Ok(())
    }

    fn initialize(&mut self, timelock_seconds: i64) -> Result<(), Box<dyn Error>> {
        let authority = self.chain.upgrade_authority().insecure_clone();
        let admin = self.admin.pubkey();
        let initialize = Initialize {
            payer: admin,
            upgrade_authority: authority.pubkey(),
            args: InitializeArgs {
                network: Network::Localnet,
                admin,
                guardian: admin,
                timelock_seconds,
                retention_seconds: 7 * DAY,
            },
        };
        let signers = [&self.admin, &authority];
        self.chain.send(&[initialize.instruction()], &signers)?;
        Ok(())
    }

    fn publish(
        &mut self,
        set: &ProviderSet,
        id: u32,
        role: ProviderRole,
    ) -> Result<(), Box<dyn Error>> {
        let size = u8::try_from(set.providers().len())?;
        let propose = ProposeProviderSet {
            admin: self.admin.pubkey(),
            args: ProposeProviderSetArgs {
                id,
                epoch: 0,
                role,
                root: to_bytes(set.root()),
                threshold: set.threshold(),
                size,
                median_slack: usual_median_slack(size),
            },
        };
        self.send(&[propose.instruction()])
    }

    /// The mint, and a purse for the admin and each bettor.
    fn mint_to(&mut self, bettors: &[Pubkey]) -> Result<(), Box<dyn Error>> {
        let (admin, mint) = (self.admin.pubkey(), self.mint.pubkey());
        let create = create_account(
            &admin,
            &mint,
            self.chain.rent(MINT_BYTES),
            u64::try_from(MINT_BYTES)?,
            &spl_token::ID,
        );
        let initialize = spl_token::instruction::initialize_mint2(
            &spl_token::ID,
            &mint,
            &admin,
            None,
            DECIMALS,
        )?;
        let signers = [&self.admin, &self.mint];
        self.chain.send(&[create, initialize], &signers)?;
        for owner in [admin].iter().chain(bettors) {
            let tokens = associated_tokens(owner, &mint, &spl_token::ID);
            let open =
                create_associated_token_account_idempotent(&admin, owner, &mint, &spl_token::ID);
            let give = spl_token::instruction::mint_to(
                &spl_token::ID,
                &mint,
                &tokens,
                &admin,
                &[],
                PURSE * TOKEN,
            )?;
            self.send(&[open, give])?;
        }
        Ok(())
    }

    /// A vault with a deposit whose notice has passed.
    fn open_vault(&mut self) -> Result<Pubkey, Box<dyn Error>> {
        let (admin, mint) = (self.admin.pubkey(), self.mint.pubkey());
        let vault = flash::vault(&mint, VAULT_ID);
        let lp_mint = flash::lp_mint(&vault);
        let create = CreateVault {
            admin,
            mint,
            token_program: spl_token::ID,
            id: VAULT_ID,
            args: CreateVaultArgs {
                operator: admin,
                treasury: admin,
                notice_seconds: HOUR.unsigned_abs(),
                caps: Caps {
                    market_funding: 20_000 * TOKEN,
                    event_funding: 100_000 * TOKEN,
                    feed_funding: 100_000 * TOKEN,
                    daily_loss: 100_000 * TOKEN,
                    opening_lead_seconds: 5,
                    utilisation: 10_000,
                    slot_ms: 400,
                },
                fee_split: FeeSplit {
                    protocol: 3_000,
                    operator: 1_000,
                },
            },
        };
        self.send(&[create.instruction()])?;
        let owner_tokens = associated_tokens(&admin, &mint, &spl_token::ID);
        let owner_lp_tokens = associated_tokens(&admin, &lp_mint, &spl_token::ID);
        let request = RequestDeposit {
            owner: admin,
            rent_payer: admin,
            vault,
            owner_tokens,
            token_program: spl_token::ID,
            args: RequestDepositArgs {
                amount: DEPOSIT * TOKEN,
                min_shares: 0,
            },
        };
        self.send(&[request.instruction()])?;
        self.chain
            .advance(HOUR.unsigned_abs() * 4, (HOUR.unsigned_abs() + 1) * 1_000);
        let open =
            create_associated_token_account_idempotent(&admin, &admin, &lp_mint, &spl_token::ID);
        let execute = ExecuteDeposit {
            vault,
            owner: admin,
            rent_payer: admin,
            owner_tokens,
            owner_lp_tokens,
            token_program: spl_token::ID,
        };
        self.send(&[open, execute.instruction()])?;
        Ok(vault)
    }

    fn open_venue(&mut self) -> Result<Pubkey, Box<dyn Error>> {
        let mint = self.mint.pubkey();
        let venue = standard::venue(&mint);
        let create = CreateVenue {
            admin: self.admin.pubkey(),
            mint,
            token_program: spl_token::ID,
            args: CreateVenueArgs {
                treasury: self.admin.pubkey(),
                terms: Terms {
                    bond_floor: 10 * TOKEN,
                    bond_cap: 1_000 * TOKEN,
                    creator_bond: 10 * TOKEN,
                    min_dispute_window_seconds: 60,
                    max_dispute_window_seconds: 3_600,
                    min_resolution_seconds: 2 * 3_600,
                    creator_bond_share: 0,
                    bond_share: 100,
                    protocol_fee_share: 1_000,
                    min_liquidity_fee_share: 5_000,
                    max_fee_rate: 500,
                    slot_ms: 400,
                },
            },
        };
        self.send(&[create.instruction()])?;
        Ok(venue)
    }
}
