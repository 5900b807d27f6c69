//! The vault and its liquidity providers.

use anchor_lang::prelude::Pubkey;
use anchor_lang::solana_program::instruction::Instruction;
use anchor_lang::system_program;
use flash_bets::accounts;
use flash_bets::instruction;
use flash_bets::instructions::CreateVaultArgs;
use flash_bets::instructions::FeeShare;
use flash_bets::instructions::RequestDepositArgs;
use flash_bets::ID;
use solana_sdk_ids::sysvar::instructions::ID as INSTRUCTIONS;

use crate::addresses::flash_bets::deposit;
use crate::addresses::flash_bets::lp_mint;
use crate::addresses::flash_bets::vault;
use crate::addresses::flash_bets::vault_tokens;
use crate::addresses::flash_bets::withdrawal;
use crate::addresses::oracle;
use crate::instructions::build;

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
