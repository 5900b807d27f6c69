//! A cluster, the key that signs, and what is done with both.

use std::{
    error::Error,
    path::{Path, PathBuf},
};

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use clap::Args;
use client::{
    accounts::StrobeAccount,
    addresses::oracle as addresses,
    lookup_tables,
    transport::{
        self, Cluster, Landed, PriorityFee, Refused, Rpc, RpcSettings, SentByTable, Simulated,
        Transport, TransportError,
    },
};
use demo::printable::printable;
use keeper::Settings;
use oracle::{Network, OracleConfig};
use serde_json::{json, Value};
use solana_keypair::Keypair;
use solana_message::AddressLookupTableAccount;
use solana_signer::Signer;
use thiserror::Error;

use super::Answer;
use crate::commands::files::read_secret_json;

/// How a command reaches its cluster.
#[derive(Args)]
pub struct LiveArguments {
    /// localnet, devnet, mainnet or the address of an RPC node [default: $STROBE_CLUSTER, else
    /// localnet].
    #[arg(long, value_name = "CLUSTER")]
    cluster: Option<Cluster>,
    /// Key that signs and pays [default: $STROBE_KEYPAIR, else ~/.config/solana/id.json].
    #[arg(long, value_name = "FILE")]
    keypair: Option<PathBuf>,
    /// Only say what would be done and what it would cost.
    #[arg(long)]
    dry_run: bool,
    /// Only JSON: no summary on standard error.
    #[arg(long)]
    json: bool,
    /// Micro-lamports a compute unit, instead of what is usual now.
    #[arg(long, value_name = "MICRO_LAMPORTS")]
    priority_fee: Option<u64>,
}

/// A cluster and the key that signs.
pub struct Session {
    pub chain: Rpc,
    pub cluster: Cluster,
    pub network: Network,
    pub key: Keypair,
    settings: RpcSettings,
    is_dry_run: bool,
    is_quiet: bool,
}

#[derive(Debug, Error)]
enum SessionError {
    #[error("there is no home directory: name a key with --keypair or STROBE_KEYPAIR")]
    NoHome,
    #[error("{path} is no key: expected 64 numbers as solana-keygen writes them", path = path.display())]
    NotAKey { path: PathBuf },
    #[error(
        "{url} is a node of {found:?}, but --cluster is {expected}; name the node's own cluster"
    )]
    OtherCluster {
        url: String,
        found: Network,
        expected: Cluster,
    },
    #[error("there is no program at {program} on {cluster}, where this copy declares its oracle: deploy it, or take the copy whose addresses the deployment has")]
    NoProgram { program: Pubkey, cluster: Cluster },
    #[error("{address} on {cluster} is {found}, expected a program: another deployment's address, or another cluster's")]
    NotAProgram {
        address: Pubkey,
        cluster: Cluster,
        found: String,
    },
    #[error("the oracle on {cluster} says that it is on {said:?}, but the cluster is {found:?}: do not use it")]
    OtherNetwork {
        cluster: Cluster,
        said: Network,
        found: Network,
    },
    #[error("{what} refused: {refused}{hint}{landed}")]
    Refused {
        what: String,
        refused: String,
        hint: String,
        landed: String,
    },
}

impl Session {
    /// Whether nothing is sent.
    pub fn is_dry_run(&self) -> bool {
        self.is_dry_run
    }

    /// # Errors
    /// If the key cannot be used, the cluster does not answer or is another.
    pub fn open(arguments: LiveArguments) -> Result<Self, Box<dyn Error>> {
        let cluster = match (arguments.cluster, std::env::var("STROBE_CLUSTER")) {
            (Some(cluster), _) => cluster,
            (None, Ok(text)) => text.parse()?,
            (None, Err(_)) => Cluster::Localnet,
        };
        let path = arguments
            .keypair
            .or_else(|| std::env::var_os("STROBE_KEYPAIR").map(PathBuf::from))
            .or_else(|| Some(dirs::home_dir()?.join(".config/solana/id.json")))
            .ok_or(SessionError::NoHome)?;
        let key = read_key(&path)?;
        let mut settings = RpcSettings::default();
        if let Some(price) = arguments.priority_fee {
            settings.priority_fee = PriorityFee::Fixed(price);
        }
        let chain = Rpc::new(&cluster, settings);
        let network = chain.network()?;
        if cluster
            .network()
            .is_some_and(|expected| expected != network)
        {
            return Err(SessionError::OtherCluster {
                url: cluster.rpc_url().to_string(),
                found: network,
                expected: cluster,
            }
            .into());
        }
        Ok(Self {
            chain,
            cluster,
            network,
            key,
            settings,
            is_dry_run: arguments.dry_run,
            is_quiet: arguments.json,
        })
    }

    /// The same cluster once more, for a thread of its own.
    pub fn reach(&self) -> Rpc {
        Rpc::new(&self.cluster, self.settings)
    }

    /// Who signs and pays.
    pub fn payer(&self) -> Pubkey {
        self.key.pubkey()
    }

    /// What a plan goes by of which one thing is done.
    pub fn plan_settings(&self) -> Settings {
        Settings {
            keeper: self.payer(),
            proposer: None,
            poke_after_seconds: i64::MAX,
            pays_in_one_call: false,
        }
    }

    /// Who signs, who has to own what is at an address: "an order", say.
    ///
    /// # Errors
    /// Says what is refused, and whose it is.
    pub fn require_own(
        &self,
        command: &str,
        address: &Pubkey,
        what: &str,
        owner: &Pubkey,
    ) -> Result<Pubkey, String> {
        let key = self.payer();
        if *owner != key {
            return Err(format!(
                "{command} refused: {address} is {what} of {owner}, the key is {key}"
            ));
        }
        Ok(key)
    }

    /// The oracle's configuration, after a look at whether it is ours and of this cluster.
    ///
    /// # Errors
    /// If there is no such program, or it is not initialized or for another network.
    pub fn config(&mut self) -> Result<OracleConfig, Box<dyn Error>> {
        self.require_program()?;
        let config: OracleConfig = self.read(&addresses::config()).map_err(|error| {
            match error.downcast_ref::<TransportError>() {
                Some(TransportError::Missing { .. }) => {
                    "the oracle is not initialized: `strobe init` comes first".into()
                }
                _ => error,
            }
        })?;
        if config.network != self.network {
            return Err(SessionError::OtherNetwork {
                cluster: self.cluster.clone(),
                said: config.network,
                found: self.network,
            }
            .into());
        }
        Ok(config)
    }

    /// # Errors
    /// If there is no program where this copy declares its oracle.
    pub fn require_program(&mut self) -> Result<(), Box<dyn Error>> {
        let program = oracle::ID;
        match self.chain.account(&program)? {
            None => Err(SessionError::NoProgram {
                program,
                cluster: self.cluster.clone(),
            }
            .into()),
            Some(account) if !account.executable => Err(SessionError::NotAProgram {
                address: program,
                cluster: self.cluster.clone(),
                found: format!("an account of {}", account.owner),
            }
            .into()),
            Some(_) => Ok(()),
        }
    }

    /// # Errors
    /// If there is no such account or it is another's.
    pub fn read<T: StrobeAccount>(&mut self, address: &Pubkey) -> Result<T, Box<dyn Error>> {
        Ok(transport::read(&mut self.chain, address)?)
    }

    /// # Errors
    /// If it is another's.
    pub fn find<T: StrobeAccount>(
        &mut self,
        address: &Pubkey,
    ) -> Result<Option<T>, Box<dyn Error>> {
        Ok(transport::find(&mut self.chain, address)?)
    }

    /// Unix seconds of the chain.
    ///
    /// # Errors
    /// If the cluster does not answer.
    pub fn now(&mut self) -> Result<i64, TransportError> {
        Ok(self.chain.clock()?.unix_timestamp)
    }

    /// Does `what`, or says what it would cost. The answer has `details` and the transaction.
    ///
    /// # Errors
    /// What was refused and why, and how to mend it where that is known.
    pub fn act(
        &mut self,
        what: &str,
        instructions: &[Instruction],
        others: &[&Keypair],
        details: Value,
    ) -> Answer {
        let mut answer = json!({ "action": what });
        merge(&mut answer, details);
        if self.is_dry_run {
            let payer = self.payer();
            let simulated = self.chain.simulate(instructions, &payer);
            return self.would(what, answer, simulated);
        }
        let mut signers: Vec<&dyn Signer> = vec![&self.key];
        for other in others {
            if other.pubkey() != self.key.pubkey() {
                signers.push(*other);
            }
        }
        let sent = self.chain.send(instructions, &signers);
        self.landed(what, answer, sent)
    }

    /// The answer with what the transaction would use.
    fn would(
        &self,
        what: &str,
        mut answer: Value,
        simulated: Result<Simulated, TransportError>,
    ) -> Answer {
        let simulated = simulated.map_err(|error| refusal(what, error))?;
        let would = json!({ "dry_run": true, "compute_units": simulated.compute_units });
        merge(&mut answer, would);
        self.say(&format!("{what}: would succeed"));
        Ok(answer)
    }

    /// The answer with the transaction.
    fn landed(
        &self,
        what: &str,
        mut answer: Value,
        sent: Result<Landed, TransportError>,
    ) -> Answer {
        let landed = sent.map_err(|error| refusal(what, error))?;
        merge(
            &mut answer,
            json!({
                "signature": landed.signature.to_string(),
                "slot": landed.slot,
                "compute_units": landed.compute_units,
                "fee_lamports": landed.fee_lamports,
            }),
        );
        self.say(&format!("{what}: done, {}", landed.signature));
        Ok(answer)
    }

    /// Does `what` by an instruction that may name more accounts than a transaction has room for: then by
    /// a lookup table. The answer has the table.
    ///
    /// # Errors
    /// As [`Self::act`].
    pub fn act_with_table(
        &mut self,
        what: &str,
        instruction: &Instruction,
        by: By,
        details: Value,
    ) -> Answer {
        let instructions = std::slice::from_ref(instruction);
        let is_named = matches!(by, By::Table(_));
        if !is_named && lookup_tables::fits(instructions, &self.payer()) {
            return self.act(what, instructions, &[], details);
        }
        let mut answer = json!({ "action": what });
        merge(&mut answer, details);
        let made = |error| refusal(&format!("{what}: its lookup table"), error);
        let table = match by {
            By::Table(address) => self.lookup_table(address)?,
            By::OwnTable | By::KeptTable if self.is_dry_run => {
                let unknown = json!({ "dry_run": true, "needs_lookup_table": true });
                merge(&mut answer, unknown);
                self.say(&format!(
                    "{what}: takes a lookup table, which a dry run does not make: what it would do is not known"
                ));
                return Ok(answer);
            }
            By::OwnTable => {
                let by_table = transport::send_by_table(&mut self.chain, instruction, &self.key);
                let SentByTable { sent, table, .. } = by_table.map_err(made)?;
                self.say(&format!(
                    "its lookup table gives its rent back by `strobe chain close-table {table}`, in four minutes"
                ));
                merge(&mut answer, json!({ "lookup_table": table.to_string() }));
                return self.landed(what, answer, sent);
            }
            By::KeptTable => {
                let table = transport::make_table(&mut self.chain, instruction, &self.key);
                table.map_err(made)?
            }
        };
        let tables = std::slice::from_ref(&table);
        merge(
            &mut answer,
            json!({ "lookup_table": table.key.to_string() }),
        );
        if self.is_dry_run {
            let payer = self.payer();
            let simulated = self.chain.simulate_with(instructions, tables, &payer);
            return self.would(what, answer, simulated);
        }
        let sent = self.chain.send_with(instructions, tables, &[&self.key]);
        if sent.is_err() {
            self.say(&format!("the lookup table {} is there", table.key));
        }
        self.landed(what, answer, sent)
    }

    /// Makes the lookup table of an instruction for later; `None` if it needs none.
    ///
    /// # Errors
    /// As [`Self::act`].
    pub fn prepare(
        &mut self,
        what: &str,
        instruction: &Instruction,
    ) -> Result<Option<Pubkey>, Box<dyn Error>> {
        if lookup_tables::fits(std::slice::from_ref(instruction), &self.payer()) {
            return Ok(None);
        }
        let table = transport::make_table(&mut self.chain, instruction, &self.key);
        let table = table.map_err(|error| refusal(what, error))?;
        self.say(&format!("{what}: done, {}", table.key));
        Ok(Some(table.key))
    }

    /// # Errors
    /// If there is no lookup table at the address.
    fn lookup_table(
        &mut self,
        address: Pubkey,
    ) -> Result<AddressLookupTableAccount, Box<dyn Error>> {
        let account = self.chain.account(&address)?;
        let table = account.and_then(|account| lookup_tables::read(address, &account));
        table.ok_or_else(|| format!("{address} is no lookup table").into())
    }

    /// A line of the summary.
    pub fn say(&self, line: &str) {
        if !self.is_quiet {
            eprintln!("{}", printable(line));
        }
    }
}

/// By which lookup table an instruction is sent that names too many accounts.
#[derive(Clone, Copy, Debug)]
pub enum By {
    /// One that is there.
    Table(Pubkey),
    /// A new one, for this once: it is deactivated at once.
    OwnTable,
    /// A new one, which stays for more of the same.
    KeptTable,
}

/// Reads a key in the form of solana-keygen from a file that only its owner may read.
///
/// # Errors
/// If the file cannot be read, others may read it, or it is no key.
pub fn read_key(path: &Path) -> Result<Keypair, Box<dyn Error>> {
    let bytes: Vec<u8> = read_secret_json(path)?;
    Keypair::try_from(bytes.as_slice()).map_err(|_| {
        SessionError::NotAKey {
            path: path.to_owned(),
        }
        .into()
    })
}

/// Adds the fields of one object to another.
pub fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

fn refusal(what: &str, error: TransportError) -> Box<dyn Error> {
    let TransportError::Refused(refused) = error else {
        return format!("{what}: {error}").into();
    };
    let Refused {
        error, signature, ..
    } = *refused;
    let landed = signature
        .map(|signature| format!("; the transaction {signature} landed, failed and cost its fee"));
    SessionError::Refused {
        what: what.to_string(),
        hint: hint(&error.name).map_or_else(String::new, |hint| format!("; {hint}")),
        refused: error.to_string(),
        landed: landed.unwrap_or_default(),
    }
    .into()
}

/// How to mend what is refused most often.
fn hint(error: &str) -> Option<&'static str> {
    Some(match error {
        "NotUpgradeAuthority" => "sign with the key that deployed the programs",
        "NotAdmin" => "sign with the oracle's admin, which `strobe verify-deployment` shows",
        "NotOperator" => "sign with the vault's operator, which `strobe vault show` names",
        "NotOpenYet" | "TradingNotOpen" => "wait: `strobe market show` says when it opens",
        "TradingOver" | "TradingEnded" => "trading is over: `strobe resolve` and `strobe settle` come next",
        "InsufficientFunds" => "the token account has too little: `strobe token balance` shows it",
        "ProofInvalid" => "the proof must be of this deployment, set, key, feed and time: compare `strobe market show` with the proof's statement",
        "AccountAlreadyInUse" => "it is there already",
        "SaleLeavesDebt" => "pay of the debt with `strobe position add-margin`, or all with `strobe position repay`",
        "DebtAboveMaximum" => "the debt has grown: try again",
        "StillExecutable" => "only its owner cancels it before it expires",
        "ExecutionOver" => "nobody executed it in time: `strobe keep` gives it back",
        "NothingToCollect" => "there is nothing to take: `strobe position show` says what its claim is",
        "TooLittleLocked" => "lock a quarter of the market's liquidity until trading is over",
        "MarketTooShort" | "MayEndEarly" | "CurveNotOffered" | "FeeTooLow" => "docs/leverage.md says which markets are lent on",
        _ => return None,
    })
}

/// The bound of whoever names none, rounded down.
pub fn a_hundredth_less(now: u64) -> u64 {
    now - now.div_ceil(100)
}
