//! The vault and its liquidity providers.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction, system_program};
use flash_bets::{
    accounts, instruction,
    instructions::{CreateVaultArgs, RequestDepositArgs, RequestWithdrawArgs},
    ID,
};
use solana_sdk_ids::sysvar::instructions::ID as INSTRUCTIONS;

use crate::{
    addresses::{
        flash_bets::{deposit, lp_mint, operator_fees, vault, vault_tokens, withdrawal},
        oracle,
    },
    instructions::build,
};

/// Creates the vault of a mint; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct CreateVault {
    pub admin: Pubkey,
    pub mint: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    /// Tells the vaults of one mint apart.
    pub id: u64,
    pub args: CreateVaultArgs,
}

impl CreateVault {
    pub fn instruction(&self) -> Instruction {
        let vault = vault(&self.mint, self.id);
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
            &instruction::CreateVault {
                id: self.id,
                args: self.args,
            },
        )
    }
}

/// Gives the vault money that buys LP shares after the notice; signed by its owner.
#[derive(Clone, Copy, Debug)]
pub struct RequestDeposit {
    pub owner: Pubkey,
    /// Pays the rent, gets it back, and signs.
    pub rent_payer: Pubkey,
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
                rent_payer: self.rent_payer,
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
    /// As the deposit names it.
    pub rent_payer: Pubkey,
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
                rent_payer: self.rent_payer,
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
    /// As the deposit names it.
    pub rent_payer: Pubkey,
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
                rent_payer: self.rent_payer,
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
    /// Pays the rent, gets it back, and signs.
    pub rent_payer: Pubkey,
    pub vault: Pubkey,
    pub owner_lp_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    pub args: RequestWithdrawArgs,
}

impl RequestWithdraw {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::RequestWithdraw {
                owner: self.owner,
                rent_payer: self.rent_payer,
                vault: self.vault,
                lp_mint: lp_mint(&self.vault),
                owner_lp_tokens: self.owner_lp_tokens,
                withdrawal: withdrawal(&self.vault, &self.owner),
                token_program: self.token_program,
                system_program: system_program::ID,
            },
            &instruction::RequestWithdraw { args: self.args },
        )
    }
}

/// Pays a withdrawal in its time; anybody.
#[derive(Clone, Copy, Debug)]
pub struct Withdraw {
    pub vault: Pubkey,
    pub owner: Pubkey,
    /// As the withdrawal names it.
    pub rent_payer: Pubkey,
    /// The owner's associated one; with [`super::super::signed_by`] the owner any of the owner's.
    pub owner_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
}

impl Withdraw {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::Withdraw {
                vault: self.vault,
                vault_tokens: vault_tokens(&self.vault),
                withdrawal: withdrawal(&self.vault, &self.owner),
                owner: self.owner,
                rent_payer: self.rent_payer,
                owner_tokens: self.owner_tokens,
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::Withdraw {},
        )
    }
}

/// Takes a withdrawal back before its notice has passed; signed by its owner.
#[derive(Clone, Copy, Debug)]
pub struct CancelWithdraw {
    pub vault: Pubkey,
    pub owner: Pubkey,
    /// As the withdrawal names it.
    pub rent_payer: Pubkey,
    pub owner_lp_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
}

impl CancelWithdraw {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CancelWithdraw {
                owner: self.owner,
                vault: self.vault,
                lp_mint: lp_mint(&self.vault),
                withdrawal: withdrawal(&self.vault, &self.owner),
                rent_payer: self.rent_payer,
                owner_lp_tokens: self.owner_lp_tokens,
                token_program: self.token_program,
            },
            &instruction::CancelWithdraw {},
        )
    }
}

/// Gives back the LP tokens of a withdrawal that was not paid in its time; anybody.
#[derive(Clone, Copy, Debug)]
pub struct LapseWithdraw {
    pub vault: Pubkey,
    pub owner: Pubkey,
    /// As the withdrawal names it.
    pub rent_payer: Pubkey,
    /// The owner's associated one; with [`super::super::signed_by`] the owner any of the owner's.
    pub owner_lp_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
}

impl LapseWithdraw {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::LapseWithdraw {
                vault: self.vault,
                lp_mint: lp_mint(&self.vault),
                withdrawal: withdrawal(&self.vault, &self.owner),
                owner: self.owner,
                rent_payer: self.rent_payer,
                owner_lp_tokens: self.owner_lp_tokens,
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::LapseWithdraw {},
        )
    }
}

/// Pays out the protocol's part of the fees, or what an operator has earned; anybody.
#[derive(Clone, Copy, Debug)]
pub struct CollectFees {
    pub vault: Pubkey,
    /// The treasury or the operator.
    pub receiver: Pubkey,
    /// The receiver's associated one; with [`super::super::signed_by`] the receiver any of the
    /// receiver's.
    pub receiver_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
    /// Whether the receiver is paid what it earned as an operator.
    pub is_operator: bool,
}

impl CollectFees {
    pub fn instruction(&self) -> Instruction {
        let earned = operator_fees(&self.vault, &self.receiver);
        build(
            ID,
            &accounts::CollectFees {
                vault: self.vault,
                vault_tokens: vault_tokens(&self.vault),
                receiver: self.receiver,
                receiver_tokens: self.receiver_tokens,
                operator_fees: self.is_operator.then_some(earned),
                token_program: self.token_program,
                fallback_tokens: None,
            },
            &instruction::CollectFees {},
        )
    }
}

/// Gives an operator the rent of its account back; signed by it, or by anybody once the vault has another.
#[derive(Clone, Copy, Debug)]
pub struct CloseOperatorFees {
    pub authority: Pubkey,
    pub operator: Pubkey,
    pub vault: Pubkey,
}

impl CloseOperatorFees {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CloseOperatorFees {
                authority: self.authority,
                operator: self.operator,
                vault: self.vault,
                operator_fees: operator_fees(&self.vault, &self.operator),
            },
            &instruction::CloseOperatorFees {},
        )
    }
}

/// Closes a vault that nobody has anything in; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct CloseVault {
    pub admin: Pubkey,
    pub vault: Pubkey,
    /// As the vault names it.
    pub rent_payer: Pubkey,
    pub treasury: Pubkey,
    pub treasury_tokens: Pubkey,
    /// Token program of the vault's mint.
    pub token_program: Pubkey,
}

impl CloseVault {
    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CloseVault {
                admin: self.admin,
                config: oracle::config(),
                vault: self.vault,
                vault_tokens: vault_tokens(&self.vault),
                rent_payer: self.rent_payer,
                treasury: self.treasury,
                treasury_tokens: self.treasury_tokens,
                token_program: self.token_program,
                instructions: INSTRUCTIONS,
            },
            &instruction::CloseVault {},
        )
    }
}
