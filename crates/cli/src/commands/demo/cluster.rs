//! `strobe demo --cluster`: goals of the match on a cluster that `scripts/localnet` runs, in real time, by the
//! commands that anybody can type.

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use clap::Args;
use demo::feed::Match;
use serde::Serialize;
use serde_json::Value;

use crate::commands::files::read_json;

const OPENS_IN_SECONDS: &str = "5";
const DURATION_SECONDS: &str = "20";
/// Longest that a market may take to open, to lock, or to be resolved.
const PATIENCE: Duration = Duration::from_secs(180);
const POLL: Duration = Duration::from_secs(1);
/// What the bettor stakes on whoever scores, and on the other team; tokens.
const STAKES: [&str; 2] = ["50", "20"];
const PROMPT: [&str; 3] = ["1", "2", "3"];
const LIAR: &str = "5";

#[derive(Args)]
pub struct OnCluster {
    /// Play on a cluster that scripts/localnet runs, in real time, instead of on an embedded chain.
    #[arg(long)]
    cluster: Option<String>,
    /// Folder of scripts/localnet, with its keys [default: target/localnet].
    #[arg(long, value_name = "DIR", requires = "cluster")]
    home: Option<PathBuf>,
    /// How many of the match's goals are bet on, a market each of half a minute.
    #[arg(long, value_name = "N", default_value_t = 2, requires = "cluster")]
    goals: usize,
}

#[derive(Serialize)]
struct Played {
    title: String,
    markets: Vec<PlayedMarket>,
}

#[derive(Serialize)]
struct PlayedMarket {
    market: String,
    question: String,
    winner: String,
    paid: String,
}

struct Stage {
    cluster: String,
    home: PathBuf,
    vault: String,
}

impl OnCluster {
    pub fn is_wanted(&self) -> bool {
        self.cluster.is_some()
    }

    /// # Errors
    /// If a command is refused, or the folder is not one of scripts/localnet.
    pub fn run(self, game: &Match, json: Option<&Path>) -> Result<(), Box<dyn Error>> {
        let home = self.home.unwrap_or_else(|| "target/localnet".into());
        let genesis: Value = read_json(&home.join("genesis.json")).map_err(|error| {
            format!("{error}; start scripts/localnet first, or name its folder")
        })?;
        let stage = Stage {
            cluster: self.cluster.unwrap_or_default(),
            vault: genesis["vault"].as_str().unwrap_or_default().to_string(),
            home,
        };
        let event = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        stage.strobe(
            "admin",
            &["vault", "event", &stage.vault, &event.to_string()],
        )?;
        let mut played = Played {
            title: game.title(),
            markets: Vec::new(),
        };
        for (number, goal) in (1_u64..).zip(game.goals().iter().take(self.goals)) {
            let feed = event.saturating_mul(100).saturating_add(number);
            let question = format!("Who scores goal {number}?");
            eprintln!("\n{question}");
            let winner = goal.team.index();
            let market = stage.play(event, feed, winner)?;
            let winner = game.teams.get(winner).cloned().unwrap_or_default();
            played.markets.push(PlayedMarket {
                market: market.0,
                question,
                winner,
                paid: market.1,
            });
        }
        println!("{}, on {}:", played.title, stage.cluster);
        for market in &played.markets {
            println!(
                "  {} {}, which paid {} tokens ({})",
                market.question, market.winner, market.paid, market.market
            );
        }
        if let Some(path) = json {
            fs::write(path, serde_json::to_string_pretty(&played)? + "\n")?;
        }
        Ok(())
    }
}

impl Stage {
    /// A market from its creation to its last payment: its address, and what it paid.
    fn play(
        &self,
        event: u64,
        feed: u64,
        winner: usize,
    ) -> Result<(String, String), Box<dyn Error>> {
        let (event, feed) = (event.to_string(), feed.to_string());
        let mut create = vec!["market", "create", &self.vault, "--event", &event];
        create.extend(["--feed", &feed, "--opens-in-seconds", OPENS_IN_SECONDS]);
        create.extend(["--duration-seconds", DURATION_SECONDS]);
        let created = self.strobe("admin", &create)?;
        let market = created["market"].as_str().unwrap_or_default();
        let at = created["observe_at_ms"].to_string();
        let (truth, lie) = (
            winner.to_string(),
            (1_usize.saturating_sub(winner)).to_string(),
        );

        self.wait_for(market, "trading")?;
        self.strobe("bettor", &["bet", market, &truth, STAKES[0]])?;
        self.strobe("bettor", &["bet", market, &lie, STAKES[1]])?;
        self.strobe("bettor", &["cash-out", market, &lie])?;
        self.wait_for(market, "locked")?;

        let mut attestations = Vec::new();
        let values = PROMPT.map(|provider| (provider, &truth));
        for (provider, value) in values.into_iter().chain([(LIAR, &lie)]) {
            let key = self.key(&format!("provider-{provider}"));
            let mut sign = vec!["attest", "sign", "--key", &key, "--kind", "event"];
            sign.extend(["--feed", &feed, "--observed-at", &at, "--any-time"]);
            sign.extend(["--value", value.as_str()]);
            attestations.push(self.command(&sign)?);
        }
        let proof = self.prove(&attestations, &at)?;
        let resolve = ["resolve", market, "--proof", proof.as_str()];
        self.until_taken("bettor", &resolve)?;
        let settled = self.strobe("bettor", &["settle", market])?;
        let paid = settled["paid"][0]["payout"].as_str().unwrap_or("0");
        Ok((market.to_string(), paid.to_string()))
    }

    /// The folder of the proof of what most providers signed.
    fn prove(&self, attestations: &[Value], at: &str) -> Result<String, Box<dyn Error>> {
        let path = |name: &str| self.home.join(name).to_string_lossy().into_owned();
        let (file, out) = (path("demo-attestations.json"), path("demo-proof"));
        fs::write(&file, serde_json::to_string(attestations)?)?;
        let providers = path("providers.json");
        let mut prove = vec!["prove", "--providers", &providers, "--attestations", &file];
        prove.extend(["--at", at, "--out", &out, "--any-time"]);
        self.command(&prove)?;
        Ok(out)
    }

    fn wait_for(&self, market: &str, phase: &str) -> Result<(), Box<dyn Error>> {
        let begun = Instant::now();
        loop {
            let shown = self.quietly("bettor", &["market", "show", market, "--json"])?;
            if shown["phase"] == phase {
                return Ok(());
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("{market} is {}, expected {phase}", shown["phase"]).into());
            }
            sleep(POLL);
        }
    }

    /// The observation has to be in the past for the cluster's clock, which is not this one's.
    fn until_taken(&self, key: &str, arguments: &[&str]) -> Result<Value, Box<dyn Error>> {
        let begun = Instant::now();
        loop {
            match self.strobe(key, arguments) {
                Err(_) if begun.elapsed() < PATIENCE => sleep(POLL),
                taken => return taken,
            }
        }
    }

    fn key(&self, name: &str) -> String {
        let path = self.home.join("keys").join(name);
        path.with_extension("json").to_string_lossy().into_owned()
    }

    /// A command that acts, which is shown.
    fn strobe(&self, key: &str, arguments: &[&str]) -> Result<Value, Box<dyn Error>> {
        eprintln!("{key}$ strobe {}", arguments.join(" "));
        self.quietly(key, arguments)
    }

    fn quietly(&self, key: &str, arguments: &[&str]) -> Result<Value, Box<dyn Error>> {
        let key = self.key(key);
        let reach = ["--cluster", &self.cluster, "--keypair", &key];
        self.command(&[arguments, &reach].concat())
    }

    /// What this command answers to other arguments; its summary goes on to whoever watches.
    fn command(&self, arguments: &[&str]) -> Result<Value, Box<dyn Error>> {
        let output = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()?;
        match output.status.success() {
            true => Ok(serde_json::from_slice(&output.stdout)?),
            false => Err(format!("`strobe {}` was refused", arguments.join(" ")).into()),
        }
    }
}
