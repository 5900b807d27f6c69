//! A market that a pool lends on, its requests and its positions.

use std::collections::BTreeMap;

use client::instructions::leverage::{
    CallDeleverage, CancelOpen, ClosePosition, Delist, ExecuteOpen, Holding, Liquidate,
    ListingAccounts, MonitorHealth, PoolAccounts, SettleMarket, SettlePosition, WithdrawClaim,
};
use leverage::{
    error::LoanError,
    instructions::{above, debt_factor, is_final, seconds_left, standing_call, Health, Standing},
    state::{
        locked_pool, require_calm, secured, CorrelationGroup, LendingPool, LeveredPosition,
        ListedMarket, PendingOpen,
    },
};
use market_core::pool::Order;
use markets::state::{Market, Venue};
use math::{Money as Amount, Opening, Shares};
use solana_clock::Clock;
use solana_pubkey::Pubkey;

use super::LoanAction;
use crate::{Money, Settings};

/// Positions of one outcome that are sold for in one transaction.
const SOLD_AT_ONCE: usize = 8;

/// A listing and what belongs to it.
#[derive(Clone, Debug)]
pub struct ListingView {
    pub listing: Box<ListedMarket>,
    pub pool: LendingPool,
    pub group: CorrelationGroup,
    /// `None` once it is closed.
    pub market: Option<Box<Market>>,
    pub venue: Option<Venue>,
    pub money: Money,
    pub positions: Vec<LeveredPosition>,
    pub requests: Vec<PendingOpen>,
}

/// The listing's books and its market as an instruction finds them that looks at both.
struct UpToDate {
    pool: LendingPool,
    listing: Box<ListedMarket>,
    market: Box<Market>,
    venue: Venue,
}

impl UpToDate {
    fn standing(&self, outcome: u8, clock: &Clock) -> anchor_lang::Result<Standing<'_>> {
        Standing::now(&self.market, &self.venue, outcome, clock)
    }
}

impl ListingView {
    /// The listing's address.
    pub fn address(&self) -> Pubkey {
        self.accounts().listing()
    }

    /// What the program would accept now.
    pub fn plan(&self, settings: &Settings, clock: &Clock) -> Vec<LoanAction> {
        let now = clock.unix_timestamp;
        let market = self.market.as_deref();
        let is_settled = market.is_none_or(|market| market.settlement.is_settled());
        let mut actions = self.end_requests(settings, clock);
        if self.listing.is_settled() {
            actions.extend(self.end_positions(settings));
        } else if is_settled {
            actions.push(LoanAction::SettleMarket(SettleMarket {
                listing: self.accounts(),
                rent_payer: self.listing.rent_payer,
            }));
        } else if let Some(state) = self
            .up_to_date(clock)
            .filter(|state| !state.market.is_trading_over(now))
        {
            actions.extend(self.look_after(&state, settings, clock));
        }
        let empty = self.positions.iter().filter(|position| position.is_empty());
        actions.extend(empty.map(|position| {
            LoanAction::ClosePosition(ClosePosition {
                holding: self.holding(position),
                rent_payer: position.rent_payer,
            })
        }));
        actions
    }

    fn accounts(&self) -> ListingAccounts {
        ListingAccounts {
            pool: PoolAccounts {
                pool: self.listing.pool,
                mint: self.money.mint,
                token_program: self.money.token_program,
            },
            group: self.listing.group,
            venue: self.listing.venue,
            market: self.listing.market,
        }
    }

    fn holding(&self, position: &LeveredPosition) -> Holding {
        Holding {
            listing: self.accounts(),
            owner: position.owner,
            nonce: position.nonce,
        }
    }

    fn up_to_date(&self, clock: &Clock) -> Option<UpToDate> {
        let (mut pool, mut listing) = (self.pool, self.listing.clone());
        let (venue, mut market) = (self.venue?, self.market.clone()?);
        market.observe(venue.now(clock)).ok()?;
        pool.accrue(clock.unix_timestamp).ok()?;
        listing.accrue_jump(clock.unix_timestamp);
        Some(UpToDate {
            pool,
            listing,
            market,
            venue,
        })
    }

    /// Requests that are opened, or given back: those that are over, and all once nothing trades.
    fn end_requests(&self, settings: &Settings, clock: &Clock) -> Vec<LoanAction> {
        let now = clock.unix_timestamp;
        let market = self.market.as_deref();
        let is_over = market.is_none_or(|market| market.is_trading_over(now));
        let end = |request: &PendingOpen| {
            let holding = Holding {
                listing: self.accounts(),
                owner: request.owner,
                nonce: request.nonce,
            };
            if is_over || now > request.expires_at {
                return Some(LoanAction::CancelOpen(CancelOpen {
                    holding,
                    executor: settings.keeper,
                    owner_tokens: self.money.account_of(&request.owner),
                    rent_payer: request.rent_payer,
                }));
            }
            let is_due =
                now >= request.executable_from && clock.slot >= request.executable_from_slot;
            let money = [request.margin, request.loan];
            let opened = self.try_open(request.outcome, money, request.min_shares, clock);
            (is_due && opened.is_ok()).then_some(())?;
            Some(LoanAction::ExecuteOpen(ExecuteOpen {
                holding,
                executor: settings.keeper,
                rent_payer: request.rent_payer,
            }))
        };
        self.requests.iter().filter_map(end).collect()
    }

    /// What shares of an outcome a margin and a loan would buy now; the program's own checks, on copies.
    ///
    /// # Errors
    /// Those of `execute_open`, and `WrongAccount` if the market or its venue is gone.
    pub fn try_open(
        &self,
        outcome: u8,
        [margin, loan]: [u64; 2],
        min_shares: u64,
        clock: &Clock,
    ) -> anchor_lang::Result<Shares> {
        let now = clock.unix_timestamp;
        let UpToDate {
            mut pool,
            mut listing,
            mut market,
            venue,
        } = self.up_to_date(clock).ok_or(LoanError::WrongAccount)?;
        listing.require_open(clock)?;
        pool.breaker.require_normal(now)?;
        venue.require_not_paused(now)?;
        market.require_trading(now)?;
        pool.require_cash_for(loan)?;
        let debt_shares = pool.book.lend(Amount(loan)).map_err(LoanError::from)?.0;
        let stake = margin.checked_add(loan).ok_or(LoanError::Overflow)?;
        let order = Order::Stake(Amount(stake));
        let shares = market
            .fill(venue.now(clock), outcome, order, min_shares)?
            .shares;
        require_calm(&market)?;
        let mut group = self.group;
        listing.change_shares(outcome, shares.0, 0)?;
        listing.change_debt_shares(outcome, debt_shares, 0)?;
        group.change_debt_shares(debt_shares, 0)?;
        let parameters = listing.parameters.at(now);
        let of_market = listing.at_stake(&pool.book)?;
        let of_group = group.at_stake(&pool.book)?;
        pool.require_bearable(now, of_market, parameters.market_loss, of_group)?;
        let (all_shares, all_debt_shares) = listing.loans_of(outcome);
        let debt = |shares| pool.book.debt(Shares(shares)).map_err(LoanError::from);
        let opening = Opening {
            shares,
            debt: debt(debt_shares)?,
            all_shares: Shares(all_shares),
            all_debt: debt(all_debt_shares)?,
            left_seconds: seconds_left(&market, now),
        };
        let locked = locked_pool(&market, parameters.least_locked)?;
        let locked = secured(&locked, &market, outcome)?;
        let checked = parameters.rules().check_opening(&locked, &opening);
        checked.map_err(LoanError::from)?;
        Ok(shares)
    }

    /// How a position stands now, of a market that trades.
    ///
    /// # Errors
    /// `TradingOver`; `WrongAccount` if the market or its venue is gone.
    pub fn health(&self, position: &LeveredPosition, clock: &Clock) -> anchor_lang::Result<Health> {
        let state = self.up_to_date(clock).ok_or(LoanError::WrongAccount)?;
        let UpToDate {
            mut pool,
            mut listing,
            market,
            venue,
        } = state;
        let standing = Standing::now(&market, &venue, position.outcome, clock)?;
        Health::of(&mut pool, &mut listing, position, &standing)
    }

    /// Positions of a market that trades: those that owe too much are marked, sold for once their mark is old
    /// enough, and called to shrink where all loans together are too much.
    fn look_after(&self, state: &UpToDate, settings: &Settings, clock: &Clock) -> Vec<LoanAction> {
        let looks = self.positions.iter().filter_map(|position| {
            self.is_to_be_looked_at(state, position, clock)?
                .then_some(LoanAction::Monitor(MonitorHealth {
                    holding: self.holding(position),
                    executor: settings.keeper,
                }))
        });
        let mut actions: Vec<_> = looks.collect();
        let parameters = state.listing.parameters.at(clock.unix_timestamp);
        let is_final = is_final(&state.market, &parameters, clock.unix_timestamp);
        let due = self.positions.iter().filter(|position| {
            self.is_sold_for(state, position, clock, is_final)
                .unwrap_or(false)
        });
        let wrap = if is_final {
            LoanAction::ForceDeleverage
        } else {
            LoanAction::Liquidate
        };
        let sales = self.sales(due, settings, wrap);
        if sales.is_empty() {
            actions.extend(self.shrink(state, settings, clock));
        }
        actions.extend(sales);
        actions
    }

    /// One sale for several positions of an outcome.
    fn sales<'a>(
        &self,
        due: impl Iterator<Item = &'a LeveredPosition>,
        settings: &Settings,
        wrap: fn(Liquidate) -> LoanAction,
    ) -> Vec<LoanAction> {
        let mut of_outcome = BTreeMap::<_, Vec<_>>::new();
        for position in due {
            let address = self.holding(position).position();
            of_outcome
                .entry(position.outcome)
                .or_default()
                .push(address);
        }
        let batches = of_outcome
            .values()
            .flat_map(|positions| positions.chunks(SOLD_AT_ONCE));
        batches
            .map(|positions| {
                wrap(Liquidate {
                    listing: self.accounts(),
                    reward_tokens: self.money.account_of(&settings.keeper),
                    positions: positions.to_vec(),
                })
            })
            .collect()
    }

    /// Whether a look at a position would mark it, or take a mark away that somebody made by a price of a moment.
    fn is_to_be_looked_at(
        &self,
        state: &UpToDate,
        position: &LeveredPosition,
        clock: &Clock,
    ) -> Option<bool> {
        if state.venue.pauses.is_paused(clock.unix_timestamp) {
            return Some(false);
        }
        let (mut pool, mut listing) = (state.pool, state.listing.clone());
        let standing = state.standing(position.outcome, clock).ok()?;
        let health = Health::of(&mut pool, &mut listing, position, &standing).ok()?;
        let parameters = listing.parameters.at(clock.unix_timestamp);
        let new_mark = standing.new_mark(&state.market, &parameters, position, &health, clock);
        Some(new_mark.ok()?.is_some())
    }

    fn is_sold_for(
        &self,
        state: &UpToDate,
        position: &LeveredPosition,
        clock: &Clock,
        is_final: bool,
    ) -> Option<bool> {
        let parameters = state.listing.parameters.at(clock.unix_timestamp);
        let debt = state.pool.book.debt(Shares(position.debt_shares)).ok()?;
        let standing = state.standing(position.outcome, clock).ok()?;
        let sale = standing.marked_sale(&parameters, position, debt, clock.slot, is_final);
        Some(sale.ok()?.is_some())
    }

    /// What a call leaves unpaid once its notice has passed; a call where one is due and none stands.
    fn shrink(&self, state: &UpToDate, settings: &Settings, clock: &Clock) -> Vec<LoanAction> {
        let now = clock.unix_timestamp;
        let UpToDate {
            pool,
            listing,
            market,
            venue,
        } = state;
        if let Ok((call, average)) = standing_call(pool, listing, venue, market, clock) {
            let rules = listing.parameters.at(now).rules();
            let is_due = |position: &LeveredPosition| {
                let mut position = *position;
                position.count_call(&call).ok()?;
                let debt = pool.book.debt(Shares(position.debt_shares)).ok()?;
                let above = above(pool, &position).ok()?;
                let standing = state.standing(position.outcome, clock).ok()?;
                let sale = standing.called_sale(&rules, &position, [debt, above], average);
                sale.ok()?
            };
            let of_outcome = self
                .positions
                .iter()
                .filter(|position| position.outcome == call.outcome);
            let due = of_outcome.filter(|position| is_due(position).is_some());
            return self.sales(due, settings, LoanAction::DeleverageProRata);
        }
        (0..listing.outcomes)
            .filter(|outcome| debt_factor(pool, listing, venue, market, *outcome, now).is_ok())
            .map(|outcome| {
                LoanAction::CallDeleverage(CallDeleverage {
                    listing: self.accounts(),
                    outcome,
                })
            })
            .take(1)
            .collect()
    }

    /// Positions of a settled listing are paid and closed, and then the listing.
    fn end_positions(&self, settings: &Settings) -> Vec<LoanAction> {
        let of_position = |position: &LeveredPosition| {
            let holding = self.holding(position);
            if position.shares > 0 {
                return Some(LoanAction::SettlePosition(SettlePosition { holding }));
            }
            (position.claim > 0).then_some(LoanAction::WithdrawClaim(WithdrawClaim {
                holding,
                owner_tokens: self.money.account_of(&position.owner),
            }))
        };
        let mut actions: Vec<_> = self.positions.iter().filter_map(of_position).collect();
        if self.listing.open_positions == 0 && self.listing.open_requests == 0 {
            actions.push(LoanAction::Delist(Delist {
                authority: settings.keeper,
                listing: self.accounts(),
                rent_payer: self.listing.rent_payer,
            }));
        }
        actions
    }
}
