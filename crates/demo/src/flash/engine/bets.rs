//! What bettors do.

use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{Buyer, CashOut, CashOutArgs, OpenTicketAndBet, PlaceBetArgs},
    quotes, NamedError,
};
use flash_bets::state::{FlashMarket, Ticket};
use math::{Money, Shares};
use solana_instruction::Instruction;

use super::{Action, Demo, Pending, TIP_LAMPORTS};
use crate::{
    error::DemoError,
    flash::bettors::Intent,
    orders::{tolerated, Mistake, Order},
    stage::SECOND,
    tables::Refused,
};

impl Demo<'_> {
    pub(super) fn attempt(
        &mut self,
        bettor: usize,
        market: usize,
        intent: Intent,
    ) -> Result<(), DemoError> {
        if self.markets[market].is_closed {
            return Ok(());
        }
        match intent {
            Intent::Bet {
                pick,
                stake,
                mistake,
            } => {
                let prices = self.prices(market)?;
                let outcome = pick.outcome(&prices);
                self.bet(bettor, market, outcome, stake, mistake)
            }
            Intent::CashOut { percent } => self.cash_out(bettor, market, percent),
        }
    }

    fn bet(
        &mut self,
        bettor: usize,
        market: usize,
        outcome: u8,
        stake: u64,
        mistake: Option<Mistake>,
    ) -> Result<(), DemoError> {
        let state = self.state(market)?;
        let clock = self.house.stage.world.chain.clock();
        // Without a quote the program will say why there is none.
        let quoted = quotes::buy(&state, clock, outcome, Money(stake))
            .map_or(0, |quote| quote.trade.shares.0);
        let order = Order::new(
            outcome,
            stake,
            quoted,
            mistake,
            state.pool.outcomes,
            self.balance(bettor)?,
        );
        let args = PlaceBetArgs {
            outcome: order.outcome,
            stake: order.stake,
            min_shares: order.min_shares,
            tip_lamports: TIP_LAMPORTS,
        };
        let nonce = self.next_nonce(bettor);
        let owner = &self.bettors[bettor].person;
        let bet = OpenTicketAndBet {
            buyer: Buyer {
                payer: owner.address(),
                payer_tokens: owner.tokens,
                owner: owner.address(),
                vault: self.house.vault,
                market: self.markets[market].address,
                token_program: self.house.stage.token_program(),
                order_rent_payer: Some(owner.address()),
                nonce,
            },
            rent_payer: owner.address(),
            args,
        };
        if self.send_as(bettor, market, "bet", &[bet.instruction()])? {
            self.markets[market].owners.insert(bettor);
            self.queue(bettor, market, nonce, Some(args.stake), &state);
        }
        Ok(())
    }

    /// Sells `percent` of every holding.
    fn cash_out(&mut self, bettor: usize, market: usize, percent: u64) -> Result<(), DemoError> {
        let Some(ticket) = self.ticket(bettor, market)? else {
            return Ok(());
        };
        for (outcome, held) in (0..).zip(ticket.holdings.shares) {
            let shares = held / 100 * percent;
            if shares > 0 {
                self.sell(bettor, market, outcome, shares)?;
            }
        }
        Ok(())
    }

    fn sell(
        &mut self,
        bettor: usize,
        market: usize,
        outcome: u8,
        shares: u64,
    ) -> Result<(), DemoError> {
        let state = self.state(market)?;
        let clock = self.house.stage.world.chain.clock();
        let quoted = quotes::sell(&state, clock, outcome, Shares(shares)).map_or(0, |quote| {
            quote.trade.cost.0.saturating_sub(quote.trade.fee.0)
        });
        let nonce = self.next_nonce(bettor);
        let owner = &self.bettors[bettor].person;
        let one = &self.markets[market];
        let cash_out = CashOut {
            owner: owner.address(),
            vault: self.house.vault,
            market: one.address,
            owner_tokens: owner.tokens,
            token_program: self.house.stage.token_program(),
            order_rent_payer: Some(owner.address()),
            nonce,
            args: CashOutArgs {
                outcome,
                shares,
                min_return: tolerated(quoted),
                tip_lamports: TIP_LAMPORTS,
            },
        };
        if self.send_as(bettor, market, "cash-out", &[cash_out.instruction()])? {
            self.queue(bettor, market, nonce, None, &state);
        }
        Ok(())
    }

    /// Sends a bettor's transaction. A refusal is noted and no error.
    fn send_as(
        &mut self,
        bettor: usize,
        market: usize,
        what: &'static str,
        instructions: &[Instruction],
    ) -> Result<bool, DemoError> {
        let key = self.bettors[bettor].person.key.insecure_clone();
        let step = format!("a {what} of bettor {}", bettor + 1);
        let refusal = self.house.stage.attempt(&step, instructions, &key)?;
        let is_done = refusal.is_none();
        if let Some(NamedError { name, message, .. }) = refusal {
            self.refuse(bettor, market, what, name, message);
        }
        Ok(is_done)
    }

    pub(super) fn refuse(
        &mut self,
        bettor: usize,
        market: usize,
        what: &'static str,
        reason: String,
        message: String,
    ) {
        self.bets.refused += 1;
        self.refused.push(Refused {
            who: format!("bettor {}", bettor + 1),
            market: self.markets[market].question.id,
            what,
            reason,
            message,
        });
    }

    pub(super) fn queue(
        &mut self,
        bettor: usize,
        market: usize,
        nonce: u64,
        stake: Option<u64>,
        state: &FlashMarket,
    ) {
        let placed_slot = self.house.stage.slot();
        let order = Pending {
            market,
            bettor,
            nonce,
            stake,
            placed_slot,
        };
        self.markets[market].orders.push(order);
        let by_slot = self.house.stage.time_of(placed_slot + state.delay_slots);
        let by_second = self.house.stage.now() + u64::from(state.delay_seconds) * SECOND;
        let due = by_slot.max(by_second.next_multiple_of(SECOND));
        self.agenda.at(due, Action::Keep { market });
    }

    pub(super) fn count_bet(&mut self, market: usize, stake: u64) {
        self.bets.placed += 1;
        self.staked += stake;
        self.markets[market].report.volume += stake;
    }

    fn ticket(&self, bettor: usize, market: usize) -> Result<Option<Ticket>, DemoError> {
        let market = &self.markets[market];
        if !market.owners.contains(&bettor) {
            return Ok(None);
        }
        let owner = self.bettors[bettor].person.address();
        let address = addresses::ticket(&market.address, &owner);
        Ok(Some(self.house.stage.world.chain.account(address)?))
    }

    fn next_nonce(&mut self, bettor: usize) -> u64 {
        let nonce = &mut self.bettors[bettor].nonce;
        *nonce += 1;
        *nonce
    }
}
