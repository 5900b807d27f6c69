//! A working deployment on an embedded chain.

use anchor_lang::prelude::Pubkey;
use attestation::{
    Domain, Field, Millis, ObservationError, ProviderSetError, SecretKey, Statement,
};
use client::{
    addresses::oracle as addresses,
    instructions::oracle::{
        Initialize, InitializeArgs, ProposeProviderSet, ProposeProviderSetArgs,
        ProposeVerifyingKey, ProposeVerifyingKeyArgs, RecordResult, RecordResultArgs,
        ReportConflict, ReportConflictArgs, VerifyObservation, VerifyObservationArgs,
        VerifyResultRoot, VerifyResultRootArgs,
    },
};
use oracle::{
    instructions::MIN_MAINNET_TIMELOCK_SECONDS, Aggregation, FeedKind, Network, ProviderRole,
    NETWORK,
};
use result_tree::{FeedResult, ResultTree, ResultTreeError};
use solana_keypair::Keypair;
use solana_signer::Signer;
use thiserror::Error;

use crate::{
    simulation::{field, Trapdoor},
    Chain, ChainError, KeySource, ProgramKind, Receipt, SendError,
};

/// How a world is set up. The default is the network of the programs with five providers of whom three decide.
#[derive(Clone, Copy, Debug)]
pub struct WorldOptions {
    pub programs: ProgramKind,
    pub keys: KeySource,
    pub network: Network,
    /// Seconds.
    pub timelock: i64,
    /// Seconds.
    pub retention: i64,
    pub providers: u8,
    pub threshold: u8,
}

impl WorldOptions {
    /// The default setting with the programs in the form given.
    pub fn new(programs: ProgramKind) -> Self {
        Self {
            programs,
            keys: KeySource::Random,
            network: NETWORK,
            timelock: match NETWORK {
                Network::Mainnet => MIN_MAINNET_TIMELOCK_SECONDS,
                Network::Localnet | Network::Devnet => 60 * 60,
            },
            retention: 3 * 24 * 60 * 60,
            providers: 5,
            threshold: 3,
        }
    }
}

/// Why a world cannot be set up or acted in.
#[derive(Debug, Error)]
pub enum WorldError {
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error(transparent)]
    Send(#[from] SendError),
    #[error(transparent)]
    Providers(#[from] ProviderSetError),
    #[error(transparent)]
    Observation(#[from] ObservationError),
    #[error(transparent)]
    Results(#[from] ResultTreeError),
}

/// A chain with an initialized oracle, an active provider set and an active verifying key.
pub struct World {
    pub chain: Chain,
    pub network: Network,
    /// Seconds.
    pub timelock: i64,
    pub retention: i64,
    pub admin: Keypair,
    pub guardian: Keypair,
    /// Pays for what anybody may do.
    pub keeper: Keypair,
    pub providers: Vec<SecretKey>,
    /// Members of the provider set, in the order of `providers`.
    pub members: attestation::ProviderSet,
    pub provider_set: Pubkey,
    pub verifying_key: Pubkey,
    /// Of the feeds that proofs under the key are about.
    pub kind: attestation::FeedKind,
    /// Behind the verifying key.
    pub trapdoor: Trapdoor,
}

impl World {
    /// Circuit id under which a world publishes its verifying key.
    pub const CIRCUIT_ID: u32 = 3;
    /// Id of a world's provider set.
    pub const PROVIDER_SET_ID: u32 = 1;

    /// Starts a chain and makes everything on it usable.
    ///
    /// # Errors
    /// Each variant of [`WorldError`].
    pub fn start(options: &WorldOptions) -> Result<Self, WorldError> {
        let mut world = Self::initialized(options)?;
        let set = world.provider_set_args(Self::PROVIDER_SET_ID, 0);
        world.provider_set = world.propose_provider_set(set)?;
        let key = world.key_args(Self::CIRCUIT_ID, 0);
        world.verifying_key = world.propose_verifying_key(key)?;
        world.pass_timelock();
        Ok(world)
    }

    /// Starts a chain with an initialized oracle and nothing else: the provider set and the
    /// verifying key have addresses, but are not there.
    ///
    /// # Errors
    /// Each variant of [`WorldError`].
    pub fn initialized(options: &WorldOptions) -> Result<Self, WorldError> {
        let mut chain = Chain::start_with(options.programs, options.keys)?;
        let (admin, guardian, keeper) =
            (chain.new_actor()?, chain.new_actor()?, chain.new_actor()?);
        let upgrade_authority = chain.upgrade_authority().insecure_clone();
        let initialize = Initialize {
            payer: admin.pubkey(),
            upgrade_authority: upgrade_authority.pubkey(),
            args: InitializeArgs {
                network: options.network,
                admin: admin.pubkey(),
                guardian: guardian.pubkey(),
                timelock_seconds: options.timelock,
                retention_seconds: options.retention,
            },
        };
        chain.send(&[initialize.instruction()], &[&admin, &upgrade_authority])?;

        let providers: Vec<_> = (0..options.providers)
            .map(|_| SecretKey::generate())
            .collect();
        let members = providers
            .iter()
            .enumerate()
            .map(|(index, key)| attestation::Provider {
                name: format!("provider-{index}"),
                public_key: key.public_key(),
            })
            .collect();
        Ok(Self {
            chain,
            network: options.network,
            timelock: options.timelock,
            retention: options.retention,
            admin,
            guardian,
            keeper,
            members: attestation::ProviderSet::new(options.threshold.into(), members)?,
            providers,
            provider_set: addresses::provider_set(Self::PROVIDER_SET_ID, 0),
            verifying_key: addresses::verifying_key(Self::CIRCUIT_ID, 0),
            kind: attestation::FeedKind::Event,
            trapdoor: Trapdoor::random(),
        })
    }

    /// Moves the clock to where what has just been proposed takes effect.
    pub fn pass_timelock(&mut self) {
        self.advance_seconds(self.timelock);
    }

    /// Moves the clock on, with the slots that usually pass meanwhile.
    pub fn advance_seconds(&mut self, seconds: i64) {
        const SLOTS_PER_SECOND: u64 = 4;
        let seconds = u64::try_from(seconds).unwrap_or(0);
        self.chain.advance(
            seconds.saturating_mul(SLOTS_PER_SECOND),
            seconds.saturating_mul(1_000),
        );
    }

    /// The members as a proposal under this id and epoch. Medians may be of as few as the threshold.
    pub fn provider_set_args(&self, id: u32, epoch: u32) -> ProposeProviderSetArgs {
        let size = u8::try_from(self.providers.len()).unwrap_or(u8::MAX);
        ProposeProviderSetArgs {
            id,
            epoch,
            role: ProviderRole::Primary,
            root: field(self.members.root()),
            threshold: self.members.threshold(),
            size,
            median_slack: size.saturating_sub(self.members.threshold()),
        }
    }

    /// Proposes a provider set as the admin; gives its address.
    ///
    /// # Errors
    /// [`WorldError::Send`].
    pub fn propose_provider_set(
        &mut self,
        args: ProposeProviderSetArgs,
    ) -> Result<Pubkey, WorldError> {
        let admin = self.admin.pubkey();
        let propose = ProposeProviderSet { admin, args };
        self.chain.send(&[propose.instruction()], &[&self.admin])?;
        Ok(addresses::provider_set(args.id, args.epoch))
    }

    /// The key of the trapdoor as a proposal under this id and version. On mainnet it is passed off as
    /// one of a ceremony, as its maker could: no program can see that a trapdoor was kept.
    pub fn key_args(&self, circuit_id: u32, key_version: u32) -> ProposeVerifyingKeyArgs {
        let development = NETWORK != Network::Mainnet;
        let ceremony = [u8::from(!development); 32];
        ProposeVerifyingKeyArgs {
            circuit_id,
            key_version,
            aggregation: Aggregation::Agreement,
            feed_kind: FeedKind::Event,
            slots: 13,
            development,
            transcript_hash: ceremony,
            r1cs_hash: ceremony,
            key: self.trapdoor.key().as_bytes().to_vec(),
        }
    }

    /// Proposes a verifying key as the admin; gives its address.
    ///
    /// # Errors
    /// [`WorldError::Send`].
    pub fn propose_verifying_key(
        &mut self,
        args: ProposeVerifyingKeyArgs,
    ) -> Result<Pubkey, WorldError> {
        let address = addresses::verifying_key(args.circuit_id, args.key_version);
        let admin = self.admin.pubkey();
        let propose = ProposeVerifyingKey { admin, args };
        self.chain.send(&[propose.instruction()], &[&self.admin])?;
        Ok(address)
    }

    /// From now on what is proven are medians of ticks, under a key of their own.
    ///
    /// # Errors
    /// [`WorldError::Send`].
    pub fn prove_medians(&mut self) -> Result<(), WorldError> {
        let key = ProposeVerifyingKeyArgs {
            aggregation: Aggregation::Median,
            feed_kind: FeedKind::Tick,
            ..self.key_args(Self::CIRCUIT_ID, 1)
        };
        self.verifying_key = self.propose_verifying_key(key)?;
        self.kind = attestation::FeedKind::Tick;
        self.pass_timelock();
        Ok(())
    }

    /// Separates this deployment's signatures from those of every other.
    pub fn domain(&self) -> Domain {
        Domain::new(&oracle::ID.to_bytes(), self.network.tag())
    }

    /// That the world's provider set says `value` of `feed` at `time`.
    ///
    /// # Errors
    /// [`WorldError::Observation`] if the time is out of range.
    pub fn statement(&self, feed: Field, time: u64, value: i64) -> Result<Statement, WorldError> {
        Ok(Statement {
            domain: self.domain(),
            root: self.members.root(),
            threshold: self.members.threshold(),
            kind: self.kind,
            feed_id: feed,
            time: Millis::new(time)?,
            value: value.into(),
        })
    }

    /// The instruction that has an observation verified, with a proof of it.
    ///
    /// # Errors
    /// [`WorldError::Observation`] if the time is out of range.
    pub fn verify_observation(
        &self,
        feed: Field,
        time: u64,
        value: i64,
    ) -> Result<VerifyObservation, WorldError> {
        let statement = self.statement(feed, time, value)?;
        Ok(VerifyObservation {
            payer: self.keeper.pubkey(),
            provider_set: self.provider_set,
            verifying_key: self.verifying_key,
            args: VerifyObservationArgs {
                feed_id: field(feed),
                observe_at_ms: time,
                value,
                proof: self.trapdoor.prove(statement.hash()),
            },
        })
    }

    /// Has an observation verified; gives its address.
    ///
    /// # Errors
    /// Each variant of [`WorldError`] but those of setting up.
    pub fn observe(&mut self, feed: Field, time: u64, value: i64) -> Result<Pubkey, WorldError> {
        let verify = self.verify_observation(feed, time, value)?;
        self.send_verify(&verify)?;
        Ok(verify.observation())
    }

    /// The tree of these results in this deployment's domain.
    ///
    /// # Errors
    /// [`WorldError::Results`].
    pub fn result_tree(&self, results: &[FeedResult]) -> Result<ResultTree, WorldError> {
        Ok(ResultTree::new(&self.domain().to_bytes(), results)?)
    }

    /// The instruction that has a root verified, published on `feed` at `time`, with a proof of it.
    ///
    /// # Errors
    /// [`WorldError::Observation`] if the time is out of range.
    pub fn verify_result_root(
        &self,
        feed: Field,
        time: u64,
        tree: &ResultTree,
    ) -> Result<VerifyResultRoot, WorldError> {
        let statement = Statement {
            value: tree.root().into(),
            ..self.statement(feed, time, 0)?
        };
        Ok(VerifyResultRoot {
            payer: self.keeper.pubkey(),
            provider_set: self.provider_set,
            verifying_key: self.verifying_key,
            args: VerifyResultRootArgs {
                feed_id: field(feed),
                observe_at_ms: time,
                leaves: tree.leaves(),
                top: tree.top(),
                proof: self.trapdoor.prove(statement.hash()),
            },
        })
    }

    /// Has a root verified; gives its address.
    ///
    /// # Errors
    /// Each variant of [`WorldError`] but those of setting up.
    pub fn publish(
        &mut self,
        feed: Field,
        time: u64,
        tree: &ResultTree,
    ) -> Result<Pubkey, WorldError> {
        let verify = self.verify_result_root(feed, time, tree)?;
        self.chain.send(&[verify.instruction()], &[&self.keeper])?;
        Ok(verify.result_root())
    }

    /// The instruction that makes an observation of result `index` in a verified root.
    pub fn record_result(
        &self,
        result_root: Pubkey,
        tree: &ResultTree,
        result: &FeedResult,
        index: u32,
    ) -> RecordResult {
        RecordResult {
            payer: self.keeper.pubkey(),
            result_root,
            provider_set: self.provider_set,
            verifying_key: self.verifying_key,
            args: RecordResultArgs {
                feed_id: result.feed_id,
                observe_at_ms: result.time,
                value: result.value,
                index,
                path: tree.path(index).unwrap_or_default(),
            },
        }
    }

    /// The instruction that shows that the providers say `value` of an observation's feed and time,
    /// with a proof of it.
    ///
    /// # Errors
    /// [`WorldError::Observation`] if the time is out of range.
    pub fn report_conflict(
        &self,
        feed: Field,
        time: u64,
        value: i64,
    ) -> Result<ReportConflict, WorldError> {
        let verify = self.verify_observation(feed, time, value)?;
        Ok(ReportConflict {
            provider_set: self.provider_set,
            verifying_key: self.verifying_key,
            observation: verify.observation(),
            args: ReportConflictArgs {
                value,
                proof: verify.args.proof,
            },
        })
    }

    /// Sends a `verify_observation` signed by the keeper.
    ///
    /// # Errors
    /// Those of [`Chain::send`].
    pub fn send_verify(&mut self, verify: &VerifyObservation) -> Result<Receipt, SendError> {
        self.chain.send(&[verify.instruction()], &[&self.keeper])
    }
}
