use client::instructions::markets::{
    ClaimDisputeBond, ClaimProposalBond, CloseMarket, DisputeConflict, DisputeSuspension, Finalize,
    Poke, ProposeResolution, Redeem, RedeemLiquidity, ResolveDispute, SetStrike, SwitchCurve, Void,
};
use solana_instruction::Instruction;

use crate::action::cut;

/// Something that the standard markets would accept from anybody, or from who puts up a bond.
#[derive(Clone, Debug)]
pub enum MarketAction {
    Poke(Poke),
    SwitchCurve(SwitchCurve),
    SetStrike(SetStrike),
    Propose(ProposeResolution),
    CallArbiters(DisputeConflict),
    CallArbitersAfterSuspension(DisputeSuspension),
    ResolveDispute(ResolveDispute),
    Finalize(Finalize),
    Void(Void),
    Redeem(Redeem),
    RedeemLiquidity(RedeemLiquidity),
    ClaimProposalBond(ClaimProposalBond),
    ClaimDisputeBond(ClaimDisputeBond),
    CloseMarket(CloseMarket),
}

impl MarketAction {
    /// What it is called in logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Poke(_) => "poking a market",
            Self::SwitchCurve(_) => "switching a curve",
            Self::SetStrike(_) => "setting a strike",
            Self::Propose(_) => "proposing a result",
            Self::CallArbiters(_) => "calling the arbiters",
            Self::CallArbitersAfterSuspension(_) => "calling the arbiters after a suspension",
            Self::ResolveDispute(_) => "resolving a dispute",
            Self::Finalize(_) => "finalizing a market",
            Self::Void(_) => "voiding a market",
            Self::Redeem(_) => "redeeming positions",
            Self::RedeemLiquidity(_) => "redeeming liquidity",
            Self::ClaimProposalBond(_) => "claiming a proposer's bond",
            Self::ClaimDisputeBond(_) => "claiming a disputer's bond",
            Self::CloseMarket(_) => "closing a market",
        }
    }

    pub fn instruction(&self) -> Instruction {
        match self {
            Self::Poke(action) => action.instruction(),
            Self::SwitchCurve(action) => action.instruction(),
            Self::SetStrike(action) => action.instruction(),
            Self::Propose(action) => action.instruction(),
            Self::CallArbiters(action) => action.instruction(),
            Self::CallArbitersAfterSuspension(action) => action.instruction(),
            Self::ResolveDispute(action) => action.instruction(),
            Self::Finalize(action) => action.instruction(),
            Self::Void(action) => action.instruction(),
            Self::Redeem(action) => action.instruction(),
            Self::RedeemLiquidity(action) => action.instruction(),
            Self::ClaimProposalBond(action) => action.instruction(),
            Self::ClaimDisputeBond(action) => action.instruction(),
            Self::CloseMarket(action) => action.instruction(),
        }
    }

    /// The two halves of a batch; `None` for what is no batch.
    pub fn halves(&self) -> Option<[Self; 2]> {
        let Self::Redeem(redeem) = self else {
            return None;
        };
        let halves = cut(&redeem.positions)?;
        Some(halves.map(|positions| {
            Self::Redeem(Redeem {
                positions,
                ..redeem.clone()
            })
        }))
    }
}
