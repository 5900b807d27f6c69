//! The quorum statement: at least `threshold` distinct members of the provider set with this root
//! signed `value` for the feed, each with `prev_at < T ≤ observed_at`. Of an event every `prev_at` is 0,
//! of a tick none is.
//!
//! The median statement: the same, but the values may differ, and `value` is their median.

use ark_ec::AffineRepr;
use ark_ff::{BigInteger256, Field as _, One, PrimeField};
use attestation::{
    Aggregation, Attestation, Domain, FeedKind, Field, Millis, Point, Quorum, Statement, Value,
    ARITY, CAPACITY,
};

use crate::{
    bits::{bit, bits, bounded, canonical_bits, enforce_bounded, number, select},
    curve::{challenge_product, difference_from_base, on_curve},
    median::enforce_median,
    poseidon::poseidon,
    system::{zero, Expression, System},
    Circuit, CircuitError,
};

/// Bits of a place in the provider tree.
const PLACE_BITS: usize = CAPACITY.trailing_zeros() as usize;
/// Bits of the number of enabled slots beyond the threshold.
const SURPLUS_BITS: usize = 4;
/// Bits of a difference of two times, which are below 2⁶³.
const TIME_BITS: usize = 63;

/// What a prover of the statement knows.
#[derive(Clone, Debug)]
pub struct QuorumWitness {
    aggregation: Aggregation,
    statement: Statement,
    leaves: [Field; CAPACITY],
    slots: Vec<Slot>,
}

/// One attestation of the witness.
#[derive(Clone, Debug)]
struct Slot {
    is_enabled: bool,
    /// Place of the member in the provider set.
    place: usize,
    key: Point,
    r8: Point,
    /// S of the signature.
    s: BigInteger256,
    observed_at: Millis,
    prev_at: Millis,
    value: Value,
}

impl Slot {
    fn new(is_enabled: bool, (place, attestation): &(usize, Attestation)) -> Self {
        Self {
            is_enabled,
            place: *place,
            key: attestation.provider.point(),
            r8: attestation.signature.r8(),
            s: attestation.signature.s().into_bigint(),
            observed_at: attestation.observation.observed_at(),
            prev_at: attestation.observation.prev_at(),
            value: attestation.observation.value(),
        }
    }
}

impl QuorumWitness {
    /// The witness for `circuit`. Of members that agree as many are used as the threshold asks for,
    /// of a median all; slots beyond them repeat one and are disabled.
    ///
    /// # Errors
    /// [`CircuitError::ThresholdAboveSlots`] if there are fewer slots than attestations to use,
    /// [`CircuitError::OtherAggregation`] if the circuit is of the other statement.
    pub fn new(quorum: &Quorum, circuit: Circuit) -> Result<Self, CircuitError> {
        let (statement, aggregation) = (*quorum.statement(), quorum.aggregation());
        if circuit.aggregation() != aggregation {
            return Err(CircuitError::OtherAggregation {
                circuit,
                found: aggregation,
            });
        }
        let slots = circuit.slots();
        let threshold = match aggregation {
            Aggregation::Agreement => usize::from(statement.threshold),
            Aggregation::Median => quorum.members().len(),
        };
        if threshold > slots {
            return Err(CircuitError::ThresholdAboveSlots { threshold, slots });
        }
        let used = quorum
            .members()
            .iter()
            .take(threshold)
            .map(|member| Slot::new(true, member));
        let unused = quorum
            .members()
            .iter()
            .cycle()
            .map(|member| Slot::new(false, member));
        Ok(Self {
            aggregation,
            statement,
            leaves: *quorum.leaves(),
            slots: used.chain(unused).take(slots).collect(),
        })
    }

    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// A witness of nothing, for building the constraints, which do not depend on values.
    pub(crate) fn blank(circuit: Circuit) -> Self {
        let slot = Slot {
            is_enabled: false,
            place: 0,
            key: Point::generator(),
            r8: Point::generator(),
            s: BigInteger256::default(),
            observed_at: Millis::default(),
            prev_at: Millis::default(),
            value: Value::Number(0),
        };
        Self {
            aggregation: circuit.aggregation(),
            statement: Statement {
                domain: Domain(Field::default()),
                root: Field::default(),
                threshold: 0,
                kind: FeedKind::Event,
                feed_id: Field::default(),
                time: Millis::default(),
                value: 0.into(),
            },
            leaves: [Field::default(); CAPACITY],
            slots: vec![slot; circuit.slots()],
        }
    }

    /// Variables and constraints of the statement, with this witness's values.
    pub fn build<S: System>(&self, system: &mut S) {
        let Statement {
            threshold,
            kind,
            feed_id,
            time,
            value,
            ..
        } = self.statement;
        let public = system.public_input(self.statement.hash());
        system.section("statement");
        let shared = Shared {
            domain: system.witness(self.statement.signed_domain().0),
            is_tick: bit(system, kind == FeedKind::Tick),
            feed_id: system.witness(feed_id),
            time: system.witness(Field::from(time.get())),
            value: system.witness(value.to_field()),
            leaves: self
                .leaves
                .iter()
                .map(|leaf| system.witness(*leaf))
                .collect(),
        };
        let threshold = system.witness(Field::from(threshold));
        system.section("provider_root");
        let root = root(system, &shared.leaves);
        // The threshold is below 2⁴, so the sum says both.
        let offset = Field::from(FeedKind::Tick.offset());
        system.section("statement_hash");
        let hash = poseidon(
            system,
            [
                &shared.domain,
                &root,
                &(threshold.clone() + shared.is_tick.clone() * offset),
                &shared.feed_id,
                &shared.time,
                &shared.value,
            ],
        );
        system.enforce_equal(&hash, &public);

        let built = system.each(&self.slots, |system, slot| {
            slot.build(system, &shared, self.aggregation, self.statement.time)
        });
        system.section("distinct");
        enforce_distinct(system, &built);
        if self.aggregation == Aggregation::Median {
            let signed: Vec<_> = built
                .iter()
                .map(|slot| (slot.enabled.clone(), slot.value.clone()))
                .collect();
            system.section("median");
            enforce_median(system, &shared.value, &signed);
        }
        let enabled = built
            .into_iter()
            .fold(zero(), |sum: S::Expression, slot| sum + slot.enabled);
        system.section("threshold");
        enforce_bounded(system, &(enabled - threshold), SURPLUS_BITS);
    }
}

/// What all slots are about.
struct Shared<E> {
    domain: E,
    /// One if the feed has ticks, zero if it is of an event.
    is_tick: E,
    feed_id: E,
    time: E,
    value: E,
    leaves: Vec<E>,
}

/// What the slots have to agree on among themselves.
struct Built<E> {
    /// One if the slot counts, else zero.
    enabled: E,
    /// Place of its member in the provider set.
    place: E,
    /// What its member signed.
    value: E,
}

impl Slot {
    fn build<S: System>(
        &self,
        system: &mut S,
        shared: &Shared<S::Expression>,
        aggregation: Aggregation,
        time: Millis,
    ) -> Built<S::Expression> {
        system.section("enabled");
        let enabled = bit(system, self.is_enabled);
        let value = match aggregation {
            Aggregation::Agreement => shared.value.clone(),
            Aggregation::Median => system.witness(self.value.to_field()),
        };

        // A time this long before or after T is T and a number of bits: no more is to be enforced.
        let time = Field::from(time.get());
        let after = Field::from(self.observed_at.get()) - time;
        let before = time - Field::one() - Field::from(self.prev_at.get());
        system.section("times");
        let observed_at = shared.time.clone() + bounded(system, after, TIME_BITS);
        let prev_at = shared.time.clone()
            - S::Expression::constant(Field::one())
            - bounded(system, before, TIME_BITS);
        system.section("kind");
        enforce_kind(system, &prev_at, &shared.is_tick);
        system.section("message");
        let message = poseidon(
            system,
            [
                &shared.domain,
                &shared.feed_id,
                &observed_at,
                &prev_at,
                &value,
            ],
        );

        system.section("member");
        let [key_x, key_y] = [self.key.x, self.key.y].map(|value| system.witness(value));
        let leaf = poseidon(system, [&key_x, &key_y]);
        let place = bits(system, (self.place as u64).into(), PLACE_BITS);
        let selected = select(system, &shared.leaves, &place);
        system.enforce_equal(&leaf, &selected);

        system.section("challenge");
        let [r8_x, r8_y] = [self.r8.x, self.r8.y].map(|value| system.witness(value));
        let challenge = poseidon(system, [&r8_x, &r8_y, &key_x, &key_y, &message]);
        system.section("challenge_bits");
        let challenge_bits = canonical_bits(system, &challenge);
        system.section("key_on_curve");
        let key = on_curve(system, &key_x, &key_y);
        system.section("challenge_product");
        let product = challenge_product(system, &key, &challenge_bits);
        system.section("base_product");
        let (x, y) = difference_from_base(system, self.s, &product);
        system.section("signature");
        // R8 equals a point of the prime-order subgroup that is not the identity: it is on the
        // curve and not of small order.
        system.enforce(&(x - r8_x), &enabled, &zero());
        system.enforce(&(y - r8_y), &enabled, &zero());

        Built {
            enabled,
            place: number(&place),
            value,
        }
    }
}

/// Enforces that `prev_at` is zero exactly if the feed has no ticks: of a tick `inverse · prev_at` is 1;
/// of an event it is 0 and the sum of both is 0, so that both are 0.
fn enforce_kind<S: System>(system: &mut S, prev_at: &S::Expression, is_tick: &S::Expression) {
    let inverse = prev_at.value().inverse().unwrap_or_default();
    let inverse = system.witness(inverse);
    system.enforce(&inverse, prev_at, is_tick);
    let is_event = S::Expression::constant(Field::one()) - is_tick.clone();
    system.enforce(&(prev_at.clone() + inverse), &is_event, &zero());
}

/// Enabled slots come first, and their places strictly increase.
fn enforce_distinct<S: System>(system: &mut S, slots: &[Built<S::Expression>]) {
    let one = S::Expression::constant(Field::one());
    for pair in slots.windows(2) {
        let [previous, next] = pair else { continue };
        let is_disabled = one.clone() - previous.enabled.clone();
        system.enforce(&is_disabled, &next.enabled, &zero());
        let step = next.place.clone() - previous.place.clone() - one.clone();
        let step = system.product(&step, &next.enabled);
        enforce_bounded(system, &step, PLACE_BITS);
    }
}

/// Root of the provider tree, equal to [`attestation::root_of_leaves`].
fn root<S: System>(system: &mut S, leaves: &[S::Expression]) -> S::Expression {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = level
            .chunks_exact(ARITY)
            .map(|children| {
                poseidon::<S, ARITY>(system, std::array::from_fn(|child| &children[child]))
            })
            .collect();
    }
    level.into_iter().next().unwrap_or_else(zero)
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod tests;
