//! A world with one of the two market programs, whose books are checked after every transaction.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ops::{Deref, DerefMut},
    rc::Rc,
};

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use anchor_spl::token::spl_token::native_mint;
use attestation::Field;
use client::accounts::{self, AccountError, StrobeAccount};
use solana_account::Account;
use solana_keypair::Keypair;

use crate::{
    Chain, KeySource, Mint, MintOptions, ProgramKind, Receipt, SendError, World, WorldOptions,
};

/// What the world of a market program knows of the program alone.
pub trait MarketProgram: Sized {
    /// What a market adds to the sums over all markets.
    type Share;

    /// Where a market has its money.
    fn market_tokens(market: &Pubkey) -> Pubkey;

    /// Asserts what must hold of a market and what belongs to it; `None` if it is closed.
    fn check_market(
        world: &ProgramWorld<Self>,
        market: Pubkey,
        known: &Known,
    ) -> Option<Self::Share>;

    /// Asserts what must hold between the open markets and the program's other accounts.
    fn check_sums(world: &ProgramWorld<Self>, shares: &BTreeMap<Pubkey, Self::Share>);
}

/// What exists, or has existed, around a market.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The program's accounts other than the market.
    pub(crate) accounts: BTreeSet<Pubkey>,
    /// Base units that nobody asked for.
    pub(crate) donated: u64,
}

/// What checks have found, so that the next one looks only at what may have changed: else setting up
/// many markets would take the square of their number.
struct Books<S> {
    /// The market that an account belongs to.
    market_of: BTreeMap<Pubkey, Pubkey>,
    /// Markets to check.
    changed: BTreeSet<Pubkey>,
    shares: BTreeMap<Pubkey, S>,
    /// Base units by token account, and their sum.
    balances: BTreeMap<Pubkey, u64>,
    sum: u64,
    /// Checks of single markets so far.
    checked: usize,
}

impl<S> Books<S> {
    fn new() -> Self {
        Self {
            market_of: BTreeMap::new(),
            changed: BTreeSet::new(),
            shares: BTreeMap::new(),
            balances: BTreeMap::new(),
            sum: 0,
            checked: 0,
        }
    }

    fn set_balance(&mut self, tokens: Pubkey, balance: u64) {
        let before = self.balances.insert(tokens, balance).unwrap_or(0);
        self.sum = self.sum - before + balance;
    }
}

/// A world with a market program. Setting up and reading panic when they fail; what a test may
/// expect to fail returns a result.
pub struct ProgramWorld<P: MarketProgram> {
    pub world: World,
    pub mint: Mint,
    program: P,
    last_id: u64,
    markets: BTreeMap<Pubkey, Known>,
    /// The program's accounts that belong to no market.
    pub(crate) accounts: BTreeSet<Pubkey>,
    /// Base units that nobody asked for, where they belong to no market.
    pub(crate) donated: u64,
    books: RefCell<Books<P::Share>>,
}

impl<P: MarketProgram> Deref for ProgramWorld<P> {
    type Target = P;

    fn deref(&self) -> &P {
        &self.program
    }
}

impl<P: MarketProgram> DerefMut for ProgramWorld<P> {
    fn deref_mut(&mut self) -> &mut P {
        &mut self.program
    }
}

/// The feed of the market with this id in a [`ProgramWorld`].
pub fn feed(id: u64) -> Field {
    Field::from(1_000_000 + id)
}

/// A world with the programs in a form, or in the one that the environment asks for.
pub(crate) fn start_world(keys: KeySource, programs: Option<ProgramKind>) -> World {
    let from_env = || ProgramKind::from_env().expect("the form of the programs");
    let kind = programs.unwrap_or_else(from_env);
    World::start(&WorldOptions {
        keys,
        ..WorldOptions::new(kind)
    })
    .expect("a world")
}

impl<P: MarketProgram> ProgramWorld<P> {
    /// Of the token accounts there are.
    pub(crate) fn new(world: World, mint: Mint, program: P, token_accounts: Vec<Pubkey>) -> Self {
        let mut books = Books::new();
        for tokens in token_accounts {
            books.set_balance(tokens, 0);
        }
        let new = Self {
            world,
            mint,
            program,
            last_id: 0,
            markets: BTreeMap::new(),
            accounts: BTreeSet::new(),
            donated: 0,
            books: RefCell::new(books),
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

    /// Lets the money of a token account count that no other function here made.
    pub fn count_in(&mut self, tokens: Pubkey) -> Pubkey {
        let balance = self.see_balance(tokens);
        self.books.get_mut().set_balance(tokens, balance);
        tokens
    }

    /// Gives base units to a token account that nobody asked for.
    pub fn donate(&mut self, to: Pubkey, amount: u64) {
        let (chain, mint) = (&mut self.world.chain, self.mint);
        chain.mint_to(mint, to, amount).expect("a donation");
        self.count_donation(to, amount);
        self.check();
    }

    /// Lets base units count that nobody asked for, and that come to `to` as lamports before it is a
    /// token account.
    pub fn count_donation(&mut self, to: Pubkey, amount: u64) {
        let market = self.books.get_mut().market_of.get(&to);
        match market.and_then(|market| self.markets.get_mut(market)) {
            Some(known) => known.donated += amount,
            None => self.donated += amount,
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
            let (books, tokens) = (self.books.get_mut(), P::market_tokens(&market));
            books.set_balance(tokens, 0);
            books.market_of.insert(tokens, market);
            books.market_of.insert(market, market);
            books.changed.insert(market);
            Known::default()
        });
    }

    /// Looks for an account of a market's from now on.
    pub fn know(&mut self, market: Pubkey, account: Pubkey) {
        let known = self.markets.get_mut(&market);
        let accounts = &mut known.expect("a market of the world").accounts;
        accounts.insert(account);
        let books = self.books.get_mut();
        books.market_of.insert(account, market);
        books.changed.insert(market);
    }

    /// Asserts that nothing is left of a closed market, and looks for it no more.
    pub fn forget(&mut self, market: Pubkey) {
        let known = self.markets.remove(&market).expect("a market of the world");
        let tokens = P::market_tokens(&market);
        let books = self.books.get_mut();
        books.set_balance(tokens, 0);
        books.balances.remove(&tokens);
        books.shares.remove(&market);
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
    /// Asserts the invariants of `docs/invariants.md` over every account that the world knows of and
    /// that may have changed since the last check.
    #[track_caller]
    pub fn check(&self) {
        let changed = {
            let books = &mut *self.books.borrow_mut();
            for address in self.chain().take_changes() {
                if books.balances.contains_key(&address) {
                    books.set_balance(address, self.see_balance(address));
                }
                books.changed.extend(books.market_of.get(&address));
            }
            std::mem::take(&mut books.changed)
        };
        for market in changed {
            let Some(known) = self.markets.get(&market) else {
                continue;
            };
            let share = P::check_market(self, market, known);
            let books = &mut *self.books.borrow_mut();
            books.checked += 1;
            match share {
                Some(share) => books.shares.insert(market, share),
                None => books.shares.remove(&market),
            };
        }
        let books = self.books.borrow();
        P::check_sums(self, &books.shares);
        // No mint counts what there is of wrapped SOL.
        if self.mint.address != native_mint::ID {
            let supply = self.see_supply(self.mint.address);
            assert_eq!(books.sum, supply, "every token is accounted for");
        }
    }

    /// How many checks of single markets there were: each transaction costs those that it may have
    /// changed.
    pub fn markets_checked(&self) -> usize {
        self.books.borrow().checked
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
