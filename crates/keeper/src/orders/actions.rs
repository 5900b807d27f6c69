use client::instructions::orders::{
    CloseDesk, FillOrder, MatchOrders, ReturnOrder, SettleDesk, WatchOrder,
};
use solana_instruction::Instruction;

/// Something that the orders' program would accept from anybody.
#[derive(Clone, Debug)]
pub enum OrderAction {
    Watch(WatchOrder),
    Match(MatchOrders),
    Fill(FillOrder),
    Return(ReturnOrder),
    SettleDesk(SettleDesk),
    CloseDesk(CloseDesk),
}

impl OrderAction {
    /// What it is called in logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Watch(_) => "watching an order",
            Self::Match(_) => "filling two orders against each other",
            Self::Fill(_) => "filling an order",
            Self::Return(_) => "returning an order",
            Self::SettleDesk(_) => "settling a desk",
            Self::CloseDesk(_) => "closing a desk",
        }
    }

    pub fn instruction(&self) -> Instruction {
        match self {
            Self::Watch(action) => action.instruction(),
            Self::Match(action) => action.instruction(),
            Self::Fill(action) => action.instruction(),
            Self::Return(action) => action.instruction(),
            Self::SettleDesk(action) => action.instruction(),
            Self::CloseDesk(action) => action.instruction(),
        }
    }
}
