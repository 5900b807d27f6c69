//! A vault with markets and bettors, whose books are checked after every transaction.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use attestation::Field;
use client::{
    accounts::StrobeAccount,
    addresses::flash_bets as addresses,
    instructions::flash_bets::{
        CancelDeposit, CancelPending, Caps, CashOut, CashOutArgs, CloseEvent, CloseMarket,
        CollectFees, CreateEvent, CreateMarket, CreateMarketArgs, CreateVault, CreateVaultArgs,
        Curve, ExecuteBet, ExecuteDeposit, FeeShare, FeeSplit, OpenTicket, PlaceBet, PlaceBetArgs,
        ReleaseSurplus, RequestDeposit, RequestDepositArgs, RequestWithdraw, Resolve,
        ResolveFromRoot, ResolveFromRootArgs, ResumeMarket, Rule, SettleTickets, SettledTicket,
        SuspendMarket, Void, VoidConflicted, Withdraw,
    },
};
use flash_bets::{
    error::FlashError,
    state::{
        Deposit, Event, FlashMarket, Order, PendingBet, Ticket, Vault, Withdrawal, MAX_OUTCOMES,
    },
};
use math::Price;
use oracle::error::OracleError;
use result_tree::{FeedResult, ResultTree};
use solana_account::Account;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{
    simulation::field, Chain, Expected, KeySource, Mint, MintOptions, ProgramKind, Receipt,
    SendError, World, WorldOptions,
};

impl Expected for FlashError {
    fn is(&self, error: &client::NamedError) -> bool {
        error.program == Some(flash_bets::ID) && error.code == Some((*self).into())
    }
}

/// An error of the oracle's that the flash bets pass on.
#[derive(Clone, Copy, Debug)]
pub struct PassedOn(pub OracleError);

impl Expected for PassedOn {
    fn is(&self, error: &client::NamedError) -> bool {
        error.program == Some(flash_bets::ID) && error.code == Some(self.0.into())
    }
}

/// How a vault is set up. The default has caps that no test reaches by accident.
#[derive(Clone, Debug)]
pub struct FlashOptions {
    pub keys: KeySource,
    pub mint: MintOptions,
    pub notice_slots: u64,
    pub caps: Caps,
    pub fee_split: FeeSplit,
}

impl Default for FlashOptions {
    fn default() -> Self {
        Self {
            keys: KeySource::Random,
            mint: MintOptions::default(),
            notice_slots: 100,
            caps: Caps {
                market_funding: u64::MAX,
                event_funding: u64::MAX,
                utilisation: 10_000,
                slot_ms: 400,
                padding: [0; 4],
            },
            fee_split: FeeSplit {
                liquidity: 6_000,
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

/// What exists, or has existed, around a market.
#[derive(Clone, Debug, Default)]
struct Known {
    event: Pubkey,
    owners: BTreeSet<Pubkey>,
    orders: BTreeSet<(Pubkey, u64)>,
    donated: u64,
}

/// A world with a vault. Setting up and reading panic when they fail; what a test may expect to fail
/// returns a result.
pub struct FlashWorld {
    pub world: World,
    pub mint: Mint,
    pub vault: Pubkey,
    pub operator: Keypair,
    pub treasury: Keypair,
    pub operator_tokens: Pubkey,
    pub treasury_tokens: Pubkey,
    /// Of the last bet or cash-out built.
    pub nonce: u64,
    next_id: u64,
    events: BTreeSet<Pubkey>,
    markets: BTreeMap<Pubkey, Known>,
    token_accounts: Vec<Pubkey>,
    depositors: BTreeSet<Pubkey>,
    withdrawers: BTreeSet<Pubkey>,
    donated: u64,
    /// Equity at cost, LP shares and allocation at the last check.
    last: Cell<(u64, u64, u64)>,
    /// Accounts as checks have read them. Only what a transaction may write can change.
    seen: RefCell<BTreeMap<Pubkey, Option<Rc<Account>>>>,
}

impl FlashWorld {
    /// A vault without liquidity, with the programs in the form that the environment asks for.
    ///
    /// # Panics
    /// If anything fails, as all of these functions do.
    pub fn start(options: &FlashOptions) -> Self {
        let kind = ProgramKind::from_env().expect("the form of the programs");
        let mut world = World::start(&WorldOptions {
            keys: options.keys,
            ..WorldOptions::new(kind)
        })
        .expect("a world");
        let mint = world.chain.create_mint(&options.mint).expect("a mint");
        let operator = world.chain.new_actor().expect("an actor");
        let treasury = world.chain.new_actor().expect("an actor");
        let create = create_vault(&world, mint, &operator, &treasury, options);
        world
            .chain
            .send(&[create.instruction()], &[&world.admin])
            .expect("a vault");
        let chain = &mut world.chain;
        let mut tokens = |owner| {
            chain
                .create_associated_token_account(mint, owner, 0)
                .expect("one")
        };
        let operator_tokens = tokens(operator.pubkey());
        let treasury_tokens = tokens(treasury.pubkey());
        let vault = addresses::vault(&mint.address);
        let flash = Self {
            world,
            mint,
            vault,
            operator,
            treasury,
            operator_tokens,
            treasury_tokens,
            nonce: 0,
            next_id: 0,
            events: BTreeSet::new(),
            markets: BTreeMap::new(),
            token_accounts: vec![
                operator_tokens,
                treasury_tokens,
                addresses::vault_tokens(&vault),
            ],
            depositors: BTreeSet::new(),
            withdrawers: BTreeSet::new(),
            donated: 0,
            last: Cell::new((0, 0, 0)),
            seen: RefCell::default(),
        };
        flash.check();
        flash
    }

    /// A vault with default options and one provider of `liquidity`.
    pub fn with_liquidity(liquidity: u64) -> (Self, User) {
        let mut flash = Self::start(&FlashOptions::default());
        let provider = flash.user(liquidity);
        flash.deposit(&provider, liquidity).expect("a deposit");
        (flash, provider)
    }

    pub fn chain(&self) -> &Chain {
        &self.world.chain
    }

    /// Somebody with `amount` of the vault's mint.
    pub fn user(&mut self, amount: u64) -> User {
        let key = self.world.chain.new_actor().expect("an actor");
        let lp_mint = Mint {
            address: addresses::lp_mint(&self.vault),
            program: self.mint.program,
        };
        let tokens = self.associated_account(key.pubkey(), amount);
        let lp_tokens = self
            .world
            .chain
            .create_associated_token_account(lp_mint, key.pubkey(), 0)
            .expect("an account of LP shares");
        User {
            key,
            tokens,
            lp_tokens,
        }
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
    /// ticket in the market the checks are to look at.
    pub fn admit(&mut self, owner: Pubkey, market: Pubkey, amount: u64) -> Pubkey {
        let tokens = self
            .world
            .chain
            .create_associated_token_account(self.mint, owner, amount)
            .expect("a token account");
        self.token_accounts.push(tokens);
        self.seen.get_mut().remove(&self.mint.address);
        self.known(market).owners.insert(owner);
        tokens
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
        self.forget_finished_orders();
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

    /// Orders that are gone stay gone; looking for them again and again takes time.
    fn forget_finished_orders(&mut self) {
        let mut markets = std::mem::take(&mut self.markets);
        for (market, known) in &mut markets {
            known.orders.retain(|order| {
                let address = self.order_address(market, order);
                self.see(address).is_some()
            });
        }
        self.markets = markets;
    }

    /// Asserts that nothing is left of a closed market, and looks for it no more.
    pub fn forget(&mut self, market: Pubkey) {
        let known = self.markets.remove(&market).expect("a market of the world");
        assert!(known.orders.is_empty(), "orders of a closed market");
        let tokens = addresses::market_tokens(&market);
        self.token_accounts.retain(|address| *address != tokens);
        let mut gone = vec![market, tokens];
        gone.extend(
            known
                .owners
                .iter()
                .map(|owner| addresses::ticket(&market, owner)),
        );
        for address in gone {
            let account = self.chain().find_account(address).expect("the chain");
            assert_eq!(account, None, "an account of a closed market");
        }
    }

    /// Markets that are not closed.
    pub fn open_markets(&self) -> Vec<Pubkey> {
        let mut markets: Vec<_> = self.markets.keys().copied().collect();
        markets.retain(|market| self.find::<FlashMarket>(*market).is_some());
        markets
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
    pub fn deposit_state(&self, user: &User) -> Deposit {
        self.read(addresses::deposit(&self.vault, &user.address()))
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

    /// Moves on to `slot`, and the clock by as many milliseconds as the slots usually take.
    pub fn go_to(&mut self, slot: u64) {
        let slots = slot.checked_sub(self.chain().slot()).expect("a later slot");
        self.world.chain.advance(slots, slots * 400);
    }

    /// Moves the clock to `second`, unix time, and no slot on.
    pub fn go_to_second(&mut self, second: i64) {
        let milliseconds = u64::try_from(second).expect("a time") * 1_000;
        let passed = milliseconds
            .checked_sub(self.chain().now().0)
            .expect("a later time");
        self.world.chain.advance(0, passed);
    }
}

/// Where token accounts hold their amount, and mints their supply.
const TOKEN_AMOUNT_OFFSET: usize = 64;
const MINT_SUPPLY_OFFSET: usize = 36;

fn number_at(data: &[u8], offset: usize) -> u64 {
    let bytes = data[offset..].first_chunk().expect("eight bytes");
    u64::from_le_bytes(*bytes)
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
        args: CreateVaultArgs {
            operator: operator.pubkey(),
            treasury: treasury.pubkey(),
            notice_slots: options.notice_slots,
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

/// Building instructions: the accounts that are right, for tests that make one of them wrong.
impl FlashWorld {
    pub fn token_program(&self) -> Pubkey {
        self.mint.program.id()
    }

    pub fn build_vault(&self, mint: Mint, options: &FlashOptions) -> CreateVault {
        create_vault(&self.world, mint, &self.operator, &self.treasury, options)
    }

    pub fn build_deposit(&mut self, user: &User, amount: u64) -> RequestDeposit {
        self.depositors.insert(user.address());
        RequestDeposit {
            owner: user.address(),
            vault: self.vault,
            owner_tokens: user.tokens,
            token_program: self.token_program(),
            args: RequestDepositArgs {
                amount,
                min_shares: 0,
            },
        }
    }

    pub fn build_execute_deposit(&self, user: &User) -> ExecuteDeposit {
        ExecuteDeposit {
            vault: self.vault,
            owner: user.address(),
            owner_tokens: user.tokens,
            owner_lp_tokens: user.lp_tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_cancel_deposit(&self, user: &User) -> CancelDeposit {
        CancelDeposit {
            vault: self.vault,
            owner: user.address(),
            owner_tokens: user.tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_request(&mut self, user: &User, shares: u64) -> RequestWithdraw {
        self.withdrawers.insert(user.address());
        RequestWithdraw {
            owner: user.address(),
            vault: self.vault,
            owner_lp_tokens: user.lp_tokens,
            token_program: self.token_program(),
            shares,
        }
    }

    pub fn build_withdraw(&self, user: &User) -> Withdraw {
        Withdraw {
            owner: user.address(),
            vault: self.vault,
            owner_tokens: user.tokens,
            token_program: self.token_program(),
            min_amount: 0,
        }
    }

    /// A minute of trading without delay, with a feed of its own whose `T` is now.
    pub fn terms(&mut self, outcomes: u8) -> CreateMarketArgs {
        self.next_id += 1;
        CreateMarketArgs {
            id: self.next_id,
            parent: 0,
            feed_id: feed_bytes(self.next_id),
            rule: Rule::Categorical,
            curve: Curve::Lmsr,
            depth: 1_000_000_000,
            prior: uniform(outcomes),
            micro_tau: false,
            fee_rate: 100,
            observe_at: self.chain().now().0,
            opens_in: 0,
            duration: 60_000,
            freeze: 0,
            delay: 0,
            execution: 0,
            resolution: 60_000,
        }
    }

    pub fn build_market(&mut self, event: Pubkey, args: CreateMarketArgs) -> CreateMarket {
        let market = addresses::market(&self.vault, args.id);
        if let std::collections::btree_map::Entry::Vacant(entry) = self.markets.entry(market) {
            entry.insert(Known {
                event,
                ..Known::default()
            });
            self.token_accounts.push(addresses::market_tokens(&market));
        }
        CreateMarket {
            operator: self.operator.pubkey(),
            mint: self.mint.address,
            event,
            provider_set: self.world.provider_set,
            verifying_key: self.world.verifying_key,
            token_program: self.token_program(),
            args,
        }
    }

    pub fn build_ticket(&mut self, user: &User, market: Pubkey) -> OpenTicket {
        self.known(market).owners.insert(user.address());
        OpenTicket {
            owner: user.address(),
            market,
        }
    }

    /// With the next nonce.
    pub fn build_bet(&mut self, user: &User, market: Pubkey, outcome: u8, stake: u64) -> PlaceBet {
        let is_delayed = self.next_order(user, market);
        PlaceBet {
            owner: user.address(),
            vault: self.vault,
            market,
            owner_tokens: user.tokens,
            token_program: self.token_program(),
            is_delayed,
            args: PlaceBetArgs {
                outcome,
                stake,
                min_shares: 0,
                nonce: self.nonce,
            },
        }
    }

    /// With the next nonce.
    pub fn build_cash_out(
        &mut self,
        user: &User,
        market: Pubkey,
        outcome: u8,
        shares: u64,
    ) -> CashOut {
        let is_delayed = self.next_order(user, market);
        CashOut {
            owner: user.address(),
            market,
            owner_tokens: user.tokens,
            token_program: self.token_program(),
            is_delayed,
            args: CashOutArgs {
                outcome,
                shares,
                min_return: 0,
                nonce: self.nonce,
            },
        }
    }

    pub fn build_execute(&self, user: &User, market: Pubkey, nonce: u64) -> ExecuteBet {
        ExecuteBet {
            vault: self.vault,
            market,
            owner: user.address(),
            owner_tokens: user.tokens,
            token_program: self.token_program(),
            nonce,
        }
    }

    pub fn build_cancel(&self, user: &User, market: Pubkey, nonce: u64) -> CancelPending {
        CancelPending {
            market,
            owner: user.address(),
            owner_tokens: user.tokens,
            token_program: self.token_program(),
            nonce,
        }
    }

    pub fn build_settle(&self, market: Pubkey, users: &[&User]) -> SettleTickets {
        SettleTickets {
            market,
            token_program: self.token_program(),
            tickets: users
                .iter()
                .map(|user| SettledTicket {
                    owner: user.address(),
                    owner_tokens: user.tokens,
                })
                .collect(),
        }
    }

    pub fn build_release(&mut self, market: Pubkey) -> ReleaseSurplus {
        ReleaseSurplus {
            vault: self.vault,
            market,
            event: self.known(market).event,
            token_program: self.token_program(),
        }
    }

    pub fn build_close(&mut self, market: Pubkey) -> CloseMarket {
        CloseMarket {
            vault: self.vault,
            market,
            event: self.known(market).event,
            creator: self.operator.pubkey(),
            token_program: self.token_program(),
        }
    }

    pub fn build_collect(&self, share: FeeShare) -> CollectFees {
        let (receiver, receiver_tokens) = match share {
            FeeShare::Protocol => (self.treasury.pubkey(), self.treasury_tokens),
            FeeShare::Operator => (self.operator.pubkey(), self.operator_tokens),
        };
        CollectFees {
            vault: self.vault,
            receiver,
            receiver_tokens,
            token_program: self.token_program(),
            share,
        }
    }

    pub fn build_suspend(&self, market: Pubkey, slots: u64) -> SuspendMarket {
        SuspendMarket {
            operator: self.operator.pubkey(),
            vault: self.vault,
            market,
            slots,
        }
    }

    pub fn build_resume(&self, market: Pubkey) -> ResumeMarket {
        ResumeMarket {
            operator: self.operator.pubkey(),
            vault: self.vault,
            market,
        }
    }

    fn known(&mut self, market: Pubkey) -> &mut Known {
        self.markets
            .get_mut(&market)
            .expect("a market of the world")
    }

    fn next_order(&mut self, user: &User, market: Pubkey) -> bool {
        self.nonce += 1;
        let order = (user.address(), self.nonce);
        self.known(market).orders.insert(order);
        self.market_state(market).delay_slots > 0
    }
}

/// The feed of the market with this id in a [`FlashWorld`].
pub fn feed(id: u64) -> Field {
    Field::from(1_000_000 + id)
}

fn feed_bytes(id: u64) -> [u8; 32] {
    field(feed(id))
}

/// Doing what is right.
impl FlashWorld {
    /// A whole deposit: the request, the notice, which passes, and the execution.
    ///
    /// # Errors
    /// Those of [`Chain::send`], here and below.
    pub fn deposit(&mut self, user: &User, amount: u64) -> Result<Receipt, SendError> {
        self.request_deposit(user, amount)?;
        self.go_to(self.deposit_state(user).available_slot);
        self.execute_deposit(user)
    }

    pub fn request_deposit(&mut self, user: &User, amount: u64) -> Result<Receipt, SendError> {
        let request = self.build_deposit(user, amount);
        self.send(request.instruction(), &[&user.key])
    }

    pub fn execute_deposit(&mut self, user: &User) -> Result<Receipt, SendError> {
        let execute = self.build_execute_deposit(user);
        self.send(execute.instruction(), &[])
    }

    pub fn cancel_deposit(&mut self, user: &User) -> Result<Receipt, SendError> {
        let cancel = self.build_cancel_deposit(user);
        self.send(cancel.instruction(), &[])
    }

    pub fn request_withdraw(&mut self, user: &User, shares: u64) -> Result<Receipt, SendError> {
        let request = self.build_request(user, shares);
        self.send(request.instruction(), &[&user.key])
    }

    pub fn withdraw(&mut self, user: &User) -> Result<Receipt, SendError> {
        let withdraw = self.build_withdraw(user);
        self.send(withdraw.instruction(), &[&user.key])
    }

    /// A new event; gives its address.
    pub fn create_event(&mut self) -> Pubkey {
        self.next_id += 1;
        let create = CreateEvent {
            operator: self.operator.pubkey(),
            vault: self.vault,
            id: self.next_id,
        };
        let event = addresses::event(&self.vault, self.next_id);
        self.events.insert(event);
        let operator = self.operator.insecure_clone();
        self.send(create.instruction(), &[&operator])
            .expect("an event");
        event
    }

    /// A market on an event of its own; gives its address.
    #[track_caller]
    pub fn market(&mut self, args: CreateMarketArgs) -> Pubkey {
        let event = self.create_event();
        self.market_on(event, args)
    }

    /// A market on an event; gives its address.
    #[track_caller]
    pub fn market_on(&mut self, event: Pubkey, args: CreateMarketArgs) -> Pubkey {
        let id = args.id;
        self.try_market(event, args).expect("a market");
        addresses::market(&self.vault, id)
    }

    pub fn try_market(
        &mut self,
        event: Pubkey,
        args: CreateMarketArgs,
    ) -> Result<Receipt, SendError> {
        let market = addresses::market(&self.vault, args.id);
        let create = self.build_market(event, args);
        let result = self.send_as_operator(create.instruction());
        if self.find::<FlashMarket>(market).is_none() {
            self.forget(market);
        }
        result
    }

    pub fn send_as_operator(&mut self, instruction: Instruction) -> Result<Receipt, SendError> {
        let operator = self.operator.insecure_clone();
        self.send(instruction, &[&operator])
    }

    pub fn open_ticket(&mut self, user: &User, market: Pubkey) -> Result<Receipt, SendError> {
        let open = self.build_ticket(user, market);
        self.send(open.instruction(), &[&user.key])
    }

    /// Bets, at once or after the market's delay.
    pub fn place(
        &mut self,
        user: &User,
        market: Pubkey,
        outcome: u8,
        stake: u64,
    ) -> Result<Receipt, SendError> {
        let bet = self.build_bet(user, market, outcome, stake);
        self.send(bet.instruction(), &[&user.key])
    }

    /// Sells, at once or after the market's delay.
    pub fn cash_out(
        &mut self,
        user: &User,
        market: Pubkey,
        outcome: u8,
        shares: u64,
    ) -> Result<Receipt, SendError> {
        let sale = self.build_cash_out(user, market, outcome, shares);
        self.send(sale.instruction(), &[&user.key])
    }

    pub fn execute(
        &mut self,
        user: &User,
        market: Pubkey,
        nonce: u64,
    ) -> Result<Receipt, SendError> {
        let execute = self.build_execute(user, market, nonce);
        self.send(execute.instruction(), &[])
    }

    pub fn cancel(
        &mut self,
        user: &User,
        market: Pubkey,
        nonce: u64,
    ) -> Result<Receipt, SendError> {
        let cancel = self.build_cancel(user, market, nonce);
        self.send(cancel.instruction(), &[])
    }

    pub fn suspend(&mut self, market: Pubkey, slots: u64) -> Result<Receipt, SendError> {
        let suspend = self.build_suspend(market, slots);
        self.send_as_operator(suspend.instruction())
    }

    pub fn resume(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        let resume = self.build_resume(market);
        self.send_as_operator(resume.instruction())
    }

    /// Has the market's observation verified by the oracle; gives its address.
    pub fn observe(&mut self, market: Pubkey, value: i64) -> Pubkey {
        let state = self.market_state(market);
        self.observe_at(market, state.observe_at, value)
    }

    /// Has an observation of the market's feed at any time verified; gives its address.
    pub fn observe_at(&mut self, market: Pubkey, time: u64, value: i64) -> Pubkey {
        let feed = feed(self.market_state(market).id);
        self.world
            .observe(feed, time, value)
            .expect("an observation")
    }

    /// Resolves the market on a new observation.
    pub fn resolve(&mut self, market: Pubkey, value: i64) -> Result<Receipt, SendError> {
        let observation = self.observe(market, value);
        self.resolve_on(market, observation)
    }

    pub fn resolve_on(
        &mut self,
        market: Pubkey,
        observation: Pubkey,
    ) -> Result<Receipt, SendError> {
        let resolve = Resolve {
            market,
            observation,
        };
        self.send(resolve.instruction(), &[])
    }

    /// What a leaf says that settles the market on `value`.
    pub fn result(&self, market: Pubkey, value: i64) -> FeedResult {
        let state = self.market_state(market);
        FeedResult {
            feed_id: state.feed_id,
            time: state.observe_at,
            value,
        }
    }

    /// The instruction that resolves the market on leaf `index` of a verified root.
    pub fn build_resolve_from_root(
        &self,
        market: Pubkey,
        result_root: Pubkey,
        tree: &ResultTree,
        (index, value): (u32, i64),
    ) -> ResolveFromRoot {
        let state = self.market_state(market);
        ResolveFromRoot {
            market,
            provider_set: state.provider_set,
            verifying_key: state.verifying_key,
            result_root,
            observation: state.observation,
            args: ResolveFromRootArgs {
                value,
                index,
                path: tree.path(index).unwrap_or_default(),
            },
        }
    }

    pub fn resolve_from_root(
        &mut self,
        market: Pubkey,
        result_root: Pubkey,
        tree: &ResultTree,
        leaf: (u32, i64),
    ) -> Result<Receipt, SendError> {
        let resolve = self.build_resolve_from_root(market, result_root, tree, leaf);
        self.send(resolve.instruction(), &[])
    }

    pub fn void(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        self.send(Void { market }.instruction(), &[])
    }

    pub fn void_conflicted(
        &mut self,
        market: Pubkey,
        observation: Pubkey,
    ) -> Result<Receipt, SendError> {
        let void = VoidConflicted {
            market,
            observation,
        };
        self.send(void.instruction(), &[])
    }

    /// Has the providers contradict themselves about the market's observation; gives its address.
    pub fn contradict(&mut self, market: Pubkey, values: [i64; 2]) -> Pubkey {
        let observation = self.observe(market, values[0]);
        let state = self.market_state(market);
        let report = self
            .world
            .report_conflict(feed(state.id), state.observe_at, values[1])
            .expect("a proof");
        self.send(report.instruction(), &[]).expect("a report");
        observation
    }

    pub fn settle(&mut self, market: Pubkey, users: &[&User]) -> Result<Receipt, SendError> {
        let settle = self.build_settle(market, users);
        self.send(settle.instruction(), &[])
    }

    pub fn release(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        let release = self.build_release(market);
        self.send(release.instruction(), &[])
    }

    pub fn close(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        let close = self.build_close(market);
        self.send(close.instruction(), &[])
    }

    pub fn close_event(&mut self, event: Pubkey) -> Result<Receipt, SendError> {
        let close = CloseEvent {
            event,
            rent_payer: self.operator.pubkey(),
            rent_payer_signs: false,
        };
        self.send(close.instruction(), &[])
    }

    /// The operator closes an event that never had a market.
    pub fn close_unused_event(&mut self, event: Pubkey) -> Result<Receipt, SendError> {
        let close = CloseEvent {
            event,
            rent_payer: self.operator.pubkey(),
            rent_payer_signs: true,
        };
        self.send_as_operator(close.instruction())
    }

    pub fn collect(&mut self, share: FeeShare) -> Result<Receipt, SendError> {
        let collect = self.build_collect(share);
        self.send(collect.instruction(), &[])
    }
}

/// Checking the books.
impl FlashWorld {
    /// Asserts the invariants of design section 9 over every account that the world knows of.
    #[track_caller]
    pub fn check(&self) {
        let vault = self.see_as::<Vault>(self.vault).expect("a vault");
        let mut allocated = BTreeMap::<Pubkey, u64>::new();
        let mut open_markets = BTreeMap::<Pubkey, u32>::new();
        for (address, known) in &self.markets {
            if let Some(market) = self.see_as::<FlashMarket>(*address) {
                self.check_market(*address, &market, known);
                *open_markets.entry(market.event).or_default() += 1;
                if market.released == 0 {
                    *allocated.entry(market.event).or_default() += market.funding;
                }
            }
        }
        assert_eq!(
            vault.allocated,
            allocated.values().sum::<u64>(),
            "the vault's allocation is the funding of the markets it waits for"
        );
        for address in &self.events {
            if let Some(event) = self.see_as::<Event>(*address) {
                let expected = allocated.get(address).copied().unwrap_or(0);
                assert_eq!(event.allocated, expected, "allocation of an event");
                let expected = open_markets.get(address).copied().unwrap_or(0);
                assert_eq!(event.open_markets, expected, "markets of an event");
            }
        }
        self.check_vault(&vault);
        self.check_tokens();
    }

    /// Accounts of markets, events, tickets, orders, deposits and withdrawals that exist.
    pub fn open_accounts(&self) -> Vec<Pubkey> {
        let mut addresses: Vec<_> = self.events.iter().copied().collect();
        for (market, known) in &self.markets {
            addresses.extend([*market, addresses::market_tokens(market)]);
            for owner in &known.owners {
                addresses.push(addresses::ticket(market, owner));
            }
            for (owner, nonce) in &known.orders {
                addresses.push(addresses::pending(market, owner, *nonce));
            }
        }
        for owner in &self.depositors {
            addresses.push(addresses::deposit(&self.vault, owner));
        }
        for owner in &self.withdrawers {
            addresses.push(addresses::withdrawal(&self.vault, owner));
        }
        addresses.retain(|address| {
            let account = self.chain().find_account(*address).expect("the chain");
            account.is_some()
        });
        addresses
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

    fn see_supply(&self, mint: Pubkey) -> u64 {
        let account = self.see(mint).expect("a mint");
        number_at(&account.data, MINT_SUPPLY_OFFSET)
    }

    fn check_market(&self, address: Pubkey, market: &FlashMarket, known: &Known) {
        let mut held = [0u64; MAX_OUTCOMES];
        let mut escrow = 0;
        let mut orders = BTreeMap::<Pubkey, u16>::new();
        for order in &known.orders {
            let pending = self.order_address(&address, order);
            if let Some(pending) = self.see_as::<PendingBet>(pending) {
                *orders.entry(order.0).or_default() += 1;
                match pending.order {
                    Order::Buy { stake, .. } => escrow += stake,
                    Order::Sell { shares, .. } => held[usize::from(pending.outcome)] += shares,
                }
            }
        }
        let mut tickets = 0;
        for owner in &known.owners {
            if let Some(ticket) = self.see_as::<Ticket>(self.ticket_address(&address, owner)) {
                tickets += 1;
                for (held, shares) in held.iter_mut().zip(&ticket.shares) {
                    *held += shares;
                }
                let expected = orders.get(owner).copied().unwrap_or(0);
                assert_eq!(ticket.pending_bets, expected, "orders of a ticket");
            }
        }
        assert_eq!(market.pool.sold, held, "shares sold are in tickets");
        assert_eq!(market.escrow, escrow, "the escrow is the stakes that wait");
        assert_eq!(market.open_tickets, tickets, "tickets");
        assert_eq!(
            market.pending_bets,
            orders.values().map(|count| u32::from(*count)).sum::<u32>(),
            "orders"
        );

        let owed = if market.is_open() {
            self.check_prices(market);
            market.pool.sold.into_iter().max().unwrap_or(0)
        } else {
            market.liability().expect("a liability")
        };
        assert!(market.pool.cash >= owed, "the market can pay whoever wins");
        assert_eq!(
            self.see_balance(market.token_account),
            market.tracked().expect("a sum") + known.donated,
            "the market's tokens are what it tracks"
        );
    }

    fn order_address(&self, market: &Pubkey, (owner, nonce): &(Pubkey, u64)) -> Pubkey {
        addresses::pending(market, owner, *nonce)
    }

    fn ticket_address(&self, market: &Pubkey, owner: &Pubkey) -> Pubkey {
        addresses::ticket(market, owner)
    }

    fn deposit_address(&self, owner: &Pubkey) -> Pubkey {
        addresses::deposit(&self.vault, owner)
    }

    fn withdrawal_address(&self, owner: &Pubkey) -> Pubkey {
        addresses::withdrawal(&self.vault, owner)
    }

    fn check_prices(&self, market: &FlashMarket) {
        /// 2⁻⁵⁰
        const TOLERANCE: u64 = 1 << 13;
        let sum: u64 = client::quotes::prices(market)
            .expect("prices")
            .iter()
            .map(|price| price.0)
            .sum();
        assert!(
            sum.abs_diff(Price::ONE.0) <= TOLERANCE,
            "prices sum to {sum}"
        );
    }

    fn check_vault(&self, vault: &Vault) {
        assert_eq!(
            self.see_balance(vault.token_account),
            vault.tracked().expect("a sum") + self.donated,
            "the vault's tokens are what it tracks"
        );
        let pending: u64 = self
            .depositors
            .iter()
            .filter_map(|owner| self.see_as(self.deposit_address(owner)))
            .map(|deposit: Deposit| deposit.amount)
            .sum();
        assert_eq!(vault.pending_deposits, pending, "money on its way in");
        let requested: u64 = self
            .withdrawers
            .iter()
            .filter_map(|owner| self.see_as(self.withdrawal_address(owner)))
            .map(|withdrawal: Withdrawal| withdrawal.shares)
            .sum();
        assert_eq!(vault.requested_shares, requested, "shares on their way out");
        let supply = self.see_supply(vault.lp_mint);
        assert_eq!(vault.shares, supply + requested, "LP shares are somebody's");

        let equity = vault.equity_at_cost().expect("a sum");
        let (old_equity, old_shares, old_allocated) =
            self.last.replace((equity, vault.shares, vault.allocated));
        let price = |equity: u64, shares: u64| (u128::from(equity) + 1, u128::from(shares) + 1_000);
        let (new, old) = (price(equity, vault.shares), price(old_equity, old_shares));
        let has_fallen = new.0 * old.1 < old.0 * new.1;
        let is_booked_loss = vault.shares == old_shares && vault.allocated < old_allocated;
        assert!(
            !has_fallen || is_booked_loss,
            "the LP share price fell from {old:?} to {new:?} without a market's loss"
        );
    }

    fn check_tokens(&self) {
        let sum: u64 = self
            .token_accounts
            .iter()
            .map(|address| self.see_balance(*address))
            .sum();
        let supply = self.see_supply(self.mint.address);
        assert_eq!(sum, supply, "every token is accounted for");
    }
}
