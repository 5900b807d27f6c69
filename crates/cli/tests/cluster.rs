//! A flash market on a real validator, from its creation to the last paid ticket, by the commands alone.
//!
//! Runs where there is a `solana-test-validator` on the PATH, or one that STROBE_VALIDATOR names, and
//! bytecode for clusters or tests; else it says what it skipped.

mod common;

use std::{
    env,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use common::{strobe, Run};
use serde_json::{json, Value};
use solana_keypair::Keypair;
use solana_signer::Signer;
use tempfile::TempDir;
use testbed::PROGRAMS;

const FEED: &str = "4242";

#[test]
fn flash_market_lives_on_a_validator() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let vault = cluster.genesis["vault"].as_str().expect("a vault");
    let admin = cluster.key("admin");
    let bettor = cluster.key("bettor");

    let verified = cluster.run(
        &admin,
        &["verify-deployment", "--bytecode", &cluster.bytecode],
    );
    assert_eq!(verified["verified"], true);

    cluster.run(&admin, &["vault", "event", vault, "1"]);
    let create = [
        "market",
        "create",
        vault,
        "--event",
        "1",
        "--feed",
        FEED,
        "--opens-in-seconds",
        "6",
        "--duration-seconds",
        "30",
    ];
    let market = cluster.run(&admin, &create);
    let address = market["market"].as_str().expect("an address").to_string();
    let observe_at_ms = market["observe_at_ms"].to_string();

    let shown = cluster.wait_for(&address, "trading");
    assert_eq!(shown["prices_percent"], json!(["50.00", "50.00"]));
    let would = cluster.run(&bettor, &["bet", &address, "1", "50", "--dry-run"]);
    assert_eq!(would["dry_run"], true);
    let bet = cluster.run(&bettor, &["bet", &address, "1", "50"]);
    let shares = bet["quoted_shares"].as_str().expect("shares");
    let held = cluster.run(&bettor, &["position"]);
    assert_eq!(held[0]["shares"], json!(["0", shares]));

    let refused = cluster.strobe(&bettor, &["bet", &address, "2", "50"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("has outcomes 0 to 1, not 2"),
        "{}",
        refused.stderr
    );
    let refused = cluster.strobe(&bettor, &["vault", "event", vault, "2"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("vault event refused: NotOperator"),
        "{}",
        refused.stderr
    );

    cluster.wait_for(&address, "locked");
    let refused = cluster.strobe(&bettor, &["bet", &address, "1", "50"]);
    assert!(
        refused.stderr.contains("is locked, not trading"),
        "{}",
        refused.stderr
    );

    let proof = cluster.prove(&observe_at_ms, "1");
    let resolved = cluster.resolve(&bettor, &address, &proof);
    assert_eq!(resolved["winning_outcome"], 1);
    let again = cluster.run(&bettor, &["resolve", &address]);
    assert_eq!(again["already_done"], true);

    let mint = cluster.genesis["mint"].as_str().expect("a mint");
    let before = cluster.run(&bettor, &["token", "balance", mint])["base_units"].clone();
    let settled = cluster.run(&bettor, &["settle", &address]);
    assert_eq!(settled["paid"][0]["payout"], shares);
    let after = cluster.run(&bettor, &["token", "balance", mint])["base_units"].clone();
    let paid = after.as_u64().expect("units") - before.as_u64().expect("units");
    assert_eq!(paid, base_units(shares));
    assert_eq!(cluster.run(&bettor, &["position"]), json!([]));
}

fn base_units(tokens: &str) -> u64 {
    let (whole, fraction) = tokens.split_once('.').unwrap_or((tokens, ""));
    format!("{whole}{fraction:0<6}").parse().expect("a number")
}

/// A validator with a vault that has money.
struct Cluster {
    directory: TempDir,
    url: String,
    bytecode: String,
    genesis: Value,
    validator: Child,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.validator.kill();
        let _ = self.validator.wait();
    }
}

impl Cluster {
    fn start() -> Option<Self> {
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

        let directory = tempfile::tempdir().expect("a directory");
        for name in ["admin", "bettor", "mint"] {
            let path = directory.path().join(format!("{name}.json"));
            write_key(&path, &Keypair::new());
        }
        let genesis = genesis(&directory);
        let [rpc, faucet] = free_ports();
        let admin = address(&directory.path().join("admin.json"));
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
            validator: command.spawn().expect("the validator starts"),
            directory,
        };
        cluster.fund();
        Some(cluster)
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

    fn path(&self, name: &str) -> String {
        let path = self.directory.path().join(name);
        path.to_str().expect("UTF-8").to_owned()
    }

    fn key(&self, name: &str) -> String {
        self.path(&format!("{name}.json"))
    }

    fn strobe(&self, key: &str, arguments: &[&str]) -> Run {
        let mut all = arguments.to_vec();
        all.extend(["--cluster", &self.url, "--keypair", key]);
        strobe(&all)
    }

    #[track_caller]
    fn run(&self, key: &str, arguments: &[&str]) -> Value {
        self.strobe(key, arguments).json()
    }

    #[track_caller]
    fn wait_for(&self, market: &str, phase: &str) -> Value {
        let begun = Instant::now();
        loop {
            let shown = self.run(&self.key("bettor"), &["market", "show", market]);
            if shown["phase"] == phase {
                return shown;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(120),
                "it is {}",
                shown["phase"]
            );
            sleep(Duration::from_millis(500));
        }
    }

    /// What three providers sign, and the proof of it.
    fn prove(&self, at: &str, value: &str) -> String {
        let attestations: Vec<Value> = (1..=3)
            .map(|provider| {
                let key = self.path(&format!("provider-{provider}.json"));
                let sign = [
                    "attest",
                    "sign",
                    "--key",
                    &key,
                    "--feed",
                    FEED,
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
        let out = self.path("proof");
        let set = self.path("providers.json");
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

    /// Resolves once the chain's clock is past the observation.
    fn resolve(&self, key: &str, market: &str, proof: &str) -> Value {
        let begun = Instant::now();
        loop {
            let run = self.strobe(key, &["resolve", market, "--proof", proof]);
            if run.code == 0 || begun.elapsed() > Duration::from_secs(60) {
                return run.json();
            }
            sleep(Duration::from_secs(1));
        }
    }
}

fn genesis(directory: &TempDir) -> Value {
    let path = |name: &str| {
        let path = directory.path().join(name);
        path.to_str().expect("UTF-8").to_owned()
    };
    let members = [1, 2, 3].map(|provider| path(&format!("provider-{provider}.json")));
    for member in &members {
        strobe(&["attest", "keygen", "--unencrypted", "--out", member]).json();
    }
    let [first, second, third] = &members;
    let set = strobe(&[
        "providers",
        "assemble",
        "--threshold",
        "3",
        first,
        second,
        third,
    ])
    .json();
    std::fs::write(path("providers.json"), set.to_string()).expect("written");
    let bettor = address(&directory.path().join("bettor.json"));
    let made = [
        "genesis",
        "--admin",
        &path("admin.json"),
        "--mint",
        &path("mint.json"),
        "--bettor",
        &bettor,
        "--providers",
        &path("providers.json"),
        "--out",
        &path("accounts"),
    ];
    strobe(&made).json()
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

fn address(path: &Path) -> String {
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
