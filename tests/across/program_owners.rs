//! What an address of another program owns: nobody has a key to it, its program acts in its name,
//! and anybody has it paid at its associated token account.

use anchor_lang::{error::ErrorCode, prelude::Pubkey, solana_program::instruction::Instruction};
use client::{
    addresses,
    instructions::{flash_bets as flash_instructions, markets::*},
};
use markets::{
    error::MarketError,
    state::{LiquidityPosition, Position},
};
use solana_signer::Signer;
use testbed::{agent, ExpectError, FlashWorld, MarketsWorld, Trader};

use crate::support::unsigned;

const PURSE: u64 = 100_000_000_000;
const STAKE: u64 = 400_000_000;
const LAMPORTS: u64 = 1_000_000_000;

/// A market with some shares out, and an agent with an account of everything in it.
struct Scene {
    markets: MarketsWorld,
    market: Pubkey,
    agent: Pubkey,
    tokens: Pubkey,
    payer: Trader,
    /// Lamports that the agent's accounts in the market hold.
    rent: u64,
}

impl Scene {
    fn new(curve: Curve, outcomes: u8) -> Self {
        let mut markets = MarketsWorld::start(&Default::default());
        let mut terms = markets.terms(outcomes);
        terms.curve = curve;
        let market = markets.market(terms);
        let agent = agent::address();
        let tokens = markets.admit(agent, market, PURSE);
        markets
            .world
            .chain
            .airdrop(agent, LAMPORTS)
            .expect("lamports");
        let payer = markets.trader(PURSE);
        let mut scene = Self {
            markets,
            market,
            agent,
            tokens,
            payer,
            rent: 0,
        };
        scene.open_accounts();
        scene
    }

    /// Somebody else pays the rent.
    fn open_accounts(&mut self) {
        let (payer, owner, market) = (self.payer.address(), self.agent, self.market);
        let position = OpenPosition {
            payer,
            owner,
            market,
            is_held: false,
        };
        let liquidity = OpenLiquidity {
            payer,
            owner,
            market,
        };
        let opened = [position.instruction(), liquidity.instruction()];
        let key = self.payer.key.insecure_clone();
        for open in &opened {
            let open = agent::in_the_name_of_the_agent(open);
            self.markets.send(open, &[&key]).expect("an account");
        }
        let all = [
            addresses::markets::position(&market, &owner),
            addresses::markets::liquidity(&market, &owner),
        ];
        self.rent = all
            .iter()
            .map(|address| self.markets.chain().lamports(*address).expect("rent"))
            .sum();
    }

    /// Has the agent do something, which nobody else can do for it; gives what that brought it.
    #[track_caller]
    fn act(&mut self, instruction: &Instruction) -> i64 {
        let before = self.markets.balance(self.tokens);
        self.markets
            .send(unsigned(instruction.clone(), self.agent), &[])
            .expect_refusal(ErrorCode::AccountNotSigner);
        let acted = agent::in_the_name_of_the_agent(instruction);
        self.markets.send(acted, &[]).expect("the agent's act");
        self.markets.balance(self.tokens).wrapping_sub(before) as i64
    }

    fn shares(&self) -> Vec<u64> {
        let address = addresses::markets::position(&self.market, &self.agent);
        self.markets.read::<Position>(address).holdings.shares
    }

    fn liquidity(&self) -> LiquidityPosition {
        let address = addresses::markets::liquidity(&self.market, &self.agent);
        self.markets.read(address)
    }

    fn buyer(&self) -> Buyer {
        Buyer {
            payer: self.agent,
            payer_tokens: self.tokens,
            owner: self.agent,
            venue: self.markets.venue,
            market: self.market,
            token_program: self.markets.token_program(),
        }
    }

    fn holder(&self) -> Holder {
        Holder {
            owner: self.agent,
            owner_tokens: self.tokens,
            venue: self.markets.venue,
            market: self.market,
            token_program: self.markets.token_program(),
        }
    }

    fn buy(&self, outcome: u8, stake: u64) -> Instruction {
        Buy {
            buyer: self.buyer(),
            args: BuyArgs {
                outcome,
                stake,
                min_shares: 0,
            },
        }
        .instruction()
    }

    fn buy_shares(&self, outcome: u8, shares: u64) -> Instruction {
        BuyShares {
            buyer: self.buyer(),
            args: BuySharesArgs {
                outcome,
                shares,
                max_cost: u64::MAX,
            },
        }
        .instruction()
    }

    fn sell(&self, outcome: u8, shares: u64) -> Instruction {
        Sell {
            holder: self.holder(),
            args: SellArgs {
                outcome,
                shares,
                min_return: 0,
            },
        }
        .instruction()
    }

    fn split(&self, amount: u64) -> Instruction {
        Split {
            buyer: self.buyer(),
            amount,
        }
        .instruction()
    }

    fn merge(&self, amount: u64) -> Instruction {
        Merge {
            holder: self.holder(),
            amount,
        }
        .instruction()
    }

    fn add(&self, amount: u64) -> Instruction {
        AddLiquidity {
            holder: self.holder(),
            args: AddLiquidityArgs {
                amount,
                min_shares: 0,
                min_returned: Vec::new(),
            },
        }
        .instruction()
    }

    fn remove(&self, shares: u64) -> Instruction {
        RemoveLiquidity {
            holder: self.holder(),
            args: RemoveLiquidityArgs {
                shares,
                min_cash: 0,
                min_returned: Vec::new(),
            },
        }
        .instruction()
    }

    fn redeem(&self, owner_tokens: Pubkey) -> Instruction {
        Redeem {
            market: self.market,
            token_program: self.markets.token_program(),
            positions: vec![RedeemedPosition {
                owner: self.agent,
                rent_payer: self.payer.address(),
                owner_tokens,
            }],
        }
        .instruction()
    }

    fn redeem_liquidity(&self, owner_tokens: Pubkey) -> Instruction {
        RedeemLiquidity {
            venue: self.markets.venue,
            market: self.market,
            owner: self.agent,
            rent_payer: self.payer.address(),
            owner_tokens,
            token_program: self.markets.token_program(),
        }
        .instruction()
    }

    /// Settles on `outcome`, has anybody pay the agent, and asserts that it got what it owned and
    /// nobody else could be given it.
    fn finish(mut self, outcome: i64) {
        let market = self.market;
        self.markets.resolve(market, outcome);
        let winner = usize::try_from(outcome).expect("an outcome");
        let payout = self.shares()[winner];
        let before = self.markets.balance(self.tokens);
        let payer = self.payer.address();
        let lamports = self.markets.chain().lamports(payer).expect("lamports");
        let elsewhere = self.markets.token_account(self.agent, 0);
        for wrong in [self.payer.tokens, elsewhere] {
            let redeem = self.redeem(wrong);
            self.markets
                .send(redeem, &[])
                .expect_refusal(MarketError::NothingRedeemed);
            let redeem = self.redeem_liquidity(wrong);
            self.markets
                .send(redeem, &[])
                .expect_refusal(MarketError::WrongTokenAccount);
        }
        let redeem = self.redeem(self.tokens);
        self.markets.send(redeem, &[]).expect("a payout");
        assert_eq!(self.markets.balance(self.tokens), before + payout);

        let mut state = self.markets.state(market);
        let mut liquidity = self.liquidity();
        let fees = state
            .take_fees(&mut liquidity, self.markets.moment())
            .expect("fees");
        let value = state
            .redeem_liquidity(liquidity.shares)
            .expect("a provider's part");
        assert!(value > 0);
        let redeem = self.redeem_liquidity(self.tokens);
        self.markets.send(redeem, &[]).expect("a payout");
        assert_eq!(
            self.markets.balance(self.tokens),
            before + payout + value + fees
        );
        assert_eq!(
            self.markets.chain().lamports(payer).expect("lamports"),
            lamports + self.rent,
            "the rent is the payer's"
        );
        // Which has the rest paid, and asserts that nothing is left.
        self.markets.resolve_all(market, &[]);
    }
}

#[test]
fn program_trades_and_provides_on_an_lmsr() {
    trades_and_provides_with_sets(Curve::Lmsr, 3);
}

#[test]
fn program_trades_and_provides_on_a_pm_amm() {
    trades_and_provides_with_sets(Curve::PmAmm { micro_tau: false }, 2);
}

fn trades_and_provides_with_sets(curve: Curve, outcomes: u8) {
    let mut scene = Scene::new(curve, outcomes);
    assert_eq!(scene.act(&scene.buy(0, STAKE)), -(STAKE as i64));
    assert!(scene.act(&scene.buy_shares(1, 1_000_000)) < 0);
    assert_eq!(scene.shares()[1], 1_000_000);
    assert!(scene.act(&scene.sell(1, 400_000)) > 0);
    assert_eq!(scene.act(&scene.split(5_000_000)), -5_000_000);
    assert_eq!(scene.act(&scene.merge(2_000_000)), 2_000_000);
    assert_eq!(scene.shares()[1], 600_000 + 3_000_000);
    assert_eq!(scene.act(&scene.add(STAKE)), -(STAKE as i64));
    let provided = scene.liquidity().shares;
    assert!(provided > 0);
    assert!(scene.act(&scene.remove(provided / 3)) > 0);
    assert_eq!(scene.liquidity().shares, provided - provided / 3);
    // A trade of the agent's own pays it a fee as a provider.
    scene.act(&scene.buy(1, STAKE));
    scene.finish(0);
}

#[test]
fn program_trades_and_provides_on_l2_bins() {
    let mut scene = Scene::new(Curve::L2, 16);
    // It takes liquidity before the first trade.
    assert_eq!(scene.act(&scene.add(STAKE)), -(STAKE as i64));
    let provided = scene.liquidity().shares;
    assert_eq!(scene.act(&scene.buy(3, STAKE)), -(STAKE as i64));
    assert!(scene.act(&scene.buy_shares(7, 1_000_000)) < 0);
    assert!(scene.act(&scene.sell(7, 400_000)) > 0);
    // It gives liquidity back when no share is out any more.
    let held = scene.shares();
    for bin in [3, 7] {
        assert!(scene.act(&scene.sell(bin, held[usize::from(bin)])) > 0);
    }
    assert!(scene.act(&scene.remove(provided / 3)) > 0);
    assert_eq!(scene.act(&scene.buy(7, STAKE)), -(STAKE as i64));
    scene.finish(7);
}

#[test]
fn program_proposes_and_gets_its_bond_back() {
    let mut scene = Scene::new(Curve::Lmsr, 2);
    let market = scene.market;
    let observation = scene.markets.observe(market, 1);
    let propose = ProposeResolution {
        proposer: scene.agent,
        venue: scene.markets.venue,
        market,
        provider_set: scene.markets.world.provider_set,
        verifying_key: scene.markets.world.verifying_key,
        observation,
        proposer_tokens: scene.tokens,
        token_program: scene.markets.token_program(),
        max_bond: u64::MAX,
    };
    assert!(scene.act(&propose.instruction()) < 0);
    let state = scene.markets.state(market);
    scene.markets.go_to_second(state.dispute_until);
    scene.markets.finalize(market).expect("an end");
    let claim = |proposer_tokens| ClaimProposalBond {
        market,
        proposer: scene.agent,
        proposer_tokens,
        token_program: scene.markets.token_program(),
    };
    let (wrong, right) = (claim(scene.payer.tokens), claim(scene.tokens));
    scene
        .markets
        .send(wrong.instruction(), &[])
        .expect_refusal(MarketError::WrongTokenAccount);
    scene
        .markets
        .send(right.instruction(), &[])
        .expect("a bond");
    assert_eq!(scene.markets.balance(scene.tokens), PURSE);
}

#[test]
fn program_bets_and_is_settled() {
    let (mut flash, provider) = FlashWorld::with_liquidity(1_000_000_000_000);
    let args = flash.terms(3);
    let market = flash.market(args);
    let agent = agent::address();
    let tokens = flash.admit(agent, market, PURSE);
    flash
        .world
        .chain
        .airdrop(agent, LAMPORTS)
        .expect("lamports");
    let act = |flash: &mut FlashWorld, instruction: Instruction| {
        flash
            .send(unsigned(instruction.clone(), agent), &[])
            .expect_refusal(ErrorCode::AccountNotSigner);
        let acted = agent::in_the_name_of_the_agent(&instruction);
        flash.send(acted, &[]).expect("the agent's act");
    };
    // Somebody else pays the rent, which a program's account with data in it could not.
    let open = flash_instructions::OpenTicket {
        rent_payer: provider.address(),
        owner: agent,
        market,
    };
    flash
        .send(open.instruction(), &[&provider.key])
        .expect("a ticket");
    let token_program = flash.token_program();
    let bet = flash_instructions::PlaceBet {
        buyer: flash_instructions::Buyer {
            payer: agent,
            payer_tokens: tokens,
            owner: agent,
            vault: flash.vault,
            market,
            token_program,
            order_rent_payer: None,
            nonce: 0,
        },
        args: flash_instructions::PlaceBetArgs {
            outcome: 2,
            stake: STAKE,
            min_shares: 0,
            tip_lamports: 0,
        },
    };
    act(&mut flash, bet.instruction());
    assert_eq!(flash.balance(tokens), PURSE - STAKE);
    let ticket = addresses::flash_bets::ticket(&market, &agent);
    let bought = flash
        .read::<flash_bets::state::Ticket>(ticket)
        .holdings
        .shares[2];
    let cash_out = flash_instructions::CashOut {
        owner: agent,
        vault: flash.vault,
        market,
        owner_tokens: tokens,
        token_program,
        order_rent_payer: None,
        nonce: 0,
        args: flash_instructions::CashOutArgs {
            outcome: 2,
            shares: bought / 4,
            min_return: 0,
            tip_lamports: 0,
        },
    };
    act(&mut flash, cash_out.instruction());
    let before = flash.balance(tokens);
    assert!(before > PURSE - STAKE);

    flash.resolve(market, 2).expect("a result");
    let settle = |owner_tokens| flash_instructions::SettleTickets {
        market,
        token_program,
        in_one_call: false,
        tickets: vec![flash_instructions::SettledTicket {
            owner: agent,
            owner_tokens,
            rent_payer: provider.address(),
        }],
    };
    // Not to somebody else.
    let refused = flash.send(settle(provider.tokens).instruction(), &[]);
    assert!(refused.is_err());
    flash
        .send(settle(tokens).instruction(), &[])
        .expect("a payout");
    assert_eq!(flash.balance(tokens), before + bought - bought / 4);
    assert_eq!(
        flash.chain().lamports(agent).expect("lamports"),
        LAMPORTS,
        "the rent comes back"
    );
    flash.close(market).expect("an end");
    flash.forget(market);
    let _ = provider.key.pubkey();
}
