//! How a market gets its result.

use anchor_lang::prelude::*;
use market_core::{
    evidence::{Observed, Observers},
    settlement::MarketStatus,
    BasisPoints, Meaning, Money, Now,
};
use oracle::{Observation, ProviderSet, ResultRoot, VerifyingKey};

use crate::{
    error::MarketError,
    state::{add, take, Market},
};

impl Market {
    pub fn is(&self, status: MarketStatus) -> bool {
        self.settlement.is(status)
    }

    /// Leaves `Open` for the path to a result: nobody can answer the price any more, which has no
    /// weight from here on.
    ///
    /// # Errors
    /// Those of the curve.
    pub fn end_trading(&mut self, now: Now, status: MarketStatus) -> Result<()> {
        self.observe(now)?;
        self.hours.end(now.seconds);
        self.settlement.status = status as u8;
        Ok(())
    }

    /// Whose observations the market takes now, and under which key: the arbiters' once they are
    /// called.
    fn observers(&self) -> Observers {
        if self.is(MarketStatus::Disputed) {
            self.arbiters()
        } else {
            self.evidence.observers()
        }
    }

    /// Whom the market believes once they are called, and under which key.
    pub fn arbiters(&self) -> Observers {
        Observers {
            provider_set: self.arbiter_set.to_bytes(),
            verifying_key: self.arbiter_key.to_bytes(),
        }
    }

    /// Whether `observation` is the one on which the arbiters would resolve the market.
    ///
    /// # Errors
    /// As [`Self::require_observation`].
    pub fn require_word_of_arbiters(&self, observation: &Observation) -> Result<()> {
        let observed = Observed::from(observation);
        let checked = self
            .evidence
            .require_observation(self.arbiters(), &observed);
        checked.map_err(|error| MarketError::from(error).into())
    }

    /// Whether `observation` is the one that the market waits for, of those whom it believes now, and
    /// nothing contradicts it.
    ///
    /// # Errors
    /// `WrongProviderSet`, `WrongVerifyingKey`, `WrongFeed`, `WrongObservationTime`,
    /// `ObservationNotValid`.
    pub fn require_observation(&self, observation: &Observation) -> Result<()> {
        let observed = Observed::from(observation);
        let checked = self
            .evidence
            .require_observation(self.observers(), &observed);
        checked.map_err(|error| MarketError::from(error).into())
    }

    /// Takes the strike of an up/down market from the observation at its opening.
    ///
    /// # Errors
    /// As [`Self::require_observation`], and `StrikeNotPending`.
    pub fn set_strike(&mut self, observation: &Observation) -> Result<()> {
        self.evidence
            .require_strike(self.observers(), &Observed::from(observation))
            .and_then(|()| self.rule.set_strike(observation.value))
            .map_err(|error| MarketError::from(error).into())
    }

    /// One number for what `value` means under the market's rule: the index of the outcome, −1 for a tie,
    /// or of a linear rule the value within its bounds. Two values with the same one pay the same.
    ///
    /// # Errors
    /// `ValueOutsideRule`, `StrikePending`.
    pub fn result_of(&self, value: i64) -> Result<i64> {
        let result = self
            .rule
            .meaning(value)
            .and_then(|meaning| meaning.result());
        result.map_err(|error| MarketError::from(error).into())
    }

    /// Settles the market on an observed value, at its slow prices if that is a tie.
    ///
    /// # Errors
    /// `ValueOutsideRule`, `StrikePending`.
    pub fn resolve(&mut self, value: i64, now: &Clock) -> Result<()> {
        let meaning = self.rule.meaning(value).map_err(MarketError::from)?;
        if meaning == Meaning::Tie {
            return self.settle_at_slow_prices(now.unix_timestamp);
        }
        self.settled_at = now.unix_timestamp;
        self.proposer_reward = 0;
        let bond = core::mem::take(&mut self.creator_bond);
        add(&mut self.creator_fees, bond)?;
        let resolved = self.settlement.resolve(meaning);
        resolved.map_err(|error| MarketError::from(error).into())
    }

    /// Settles the market at its slow prices, and gives the bonds of a dispute back. A creator whose
    /// market nobody proposed a result of loses what it put up, whoever called the arbiters: else a market
    /// that is made to go void would cost nothing.
    ///
    /// # Errors
    /// Those of the curve.
    pub fn void(&mut self, now: Now) -> Result<()> {
        self.observe(now)?;
        if !self.has_proposal() {
            let bond = core::mem::take(&mut self.creator_bond);
            add(&mut self.protocol_fees, bond)?;
        }
        self.settle_at_slow_prices(now.seconds)
    }

    /// Settles the market at its slow prices, which are current up to the end of trading.
    fn settle_at_slow_prices(&mut self, now_seconds: i64) -> Result<()> {
        let payouts = self.pool.void_payouts().map_err(MarketError::from)?;
        self.settled_at = now_seconds;
        self.proposer_reward = 0;
        let bond = core::mem::take(&mut self.creator_bond);
        add(&mut self.creator_fees, bond)?;
        self.settlement.void(payouts);
        Ok(())
    }

    /// Whether a proposal is right when the arbiters observed `result`; false if there is none. It
    /// stands for the strike that it was made on.
    pub fn is_proposal_right(&self, result: i64) -> bool {
        self.has_proposal() && self.proposed_result.abs_diff(result) <= self.tolerance
    }

    /// Whether a result was ever proposed.
    fn has_proposal(&self) -> bool {
        self.proposer != Pubkey::default()
    }

    /// Whether the arbiters can be called by what the oracle shows: a result is proposed, or can be still.
    ///
    /// # Errors
    /// [`MarketError::ProposalOver`], [`MarketError::NotProposed`].
    pub fn require_without_dispute(&self, now_seconds: i64) -> Result<()> {
        if self.settlement.is_open() {
            require_gt!(self.proposal_until, now_seconds, MarketError::ProposalOver);
        } else {
            require!(self.is(MarketStatus::Proposed), MarketError::NotProposed);
        }
        Ok(())
    }

    /// Moves the market to the arbiters' path. From here on its strike, too, is theirs to say, unless
    /// it was fixed at the creation: else nobody could put a false one right. Their time starts no
    /// sooner than what they have to observe, and without a proposal no sooner than the time of those is over: else a
    /// false proposal, a contradicted strike or a suspension long before would make the market void, whatever they say.
    ///
    /// # Errors
    /// [`MarketError::Overflow`], and those of the curve.
    pub fn call_arbiters(&mut self, now: Now) -> Result<()> {
        let proposable_until = if self.settlement.is_open() {
            self.proposal_until
        } else {
            now.seconds
        };
        self.end_trading(now, MarketStatus::Disputed)?;
        let observable_from = i64::try_from(self.evidence.observe_at_ms.div_ceil(1_000));
        self.arbitration_until = observable_from
            .map_err(|_| MarketError::Overflow)?
            .max(now.seconds)
            .max(proposable_until)
            .checked_add(i64::from(self.arbitration_seconds))
            .ok_or(MarketError::Overflow)?;
        self.rule.strike_pending = u8::from(self.evidence.strike_at_ms().is_some());
        Ok(())
    }

    /// Whether `observation`, at the market's address or at its strike's, contradicts itself, or is of
    /// another value than the market took from there.
    ///
    /// # Errors
    /// `WrongObservation`.
    pub fn is_contradicted(&self, address: &Pubkey, observation: &Observation) -> Result<bool> {
        let is_proposed = self.is(MarketStatus::Proposed);
        let result = is_proposed.then_some(self.proposed_value);
        let is_contradicted = self.evidence.is_contradicted(
            &address.to_bytes(),
            &Observed::from(observation),
            result,
            self.rule.strike(),
        );
        is_contradicted.map_err(|error| MarketError::from(error).into())
    }

    /// What proposer and disputer each have to put up: a part of the open interest that stood when it
    /// was last observed, between floor and cap. Complete sets, which anybody makes and unmakes within
    /// a moment at no cost, change it no more than by the time for which they stand. Base units.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn bond_now(&self) -> Result<u64> {
        let bond = math::vault::dispute_bond(
            self.interest_that_stood(),
            BasisPoints(self.bond_share),
            Money(self.bond_floor),
        )
        .map_err(MarketError::from)?;
        Ok(bond.0.min(self.bond_cap))
    }

    /// Shares the bonds after the arbiters' word: the loser's goes half to the winner and half to
    /// the treasury, rounded for the treasury. Where no disputer put one up, since the oracle had
    /// shown a conflict or a suspension, a wrong proposer's goes to the treasury whole: nobody who
    /// proposes a wrong result saves his bond by showing it himself.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn share_bonds(&mut self, is_proposal_right: bool) -> Result<()> {
        let is_disputed = self.disputer_claim > 0;
        let (winner, loser) = if is_proposal_right {
            (&mut self.proposer_claim, &mut self.disputer_claim)
        } else {
            (&mut self.disputer_claim, &mut self.proposer_claim)
        };
        let lost = core::mem::take(loser);
        let gained = if is_disputed { lost.div_euclid(2) } else { 0 };
        add(winner, gained)?;
        add(&mut self.protocol_fees, lost.saturating_sub(gained))
    }

    /// Pays the proposer whom nobody disputed, out of the protocol's fees.
    ///
    /// # Errors
    /// [`MarketError::Overflow`].
    pub fn reward_proposer(&mut self) -> Result<()> {
        let reward = core::mem::take(&mut self.proposer_reward);
        take(&mut self.protocol_fees, reward)?;
        add(&mut self.proposer_claim, reward)
    }

    /// Whether a result may be proposed: `root` is of the market's providers and key and has `value`
    /// as leaf `index`, and the market's observation, if there is one, says the same.
    ///
    /// # Errors
    /// `WrongProviderSet`, `WrongVerifyingKey`, `WrongObservation`, `ObservationNotValid`,
    /// `ObservationDisagrees`, and the oracle's `NotInRoot`.
    pub fn require_result(
        &self,
        root: &ResultRoot,
        observation: &AccountInfo,
        value: i64,
        index: u32,
        path: &[u8],
    ) -> Result<()> {
        require_keys_eq!(
            *observation.key,
            self.evidence.observation,
            MarketError::WrongObservation
        );
        let recorded = Observation::find(observation)?;
        let recorded = recorded.as_ref().map(Observed::from);
        let leaf = self
            .evidence
            .leaf(
                root.provider_set.to_bytes(),
                root.verifying_key.to_bytes(),
                recorded.as_ref(),
                value,
            )
            .map_err(MarketError::from)?;
        root.require_result(&leaf, index, path)
    }
}

/// Refuses what a suspended provider set says, or is proven under a suspended key.
///
/// # Errors
/// Those of the oracle.
pub fn require_in_force(
    provider_set: &ProviderSet,
    verifying_key: &VerifyingKey,
    now: i64,
) -> Result<()> {
    provider_set.require_usable(now)?;
    verifying_key.require_usable(now)
}
