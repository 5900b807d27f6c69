//! From a result to a closed account.

use client::instructions::markets::{
    ClaimDisputeBond, ClaimProposalBond, CloseMarket, Redeem, RedeemLiquidity, RedeemedPosition,
};

use markets::{instructions::MAX_LATE_OPENING_SECONDS, state::HOLD_SECONDS};
use solana_clock::Clock;

use super::{MarketAction, MarketView};

/// Positions that are redeemed in one transaction.
const REDEEMED_AT_ONCE: usize = 5;

impl MarketView {
    /// What is owed in a settled market; once nothing is, its end.
    pub(super) fn pay(&self, clock: &Clock) -> Vec<MarketAction> {
        let mut actions = self.redeem(clock);
        actions.extend(self.liquidity.iter().map(|provided| {
            MarketAction::RedeemLiquidity(RedeemLiquidity {
                venue: self.market.venue,
                market: self.address,
                owner: provided.owner,
                rent_payer: provided.rent_payer,
                owner_tokens: self.money.account_of(&provided.owner),
                token_program: self.money.token_program,
            })
        }));
        actions.extend(self.claims());
        let market = &self.market;
        let is_done = market.open_positions == 0
            && market.open_liquidity == 0
            && market.open_disputes == 0
            && market.proposer_claim == 0;
        // Until then a market of the same terms, and so at the same address, could be created.
        let hours = &market.hours;
        let latest_creation = hours.opens_at.saturating_add(MAX_LATE_OPENING_SECONDS);
        if is_done && clock.unix_timestamp > latest_creation {
            actions.push(MarketAction::CloseMarket(CloseMarket {
                venue: market.venue,
                market: self.address,
                creator: market.creator,
                creator_tokens: self.money.account_of(&market.creator),
                token_program: self.money.token_program,
            }));
        }
        actions
    }

    /// What is held is its owner's to redeem, for a time.
    fn redeem(&self, clock: &Clock) -> Vec<MarketAction> {
        let held_until = self.market.settled_at.saturating_add(HOLD_SECONDS);
        let is_held_still = clock.unix_timestamp < held_until;
        let positions: Vec<_> = self
            .positions
            .iter()
            .filter(|position| !(position.is_held && is_held_still))
            .map(|position| RedeemedPosition {
                owner: position.owner,
                rent_payer: position.rent_payer,
                owner_tokens: self.money.account_of(&position.owner),
            })
            .collect();
        positions
            .chunks(REDEEMED_AT_ONCE)
            .map(|positions| {
                MarketAction::Redeem(Redeem {
                    market: self.address,
                    token_program: self.money.token_program,
                    positions: positions.to_vec(),
                })
            })
            .collect()
    }

    fn claims(&self) -> impl Iterator<Item = MarketAction> {
        let (address, token_program) = (self.address, self.money.token_program);
        let market = &self.market;
        let of_proposer = (market.proposer_claim > 0).then(|| {
            MarketAction::ClaimProposalBond(ClaimProposalBond {
                market: address,
                proposer: market.proposer,
                proposer_tokens: self.money.account_of(&market.proposer),
                token_program,
            })
        });
        let of_disputer = (market.open_disputes > 0).then(|| {
            MarketAction::ClaimDisputeBond(ClaimDisputeBond {
                market: address,
                disputer: market.disputer,
                disputer_tokens: self.money.account_of(&market.disputer),
                token_program,
            })
        });
        of_proposer.into_iter().chain(of_disputer)
    }
}
