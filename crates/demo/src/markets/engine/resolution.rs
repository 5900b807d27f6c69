//! From reports to paid winners.

use attestation::{Millis, Quorum};
use client::instructions::markets::{
    ClaimDisputeBond, ClaimProposalBond, CloseMarket, DisputeArgs, DisputeResolution, Finalize,
    ProposeFromRoot, ProposeFromRootArgs, ProposeResolution, Redeem, RedeemLiquidity,
    RedeemedPosition, ResolveDispute, Void,
};
use markets::state::{Market, MarketStatus};
use result_tree::{FeedResult, ResultTree};
use sha2::{Digest, Sha256};
use solana_instruction::Instruction;
use testbed::simulation::field;

use super::{milliseconds, Action, Demo, Played, Subject, ARBITRATED_AFTER, DISPUTED_AFTER};
use crate::{
    error::DemoError,
    keeper::Proven,
    markets::{
        script::Source,
        venue::{CREATOR, DISPUTER, PROPOSER},
    },
    providers::{self, Behaviour},
    stage::TOKEN,
};

/// Positions that are redeemed in one transaction.
const REDEEMED_AT_ONCE: usize = 6;
/// The most that proposer and disputer post as a bond, base units.
const MAX_BOND: u64 = 1_000 * TOKEN;

impl Demo<'_> {
    /// A provider's report arrives; with it there may be a quorum.
    pub(super) fn take_report(
        &mut self,
        subject: Subject,
        provider: usize,
    ) -> Result<(), DemoError> {
        let behaviour = self.behaviours[provider];
        let world = &self.house.stage.world;
        let key = &world.providers[provider];
        let now = self.house.stage.now();
        let (domain, members) = (world.domain(), &world.members);
        let (inquiry, value) = match subject {
            Subject::Market(market) => {
                let one = &mut self.markets[market];
                let question = &one.question;
                let said = match question.source {
                    Source::Mistaken { .. } => question.lie,
                    _ => behaviour.value(question.truth, question.lie),
                };
                (&mut one.inquiry, attestation::Value::from(said))
            }
            Subject::Root => {
                let tree = world.result_tree(&results(&self.markets, behaviour))?;
                (&mut self.root, tree.root().into())
            }
        };
        self.providers.count(behaviour, inquiry.is_proven);
        let report = providers::report(key, domain, inquiry.feed, now, value)?;
        if inquiry.is_proven {
            return Ok(());
        }
        inquiry.reports.push(report);
        let time = Millis::new(inquiry.time)?;
        let (quorum, _) =
            Quorum::screened(members, domain, inquiry.feed, time, &inquiry.reports, None);
        // Too few yet.
        let Ok(quorum) = quorum else {
            return Ok(());
        };
        inquiry.is_proven = true;
        match (subject, quorum.statement().value.number()) {
            (Subject::Market(market), Some(value)) => self.observe(market, &quorum, value),
            _ => self.publish(&quorum),
        }
    }

    /// Proposes what a quorum says of one market.
    fn observe(&mut self, market: usize, quorum: &Quorum, value: i64) -> Result<(), DemoError> {
        let subject = format!("market {}", self.markets[market].question.id);
        let set = self.house.stage.world.provider_set;
        let stage = &mut self.house.stage;
        let proven = self.keeper.observe(stage, set, quorum, value, &subject)?;
        let proposer = &self.house.players[PROPOSER].person;
        let propose = ProposeResolution {
            proposer: proposer.address(),
            market: self.markets[market].address,
            provider_set: set,
            verifying_key: self.house.stage.world.verifying_key,
            observation: proven.address,
            proposer_tokens: proposer.tokens,
            token_program: self.house.stage.token_program(),
            max_bond: MAX_BOND,
        };
        self.propose(market, &propose.instruction(), proven)
    }

    /// Proposes the results of all markets in a root that a quorum signed.
    fn publish(&mut self, quorum: &Quorum) -> Result<(), DemoError> {
        let results = results(&self.markets, Behaviour::Prompt);
        let tree = self.house.stage.world.result_tree(&results)?;
        let stage = &mut self.house.stage;
        let proven = self.keeper.publish(stage, quorum, &tree, "the results")?;
        let listed: Vec<usize> = in_root(&self.markets).map(|(market, _)| market).collect();
        for ((index, result), market) in (0..).zip(&results).zip(listed) {
            self.markets[market].report.from_root = true;
            let propose = self.propose_from_root(market, &tree, index, result.value, proven)?;
            self.propose(market, &propose.instruction(), proven)?;
        }
        Ok(())
    }

    fn propose_from_root(
        &self,
        market: usize,
        tree: &ResultTree,
        index: u32,
        value: i64,
        proven: Proven,
    ) -> Result<ProposeFromRoot, DemoError> {
        let world = &self.house.stage.world;
        let proposer = &self.house.players[PROPOSER].person;
        Ok(ProposeFromRoot {
            proposer: proposer.address(),
            market: self.markets[market].address,
            provider_set: world.provider_set,
            verifying_key: world.verifying_key,
            result_root: proven.address,
            observation: self.state(market)?.observation,
            proposer_tokens: proposer.tokens,
            token_program: self.house.stage.token_program(),
            args: ProposeFromRootArgs {
                value,
                index,
                path: tree.path(index).unwrap_or_default(),
                max_bond: MAX_BOND,
            },
        })
    }

    fn propose(
        &mut self,
        market: usize,
        propose: &Instruction,
        proven: Proven,
    ) -> Result<(), DemoError> {
        let step = format!(
            "proposing a result of market {}",
            self.markets[market].question.id
        );
        let units = self.act_as(PROPOSER, market, &step, std::slice::from_ref(propose))?;
        self.markets[market].report.prove(proven, units);
        let due = milliseconds(self.state(market)?.dispute_until);
        self.agenda.at(due, Action::Finalize { market });
        if let Source::Mistaken { .. } = self.markets[market].question.source {
            let now = self.house.stage.now();
            self.agenda
                .at(now + DISPUTED_AFTER, Action::Dispute { market });
        }
        Ok(())
    }

    pub(super) fn dispute(&mut self, market: usize) -> Result<(), DemoError> {
        let one = &self.markets[market];
        let question = &one.question;
        let evidence = format!(
            "{} The feed of the match says {}.",
            question.text, question.truth
        );
        let disputer = &self.house.players[DISPUTER].person;
        let dispute = DisputeResolution {
            disputer: disputer.address(),
            market: one.address,
            disputer_tokens: disputer.tokens,
            token_program: self.house.stage.token_program(),
            args: DisputeArgs {
                evidence_hash: Sha256::digest(evidence).into(),
                reason: 1,
                max_bond: MAX_BOND,
            },
        };
        self.act_as(DISPUTER, market, "a dispute", &[dispute.instruction()])?;
        self.markets[market].report.disputed = true;
        let now = self.house.stage.now();
        self.agenda
            .at(now + ARBITRATED_AFTER, Action::Arbitrate { market });
        Ok(())
    }

    /// The arbiters say what happened.
    pub(super) fn arbitrate(&mut self, market: usize) -> Result<(), DemoError> {
        let one = &self.markets[market];
        let (feed, truth) = (one.inquiry.feed, one.question.truth);
        let time = Millis::new(one.inquiry.time)?;
        let (domain, now) = (self.house.stage.world.domain(), self.house.stage.now());
        let reports = self
            .house
            .arbiters
            .iter()
            .map(|key| providers::report(key, domain, feed, now, truth))
            .collect::<Result<Vec<_>, _>>()?;
        let members = &self.house.arbiter_members;
        let quorum = Quorum::new(members, domain, feed, time, &reports, None)?;

        let subject = format!("the dispute of market {}", one.question.id);
        let arbiter_set = self.house.arbiter_set;
        let stage = &mut self.house.stage;
        let proven = self
            .keeper
            .observe(stage, arbiter_set, &quorum, truth, &subject)?;
        let resolve = ResolveDispute {
            market: self.markets[market].address,
            arbiter_set,
            arbiter_key: stage.world.verifying_key,
            observation: proven.address,
            strike_observation: None,
        };
        let step = format!("resolving {subject}");
        let resolved = stage.must(&step, &[resolve.instruction()], &[])?;
        self.markets[market]
            .report
            .prove(proven, resolved.compute_units);
        self.settle(market)
    }

    /// Settles a market on its proposal, unless somebody disputed it.
    pub(super) fn finalize(&mut self, market: usize) -> Result<(), DemoError> {
        if self.markets[market].report.disputed {
            return Ok(());
        }
        let state = self.state(market)?;
        let finalize = Finalize {
            market: self.markets[market].address,
            observation: state.evidence.observation,
            strike_observation: state.evidence.strike_observation,
        };
        self.must("finalizing a market", &finalize.instruction())?;
        self.settle(market)
    }

    pub(super) fn void(&mut self, market: usize) -> Result<(), DemoError> {
        let void = Void {
            market: self.markets[market].address,
        };
        self.must("voiding a market", &void.instruction())?;
        self.settle(market)
    }

    /// Pays everybody and closes a resolved or void market.
    fn settle(&mut self, index: usize) -> Result<(), DemoError> {
        let state = self.state(index)?;
        let market = &mut self.markets[index];
        market.report.settle(&state);
        let is_void = state.settlement.status == MarketStatus::Void as u8;
        let mut expected = state;
        let is_true =
            expected.resolve(market.question.truth).is_ok() && expected.payouts == state.settlement.payouts;
        if !is_void && !is_true {
            self.providers.outcomes_changed += 1;
        }
        self.redeem(index)?;
        self.redeem_liquidity(index)?;
        self.claim_bonds(index, &state)?;

        let before = self.house.balance(CREATOR)?;
        let creator = &self.house.players[CREATOR].person;
        let close = CloseMarket {
            venue: self.house.venue,
            market: self.markets[index].address,
            creator: creator.address(),
            creator_tokens: creator.tokens,
            token_program: self.house.stage.token_program(),
        };
        self.must("closing a market", &close.instruction())?;
        self.totals.creator_fees += self.house.balance(CREATOR)? - before;
        self.markets[index].report.balance();
        Ok(())
    }

    fn redeem(&mut self, index: usize) -> Result<(), DemoError> {
        let holders: Vec<usize> = self.markets[index].holders.iter().copied().collect();
        for batch in holders.chunks(REDEEMED_AT_ONCE) {
            let before = self.balances(batch)?;
            let positions = batch.iter().map(|player| {
                let person = &self.house.players[*player].person;
                RedeemedPosition {
                    owner: person.address(),
                    kind: self.position_kind(*player, index),
                    owner_tokens: person.tokens,
                }
            });
            let redeem = Redeem {
                market: self.markets[index].address,
                token_program: self.house.stage.token_program(),
                positions: positions.collect(),
            };
            self.must("redeeming positions", &redeem.instruction())?;
            for (player, before) in batch.iter().zip(before) {
                self.book(*player, index, before)?;
            }
        }
        Ok(())
    }

    fn redeem_liquidity(&mut self, index: usize) -> Result<(), DemoError> {
        let providers: Vec<usize> = self.markets[index].providers.iter().copied().collect();
        for player in providers {
            let before = self.house.balance(player)?;
            let person = &self.house.players[player].person;
            let redeem = RedeemLiquidity {
                market: self.markets[index].address,
                owner: person.address(),
                owner_tokens: person.tokens,
                token_program: self.house.stage.token_program(),
            };
            self.must("redeeming liquidity", &redeem.instruction())?;
            self.book(player, index, before)?;
        }
        Ok(())
    }

    fn claim_bonds(&mut self, index: usize, state: &Market) -> Result<(), DemoError> {
        let (market, token_program) = (
            self.markets[index].address,
            self.house.stage.token_program(),
        );
        let before = self.balances(&[PROPOSER, DISPUTER])?;
        if state.proposer_claim > 0 {
            let proposer = &self.house.players[PROPOSER].person;
            let claim = ClaimProposalBond {
                market,
                proposer: proposer.address(),
                proposer_tokens: proposer.tokens,
                token_program,
            };
            self.must("claiming a proposer's bond", &claim.instruction())?;
        }
        if state.open_disputes > 0 {
            let disputer = &self.house.players[DISPUTER].person;
            let claim = ClaimDisputeBond {
                market,
                disputer: disputer.address(),
                disputer_tokens: disputer.tokens,
                token_program,
            };
            self.must("claiming a disputer's bond", &claim.instruction())?;
        }
        for (player, before) in [PROPOSER, DISPUTER].into_iter().zip(before) {
            self.book(player, index, before)?;
        }
        Ok(())
    }

    fn balances(&self, players: &[usize]) -> Result<Vec<u64>, DemoError> {
        let balance = |player: &usize| self.house.balance(*player);
        players.iter().map(balance).collect()
    }
}

/// Markets whose results are in the root, by their place.
fn in_root(markets: &[Played]) -> impl Iterator<Item = (usize, &Played)> {
    let is_in_root = |(_, market): &(usize, &Played)| market.question.source == Source::Root;
    markets.iter().enumerate().filter(is_in_root)
}

/// The leaves of the root as a provider of this behaviour signs it.
fn results(markets: &[Played], behaviour: Behaviour) -> Vec<FeedResult> {
    in_root(markets)
        .map(|(_, market)| FeedResult {
            feed_id: field(market.inquiry.feed),
            time: market.inquiry.time,
            value: behaviour.value(market.question.truth, market.question.lie),
        })
        .collect()
}
