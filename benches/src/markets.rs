//! The standard markets' instructions.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use client::instructions::markets::{
    CloseLiquidity, ClosePosition, ClosePriceFeed, CreateMarketArgs, Curve, DisputeConflict,
    LockLiquidity, Pause, Poke, ProposeFromRoot, ProposeFromRootArgs, Quote, RuleTerms,
    SetPriceFeed, SetTreasury, SetVenueTerms, SwitchCurve, TradeOrder, TransferLiquidity,
    TransferShares, Unpause, Void,
};
use client::instructions::oracle::SuspendProviderSet;
use result_tree::FeedResult;
use solana_keypair::Keypair;
use solana_signer::Signer;
use testbed::{feed, KeySource, MarketsOptions, MarketsWorld, MintOptions, Trader};

use crate::{Measured, SEED};

const PURSE: u64 = 1_000_000_000_000;
const STAKE: u64 = 10_000_000;
/// Most positions that one transaction redeems here.
const BATCH: usize = 8;

pub fn measure(measured: &mut Measured) {
    let markets = MarketsWorld::start(&MarketsOptions {
        keys: KeySource::seeded(SEED),
        ..MarketsOptions::default()
    });
    let mut scenario = Scenario { markets, measured };
    scenario.curves();
    scenario.sides();
    scenario.holdings();
    scenario.switch();
    scenario.undisputed();
    scenario.disputed();
    scenario.conflicted();
    scenario.root();
    scenario.void();
    scenario.strike();
    scenario.governance();
    scenario.prices();
    scenario.suspended();
}

struct Scenario<'a> {
    markets: MarketsWorld,
    measured: &'a mut Measured,
}

impl Scenario<'_> {
    fn send(&mut self, name: &str, instruction: Instruction, signers: &[&Keypair]) {
        let receipt = self.markets.send(instruction, signers).expect(name);
        self.measured.take(&format!("markets {name}"), &receipt);
    }

    fn send_as_admin(&mut self, name: &str, instruction: Instruction) {
        let admin = self.markets.world.admin.insecure_clone();
        self.send(name, instruction, &[&admin]);
    }

    /// A market on a price.
    fn prices(&mut self) {
        self.markets.go_to_second(self.markets.seconds() + 60);
        self.markets
            .world
            .prove_medians()
            .expect("a key of medians");
        let (admin, venue) = (self.markets.world.admin.pubkey(), self.markets.venue);
        self.markets.world.pass_timelock();
        let feed_id = self.markets.terms(2).feed_id;
        let set = SetPriceFeed {
            authority: admin,
            venue,
            feed_id,
            cost_per_second: PURSE,
        };
        self.send_as_admin("set_price_feed", set.instruction());
        self.markets.world.pass_timelock();
        let args = CreateMarketArgs {
            feed_id,
            ..self.markets.up_or_down()
        };
        let creator = self.markets.creator();
        let create = self.markets.build_market(&creator, args);
        let name = "create_market (of a price)";
        self.send(name, create.instruction(), &[&creator.key]);
        let market = create.market();
        let trader = self.trader(market);
        self.markets
            .buy(&trader, market, 0, STAKE)
            .expect("a first trade");
        let buy = self.markets.build_buy(&trader, market, 1, STAKE);
        self.send("buy (of a price)", buy.instruction(), &[&trader.key]);
        let locks_at = self.markets.state(market).hours.locks_at;
        self.markets.go_to_second(locks_at + 120);
        let close = ClosePriceFeed {
            admin,
            venue,
            feed_id,
            rent_payer: admin,
        };
        self.send_as_admin("close_price_feed", close.instruction());
    }

    fn trader(&mut self, market: Pubkey) -> Trader {
        let trader = self.markets.trader(PURSE);
        self.markets.open(&trader, market).expect("a position");
        trader
    }

    fn curves(&mut self) {
        let bins = RuleTerms::Scalar { low: 0, high: 640 };
        for (what, curve, outcomes, rule) in [
            ("LMSR, 2 outcomes", Curve::Lmsr, 2, RuleTerms::Categorical),
            ("LMSR, 8 outcomes", Curve::Lmsr, 8, RuleTerms::Categorical),
            ("LMSR, 32 outcomes", Curve::Lmsr, 32, RuleTerms::Categorical),
            (
                "pm-AMM",
                Curve::PmAmm { micro_tau: false },
                2,
                RuleTerms::Categorical,
            ),
            (
                "pm-AMM, micro-tau",
                Curve::PmAmm { micro_tau: true },
                2,
                RuleTerms::Categorical,
            ),
            ("L2, 16 bins", Curve::L2, 16, bins.clone()),
            ("L2, 64 bins", Curve::L2, 64, bins),
        ] {
            self.curve(what, outcomes, |args| {
                (args.curve, args.rule) = (curve, rule);
            });
        }
    }

    /// Two outcomes cost more to trade above one half, where the curve is solved by the other one.
    fn sides(&mut self) {
        let terms = self.markets.terms(2);
        let market = self.markets.market(terms);
        let trader = self.trader(market);
        self.markets
            .buy(&trader, market, 0, 10 * STAKE)
            .expect("a first trade");
        for (outcome, side) in [(0, "above"), (1, "below")] {
            self.pass();
            let buy = self.markets.build_buy(&trader, market, outcome, STAKE);
            let name = format!("buy (LMSR, 2 outcomes, {side} one half)");
            self.send(&name, buy.instruction(), &[&trader.key]);
        }
    }

    /// Creates a market, and trades and provides in it.
    fn curve(&mut self, what: &str, outcomes: u8, change: impl FnOnce(&mut CreateMarketArgs)) {
        let mut args = self.markets.terms(outcomes);
        change(&mut args);
        let has_sets = args.curve != Curve::L2;
        let creator = self.markets.creator();
        let create = self.markets.build_market(&creator, args.clone());
        let market = create.market();
        self.send(
            &format!("create_market ({what})"),
            create.instruction(),
            &[&creator.key],
        );
        let trader = self.trader(market);
        self.markets.open_provider(&trader, market);
        if !has_sets {
            // An L2 curve takes liquidity only while no share is out.
            self.add(what, &trader, market);
        }
        // The first trade is not the usual one: nothing has been sold yet.
        self.markets
            .buy(&trader, market, 0, STAKE)
            .expect("a first trade");
        self.pass();
        let buy = self.markets.build_buy(&trader, market, 1, STAKE);
        self.send(&format!("buy ({what})"), buy.instruction(), &[&trader.key]);
        self.pass();
        let buy = self.markets.build_buy_shares(&trader, market, 0, STAKE);
        self.send(
            &format!("buy_shares ({what})"),
            buy.instruction(),
            &[&trader.key],
        );
        self.pass();
        let sell = self.markets.build_sell(&trader, market, 0, STAKE / 2);
        self.send(
            &format!("sell ({what})"),
            sell.instruction(),
            &[&trader.key],
        );
        self.pass();
        let venue = self.markets.venue;
        let poke = Poke { venue, market }.instruction();
        self.send(&format!("poke ({what})"), poke, &[]);

        if !has_sets {
            // Nor gives it back while shares that can be sold are out.
            return;
        }
        self.add(what, &trader, market);
        self.pass();
        let shares = self.markets.liquidity(market, &trader).shares;
        let remove = self.markets.build_remove(&trader, market, shares / 2);
        self.send(
            &format!("remove_liquidity ({what})"),
            remove.instruction(),
            &[&trader.key],
        );
        let split = self.markets.build_split(&trader, market, STAKE);
        self.send(
            &format!("split ({what})"),
            split.instruction(),
            &[&trader.key],
        );
        let merge = self.markets.build_merge(&trader, market, STAKE);
        self.send(
            &format!("merge ({what})"),
            merge.instruction(),
            &[&trader.key],
        );
    }

    fn add(&mut self, what: &str, trader: &Trader, market: Pubkey) {
        self.pass();
        let add = self.markets.build_add(trader, market, STAKE);
        self.send(
            &format!("add_liquidity ({what})"),
            add.instruction(),
            &[&trader.key],
        );
    }

    fn pass(&mut self) {
        let later = self.markets.chain().slot() + 5;
        self.markets.go_to(later);
    }

    /// What goes from one owner to another, and the end of what is empty.
    fn holdings(&mut self) {
        let terms = self.markets.terms(2);
        let market = self.markets.market(terms);
        let venue = self.markets.venue;
        let [giver, taker] = [(); 2].map(|()| {
            let trader = self.trader(market);
            self.markets.open_provider(&trader, market);
            trader
        });
        let (owner, receiver) = (giver.address(), taker.address());
        self.markets.buy(&giver, market, 0, STAKE).expect("a trade");
        let transfer = TransferShares {
            owner,
            market,
            receiver,
            outcome: 0,
            shares: STAKE / 2,
        };
        self.send("transfer_shares", transfer.instruction(), &[&giver.key]);
        let quote = Quote {
            venue,
            market,
            outcome: 0,
            order: TradeOrder::Stake { amount: STAKE },
        };
        self.send("quote (LMSR, 2 outcomes)", quote.instruction(), &[]);
        let add = self.markets.build_add(&giver, market, STAKE);
        self.markets
            .send(add.instruction(), &[&giver.key])
            .expect("liquidity");
        let shares = self.markets.liquidity(market, &giver).shares;
        let transfer = TransferLiquidity {
            owner,
            venue,
            market,
            receiver,
            shares: shares / 2,
        };
        self.send("transfer_liquidity", transfer.instruction(), &[&giver.key]);
        let lock = LockLiquidity {
            owner,
            market,
            shares: shares / 4,
        };
        self.send("lock_liquidity", lock.instruction(), &[&giver.key]);

        let idle = self.trader(market);
        self.markets.open_provider(&idle, market);
        let (owner, rent_payer) = (idle.address(), idle.address());
        let close = ClosePosition {
            owner,
            market,
            rent_payer,
        };
        self.send("close_position", close.instruction(), &[&idle.key]);
        let close = CloseLiquidity {
            owner,
            market,
            rent_payer,
        };
        self.send("close_liquidity", close.instruction(), &[&idle.key]);
    }

    fn switch(&mut self) {
        let mut args = self.markets.terms(2);
        args.offers_switch = true;
        let market = self.markets.market(args);
        let late = self.markets.state(market).hours.locks_at - 4;
        self.markets.go_to_second(late);
        let venue = self.markets.venue;
        let switch = SwitchCurve { venue, market };
        self.send("switch_curve", switch.instruction(), &[]);
    }

    fn undisputed(&mut self) {
        let terms = self.markets.terms(2);
        let market = self.markets.market(terms);
        let creator = self.markets.creator();
        let mut traders = Vec::new();
        for place in 0..=BATCH {
            let trader = self.markets.trader(PURSE);
            let open = self.markets.build_position(&trader, market).instruction();
            if place == 0 {
                self.send("open_position", open, &[&trader.key]);
                let open = self.markets.build_liquidity(&trader, market);
                self.send("open_liquidity", open.instruction(), &[&trader.key]);
            } else {
                self.markets.send(open, &[&trader.key]).expect("a position");
            }
            self.markets
                .buy(&trader, market, 0, STAKE)
                .expect("a trade");
            traders.push(trader);
        }
        // Fees vest over some slots.
        let later = self.markets.chain().slot() + 500;
        self.markets.go_to(later);
        let collect = self.markets.build_collect(&creator, market);
        self.send("collect_liquidity_fees", collect.instruction(), &[]);
        let collect = self.markets.build_collect_creator(market);
        self.send("collect_creator_fees", collect.instruction(), &[]);
        let release = self.markets.build_release(market);
        self.send("release_protocol_fees", release.instruction(), &[]);
        let collect = self.markets.build_collect_protocol();
        self.send("collect_protocol_fees", collect.instruction(), &[]);

        let observation = self.markets.observe(market, 0);
        let propose = self.markets.build_propose(&creator, market, observation);
        self.send("propose_resolution", propose.instruction(), &[&creator.key]);
        let deadline = self.markets.state(market).dispute_until;
        self.markets.go_to_second(deadline);
        let finalize = self.markets.build_finalize(market);
        self.send("finalize", finalize.instruction(), &[]);

        let (first, rest) = traders.split_first().expect("traders");
        let one = self.markets.build_redeem(market, &[first]);
        self.send("redeem (1)", one.instruction(), &[]);
        let batch = self
            .markets
            .build_redeem(market, &rest.iter().collect::<Vec<_>>());
        self.send("redeem (8)", batch.instruction(), &[]);
        let redeem = self.markets.build_redeem_liquidity(market, &creator);
        self.send("redeem_liquidity", redeem.instruction(), &[]);
        self.markets
            .redeem_liquidity(market, first)
            .expect("a closing");
        let claim = self.markets.build_claim_proposal(market, &creator);
        self.send("claim_proposal_bond", claim.instruction(), &[]);
        let close = self.markets.build_close(market);
        self.send("close_market", close.instruction(), &[]);
        self.markets.forget(market);
    }

    fn disputed(&mut self) {
        let terms = self.markets.terms(2);
        let market = self.markets.market(terms);
        let creator = self.markets.creator();
        let disputer = self.trader(market);
        self.markets
            .propose(&creator, market, 0)
            .expect("a proposal");
        let dispute = self.markets.build_dispute(&disputer, market);
        self.send(
            "dispute_resolution",
            dispute.instruction(),
            &[&disputer.key],
        );
        let word = self.markets.arbitrate(market, 1);
        let resolve = self.markets.build_resolve_dispute(market, word);
        self.send("resolve_dispute", resolve.instruction(), &[]);
        let claim = self.markets.build_claim_dispute(market, &disputer);
        self.send("claim_dispute_bond", claim.instruction(), &[]);
    }

    fn conflicted(&mut self) {
        let terms = self.markets.terms(2);
        let market = self.markets.market(terms);
        let state = self.markets.state(market);
        self.markets.observe(market, 0);
        let report = self
            .markets
            .world
            .report_conflict(feed(state.id), state.evidence.observe_at_ms, 1)
            .expect("a report");
        self.markets
            .send(report.instruction(), &[])
            .expect("a contradiction");
        let conflict = DisputeConflict {
            venue: self.markets.venue,
            market,
            observation: state.evidence.observation,
        };
        self.send("dispute_conflict", conflict.instruction(), &[]);
    }

    /// For good, and so after everything else. The key is one of medians by now.
    fn suspended(&mut self) {
        let terms = self.markets.terms(2);
        let market = self.markets.market(CreateMarketArgs {
            rule: RuleTerms::Threshold { strikes: vec![7] },
            ..terms
        });
        let guardian = self.markets.world.guardian.insecure_clone();
        let suspend = SuspendProviderSet {
            authority: guardian.pubkey(),
            provider_set: self.markets.world.provider_set,
        };
        self.markets
            .send(suspend.instruction(), &[&guardian])
            .expect("a suspension");
        let until = self.markets.state(market).hours.trading_until;
        self.markets.go_to_second(until);
        let dispute = self.markets.build_dispute_suspension(market);
        self.send("dispute_suspension", dispute.instruction(), &[]);
    }

    /// In a tree of 1,024 results.
    fn root(&mut self) {
        let terms = self.markets.terms(2);
        let market = self.markets.market(terms);
        let creator = self.markets.creator();
        let state = self.markets.state(market);
        let results: Vec<_> = (0..1_024)
            .map(|number| FeedResult {
                feed_id: state.evidence.feed_id,
                time: state.evidence.observe_at_ms + number,
                value: 0,
            })
            .collect();
        let tree = self.markets.world.result_tree(&results).expect("a tree");
        let now = self.markets.chain().now().0;
        let result_root = self
            .markets
            .world
            .publish(feed(state.id), now, &tree)
            .expect("a root");
        let propose = ProposeFromRoot {
            proposer: creator.address(),
            venue: self.markets.venue,
            market,
            provider_set: self.markets.world.provider_set,
            verifying_key: self.markets.world.verifying_key,
            result_root,
            observation: state.evidence.observation,
            proposer_tokens: creator.tokens,
            token_program: self.markets.token_program(),
            args: ProposeFromRootArgs {
                max_bond: u64::MAX,
                value: 0,
                index: 0,
                path: tree.path(0).expect("a path"),
            },
        };
        self.send(
            "propose_from_root (1,024 results)",
            propose.instruction(),
            &[&creator.key],
        );
    }

    fn strike(&mut self) {
        let mut args = self.markets.terms(2);
        let strike_at_ms = args.observe_at_ms;
        args.rule = RuleTerms::ThresholdAtOpening { strike_at_ms };
        args.observe_at_ms = u64::try_from(args.locks_at).expect("a time") * 1_000;
        let market = self.markets.market(args);
        let observation = self.markets.observe_at(market, strike_at_ms, 100);
        let set = self.markets.build_set_strike(market, observation);
        self.send("set_strike", set.instruction(), &[]);
    }

    fn void(&mut self) {
        for (what, curve, outcomes, rule) in [
            ("2 outcomes", Curve::Lmsr, 2, RuleTerms::Categorical),
            (
                "64 bins",
                Curve::L2,
                64,
                RuleTerms::Scalar { low: 0, high: 640 },
            ),
        ] {
            let mut args = self.markets.terms(outcomes);
            (args.curve, args.rule) = (curve, rule);
            let market = self.markets.market(args);
            let deadline = self.markets.state(market).proposal_until;
            self.markets.go_to_second(deadline);
            let venue = self.markets.venue;
            let void = Void { venue, market }.instruction();
            self.send(&format!("void ({what})"), void, &[]);
        }
    }

    fn governance(&mut self) {
        let (admin, venue) = (self.markets.world.admin.pubkey(), self.markets.venue);
        let chain = &mut self.markets.world.chain;
        let mint = chain.create_mint(&MintOptions::default()).expect("a mint");
        let mut terms = MarketsOptions::default().terms;
        let create = self.markets.build_venue(mint, terms).instruction();
        self.send_as_admin("create_venue", create);
        terms.max_fee_rate -= 1;
        let set = SetVenueTerms {
            authority: admin,
            venue,
            terms,
        };
        self.send_as_admin("set_venue_terms", set.instruction());
        let set = SetTreasury {
            admin,
            venue,
            treasury: admin,
        };
        self.send_as_admin("set_treasury", set.instruction());
        let pause = Pause {
            authority: admin,
            venue,
        };
        self.send_as_admin("pause", pause.instruction());
        let unpause = Unpause { admin, venue };
        self.send_as_admin("unpause", unpause.instruction());
    }
}
