//! From a result to a closed account.

use client::instructions::markets::{
    ClaimDisputeBond, ClaimProposalBond, CloseMarket, Redeem, RedeemLiquidity, RedeemedPosition,
};

use super::{MarketAction, MarketView};

/// Positions that are redeemed in one transaction.
const REDEEMED_AT_ONCE: usize = 6;

impl MarketView {
    /// What is owed in a settled market; once nothing is, its end.
    pub(super) fn pay(&self) -> Vec<MarketAction> {
        let mut actions = self.redeem();
        actions.extend(self.liquidity.iter().map(|provided| {
            MarketAction::RedeemLiquidity(RedeemLiquidity {
                market: self.address,
                owner: provided.owner,
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
        if is_done {
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

    fn redeem(&self) -> Vec<MarketAction> {
        let positions: Vec<_> = self
            .positions
            .iter()
            .map(|position| RedeemedPosition {
                owner: position.owner,
                kind: position.kind,
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
