use client::instructions::flash_bets::{
    with_verses, AdvanceRolling, CancelChain, CancelDeposit, CloseChain, CloseChainBook,
    CloseEventBook, CloseMarket, ExecuteCashOut, ExecuteChain, ExecuteDeposit, ExecuteOrders,
    ExecuteRolling, LapseWithdraw, QuantumAccounts, ReleaseSurplus, Resolve, SetStrike, SettleLegs,
    SettleTickets, Void, Withdraw,
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::action::cut;

/// Something that the flash bets would accept from anybody.
#[derive(Clone, Debug)]
pub enum FlashAction {
    SetStrike(SetStrike),
    Resolve(Resolve),
    Void(Void),
    /// Also gives back what nobody can execute any more.
    ExecuteOrders(ExecuteOrders),
    SettleTickets(SettleTickets),
    ReleaseSurplus(ReleaseSurplus),
    CloseMarket(CloseMarket),
    ExecuteDeposit(ExecuteDeposit),
    CancelDeposit(CancelDeposit),
    Withdraw(Withdraw),
    LapseWithdraw(LapseWithdraw),
    CloseEventBook(CloseEventBook),
    CollapseQuantum(QuantumAccounts),
    SettleQuantum(QuantumAccounts),
    SettleQuantumTicket {
        accounts: QuantumAccounts,
        owner: Pubkey,
        owner_tokens: Pubkey,
        rent_payer: Pubkey,
    },
    ReleaseQuantum(QuantumAccounts),
    CloseQuantum {
        accounts: QuantumAccounts,
        feed_book_rent_payer: Pubkey,
    },
    ExecuteChain(ExecuteChain),
    CancelChain(CancelChain),
    SettleLegs(SettleLegs),
    ExecuteCashOut(ExecuteCashOut),
    CloseChain(CloseChain),
    CloseChainBook(CloseChainBook),
    AdvanceRolling(AdvanceRolling),
    ExecuteRolling(ExecuteRolling),
    /// What counts in the books of events, or takes off them, where these belong to verses.
    InVerses {
        action: Box<FlashAction>,
        verses: Vec<Pubkey>,
    },
}

impl FlashAction {
    /// What it is called in logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SetStrike(_) => "setting a strike",
            Self::Resolve(_) => "resolving a flash market",
            Self::Void(_) => "voiding a flash market",
            Self::ExecuteOrders(_) => "executing orders",
            Self::SettleTickets(_) => "settling tickets",
            Self::ReleaseSurplus(_) => "releasing a surplus",
            Self::CloseMarket(_) => "closing a flash market",
            Self::ExecuteDeposit(_) => "executing a deposit",
            Self::CancelDeposit(_) => "cancelling a deposit",
            Self::Withdraw(_) => "paying a withdrawal",
            Self::LapseWithdraw(_) => "returning the shares of a withdrawal",
            Self::CloseEventBook(_) => "closing the book of an event",
            Self::CollapseQuantum(_) => "collapsing a quantum group",
            Self::SettleQuantum(_) => "settling a quantum group",
            Self::SettleQuantumTicket { .. } => "settling a quantum ticket",
            Self::ReleaseQuantum(_) => "releasing the surplus of a quantum group",
            Self::CloseQuantum { .. } => "closing a quantum group",
            Self::ExecuteChain(_) => "executing a chain",
            Self::CancelChain(_) => "returning the stake of a chain",
            Self::SettleLegs(_) => "taking results into a chain",
            Self::ExecuteCashOut(_) => "cashing a chain out",
            Self::CloseChain(_) => "paying or closing a chain",
            Self::CloseChainBook(_) => "closing a chain book",
            Self::AdvanceRolling(_) => "moving a rolling chain on",
            Self::ExecuteRolling(_) => "executing a leg of a rolling chain",
            Self::InVerses { action, .. } => action.name(),
        }
    }

    pub fn instruction(&self) -> Instruction {
        match self {
            Self::SetStrike(action) => action.instruction(),
            Self::Resolve(action) => action.instruction(),
            Self::Void(action) => action.instruction(),
            Self::ExecuteOrders(action) => action.instruction(),
            Self::SettleTickets(action) => action.instruction(),
            Self::ReleaseSurplus(action) => action.instruction(),
            Self::CloseMarket(action) => action.instruction(),
            Self::ExecuteDeposit(action) => action.instruction(),
            Self::CancelDeposit(action) => action.instruction(),
            Self::Withdraw(action) => action.instruction(),
            Self::LapseWithdraw(action) => action.instruction(),
            Self::CloseEventBook(action) => action.instruction(),
            Self::CollapseQuantum(accounts) => accounts.collapse(),
            Self::SettleQuantum(accounts) => accounts.settle(),
            Self::SettleQuantumTicket {
                accounts,
                owner,
                owner_tokens,
                rent_payer,
            } => accounts.settle_ticket(*owner, *owner_tokens, *rent_payer),
            Self::ReleaseQuantum(accounts) => accounts.release(),
            Self::CloseQuantum {
                accounts,
                feed_book_rent_payer,
            } => accounts.close(*feed_book_rent_payer),
            Self::ExecuteChain(action) => action.instruction(),
            Self::CancelChain(action) => action.instruction(),
            Self::SettleLegs(action) => action.instruction(),
            Self::ExecuteCashOut(action) => action.instruction(),
            Self::CloseChain(action) => action.instruction(),
            Self::CloseChainBook(action) => action.instruction(),
            Self::AdvanceRolling(action) => action.instruction(),
            Self::ExecuteRolling(action) => action.instruction(),
            Self::InVerses { action, verses } => with_verses(action.instruction(), verses),
        }
    }

    /// The action with the verses of its events, if there are any and it counts in them.
    pub fn in_verses(self, verses: &[Pubkey]) -> Self {
        let counts = matches!(
            self,
            Self::ReleaseSurplus(_)
                | Self::ReleaseQuantum(_)
                | Self::ExecuteChain(_)
                | Self::SettleLegs(_)
                | Self::ExecuteCashOut(_)
        );
        if verses.is_empty() || !counts {
            return self;
        }
        Self::InVerses {
            action: Box::new(self),
            verses: verses.to_vec(),
        }
    }

    /// The two halves of a batch; `None` for what is no batch.
    pub fn halves(&self) -> Option<[Self; 2]> {
        match self {
            Self::SettleTickets(settle) => {
                // One by one: the token program may be another than p-token.
                let with = |tickets| SettleTickets {
                    tickets,
                    in_one_call: false,
                    ..*settle
                };
                Some(cut(&settle.tickets)?.map(|half| Self::SettleTickets(with(half))))
            }
            Self::ExecuteOrders(execute) => {
                let with = |orders| ExecuteOrders {
                    orders,
                    ..execute.clone()
                };
                Some(cut(&execute.orders)?.map(|half| Self::ExecuteOrders(with(half))))
            }
            Self::SettleLegs(settle) => {
                let with = |legs| SettleLegs { legs, ..*settle };
                Some(cut(&settle.legs)?.map(|half| Self::SettleLegs(with(half))))
            }
            Self::InVerses { action, verses } => {
                let halves = action.halves()?;
                Some(halves.map(|half| half.in_verses(verses)))
            }
            _ => None,
        }
    }
}
