//! Instructions of the flash bets.

use anchor_lang::{
    prelude::Pubkey,
    solana_program::instruction::{AccountMeta, Instruction},
    system_program,
};
use flash_bets::{accounts, instruction, ID};
use solana_sdk_ids::sysvar::instructions::ID as INSTRUCTIONS;

use super::build;
use crate::addresses::{
    flash_bets::{
        deposit, event, lp_mint, market, market_tokens, pending, ticket, vault, vault_tokens,
        withdrawal,
    },
    oracle,
};

pub use flash_bets::{
    instructions::{
        CashOutArgs, CreateMarketArgs, CreateVaultArgs, Curve, FeeShare, PlaceBetArgs,
        RequestDepositArgs, ResolveFromRootArgs, Rule,
    },
    state::{Caps, FeeSplit},
};

/// Creates the vault of a mint; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct CreateVault {
    pub admin: Pubkey,
    pub mint: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    pub args: CreateVaultArgs,
}

impl CreateVault {
    pub fn instruction(&self) -> Instruction {
        let vault = vault(&self.mint);
        build(
            ID,
            &accounts::CreateVault {
                admin: self.admin,
                config: oracle::config(),
                mint: self.mint,
                vault,
                vault_tokens: vault_tokens(&vault),
                lp_mint: lp_mint(&vault),
                instructions: INSTRUCTIONS,
                token_program: self.token_program,
                system_program: system_program::ID,
            },
            &instruction::CreateVault { args: self.args },
        )
    }
}

/// Gives the vault money that buys LP shares after the notice; signed by its owner.
#[derive(Clone, Copy, Debug)]
pub struct RequestDeposit {
    pub owner: Pubkey,
    pub vault: Pubkey,
    pub owner_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    pub args: RequestDepositArgs,
}

impl RequestDeposit {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::RequestDeposit {
                owner: self.owner,
                vault: self.vault,
                vault_tokens: vault_tokens(&self.vault),
                owner_tokens: self.owner_tokens,
                deposit: deposit(&self.vault, &self.owner),
                token_program: self.token_program,
                system_program: system_program::ID,
            },
            &instruction::RequestDeposit { args: self.args },
        )
    }
}

/// Mints the LP shares of a deposit whose notice has passed, or returns its money; anybody.
#[derive(Clone, Copy, Debug)]
pub struct ExecuteDeposit {
    pub vault: Pubkey,
    pub owner: Pubkey,
    /// The owner's associated one; with [`super::signed_by`] the owner any of the owner's.
    pub owner_tokens: Pubkey,
    /// Likewise, of the LP mint.
    pub owner_lp_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
}

impl ExecuteDeposit {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ExecuteDeposit {
                vault: self.vault,
                vault_tokens: vault_tokens(&self.vault),
                lp_mint: lp_mint(&self.vault),
                deposit: deposit(&self.vault, &self.owner),
                owner: self.owner,
                owner_tokens: self.owner_tokens,
                owner_lp_tokens: self.owner_lp_tokens,
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::ExecuteDeposit {},
        )
    }
}

/// Returns a deposit that nobody can execute any more; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CancelDeposit {
    pub vault: Pubkey,
    pub owner: Pubkey,
    /// The owner's associated one; with [`super::signed_by`] the owner any of the owner's.
    pub owner_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
}

impl CancelDeposit {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CancelDeposit {
                vault: self.vault,
                vault_tokens: vault_tokens(&self.vault),
                deposit: deposit(&self.vault, &self.owner),
                owner: self.owner,
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::CancelDeposit {},
        )
    }
}

/// Gives LP shares back, to be paid after the notice; signed by their owner.
#[derive(Clone, Copy, Debug)]
pub struct RequestWithdraw {
    pub owner: Pubkey,
    pub vault: Pubkey,
    pub owner_lp_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    pub shares: u64,
}

impl RequestWithdraw {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::RequestWithdraw {
                owner: self.owner,
                vault: self.vault,
                lp_mint: lp_mint(&self.vault),
                owner_lp_tokens: self.owner_lp_tokens,
                withdrawal: withdrawal(&self.vault, &self.owner),
                token_program: self.token_program,
                system_program: system_program::ID,
            },
            &instruction::RequestWithdraw {
                shares: self.shares,
            },
        )
    }
}

/// Pays a withdrawal whose notice has passed; signed by its owner.
#[derive(Clone, Copy, Debug)]
pub struct Withdraw {
    pub owner: Pubkey,
    pub vault: Pubkey,
    pub owner_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    pub min_amount: u64,
}

impl Withdraw {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Withdraw {
                owner: self.owner,
                vault: self.vault,
                vault_tokens: vault_tokens(&self.vault),
                owner_tokens: self.owner_tokens,
                withdrawal: withdrawal(&self.vault, &self.owner),
                token_program: self.token_program,
            },
            &instruction::Withdraw {
                min_amount: self.min_amount,
            },
        )
    }
}

/// Lowers caps at once or raises them after the timelock; signed by the admin, to lower also by the guardian.
#[derive(Clone, Copy, Debug)]
pub struct SetCaps {
    pub authority: Pubkey,
    pub vault: Pubkey,
    pub caps: Caps,
}

impl SetCaps {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::SetCaps {
                authority: self.authority,
                config: oracle::config(),
                vault: self.vault,
                instructions: INSTRUCTIONS,
            },
            &instruction::SetCaps { caps: self.caps },
        )
    }
}

/// Names the next operator; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct SetOperator {
    pub admin: Pubkey,
    pub vault: Pubkey,
    pub new_operator: Pubkey,
}

impl SetOperator {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::SetOperator {
                admin: self.admin,
                config: oracle::config(),
                vault: self.vault,
                instructions: INSTRUCTIONS,
            },
            &instruction::SetOperator {
                new_operator: self.new_operator,
            },
        )
    }
}

/// Withdraws the next operator; signed by the admin or the guardian.
#[derive(Clone, Copy, Debug)]
pub struct CancelOperator {
    pub authority: Pubkey,
    pub vault: Pubkey,
}

impl CancelOperator {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CancelOperator {
                authority: self.authority,
                config: oracle::config(),
                vault: self.vault,
                instructions: INSTRUCTIONS,
            },
            &instruction::CancelOperator {},
        )
    }
}

/// Stops new risk; signed by the admin or the guardian.
#[derive(Clone, Copy, Debug)]
pub struct Pause {
    pub authority: Pubkey,
    pub vault: Pubkey,
}

impl Pause {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Pause {
                authority: self.authority,
                config: oracle::config(),
                vault: self.vault,
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
    pub vault: Pubkey,
}

impl Unpause {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Unpause {
                admin: self.admin,
                config: oracle::config(),
                vault: self.vault,
                instructions: INSTRUCTIONS,
            },
            &instruction::Unpause {},
        )
    }
}

/// Pays out the protocol's or the operator's part of the fees; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CollectFees {
    pub vault: Pubkey,
    /// The treasury or the operator.
    pub receiver: Pubkey,
    /// The receiver's associated one; with [`super::signed_by`] the receiver any of the receiver's.
    pub receiver_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    pub share: FeeShare,
}

impl CollectFees {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CollectFees {
                vault: self.vault,
                vault_tokens: vault_tokens(&self.vault),
                receiver: self.receiver,
                receiver_tokens: self.receiver_tokens,
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::CollectFees { share: self.share },
        )
    }
}

/// Opens the book of an event; signed by the operator.
#[derive(Clone, Copy, Debug)]
pub struct CreateEvent {
    pub operator: Pubkey,
    pub vault: Pubkey,
    pub id: u64,
}

impl CreateEvent {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CreateEvent {
                operator: self.operator,
                vault: self.vault,
                event: event(&self.vault, self.id),
                system_program: system_program::ID,
            },
            &instruction::CreateEvent { id: self.id },
        )
    }
}

/// Closes the book of an event without markets; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CloseEvent {
    pub event: Pubkey,
    pub rent_payer: Pubkey,
    /// Whether the rent payer signs, which only an event that never had a market needs.
    pub rent_payer_signs: bool,
}

impl CloseEvent {
    pub fn instruction(&self) -> Instruction {
        let mut close = build(
            ID,
            &accounts::CloseEvent {
                event: self.event,
                rent_payer: self.rent_payer,
            },
            &instruction::CloseEvent {},
        );
        for account in &mut close.accounts {
            if account.pubkey == self.rent_payer {
                account.is_signer = self.rent_payer_signs;
            }
        }
        close
    }
}

/// Creates and funds a market; signed by the operator.
#[derive(Clone, Debug)]
pub struct CreateMarket {
    pub operator: Pubkey,
    pub mint: Pubkey,
    pub event: Pubkey,
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    pub args: CreateMarketArgs,
}

impl CreateMarket {
    pub fn instruction(&self) -> Instruction {
        let vault = vault(&self.mint);
        let market = market(&vault, self.args.id);
        build(
            ID,
            &accounts::CreateMarket {
                operator: self.operator,
                vault,
                vault_tokens: vault_tokens(&vault),
                mint: self.mint,
                event: self.event,
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                market,
                market_tokens: market_tokens(&market),
                token_program: self.token_program,
                system_program: system_program::ID,
            },
            &instruction::CreateMarket {
                args: self.args.clone(),
            },
        )
    }
}

/// Suspends trading for some slots; signed by the operator.
#[derive(Clone, Copy, Debug)]
pub struct SuspendMarket {
    pub operator: Pubkey,
    pub vault: Pubkey,
    pub market: Pubkey,
    pub slots: u64,
}

impl SuspendMarket {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::SuspendMarket {
                operator: self.operator,
                vault: self.vault,
                market: self.market,
            },
            &instruction::SuspendMarket { slots: self.slots },
        )
    }
}

/// Ends a suspension early; signed by the operator.
#[derive(Clone, Copy, Debug)]
pub struct ResumeMarket {
    pub operator: Pubkey,
    pub vault: Pubkey,
    pub market: Pubkey,
}

impl ResumeMarket {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ResumeMarket {
                operator: self.operator,
                vault: self.vault,
                market: self.market,
            },
            &instruction::ResumeMarket {},
        )
    }
}

/// Sets the strike of an up/down market; anybody.
#[derive(Clone, Copy, Debug)]
pub struct SetStrike {
    pub market: Pubkey,
    pub observation: Pubkey,
}

impl SetStrike {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::SetStrike {
                market: self.market,
                observation: self.observation,
            },
            &instruction::SetStrike {},
        )
    }
}

/// Opens the signer's ticket in a market.
#[derive(Clone, Copy, Debug)]
pub struct OpenTicket {
    pub owner: Pubkey,
    pub market: Pubkey,
}

impl OpenTicket {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::OpenTicket {
                owner: self.owner,
                market: self.market,
                ticket: ticket(&self.market, &self.owner),
                system_program: system_program::ID,
            },
            &instruction::OpenTicket {},
        )
    }
}

/// Bets an exact stake on an outcome; signed by the owner of ticket and money.
#[derive(Clone, Copy, Debug)]
pub struct PlaceBet {
    pub owner: Pubkey,
    pub vault: Pubkey,
    pub market: Pubkey,
    pub owner_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    /// Whether the market has a bet delay.
    pub is_delayed: bool,
    pub args: PlaceBetArgs,
}

impl PlaceBet {
    pub fn instruction(&self) -> Instruction {
        let pending = self
            .is_delayed
            .then(|| pending(&self.market, &self.owner, self.args.nonce));
        build(
            ID,
            &accounts::PlaceBet {
                owner: self.owner,
                vault: self.vault,
                market: self.market,
                ticket: ticket(&self.market, &self.owner),
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                pending,
                token_program: self.token_program,
                system_program: self.is_delayed.then_some(system_program::ID),
            },
            &instruction::PlaceBet { args: self.args },
        )
    }
}

/// Sells shares back; signed by the owner of the ticket.
#[derive(Clone, Copy, Debug)]
pub struct CashOut {
    pub owner: Pubkey,
    pub market: Pubkey,
    pub owner_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    /// Whether the market has a bet delay.
    pub is_delayed: bool,
    pub args: CashOutArgs,
}

impl CashOut {
    pub fn instruction(&self) -> Instruction {
        let pending = self
            .is_delayed
            .then(|| pending(&self.market, &self.owner, self.args.nonce));
        build(
            ID,
            &accounts::CashOut {
                owner: self.owner,
                market: self.market,
                ticket: ticket(&self.market, &self.owner),
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                pending,
                token_program: self.token_program,
                system_program: self.is_delayed.then_some(system_program::ID),
            },
            &instruction::CashOut { args: self.args },
        )
    }
}

/// Executes a pending order; anybody.
#[derive(Clone, Copy, Debug)]
pub struct ExecuteBet {
    pub vault: Pubkey,
    pub market: Pubkey,
    pub owner: Pubkey,
    /// The owner's associated one; with [`super::signed_by`] the owner any of the owner's.
    pub owner_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    pub nonce: u64,
}

impl ExecuteBet {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ExecuteBet {
                vault: self.vault,
                market: self.market,
                ticket: ticket(&self.market, &self.owner),
                pending: pending(&self.market, &self.owner, self.nonce),
                owner: self.owner,
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::ExecuteBet {},
        )
    }
}

/// Returns what an order put in that nobody can execute any more; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CancelPending {
    pub market: Pubkey,
    pub owner: Pubkey,
    /// The owner's associated one; with [`super::signed_by`] the owner any of the owner's.
    pub owner_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    pub nonce: u64,
}

impl CancelPending {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CancelPending {
                market: self.market,
                ticket: ticket(&self.market, &self.owner),
                pending: pending(&self.market, &self.owner, self.nonce),
                owner: self.owner,
                market_tokens: market_tokens(&self.market),
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::CancelPending {},
        )
    }
}

/// Settles a market on an observation; anybody.
#[derive(Clone, Copy, Debug)]
pub struct Resolve {
    pub market: Pubkey,
    pub observation: Pubkey,
}

impl Resolve {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Resolve {
                market: self.market,
                observation: self.observation,
            },
            &instruction::Resolve {},
        )
    }
}

/// Settles a market on a result in a verified root; anybody.
#[derive(Clone, Debug)]
pub struct ResolveFromRoot {
    pub market: Pubkey,
    /// Those of the market.
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    pub result_root: Pubkey,
    /// The one that the market names, whether it is there or not.
    pub observation: Pubkey,
    pub args: ResolveFromRootArgs,
}

impl ResolveFromRoot {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ResolveFromRoot {
                market: self.market,
                provider_set: self.provider_set,
                verifying_key: self.verifying_key,
                result_root: self.result_root,
                observation: self.observation,
            },
            &instruction::ResolveFromRoot {
                args: self.args.clone(),
            },
        )
    }
}

/// Settles a market whose observation is contradicted at its slow prices; anybody.
#[derive(Clone, Copy, Debug)]
pub struct VoidConflicted {
    pub market: Pubkey,
    pub observation: Pubkey,
}

impl VoidConflicted {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::VoidConflicted {
                market: self.market,
                observation: self.observation,
            },
            &instruction::VoidConflicted {},
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

/// A ticket to settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettledTicket {
    pub owner: Pubkey,
    /// The owner's associated one; with [`super::signed_by`] the owner any of the owner's.
    /// Anything if the ticket pays nothing.
    pub owner_tokens: Pubkey,
}

/// Pays and closes tickets of a settled market; anybody. About ten fit a transaction.
#[derive(Clone, Debug)]
pub struct SettleTickets {
    pub market: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    pub tickets: Vec<SettledTicket>,
}

impl SettleTickets {
    pub fn instruction(&self) -> Instruction {
        let mut built = build(
            ID,
            &accounts::SettleTickets {
                market: self.market,
                market_tokens: market_tokens(&self.market),
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::SettleTickets {},
        );
        for settled in &self.tickets {
            let ticket = ticket(&self.market, &settled.owner);
            for address in [ticket, settled.owner, settled.owner_tokens] {
                built.accounts.push(AccountMeta::new(address, false));
            }
        }
        built
    }
}

/// Gives the vault what a settled market does not owe; anybody.
#[derive(Clone, Copy, Debug)]
pub struct ReleaseSurplus {
    pub vault: Pubkey,
    pub market: Pubkey,
    pub event: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
}

impl ReleaseSurplus {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::ReleaseSurplus {
                vault: self.vault,
                vault_tokens: vault_tokens(&self.vault),
                market: self.market,
                market_tokens: market_tokens(&self.market),
                event: self.event,
                token_program: self.token_program,
            },
            &instruction::ReleaseSurplus {},
        )
    }
}

/// Closes a settled market after its last ticket; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CloseMarket {
    pub vault: Pubkey,
    pub market: Pubkey,
    pub event: Pubkey,
    pub creator: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
}

impl CloseMarket {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CloseMarket {
                vault: self.vault,
                vault_tokens: vault_tokens(&self.vault),
                market: self.market,
                market_tokens: market_tokens(&self.market),
                event: self.event,
                creator: self.creator,
                token_program: self.token_program,
            },
            &instruction::CloseMarket {},
        )
    }
}
