//! A pool and its lenders.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction, system_program};
use leverage::{accounts, instruction, state::PoolTerms, ID};
use program_kit::INSTRUCTIONS_SYSVAR;

use super::PoolAccounts;
use crate::{
    addresses::{
        leverage::{deposit, group, pool, pool_tokens, withdrawal},
        oracle::config,
    },
    instructions::build,
};

/// Makes a pool; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct CreatePool {
    pub admin: Pubkey,
    pub mint: Pubkey,
    pub token_program: Pubkey,
    pub id: u64,
    pub terms: PoolTerms,
}

impl CreatePool {
    /// Address of the pool.
    pub fn pool(&self) -> Pubkey {
        pool(&self.mint, self.id)
    }

    pub fn instruction(&self) -> Instruction {
        let pool = self.pool();
        build(
            ID,
            &accounts::CreatePool {
                admin: self.admin,
                config: config(),
                mint: self.mint,
                pool,
                pool_tokens: pool_tokens(&pool),
                instructions: INSTRUCTIONS_SYSVAR,
                token_program: self.token_program,
                system_program: system_program::ID,
            },
            &instruction::CreatePool {
                id: self.id,
                terms: self.terms,
            },
        )
    }
}

/// Makes a group of markets that are lost together; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct CreateGroup {
    pub admin: Pubkey,
    pub pool: Pubkey,
    pub id: u64,
}

impl CreateGroup {
    /// Address of the group.
    pub fn group(&self) -> Pubkey {
        group(&self.pool, self.id)
    }

    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::CreateGroup {
                admin: self.admin,
                config: config(),
                pool: self.pool,
                group: self.group(),
                instructions: INSTRUCTIONS_SYSVAR,
                system_program: system_program::ID,
            },
            &instruction::CreateGroup { id: self.id },
        )
    }
}

/// Closes a group without listings; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct CloseGroup {
    pub admin: Pubkey,
    pub pool: Pubkey,
    pub group: Pubkey,
    /// Paid the group's rent.
    pub rent_payer: Pubkey,
}

impl CloseGroup {
    pub fn instruction(&self) -> Instruction {
        let accounts = accounts::CloseGroup {
            admin: self.admin,
            config: config(),
            pool: self.pool,
            group: self.group,
            rent_payer: self.rent_payer,
            instructions: INSTRUCTIONS_SYSVAR,
        };
        build(ID, &accounts, &instruction::CloseGroup {})
    }
}

/// Closes a pool that nobody has anything in; signed by the admin.
#[derive(Clone, Copy, Debug)]
pub struct ClosePool {
    pub admin: Pubkey,
    pub pool: PoolAccounts,
    /// Paid the pool's rent.
    pub rent_payer: Pubkey,
    /// Gets the insurance.
    pub rest_tokens: Pubkey,
}

impl ClosePool {
    pub fn instruction(&self) -> Instruction {
        let accounts = accounts::ClosePool {
            pool: self.pool.pool,
            pool_tokens: self.pool.pool_tokens(),
            admin: self.admin,
            config: config(),
            rent_payer: self.rent_payer,
            rest_tokens: self.rest_tokens,
            instructions: INSTRUCTIONS_SYSVAR,
            token_program: self.pool.token_program,
        };
        build(ID, &accounts, &instruction::ClosePool {})
    }
}

/// Puts money into a pool after a notice; signed by owner and rent payer.
#[derive(Clone, Copy, Debug)]
pub struct RequestDeposit {
    pub pool: PoolAccounts,
    pub owner: Pubkey,
    pub owner_tokens: Pubkey,
    pub rent_payer: Pubkey,
    /// Of the owner's choice: two deposits of his in one pool differ in it.
    pub nonce: u64,
    pub amount: u64,
    /// Least that its shares have to be due at once, as if all that is lent were lost; base units.
    pub min_due: u64,
}

impl RequestDeposit {
    /// Address of the deposit.
    pub fn deposit(&self) -> Pubkey {
        deposit(&self.pool.pool, &self.owner, self.nonce)
    }

    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::RequestDeposit {
                owner: self.owner,
                rent_payer: self.rent_payer,
                pool: self.pool.pool,
                pool_tokens: self.pool.pool_tokens(),
                owner_tokens: self.owner_tokens,
                deposit: self.deposit(),
                token_program: self.pool.token_program,
                system_program: system_program::ID,
            },
            &instruction::RequestDeposit {
                nonce: self.nonce,
                amount: self.amount,
                min_due: self.min_due,
            },
        )
    }
}

/// Ends a deposit that waits.
#[derive(Clone, Copy, Debug)]
pub struct EndDeposit {
    pub pool: PoolAccounts,
    pub owner: Pubkey,
    /// The owner's associated token account, or any of his if he signs.
    pub owner_tokens: Pubkey,
    /// Paid the deposit's rent.
    pub rent_payer: Pubkey,
    pub nonce: u64,
}

impl EndDeposit {
    /// Has it buy shares.
    pub fn execute(&self) -> Instruction {
        build(ID, &self.accounts(), &instruction::ExecuteDeposit {})
    }

    /// Has it given back.
    pub fn cancel(&self) -> Instruction {
        build(ID, &self.accounts(), &instruction::CancelDeposit {})
    }

    fn accounts(&self) -> accounts::EndDeposit {
        accounts::EndDeposit {
            pool: self.pool.pool,
            pool_tokens: self.pool.pool_tokens(),
            deposit: deposit(&self.pool.pool, &self.owner, self.nonce),
            owner: self.owner,
            rent_payer: self.rent_payer,
            owner_tokens: self.owner_tokens,
            token_program: self.pool.token_program,
            fallback_tokens: None,
        }
    }
}

/// Announces that shares of a deposit leave; signed by owner and rent payer.
#[derive(Clone, Copy, Debug)]
pub struct RequestWithdraw {
    pub pool: Pubkey,
    pub owner: Pubkey,
    pub rent_payer: Pubkey,
    /// Of the deposit.
    pub nonce: u64,
    pub shares: u64,
    pub min_amount: u64,
}

impl RequestWithdraw {
    /// Address of the withdrawal.
    pub fn withdrawal(&self) -> Pubkey {
        withdrawal(&deposit(&self.pool, &self.owner, self.nonce))
    }

    pub fn instruction(&self) -> Instruction {
        build(
            ID,
            &accounts::RequestWithdraw {
                owner: self.owner,
                rent_payer: self.rent_payer,
                pool: self.pool,
                deposit: deposit(&self.pool, &self.owner, self.nonce),
                withdrawal: self.withdrawal(),
                system_program: system_program::ID,
            },
            &instruction::RequestWithdraw {
                shares: self.shares,
                min_amount: self.min_amount,
            },
        )
    }
}

/// Pays a withdrawal.
#[derive(Clone, Copy, Debug)]
pub struct ExecuteWithdraw {
    pub pool: PoolAccounts,
    pub owner: Pubkey,
    /// The owner's associated token account, or any of his if he signs.
    pub owner_tokens: Pubkey,
    /// Of the deposit.
    pub nonce: u64,
    /// Paid the withdrawal's rent, and the deposit's.
    pub rent_payer: Pubkey,
    pub deposit_rent_payer: Pubkey,
}

impl ExecuteWithdraw {
    pub fn instruction(&self) -> Instruction {
        let deposit = deposit(&self.pool.pool, &self.owner, self.nonce);
        build(
            ID,
            &accounts::ExecuteWithdraw {
                pool: self.pool.pool,
                pool_tokens: self.pool.pool_tokens(),
                deposit,
                withdrawal: withdrawal(&deposit),
                owner: self.owner,
                rent_payer: self.rent_payer,
                deposit_rent_payer: self.deposit_rent_payer,
                owner_tokens: self.owner_tokens,
                token_program: self.pool.token_program,
                fallback_tokens: None,
            },
            &instruction::ExecuteWithdraw {},
        )
    }
}

/// Gives a deposit the shares back of a withdrawal that nobody had paid in time.
#[derive(Clone, Copy, Debug)]
pub struct CancelWithdraw {
    pub pool: Pubkey,
    pub owner: Pubkey,
    /// Of the deposit.
    pub nonce: u64,
    /// Paid the withdrawal's rent.
    pub rent_payer: Pubkey,
}

impl CancelWithdraw {
    pub fn instruction(&self) -> Instruction {
        let deposit = deposit(&self.pool, &self.owner, self.nonce);
        build(
            ID,
            &accounts::CancelWithdraw {
                pool: self.pool,
                deposit,
                withdrawal: withdrawal(&deposit),
                rent_payer: self.rent_payer,
            },
            &instruction::CancelWithdraw {},
        )
    }
}
