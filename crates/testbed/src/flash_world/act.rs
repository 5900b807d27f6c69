//! What people do with flash bets.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{
        with_verses, CloseEventBook, CloseOperatorFees, FlashMarketTerms, OpenTicketAndBet, Pause,
        Resolve, SetPriceFeed, SetStrike, Unpause,
    },
};
use flash_bets::state::{EventBook, FlashMarket};
use result_tree::{FeedResult, ResultTree};
use solana_signer::Signer;

use super::{FeeShare, FlashWorld, User};
use crate::{program_world::feed, simulation::element, Receipt, SendError};

/// Doing what is right.
impl FlashWorld {
    /// A whole deposit: the request, the notice, which passes, and the execution.
    ///
    /// # Errors
    /// Those of [`Chain::send`], here and below.
    pub fn deposit(&mut self, user: &User, amount: u64) -> Result<Receipt, SendError> {
        self.request_deposit(user, amount)?;
        self.pass_to(self.deposit_state(user).available_at);
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
        self.send(withdraw.instruction(), &[])
    }

    pub fn cancel_withdraw(&mut self, user: &User) -> Result<Receipt, SendError> {
        let cancel = self.build_cancel_withdraw(user);
        self.send(cancel.instruction(), &[&user.key])
    }

    pub fn lapse_withdraw(&mut self, user: &User) -> Result<Receipt, SendError> {
        let lapse = self.build_lapse_withdraw(user);
        self.send(lapse.instruction(), &[])
    }

    pub fn close_vault(&mut self) -> Result<Receipt, SendError> {
        let close = self.build_close_vault();
        let admin = self.world.admin.insecure_clone();
        self.send(close.instruction(), &[&admin])
    }

    /// The book of a new event; gives its address.
    pub fn create_event_book(&mut self) -> Pubkey {
        self.create_event_book_in(None)
    }

    /// A market on an event of its own, which opens; gives its address.
    #[track_caller]
    pub fn market(&mut self, terms: FlashMarketTerms) -> Pubkey {
        let event_book = self.create_event_book();
        self.market_on(event_book, terms)
    }

    /// A market on an event, which opens; gives its address.
    #[track_caller]
    pub fn market_on(&mut self, event_book: Pubkey, terms: FlashMarketTerms) -> Pubkey {
        let market = self.announce_on(event_book, terms);
        let opens_at = self.market_state(market).hours.opens_at;
        self.pass_to(opens_at);
        market
    }

    /// A market on an event, which does not open yet; gives its address.
    #[track_caller]
    pub fn announce_on(&mut self, event_book: Pubkey, terms: FlashMarketTerms) -> Pubkey {
        let id = self.vault_state().next_market_id;
        self.try_market(event_book, terms).expect("a market");
        addresses::market(&self.vault, id)
    }

    pub fn try_market(
        &mut self,
        event_book: Pubkey,
        terms: FlashMarketTerms,
    ) -> Result<Receipt, SendError> {
        let create = self.build_market(event_book, terms);
        let market = addresses::market(&self.vault, create.id);
        let verses = self.verses_of_event(event_book);
        let create = with_verses(create.instruction(), &verses);
        let result = self.send_as_operator(create);
        if self.find::<FlashMarket>(market).is_none() {
            self.forget(market);
        }
        result
    }

    pub fn send_as_operator(&mut self, instruction: Instruction) -> Result<Receipt, SendError> {
        let operator = self.operator.insecure_clone();
        self.send(instruction, &[&operator])
    }

    /// Has it cost so many base units to move a price for a second, once the timelock has passed.
    pub fn price_feed(&mut self, feed_id: [u8; 32], cost_per_second: u64) {
        let admin = self.world.admin.insecure_clone();
        let set = SetPriceFeed {
            authority: admin.pubkey(),
            vault: self.vault,
            feed_id,
            cost_per_second,
        };
        self.send(set.instruction(), &[&admin]).expect("a feed");
        self.world.pass_timelock();
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

    /// Opens a ticket unless there is one, and bets.
    pub fn open_and_place(
        &mut self,
        user: &User,
        market: Pubkey,
        outcome: u8,
        stake: u64,
    ) -> Result<Receipt, SendError> {
        let bet: OpenTicketAndBet = self.build_open_and_bet(user, market, outcome, stake);
        self.send(bet.instruction(), &[&user.key])
    }

    /// Buys exact shares for at most `max_cost`, at once or after the market's delay.
    pub fn buy_shares(
        &mut self,
        user: &User,
        market: Pubkey,
        outcome: u8,
        [shares, max_cost]: [u64; 2],
    ) -> Result<Receipt, SendError> {
        let buy = self.build_buy_shares(user, market, outcome, [shares, max_cost]);
        self.send(buy.instruction(), &[&user.key])
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

    /// Stops new risk, as the guardian.
    pub fn pause(&mut self) -> Result<Receipt, SendError> {
        let guardian = self.world.guardian.insecure_clone();
        let pause = Pause {
            authority: guardian.pubkey(),
            vault: self.vault,
        };
        self.send(pause.instruction(), &[&guardian])
    }

    /// Ends a pause, as the admin, once the timelock has passed.
    pub fn unpause(&mut self) -> Result<Receipt, SendError> {
        let admin = self.world.admin.insecure_clone();
        let unpause = Unpause {
            authority: admin.pubkey(),
            vault: self.vault,
        };
        self.send(unpause.instruction(), &[&admin])
    }

    pub fn suspend(&mut self, market: Pubkey, seconds: u32) -> Result<Receipt, SendError> {
        let suspend = self.build_suspend(market, seconds);
        self.send_as_operator(suspend.instruction())
    }

    pub fn resume(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        let resume = self.build_resume(market);
        self.send_as_operator(resume.instruction())
    }

    /// Has the market's observation verified by the oracle, at its time or now if that has passed;
    /// gives its address.
    pub fn observe(&mut self, market: Pubkey, value: i64) -> Pubkey {
        let observe_at_ms = self.market_state(market).evidence.observe_at_ms;
        let second = i64::try_from(observe_at_ms.div_ceil(1_000)).expect("a time");
        self.pass_to(second);
        self.observe_at(market, observe_at_ms, value)
    }

    /// Sets the strike from its observation, which is there.
    pub fn set_strike_from(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        let set = SetStrike {
            market,
            observation: self.market_state(market).evidence.strike_observation,
        };
        self.send(set.instruction(), &[])
    }

    /// Has an observation of the market's feed at any time verified; gives its address.
    pub fn observe_at(&mut self, market: Pubkey, time: u64, value: i64) -> Pubkey {
        let feed = element(&self.market_state(market).evidence.feed_id);
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
            strike_observation: self.market_state(market).strike_observation(),
        };
        self.send(resolve.instruction(), &[])
    }

    /// What a leaf says that settles the market on `value`.
    pub fn result(&self, market: Pubkey, value: i64) -> FeedResult {
        let state = self.market_state(market);
        FeedResult {
            feed_id: state.evidence.feed_id,
            time: state.evidence.observe_at_ms,
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
        let void = self.build_void(market);
        self.send(void.instruction(), &[])
    }

    /// Has the providers contradict themselves about the market's observation; gives its address.
    pub fn contradict(&mut self, market: Pubkey, values: [i64; 2]) -> Pubkey {
        let observation = self.observe(market, values[0]);
        let state = self.market_state(market);
        let report = self
            .world
            .report_conflict(feed(state.id), state.evidence.observe_at_ms, values[1])
            .expect("a proof");
        self.send(report.instruction(), &[]).expect("a report");
        observation
    }

    pub fn settle(&mut self, market: Pubkey, users: &[&User]) -> Result<Receipt, SendError> {
        let settle = self.build_settle(market, users);
        self.send(settle.instruction(), &[])
    }

    pub fn release(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        let release = self.build_release(market).instruction();
        let verses = self.verses_of([market]);
        self.send(with_verses(release, &verses), &[])
    }

    pub fn close(&mut self, market: Pubkey) -> Result<Receipt, SendError> {
        let close = self.build_close(market);
        self.send(close.instruction(), &[])
    }

    /// The operator closes the book of an event.
    pub fn close_event_book(&mut self, event_book: Pubkey) -> Result<Receipt, SendError> {
        let verse = self.find::<EventBook>(event_book).map(|book| book.verse);
        let close = CloseEventBook {
            authority: self.operator.pubkey(),
            vault: self.vault,
            event_book,
            rent_payer: self.operator.pubkey(),
            verse: verse.filter(|verse| *verse != Pubkey::default()),
        };
        self.send_as_operator(close.instruction())
    }

    /// Closes what is left when an operator's only market is closed: the event's book, and what the
    /// operator has earned, which is collected.
    #[track_caller]
    pub fn wind_up(&mut self, event_book: Pubkey) {
        self.close_event_book(event_book).expect("a closing");
        if self.vault_state().operator_fees > 0 {
            self.collect(FeeShare::Operator).expect("fees");
        }
        self.close_earned();
    }

    /// Closes what the operator has earned, which is collected.
    #[track_caller]
    pub fn close_earned(&mut self) {
        let close = CloseOperatorFees {
            authority: self.operator.pubkey(),
            operator: self.operator.pubkey(),
            vault: self.vault,
        };
        self.send_as_operator(close.instruction())
            .expect("a closing");
    }

    pub fn collect(&mut self, share: FeeShare) -> Result<Receipt, SendError> {
        let collect = self.build_collect(share);
        self.send(collect.instruction(), &[])
    }
}
