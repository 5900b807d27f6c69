//! Instructions of the flash bets with the accounts that are right.

use anchor_lang::prelude::Pubkey;
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{
        BuyShares, Buyer, CancelDeposit, CancelWithdraw, CashOut, CashOutArgs, CloseMarket,
        CloseVault, CollectFees, CreateMarket, CreateVault, EndedOrder, ExecuteDeposit,
        ExecuteOrders, FlashBuySharesArgs, FlashCurve, FlashMarketTerms, LapseWithdraw, OpenTicket,
        OpenTicketAndBet, PlaceBet, PlaceBetArgs, PriceTerms, ReleaseSurplus, RequestDeposit,
        RequestDepositArgs, RequestWithdraw, RequestWithdrawArgs, ResolveFromRoot,
        ResolveFromRootArgs, ResumeMarket, RuleTerms, SettleTickets, SettledTicket, SuspendMarket,
        Void, Withdraw,
    },
};
use flash_bets::state::{FeedBook, PendingOrder, Ticket};
use result_tree::ResultTree;
use solana_signer::Signer;

use super::{create_vault, uniform, FlashOptions, FlashWorld, User};
use crate::{program_world::feed, simulation::field, Mint};

/// Whose fees are collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeeShare {
    Protocol,
    Operator,
}

/// Building instructions: the accounts that are right, for tests that make one of them wrong.
impl FlashWorld {
    pub fn build_vault(&self, mint: Mint, options: &FlashOptions) -> CreateVault {
        create_vault(&self.world, mint, &self.operator, &self.treasury, options)
    }

    pub fn build_deposit(&mut self, user: &User, amount: u64) -> RequestDeposit {
        let deposit = addresses::deposit(&self.vault, &user.address());
        self.accounts.insert(deposit);
        RequestDeposit {
            owner: user.address(),
            rent_payer: user.address(),
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
            rent_payer: user.address(),
            owner_tokens: user.tokens,
            owner_lp_tokens: user.lp_tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_cancel_deposit(&self, user: &User) -> CancelDeposit {
        CancelDeposit {
            vault: self.vault,
            owner: user.address(),
            rent_payer: user.address(),
            owner_tokens: user.tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_request(&mut self, user: &User, shares: u64) -> RequestWithdraw {
        let withdrawal = addresses::withdrawal(&self.vault, &user.address());
        self.accounts.insert(withdrawal);
        RequestWithdraw {
            owner: user.address(),
            rent_payer: user.address(),
            vault: self.vault,
            owner_lp_tokens: user.lp_tokens,
            token_program: self.token_program(),
            args: RequestWithdrawArgs {
                shares,
                min_amount: 0,
            },
        }
    }

    pub fn build_withdraw(&self, user: &User) -> Withdraw {
        Withdraw {
            vault: self.vault,
            owner: user.address(),
            rent_payer: user.address(),
            owner_tokens: user.tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_cancel_withdraw(&self, user: &User) -> CancelWithdraw {
        CancelWithdraw {
            vault: self.vault,
            owner: user.address(),
            rent_payer: user.address(),
            owner_lp_tokens: user.lp_tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_lapse_withdraw(&self, user: &User) -> LapseWithdraw {
        LapseWithdraw {
            vault: self.vault,
            owner: user.address(),
            rent_payer: user.address(),
            owner_lp_tokens: user.lp_tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_close_vault(&self) -> CloseVault {
        CloseVault {
            admin: self.world.admin.pubkey(),
            vault: self.vault,
            rent_payer: self.world.admin.pubkey(),
            treasury: self.treasury.pubkey(),
            treasury_tokens: self.treasury_tokens,
            token_program: self.token_program(),
        }
    }

    /// A minute of trading at once, from the vault's lead on, on what is observed when it locks.
    pub fn terms(&self, outcomes: u8) -> FlashMarketTerms {
        const MINUTE: u32 = 60;
        let opens_in_seconds = self.vault_state().caps.value.opening_lead_seconds;
        let locks_in = i64::from(opens_in_seconds + MINUTE);
        let locks_at = u64::try_from(self.chain().now().seconds() + locks_in).expect("a time");
        FlashMarketTerms {
            parent: 0,
            rule: RuleTerms::Categorical,
            price: None,
            curve: FlashCurve::Lmsr,
            depth: 1_000_000_000,
            prior: uniform(outcomes),
            micro_tau: false,
            fee_rate: 100,
            fee_floor_bps: 0,
            observe_at_ms: locks_at * 1_000,
            opens_in_seconds,
            duration_seconds: MINUTE,
            freeze_seconds: 0,
            delay_ms: 0,
            execution_seconds: 0,
            resolution_seconds: 5 * MINUTE,
        }
    }

    /// As [`Self::terms`], on whether a price is higher than at the opening: by medians of eleven samples
    /// a second apart, at and before the opening and in the last eleven seconds of the minute.
    pub fn up_or_down(&self) -> FlashMarketTerms {
        const SAMPLES: u16 = 11;
        let terms = self.terms(2);
        FlashMarketTerms {
            rule: RuleTerms::ThresholdAtOpening {
                strike_at_ms: terms.observe_at_ms - u64::from(terms.duration_seconds) * 1_000,
            },
            price: Some(PriceTerms {
                step_ms: 1_000,
                samples: SAMPLES,
                tick: 2,
                max_interest: 2 * terms.depth,
            }),
            fee_rate: 160,
            freeze_seconds: SAMPLES.into(),
            ..terms
        }
    }

    /// As [`Self::terms`], for longer or shorter.
    pub fn lasting(&self, outcomes: u8, duration_seconds: u32) -> FlashMarketTerms {
        let terms = self.terms(outcomes);
        let from_opening = u64::from(terms.duration_seconds) * 1_000;
        FlashMarketTerms {
            observe_at_ms: terms.observe_at_ms - from_opening + u64::from(duration_seconds) * 1_000,
            duration_seconds,
            ..terms
        }
    }

    /// As [`Self::terms`], on a question whose answer may be known while it trades: with a bet delay of
    /// two seconds, and four more to execute.
    pub fn question(&self, outcomes: u8) -> FlashMarketTerms {
        let terms = self.terms(outcomes);
        let from_opening = u64::from(terms.duration_seconds) * 1_000;
        FlashMarketTerms {
            observe_at_ms: terms.observe_at_ms - from_opening,
            delay_ms: 2_000,
            execution_seconds: 4,
            ..terms
        }
    }

    /// The next market, with a feed of its own.
    pub fn build_market(&mut self, event_book: Pubkey, terms: FlashMarketTerms) -> CreateMarket {
        let id = self.vault_state().next_market_id;
        let market = addresses::market(&self.vault, id);
        self.know_market(market);
        let feed_id = field(feed(id));
        let operator = self.operator.pubkey();
        self.know_feed(&feed_id);
        self.accounts
            .insert(addresses::operator_fees(&self.vault, &operator));
        CreateMarket {
            operator,
            vault: self.vault,
            mint: self.mint.address,
            token_program: self.token_program(),
            event_book,
            provider_set: self.world.provider_set,
            verifying_key: self.world.verifying_key,
            id,
            feed_id,
            terms,
        }
    }

    /// Looks for the book of a feed from now on.
    pub fn know_feed(&mut self, feed_id: &[u8; 32]) {
        let feed_book = addresses::feed_book(&self.vault, feed_id);
        self.accounts.insert(feed_book);
    }

    /// An associated token account with `amount` in it of an address that no key is behind, whose
    /// ticket in the market the checks are to look at.
    pub fn admit(&mut self, owner: Pubkey, market: Pubkey, amount: u64) -> Pubkey {
        self.know(market, addresses::ticket(&market, &owner));
        self.associated_account(owner, amount)
    }

    pub fn build_ticket(&mut self, user: &User, market: Pubkey) -> OpenTicket {
        self.know(market, addresses::ticket(&market, &user.address()));
        OpenTicket {
            rent_payer: user.address(),
            owner: user.address(),
            market,
        }
    }

    /// The user for a ticket of its own, with the next nonce.
    pub fn buyer(&mut self, user: &User, market: Pubkey) -> Buyer {
        let is_delayed = self.next_order(user.address(), market);
        Buyer {
            payer: user.address(),
            payer_tokens: user.tokens,
            owner: user.address(),
            vault: self.vault,
            market,
            token_program: self.token_program(),
            order_rent_payer: is_delayed.then_some(user.address()),
            nonce: self.nonce,
        }
    }

    /// With the next nonce.
    pub fn build_bet(&mut self, user: &User, market: Pubkey, outcome: u8, stake: u64) -> PlaceBet {
        PlaceBet {
            buyer: self.buyer(user, market),
            args: bet(outcome, stake),
        }
    }

    /// With the next nonce.
    pub fn build_open_and_bet(
        &mut self,
        user: &User,
        market: Pubkey,
        outcome: u8,
        stake: u64,
    ) -> OpenTicketAndBet {
        self.know(market, addresses::ticket(&market, &user.address()));
        OpenTicketAndBet {
            buyer: self.buyer(user, market),
            rent_payer: user.address(),
            args: bet(outcome, stake),
        }
    }

    /// With the next nonce.
    pub fn build_buy_shares(
        &mut self,
        user: &User,
        market: Pubkey,
        outcome: u8,
        [shares, max_cost]: [u64; 2],
    ) -> BuyShares {
        BuyShares {
            buyer: self.buyer(user, market),
            args: FlashBuySharesArgs {
                outcome,
                shares,
                max_cost,
                tip_lamports: 0,
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
        let is_delayed = self.next_order(user.address(), market);
        CashOut {
            owner: user.address(),
            vault: self.vault,
            market,
            owner_tokens: user.tokens,
            token_program: self.token_program(),
            order_rent_payer: is_delayed.then_some(user.address()),
            nonce: self.nonce,
            args: CashOutArgs {
                outcome,
                shares,
                min_return: 0,
                tip_lamports: 0,
            },
        }
    }

    /// Of an order that the user placed for itself, or of any that is there.
    pub fn ended(&self, user: &User, market: Pubkey, nonce: u64) -> EndedOrder {
        let address = addresses::pending_order(&market, &user.address(), nonce);
        let order = self.find::<PendingOrder>(address);
        EndedOrder {
            placer: user.address(),
            owner: order.as_ref().map_or(user.address(), |order| order.owner),
            nonce,
            placer_tokens: user.tokens,
            rent_payer: order.map_or(user.address(), |order| order.rent_payer),
        }
    }

    pub fn build_execute(&self, user: &User, market: Pubkey, nonce: u64) -> ExecuteOrders {
        self.build_execute_all(market, vec![self.ended(user, market, nonce)])
    }

    /// With the tips for the treasury.
    pub fn build_execute_all(&self, market: Pubkey, orders: Vec<EndedOrder>) -> ExecuteOrders {
        ExecuteOrders {
            vault: self.vault,
            market,
            observation: self.market_state(market).evidence.observation,
            executor: self.treasury.pubkey(),
            token_program: self.token_program(),
            orders,
        }
    }

    pub fn build_settle(&self, market: Pubkey, users: &[&User]) -> SettleTickets {
        let rent_payer = |user: &User| {
            let address = addresses::ticket(&market, &user.address());
            let ticket = self.find::<Ticket>(address);
            ticket.map_or(user.address(), |ticket| ticket.rent_payer)
        };
        SettleTickets {
            market,
            token_program: self.token_program(),
            in_one_call: false,
            tickets: users
                .iter()
                .map(|user| SettledTicket {
                    owner: user.address(),
                    owner_tokens: user.tokens,
                    rent_payer: rent_payer(user),
                })
                .collect(),
        }
    }

    pub fn build_release(&self, market: Pubkey) -> ReleaseSurplus {
        let state = self.market_state(market);
        ReleaseSurplus {
            vault: self.vault,
            market,
            event_book: state.event_book,
            feed_id: state.booked_feed(),
            operator: state.operator,
            token_program: self.token_program(),
        }
    }

    pub fn build_close(&self, market: Pubkey) -> CloseMarket {
        let state = self.market_state(market);
        let feed_id = state.booked_feed();
        let feed_book: FeedBook = self.read(addresses::feed_book(&self.vault, &feed_id));
        CloseMarket {
            vault: self.vault,
            market,
            event_book: state.event_book,
            feed_id,
            operator: state.operator,
            feed_book_rent_payer: feed_book.rent_payer,
            token_program: self.token_program(),
        }
    }

    pub fn build_void(&self, market: Pubkey) -> Void {
        let state = self.market_state(market);
        Void {
            vault: self.vault,
            market,
            observation: state.evidence.observation,
            strike_observation: state.strike_observation(),
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
            is_operator: share == FeeShare::Operator,
        }
    }

    pub fn build_suspend(&self, market: Pubkey, seconds: u32) -> SuspendMarket {
        SuspendMarket {
            operator: self.operator.pubkey(),
            vault: self.vault,
            market,
            seconds,
        }
    }

    pub fn build_resume(&self, market: Pubkey) -> ResumeMarket {
        ResumeMarket {
            operator: self.operator.pubkey(),
            vault: self.vault,
            market,
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
            provider_set: state.evidence.provider_set,
            verifying_key: state.evidence.verifying_key,
            result_root,
            observation: state.evidence.observation,
            strike_observation: state.strike_observation(),
            args: ResolveFromRootArgs {
                value,
                index,
                path: tree.path(index).unwrap_or_default(),
            },
        }
    }

    /// Counts the nonce up; whether the market has a bet delay.
    fn next_order(&mut self, placer: Pubkey, market: Pubkey) -> bool {
        self.nonce += 1;
        let order = addresses::pending_order(&market, &placer, self.nonce);
        self.know(market, order);
        self.market_state(market).delay_slots > 0
    }
}

fn bet(outcome: u8, stake: u64) -> PlaceBetArgs {
    PlaceBetArgs {
        outcome,
        stake,
        min_shares: 0,
        tip_lamports: 0,
    }
}
