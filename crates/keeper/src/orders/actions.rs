use client::instructions::orders::{
    BookSlice, CloseBatch, CloseDesk, CrossBatch, FillOrder, MatchOrders, PlaceSlice, PriceBatch,
    ReturnOrder, ReturnSealedOrder, SettleDesk, WatchOrder,
};
use solana_instruction::Instruction;

/// Something that the orders' program would accept from anybody.
#[derive(Clone, Debug)]
pub enum OrderAction {
    Watch(WatchOrder),
    Match(MatchOrders),
    Fill(FillOrder),
    PlaceSlice(PlaceSlice),
    BookSlice(BookSlice),
    Return(ReturnOrder),
    SettleDesk(SettleDesk),
    CloseDesk(CloseDesk),
    PriceBatch(PriceBatch),
    CrossBatch(CrossBatch),
    ReturnSealedOrder(ReturnSealedOrder),
    CloseBatch(CloseBatch),
}

impl OrderAction {
    /// What it is called in logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Watch(_) => "watching an order",
            Self::Match(_) => "filling two orders against each other",
            Self::Fill(_) => "filling an order",
            Self::PlaceSlice(_) => "placing a slice of an order",
            Self::BookSlice(_) => "booking a slice of an order",
            Self::Return(_) => "returning an order",
            Self::SettleDesk(_) => "settling a desk",
            Self::CloseDesk(_) => "closing a desk",
            Self::PriceBatch(_) => "pricing a batch",
            Self::CrossBatch(_) => "crossing a batch",
            Self::ReturnSealedOrder(_) => "returning a sealed order",
            Self::CloseBatch(_) => "closing a batch",
        }
    }

    pub fn instruction(&self) -> Instruction {
        match self {
            Self::Watch(action) => action.instruction(),
            Self::Match(action) => action.instruction(),
            Self::Fill(action) => action.instruction(),
            Self::PlaceSlice(action) => action.instruction(),
            Self::BookSlice(action) => action.instruction(),
            Self::Return(action) => action.instruction(),
            Self::SettleDesk(action) => action.instruction(),
            Self::CloseDesk(action) => action.instruction(),
            Self::PriceBatch(action) => action.instruction(),
            Self::CrossBatch(action) => action.instruction(),
            Self::ReturnSealedOrder(action) => action.instruction(),
            Self::CloseBatch(action) => action.instruction(),
        }
    }
}
