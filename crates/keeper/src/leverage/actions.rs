use client::instructions::leverage::{
    CallDeleverage, CancelOpen, CancelWithdraw, ClosePosition, Delist, EndDeposit, ExecuteOpen,
    ExecuteWithdraw, Liquidate, MonitorHealth, SettleMarket, SettlePosition, WithdrawClaim,
};
use solana_instruction::Instruction;

use crate::action::cut;

/// Something that the loans' program would accept from anybody.
#[derive(Clone, Debug)]
pub enum LoanAction {
    ExecuteDeposit(EndDeposit),
    CancelDeposit(EndDeposit),
    ExecuteWithdraw(ExecuteWithdraw),
    CancelWithdraw(CancelWithdraw),
    ExecuteOpen(ExecuteOpen),
    CancelOpen(CancelOpen),
    Monitor(MonitorHealth),
    Liquidate(Liquidate),
    ForceDeleverage(Liquidate),
    CallDeleverage(CallDeleverage),
    DeleverageProRata(Liquidate),
    SettleMarket(SettleMarket),
    SettlePosition(SettlePosition),
    WithdrawClaim(WithdrawClaim),
    ClosePosition(ClosePosition),
    Delist(Delist),
}

impl LoanAction {
    /// What it is called in logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ExecuteDeposit(_) => "executing a lender's deposit",
            Self::CancelDeposit(_) => "returning a lender's deposit",
            Self::ExecuteWithdraw(_) => "paying a lender's withdrawal",
            Self::CancelWithdraw(_) => "letting a lender's withdrawal lapse",
            Self::ExecuteOpen(_) => "opening a position",
            Self::CancelOpen(_) => "returning a position's margin",
            Self::Monitor(_) => "marking a position",
            Self::Liquidate(_) => "liquidating positions",
            Self::ForceDeleverage(_) => "selling what pays debts before the lock",
            Self::CallDeleverage(_) => "calling loans to shrink",
            Self::DeleverageProRata(_) => "selling what a call leaves unpaid",
            Self::SettleMarket(_) => "settling a listing",
            Self::SettlePosition(_) => "settling a position",
            Self::WithdrawClaim(_) => "paying a position's owner",
            Self::ClosePosition(_) => "closing a position",
            Self::Delist(_) => "closing a listing",
        }
    }

    pub fn instruction(&self) -> Instruction {
        match self {
            Self::ExecuteDeposit(action) => action.execute(),
            Self::CancelDeposit(action) => action.cancel(),
            Self::ExecuteWithdraw(action) => action.instruction(),
            Self::CancelWithdraw(action) => action.instruction(),
            Self::ExecuteOpen(action) => action.instruction(),
            Self::CancelOpen(action) => action.instruction(),
            Self::Monitor(action) => action.instruction(),
            Self::Liquidate(action) => action.liquidate(),
            Self::ForceDeleverage(action) => action.force_deleverage(),
            Self::CallDeleverage(action) => action.instruction(),
            Self::DeleverageProRata(action) => action.deleverage_pro_rata(),
            Self::SettleMarket(action) => action.instruction(),
            Self::SettlePosition(action) => action.instruction(),
            Self::WithdrawClaim(action) => action.instruction(),
            Self::ClosePosition(action) => action.instruction(),
            Self::Delist(action) => action.instruction(),
        }
    }

    /// The two halves of a sale for several positions.
    pub fn halves(&self) -> Option<[Self; 2]> {
        let (sale, wrap): (_, fn(Liquidate) -> Self) = match self {
            Self::Liquidate(sale) => (sale, Self::Liquidate),
            Self::ForceDeleverage(sale) => (sale, Self::ForceDeleverage),
            Self::DeleverageProRata(sale) => (sale, Self::DeleverageProRata),
            _ => return None,
        };
        let halves = cut(&sale.positions)?;
        Some(halves.map(|positions| {
            wrap(Liquidate {
                positions,
                ..sale.clone()
            })
        }))
    }
}
