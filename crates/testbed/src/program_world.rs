//! A world with one of the two market programs, whose books are checked after every transaction.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::{Deref, DerefMut},
    rc::Rc,
};

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use attestation::Field;
use client::accounts::{self, AccountError, StrobeAccount};
use solana_account::Account;
use solana_keypair::Keypair;

use crate::{
    Chain, KeySource, Mint, MintOptions, ProgramKind, Receipt, SendError, World, WorldOptions,
};

/// What the world of a market program knows of the program alone.
pub trait MarketProgram: Sized {
    /// Where a market has its money.
    fn market_tokens(market: &Pubkey) -> Pubkey;

    /// Asserts what must hold between the program's accounts.
    fn check(world: &ProgramWorld<Self>);
}

/// What exists, or has existed, around a market.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// The program's accounts other than the market.
    pub accounts: BTreeSet<Pubkey>,
    /// Base units that nobody asked for.
    pub donated: u64,
}

/// A world with a market program. Setting up and reading panic when they fail; what a test may
/// expect to fail returns a result.
pub struct ProgramWorld<P> {
    pub world: World,
    pub mint: Mint,
    program: P,
    last_id: u64,
    markets: BTreeMap<Pubkey, Known>,
    /// The program's accounts that belong to no market.
    pub(crate) accounts: BTreeSet<Pubkey>,
    token_accounts: Vec<Pubkey>,
    /// Base units that nobody asked for, where they belong to no market.
    pub(crate) donated: u64,
}

impl<P> Deref for ProgramWorld<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.program
    }
}

impl<P> DerefMut for ProgramWorld<P> {
    fn deref_mut(&mut self) -> &mut P {
        &mut self.program
    }
}

/// The feed of the market with this id in a [`ProgramWorld`].
pub fn feed(id: u64) -> Field {
    Field::from(1_000_000 + id)
}

/// A world with the programs in the form that the environment asks for.
pub(crate) fn start_world(keys: KeySource) -> World {
    let kind = ProgramKind::from_env().expect("the form of the programs");
    World::start(&WorldOptions {
        keys,
        ..WorldOptions::new(kind)
    })
    .expect("a world")
}

impl<P: MarketProgram> ProgramWorld<P> {
    /// Of the token accounts there are.
    pub(crate) fn new(world: World, mint: Mint, program: P, token_accounts: Vec<Pubkey>) -> Self {
        let new = Self {
            world,
            mint,
            program,
            last_id: 0,
            markets: BTreeMap::new(),
            accounts: BTreeSet::new(),
            token_accounts,
            donated: 0,
        };
        new.check();
        new
    }

    pub fn chain(&self) -> &Chain {
        &self.world.chain
    }

    pub fn token_program(&self) -> Pubkey {
        self.mint.program.id()
    }

    /// A mint of the default kind that the program does not know yet.
    pub fn new_mint(&mut self) -> Mint {
        let mint = self.world.chain.create_mint(&MintOptions::default());
        mint.expect("a mint")
    }

    /// The associated token account of `owner`, made with `amount` in it.
    pub fn associated_account(&mut self, owner: Pubkey, amount: u64) -> Pubkey {
        let (chain, mint) = (&mut self.world.chain, self.mint);
        let tokens = chain.create_associated_token_account(mint, owner, amount);
        self.count_in(tokens.expect("a token account"))
    }

    /// One more token account of `owner`, with `amount` in it.
    pub fn token_account(&mut self, owner: Pubkey, amount: u64) -> Pubkey {
        let (chain, mint) = (&mut self.world.chain, self.mint);
        let tokens = chain.create_funded_token_account(mint, owner, amount);
        self.count_in(tokens.expect("a token account"))
    }

    /// Lets what was minted into `tokens` count.
    fn count_in(&mut self, tokens: Pubkey) -> Pubkey {
        self.token_accounts.push(tokens);
        tokens
    }

    /// Gives base units to a token account that nobody asked for.
    pub fn donate(&mut self, to: Pubkey, amount: u64) {
        let (chain, mint) = (&mut self.world.chain, self.mint);
        chain.mint_to(mint, to, amount).expect("a donation");
        let mut markets = self.markets.iter_mut();
        match markets.find(|(market, _)| P::market_tokens(market) == to) {
            Some((_, known)) => known.donated += amount,
            None => self.donated += amount,
        }
        self.check();
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
        self.world.chain.send(instructions, signers)
    }

    /// Moves on to `slot`, and the clock by as many milliseconds as the slots usually take.
    pub fn go_to(&mut self, slot: u64) {
        let slots = slot.checked_sub(self.chain().slot()).expect("a later slot");
        self.world.chain.advance(slots, slots * 400);
    }

    /// Milliseconds from now to `second`, unix time.
    pub(crate) fn milliseconds_to(&self, second: i64) -> u64 {
        let then = u64::try_from(second).expect("a time") * 1_000;
        let passed = then.checked_sub(self.chain().now().0);
        passed.expect("a later time")
    }
}

/// Knowing what there is.
impl<P: MarketProgram> ProgramWorld<P> {
    pub(crate) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Looks for a market from now on.
    pub(crate) fn know_market(&mut self, market: Pubkey) {
        self.markets.entry(market).or_insert_with(|| {
            self.token_accounts.push(P::market_tokens(&market));
            Known::default()
        });
    }

    /// Looks for an account of a market's from now on.
    pub(crate) fn know(&mut self, market: Pubkey, account: Pubkey) {
        let known = self.markets.get_mut(&market);
        let accounts = &mut known.expect("a market of the world").accounts;
        accounts.insert(account);
    }

    /// Asserts that nothing is left of a closed market, and looks for it no more.
    pub fn forget(&mut self, market: Pubkey) {
        let known = self.markets.remove(&market).expect("a market of the world");
        let tokens = P::market_tokens(&market);
        self.token_accounts.retain(|address| *address != tokens);
        for address in known.accounts.into_iter().chain([market, tokens]) {
            let account = self.chain().find_account(address).expect("the chain");
            assert_eq!(account, None, "an account of a closed market");
        }
    }

    /// Markets that are not closed.
    pub fn open_markets(&self) -> Vec<Pubkey> {
        let mut markets: Vec<_> = self.markets.keys().copied().collect();
        markets.retain(|market| self.see(*market).is_some());
        markets
    }

    /// The program's accounts that exist, but for the one that all markets share.
    pub fn open_accounts(&self) -> Vec<Pubkey> {
        let mut addresses: Vec<_> = self.accounts.iter().copied().collect();
        for (market, known) in &self.markets {
            addresses.extend([*market, P::market_tokens(market)]);
            addresses.extend(&known.accounts);
        }
        addresses.retain(|address| {
            let account = self.chain().find_account(*address).expect("the chain");
            account.is_some()
        });
        addresses
    }
}

/// Reading.
impl<P: MarketProgram> ProgramWorld<P> {
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
        let account = self.see(address)?;
        Some(decode(&account).expect("an account"))
    }
}

fn decode<T: StrobeAccount>(account: &Account) -> Result<T, AccountError> {
    accounts::decode(&account.owner, &account.data)
}

/// Where token accounts hold their amount, and mints their supply.
const TOKEN_AMOUNT_OFFSET: usize = 64;
const MINT_SUPPLY_OFFSET: usize = 36;

fn number_at(data: &[u8], offset: usize) -> u64 {
    let bytes = data[offset..].first_chunk().expect("eight bytes");
    u64::from_le_bytes(*bytes)
}

/// Checking the books.
impl<P: MarketProgram> ProgramWorld<P> {
    /// Asserts the invariants of design section 9 over every account that the world knows of.
    #[track_caller]
    pub fn check(&self) {
        P::check(self);
        let tokens = self.token_accounts.iter();
        let sum: u64 = tokens.map(|address| self.see_balance(*address)).sum();
        let supply = self.see_supply(self.mint.address);
        assert_eq!(sum, supply, "every token is accounted for");
    }

    /// Lamports that somebody sent to an address make no account of a program.
    pub fn see(&self, address: Pubkey) -> Option<Rc<Account>> {
        let account = self.chain().see(address).expect("the chain");
        account.filter(|account| account.owner != anchor_lang::system_program::ID)
    }

    pub fn see_as<T: StrobeAccount>(&self, address: Pubkey) -> Option<T> {
        Some(decode(&*self.see(address)?).expect("an account"))
    }

    /// Those of `addresses` that hold a `T`.
    pub(crate) fn see_all<T: StrobeAccount>(
        &self,
        addresses: &BTreeSet<Pubkey>,
    ) -> Vec<(Pubkey, T)> {
        let accounts = addresses
            .iter()
            .filter_map(|address| match decode(&*self.see(*address)?) {
                Err(AccountError::Discriminator { .. }) => None,
                account => Some((*address, account.expect("an account"))),
            });
        accounts.collect()
    }

    /// The markets that are there, as accounts of type `T`, with what is known of each.
    pub(crate) fn see_markets<T: StrobeAccount>(
        &self,
    ) -> impl Iterator<Item = (Pubkey, T, &Known)> {
        let markets = self.markets.iter();
        markets.filter_map(|(market, known)| Some((*market, self.see_as(*market)?, known)))
    }

    /// Zero if there is no account.
    pub fn see_balance(&self, address: Pubkey) -> u64 {
        let account = self.see(address);
        account.map_or(0, |account| number_at(&account.data, TOKEN_AMOUNT_OFFSET))
    }

    pub(crate) fn see_supply(&self, mint: Pubkey) -> u64 {
        let account = self.see(mint).expect("a mint");
        number_at(&account.data, MINT_SUPPLY_OFFSET)
    }
}
