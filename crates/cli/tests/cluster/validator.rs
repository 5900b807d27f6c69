//! A chain with a vault that has money, and how commands reach it: a validator, or the embedded one.

use std::{
    env,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;
use solana_keypair::Keypair;
use solana_signer::Signer;
use tempfile::TempDir;
use testbed::PROGRAMS;

use crate::{
    common::{strobe, Run},
    embedded::Embedded,
};

/// Of governance on the chain, in seconds.
pub const TIMELOCK_SECONDS: u64 = 6;
/// Who signs: those who observe, and those who decide disputes.
pub const PROVIDER: &str = "provider";
pub const ARBITER: &str = "arbiter";

/// A validator with a vault that has money.
pub struct Cluster {
    directory: TempDir,
    pub url: String,
    pub bytecode: String,
    pub genesis: Value,
    chain: Running,
}

enum Running {
    Validator(Child),
    Embedded(Embedded),
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Self::Validator(process) = self {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

impl Cluster {
    /// `None`, and it says why, where there is no validator or no bytecode.
    pub fn on_a_validator() -> Option<Self> {
        let validator = validator();
        if validator.is_none() {
            eprintln!(
                "SKIPPED: there is no solana-test-validator on the PATH or in STROBE_VALIDATOR"
            );
        }
        let validator = validator?;
        let bytecode = bytecode();
        if bytecode.is_none() {
            eprintln!("SKIPPED: there is no bytecode; scripts/build-programs builds it");
        }
        let bytecode = bytecode?;
        let (directory, genesis) = new_home();
        let [rpc, faucet] = free_ports();
        let admin = address(&directory.path().join("keys/admin.json"));
        let mut command = Command::new(validator);
        command
            .args(["--quiet", "--bind-address", "127.0.0.1"])
            .args([
                "--rpc-port",
                &rpc.to_string(),
                "--faucet-port",
                &faucet.to_string(),
            ])
            .arg("--ledger")
            .arg(directory.path().join("ledger"))
            .arg("--account-dir")
            .arg(directory.path().join("accounts"))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        for program in PROGRAMS {
            let path = bytecode.join(program.name).with_extension("so");
            let id = program.id.to_string();
            command
                .args(["--upgradeable-program", &id])
                .arg(path)
                .arg(&admin);
        }
        let cluster = Self {
            url: format!("http://127.0.0.1:{rpc}"),
            bytecode: bytecode.to_str().expect("UTF-8").to_string(),
            genesis,
            chain: Running::Validator(command.spawn().expect("the validator starts")),
            directory,
        };
        cluster.fund();
        Some(cluster)
    }

    pub fn embedded() -> Self {
        let (directory, genesis) = new_home();
        let embedded = Embedded::start(directory.path().join("accounts"));
        let cluster = Self {
            url: embedded.url.clone(),
            bytecode: String::new(),
            genesis,
            chain: Running::Embedded(embedded),
            directory,
        };
        cluster.fund();
        cluster
    }

    /// Whether it is a validator: with bytecode, WebSocket and a time of its own.
    pub fn is_validator(&self) -> bool {
        matches!(self.chain, Running::Validator(_))
    }

    /// Lets the embedded chain's time pass; nothing on a validator.
    pub fn skip(&self, seconds: u64) {
        if let Running::Embedded(chain) = &self.chain {
            chain.advance(seconds);
        }
    }

    fn wait(&self) {
        match &self.chain {
            Running::Validator(_) => sleep(Duration::from_millis(500)),
            Running::Embedded(chain) => chain.advance(2),
        }
    }

    /// Waits until the validator gives SOL.
    fn fund(&self) {
        let begun = Instant::now();
        for name in ["admin", "bettor"] {
            let key = self.key(name);
            while self.strobe(&key, &["token", "airdrop", "100"]).code != 0 {
                assert!(begun.elapsed() < Duration::from_secs(180), "no validator");
                sleep(Duration::from_secs(1));
            }
        }
    }

    pub fn path(&self, name: &str) -> String {
        let path = self.directory.path().join(name);
        path.to_str().expect("UTF-8").to_owned()
    }

    pub fn key(&self, name: &str) -> String {
        self.path(&format!("keys/{name}.json"))
    }

    pub fn strobe(&self, key: &str, arguments: &[&str]) -> Run {
        let mut all = arguments.to_vec();
        all.extend(["--cluster", &self.url, "--keypair", key]);
        strobe(&all)
    }

    #[track_caller]
    pub fn run(&self, key: &str, arguments: &[&str]) -> Value {
        self.strobe(key, arguments).json()
    }

    /// What a command says of a market, once it is in that phase.
    #[track_caller]
    pub fn wait_for(&self, show: &str, market: &str, phase: &str) -> Value {
        let begun = Instant::now();
        loop {
            let shown = self.run(&self.key("bettor"), &[show, "show", market]);
            if shown["phase"] == phase {
                return shown;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(180),
                "it is {}",
                shown["phase"]
            );
            self.wait();
        }
    }

    /// Runs a command again and again until the chain's clock lets it.
    #[track_caller]
    pub fn run_when_due(&self, key: &str, arguments: &[&str]) -> Value {
        let begun = Instant::now();
        loop {
            let run = self.strobe(key, arguments);
            if run.code == 0 || begun.elapsed() > Duration::from_secs(120) {
                return run.json();
            }
            self.wait();
        }
    }

    /// The sentence of a command that is refused.
    #[track_caller]
    pub fn refused(&self, key: &str, arguments: &[&str]) -> String {
        let run = self.strobe(key, arguments);
        assert_eq!(run.code, 1, "it said {}{}", run.stdout, run.stderr);
        run.stderr
    }

    /// A new key with some SOL.
    pub fn new_key(&self, name: &str) -> String {
        write_key(
            &self.directory.path().join(format!("keys/{name}.json")),
            &Keypair::new(),
        );
        let key = self.key(name);
        self.run(&key, &["token", "airdrop", "10"]);
        key
    }

    /// What those who decide sign, `provider` or `arbiter`, and the proof of it.
    pub fn prove(&self, role: &str, feed: &str, at: &str, value: &str) -> String {
        let signers = if role == ARBITER { 2 } else { 3 };
        let attestations: Vec<Value> = (1..=signers)
            .map(|signer| {
                let key = self.key(&format!("{role}-{signer}"));
                let sign = [
                    "attest",
                    "sign",
                    "--key",
                    &key,
                    "--feed",
                    feed,
                    "--observed-at",
                    at,
                    "--kind",
                    "event",
                    "--value",
                    value,
                    "--any-time",
                ];
                strobe(&sign).json()
            })
            .collect();
        let path = self.path("attestations.json");
        std::fs::write(&path, Value::from(attestations).to_string()).expect("written");
        let out = self.path(&format!("proof-{feed}-{at}-{value}"));
        let set = self.path(&format!("{role}s.json"));
        let prove = [
            "prove",
            "--providers",
            &set,
            "--attestations",
            &path,
            "--at",
            at,
            "--out",
            &out,
            "--any-time",
        ];
        strobe(&prove).json();
        out
    }
}

/// A directory as scripts/localnet has it: keys, and the accounts of a deployment that is set up.
fn new_home() -> (TempDir, Value) {
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(directory.path().join("keys")).expect("a directory");
    for name in ["admin", "bettor", "mint"] {
        let path = directory.path().join(format!("keys/{name}.json"));
        write_key(&path, &Keypair::new());
    }
    let genesis = genesis(&directory);
    (directory, genesis)
}

fn genesis(directory: &TempDir) -> Value {
    let path = |name: &str| {
        let path = directory.path().join(name);
        path.to_str().expect("UTF-8").to_owned()
    };
    for (role, members, threshold) in [(PROVIDER, 5, "3"), (ARBITER, 3, "2")] {
        let members: Vec<String> = (1..=members)
            .map(|member| path(&format!("keys/{role}-{member}.json")))
            .collect();
        for member in &members {
            strobe(&["attest", "keygen", "--unencrypted", "--out", member]).json();
        }
        let assemble = ["providers", "assemble", "--threshold", threshold].map(str::to_string);
        let set = strobe(&[assemble.as_slice(), &members].concat()).json();
        std::fs::write(path(&format!("{role}s.json")), set.to_string()).expect("written");
    }
    let bettor = address(&directory.path().join("keys/bettor.json"));
    let made = [
        "genesis",
        "--admin",
        &path("keys/admin.json"),
        "--mint",
        &path("keys/mint.json"),
        "--bettor",
        &bettor,
        "--providers",
        &path("providers.json"),
        "--arbiters",
        &path("arbiters.json"),
        "--timelock-seconds",
        &TIMELOCK_SECONDS.to_string(),
        "--out",
        &path("accounts"),
    ];
    let made = strobe(&made).json();
    std::fs::write(path("genesis.json"), made.to_string()).expect("written");
    made
}

fn write_key(path: &Path, key: &Keypair) {
    std::fs::write(path, format!("{:?}", key.to_bytes())).expect("written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(path, private).expect("permissions");
    }
}

pub fn address(path: &Path) -> String {
    let text = std::fs::read_to_string(path).expect("a key");
    let bytes: Vec<u8> = serde_json::from_str(&text).expect("numbers");
    Keypair::try_from(bytes.as_slice())
        .expect("a key")
        .pubkey()
        .to_string()
}

fn validator() -> Option<PathBuf> {
    if let Some(named) = env::var_os("STROBE_VALIDATOR") {
        return Some(named.into());
    }
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join("solana-test-validator"))
        .find(|path| path.is_file())
}

/// A folder with every program; at genesis both versions of bytecode load.
fn bytecode() -> Option<PathBuf> {
    let tests = PROGRAMS[0].bytecode();
    let tests = tests.parent()?;
    [tests.with_file_name("deploy"), tests.to_owned()]
        .into_iter()
        .find(|folder| {
            let mut programs = PROGRAMS.iter();
            programs.all(|program| folder.join(program.name).with_extension("so").is_file())
        })
}

/// One whose successor is free too, for the WebSocket, and another.
fn free_ports() -> [u16; 2] {
    let free = |port: u16| TcpListener::bind(("127.0.0.1", port)).ok();
    let (rpc, _held) = (0..100)
        .find_map(|_| {
            let first = free(0)?;
            let port = first.local_addr().ok()?.port();
            Some((port, (first, free(port.checked_add(1)?)?)))
        })
        .expect("free ports");
    let faucet = free(0)
        .expect("a port")
        .local_addr()
        .expect("an address")
        .port();
    [rpc, faucet]
}

/// The address of a key.
pub fn address_of(cluster: &Cluster, name: &str) -> String {
    address(&cluster.directory.path().join(format!("keys/{name}.json")))
}
