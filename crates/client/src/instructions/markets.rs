//! Instructions of the standard markets.

use anchor_lang::{
    prelude::Pubkey,
    solana_program::instruction::{AccountMeta, Instruction},
    system_program,
};
use markets::{accounts, instruction, ID};
use solana_sdk_ids::sysvar::instructions::ID as INSTRUCTIONS;

use super::build;
use crate::addresses::{
    markets::{dispute, liquidity, market, market_tokens, position, venue, venue_tokens},
    oracle,
};

pub use markets::{
    instructions::{
        AddLiquidityArgs, BuyArgs, BuySharesArgs, CreateMarketArgs, CreateVenueArgs, Curve,
        DisputeArgs, ProposeFromRootArgs, RemoveLiquidityArgs, Rule, SellArgs,
    },
    state::{PositionKind, Terms},
};

/// Creates the venue of a mint; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct CreateVenue {
    pub admin: Pubkey,
    pub mint: Pubkey,
    /// Of the mint.
    pub token_program: Pubkey,
    pub args: CreateVenueArgs,
}

impl CreateVenue {
    pub fn instruction(&self) -> Instruction {
        let venue = venue(&self.mint);
        build(
            ID,
            &accounts::CreateVenue {
                admin: self.admin,
                config: oracle::config(),
                mint: self.mint,
                venue,
                venue_tokens: venue_tokens(&venue),
                instructions: INSTRUCTIONS,
                token_program: self.token_program,
                system_program: system_program::ID,
            },
            &instruction::CreateVenue { args: self.args },
        )
    }
}

/// Lowers terms at once or changes them after the timelock; signed by the admin, to lower also by the
/// guardian.
#[derive(Clone, Copy, Debug)]
pub struct SetVenueTerms {
    pub authority: Pubkey,
    pub venue: Pubkey,
    pub terms: Terms,
}

impl SetVenueTerms {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::SetVenueTerms {
                authority: self.authority,
                config: oracle::config(),
                venue: self.venue,
                instructions: INSTRUCTIONS,
            },
            &instruction::SetVenueTerms { terms: self.terms },
        )
    }
}

/// Stops new risk; signed by the admin or the guardian.
#[derive(Clone, Copy, Debug)]
pub struct Pause {
    pub authority: Pubkey,
    pub venue: Pubkey,
}

impl Pause {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Pause {
                authority: self.authority,
                config: oracle::config(),
                venue: self.venue,
                instructions: INSTRUCTIONS,
            },
            &instruction::Pause {},
        )
    }
}

/// Ends a pause after the timelock; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct Unpause {
    pub admin: Pubkey,
    pub venue: Pubkey,
}

impl Unpause {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Unpause {
                admin: self.admin,
                config: oracle::config(),
                venue: self.venue,
                instructions: INSTRUCTIONS,
            },
            &instruction::Unpause {},
        )
    }
}

/// Pays the treasury what markets have released; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CollectProtocolFees {
    pub venue: Pubkey,
    pub treasury: Pubkey,
    /// The treasury's associated one; with [`super::signed_by`] the treasury any of the treasury's.
    pub treasury_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
}

impl CollectProtocolFees {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CollectProtocolFees {
                venue: self.venue,
                treasury: self.treasury,
                venue_tokens: venue_tokens(&self.venue),
                treasury_tokens: self.treasury_tokens,
                token_program: self.token_program,
            },
            &instruction::CollectProtocolFees {},
        )
    }
}

/// Creates and funds a market; signed by the creator.
#[derive(Clone, Debug)]
pub struct CreateMarket {
    pub creator: Pubkey,
    pub mint: Pubkey,
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    pub arbiter_set: Pubkey,
    pub arbiter_key: Pubkey,
    pub creator_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    pub args: CreateMarketArgs,
}

impl CreateMarket {
    pub fn instruction(&self) -> Instruction {
        let venue = venue(&self.mint);
        let market = market(&venue, &self.creator, self.args.id);
        build(
            ID,
            &accounts::CreateMarket {
                creator: self.creator,
                venue,
                mint: self.mint,
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                arbiter_set: self.arbiter_set,
                arbiter_key: self.arbiter_key,
                market,
                market_tokens: market_tokens(&market),
                liquidity: liquidity(&market, &self.creator),
                creator_tokens: self.creator_tokens,
                token_program: self.token_program,
                system_program: system_program::ID,
            },
            &instruction::CreateMarket {
                args: self.args.clone(),
            },
        )
    }
}

/// Opens the owner's position in a market; signed by owner and payer.
#[derive(Clone, Copy, Debug)]
pub struct OpenPosition {
    /// Pays the rent, which goes to the owner on close.
    pub payer: Pubkey,
    pub owner: Pubkey,
    pub market: Pubkey,
    pub kind: PositionKind,
}

impl OpenPosition {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::OpenPosition {
                payer: self.payer,
                owner: self.owner,
                market: self.market,
                position: position(&self.market, &self.owner, self.kind),
                system_program: system_program::ID,
            },
            &instruction::OpenPosition { kind: self.kind },
        )
    }
}

/// Opens the owner's liquidity position in a market; signed by owner and payer.
#[derive(Clone, Copy, Debug)]
pub struct OpenLiquidity {
    /// Pays the rent, which goes to the owner on close.
    pub payer: Pubkey,
    pub owner: Pubkey,
    pub market: Pubkey,
}

impl OpenLiquidity {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::OpenLiquidity {
                payer: self.payer,
                owner: self.owner,
                market: self.market,
                liquidity: liquidity(&self.market, &self.owner),
                system_program: system_program::ID,
            },
            &instruction::OpenLiquidity {},
        )
    }
}

/// Buys for an exact stake; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct Buy {
    pub owner: Pubkey,
    pub venue: Pubkey,
    pub market: Pubkey,
    pub owner_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    pub args: BuyArgs,
}

impl Buy {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Buy {
                owner: self.owner,
                venue: self.venue,
                market: self.market,
                position: position(&self.market, &self.owner, PositionKind::Tradable),
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
            },
            &instruction::Buy { args: self.args },
        )
    }
}

/// Buys an exact number of shares; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct BuyShares {
    pub owner: Pubkey,
    pub venue: Pubkey,
    pub market: Pubkey,
    pub owner_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    pub args: BuySharesArgs,
}

impl BuyShares {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Buy {
                owner: self.owner,
                venue: self.venue,
                market: self.market,
                position: position(&self.market, &self.owner, PositionKind::Tradable),
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
            },
            &instruction::BuyShares { args: self.args },
        )
    }
}

/// Makes complete sets; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct Split {
    pub owner: Pubkey,
    pub venue: Pubkey,
    pub market: Pubkey,
    pub owner_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    /// Base units, and shares of each outcome.
    pub amount: u64,
}

impl Split {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Buy {
                owner: self.owner,
                venue: self.venue,
                market: self.market,
                position: position(&self.market, &self.owner, PositionKind::Tradable),
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
            },
            &instruction::Split {
                amount: self.amount,
            },
        )
    }
}

/// Sells an exact number of shares; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct Sell {
    pub owner: Pubkey,
    pub market: Pubkey,
    pub owner_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    pub args: SellArgs,
}

impl Sell {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Sell {
                owner: self.owner,
                market: self.market,
                position: position(&self.market, &self.owner, PositionKind::Tradable),
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
            },
            &instruction::Sell { args: self.args },
        )
    }
}

/// Turns complete sets into money; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct Merge {
    pub owner: Pubkey,
    pub market: Pubkey,
    pub owner_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    /// Shares of each outcome, and base units.
    pub amount: u64,
}

impl Merge {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Sell {
                owner: self.owner,
                market: self.market,
                position: position(&self.market, &self.owner, PositionKind::Tradable),
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
            },
            &instruction::Merge {
                amount: self.amount,
            },
        )
    }
}

/// Puts money into a pool; signed by the owner.
#[derive(Clone, Debug)]
pub struct AddLiquidity {
    pub owner: Pubkey,
    pub venue: Pubkey,
    pub market: Pubkey,
    pub owner_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    /// Redeem-only on an L2 curve, else tradable.
    pub kind: PositionKind,
    pub args: AddLiquidityArgs,
}

impl AddLiquidity {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::AddLiquidity {
                owner: self.owner,
                venue: self.venue,
                market: self.market,
                liquidity: liquidity(&self.market, &self.owner),
                position: position(&self.market, &self.owner, self.kind),
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
            },
            &instruction::AddLiquidity {
                args: self.args.clone(),
            },
        )
    }
}

/// Takes liquidity out of a pool; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct RemoveLiquidity {
    pub owner: Pubkey,
    pub market: Pubkey,
    pub owner_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    /// Redeem-only on an L2 curve, else tradable.
    pub kind: PositionKind,
    pub args: RemoveLiquidityArgs,
}

impl RemoveLiquidity {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::RemoveLiquidity {
                owner: self.owner,
                market: self.market,
                liquidity: liquidity(&self.market, &self.owner),
                position: position(&self.market, &self.owner, self.kind),
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
            },
            &instruction::RemoveLiquidity { args: self.args },
        )
    }
}

/// Pays a provider its fees so far; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CollectLiquidityFees {
    pub owner: Pubkey,
    pub market: Pubkey,
    /// The owner's associated one; with [`super::signed_by`] the owner any of the owner's.
    pub owner_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
}

impl CollectLiquidityFees {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CollectLiquidityFees {
                market: self.market,
                liquidity: liquidity(&self.market, &self.owner),
                owner: self.owner,
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
            },
            &instruction::CollectLiquidityFees {},
        )
    }
}

/// Pays the creator its part of the fees so far; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CollectCreatorFees {
    pub market: Pubkey,
    pub creator: Pubkey,
    /// The creator's associated one; with [`super::signed_by`] the creator any of the creator's.
    pub creator_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
}

impl CollectCreatorFees {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CollectCreatorFees {
                market: self.market,
                creator: self.creator,
                market_tokens: market_tokens(&self.market),
                creator_tokens: self.creator_tokens,
                token_program: self.token_program,
            },
            &instruction::CollectCreatorFees {},
        )
    }
}

/// Gives the venue the protocol's part of a market's fees so far; anybody.
#[derive(Clone, Copy, Debug)]
pub struct ReleaseProtocolFees {
    pub venue: Pubkey,
    pub market: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
}

impl ReleaseProtocolFees {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ReleaseProtocolFees {
                venue: self.venue,
                venue_tokens: venue_tokens(&self.venue),
                market: self.market,
                market_tokens: market_tokens(&self.market),
                token_program: self.token_program,
            },
            &instruction::ReleaseProtocolFees {},
        )
    }
}

/// Brings prices and depth up to date; anybody.
#[derive(Clone, Copy, Debug)]
pub struct Poke {
    pub market: Pubkey,
}

impl Poke {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Poke {
                market: self.market,
            },
            &instruction::Poke {},
        )
    }
}

/// Turns an LMSR that offers it into a pm-AMM; anybody.
#[derive(Clone, Copy, Debug)]
pub struct SwitchCurve {
    pub market: Pubkey,
}

impl SwitchCurve {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::SwitchCurve {
                market: self.market,
            },
            &instruction::SwitchCurve {},
        )
    }
}

/// Proposes what an observation shows; signed by the proposer, whose bond it takes.
#[derive(Clone, Copy, Debug)]
pub struct ProposeResolution {
    pub proposer: Pubkey,
    pub market: Pubkey,
    /// The market's, as the key.
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    pub observation: Pubkey,
    pub proposer_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    /// Most base units to put up.
    pub max_bond: u64,
}

impl ProposeResolution {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ProposeResolution {
                proposer: self.proposer,
                market: self.market,
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                observation: self.observation,
                market_tokens: market_tokens(&self.market),
                proposer_tokens: self.proposer_tokens,
                token_program: self.token_program,
            },
            &instruction::ProposeResolution {
                max_bond: self.max_bond,
            },
        )
    }
}

/// Proposes a result in a verified root; signed by the proposer, whose bond it takes.
#[derive(Clone, Debug)]
pub struct ProposeFromRoot {
    pub proposer: Pubkey,
    pub market: Pubkey,
    /// The market's, as the key.
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    pub result_root: Pubkey,
    /// The one that the market names, whether it is there or not.
    pub observation: Pubkey,
    pub proposer_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    pub args: ProposeFromRootArgs,
}

impl ProposeFromRoot {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ProposeFromRoot {
                proposer: self.proposer,
                market: self.market,
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                result_root: self.result_root,
                observation: self.observation,
                market_tokens: market_tokens(&self.market),
                proposer_tokens: self.proposer_tokens,
                token_program: self.token_program,
            },
            &instruction::ProposeFromRoot {
                args: self.args.clone(),
            },
        )
    }
}

/// Sets the strike of an up/down market; anybody.
#[derive(Clone, Copy, Debug)]
pub struct SetStrike {
    pub market: Pubkey,
    /// The market's, as the key.
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    pub observation: Pubkey,
}

impl SetStrike {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::SetStrike {
                market: self.market,
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                observation: self.observation,
            },
            &instruction::SetStrike {},
        )
    }
}

/// Calls the arbiters when the oracle knows of a contradiction; anybody.
#[derive(Clone, Copy, Debug)]
pub struct DisputeConflict {
    pub market: Pubkey,
    /// One that the market names: its own, or its strike's.
    pub observation: Pubkey,
}

impl DisputeConflict {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::DisputeConflict {
                market: self.market,
                observation: self.observation,
            },
            &instruction::DisputeConflict {},
        )
    }
}

/// Disputes a proposal; signed by the disputer, whose bond it takes.
#[derive(Clone, Copy, Debug)]
pub struct DisputeResolution {
    pub disputer: Pubkey,
    pub market: Pubkey,
    pub disputer_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    pub args: DisputeArgs,
}

impl DisputeResolution {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::DisputeResolution {
                disputer: self.disputer,
                market: self.market,
                dispute: dispute(&self.market),
                market_tokens: market_tokens(&self.market),
                disputer_tokens: self.disputer_tokens,
                token_program: self.token_program,
                system_program: system_program::ID,
            },
            &instruction::Dispute { args: self.args },
        )
    }
}

/// Settles a disputed market on the arbiters' observation; anybody.
#[derive(Clone, Copy, Debug)]
pub struct ResolveDispute {
    pub market: Pubkey,
    /// The market's, as the key.
    pub arbiter_set: Pubkey,
    pub arbiter_key: Pubkey,
    pub observation: Pubkey,
    /// Of an up/down market: the arbiters' observation at its opening.
    pub strike_observation: Option<Pubkey>,
}

impl ResolveDispute {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ResolveDispute {
                market: self.market,
                arbiter_set: self.arbiter_set,
                arbiter_key: self.arbiter_key,
                observation: self.observation,
                strike_observation: self.strike_observation,
            },
            &instruction::ResolveDispute {},
        )
    }
}

/// Settles a market on an undisputed proposal; anybody.
#[derive(Clone, Copy, Debug)]
pub struct Finalize {
    pub market: Pubkey,
    /// Those that the market names, whether they are there or not.
    pub observation: Pubkey,
    pub strike_observation: Pubkey,
}

impl Finalize {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Finalize {
                market: self.market,
                observation: self.observation,
                strike_observation: self.strike_observation,
            },
            &instruction::Finalize {},
        )
    }
}

/// Settles a market past its deadline at its slow prices; anybody.
#[derive(Clone, Copy, Debug)]
pub struct Void {
    pub market: Pubkey,
}

impl Void {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Void {
                market: self.market,
            },
            &instruction::Void {},
        )
    }
}

/// A position to redeem, and where its payout goes.
#[derive(Clone, Copy, Debug)]
pub struct RedeemedPosition {
    pub owner: Pubkey,
    pub kind: PositionKind,
    /// The owner's associated one; with [`super::signed_by`] the owner any of the owner's.
    /// Anything if the payout is 0.
    pub owner_tokens: Pubkey,
}

/// Pays and closes positions in a settled market; anybody.
#[derive(Clone, Debug)]
pub struct Redeem {
    pub market: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
    pub positions: Vec<RedeemedPosition>,
}

impl Redeem {
    pub fn instruction(&self) -> Instruction {
        let mut instruction = build(
            ID,
            &accounts::Redeem {
                market: self.market,
                market_tokens: market_tokens(&self.market),
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::Redeem {},
        );
        let accounts = self.positions.iter().flat_map(|redeemed| {
            [
                position(&self.market, &redeemed.owner, redeemed.kind),
                redeemed.owner,
                redeemed.owner_tokens,
            ]
            .map(|address| AccountMeta::new(address, false))
        });
        instruction.accounts.extend(accounts);
        instruction
    }
}

/// Pays a provider its part of a settled market and closes its position; anybody.
#[derive(Clone, Copy, Debug)]
pub struct RedeemLiquidity {
    pub market: Pubkey,
    pub owner: Pubkey,
    /// The owner's associated one; with [`super::signed_by`] the owner any of the owner's.
    pub owner_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
}

impl RedeemLiquidity {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::RedeemLiquidity {
                market: self.market,
                liquidity: liquidity(&self.market, &self.owner),
                owner: self.owner,
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::RedeemLiquidity {},
        )
    }
}

/// Pays the proposer what is due of the bonds; anybody.
#[derive(Clone, Copy, Debug)]
pub struct ClaimProposalBond {
    pub market: Pubkey,
    pub proposer: Pubkey,
    /// The proposer's associated one; with [`super::signed_by`] the proposer any of the proposer's.
    pub proposer_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
}

impl ClaimProposalBond {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ClaimProposalBond {
                market: self.market,
                proposer: self.proposer,
                market_tokens: market_tokens(&self.market),
                proposer_tokens: self.proposer_tokens,
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::ClaimProposalBond {},
        )
    }
}

/// Pays the disputer what is due of the bonds and closes the dispute; anybody.
#[derive(Clone, Copy, Debug)]
pub struct ClaimDisputeBond {
    pub market: Pubkey,
    pub disputer: Pubkey,
    /// The disputer's associated one; with [`super::signed_by`] the disputer any of the disputer's.
    /// Anything if nothing is due.
    pub disputer_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
}

impl ClaimDisputeBond {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ClaimDisputeBond {
                market: self.market,
                dispute: dispute(&self.market),
                disputer: self.disputer,
                market_tokens: market_tokens(&self.market),
                disputer_tokens: self.disputer_tokens,
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::ClaimDisputeBond {},
        )
    }
}

/// Closes a settled market after the last claim; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CloseMarket {
    pub venue: Pubkey,
    pub market: Pubkey,
    pub creator: Pubkey,
    /// The creator's associated one; with [`super::signed_by`] the creator any of the creator's.
    /// Anything if no fees are due.
    pub creator_tokens: Pubkey,
    /// Token program of the venue's mint.
    pub token_program: Pubkey,
}

impl CloseMarket {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CloseMarket {
                venue: self.venue,
                venue_tokens: venue_tokens(&self.venue),
                market: self.market,
                market_tokens: market_tokens(&self.market),
                creator: self.creator,
                creator_tokens: self.creator_tokens,
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::CloseMarket {},
        )
    }
}
