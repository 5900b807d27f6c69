//! Instructions of the standard markets with the accounts that are right.

use anchor_lang::prelude::Pubkey;
use client::{addresses::markets as addresses, instructions::markets::*};
use markets::state::{LiquidityPosition, Position};
use oracle::Observation;
use solana_signer::Signer;

use super::{create_venue, MarketsWorld, Trader};
use crate::{program_world::feed, simulation::field, Mint};

/// Building instructions: the accounts that are right, for tests that make one of them wrong.
impl MarketsWorld {
    pub fn build_venue(&self, mint: Mint, terms: Terms) -> CreateVenue {
        create_venue(&self.world, mint, &self.treasury, terms)
    }

    /// An hour of trading on an LMSR, with a feed of its own whose `T` is now.
    pub fn terms(&mut self, outcomes: u8) -> CreateMarketArgs {
        let id = self.next_id();
        let opens_at = self.seconds();
        CreateMarketArgs {
            id,
            feed_id: field(feed(id)),
            rule: RuleTerms::Categorical,
            price: None,
            tolerance: 0,
            curve: Curve::Lmsr,
            offers_switch: false,
            outcomes,
            weights: Vec::new(),
            depth: 1_000_000_000,
            fee_rate: 100,
            creator_fee_share: 1_000,
            observe_at_ms: self.chain().now().0,
            opens_at,
            locks_at: opens_at + 60 * 60,
            frozen_seconds: 0,
            proposal_seconds: 2 * 60 * 60,
            dispute_window_seconds: 10 * 60,
            arbitration_seconds: 2 * 60 * 60,
        }
    }

    /// As [`Self::terms`], on whether a price is higher than at the opening: by medians of eleven samples
    /// a second apart, at and before the opening and from the lock on.
    pub fn up_or_down(&mut self) -> CreateMarketArgs {
        const SAMPLES: u16 = 11;
        let terms = self.terms(2);
        let ms = |second: i64| u64::try_from(second).expect("a time") * 1_000;
        CreateMarketArgs {
            rule: RuleTerms::ThresholdAtOpening {
                strike_at_ms: ms(terms.opens_at),
            },
            price: Some(PriceTerms {
                step_ms: 1_000,
                samples: SAMPLES,
                tick: 2,
                max_interest: 2 * terms.depth,
            }),
            fee_rate: 160,
            observe_at_ms: ms(terms.locks_at + i64::from(SAMPLES)),
            ..terms
        }
    }

    pub fn build_market(&mut self, creator: &Trader, args: CreateMarketArgs) -> CreateMarket {
        let create = CreateMarket {
            creator: creator.address(),
            mint: self.mint.address,
            provider_set: self.world.provider_set,
            verifying_key: self.world.verifying_key,
            arbiter_set: self.arbiter_set,
            arbiter_key: self.arbiter_key.unwrap_or(self.world.verifying_key),
            creator_tokens: creator.tokens,
            token_program: self.token_program(),
            venue_terms: self.venue_state().terms.at(self.seconds()),
            args,
        };
        let market = create.market();
        self.know_market(market);
        self.know(market, addresses::liquidity(&market, &creator.address()));
        self.know(market, addresses::dispute(&market));
        create
    }

    /// An associated token account with `amount` in it of an address that no key is behind, whose
    /// accounts in the market the checks are to look at.
    pub fn admit(&mut self, owner: Pubkey, market: Pubkey, amount: u64) -> Pubkey {
        self.know(market, addresses::position(&market, &owner));
        self.know(market, addresses::liquidity(&market, &owner));
        self.associated_account(owner, amount)
    }

    /// Lets the checks look at the position of an address that no key is behind.
    pub fn know_position(&mut self, owner: Pubkey, market: Pubkey) {
        self.know(market, addresses::position(&market, &owner));
    }

    pub fn build_position(&mut self, trader: &Trader, market: Pubkey) -> OpenPosition {
        self.know(market, addresses::position(&market, &trader.address()));
        OpenPosition {
            payer: trader.address(),
            owner: trader.address(),
            market,
            is_held: false,
        }
    }

    pub fn build_liquidity(&mut self, trader: &Trader, market: Pubkey) -> OpenLiquidity {
        self.know(market, addresses::liquidity(&market, &trader.address()));
        OpenLiquidity {
            payer: trader.address(),
            owner: trader.address(),
            market,
        }
    }

    fn buyer(&self, trader: &Trader, market: Pubkey) -> Buyer {
        Buyer {
            payer: trader.address(),
            payer_tokens: trader.tokens,
            owner: trader.address(),
            venue: self.venue,
            market,
            token_program: self.token_program(),
        }
    }

    fn holder(&self, trader: &Trader, market: Pubkey) -> Holder {
        Holder {
            owner: trader.address(),
            owner_tokens: trader.tokens,
            venue: self.venue,
            market,
            token_program: self.token_program(),
        }
    }

    pub fn build_buy(&self, trader: &Trader, market: Pubkey, outcome: u8, stake: u64) -> Buy {
        Buy {
            buyer: self.buyer(trader, market),
            args: BuyArgs {
                outcome,
                stake,
                min_shares: 0,
            },
        }
    }

    pub fn build_buy_shares(
        &self,
        trader: &Trader,
        market: Pubkey,
        outcome: u8,
        shares: u64,
    ) -> BuyShares {
        BuyShares {
            buyer: self.buyer(trader, market),
            args: BuySharesArgs {
                outcome,
                shares,
                max_cost: u64::MAX,
            },
        }
    }

    pub fn build_sell(&self, trader: &Trader, market: Pubkey, outcome: u8, shares: u64) -> Sell {
        Sell {
            holder: self.holder(trader, market),
            args: SellArgs {
                outcome,
                shares,
                min_return: 0,
            },
        }
    }

    pub fn build_split(&self, trader: &Trader, market: Pubkey, amount: u64) -> Split {
        Split {
            buyer: self.buyer(trader, market),
            amount,
        }
    }

    pub fn build_merge(&self, trader: &Trader, market: Pubkey, amount: u64) -> Merge {
        Merge {
            holder: self.holder(trader, market),
            amount,
        }
    }

    pub fn build_add(&self, trader: &Trader, market: Pubkey, amount: u64) -> AddLiquidity {
        AddLiquidity {
            holder: self.holder(trader, market),
            args: AddLiquidityArgs {
                amount,
                min_shares: 0,
                min_returned: Vec::new(),
            },
        }
    }

    pub fn build_remove(&self, trader: &Trader, market: Pubkey, shares: u64) -> RemoveLiquidity {
        RemoveLiquidity {
            holder: self.holder(trader, market),
            args: RemoveLiquidityArgs {
                shares,
                min_cash: 0,
                min_returned: Vec::new(),
            },
        }
    }

    pub fn build_collect(&self, trader: &Trader, market: Pubkey) -> CollectLiquidityFees {
        CollectLiquidityFees {
            venue: self.venue,
            owner: trader.address(),
            market,
            owner_tokens: trader.tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_collect_creator(&self, market: Pubkey) -> CollectCreatorFees {
        CollectCreatorFees {
            market,
            creator: self.creator.address(),
            creator_tokens: self.creator.tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_release(&self, market: Pubkey) -> ReleaseProtocolFees {
        ReleaseProtocolFees {
            venue: self.venue,
            market,
            token_program: self.token_program(),
        }
    }

    pub fn build_collect_protocol(&self) -> CollectProtocolFees {
        CollectProtocolFees {
            venue: self.venue,
            treasury: self.treasury.pubkey(),
            treasury_tokens: self.treasury_tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_propose(
        &self,
        trader: &Trader,
        market: Pubkey,
        observation: Pubkey,
    ) -> ProposeResolution {
        ProposeResolution {
            proposer: trader.address(),
            venue: self.venue,
            market,
            provider_set: self.world.provider_set,
            verifying_key: self.world.verifying_key,
            observation,
            proposer_tokens: trader.tokens,
            token_program: self.token_program(),
            max_bond: u64::MAX,
        }
    }

    pub fn build_set_strike(&self, market: Pubkey, observation: Pubkey) -> SetStrike {
        let state = self.state(market);
        SetStrike {
            market,
            provider_set: state.evidence.provider_set,
            verifying_key: state.evidence.verifying_key,
            observation,
        }
    }

    pub fn build_dispute_suspension(&self, market: Pubkey) -> DisputeSuspension {
        let state = self.state(market);
        DisputeSuspension {
            venue: state.venue,
            market,
            provider_set: state.evidence.provider_set,
            verifying_key: state.evidence.verifying_key,
            arbiters_observation: None,
        }
    }

    pub fn build_dispute(&self, trader: &Trader, market: Pubkey) -> DisputeResolution {
        DisputeResolution {
            disputer: trader.address(),
            venue: self.venue,
            market,
            disputer_tokens: trader.tokens,
            token_program: self.token_program(),
            args: DisputeArgs {
                evidence_hash: [7; 32],
                reason: 3,
                max_bond: u64::MAX,
            },
        }
    }

    /// With the arbiters' observation of the opening, if there is one.
    pub fn build_resolve_dispute(&self, market: Pubkey, observation: Pubkey) -> ResolveDispute {
        let state = self.state(market);
        let opening = Observation::address(
            &self.arbiter_set,
            &state.arbiter_key,
            &state.evidence.feed_id,
            state.evidence.strike_at_ms,
        );
        let strike_observation = (state.evidence.strike_at_ms != 0).then_some(opening);
        ResolveDispute {
            market,
            arbiter_set: self.arbiter_set,
            observation,
            strike_observation: strike_observation
                .filter(|opening| self.find::<Observation>(*opening).is_some()),
        }
    }

    pub fn build_finalize(&self, market: Pubkey) -> Finalize {
        let state = self.state(market);
        Finalize {
            venue: state.venue,
            market,
            provider_set: state.evidence.provider_set,
            verifying_key: state.evidence.verifying_key,
            observation: state.evidence.observation,
            strike_observation: state.evidence.strike_observation,
        }
    }

    /// Redeems every position that the traders have in the market.
    pub fn build_redeem(&self, market: Pubkey, traders: &[&Trader]) -> Redeem {
        let positions = traders
            .iter()
            .filter_map(|trader| {
                let address = addresses::position(&market, &trader.address());
                let position = self.find::<Position>(address)?;
                Some(RedeemedPosition {
                    owner: trader.address(),
                    rent_payer: position.rent_payer,
                    owner_tokens: trader.tokens,
                })
            })
            .collect();
        Redeem {
            market,
            token_program: self.token_program(),
            positions,
        }
    }

    pub fn build_redeem_liquidity(&self, market: Pubkey, trader: &Trader) -> RedeemLiquidity {
        RedeemLiquidity {
            venue: self.venue,
            market,
            owner: trader.address(),
            rent_payer: self
                .find::<LiquidityPosition>(addresses::liquidity(&market, &trader.address()))
                .map_or(trader.address(), |liquidity| liquidity.rent_payer),
            owner_tokens: trader.tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_claim_proposal(&self, market: Pubkey, proposer: &Trader) -> ClaimProposalBond {
        ClaimProposalBond {
            market,
            proposer: proposer.address(),
            proposer_tokens: proposer.tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_claim_dispute(&self, market: Pubkey, disputer: &Trader) -> ClaimDisputeBond {
        ClaimDisputeBond {
            market,
            disputer: disputer.address(),
            disputer_tokens: disputer.tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_close(&self, market: Pubkey) -> CloseMarket {
        CloseMarket {
            venue: self.venue,
            market,
            creator: self.creator.address(),
            creator_tokens: self.creator.tokens,
            token_program: self.token_program(),
        }
    }
}
