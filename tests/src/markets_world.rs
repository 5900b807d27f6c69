//! A venue with standard markets, traders and providers, whose books are checked after every
//! transaction.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use attestation::SecretKey;
use client::{
    accounts::StrobeAccount,
    addresses::markets as addresses,
    instructions::{
        markets::*,
        oracle::{ProposeProviderSetArgs, VerifyObservation, VerifyObservationArgs},
    },
};
use markets::{
    error::MarketError,
    state::{LiquidityPosition, Market, Position, Venue, MAX_OUTCOMES},
};
use math::CurveKind;
use oracle::{error::OracleError, ProviderRole};
use solana_account::Account;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    feed, simulation::field, Chain, Expected, KeySource, Mint, MintOptions, ProgramKind, Receipt,
    SendError, World, WorldOptions,
};

impl Expected for MarketError {
    fn is(&self, error: &client::NamedError) -> bool {
        error.program == Some(markets::ID) && error.code == Some((*self).into())
    }
}

/// An error of the oracle's that the standard markets pass on.
#[derive(Clone, Copy, Debug)]
pub struct PassedOnByMarkets(pub OracleError);

impl Expected for PassedOnByMarkets {
    fn is(&self, error: &client::NamedError) -> bool {
        error.program == Some(markets::ID) && error.code == Some(self.0.into())
    }
}

/// How a venue is set up.
#[derive(Clone, Debug)]
pub struct MarketsOptions {
    pub keys: KeySource,
    pub mint: MintOptions,
    pub terms: Terms,
}

impl Default for MarketsOptions {
    fn default() -> Self {
        Self {
            keys: KeySource::Random,
            mint: MintOptions::default(),
            terms: Terms {
                bond_floor: 1_000_000,
                bond_cap: 1_000_000_000_000,
                min_dispute_window: 60,
                max_dispute_window: 7 * 24 * 60 * 60,
                bond_share: 100,
                protocol_fee_share: 2_000,
                max_fee_rate: 500,
                slot_ms: 400,
            },
        }
    }
}

/// Somebody with money.
pub struct Trader {
    pub key: Keypair,
    /// Associated token account of the venue's mint.
    pub tokens: Pubkey,
}

impl Trader {
    pub fn address(&self) -> Pubkey {
        self.key.pubkey()
    }
}

/// Id of the arbiters' provider set.
const ARBITER_SET_ID: u32 = 2;
/// How many arbiters there are, and how many decide.
const ARBITERS: usize = 3;
const ARBITER_THRESHOLD: u8 = 2;

/// What exists, or has existed, around a market.
#[derive(Clone, Debug, Default)]
struct Known {
    owners: BTreeSet<(Pubkey, u8)>,
    providers: BTreeSet<Pubkey>,
    donated: u64,
}

/// A world with a venue. Setting up and reading panic when they fail; what a test may expect to fail
/// returns a result.
pub struct MarketsWorld {
    pub world: World,
    pub mint: Mint,
    pub venue: Pubkey,
    pub treasury: Keypair,
    pub treasury_tokens: Pubkey,
    pub arbiters: attestation::ProviderSet,
    pub arbiter_set: Pubkey,
    /// Creates markets where a test does not say who.
    pub creator: Trader,
    next_id: u64,
    markets: BTreeMap<Pubkey, Known>,
    token_accounts: Vec<Pubkey>,
    donated: u64,
    /// Accounts as checks have read them. Only what a transaction may write can change.
    seen: RefCell<BTreeMap<Pubkey, Option<Rc<Account>>>>,
}

impl MarketsWorld {
    /// A venue without markets, with the programs in the form that the environment asks for.
    ///
    /// # Panics
    /// If anything fails, as all of these functions do.
    pub fn start(options: &MarketsOptions) -> Self {
        let kind = ProgramKind::from_env().expect("the form of the programs");
        let mut world = World::start(&WorldOptions {
            keys: options.keys,
            ..WorldOptions::new(kind)
        })
        .expect("a world");
        let arbiters = arbiters();
        let arbiter_set = world
            .propose_provider_set(ProposeProviderSetArgs {
                id: ARBITER_SET_ID,
                epoch: 0,
                role: ProviderRole::Arbiter,
                root: field(arbiters.root()),
                threshold: arbiters.threshold(),
                size: u8::try_from(ARBITERS).expect("few"),
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
        let markets = Self {
            world,
            mint,
            venue,
            treasury,
            treasury_tokens,
            arbiters,
            arbiter_set,
            creator: Trader {
                key: creator,
                tokens: creator_tokens,
            },
            next_id: 0,
            markets: BTreeMap::new(),
            token_accounts: vec![
                treasury_tokens,
                creator_tokens,
                addresses::venue_tokens(&venue),
            ],
            donated: 0,
            seen: RefCell::default(),
        };
        markets.check();
        markets
    }

    pub fn chain(&self) -> &Chain {
        &self.world.chain
    }

    /// Somebody with `amount` of the venue's mint.
    pub fn trader(&mut self, amount: u64) -> Trader {
        let key = self.world.chain.new_actor().expect("an actor");
        let tokens = self.associated_account(key.pubkey(), amount);
        Trader { key, tokens }
    }

    /// The associated token account of `owner`, made with `amount` in it.
    pub fn associated_account(&mut self, owner: Pubkey, amount: u64) -> Pubkey {
        let address = self
            .world
            .chain
            .create_associated_token_account(self.mint, owner, amount)
            .expect("a token account");
        self.token_accounts.push(address);
        self.seen.get_mut().remove(&self.mint.address);
        address
    }

    /// One more token account of `owner`, with `amount` in it.
    pub fn token_account(&mut self, owner: Pubkey, amount: u64) -> Pubkey {
        let address = self
            .world
            .chain
            .create_funded_token_account(self.mint, owner, amount)
            .expect("a token account");
        self.token_accounts.push(address);
        self.seen.get_mut().remove(&self.mint.address);
        address
    }

    /// An associated token account with `amount` in it of an address that no key is behind, whose
    /// accounts in the market the checks are to look at.
    pub fn admit(&mut self, owner: Pubkey, market: Pubkey, amount: u64) -> Pubkey {
        let tokens = self
            .world
            .chain
            .create_associated_token_account(self.mint, owner, amount)
            .expect("a token account");
        self.token_accounts.push(tokens);
        self.seen.get_mut().remove(&self.mint.address);
        let known = self.known(market);
        let kinds = [PositionKind::Tradable, PositionKind::RedeemOnly];
        known.owners.extend(kinds.map(|kind| (owner, kind as u8)));
        known.providers.insert(owner);
        tokens
    }

    /// The creator, to be passed where the world is borrowed.
    pub fn creator(&self) -> Trader {
        Trader {
            key: self.creator.key.insecure_clone(),
            tokens: self.creator.tokens,
        }
    }

    /// Sends an instruction and checks all books, whatever became of it.
    ///
    /// # Errors
    /// Those of [`Chain::send`].
    pub fn send(
        &mut self,
        instruction: Instruction,
        signers: &[&Keypair],
    ) -> Result<Receipt, SendError> {
        self.send_all(&[instruction], signers)
    }

    /// Sends a transaction and checks all books, whatever became of it.
    ///
    /// # Errors
    /// Those of [`Chain::send`].
    pub fn send_all(
        &mut self,
        instructions: &[Instruction],
        signers: &[&Keypair],
    ) -> Result<Receipt, SendError> {
        let result = self.send_unchecked(instructions, signers);
        self.check();
        result
    }

    /// Sends a transaction and checks nothing: for many in a row, with [`Self::check`] at intervals.
    ///
    /// # Errors
    /// Those of [`Chain::send`].
    pub fn send_unchecked(
        &mut self,
        instructions: &[Instruction],
        signers: &[&Keypair],
    ) -> Result<Receipt, SendError> {
        let result = self.world.chain.send(instructions, signers);
        for account in instructions.iter().flat_map(|one| &one.accounts) {
            if account.is_writable {
                self.seen.get_mut().remove(&account.pubkey);
            }
        }
        result
    }

    /// Asserts that nothing is left of a closed market, and looks for it no more.
    pub fn forget(&mut self, market: Pubkey) {
        let known = self.markets.remove(&market).expect("a market of the world");
        let tokens = addresses::market_tokens(&market);
        self.token_accounts.retain(|address| *address != tokens);
        let mut gone = vec![market, tokens, addresses::dispute(&market)];
        gone.extend(
            known
                .owners
                .iter()
                .map(|(owner, kind)| addresses::position(&market, owner, kind_of(*kind))),
        );
        gone.extend(
            known
                .providers
                .iter()
                .map(|owner| addresses::liquidity(&market, owner)),
        );
        for address in gone {
            let account = self.chain().find_account(address).expect("the chain");
            assert_eq!(account, None, "an account of a closed market");
        }
    }

    /// Markets that are not closed.
    pub fn open_markets(&self) -> Vec<Pubkey> {
        self.markets.keys().copied().collect()
    }

    /// Gives base units to a token account that nobody asked for.
    pub fn donate(&mut self, to: Pubkey, amount: u64) {
        let (chain, mint) = (&mut self.world.chain, self.mint);
        chain.mint_to(mint, to, amount).expect("a donation");
        for changed in [mint.address, to] {
            self.seen.get_mut().remove(&changed);
        }
        let market = self
            .markets
            .iter_mut()
            .find(|(market, _)| addresses::market_tokens(market) == to);
        match market {
            Some((_, known)) => known.donated += amount,
            None => self.donated += amount,
        }
        self.check();
    }

    pub fn balance(&self, account: Pubkey) -> u64 {
        self.chain().token_balance(account).expect("a balance")
    }

    /// An account that has to be there.
    #[track_caller]
    pub fn read<T: StrobeAccount>(&self, address: Pubkey) -> T {
        self.chain().account(address).expect("an account")
    }

    /// An account that may be there.
    pub fn find<T: StrobeAccount>(&self, address: Pubkey) -> Option<T> {
        let account = self.chain().find_account(address).expect("the chain")?;
        // Lamports that somebody sent to an address make no account of a program.
        if account.owner == anchor_lang::system_program::ID {
            return None;
        }
        Some(client::accounts::decode(&account.owner, &account.data).expect("an account"))
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
        self.read(addresses::position(
            &market,
            &trader.address(),
            PositionKind::Tradable,
        ))
    }

    #[track_caller]
    pub fn liquidity(&self, market: Pubkey, trader: &Trader) -> LiquidityPosition {
        self.read(addresses::liquidity(&market, &trader.address()))
    }

    /// Where the market's curve puts what it gives back to its providers.
    pub fn provider_kind(&self, market: Pubkey) -> PositionKind {
        if self.state(market).pool.kind == CurveKind::L2 as u8 {
            PositionKind::RedeemOnly
        } else {
            PositionKind::Tradable
        }
    }

    /// Moves on to `slot`, and the clock by as many milliseconds as the slots usually take.
    pub fn go_to(&mut self, slot: u64) {
        let slots = slot.checked_sub(self.chain().slot()).expect("a later slot");
        self.world.chain.advance(slots, slots * 400);
    }

    /// Moves the clock to `second`, unix time, with the slots that pass meanwhile.
    pub fn go_to_second(&mut self, second: i64) {
        let milliseconds = u64::try_from(second).expect("a time") * 1_000;
        let passed = milliseconds
            .checked_sub(self.chain().now().0)
            .expect("a later time");
        self.world.chain.advance(passed / 400, passed);
    }
}

/// Where token accounts hold their amount, and mints their supply.
const TOKEN_AMOUNT_OFFSET: usize = 64;
const MINT_SUPPLY_OFFSET: usize = 36;

fn number_at(data: &[u8], offset: usize) -> u64 {
    let bytes = data[offset..].first_chunk().expect("eight bytes");
    u64::from_le_bytes(*bytes)
}

fn kind_of(kind: u8) -> PositionKind {
    if kind == PositionKind::Tradable as u8 {
        PositionKind::Tradable
    } else {
        PositionKind::RedeemOnly
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

/// Building instructions: the accounts that are right, for tests that make one of them wrong.
impl MarketsWorld {
    pub fn token_program(&self) -> Pubkey {
        self.mint.program.id()
    }

    pub fn build_venue(&self, mint: Mint, terms: Terms) -> CreateVenue {
        create_venue(&self.world, mint, &self.treasury, terms)
    }

    /// An hour of trading on an LMSR, with a feed of its own whose `T` is now.
    pub fn terms(&mut self, outcomes: u8) -> CreateMarketArgs {
        self.next_id += 1;
        CreateMarketArgs {
            id: self.next_id,
            feed_id: field(feed(self.next_id)),
            rule: Rule::Categorical,
            curve: Curve::Lmsr,
            offers_switch: false,
            outcomes,
            weights: Vec::new(),
            depth: 1_000_000_000,
            fee_rate: 100,
            creator_fee_share: 1_000,
            observe_at: self.chain().now().0,
            opens_in: 0,
            duration: 60 * 60,
            freeze: 0,
            proposal: 2 * 60 * 60,
            dispute_window: 10 * 60,
            arbitration: 2 * 60 * 60,
        }
    }

    pub fn build_market(&mut self, creator: &Trader, args: CreateMarketArgs) -> CreateMarket {
        let market = addresses::market(&self.venue, &creator.address(), args.id);
        if let std::collections::btree_map::Entry::Vacant(entry) = self.markets.entry(market) {
            entry.insert(Known {
                providers: BTreeSet::from([creator.address()]),
                ..Known::default()
            });
            self.token_accounts.push(addresses::market_tokens(&market));
        }
        CreateMarket {
            creator: creator.address(),
            mint: self.mint.address,
            provider_set: self.world.provider_set,
            verifying_key: self.world.verifying_key,
            arbiter_set: self.arbiter_set,
            arbiter_key: self.world.verifying_key,
            creator_tokens: creator.tokens,
            token_program: self.token_program(),
            args,
        }
    }

    pub fn build_position(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        kind: PositionKind,
    ) -> OpenPosition {
        let owner = (trader.address(), kind as u8);
        self.known(market).owners.insert(owner);
        OpenPosition {
            payer: trader.address(),
            owner: trader.address(),
            market,
            kind,
        }
    }

    pub fn build_liquidity(&mut self, trader: &Trader, market: Pubkey) -> OpenLiquidity {
        self.known(market).providers.insert(trader.address());
        OpenLiquidity {
            payer: trader.address(),
            owner: trader.address(),
            market,
        }
    }

    pub fn build_buy(&self, trader: &Trader, market: Pubkey, outcome: u8, stake: u64) -> Buy {
        Buy {
            owner: trader.address(),
            venue: self.venue,
            market,
            owner_tokens: trader.tokens,
            token_program: self.token_program(),
            args: BuyArgs {
                outcome,
                stake,
                min_shares: 0,
            },
        }
    }

    pub fn build_buy_shares(
        &self,
        trader: &Trader,
        market: Pubkey,
        outcome: u8,
        shares: u64,
    ) -> BuyShares {
        BuyShares {
            owner: trader.address(),
            venue: self.venue,
            market,
            owner_tokens: trader.tokens,
            token_program: self.token_program(),
            args: BuySharesArgs {
                outcome,
                shares,
                max_cost: u64::MAX,
            },
        }
    }

    pub fn build_sell(&self, trader: &Trader, market: Pubkey, outcome: u8, shares: u64) -> Sell {
        Sell {
            owner: trader.address(),
            market,
            owner_tokens: trader.tokens,
            token_program: self.token_program(),
            args: SellArgs {
                outcome,
                shares,
                min_return: 0,
            },
        }
    }

    pub fn build_split(&self, trader: &Trader, market: Pubkey, amount: u64) -> Split {
        Split {
            owner: trader.address(),
            venue: self.venue,
            market,
            owner_tokens: trader.tokens,
            token_program: self.token_program(),
            amount,
        }
    }

    pub fn build_merge(&self, trader: &Trader, market: Pubkey, amount: u64) -> Merge {
        Merge {
            owner: trader.address(),
            market,
            owner_tokens: trader.tokens,
            token_program: self.token_program(),
            amount,
        }
    }

    pub fn build_add(&self, trader: &Trader, market: Pubkey, amount: u64) -> AddLiquidity {
        AddLiquidity {
            owner: trader.address(),
            venue: self.venue,
            market,
            owner_tokens: trader.tokens,
            token_program: self.token_program(),
            kind: self.provider_kind(market),
            args: AddLiquidityArgs {
                amount,
                min_shares: 0,
                min_returned: Vec::new(),
            },
        }
    }

    pub fn build_remove(&self, trader: &Trader, market: Pubkey, shares: u64) -> RemoveLiquidity {
        RemoveLiquidity {
            owner: trader.address(),
            market,
            owner_tokens: trader.tokens,
            token_program: self.token_program(),
            kind: self.provider_kind(market),
            args: RemoveLiquidityArgs {
                shares,
                min_cash: 0,
            },
        }
    }

    pub fn build_collect(&self, trader: &Trader, market: Pubkey) -> CollectLiquidityFees {
        CollectLiquidityFees {
            owner: trader.address(),
            market,
            owner_tokens: trader.tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_collect_creator(&self, market: Pubkey) -> CollectCreatorFees {
        CollectCreatorFees {
            market,
            creator: self.creator.address(),
            creator_tokens: self.creator.tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_release(&self, market: Pubkey) -> ReleaseProtocolFees {
        ReleaseProtocolFees {
            venue: self.venue,
            market,
            token_program: self.token_program(),
        }
    }

    pub fn build_collect_protocol(&self) -> CollectProtocolFees {
        CollectProtocolFees {
            venue: self.venue,
            treasury: self.treasury.pubkey(),
            treasury_tokens: self.treasury_tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_propose(
        &self,
        trader: &Trader,
        market: Pubkey,
        observation: Pubkey,
    ) -> ProposeResolution {
        ProposeResolution {
            proposer: trader.address(),
            market,
            provider_set: self.world.provider_set,
            verifying_key: self.world.verifying_key,
            observation,
            proposer_tokens: trader.tokens,
            token_program: self.token_program(),
            max_bond: u64::MAX,
        }
    }

    /// From an observation of whom the market believes now.
    pub fn build_set_strike(&self, market: Pubkey, observation: Pubkey) -> SetStrike {
        let (provider_set, verifying_key) = self.state(market).observers();
        SetStrike {
            market,
            provider_set,
            verifying_key,
            observation,
        }
    }

    pub fn build_dispute(&self, trader: &Trader, market: Pubkey) -> DisputeResolution {
        DisputeResolution {
            disputer: trader.address(),
            market,
            disputer_tokens: trader.tokens,
            token_program: self.token_program(),
            args: DisputeArgs {
                evidence_hash: [7; 32],
                reason: 3,
                max_bond: u64::MAX,
            },
        }
    }

    pub fn build_resolve_dispute(&self, market: Pubkey, observation: Pubkey) -> ResolveDispute {
        ResolveDispute {
            market,
            arbiter_set: self.arbiter_set,
            arbiter_key: self.world.verifying_key,
            observation,
        }
    }

    pub fn build_finalize(&self, market: Pubkey) -> Finalize {
        let state = self.state(market);
        Finalize {
            market,
            observation: state.observation,
            strike_observation: state.strike_observation,
        }
    }

    /// Redeems every position that the traders have in the market.
    pub fn build_redeem(&self, market: Pubkey, traders: &[&Trader]) -> Redeem {
        let positions = traders
            .iter()
            .flat_map(|trader| {
                [PositionKind::Tradable, PositionKind::RedeemOnly].map(|kind| RedeemedPosition {
                    owner: trader.address(),
                    kind,
                    owner_tokens: trader.tokens,
                })
            })
            .filter(|redeemed| {
                let address = addresses::position(&market, &redeemed.owner, redeemed.kind);
                self.find::<Position>(address).is_some()
            })
            .collect();
        Redeem {
            market,
            token_program: self.token_program(),
            positions,
        }
    }

    pub fn build_redeem_liquidity(&self, market: Pubkey, trader: &Trader) -> RedeemLiquidity {
        RedeemLiquidity {
            market,
            owner: trader.address(),
            owner_tokens: trader.tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_claim_proposal(&self, market: Pubkey, proposer: &Trader) -> ClaimProposalBond {
        ClaimProposalBond {
            market,
            proposer: proposer.address(),
            proposer_tokens: proposer.tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_claim_dispute(&self, market: Pubkey, disputer: &Trader) -> ClaimDisputeBond {
        ClaimDisputeBond {
            market,
            disputer: disputer.address(),
            disputer_tokens: disputer.tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_close(&self, market: Pubkey) -> CloseMarket {
        CloseMarket {
            venue: self.venue,
            market,
            creator: self.creator.address(),
            creator_tokens: self.creator.tokens,
            token_program: self.token_program(),
        }
    }

    fn known(&mut self, market: Pubkey) -> &mut Known {
        self.markets
            .get_mut(&market)
            .expect("a market of the world")
    }
}

/// Doing what is right.
impl MarketsWorld {
    /// A market of the world's creator; gives its address.
    #[track_caller]
    pub fn market(&mut self, args: CreateMarketArgs) -> Pubkey {
        let creator = self.creator();
        let market = addresses::market(&self.venue, &creator.address(), args.id);
        self.try_market(&creator, args).expect("a market");
        market
    }

    /// # Errors
    /// Those of [`Chain::send`], here and below.
    pub fn try_market(
        &mut self,
        creator: &Trader,
        args: CreateMarketArgs,
    ) -> Result<Receipt, SendError> {
        let market = addresses::market(&self.venue, &creator.address(), args.id);
        let create = self.build_market(creator, args);
        let result = self.send(create.instruction(), &[&creator.key]);
        if self.find::<Market>(market).is_none() {
            self.forget(market);
        }
        result
    }

    /// Opens a tradable position.
    pub fn open(&mut self, trader: &Trader, market: Pubkey) -> Result<Receipt, SendError> {
        let open = self.build_position(trader, market, PositionKind::Tradable);
        self.send(open.instruction(), &[&trader.key])
    }

    /// Opens what a provider needs.
    pub fn open_provider(&mut self, trader: &Trader, market: Pubkey) {
        let kind = self.provider_kind(market);
        let position = addresses::position(&market, &trader.address(), kind);
        if self.find::<Position>(position).is_none() {
            let open = self.build_position(trader, market, kind);
            self.send(open.instruction(), &[&trader.key])
                .expect("a position");
        }
        let liquidity = addresses::liquidity(&market, &trader.address());
        if self.find::<LiquidityPosition>(liquidity).is_none() {
            let open = self.build_liquidity(trader, market);
            self.send(open.instruction(), &[&trader.key])
                .expect("a liquidity position");
        }
    }

    pub fn buy(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        outcome: u8,
        stake: u64,
    ) -> Result<Receipt, SendError> {
        let buy = self.build_buy(trader, market, outcome, stake);
        self.send(buy.instruction(), &[&trader.key])
    }

    pub fn buy_shares(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        outcome: u8,
        shares: u64,
    ) -> Result<Receipt, SendError> {
        let buy = self.build_buy_shares(trader, market, outcome, shares);
        self.send(buy.instruction(), &[&trader.key])
    }

    pub fn sell(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        outcome: u8,
        shares: u64,
    ) -> Result<Receipt, SendError> {
        let sell = self.build_sell(trader, market, outcome, shares);
        self.send(sell.instruction(), &[&trader.key])
    }

    pub fn split(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        amount: u64,
    ) -> Result<Receipt, SendError> {
        let split = self.build_split(trader, market, amount);
        self.send(split.instruction(), &[&trader.key])
    }

    pub fn merge(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        amount: u64,
    ) -> Result<Receipt, SendError> {
        let merge = self.build_merge(trader, market, amount);
        self.send(merge.instruction(), &[&trader.key])
    }

    pub fn add(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        amount: u64,
    ) -> Result<Receipt, SendError> {
        let add = self.build_add(trader, market, amount);
        self.send(add.instruction(), &[&trader.key])
    }

    pub fn remove(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        shares: u64,
    ) -> Result<Receipt, SendError> {
        let remove = self.build_remove(trader, market, shares);
        self.send(remove.instruction(), &[&trader.key])
    }

    pub fn poke(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        self.send(Poke { market }.instruction(), &[])
    }

    pub fn switch(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        self.send(SwitchCurve { market }.instruction(), &[])
    }

    /// Has the primary set's observation for the market verified; gives its address.
    pub fn observe(&mut self, market: Pubkey, value: i64) -> Pubkey {
        let time = self.state(market).observe_at;
        self.observe_at(market, time, value)
    }

    /// Has an observation of the market's feed at any time verified; gives its address.
    pub fn observe_at(&mut self, market: Pubkey, time: u64, value: i64) -> Pubkey {
        let feed = feed(self.state(market).id);
        self.world
            .observe(feed, time, value)
            .expect("an observation")
    }

    /// Has the arbiters' observation for the market verified; gives its address.
    pub fn arbitrate(&mut self, market: Pubkey, value: i64) -> Pubkey {
        let time = self.state(market).observe_at;
        self.arbitrate_at(market, time, value)
    }

    /// Has the arbiters' observation of the market's feed at any time verified; gives its address.
    pub fn arbitrate_at(&mut self, market: Pubkey, time: u64, value: i64) -> Pubkey {
        let state = self.state(market);
        let mut statement = self
            .world
            .statement(feed(state.id), time, value)
            .expect("a statement");
        statement.root = self.arbiters.root();
        statement.threshold = self.arbiters.threshold();
        let verify = VerifyObservation {
            payer: self.world.keeper.pubkey(),
            provider_set: self.arbiter_set,
            verifying_key: self.world.verifying_key,
            args: VerifyObservationArgs {
                feed_id: state.feed_id,
                time,
                value,
                proof: self.world.trapdoor.prove(statement.hash()),
            },
        };
        self.world.send_verify(&verify).expect("an observation");
        verify.observation()
    }

    /// Proposes what a new observation shows.
    pub fn propose(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        value: i64,
    ) -> Result<Receipt, SendError> {
        let observation = self.observe(market, value);
        self.propose_on(trader, market, observation)
    }

    pub fn propose_on(
        &mut self,
        trader: &Trader,
        market: Pubkey,
        observation: Pubkey,
    ) -> Result<Receipt, SendError> {
        let propose = self.build_propose(trader, market, observation);
        self.send(propose.instruction(), &[&trader.key])
    }

    pub fn set_strike(
        &mut self,
        market: Pubkey,
        observation: Pubkey,
    ) -> Result<Receipt, SendError> {
        let set = self.build_set_strike(market, observation);
        self.send(set.instruction(), &[])
    }

    pub fn dispute(&mut self, trader: &Trader, market: Pubkey) -> Result<Receipt, SendError> {
        let dispute = self.build_dispute(trader, market);
        self.send(dispute.instruction(), &[&trader.key])
    }

    /// Settles a dispute on a new observation of the arbiters'.
    pub fn resolve_dispute(&mut self, market: Pubkey, value: i64) -> Result<Receipt, SendError> {
        let observation = self.arbitrate(market, value);
        let resolve = self.build_resolve_dispute(market, observation);
        self.send(resolve.instruction(), &[])
    }

    pub fn finalize(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        let finalize = self.build_finalize(market);
        self.send(finalize.instruction(), &[])
    }

    pub fn void(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        self.send(Void { market }.instruction(), &[])
    }

    /// Has a proposal of the creator's finalized.
    pub fn resolve(&mut self, market: Pubkey, value: i64) {
        let creator = self.creator();
        self.propose(&creator, market, value).expect("a proposal");
        self.go_to_second(self.state(market).dispute_deadline);
        self.finalize(market).expect("an end");
    }

    /// Ends a market and pays everybody, whatever comes first, and closes it. Of `traders` each has a
    /// position, or liquidity, or both.
    pub fn resolve_all(&mut self, market: Pubkey, traders: &[&Trader]) {
        let creator = self.creator();
        let state = self.state(market);
        if !state.is_settled() {
            let now = self.chain().now().seconds();
            if now < state.proposal_deadline {
                self.resolve(market, 0);
            } else {
                self.void(market).expect("a void");
            }
        }
        let all: Vec<_> = traders.iter().copied().chain([&creator]).collect();
        let redeem = self.build_redeem(market, &all);
        if !redeem.positions.is_empty() {
            self.send(redeem.instruction(), &[]).expect("payouts");
        }
        for provider in all {
            let address = addresses::liquidity(&market, &provider.address());
            if self.find::<LiquidityPosition>(address).is_some() {
                self.redeem_liquidity(market, provider).expect("a payout");
            }
        }
        if self.state(market).proposer_claim > 0 {
            self.claim_proposal(market, &creator).expect("a bond");
        }
        self.close(market).expect("a closing");
    }

    pub fn redeem(&mut self, market: Pubkey, traders: &[&Trader]) -> Result<Receipt, SendError> {
        let redeem = self.build_redeem(market, traders);
        self.send(redeem.instruction(), &[])
    }

    pub fn redeem_liquidity(
        &mut self,
        market: Pubkey,
        trader: &Trader,
    ) -> Result<Receipt, SendError> {
        let redeem = self.build_redeem_liquidity(market, trader);
        self.send(redeem.instruction(), &[])
    }

    pub fn claim_proposal(
        &mut self,
        market: Pubkey,
        proposer: &Trader,
    ) -> Result<Receipt, SendError> {
        let claim = self.build_claim_proposal(market, proposer);
        self.send(claim.instruction(), &[])
    }

    pub fn claim_dispute(
        &mut self,
        market: Pubkey,
        disputer: &Trader,
    ) -> Result<Receipt, SendError> {
        let claim = self.build_claim_dispute(market, disputer);
        self.send(claim.instruction(), &[])
    }

    /// Closes a market and asserts that nothing is left of it.
    pub fn close(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        let close = self.build_close(market);
        let receipt = self.send(close.instruction(), &[])?;
        self.forget(market);
        Ok(receipt)
    }

    pub fn collect(&mut self, trader: &Trader, market: Pubkey) -> Result<Receipt, SendError> {
        let collect = self.build_collect(trader, market);
        self.send(collect.instruction(), &[])
    }

    /// Stops new risk, as the guardian.
    pub fn pause(&mut self) -> Result<Receipt, SendError> {
        let guardian = self.world.guardian.insecure_clone();
        let pause = Pause {
            authority: guardian.pubkey(),
            venue: self.venue,
        };
        self.send(pause.instruction(), &[&guardian])
    }

    /// Ends a pause, as the admin, and waits for it.
    pub fn unpause(&mut self) -> Result<Receipt, SendError> {
        let admin = self.world.admin.insecure_clone();
        let unpause = Unpause {
            admin: admin.pubkey(),
            venue: self.venue,
        };
        let result = self.send(unpause.instruction(), &[&admin]);
        if result.is_ok() {
            self.world.pass_timelock();
        }
        result
    }
}

/// Checking the books.
impl MarketsWorld {
    /// Asserts the invariants of design section 9 over every account that the world knows of.
    #[track_caller]
    pub fn check(&self) {
        let venue = self.see_as::<Venue>(self.venue).expect("a venue");
        for (address, known) in &self.markets {
            if let Some(market) = self.see_as::<Market>(*address) {
                self.check_market(*address, &market, known);
            }
        }
        assert_eq!(
            self.see_balance(venue.token_account),
            venue.protocol_fees + self.donated,
            "the venue's tokens are what it tracks"
        );
        let sum: u64 = self
            .token_accounts
            .iter()
            .map(|address| self.see_balance(*address))
            .sum();
        let account = self.see(self.mint.address).expect("a mint");
        let supply = number_at(&account.data, MINT_SUPPLY_OFFSET);
        assert_eq!(sum, supply, "every token is accounted for");
    }

    fn check_market(&self, address: Pubkey, market: &Market, known: &Known) {
        let mut held = [0u64; MAX_OUTCOMES];
        let mut redeem_only = [0u64; MAX_OUTCOMES];
        let mut positions = 0;
        for (owner, kind) in &known.owners {
            let position = addresses::position(&address, owner, kind_of(*kind));
            if let Some(position) = self.see_as::<Position>(position) {
                positions += 1;
                let kinds = held.iter_mut().zip(&mut redeem_only);
                for ((held, redeem_only), shares) in kinds.zip(&position.shares) {
                    *held += shares;
                    if position.kind == PositionKind::RedeemOnly {
                        *redeem_only += shares;
                    }
                }
            }
        }
        if !market.is_settled() {
            assert_eq!(market.redeem_only, redeem_only, "redeem-only shares");
        }
        assert_eq!(market.pool.sold, held, "shares sold are in positions");
        assert_eq!(market.open_positions, positions, "positions");
        let (mut providers, mut supply, mut fees) = (0, 0, 0);
        for owner in &known.providers {
            let liquidity = addresses::liquidity(&address, owner);
            if let Some(mut liquidity) = self.see_as::<LiquidityPosition>(liquidity) {
                market.credit_fees(&mut liquidity).expect("fees");
                providers += 1;
                supply += liquidity.shares;
                fees += liquidity.fees_owed;
            }
        }
        assert_eq!(market.liquidity_supply, supply, "LP shares are somebody's");
        assert_eq!(market.open_liquidity, providers, "providers");
        assert!(
            market.liquidity_fees >= fees,
            "providers are owed {fees}, but there is {}",
            market.liquidity_fees
        );
        assert_eq!(market.pool.fees, 0, "fees are distributed at once");

        let owed = if market.is_settled() {
            market.liability().expect("a liability")
        } else {
            market.pool.sold.into_iter().max().unwrap_or(0)
        };
        assert!(market.pool.cash >= owed, "the market can pay whoever wins");
        assert_eq!(
            self.see_balance(market.token_account),
            market.tracked().expect("a sum") + known.donated,
            "the market's tokens are what it tracks"
        );
    }

    /// An account as the last transaction that might have written it left it.
    fn see(&self, address: Pubkey) -> Option<Rc<Account>> {
        let mut seen = self.seen.borrow_mut();
        seen.entry(address)
            .or_insert_with(|| {
                let account = self.chain().find_account(address).expect("the chain");
                // Lamports that somebody sent to an address make no account of a program.
                account
                    .filter(|account| account.owner != anchor_lang::system_program::ID)
                    .map(Rc::new)
            })
            .clone()
    }

    fn see_as<T: StrobeAccount>(&self, address: Pubkey) -> Option<T> {
        let account = self.see(address)?;
        Some(client::accounts::decode(&account.owner, &account.data).expect("an account"))
    }

    /// Zero if there is no account.
    fn see_balance(&self, address: Pubkey) -> u64 {
        self.see(address)
            .map_or(0, |account| number_at(&account.data, TOKEN_AMOUNT_OFFSET))
    }
}
