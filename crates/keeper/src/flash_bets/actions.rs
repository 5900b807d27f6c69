use client::instructions::flash_bets::{
    CancelDeposit, CancelPending, CloseMarket, ExecuteBet, ExecuteDeposit, ReleaseSurplus, Resolve,
    SetStrike, SettleTickets, Void, VoidConflicted,
};
use solana_instruction::Instruction;

use crate::action::cut;

/// Something that the flash bets would accept from anybody.
#[derive(Clone, Debug)]
pub enum FlashAction {
    SetStrike(SetStrike),
    Resolve(Resolve),
    VoidConflicted(VoidConflicted),
    Void(Void),
    ExecuteOrder(ExecuteBet),
    CancelOrder(CancelPending),
    SettleTickets(SettleTickets),
    ReleaseSurplus(ReleaseSurplus),
    CloseMarket(CloseMarket),
    ExecuteDeposit(ExecuteDeposit),
    CancelDeposit(CancelDeposit),
}

impl FlashAction {
    /// What it is called in logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SetStrike(_) => "setting a strike",
            Self::Resolve(_) => "resolving a flash market",
            Self::VoidConflicted(_) => "voiding a contradicted flash market",
            Self::Void(_) => "voiding a flash market",
            Self::ExecuteOrder(_) => "executing an order",
            Self::CancelOrder(_) => "cancelling an order",
            Self::SettleTickets(_) => "settling tickets",
            Self::ReleaseSurplus(_) => "releasing a surplus",
            Self::CloseMarket(_) => "closing a flash market",
            Self::ExecuteDeposit(_) => "executing a deposit",
            Self::CancelDeposit(_) => "cancelling a deposit",
        }
    }

    pub fn instruction(&self) -> Instruction {
        match self {
            Self::SetStrike(action) => action.instruction(),
            Self::Resolve(action) => action.instruction(),
            Self::VoidConflicted(action) => action.instruction(),
            Self::Void(action) => action.instruction(),
            Self::ExecuteOrder(action) => action.instruction(),
            Self::CancelOrder(action) => action.instruction(),
            Self::SettleTickets(action) => action.instruction(),
            Self::ReleaseSurplus(action) => action.instruction(),
            Self::CloseMarket(action) => action.instruction(),
            Self::ExecuteDeposit(action) => action.instruction(),
            Self::CancelDeposit(action) => action.instruction(),
        }
    }

    /// The two halves of a batch; `None` for what is no batch.
    pub fn halves(&self) -> Option<[Self; 2]> {
        let Self::SettleTickets(settle) = self else {
            return None;
        };
        let halves = cut(&settle.tickets)?;
        Some(halves.map(|tickets| {
            Self::SettleTickets(SettleTickets {
                tickets,
                ..settle.clone()
            })
        }))
    }
}
