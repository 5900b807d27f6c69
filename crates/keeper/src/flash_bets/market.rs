use client::instructions::flash_bets::{
    CancelPending, CloseMarket, ExecuteBet, ReleaseSurplus, Resolve, SetStrike, SettleTickets,
    SettledTicket, Void, VoidConflicted,
};
use flash_bets::state::{FlashMarket, PendingBet, Ticket};
use oracle::Observation;
use solana_clock::Clock;
use solana_pubkey::Pubkey;

use super::FlashAction;
use crate::Money;

/// Tickets that are settled in one transaction.
const SETTLED_AT_ONCE: usize = 8;

/// A flash market and what belongs to it.
#[derive(Clone, Debug)]
pub struct MarketView {
    pub address: Pubkey,
    pub market: FlashMarket,
    pub money: Money,
    pub orders: Vec<PendingBet>,
    pub tickets: Vec<Ticket>,
    /// What the oracle has at the place that the market names.
    pub observation: Option<Observation>,
    /// The observation that the strike is taken from, and where it is.
    pub strike: Option<(Pubkey, Observation)>,
}

impl MarketView {
    /// What the program would accept now.
    pub fn plan(&self, clock: &Clock) -> Vec<FlashAction> {
        if self.market.is_open() {
            // Whatever settles the market changes what may be done with its orders.
            match self.settle(clock) {
                Some(action) => vec![action],
                None => self.orders_due(clock),
            }
        } else {
            self.pay()
        }
    }

    /// A step to the end of an open market, if there is one.
    fn settle(&self, clock: &Clock) -> Option<FlashAction> {
        let market = self.address;
        let contradicted = self
            .observation
            .as_ref()
            .filter(|found| found.is_conflicted())
            .map(|_| self.market.observation)
            .or_else(|| {
                let strike = self.strike.as_ref();
                strike
                    .filter(|(_, found)| found.is_conflicted())
                    .map(|(address, _)| *address)
            });
        if let Some(observation) = contradicted {
            return Some(FlashAction::VoidConflicted(VoidConflicted {
                market,
                observation,
            }));
        }
        if self.market.strike_pending == 1 {
            if let Some((observation, found)) = &self.strike {
                let time = self.market.opening_time;
                if self.market.require_observation(found, time).is_ok() {
                    return Some(FlashAction::SetStrike(SetStrike {
                        market,
                        observation: *observation,
                    }));
                }
            }
        }
        if self.is_resolvable() {
            return Some(FlashAction::Resolve(Resolve {
                market,
                observation: self.market.observation,
            }));
        }
        (clock.unix_timestamp >= self.market.void_from)
            .then_some(FlashAction::Void(Void { market }))
    }

    fn is_resolvable(&self) -> bool {
        self.observation.as_ref().is_some_and(|found| {
            let time = self.market.observe_at;
            self.market.require_observation(found, time).is_ok()
                && self.market.outcome_of(found.value).is_ok()
        })
    }

    fn orders_due(&self, clock: &Clock) -> Vec<FlashAction> {
        let is_over = clock.slot >= self.market.freeze_slot;
        let due = self.orders.iter().filter_map(|order| {
            if is_over || clock.slot > order.last_slot {
                Some(self.cancel(order))
            } else {
                (clock.slot >= order.executable_slot).then(|| self.execute(order))
            }
        });
        due.collect()
    }

    fn execute(&self, order: &PendingBet) -> FlashAction {
        FlashAction::ExecuteOrder(ExecuteBet {
            vault: self.market.vault,
            market: self.address,
            owner: order.owner,
            owner_tokens: self.money.account_of(&order.owner),
            token_program: self.money.token_program,
            nonce: order.nonce,
        })
    }

    fn cancel(&self, order: &PendingBet) -> FlashAction {
        FlashAction::CancelOrder(CancelPending {
            market: self.address,
            owner: order.owner,
            owner_tokens: self.money.account_of(&order.owner),
            token_program: self.money.token_program,
            nonce: order.nonce,
        })
    }

    /// Steps from the result to the end of the account.
    fn pay(&self) -> Vec<FlashAction> {
        let mut actions: Vec<_> = self.orders.iter().map(|order| self.cancel(order)).collect();
        let (vault, market, event) = (self.market.vault, self.address, self.market.event);
        let token_program = self.money.token_program;
        if self.market.released == 0 {
            actions.push(FlashAction::ReleaseSurplus(ReleaseSurplus {
                vault,
                market,
                event,
                token_program,
            }));
        } else if self.market.open_tickets == 0 && self.market.pending_bets == 0 {
            actions.push(FlashAction::CloseMarket(CloseMarket {
                vault,
                market,
                event,
                creator: self.market.creator,
                token_program,
            }));
        }
        let ready = self
            .tickets
            .iter()
            .filter(|ticket| ticket.pending_bets == 0);
        let ready: Vec<_> = ready
            .map(|ticket| SettledTicket {
                owner: ticket.owner,
                owner_tokens: self.money.account_of(&ticket.owner),
            })
            .collect();
        actions.extend(ready.chunks(SETTLED_AT_ONCE).map(|tickets| {
            FlashAction::SettleTickets(SettleTickets {
                market,
                token_program,
                tickets: tickets.to_vec(),
            })
        }));
        actions
    }
}
