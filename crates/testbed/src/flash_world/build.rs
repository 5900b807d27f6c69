//! Instructions of the flash bets with the accounts that are right.

use anchor_lang::prelude::Pubkey;
use client::{
    addresses::flash_bets as addresses,
    instructions::flash_bets::{
        CancelDeposit, CancelPending, CashOut, CashOutArgs, CloseMarket, CollectFees, CreateMarket,
        CreateMarketArgs, CreateVault, Curve, ExecuteBet, ExecuteDeposit, FeeShare, OpenTicket,
        PlaceBet, PlaceBetArgs, ReleaseSurplus, RequestDeposit, RequestDepositArgs,
        RequestWithdraw, ResolveFromRoot, ResolveFromRootArgs, ResumeMarket, Rule, SettleTickets,
        SettledTicket, SuspendMarket, Withdraw,
    },
};
use result_tree::ResultTree;
use solana_signer::Signer;

use super::{create_vault, uniform, FlashOptions, FlashWorld, User};
use crate::{program_world::feed, simulation::field, Mint};

/// Building instructions: the accounts that are right, for tests that make one of them wrong.
impl FlashWorld {
    pub fn build_vault(&self, mint: Mint, options: &FlashOptions) -> CreateVault {
        create_vault(&self.world, mint, &self.operator, &self.treasury, options)
    }

    pub fn build_deposit(&mut self, user: &User, amount: u64) -> RequestDeposit {
        let deposit = addresses::deposit(&self.vault, &user.address());
        self.accounts.insert(deposit);
        RequestDeposit {
            owner: user.address(),
            vault: self.vault,
            owner_tokens: user.tokens,
            token_program: self.token_program(),
            args: RequestDepositArgs {
                amount,
                min_shares: 0,
            },
        }
    }

    pub fn build_execute_deposit(&self, user: &User) -> ExecuteDeposit {
        ExecuteDeposit {
            vault: self.vault,
            owner: user.address(),
            owner_tokens: user.tokens,
            owner_lp_tokens: user.lp_tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_cancel_deposit(&self, user: &User) -> CancelDeposit {
        CancelDeposit {
            vault: self.vault,
            owner: user.address(),
            owner_tokens: user.tokens,
            token_program: self.token_program(),
        }
    }

    pub fn build_request(&mut self, user: &User, shares: u64) -> RequestWithdraw {
        let withdrawal = addresses::withdrawal(&self.vault, &user.address());
        self.accounts.insert(withdrawal);
        RequestWithdraw {
            owner: user.address(),
            vault: self.vault,
            owner_lp_tokens: user.lp_tokens,
            token_program: self.token_program(),
            shares,
        }
    }

    pub fn build_withdraw(&self, user: &User) -> Withdraw {
        Withdraw {
            owner: user.address(),
            vault: self.vault,
            owner_tokens: user.tokens,
            token_program: self.token_program(),
            min_amount: 0,
        }
    }

    /// A minute of trading without delay, with a feed of its own whose `T` is now.
    pub fn terms(&mut self, outcomes: u8) -> CreateMarketArgs {
        let id = self.next_id();
        CreateMarketArgs {
            id,
            parent: 0,
            feed_id: field(feed(id)),
            rule: Rule::Categorical,
            curve: Curve::Lmsr,
            depth: 1_000_000_000,
            prior: uniform(outcomes),
            micro_tau: false,
            fee_rate: 100,
            observe_at: self.chain().now().0,
            opens_in: 0,
            duration: 60_000,
            freeze: 0,
            delay: 0,
            execution: 0,
            resolution: 60_000,
        }
    }

    pub fn build_market(&mut self, event: Pubkey, args: CreateMarketArgs) -> CreateMarket {
        let market = addresses::market(&self.vault, args.id);
        self.know_market(market);
        self.event_of.insert(market, event);
        CreateMarket {
            operator: self.operator.pubkey(),
            mint: self.mint.address,
            event,
            provider_set: self.world.provider_set,
            verifying_key: self.world.verifying_key,
            token_program: self.token_program(),
            args,
        }
    }

    /// An associated token account with `amount` in it of an address that no key is behind, whose
    /// ticket in the market the checks are to look at.
    pub fn admit(&mut self, owner: Pubkey, market: Pubkey, amount: u64) -> Pubkey {
        self.know(market, addresses::ticket(&market, &owner));
        self.associated_account(owner, amount)
    }

    pub fn build_ticket(&mut self, user: &User, market: Pubkey) -> OpenTicket {
        self.know(market, addresses::ticket(&market, &user.address()));
        OpenTicket {
            owner: user.address(),
            market,
        }
    }

    /// With the next nonce.
    pub fn build_bet(&mut self, user: &User, market: Pubkey, outcome: u8, stake: u64) -> PlaceBet {
        let is_delayed = self.next_order(user, market);
        PlaceBet {
            owner: user.address(),
            vault: self.vault,
            market,
            owner_tokens: user.tokens,
            token_program: self.token_program(),
            is_delayed,
            args: PlaceBetArgs {
                outcome,
                stake,
                min_shares: 0,
                nonce: self.nonce,
            },
        }
    }

    /// With the next nonce.
    pub fn build_cash_out(
        &mut self,
        user: &User,
        market: Pubkey,
        outcome: u8,
        shares: u64,
    ) -> CashOut {
        let is_delayed = self.next_order(user, market);
        CashOut {
            owner: user.address(),
            market,
            owner_tokens: user.tokens,
            token_program: self.token_program(),
            is_delayed,
            args: CashOutArgs {
                outcome,
                shares,
                min_return: 0,
                nonce: self.nonce,
            },
        }
    }

    pub fn build_execute(&self, user: &User, market: Pubkey, nonce: u64) -> ExecuteBet {
        ExecuteBet {
            vault: self.vault,
            market,
            owner: user.address(),
            owner_tokens: user.tokens,
            token_program: self.token_program(),
            nonce,
        }
    }

    pub fn build_cancel(&self, user: &User, market: Pubkey, nonce: u64) -> CancelPending {
        CancelPending {
            market,
            owner: user.address(),
            owner_tokens: user.tokens,
            token_program: self.token_program(),
            nonce,
        }
    }

    pub fn build_settle(&self, market: Pubkey, users: &[&User]) -> SettleTickets {
        SettleTickets {
            market,
            token_program: self.token_program(),
            tickets: users
                .iter()
                .map(|user| SettledTicket {
                    owner: user.address(),
                    owner_tokens: user.tokens,
                })
                .collect(),
        }
    }

    pub fn build_release(&self, market: Pubkey) -> ReleaseSurplus {
        ReleaseSurplus {
            vault: self.vault,
            market,
            event: self.event_of[&market],
            token_program: self.token_program(),
        }
    }

    pub fn build_close(&self, market: Pubkey) -> CloseMarket {
        CloseMarket {
            vault: self.vault,
            market,
            event: self.event_of[&market],
            creator: self.operator.pubkey(),
            token_program: self.token_program(),
        }
    }

    pub fn build_collect(&self, share: FeeShare) -> CollectFees {
        let (receiver, receiver_tokens) = match share {
            FeeShare::Protocol => (self.treasury.pubkey(), self.treasury_tokens),
            FeeShare::Operator => (self.operator.pubkey(), self.operator_tokens),
        };
        CollectFees {
            vault: self.vault,
            receiver,
            receiver_tokens,
            token_program: self.token_program(),
            share,
        }
    }

    pub fn build_suspend(&self, market: Pubkey, slots: u64) -> SuspendMarket {
        SuspendMarket {
            operator: self.operator.pubkey(),
            vault: self.vault,
            market,
            slots,
        }
    }

    pub fn build_resume(&self, market: Pubkey) -> ResumeMarket {
        ResumeMarket {
            operator: self.operator.pubkey(),
            vault: self.vault,
            market,
        }
    }

    /// The instruction that resolves the market on leaf `index` of a verified root.
    pub fn build_resolve_from_root(
        &self,
        market: Pubkey,
        result_root: Pubkey,
        tree: &ResultTree,
        (index, value): (u32, i64),
    ) -> ResolveFromRoot {
        let state = self.market_state(market);
        ResolveFromRoot {
            market,
            provider_set: state.provider_set,
            verifying_key: state.verifying_key,
            result_root,
            observation: state.observation,
            args: ResolveFromRootArgs {
                value,
                index,
                path: tree.path(index).unwrap_or_default(),
            },
        }
    }

    fn next_order(&mut self, user: &User, market: Pubkey) -> bool {
        self.nonce += 1;
        let order = addresses::pending(&market, &user.address(), self.nonce);
        self.know(market, order);
        self.market_state(market).delay_slots > 0
    }
}
