//! A venue with standard markets, traders and providers, whose books are checked after every
//! transaction.

mod act;
mod build;
mod check;

use anchor_lang::prelude::Pubkey;
use attestation::SecretKey;
use client::{
    addresses::markets as addresses,
    instructions::{
        markets::{CreateVenue, CreateVenueArgs, Terms},
        oracle::ProposeProviderSetArgs,
    },
    market_quotes::{quote, MarketQuote},
};
use market_core::{pool::Order, Now};
use markets::state::{LiquidityPosition, Market, Position, Venue};
use oracle::ProviderRole;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    agent,
    program_world::{start_world, ProgramWorld},
    simulation::field,
    KeySource, Mint, MintOptions, ProgramKind, World,
};

/// How a venue is set up.
#[derive(Clone, Debug)]
pub struct MarketsOptions {
    pub keys: KeySource,
    /// That of the environment if there is none.
    pub programs: Option<ProgramKind>,
    pub mint: MintOptions,
    pub terms: Terms,
}

impl Default for MarketsOptions {
    fn default() -> Self {
        Self {
            keys: KeySource::Random,
            programs: None,
            mint: MintOptions::default(),
            terms: Terms {
                bond_floor: 1_000_000,
                bond_cap: 1_000_000_000_000,
                creator_bond: 0,
                min_dispute_window_seconds: 60,
                max_dispute_window_seconds: 7 * 24 * 60 * 60,
                min_resolution_seconds: 2 * 60 * 60,
                creator_bond_share: 0,
                bond_share: 100,
                protocol_fee_share: 2_000,
                min_liquidity_fee_share: 1_000,
                max_fee_rate: 500,
                slot_ms: 400,
            },
        }
    }
}

/// Somebody with money.
pub struct Trader {
    /// Of no use where the trader is another program's address.
    pub key: Keypair,
    /// Associated token account of the venue's mint.
    pub tokens: Pubkey,
    address: Pubkey,
}

impl Trader {
    pub fn new(key: Keypair, tokens: Pubkey) -> Self {
        let address = key.pubkey();
        Self {
            key,
            tokens,
            address,
        }
    }

    pub fn address(&self) -> Pubkey {
        self.address
    }

    /// Whether it is the address of a program: see [`crate::agent`].
    pub fn is_agent(&self) -> bool {
        self.address == agent::address()
    }
}

/// Id of the arbiters' provider set.
const ARBITER_SET_ID: u32 = 2;
/// Version of the key that is theirs alone.
const ARBITER_KEY_VERSION: u32 = 100;
/// How many arbiters there are, and how many decide.
const ARBITERS: usize = 3;
const ARBITER_THRESHOLD: u8 = 2;

/// The venue of a [`MarketsWorld`], and who runs it.
pub struct StandardMarkets {
    pub venue: Pubkey,
    pub treasury: Keypair,
    pub treasury_tokens: Pubkey,
    pub arbiters: attestation::ProviderSet,
    pub arbiter_set: Pubkey,
    /// The arbiters' own key; without it new markets have one for both.
    pub arbiter_key: Option<Pubkey>,
    /// Creates markets where a test does not say who.
    pub creator: Trader,
}

/// A world with a venue.
pub type MarketsWorld = ProgramWorld<StandardMarkets>;

impl MarketsWorld {
    /// A venue without markets, with the programs in the form that the environment asks for.
    ///
    /// # Panics
    /// If anything fails, as all of these functions do.
    pub fn start(options: &MarketsOptions) -> Self {
        let mut world = start_world(options.keys, options.programs);
        let arbiters = arbiters();
        let arbiter_set = world
            .propose_provider_set(ProposeProviderSetArgs {
                id: ARBITER_SET_ID,
                epoch: 0,
                role: ProviderRole::Arbiter,
                root: field(arbiters.root()),
                threshold: arbiters.threshold(),
                size: u8::try_from(ARBITERS).expect("few"),
                median_slack: 1,
            })
            .expect("arbiters");
        world.pass_timelock();
        let mint = world.chain.create_mint(&options.mint).expect("a mint");
        let treasury = world.chain.new_actor().expect("an actor");
        let create = create_venue(&world, mint, &treasury, options.terms);
        world
            .chain
            .send(&[create.instruction()], &[&world.admin])
            .expect("a venue");
        let treasury_tokens = world
            .chain
            .create_associated_token_account(mint, treasury.pubkey(), 0)
            .expect("a token account");
        let creator = world.chain.new_actor().expect("an actor");
        let creator_tokens = world
            .chain
            .create_associated_token_account(mint, creator.pubkey(), 1_000_000_000_000_000_000)
            .expect("a token account");
        let venue = addresses::venue(&mint.address);
        let program = StandardMarkets {
            venue,
            treasury,
            treasury_tokens,
            arbiters,
            arbiter_set,
            arbiter_key: None,
            creator: Trader::new(creator, creator_tokens),
        };
        let token_accounts = vec![
            treasury_tokens,
            creator_tokens,
            addresses::venue_tokens(&venue),
        ];
        Self::new(world, mint, program, token_accounts)
    }

    /// Somebody with `amount` of the venue's mint.
    pub fn trader(&mut self, amount: u64) -> Trader {
        let key = self.world.chain.new_actor().expect("an actor");
        let tokens = self.associated_account(key.pubkey(), amount);
        Trader::new(key, tokens)
    }

    /// The agent's address, with `amount` of the venue's mint and lamports for rent.
    pub fn agent(&mut self, amount: u64) -> Trader {
        let chain = &mut self.world.chain;
        let (key, address) = (chain.new_key(), agent::address());
        chain.airdrop(address, 100_000_000_000).expect("lamports");
        let tokens = self.associated_account(address, amount);
        Trader {
            key,
            tokens,
            address,
        }
    }

    /// Gives the arbiters of new markets a key of their own, once the timelock has passed.
    pub fn part_keys(&mut self) {
        let key = self.world.key_args(World::CIRCUIT_ID, ARBITER_KEY_VERSION);
        let key = self.world.propose_verifying_key(key).expect("a key");
        self.world.pass_timelock();
        self.arbiter_key = Some(key);
    }

    /// The creator, to be passed where the world is borrowed.
    pub fn creator(&self) -> Trader {
        Trader::new(self.creator.key.insecure_clone(), self.creator.tokens)
    }

    #[track_caller]
    pub fn venue_state(&self) -> Venue {
        self.read(self.venue)
    }

    #[track_caller]
    pub fn state(&self, market: Pubkey) -> Box<Market> {
        Box::new(self.read(market))
    }

    #[track_caller]
    pub fn position(&self, market: Pubkey, trader: &Trader) -> Position {
        self.read(addresses::position(&market, &trader.address()))
    }

    #[track_caller]
    pub fn liquidity(&self, market: Pubkey, trader: &Trader) -> LiquidityPosition {
        self.read(addresses::liquidity(&market, &trader.address()))
    }

    /// The present moment, as far as it concerns a market.
    pub fn moment(&self) -> Now {
        self.venue_state().now(self.chain().clock())
    }

    /// What a proposal would have to put up now.
    pub fn bond(&self, market: Pubkey) -> u64 {
        let mut copy = *self.state(market);
        copy.observe_interest(self.moment()).expect("an interest");
        copy.bond_now().expect("a bond")
    }

    /// What an order would trade now.
    pub fn quote(
        &self,
        market: Pubkey,
        outcome: u8,
        order: Order,
    ) -> anchor_lang::Result<MarketQuote> {
        let (market, venue) = (self.state(market), self.venue_state());
        quote(&market, &venue, self.chain().clock(), outcome, order)
    }

    /// Second of the clock, unix time.
    pub fn seconds(&self) -> i64 {
        self.chain().now().seconds()
    }

    /// Moves the clock to `second`, unix time, with the slots that pass meanwhile.
    pub fn go_to_second(&mut self, second: i64) {
        let passed = self.milliseconds_to(second);
        self.world.chain.advance(passed / 400, passed);
    }
}

fn arbiters() -> attestation::ProviderSet {
    let members = (0..ARBITERS)
        .map(|index| attestation::Provider {
            name: format!("arbiter-{index}"),
            public_key: SecretKey::generate().public_key(),
        })
        .collect();
    attestation::ProviderSet::new(ARBITER_THRESHOLD.into(), members).expect("a set")
}

fn create_venue(world: &World, mint: Mint, treasury: &Keypair, terms: Terms) -> CreateVenue {
    CreateVenue {
        admin: world.admin.pubkey(),
        mint: mint.address,
        token_program: mint.program.id(),
        args: CreateVenueArgs {
            treasury: treasury.pubkey(),
            terms,
        },
    }
}
