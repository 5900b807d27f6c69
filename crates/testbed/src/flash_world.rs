//! A vault with markets and bettors, whose books are checked after every transaction.

mod act;
mod build;
mod chains;
mod check;
mod quantum;
mod rolling;
mod verses;

pub use build::FeeShare;

use std::cell::Cell;

use anchor_lang::prelude::Pubkey;
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{Caps, CreateVault, CreateVaultArgs, FeeSplit},
};
use flash_bets::state::{Deposit, FlashMarket, Ticket, Vault, Withdrawal};
use math::Price;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    program_world::{start_world, ProgramWorld},
    KeySource, Mint, MintOptions, World,
};

/// How a vault is set up. The default has caps that no test reaches by accident.
#[derive(Clone, Debug)]
pub struct FlashOptions {
    pub keys: KeySource,
    pub mint: MintOptions,
    pub vault_id: u64,
    pub notice_seconds: u64,
    pub caps: Caps,
    pub fee_split: FeeSplit,
}

impl Default for FlashOptions {
    fn default() -> Self {
        Self {
            keys: KeySource::Random,
            mint: MintOptions::default(),
            vault_id: 1,
            notice_seconds: 3_600,
            caps: Caps {
                market_funding: u64::MAX,
                event_funding: u64::MAX,
                feed_funding: u64::MAX,
                daily_loss: u64::MAX,
                opening_lead_seconds: 5,
                utilisation: 10_000,
                slot_ms: 400,
            },
            fee_split: FeeSplit {
                protocol: 3_000,
                operator: 1_000,
            },
        }
    }
}

/// Somebody with money: a bettor or a liquidity provider.
pub struct User {
    pub key: Keypair,
    /// Associated token account of the vault's mint.
    pub tokens: Pubkey,
    /// Associated token account of the LP mint.
    pub lp_tokens: Pubkey,
}

impl User {
    pub fn address(&self) -> Pubkey {
        self.key.pubkey()
    }
}

/// The vault of a [`FlashWorld`], and who runs it.
pub struct FlashBets {
    pub vault: Pubkey,
    pub operator: Keypair,
    pub treasury: Keypair,
    pub operator_tokens: Pubkey,
    pub treasury_tokens: Pubkey,
    /// Of the last bet or cash-out built.
    pub nonce: u64,
    last_event: u64,
    /// Equity at cost, LP shares and what was at risk at the last check.
    last: Cell<(u64, u64, u64)>,
}

/// A world with a vault.
pub type FlashWorld = ProgramWorld<FlashBets>;

impl FlashWorld {
    /// A vault without liquidity, with the programs in the form that the environment asks for.
    ///
    /// # Panics
    /// If anything fails, as all of these functions do.
    pub fn start(options: &FlashOptions) -> Self {
        let mut world = start_world(options.keys, None);
        let mint = world.chain.create_mint(&options.mint).expect("a mint");
        let operator = world.chain.new_actor().expect("an actor");
        let treasury = world.chain.new_actor().expect("an actor");
        let create = create_vault(&world, mint, &operator, &treasury, options);
        world
            .chain
            .send(&[create.instruction()], &[&world.admin])
            .expect("a vault");
        let mut tokens = |owner| {
            let tokens = world.chain.create_associated_token_account(mint, owner, 0);
            tokens.expect("a token account")
        };
        let operator_tokens = tokens(operator.pubkey());
        let treasury_tokens = tokens(treasury.pubkey());
        let vault = addresses::vault(&mint.address, options.vault_id);
        let program = FlashBets {
            vault,
            operator,
            treasury,
            operator_tokens,
            treasury_tokens,
            nonce: 0,
            last_event: 0,
            last: Cell::new((0, 0, 0)),
        };
        let token_accounts = vec![
            operator_tokens,
            treasury_tokens,
            addresses::vault_tokens(&vault),
        ];
        Self::new(world, mint, program, token_accounts)
    }

    /// A vault with default options and one provider of `liquidity`.
    pub fn with_liquidity(liquidity: u64) -> (Self, User) {
        let mut flash = Self::start(&FlashOptions::default());
        let provider = flash.user(liquidity);
        flash.deposit(&provider, liquidity).expect("a deposit");
        (flash, provider)
    }

    /// Somebody with `amount` of the vault's mint.
    pub fn user(&mut self, amount: u64) -> User {
        let key = self.world.chain.new_actor().expect("an actor");
        let lp_mint = Mint {
            address: addresses::lp_mint(&self.vault),
            program: self.mint.program,
        };
        let tokens = self.associated_account(key.pubkey(), amount);
        let chain = &mut self.world.chain;
        let lp_tokens = chain.create_associated_token_account(lp_mint, key.pubkey(), 0);
        User {
            key,
            tokens,
            lp_tokens: lp_tokens.expect("an account of LP shares"),
        }
    }

    #[track_caller]
    pub fn deposit_state(&self, user: &User) -> Deposit {
        self.read(addresses::deposit(&self.vault, &user.address()))
    }

    #[track_caller]
    pub fn withdrawal_state(&self, user: &User) -> Withdrawal {
        self.read(addresses::withdrawal(&self.vault, &user.address()))
    }

    pub fn vault_state(&self) -> Vault {
        self.read(self.vault)
    }

    #[track_caller]
    pub fn market_state(&self, market: Pubkey) -> FlashMarket {
        self.read(market)
    }

    #[track_caller]
    pub fn ticket(&self, market: Pubkey, user: &User) -> Ticket {
        self.read(addresses::ticket(&market, &user.address()))
    }

    /// What the user's ticket holds of the first outcome; 0 without a ticket.
    pub fn find_shares(&self, market: Pubkey, user: &User) -> u64 {
        let address = addresses::ticket(&market, &user.address());
        let ticket = self.find::<Ticket>(address);
        ticket.map_or(0, |ticket| ticket.holdings.shares[0])
    }

    /// Moves the clock to `second`, unix time, unless that has passed, and as many slots on as that
    /// usually takes.
    pub fn pass_to(&mut self, second: i64) {
        if self.chain().now().seconds() < second {
            let passed = self.milliseconds_to(second);
            self.world.chain.advance(passed.div_ceil(400), passed);
        }
    }

    /// Moves the clock to `second`, unix time, and no slot on.
    pub fn go_to_second(&mut self, second: i64) {
        let passed = self.milliseconds_to(second);
        self.world.chain.advance(0, passed);
    }
}

fn create_vault(
    world: &World,
    mint: Mint,
    operator: &Keypair,
    treasury: &Keypair,
    options: &FlashOptions,
) -> CreateVault {
    CreateVault {
        admin: world.admin.pubkey(),
        mint: mint.address,
        token_program: mint.program.id(),
        id: options.vault_id,
        args: CreateVaultArgs {
            operator: operator.pubkey(),
            treasury: treasury.pubkey(),
            notice_seconds: options.notice_seconds,
            caps: options.caps,
            fee_split: options.fee_split,
        },
    }
}

/// Equal opening prices.
pub fn uniform(outcomes: u8) -> Vec<u64> {
    let part = Price::ONE.0 / u64::from(outcomes);
    let mut prior = vec![part; usize::from(outcomes)];
    prior[0] += Price::ONE.0 - part * u64::from(outcomes);
    prior
}
