//! Trades on the curve and complete sets.

use client::{
    addresses::markets as addresses,
    instructions::markets::{
        Buy, BuyArgs, BuyShares, BuySharesArgs, Buyer, Holder, Merge, Sell, SellArgs, Split,
    },
    market_quotes as quotes, NamedError,
};
use market_core::pool::{Fill, Order as Trade};
use markets::state::Position;
use math::{Money, Price, Shares};
use solana_instruction::Instruction;

use super::{part, Action, Demo, OPENS_IN};
use crate::{
    error::DemoError,
    markets::{
        script::Question,
        traders::{plan, Intent},
        venue::{Role, FIRST_TRADER},
    },
    orders::{tolerated, Mistake, Order, Pick},
    tables::Refused,
};

impl Demo<'_> {
    pub(super) fn plan_trades(
        &mut self,
        market: usize,
        question: &Question,
        opens_at: u64,
        ends_at: u64,
    ) {
        let length = ends_at - opens_at;
        for player in FIRST_TRADER..self.house.players.len() {
            let Role::Trader(strategy) = self.house.players[player].role else {
                continue;
            };
            for (after, intent) in plan(strategy, question, OPENS_IN, length, &mut self.rng) {
                let action = Action::Try {
                    player,
                    market,
                    intent,
                };
                self.agenda
                    .at(opens_at.saturating_add_signed(after), action);
            }
        }
    }

    pub(super) fn attempt(
        &mut self,
        player: usize,
        market: usize,
        intent: Intent,
    ) -> Result<(), DemoError> {
        match intent {
            Intent::Buy {
                pick,
                stake,
                mistake,
            } => self.buy(player, market, pick, stake, mistake),
            Intent::BuyShares { pick, shares } => self.buy_shares(player, market, pick, shares),
            Intent::Sell { percent } => {
                for (outcome, held) in (0..).zip(self.shares(player, market)?) {
                    self.sell(player, market, outcome, part(held, percent))?;
                }
                Ok(())
            }
            Intent::SellLikeliest => {
                let outcome = Pick::Likeliest.outcome(&self.prices(market)?);
                let held = self.shares(player, market)?;
                let held = held.get(usize::from(outcome)).copied().unwrap_or_default();
                self.sell(player, market, outcome, part(held, 50))
            }
            Intent::Oversell => match self.shares(player, market)?.first() {
                Some(held) => self.sell(player, market, 0, held + 1),
                None => Ok(()),
            },
            Intent::Split { sets } => self.split(player, market, sets),
            Intent::Merge => self.merge(player, market),
        }
    }

    fn buy(
        &mut self,
        player: usize,
        market: usize,
        pick: Pick,
        stake: u64,
        mistake: Option<Mistake>,
    ) -> Result<(), DemoError> {
        let state = self.state(market)?;
        let outcome = pick.outcome(&self.prices(market)?);
        // Without a quote the program will say why there is none.
        let quote = self.quote(market, outcome, Trade::Stake(Money(stake)))?;
        let quoted = quote.map_or(0, |fill| fill.shares.0);
        let order = Order::new(
            outcome,
            stake,
            quoted,
            mistake,
            state.pool.outcomes,
            self.house.balance(player)?,
        );
        let buy = Buy {
            buyer: self.buyer(player, market),
            args: BuyArgs {
                outcome: order.outcome,
                stake: order.stake,
                min_shares: order.min_shares,
            },
        };
        let fee = quote.map_or(0, |fill| fill.fee.0);
        self.trade(player, market, "buy", buy.instruction(), Some(fee))
    }

    pub(super) fn buyer(&self, player: usize, market: usize) -> Buyer {
        let holder = self.holder(player, market);
        Buyer {
            payer: holder.owner,
            payer_tokens: holder.owner_tokens,
            owner: holder.owner,
            venue: holder.venue,
            market: holder.market,
            token_program: holder.token_program,
        }
    }

    pub(super) fn holder(&self, player: usize, market: usize) -> Holder {
        let person = &self.house.players[player].person;
        Holder {
            owner: person.address(),
            owner_tokens: person.tokens,
            venue: self.house.venue,
            market: self.markets[market].address,
            token_program: self.house.stage.token_program(),
        }
    }

    fn buy_shares(
        &mut self,
        player: usize,
        market: usize,
        pick: Pick,
        shares: u64,
    ) -> Result<(), DemoError> {
        let outcome = pick.outcome(&self.prices(market)?);
        let quote = self.quote(market, outcome, Trade::Buy(Shares(shares)))?;
        let (paid, fee) = quote.map_or((0, 0), |fill| (fill.amount.0, fill.fee.0));
        let buy = BuyShares {
            buyer: self.buyer(player, market),
            args: BuySharesArgs {
                outcome,
                shares,
                max_cost: paid,
            },
        };
        self.trade(player, market, "buy", buy.instruction(), Some(fee))
    }

    fn sell(
        &mut self,
        player: usize,
        market: usize,
        outcome: u8,
        shares: u64,
    ) -> Result<(), DemoError> {
        if shares == 0 {
            return Ok(());
        }
        let quote = self.quote(market, outcome, Trade::Sell(Shares(shares)))?;
        let (received, fee) = quote.map_or((0, 0), |fill| (fill.amount.0, fill.fee.0));
        let sell = Sell {
            holder: self.holder(player, market),
            args: SellArgs {
                outcome,
                shares,
                min_return: tolerated(received),
            },
        };
        self.trade(player, market, "sale", sell.instruction(), Some(fee))
    }

    fn split(&mut self, player: usize, market: usize, amount: u64) -> Result<(), DemoError> {
        let split = Split {
            buyer: self.buyer(player, market),
            amount,
        };
        self.trade(player, market, "split", split.instruction(), None)
    }

    fn merge(&mut self, player: usize, market: usize) -> Result<(), DemoError> {
        let sets = self.shares(player, market)?.into_iter().min();
        let Some(amount) = sets.filter(|sets| *sets > 0) else {
            return Ok(());
        };
        let merge = Merge {
            holder: self.holder(player, market),
            amount,
        };
        self.trade(player, market, "merge", merge.instruction(), None)
    }

    /// Sends a trader's transaction; a refusal is noted and no error. A trade on the curve has a fee.
    fn trade(
        &mut self,
        player: usize,
        market: usize,
        what: &'static str,
        instruction: Instruction,
        fee: Option<u64>,
    ) -> Result<(), DemoError> {
        let mut instructions = self.open_position(player, market);
        instructions.push(instruction);
        let before = self.house.balance(player)?;
        let trader = &self.house.players[player];
        let key = trader.person.key.insecure_clone();
        let step = format!("a {what} of {}", trader.name);
        let refusal = self.house.stage.attempt(&step, &instructions, &key)?;
        if let Some(NamedError { name, message, .. }) = refusal {
            self.bets.refused += 1;
            self.refused.push(Refused {
                who: format!("trader {}", player - FIRST_TRADER + 1),
                market: self.markets[market].question.id,
                what,
                reason: name,
                message,
            });
            return Ok(());
        }
        self.markets[market].holders.insert(player);
        if self.house.balance(player)? < before {
            self.bets.placed += 1;
        } else {
            self.bets.cashed_out += 1;
        }
        let moved = self.book(player, market, before)?;
        if let Some(fee) = fee {
            let report = &mut self.markets[market].report;
            report.volume += moved;
            report.fees += fee;
        }
        Ok(())
    }

    /// What a trade would come to now; nothing if it is refused.
    pub(super) fn quote(
        &self,
        market: usize,
        outcome: u8,
        trade: Trade,
    ) -> Result<Option<Fill>, DemoError> {
        let (state, venue) = (self.state(market)?, self.house.venue_state()?);
        let clock = self.house.stage.world.chain.clock();
        let quote = quotes::quote(&state, &venue, clock, outcome, trade);
        Ok(quote.ok().map(|quote| quote.fill))
    }

    pub(super) fn prices(&self, market: usize) -> Result<Vec<Price>, DemoError> {
        // A market that the program created has prices.
        Ok(quotes::prices(&self.state(market)?).unwrap_or_default())
    }

    /// What a player holds of each outcome; nothing without a position.
    fn shares(&self, player: usize, market: usize) -> Result<Vec<u64>, DemoError> {
        let one = &self.markets[market];
        if !one.holders.contains(&player) {
            return Ok(Vec::new());
        }
        let owner = self.house.players[player].person.address();
        let place = addresses::position(&one.address, &owner);
        let position: Position = self.house.stage.world.chain.account(place)?;
        Ok(position.holdings.shares)
    }
}
