//! A market that a pool lends on, whose books are checked after every transaction.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::{
    addresses::{leverage as addresses, markets as market_addresses},
    instructions::{leverage::*, markets::CreateMarketArgs, signed_by},
};
use leverage::{
    instructions::{Health, Standing},
    state::{
        CorrelationGroup, LendingPool, LeveredPosition, ListedMarket, PendingOpen, PoolDeposit,
        PoolWithdrawal,
    },
};
use markets::state::{Position, MAX_OUTCOMES};
use math::Shares;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{KeySource, MarketsOptions, MarketsWorld, Receipt, SendError, Trader};

/// One of the token, the market's depth, and what the world's lender has put in; base units.
pub const UNIT: u64 = 1_000_000;
pub const DEPTH: u64 = 10_000 * UNIT;
pub const LENT: u64 = 1_000_000 * UNIT;

const HOUR: i64 = 60 * 60;

/// A market of a day at equal prices, fee 1 %, all of its liquidity locked, that a pool with one lender
/// lends on.
pub struct LeverageWorld {
    pub markets: MarketsWorld,
    pub listing: ListingAccounts,
    pub lender: Trader,
    /// Executes what anybody may.
    pub keeper: Trader,
    /// Owner and nonce of every deposit and of every position so far.
    deposits: BTreeSet<(Pubkey, u64)>,
    holdings: BTreeSet<(Pubkey, u64)>,
    /// Every listing so far, by its address.
    listings: BTreeMap<Pubkey, ListingAccounts>,
    /// What the insurance and the lenders lost in the last check, and what a lender's share was worth:
    /// base units in 2⁻⁶⁴.
    worth: Cell<u128>,
}

impl LeverageWorld {
    /// # Panics
    /// If anything fails, as all of these functions do.
    pub fn start() -> Self {
        Self::start_with(KeySource::Random, 2, |_| {})
    }

    /// The same with other keys, outcomes and terms of the market.
    pub fn start_with(
        keys: KeySource,
        outcomes: u8,
        change: impl FnOnce(&mut CreateMarketArgs),
    ) -> Self {
        let mut world = Self::with_pool(keys, outcomes, change);
        world.list().expect("a listing");
        let lender = world.lender();
        world.deposit(&lender, 1, LENT).expect("a deposit");
        world.markets.go_to_second(world.state().open_from);
        let slot = world.state().open_from_slot;
        if world.markets.chain().slot() < slot {
            world.markets.go_to(slot);
        }
        world
    }

    /// A pool without lenders, a group, and a market that is not listed.
    pub fn with_pool(
        keys: KeySource,
        outcomes: u8,
        change: impl FnOnce(&mut CreateMarketArgs),
    ) -> Self {
        let options = MarketsOptions {
            keys,
            ..MarketsOptions::default()
        };
        Self::with_pool_on(&options, outcomes, change)
    }

    /// The same on another venue.
    pub fn with_pool_on(
        options: &MarketsOptions,
        outcomes: u8,
        change: impl FnOnce(&mut CreateMarketArgs),
    ) -> Self {
        let mut markets = MarketsWorld::start(options);
        let mut args = Self::market_terms(&mut markets, outcomes);
        change(&mut args);
        let market = markets.market(args);
        let creator = markets.creator();
        let liquidity = markets.liquidity(market, &creator).shares;
        markets.lock(&creator, market, liquidity).expect("a lock");
        let admin = markets.world.admin.insecure_clone();
        let create = CreatePool {
            admin: admin.pubkey(),
            mint: markets.mint.address,
            token_program: markets.token_program(),
            id: 1,
            terms: Self::pool_terms(),
        };
        let pool = PoolAccounts {
            pool: create.pool(),
            mint: create.mint,
            token_program: create.token_program,
        };
        let group = CreateGroup {
            admin: admin.pubkey(),
            pool: pool.pool,
            id: 1,
        };
        for instruction in [create.instruction(), group.instruction()] {
            markets.send(instruction, &[&admin]).expect("a pool");
        }
        markets.count_in(pool.pool_tokens());
        let listing = ListingAccounts {
            pool,
            group: group.group(),
            venue: markets.venue,
            market,
        };
        let lender = markets.trader(10 * LENT);
        let keeper = markets.trader(0);
        Self {
            markets,
            listing,
            lender,
            keeper,
            deposits: BTreeSet::new(),
            holdings: BTreeSet::new(),
            listings: BTreeMap::new(),
            worth: Cell::new(0),
        }
    }

    /// A day of trading on an LMSR whose result is observed at its end.
    pub fn market_terms(markets: &mut MarketsWorld, outcomes: u8) -> CreateMarketArgs {
        let terms = markets.terms(outcomes);
        let locks_at = terms.opens_at + 24 * HOUR;
        CreateMarketArgs {
            depth: DEPTH,
            locks_at,
            observe_at_ms: locks_at.unsigned_abs() * 1_000,
            ..terms
        }
    }

    pub fn pool_terms() -> PoolTerms {
        PoolTerms {
            idle_rate: 200,
            kink_rate: 1_000,
            full_rate: 10_000,
            kink: 8_000,
            group_loss: 300,
            total_loss: 1_000,
            notice_seconds: 60 * 60,
        }
    }

    pub fn parameters(&self) -> LoanParameters {
        let hours = self.markets.state(self.listing.market).hours;
        LoanParameters::loosest(hours.duration_seconds(), UNIT)
    }

    pub fn admin(&self) -> Keypair {
        self.markets.world.admin.insecure_clone()
    }

    pub fn build_list(&self) -> ListMarket {
        ListMarket {
            admin: self.admin().pubkey(),
            listing: self.listing,
            parameters: self.parameters(),
        }
    }

    /// Lists the market.
    ///
    /// # Errors
    /// Those of [`crate::Chain::send`], here and below.
    pub fn list(&mut self) -> Result<Receipt, SendError> {
        let list = self.build_list();
        let (listing, market) = (self.listing.listing(), self.listing.market);
        self.listings.insert(listing, self.listing);
        self.markets.know_position(listing, market);
        let admin = self.admin();
        let result = self.markets.send(list.instruction(), &[&admin]);
        self.markets.count_in(self.listing.listing_tokens());
        self.check();
        result
    }

    pub fn delist(&mut self) -> Result<Receipt, SendError> {
        let admin = self.admin();
        let delist = Delist {
            authority: admin.pubkey(),
            listing: self.listing,
            rent_payer: admin.pubkey(),
        };
        self.send(&[delist.instruction()], &[&admin])
    }

    /// Closes group and pool; the insurance goes to `tokens`.
    pub fn close_pool(&mut self, tokens: Pubkey) -> Result<Receipt, SendError> {
        let admin = self.admin();
        let group = CloseGroup {
            admin: admin.pubkey(),
            pool: self.listing.pool.pool,
            group: self.listing.group,
            rent_payer: admin.pubkey(),
        };
        let pool = ClosePool {
            admin: admin.pubkey(),
            pool: self.listing.pool,
            rent_payer: admin.pubkey(),
            rest_tokens: tokens,
        };
        self.send(&[group.instruction(), pool.instruction()], &[&admin])
    }

    pub fn govern_pool(&self, authority: &Keypair) -> GovernPool {
        GovernPool {
            authority: authority.pubkey(),
            pool: self.listing.pool.pool,
        }
    }

    pub fn govern_listing(&self, authority: &Keypair) -> GovernListing {
        GovernListing {
            authority: authority.pubkey(),
            listing: self.listing.listing(),
            market: self.listing.market,
        }
    }

    /// The lender, to be passed where the world is borrowed.
    pub fn lender(&self) -> Trader {
        copy(&self.lender)
    }

    /// Somebody with money and a position in the market.
    pub fn trader(&mut self) -> Trader {
        self.trader_with(LENT)
    }

    /// The same with so many base units.
    pub fn trader_with(&mut self, amount: u64) -> Trader {
        let trader = self.markets.trader(amount);
        let market = self.listing.market;
        self.markets.open(&trader, market).expect("a position");
        trader
    }

    pub fn build_deposit(&self, owner: &Trader, nonce: u64, amount: u64) -> RequestDeposit {
        RequestDeposit {
            pool: self.listing.pool,
            owner: owner.address(),
            owner_tokens: owner.tokens,
            rent_payer: owner.address(),
            nonce,
            amount,
            min_due: 0,
        }
    }

    pub fn request_deposit(
        &mut self,
        owner: &Trader,
        nonce: u64,
        amount: u64,
    ) -> Result<Receipt, SendError> {
        let request = self.build_deposit(owner, nonce, amount);
        self.deposits.insert((owner.address(), nonce));
        self.send(&[request.instruction()], &[&owner.key])
    }

    pub fn build_end_deposit(&self, owner: &Trader, nonce: u64) -> EndDeposit {
        EndDeposit {
            pool: self.listing.pool,
            owner: owner.address(),
            owner_tokens: owner.tokens,
            rent_payer: owner.address(),
            nonce,
        }
    }

    pub fn execute_deposit(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let end = self.build_end_deposit(owner, nonce);
        self.send(&[end.execute()], &[])
    }

    pub fn cancel_deposit(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let end = self.build_end_deposit(owner, nonce);
        self.send(&[end.cancel()], &[])
    }

    /// Requests a deposit and has it executed after the notice.
    pub fn deposit(
        &mut self,
        owner: &Trader,
        nonce: u64,
        amount: u64,
    ) -> Result<Receipt, SendError> {
        self.request_deposit(owner, nonce, amount)?;
        let available = self.deposit_state(owner, nonce).available_at;
        self.markets.go_to_second(available);
        self.execute_deposit(owner, nonce)
    }

    pub fn build_withdraw(&self, owner: &Trader, nonce: u64, shares: u64) -> RequestWithdraw {
        RequestWithdraw {
            pool: self.listing.pool.pool,
            owner: owner.address(),
            rent_payer: owner.address(),
            nonce,
            shares,
            min_amount: 0,
        }
    }

    pub fn request_withdraw(
        &mut self,
        owner: &Trader,
        nonce: u64,
        shares: u64,
    ) -> Result<Receipt, SendError> {
        let request = self.build_withdraw(owner, nonce, shares);
        self.send(&[request.instruction()], &[&owner.key])
    }

    pub fn build_execute_withdraw(&self, owner: &Trader, nonce: u64) -> ExecuteWithdraw {
        ExecuteWithdraw {
            pool: self.listing.pool,
            owner: owner.address(),
            owner_tokens: owner.tokens,
            nonce,
            rent_payer: owner.address(),
            deposit_rent_payer: owner.address(),
        }
    }

    pub fn execute_withdraw(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let execute = self.build_execute_withdraw(owner, nonce);
        self.send(&[execute.instruction()], &[])
    }

    pub fn cancel_withdraw(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let cancel = CancelWithdraw {
            pool: self.listing.pool.pool,
            owner: owner.address(),
            nonce,
            rent_payer: owner.address(),
        };
        self.send(&[cancel.instruction()], &[])
    }

    /// Requests a withdrawal of all shares of a deposit and has it paid after the notice.
    pub fn withdraw(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let shares = self.deposit_state(owner, nonce).shares;
        self.request_withdraw(owner, nonce, shares)?;
        let available = self.withdrawal_state(owner, nonce).available_at;
        self.markets.go_to_second(available);
        self.execute_withdraw(owner, nonce)
    }

    pub fn holding(&self, owner: &Trader, nonce: u64) -> Holding {
        Holding {
            listing: self.listing,
            owner: owner.address(),
            nonce,
        }
    }

    pub fn build_request(&self, owner: &Trader, nonce: u64, args: RequestOpenArgs) -> RequestOpen {
        RequestOpen {
            holding: self.holding(owner, nonce),
            rent_payer: owner.address(),
            owner_tokens: owner.tokens,
            args,
        }
    }

    pub fn request(
        &mut self,
        owner: &Trader,
        nonce: u64,
        args: RequestOpenArgs,
    ) -> Result<Receipt, SendError> {
        let request = self.build_request(owner, nonce, args);
        self.holdings.insert((owner.address(), nonce));
        self.send(&[request.instruction()], &[&owner.key])
    }

    pub fn build_execute(&self, owner: &Trader, nonce: u64) -> ExecuteOpen {
        ExecuteOpen {
            holding: self.holding(owner, nonce),
            executor: self.keeper.address(),
            rent_payer: owner.address(),
        }
    }

    pub fn execute(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let execute = self.build_execute(owner, nonce);
        let keeper = self.keeper.key.insecure_clone();
        self.send(&[execute.instruction()], &[&keeper])
    }

    /// Lets the delay of a request pass.
    pub fn wait_for_execution(&mut self) {
        let slot = self.markets.chain().slot() + 25;
        self.markets.go_to(slot);
    }

    /// Lets the time pass for which prices have to stand near their slow ones until loans are opened.
    pub fn wait_until_calm(&mut self) {
        let market = self.listing.market;
        let mut slots = 1;
        while slots > 0 {
            let slot = self.markets.chain().slot() + slots;
            self.markets.go_to(slot);
            self.markets.poke(market).expect("a look");
            slots = self.markets.state(market).calm_in_slots;
        }
    }

    /// Requests a position on an outcome and has it opened after the delay.
    pub fn open(
        &mut self,
        owner: &Trader,
        nonce: u64,
        outcome: u8,
        margin: u64,
        loan: u64,
    ) -> Result<Receipt, SendError> {
        let args = RequestOpenArgs {
            outcome,
            margin,
            loan,
            min_shares: 0,
        };
        self.request(owner, nonce, args)?;
        self.wait_for_execution();
        self.execute(owner, nonce)
    }

    pub fn build_cancel(&self, owner: &Trader, nonce: u64) -> CancelOpen {
        CancelOpen {
            holding: self.holding(owner, nonce),
            executor: self.keeper.address(),
            owner_tokens: owner.tokens,
            rent_payer: owner.address(),
        }
    }

    /// By the owner.
    pub fn take_back(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let cancel = self.build_cancel(owner, nonce);
        let signed = signed_by(cancel.instruction(), &owner.address());
        self.send(&[signed], &[&owner.key])
    }

    /// By anybody.
    pub fn give_back(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let cancel = self.build_cancel(owner, nonce);
        self.send(&[cancel.instruction()], &[])
    }

    pub fn build_sale(&self, owner: &Trader, nonce: u64) -> SellForOwner {
        SellForOwner {
            holding: self.holding(owner, nonce),
            min_return: 0,
        }
    }

    pub fn close(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let sale = self.build_sale(owner, nonce);
        self.send(&[sale.close()], &[&owner.key])
    }

    pub fn reduce(
        &mut self,
        owner: &Trader,
        nonce: u64,
        shares: u64,
    ) -> Result<Receipt, SendError> {
        let sale = self.build_sale(owner, nonce);
        self.send(&[sale.reduce(shares)], &[&owner.key])
    }

    pub fn add_margin(
        &mut self,
        owner: &Trader,
        nonce: u64,
        amount: u64,
    ) -> Result<Receipt, SendError> {
        let add = AddMargin {
            holding: self.holding(owner, nonce),
            payer: owner.address(),
            payer_tokens: owner.tokens,
            amount,
        };
        self.send(&[add.instruction()], &[&owner.key])
    }

    pub fn build_repay(&self, owner: &Trader, nonce: u64) -> Repay {
        Repay {
            holding: self.holding(owner, nonce),
            owner_tokens: owner.tokens,
            max_paid: u64::MAX,
        }
    }

    pub fn repay(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let repay = self.build_repay(owner, nonce);
        self.send(&[repay.instruction()], &[&owner.key])
    }

    pub fn build_claim(&self, owner: &Trader, nonce: u64) -> WithdrawClaim {
        WithdrawClaim {
            holding: self.holding(owner, nonce),
            owner_tokens: owner.tokens,
        }
    }

    pub fn claim(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let claim = self.build_claim(owner, nonce);
        self.send(&[claim.instruction()], &[])
    }

    pub fn close_position(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let close = ClosePosition {
            holding: self.holding(owner, nonce),
            rent_payer: owner.address(),
        };
        self.send(&[close.instruction()], &[])
    }

    pub fn build_monitor(&self, owner: &Trader, nonce: u64) -> MonitorHealth {
        MonitorHealth {
            holding: self.holding(owner, nonce),
            executor: self.keeper.address(),
        }
    }

    pub fn monitor(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let monitor = self.build_monitor(owner, nonce);
        self.send(&[monitor.instruction()], &[])
    }

    pub fn build_liquidate(&self, positions: &[(&Trader, u64)]) -> Liquidate {
        let positions = positions.iter();
        Liquidate {
            listing: self.listing,
            reward_tokens: self.keeper.tokens,
            positions: positions
                .map(|(owner, nonce)| self.holding(owner, *nonce).position())
                .collect(),
        }
    }

    pub fn liquidate(&mut self, positions: &[(&Trader, u64)]) -> Result<Receipt, SendError> {
        let liquidate = self.build_liquidate(positions);
        self.send(&[liquidate.liquidate()], &[])
    }

    pub fn force_deleverage(&mut self, positions: &[(&Trader, u64)]) -> Result<Receipt, SendError> {
        let liquidate = self.build_liquidate(positions);
        self.send(&[liquidate.force_deleverage()], &[])
    }

    pub fn call_deleverage(&mut self, outcome: u8) -> Result<Receipt, SendError> {
        let call = CallDeleverage {
            listing: self.listing,
            outcome,
        };
        self.send(&[call.instruction()], &[])
    }

    pub fn deleverage_pro_rata(
        &mut self,
        positions: &[(&Trader, u64)],
    ) -> Result<Receipt, SendError> {
        let liquidate = self.build_liquidate(positions);
        self.send(&[liquidate.deleverage_pro_rata()], &[])
    }

    pub fn trip_by_price(&mut self, outcome: u8) -> Result<Receipt, SendError> {
        let trip = TripByPrice {
            listing: self.listing,
            outcome,
        };
        self.send(&[trip.instruction()], &[])
    }

    pub fn trip_by_utilisation(&mut self) -> Result<Receipt, SendError> {
        let trip = trip_by_utilisation(self.listing.pool.pool);
        self.send(&[trip], &[])
    }

    pub fn settle_market(&mut self) -> Result<Receipt, SendError> {
        let settle = SettleMarket {
            listing: self.listing,
            rent_payer: self.admin().pubkey(),
        };
        self.send(&[settle.instruction()], &[])
    }

    pub fn settle_position(&mut self, owner: &Trader, nonce: u64) -> Result<Receipt, SendError> {
        let settle = SettlePosition {
            holding: self.holding(owner, nonce),
        };
        self.send(&[settle.instruction()], &[])
    }

    /// Lets the checks look at a position, or its request, that no function here made.
    pub fn remember(&mut self, owner: &Trader, nonce: u64) {
        self.holdings.insert((owner.address(), nonce));
    }

    /// Lets the checks look at a deposit that no function here made.
    pub fn remember_deposit(&mut self, owner: &Trader, nonce: u64) {
        self.deposits.insert((owner.address(), nonce));
    }

    /// Sends a transaction and checks all books, whatever became of it.
    pub fn send(
        &mut self,
        instructions: &[Instruction],
        signers: &[&Keypair],
    ) -> Result<Receipt, SendError> {
        let result = self.markets.send_all(instructions, signers);
        self.check();
        result
    }
}

/// Reading.
impl LeverageWorld {
    pub fn pool_state(&self) -> LendingPool {
        self.markets.read(self.listing.pool.pool)
    }

    pub fn group_state(&self) -> CorrelationGroup {
        self.markets.read(self.listing.group)
    }

    pub fn state(&self) -> Box<ListedMarket> {
        Box::new(self.markets.read(self.listing.listing()))
    }

    #[track_caller]
    pub fn position(&self, owner: &Trader, nonce: u64) -> LeveredPosition {
        self.markets.read(self.holding(owner, nonce).position())
    }

    pub fn find_position(&self, owner: &Trader, nonce: u64) -> Option<LeveredPosition> {
        self.markets.find(self.holding(owner, nonce).position())
    }

    pub fn find_request(&self, owner: &Trader, nonce: u64) -> bool {
        let address = self.holding(owner, nonce).pending_open();
        self.markets.find::<PendingOpen>(address).is_some()
    }

    #[track_caller]
    pub fn request_state(&self, owner: &Trader, nonce: u64) -> PendingOpen {
        self.markets.read(self.holding(owner, nonce).pending_open())
    }

    #[track_caller]
    pub fn deposit_state(&self, owner: &Trader, nonce: u64) -> PoolDeposit {
        self.markets.read(self.deposit_address(owner, nonce))
    }

    pub fn find_deposit(&self, owner: &Trader, nonce: u64) -> Option<PoolDeposit> {
        self.markets.find(self.deposit_address(owner, nonce))
    }

    #[track_caller]
    pub fn withdrawal_state(&self, owner: &Trader, nonce: u64) -> PoolWithdrawal {
        let deposit = self.deposit_address(owner, nonce);
        self.markets.read(addresses::withdrawal(&deposit))
    }

    pub fn has_withdrawal(&self, owner: &Trader, nonce: u64) -> bool {
        let deposit = self.deposit_address(owner, nonce);
        let withdrawal = addresses::withdrawal(&deposit);
        self.markets.find::<PoolWithdrawal>(withdrawal).is_some()
    }

    fn deposit_address(&self, owner: &Trader, nonce: u64) -> Pubkey {
        addresses::deposit(&self.listing.pool.pool, &owner.address(), nonce)
    }

    /// What a position owes now, base units: to the lenders, and to the insurance.
    pub fn owed(&self, owner: &Trader, nonce: u64) -> (u64, u64) {
        let now = self.markets.seconds();
        let (mut pool, mut listing) = (self.pool_state(), self.state());
        let position = self.position(owner, nonce);
        pool.accrue(now).expect("interest");
        listing.accrue_jump(now);
        let debt = pool.book.debt(Shares(position.debt_shares));
        let debt = debt.expect("a debt").0;
        let fee = position.jump_fee_with(&listing, debt);
        (debt, fee.expect("a fee"))
    }

    /// How a position of a market that trades stands now.
    pub fn health(&self, owner: &Trader, nonce: u64) -> Health {
        let (mut pool, mut listing) = (self.pool_state(), self.state());
        let position = self.position(owner, nonce);
        let market = self.markets.state(self.listing.market);
        let venue = self.markets.venue_state();
        let clock = self.markets.chain().clock().clone();
        let standing = Standing::now(&market, &venue, position.outcome, &clock).expect("a market");
        let health = Health::of(&mut pool, &mut listing, &position, &standing);
        health.expect("a health")
    }

    pub fn lamports(&self, address: Pubkey) -> u64 {
        self.markets.chain().lamports(address).unwrap_or(0)
    }
}

/// The books.
impl LeverageWorld {
    /// What everybody has adds up, and lenders' shares are worth no less than before but for a loss that
    /// the pool's books say; every account is looked at.
    #[track_caller]
    pub fn check(&self) {
        let Some(pool) = self.markets.find::<LendingPool>(self.listing.pool.pool) else {
            return;
        };
        self.check_lenders(&pool);
        let (mut of_pool, mut of_groups) = ([0; 2], BTreeMap::<_, [u64; 2]>::new());
        for accounts in self.listings.values() {
            if accounts.pool.pool != self.listing.pool.pool {
                continue;
            }
            let of_listing = self.check_listing(accounts);
            let of_group = of_groups.entry(accounts.group).or_default();
            for (index, part) in of_listing.into_iter().enumerate() {
                of_pool[index] += part;
                of_group[index] += part;
            }
        }
        let kept = [pool.book.debt_shares, pool.lost];
        assert_eq!(kept, of_pool, "the pool's loans, and losses");
        for (group, sums) in of_groups {
            if let Some(group) = self.markets.find::<CorrelationGroup>(group) {
                let kept = [group.debt_shares, group.lost];
                assert_eq!(kept, sums, "the group's loans, and losses");
            }
        }
    }

    /// Returns its debt shares and what was lost by it, nothing if it is closed.
    fn check_listing(&self, accounts: &ListingAccounts) -> [u64; 2] {
        let address = accounts.listing();
        let Some(listing) = self.markets.find::<ListedMarket>(address) else {
            return [0; 2];
        };
        let (mut shares, mut debts) = ([0; MAX_OUTCOMES], [0; MAX_OUTCOMES]);
        let (mut cash, mut payouts) = (0, 0);
        let (mut positions, mut requests) = (0, 0);
        for (owner, nonce) in &self.holdings {
            let held = addresses::levered_position(&address, owner, *nonce);
            if let Some(position) = self.markets.find::<LeveredPosition>(held) {
                let outcome = usize::from(position.outcome);
                shares[outcome] += position.shares;
                debts[outcome] += position.debt_shares;
                cash += position.claim;
                positions += 1;
                let payout = listing.payout(position.outcome, position.shares);
                payouts += payout.expect("a payout").0;
                let secured = position.debt_shares == 0 || position.shares > 0;
                assert!(secured, "a debt without shares is written off");
            }
            let pending = addresses::pending_open(&address, owner, *nonce);
            if let Some(request) = self.markets.find::<PendingOpen>(pending) {
                cash += request.margin;
                requests += 1;
            }
        }
        assert_eq!(listing.shares, shares, "shares are the positions'");
        assert_eq!(listing.debt_shares, debts, "debts are the positions'");
        assert_eq!(listing.open_positions, positions, "positions");
        assert_eq!(listing.open_requests, requests, "requests");
        let tokens = self.markets.balance(listing.token_account);
        if listing.is_settled() {
            assert!(listing.cash >= cash + payouts, "payouts are there");
        } else {
            assert_eq!(listing.cash, cash, "money is margin and claims");
            let held = market_addresses::position(&accounts.market, &address);
            let held: Position = self.markets.read(held);
            let is_held = held.holdings.shares.iter().zip(&shares);
            assert!(is_held.clone().all(|(held, own)| held >= own), "shares");
        }
        assert!(tokens >= listing.cash, "the listing's tokens are there");
        [debts.iter().sum(), listing.lost]
    }

    fn check_lenders(&self, pool: &LendingPool) {
        let (mut supply, mut pending, mut requested, mut open) = (0, 0, 0, 0);
        for (owner, nonce) in &self.deposits {
            let address = addresses::deposit(&self.listing.pool.pool, owner, *nonce);
            let Some(deposit) = self.markets.find::<PoolDeposit>(address) else {
                continue;
            };
            open += 1;
            supply += deposit.shares;
            pending += deposit.amount;
            let address = addresses::withdrawal(&address);
            if let Some(withdrawal) = self.markets.find::<PoolWithdrawal>(address) {
                supply += withdrawal.shares;
                requested += withdrawal.shares;
            }
        }
        assert_eq!(pool.book.supply, supply, "lenders' shares");
        assert_eq!(pool.requested_shares, requested, "shares that leave");
        assert_eq!(pool.pending_deposits, pending, "deposits that wait");
        assert_eq!(pool.open_deposits, open, "deposits");
        let tokens = self.markets.balance(pool.token_account);
        let tracked = pool.book.cash + pool.book.insurance + pending;
        assert!(tokens >= tracked, "the pool's tokens are there");
        let equity = pool.book.equity().expect("a sum");
        // Beside the virtual shares, which have their part of what comes back to few.
        let worth = ((u128::from(equity.0) + 1) << 64) / (u128::from(supply) + 1_000);
        let is_same = self.worth.replace(worth) <= worth || supply == 0;
        assert!(
            is_same || pool.book.insurance == 0,
            "a share is worth less though the insurance has {}",
            pool.book.insurance
        );
    }
}

fn copy(trader: &Trader) -> Trader {
    Trader::new(trader.key.insecure_clone(), trader.tokens)
}
