//! Bets, sales and the orders that wait.

use anchor_lang::{
    prelude::Pubkey,
    solana_program::instruction::{AccountMeta, Instruction},
    system_program, InstructionData,
};
use flash_bets::{
    accounts, instruction,
    instructions::{CashOutArgs, FlashBuySharesArgs, PlaceBetArgs},
    state::Order,
    ID,
};

use crate::{
    addresses::flash_bets::{market_tokens, pending_order, ticket},
    instructions::build,
};

/// Opens an owner's ticket in a market; signed by who pays the rent.
#[derive(Clone, Copy, Debug)]
pub struct OpenTicket {
    pub rent_payer: Pubkey,
    pub owner: Pubkey,
    pub market: Pubkey,
}

impl OpenTicket {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::OpenTicket {
                rent_payer: self.rent_payer,
                owner: self.owner,
                market: self.market,
                ticket: ticket(&self.market, &self.owner),
                system_program: system_program::ID,
            },
            &instruction::OpenTicket {},
        )
    }
}

/// Gives shares to another ticket of the market; signed by the owner.
#[derive(Clone, Copy, Debug)]
pub struct TransferShares {
    pub owner: Pubkey,
    pub market: Pubkey,
    /// Has a ticket.
    pub receiver: Pubkey,
    pub outcome: u8,
    pub shares: u64,
}

impl TransferShares {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::TransferShares {
                owner: self.owner,
                market: self.market,
                ticket: ticket(&self.market, &self.owner),
                receiver: ticket(&self.market, &self.receiver),
            },
            &instruction::TransferShares {
                outcome: self.outcome,
                shares: self.shares,
            },
        )
    }
}

/// Keeps others from settling a ticket for a day after the settlement; signed by its owner.
#[derive(Clone, Copy, Debug)]
pub struct HoldTicket {
    pub owner: Pubkey,
    pub market: Pubkey,
}

impl HoldTicket {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::HoldTicket {
                owner: self.owner,
                market: self.market,
                ticket: ticket(&self.market, &self.owner),
            },
            &instruction::HoldTicket {},
        )
    }
}

/// Who buys for whom, and where the order waits.
#[derive(Clone, Copy, Debug)]
pub struct Buyer {
    /// Whose money it is; signs.
    pub payer: Pubkey,
    pub payer_tokens: Pubkey,
    /// Of the ticket.
    pub owner: Pubkey,
    pub vault: Pubkey,
    pub market: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    /// Who pays rent and tip of a pending order, and signs; only in a market with a bet delay.
    pub order_rent_payer: Option<Pubkey>,
    /// Distinguishes the payer's pending orders.
    pub nonce: u64,
}

impl Buyer {
    fn build(&self, data: &impl InstructionData) -> Instruction {
        let pending = pending_order(&self.market, &self.payer, self.nonce);
        let accounts = accounts::PlaceBet {
            payer: self.payer,
            vault: self.vault,
            market: self.market,
            ticket: ticket(&self.market, &self.owner),
            market_tokens: market_tokens(&self.market),
            payer_tokens: self.payer_tokens,
            pending: self.order_rent_payer.map(|_| pending),
            rent_payer: self.order_rent_payer,
            token_program: self.token_program,
            system_program: self.order_rent_payer.map(|_| system_program::ID),
        };
        build(ID, &accounts, data)
    }
}

/// Bets an exact stake on an outcome, for a ticket that is there.
#[derive(Clone, Copy, Debug)]
pub struct PlaceBet {
    pub buyer: Buyer,
    pub args: PlaceBetArgs,
}

impl PlaceBet {
    pub fn instruction(&self) -> Instruction {
        let (nonce, args) = (self.buyer.nonce, self.args);
        self.buyer.build(&instruction::PlaceBet { nonce, args })
    }
}

/// Buys exact shares of an outcome, for a ticket that is there.
#[derive(Clone, Copy, Debug)]
pub struct BuyShares {
    pub buyer: Buyer,
    pub args: FlashBuySharesArgs,
}

impl BuyShares {
    pub fn instruction(&self) -> Instruction {
        let (nonce, args) = (self.buyer.nonce, self.args);
        self.buyer.build(&instruction::BuyShares { nonce, args })
    }
}

/// Opens a ticket if there is none, and bets an exact stake for it; signed by payer and rent payer.
#[derive(Clone, Copy, Debug)]
pub struct OpenTicketAndBet {
    pub buyer: Buyer,
    /// Pays the ticket's rent, and rent and tip of a pending order.
    pub rent_payer: Pubkey,
    pub args: PlaceBetArgs,
}

impl OpenTicketAndBet {
    pub fn instruction(&self) -> Instruction {
        let buyer = &self.buyer;
        let pending = pending_order(&buyer.market, &buyer.payer, buyer.nonce);
        build(
            ID,
            &accounts::OpenTicketAndBet {
                payer: buyer.payer,
                owner: buyer.owner,
                vault: buyer.vault,
                market: buyer.market,
                ticket: ticket(&buyer.market, &buyer.owner),
                market_tokens: market_tokens(&buyer.market),
                payer_tokens: buyer.payer_tokens,
                pending: buyer.order_rent_payer.map(|_| pending),
                rent_payer: self.rent_payer,
                token_program: buyer.token_program,
                system_program: system_program::ID,
            },
            &instruction::OpenTicketAndBet {
                nonce: buyer.nonce,
                args: self.args,
            },
        )
    }
}

/// Sells shares back; signed by the owner of the ticket.
#[derive(Clone, Copy, Debug)]
pub struct CashOut {
    pub owner: Pubkey,
    pub vault: Pubkey,
    pub market: Pubkey,
    pub owner_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    /// Who pays rent and tip of a pending order, and signs; only in a market with a bet delay.
    pub order_rent_payer: Option<Pubkey>,
    /// Distinguishes the owner's pending orders.
    pub nonce: u64,
    pub args: CashOutArgs,
}

impl CashOut {
    pub fn instruction(&self) -> Instruction {
        let pending = pending_order(&self.market, &self.owner, self.nonce);
        build(
            ID,
            &accounts::CashOut {
                owner: self.owner,
                vault: self.vault,
                market: self.market,
                ticket: ticket(&self.market, &self.owner),
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                pending: self.order_rent_payer.map(|_| pending),
                rent_payer: self.order_rent_payer,
                token_program: self.token_program,
                system_program: self.order_rent_payer.map(|_| system_program::ID),
            },
            &instruction::CashOut {
                nonce: self.nonce,
                args: self.args,
            },
        )
    }
}

/// A pending order to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedOrder {
    /// Who placed it, and owns the ticket that it is for.
    pub placer: Pubkey,
    pub owner: Pubkey,
    pub nonce: u64,
    /// The placer's associated one; with [`signed_by`](crate::instructions::signed_by) the placer any
    /// of the placer's. Anything if nothing is paid.
    pub placer_tokens: Pubkey,
    pub rent_payer: Pubkey,
}

/// Executes pending orders, or returns what they put in; anybody. About five fit a transaction.
#[derive(Clone, Debug)]
pub struct ExecuteOrders {
    pub vault: Pubkey,
    pub market: Pubkey,
    /// Where the market's observation is, or would be.
    pub observation: Pubkey,
    /// Gets the tips.
    pub executor: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    pub orders: Vec<EndedOrder>,
}

impl ExecuteOrders {
    pub fn instruction(&self) -> Instruction {
        let mut built = build(
            ID,
            &accounts::ExecuteOrders {
                vault: self.vault,
                market: self.market,
                market_tokens: market_tokens(&self.market),
                observation: self.observation,
                executor: self.executor,
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::ExecuteOrders {},
        );
        for order in &self.orders {
            let accounts = [
                pending_order(&self.market, &order.placer, order.nonce),
                ticket(&self.market, &order.owner),
                order.placer,
                order.placer_tokens,
                order.rent_payer,
            ];
            let writable = accounts.map(|address| AccountMeta::new(address, false));
            built.accounts.extend(writable);
        }
        built
    }
}

/// Has a pending order stay when it ends; signed by its placer and who paid its rent.
#[derive(Clone, Copy, Debug)]
pub struct KeepReceipt {
    pub placer: Pubkey,
    pub rent_payer: Pubkey,
    pub market: Pubkey,
    pub nonce: u64,
}

impl KeepReceipt {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::KeepReceipt {
                placer: self.placer,
                rent_payer: self.rent_payer,
                market: self.market,
                pending: pending_order(&self.market, &self.placer, self.nonce),
            },
            &instruction::KeepReceipt {},
        )
    }
}

/// Closes what stayed of a pending order; signed by its placer.
#[derive(Clone, Copy, Debug)]
pub struct CloseReceipt {
    pub placer: Pubkey,
    /// Paid its rent.
    pub rent_payer: Pubkey,
    pub market: Pubkey,
    pub nonce: u64,
}

impl CloseReceipt {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CloseReceipt {
                placer: self.placer,
                pending: pending_order(&self.market, &self.placer, self.nonce),
                rent_payer: self.rent_payer,
            },
            &instruction::CloseReceipt {},
        )
    }
}

/// Returns what an order would come to now; anybody.
#[derive(Clone, Copy, Debug)]
pub struct QuoteOrder {
    pub market: Pubkey,
    pub outcome: u8,
    pub order: Order,
}

impl QuoteOrder {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Quote {
                market: self.market,
            },
            &instruction::Quote {
                outcome: self.outcome,
                order: self.order,
            },
        )
    }
}
