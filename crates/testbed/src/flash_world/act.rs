//! What people do with flash bets.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{
        CloseEvent, CreateEvent, CreateMarketArgs, FeeShare, Resolve, Void, VoidConflicted,
    },
};
use flash_bets::state::FlashMarket;
use result_tree::{FeedResult, ResultTree};
use solana_signer::Signer;

use super::{FlashWorld, User};
use crate::{program_world::feed, Receipt, SendError};

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
        let create = CreateEvent {
            operator: self.operator.pubkey(),
            vault: self.vault,
            id: self.next_id(),
        };
        let event = addresses::event(&self.vault, create.id);
        self.accounts.insert(event);
        self.send_as_operator(create.instruction())
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
