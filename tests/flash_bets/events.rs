//! Flash bets, events: each kind, decoded as the client does, says what the chain holds after it, field
//! by field. Native programs log none, so that only bytecode is compared.

use std::collections::BTreeSet;

use anchor_lang::{prelude::Pubkey, AnchorDeserialize, Discriminator, Event};
use client::{
    addresses::flash_bets as addresses,
    instructions::{flash_bets::*, signed_by},
};
use flash_bets::{
    instructions::{
        BetPlaced, CashedOut, ChangeCancelled, ChangeProposed, DepositDone, DepositRequested,
        DepositResult, EventBookClosed, EventBookCreated, FeesCollected, FlashMarketClosed,
        FlashMarketCreated, FlashMarketVoided, FlashPriceFeed, FlashPriceFeedClosed,
        FlashPriceFeedSet, FlashStrikeSet, MarketResolved, MarketResumed, MarketSuspended,
        OperatorFeesClosed, OrderDone, OrderQueued, ReceiptAsked, Surplus, SurplusReleased,
        TicketHeld, TicketOpened, TicketPayout, TicketSharesTransferred, TicketsSettled,
        VaultClosed, VaultCreated, VaultPaused, VaultUnpaused, WithdrawRequested,
        WithdrawalReturned, Withdrawn,
    },
    state::{FlashMarket, Order, OrderResult},
};
use program_kit::EventHeader;
use solana_signer::Signer;
use testbed::{FeeShare, FlashOptions, FlashWorld, ProgramKind, Receipt, User};

const LIQUIDITY: u64 = 100_000_000_000;
pub(super) const PURSE: u64 = 10_000_000_000;
pub(super) const STAKE: u64 = 1_000_000;

pub(super) struct Story {
    pub(super) flash: FlashWorld,
    /// Kinds that were compared.
    kinds: BTreeSet<&'static str>,
}

impl Story {
    fn start() -> Self {
        Self {
            flash: FlashWorld::start(&FlashOptions::default()),
            kinds: BTreeSet::new(),
        }
    }

    /// Expects that the transaction emitted this event and no other.
    #[track_caller]
    pub(super) fn said<T>(&mut self, receipt: &Receipt, expected: T)
    where
        T: Event + Discriminator + AnchorDeserialize,
    {
        self.said_among(receipt, expected, 1);
    }

    /// Expects that the transaction emitted so many events, and one of this kind, which is this one.
    #[track_caller]
    pub(super) fn said_among<T>(&mut self, receipt: &Receipt, expected: T, events: usize)
    where
        T: Event + Discriminator + AnchorDeserialize,
    {
        let path = std::any::type_name::<T>();
        let kind = path.rsplit("::").next().expect("a name");
        self.kinds.insert(kind);
        if self.flash.chain().kind() == ProgramKind::Sbf {
            assert_eq!(receipt.events.len(), events, "{kind}");
            let decoded = receipt.events_of::<T>(&flash_bets::ID);
            let [event] = &decoded[..] else {
                panic!("{kind} is not what was emitted");
            };
            assert_eq!(event.data(), expected.data(), "{kind}");
        }
    }

    pub(super) fn header(&self, sequence: u64) -> EventHeader {
        EventHeader {
            sequence,
            slot: self.flash.chain().slot(),
            unix_time: self.flash.chain().now().seconds(),
        }
    }

    pub(super) fn of_vault(&self) -> EventHeader {
        self.header(self.flash.vault_state().sequence)
    }

    pub(super) fn of_market(&self, market: Pubkey) -> EventHeader {
        self.header(self.flash.market_state(market).sequence)
    }

    fn price_feeds(&mut self) {
        let admin = self.flash.world.admin.insecure_clone();
        let (vault, authority, feed_id) = (self.flash.vault, admin.pubkey(), [7; 32]);
        let price_feed = addresses::price_feed(&vault, &feed_id);
        let set = SetPriceFeed {
            authority,
            vault,
            feed_id,
            cost_per_second: 5,
        };
        let receipt = self.flash.send(set.instruction(), &[&admin]);
        let receipt = receipt.expect("a proposal");
        let state: FlashPriceFeed = self.flash.read(price_feed);
        let event = FlashPriceFeedSet {
            header: self.header(1),
            price_feed,
            vault,
            feed_id,
            authority,
            old_cost_per_second: 0,
            new_cost_per_second: 5,
            active_from: state.cost_per_second.active_from,
        };
        assert_eq!((state.sequence, state.cost_per_second.pending), (1, 5));
        self.said(&receipt, event);
        let close = ClosePriceFeed {
            admin: authority,
            vault,
            feed_id,
            rent_payer: authority,
        };
        let receipt = self.flash.send(close.instruction(), &[&admin]);
        let receipt = receipt.expect("an end");
        let event = FlashPriceFeedClosed {
            header: self.header(2),
            price_feed,
            vault,
            feed_id,
        };
        self.said(&receipt, event);
    }

    fn governance(&mut self) {
        let admin = self.flash.world.admin.insecure_clone();
        let (vault, authority) = (self.flash.vault, admin.pubkey());
        let old = self.flash.vault_state().notice_seconds.value;
        let propose = ProposeChange {
            authority,
            vault,
            change: VaultChange::NoticeSeconds(7_200),
        };
        let receipt = self.flash.send(propose.instruction(), &[&admin]);
        let receipt = receipt.expect("a proposal");
        let event = ChangeProposed {
            header: self.of_vault(),
            vault,
            authority,
            old: VaultChange::NoticeSeconds(old),
            new: VaultChange::NoticeSeconds(7_200),
            active_from: self.flash.vault_state().notice_seconds.active_from,
        };
        self.said(&receipt, event);
        let cancel = CancelChange {
            authority,
            vault,
            term: VaultTerm::NoticeSeconds,
        };
        let receipt = self.flash.send(cancel.instruction(), &[&admin]);
        let receipt = receipt.expect("a withdrawal");
        let event = ChangeCancelled {
            header: self.of_vault(),
            vault,
            authority,
            cancelled: VaultChange::NoticeSeconds(7_200),
        };
        self.said(&receipt, event);
        let receipt = self.flash.pause().expect("a pause");
        let event = VaultPaused {
            header: self.of_vault(),
            vault,
            authority: self.flash.world.guardian.pubkey(),
        };
        self.said(&receipt, event);
        let receipt = self.flash.unpause().expect("an unpause");
        let active_from = self.flash.vault_state().pauses.latest[0].until;
        let event = VaultUnpaused {
            header: self.of_vault(),
            vault,
            authority,
            active_from,
        };
        self.said(&receipt, event);
        self.flash.pass_to(active_from);
    }

    fn liquidity(&mut self) -> User {
        let provider = self.flash.user(LIQUIDITY);
        let (vault, owner) = (self.flash.vault, provider.address());
        let receipt = self.flash.request_deposit(&provider, LIQUIDITY);
        let receipt = receipt.expect("a request");
        let deposit = self.flash.deposit_state(&provider);
        let event = DepositRequested {
            header: self.of_vault(),
            vault,
            owner,
            amount: LIQUIDITY,
            min_shares: deposit.min_shares,
            available_at: deposit.available_at,
            available_until: deposit.available_until,
            pending_deposits: self.flash.vault_state().pending_deposits,
        };
        self.said(&receipt, event);
        self.flash.pass_to(deposit.available_at);
        let receipt = self.flash.execute_deposit(&provider).expect("a deposit");
        let shares = self.flash.balance(provider.lp_tokens);
        let event = DepositDone {
            header: self.of_vault(),
            vault,
            owner,
            amount: LIQUIDITY,
            result: DepositResult::Minted { shares },
            vault_cash: LIQUIDITY,
            vault_shares: shares,
        };
        self.said(&receipt, event);
        provider
    }

    fn exit(&mut self, provider: &User) {
        let (vault, owner) = (self.flash.vault, provider.address());
        let shares = self.flash.balance(provider.lp_tokens);
        let request = |story: &mut Self| {
            let receipt = story.flash.request_withdraw(provider, shares);
            let receipt = receipt.expect("a request");
            let withdrawal = story.flash.withdrawal_state(provider);
            let event = WithdrawRequested {
                header: story.of_vault(),
                vault,
                owner,
                shares,
                min_amount: withdrawal.min_amount,
                available_at: withdrawal.available_at,
                available_until: withdrawal.available_until,
                requested_shares: shares,
            };
            story.said(&receipt, event);
            withdrawal.available_at
        };
        request(self);
        let receipt = self.flash.cancel_withdraw(provider).expect("a return");
        let event = WithdrawalReturned {
            header: self.of_vault(),
            vault,
            owner,
            shares,
            vault_shares: self.flash.vault_state().shares,
            requested_shares: 0,
        };
        self.said(&receipt, event);
        let available_at = request(self);
        self.flash.pass_to(available_at);
        let receipt = self.flash.withdraw(provider).expect("a withdrawal");
        let state = self.flash.vault_state();
        let event = Withdrawn {
            header: self.of_vault(),
            vault,
            owner,
            shares,
            amount: self.flash.balance(provider.tokens),
            vault_cash: state.cash,
            vault_shares: state.shares,
            requested_shares: 0,
        };
        self.said(&receipt, event);
    }

    fn event_book(&mut self) -> Pubkey {
        let operator = self.flash.operator.pubkey();
        let create = CreateEventBook {
            operator,
            vault: self.flash.vault,
            id: 77,
            correlation_group: 0,
            verse: None,
        };
        let receipt = self.flash.send_as_operator(create.instruction());
        let receipt = receipt.expect("a book");
        let event_book = addresses::event_book(&self.flash.vault, 77);
        let event = EventBookCreated {
            header: self.of_vault(),
            vault: self.flash.vault,
            event_book,
            id: 77,
            rent_payer: operator,
            correlation_group: 0,
            verse: Pubkey::default(),
        };
        self.said(&receipt, event);
        event_book
    }

    /// A market, which the event of its creation describes whole.
    fn create(&mut self, event_book: Pubkey, terms: FlashMarketTerms) -> Pubkey {
        let create = self.flash.build_market(event_book, terms.clone());
        let market = addresses::market(&self.flash.vault, create.id);
        let receipt = self.flash.send_as_operator(create.instruction());
        let receipt = receipt.expect("a market");
        let (state, vault) = (self.flash.market_state(market), self.flash.vault_state());
        let event = FlashMarketCreated {
            header: self.header(1),
            market,
            vault: self.flash.vault,
            event_book,
            operator: self.flash.operator.pubkey(),
            id: create.id,
            feed_id: create.feed_id,
            named_feed_id: create.feed_id,
            provider_set: self.flash.world.provider_set,
            verifying_key: self.flash.world.verifying_key,
            terms,
            fee_split: vault.fee_split.value,
            hours: state.hours,
            void_from: state.void_from,
            delay_slots: state.delay_slots,
            slow_price_slots: state.slow_price_slots,
            funding: state.pool.cash,
            vault_cash: vault.cash,
            vault_allocated: vault.allocated,
        };
        assert_eq!(state.sequence, 1);
        self.said(&receipt, event);
        self.flash.pass_to(state.hours.opens_at);
        market
    }

    fn trades(&mut self, market: Pubkey) -> User {
        let user = self.flash.user(PURSE);
        let receipt = self.flash.open_ticket(&user, market).expect("a ticket");
        let event = TicketOpened {
            header: self.of_market(market),
            market,
            owner: user.address(),
            rent_payer: user.address(),
            open_tickets: 1,
        };
        self.said(&receipt, event);
        let receipt = self.flash.place(&user, market, 0, STAKE).expect("a bet");
        let (state, ticket) = (
            self.flash.market_state(market),
            self.flash.ticket(market, &user),
        );
        let event = BetPlaced {
            header: self.of_market(market),
            market,
            owner: user.address(),
            payer: user.address(),
            outcome: 0,
            order: Order::Stake {
                stake: STAKE,
                min_shares: 0,
            },
            shares: ticket.holdings.shares[0],
            amount: PURSE - self.flash.balance(user.tokens),
            fee: state.pool.fees,
            pool_cash: state.pool.cash,
            pool_fees: state.pool.fees,
            outcome_sold: state.pool.sold[0],
            ticket_shares: ticket.holdings.shares[0],
        };
        self.said(&receipt, event);
        let (fees, purse) = (state.pool.fees, self.flash.balance(user.tokens));
        let sold = ticket.holdings.shares[0] / 2;
        let receipt = self.flash.cash_out(&user, market, 0, sold).expect("a sale");
        let state = self.flash.market_state(market);
        let event = CashedOut {
            header: self.of_market(market),
            market,
            owner: user.address(),
            outcome: 0,
            order: Order::Sell {
                shares: sold,
                min_return: 0,
            },
            amount: self.flash.balance(user.tokens) - purse,
            fee: state.pool.fees - fees,
            pool_cash: state.pool.cash,
            pool_fees: state.pool.fees,
            outcome_sold: state.pool.sold[0],
            ticket_shares: self.flash.ticket(market, &user).holdings.shares[0],
        };
        self.said(&receipt, event);
        user
    }

    /// Somebody who is given shares, and whose ticket is held.
    fn gift(&mut self, market: Pubkey, user: &User) -> User {
        const SHARES: u64 = 7;
        let other = self.flash.user(0);
        self.flash.open_ticket(&other, market).expect("a ticket");
        let before = self.flash.ticket(market, user).holdings.cost_basis;
        let give = TransferShares {
            owner: user.address(),
            market,
            receiver: other.address(),
            outcome: 0,
            shares: SHARES,
        };
        let receipt = self.flash.send(give.instruction(), &[&user.key]);
        let event = TicketSharesTransferred {
            header: self.of_market(market),
            market,
            from: user.address(),
            to: other.address(),
            outcome: 0,
            shares: SHARES,
            cost: before - self.flash.ticket(market, user).holdings.cost_basis,
        };
        self.said(&receipt.expect("a gift"), event);
        let hold = HoldTicket {
            owner: other.address(),
            market,
        };
        let receipt = self.flash.send(hold.instruction(), &[&other.key]);
        let event = TicketHeld {
            header: self.of_market(market),
            market,
            owner: other.address(),
        };
        self.said(&receipt.expect("held"), event);
        other
    }

    fn suspension(&mut self, market: Pubkey) {
        let receipt = self.flash.suspend(market, 5).expect("a suspension");
        let state = self.flash.market_state(market);
        let event = MarketSuspended {
            header: self.of_market(market),
            market,
            until: self.flash.chain().now().seconds() + 5,
            suspension_left_seconds: state.suspension_left_seconds,
        };
        self.said(&receipt, event);
        let receipt = self.flash.resume(market).expect("an end");
        let event = MarketResumed {
            header: self.of_market(market),
            market,
            suspension_left_seconds: self.flash.market_state(market).suspension_left_seconds,
        };
        self.said(&receipt, event);
    }

    /// In a market with a bet delay: a bet that is executed, and one that lapses after its ticket is
    /// settled and leaves a receipt.
    fn orders(&mut self, market: Pubkey) {
        let user = self.flash.user(PURSE);
        self.flash.open_ticket(&user, market).expect("a ticket");
        let (nonce, order) = self.queued(market, &user);
        self.flash.go_to(self.flash.chain().slot() + 5);
        let receipt = self.flash.execute(&user, market, nonce).expect("a bet");
        let state = self.flash.market_state(market);
        let shares = self.flash.ticket(market, &user).holdings.shares[0];
        let bought = OrderResult::Bought {
            shares,
            amount: PURSE - self.flash.balance(user.tokens),
            fee: state.pool.fees,
        };
        self.done(&receipt, [market, user.address()], nonce, order, bought, 0);
        let (nonce, order) = self.queued(market, &user);
        let placer = user.address();
        let keep = KeepReceipt {
            placer,
            rent_payer: placer,
            market,
            nonce,
        };
        let receipt = self.flash.send(keep.instruction(), &[&user.key]);
        let event = ReceiptAsked {
            header: self.of_market(market),
            market,
            placer,
            pending: addresses::pending_order(&market, &placer, nonce),
        };
        self.said(&receipt.expect("a receipt"), event);
        let receipt = self.flash.resolve(market, 0).expect("a resolution");
        let state = self.flash.market_state(market);
        let event = MarketResolved {
            header: self.of_market(market),
            market,
            source: state.evidence.observation,
            value: 0,
            winning_outcome: 0,
            payouts: state.settlement.payouts,
            pool_cash: state.pool.cash,
            pool_fees: state.pool.fees,
        };
        self.said(&receipt, event);
        self.settled(market, &user);
        let receipt = self.flash.execute(&user, market, nonce).expect("a return");
        let address = user.address();
        self.done(
            &receipt,
            [market, address],
            nonce,
            order,
            OrderResult::Lapsed,
            STAKE,
        );
        let close = CloseReceipt {
            placer,
            rent_payer: placer,
            market,
            nonce,
        };
        let closed = self.flash.send(close.instruction(), &[&user.key]);
        closed.expect("a closing");
    }

    fn queued(&mut self, market: Pubkey, user: &User) -> (u64, Order) {
        let receipt = self.flash.place(user, market, 0, STAKE).expect("an order");
        let nonce = self.flash.nonce;
        let (owner, now) = (user.address(), self.flash.chain().now().seconds());
        let order = Order::Stake {
            stake: STAKE,
            min_shares: 0,
        };
        let event = OrderQueued {
            header: self.of_market(market),
            market,
            owner,
            placer: owner,
            pending: addresses::pending_order(&market, &owner, nonce),
            nonce,
            outcome: 0,
            order,
            tip_lamports: 0,
            executable_slot: self.flash.chain().slot() + 5,
            executable_at: now + 2,
            executable_until: now + 6,
            escrow: STAKE,
        };
        self.said(&receipt, event);
        (nonce, order)
    }

    fn done(
        &mut self,
        receipt: &Receipt,
        [market, owner]: [Pubkey; 2],
        nonce: u64,
        order: Order,
        result: OrderResult,
        paid: u64,
    ) {
        let FlashMarket { pool, escrow, .. } = self.flash.market_state(market);
        let ticket = addresses::ticket(&market, &owner);
        let ticket = self.flash.find::<flash_bets::state::Ticket>(ticket);
        let event = OrderDone {
            header: self.of_market(market),
            market,
            owner,
            placer: owner,
            pending: addresses::pending_order(&market, &owner, nonce),
            outcome: 0,
            order,
            result,
            paid,
            tip_lamports: 0,
            pool_cash: pool.cash,
            pool_fees: pool.fees,
            escrow,
            outcome_sold: pool.sold[0],
            ticket_shares: ticket.map_or(0, |ticket| ticket.holdings.shares[0]),
        };
        self.said(receipt, event);
    }

    fn settled(&mut self, market: Pubkey, user: &User) {
        let ticket = self.flash.ticket(market, user);
        let purse = self.flash.balance(user.tokens);
        let receipt = self.flash.settle(market, &[user]).expect("a payout");
        let state = self.flash.market_state(market);
        let event = TicketsSettled {
            header: self.of_market(market),
            market,
            tickets: vec![TicketPayout {
                owner: user.address(),
                shares: ticket.holdings.shares,
                payout: self.flash.balance(user.tokens) - purse,
                cost_basis: ticket.holdings.cost_basis,
            }],
            pool_cash: state.pool.cash,
            open_tickets: 0,
        };
        self.said(&receipt, event);
    }

    fn strike_and_void(&mut self, market: Pubkey, [user, other]: [&User; 2]) {
        let strike_at_ms = self.flash.market_state(market).evidence.strike_at_ms;
        let observation = self.flash.observe_at(market, strike_at_ms, 50_000);
        let receipt = self.flash.set_strike_from(market).expect("a strike");
        let event = FlashStrikeSet {
            header: self.of_market(market),
            market,
            observation,
            strike: 50_000,
        };
        self.said(&receipt, event);
        self.flash
            .pass_to(self.flash.market_state(market).void_from);
        let receipt = self.flash.void(market).expect("a void");
        let state = self.flash.market_state(market);
        let event = FlashMarketVoided {
            header: self.of_market(market),
            market,
            payouts: state.settlement.payouts,
            pool_cash: state.pool.cash,
            pool_fees: state.pool.fees,
        };
        self.said(&receipt, event);
        let own = self.flash.build_settle(market, &[other]).instruction();
        let signed = signed_by(own, &other.address());
        self.flash.send(signed, &[&other.key]).expect("his own");
        self.settled(market, user);
    }

    fn end(&mut self, market: Pubkey) {
        let before = (self.flash.market_state(market), self.flash.vault_state());
        let receipt = self.flash.release(market).expect("a release");
        let (state, vault) = (self.flash.market_state(market), self.flash.vault_state());
        let protocol_fees = vault.protocol_fees - before.1.protocol_fees;
        let operator_fees = vault.operator_fees - before.1.operator_fees;
        let surplus = Surplus {
            pool: before.0.pool.cash - state.pool.cash,
            liquidity_fees: before.0.pool.fees - protocol_fees - operator_fees,
            protocol_fees,
            operator_fees,
        };
        let event = SurplusReleased {
            header: self.of_market(market),
            market,
            vault: self.flash.vault,
            surplus,
            pool_cash: state.pool.cash,
            vault_cash: vault.cash,
            vault_allocated: vault.allocated,
            daily_loss: vault.losses.hours.iter().sum(),
        };
        self.said(&receipt, event);
        let receipt = self.flash.close(market).expect("a closing");
        let vault = self.flash.vault_state();
        let event = FlashMarketClosed {
            header: self.header(state.sequence + 1),
            market,
            vault: self.flash.vault,
            surplus: Surplus {
                pool: state.pool.cash,
                liquidity_fees: 0,
                protocol_fees: 0,
                operator_fees: 0,
            },
            donated: 0,
            vault_cash: vault.cash,
            vault_allocated: vault.allocated,
        };
        self.said(&receipt, event);
    }

    fn fees_and_books(&mut self, event_book: Pubkey) {
        for share in [FeeShare::Protocol, FeeShare::Operator] {
            let is_operator = matches!(share, FeeShare::Operator);
            let before = self.flash.vault_state();
            let receipt = self.flash.collect(share).expect("fees");
            let vault = self.flash.vault_state();
            let (receiver, amount) = if is_operator {
                (self.flash.operator.pubkey(), before.operator_fees)
            } else {
                (self.flash.treasury.pubkey(), before.protocol_fees)
            };
            assert!(amount > 0);
            let event = FeesCollected {
                header: self.of_vault(),
                vault: self.flash.vault,
                receiver,
                is_operator,
                amount,
                protocol_fees: vault.protocol_fees,
                operator_fees: vault.operator_fees,
            };
            self.said(&receipt, event);
        }
        let receipt = self.flash.close_event_book(event_book).expect("an end");
        let event = EventBookClosed {
            header: self.of_vault(),
            vault: self.flash.vault,
            event_book,
            id: 77,
        };
        self.said(&receipt, event);
        let operator = self.flash.operator.pubkey();
        let close = CloseOperatorFees {
            authority: operator,
            operator,
            vault: self.flash.vault,
        };
        let receipt = self.flash.send_as_operator(close.instruction());
        let receipt = receipt.expect("an end");
        let event = OperatorFeesClosed {
            header: self.of_vault(),
            vault: self.flash.vault,
            operator,
        };
        self.said(&receipt, event);
    }

    /// The end of the vault, and the start of another.
    fn vaults(&mut self) {
        let admin = self.flash.world.admin.insecure_clone();
        let before = self.flash.vault_state();
        let left = self.flash.balance(before.token_account);
        let close = self.flash.build_close_vault().instruction();
        let chain = &mut self.flash.world.chain;
        let receipt = chain.send(&[close], &[&admin]).expect("an end");
        let event = VaultClosed {
            header: self.header(before.sequence + 1),
            vault: self.flash.vault,
            mint: self.flash.mint.address,
            id: 1,
            shares: 0,
            left,
        };
        self.said(&receipt, event);
        let mut create = self
            .flash
            .build_vault(self.flash.mint, &FlashOptions::default());
        create.id = 2;
        let chain = &mut self.flash.world.chain;
        let receipt = chain.send(&[create.instruction()], &[&admin]);
        let receipt = receipt.expect("a vault");
        let vault = addresses::vault(&create.mint, 2);
        let event = VaultCreated {
            header: self.header(1),
            vault,
            mint: create.mint,
            id: 2,
            lp_mint: addresses::lp_mint(&vault),
            terms: create.args,
        };
        self.said(&receipt, event);
    }
}

/// The names of all events in the IDL.
fn all_kinds() -> BTreeSet<String> {
    let idl: serde_json::Value =
        serde_json::from_str(include_str!("../../idl/flash_bets.json")).expect("an IDL");
    let events = idl["events"].as_array().expect("events").iter();
    let name = |event: &serde_json::Value| event["name"].as_str().expect("a name").to_string();
    events.map(name).collect()
}

#[test]
fn every_event_says_what_the_chain_holds_after_it() {
    let mut story = Story::start();
    story.governance();
    story.price_feeds();
    let provider = story.liquidity();
    story.chains();
    story.quantum();
    story.rolling();
    story.verses();
    let event_book = story.event_book();
    let mut terms = story.flash.terms(2);
    terms.rule = RuleTerms::ThresholdAtOpening {
        strike_at_ms: terms.observe_at_ms - 60_000,
    };
    let market = story.create(event_book, terms);
    let user = story.trades(market);
    let other = story.gift(market, &user);
    story.suspension(market);
    story.strike_and_void(market, [&user, &other]);
    story.end(market);
    let mut terms = story.flash.question(2);
    terms.freeze_seconds = 4;
    let market = story.create(event_book, terms);
    story.orders(market);
    story.end(market);
    story.fees_and_books(event_book);
    story.exit(&provider);
    story.vaults();
    let compared: BTreeSet<_> = story.kinds.iter().map(ToString::to_string).collect();
    assert_eq!(compared, all_kinds());
}
