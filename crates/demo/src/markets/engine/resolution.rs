//! From reports to proposals, disputes and the arbiters' word.

use attestation::{FeedKind, Millis, Quorum};
use client::instructions::markets::{
    DisputeArgs, DisputeResolution, ProposeFromRoot, ProposeFromRootArgs,
};
use result_tree::{FeedResult, ResultTree};
use sha2::{Digest, Sha256};
use testbed::simulation::field;

use super::{
    milliseconds, Action, Demo, Played, Subject, ARBITRATED_AFTER, DISPUTED_AFTER, MAX_BOND,
};
use crate::{
    error::DemoError,
    markets::{
        script::Source,
        venue::{DISPUTER, PROPOSER},
    },
    proofs::Proven,
    providers::{self, Behaviour},
};

impl Demo<'_> {
    pub(super) fn plan_reports(&mut self, subject: Subject, known_at: u64) {
        for (provider, behaviour) in self.behaviours.iter().enumerate() {
            if let Some(delay) = behaviour.delay(provider) {
                let action = Action::Report { subject, provider };
                self.agenda.at(known_at + delay, action);
            }
        }
    }

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
        let (quorum, _) = Quorum::screened(
            members,
            domain,
            FeedKind::Event,
            inquiry.feed,
            time,
            &inquiry.reports,
            None,
        );
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

    /// Has the oracle record what a quorum says of one market; the keeper takes it from there.
    fn observe(&mut self, market: usize, quorum: &Quorum, value: i64) -> Result<(), DemoError> {
        let subject = format!("market {}", self.markets[market].question.id);
        let set = self.house.stage.world.provider_set;
        let stage = &mut self.house.stage;
        let proven = self.proofs.observe(stage, set, quorum, value, &subject)?;
        self.markets[market].proven = Some(proven);
        self.keep(market)
    }

    /// Proposes the results of all markets in a root that a quorum signed.
    fn publish(&mut self, quorum: &Quorum) -> Result<(), DemoError> {
        let results = results(&self.markets, Behaviour::Prompt);
        let tree = self.house.stage.world.result_tree(&results)?;
        let stage = &mut self.house.stage;
        let proven = self.proofs.publish(stage, quorum, &tree, "the results")?;
        let listed: Vec<usize> = in_root(&self.markets).map(|(market, _)| market).collect();
        for ((index, result), market) in (0..).zip(&results).zip(listed) {
            self.markets[market].report.from_root = true;
            let propose = self.propose_from_root(market, &tree, index, result.value, proven)?;
            let step = format!(
                "proposing a result of market {}",
                self.markets[market].question.id
            );
            let units = self.act_as(PROPOSER, market, &step, &[propose.instruction()])?;
            self.markets[market].report.prove(proven, units);
            self.await_dispute(market)?;
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
            venue: self.house.venue,
            market: self.markets[market].address,
            provider_set: world.provider_set,
            verifying_key: world.verifying_key,
            result_root: proven.address,
            observation: self.state(market)?.evidence.observation,
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

    /// After a proposal: the keeper finalizes it, unless somebody disputes it.
    pub(super) fn await_dispute(&mut self, market: usize) -> Result<(), DemoError> {
        let due = milliseconds(self.state(market)?.dispute_until);
        self.agenda.at(due, Action::Keep { market });
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
            venue: self.house.venue,
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
        let quorum = Quorum::new(members, domain, FeedKind::Event, feed, time, &reports, None)?;

        let subject = format!("the dispute of market {}", one.question.id);
        let arbiter_set = self.house.arbiter_set;
        let stage = &mut self.house.stage;
        let proven = self
            .proofs
            .observe(stage, arbiter_set, &quorum, truth, &subject)?;
        self.markets[market].proven = Some(proven);
        self.keep(market)
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
