use solana_instruction::Instruction;

use crate::{
    flash_bets::FlashAction, leverage::LoanAction, markets::MarketAction, orders::OrderAction,
};

/// Something that a program would accept from anybody.
#[derive(Clone, Debug)]
pub enum Action {
    FlashBets(FlashAction),
    Markets(MarketAction),
    Orders(OrderAction),
    Loans(LoanAction),
}

impl Action {
    /// What it is called in logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::FlashBets(action) => action.name(),
            Self::Markets(action) => action.name(),
            Self::Orders(action) => action.name(),
            Self::Loans(action) => action.name(),
        }
    }

    pub fn instruction(&self) -> Instruction {
        match self {
            Self::FlashBets(action) => action.instruction(),
            Self::Markets(action) => action.instruction(),
            Self::Orders(action) => action.instruction(),
            Self::Loans(action) => action.instruction(),
        }
    }

    /// The two halves of a batch, so that one entry that fails does not stop the others; `None` for
    /// what is no batch.
    pub fn halves(&self) -> Option<[Self; 2]> {
        match self {
            Self::FlashBets(action) => action.halves().map(|both| both.map(Self::FlashBets)),
            Self::Markets(action) => action.halves().map(|both| both.map(Self::Markets)),
            Self::Orders(_) => None,
            Self::Loans(action) => action.halves().map(|both| both.map(Self::Loans)),
        }
    }
}

/// Cuts a batch of two or more in two.
pub(crate) fn cut<T: Clone>(batch: &[T]) -> Option<[Vec<T>; 2]> {
    if batch.len() < 2 {
        return None;
    }
    let (first, second) = batch.split_at(batch.len() / 2);
    Some([first.to_vec(), second.to_vec()])
}
