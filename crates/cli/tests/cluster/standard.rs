//! A standard market, whose first result is wrong.

use serde_json::{json, Value};

use crate::validator::{Cluster, ARBITER, PROVIDER};

/// Of a market whose result is disputed, and of one whose is not: an event is observed once.
const DISPUTED_FEED: &str = "777";
const UNDISPUTED_FEED: &str = "778";

pub struct Disputed {
    feed: &'static str,
    market: String,
    observe_at_ms: String,
}

impl Disputed {
    /// Trades in it, until it locks.
    pub fn open(cluster: &Cluster) -> Self {
        Self::open_on(cluster, DISPUTED_FEED)
    }

    fn open_on(cluster: &Cluster, feed: &'static str) -> Self {
        let mint = cluster.genesis["mint"].as_str().expect("a mint");
        let (admin, bettor) = (cluster.key("admin"), cluster.key("bettor"));
        let create = [
            &["standard", "create", mint, "--feed", feed, "--depth", "100"][..],
            &[
                "--duration-seconds",
                "60",
                "--dispute-window-seconds",
                "60",
                "--proposal-seconds",
                "7200",
                "--one-key-for-both",
                "--json",
            ],
        ];
        let made = cluster.run(&admin, &create.concat());
        let market = made["market"].as_str().expect("an address").to_string();
        let listed = cluster.run(&bettor, &["standard", "list", "--trading"]);
        assert_eq!(listed[0]["market"], market.as_str());

        cluster.run(&bettor, &["standard", "add-liquidity", &market, "20"]);
        cluster.run(&bettor, &["standard", "remove-liquidity", &market]);
        let bought = cluster.run(&bettor, &["standard", "buy", &market, "1", "30"]);
        assert!(bought["quoted_shares"].is_string());
        cluster.run(&bettor, &["standard", "sell", &market, "1", "10"]);
        cluster.run(&admin, &["standard", "buy", &market, "0", "30"]);
        let refused = cluster.refused(&bettor, &["standard", "buy", &market, "2", "30"]);
        assert!(refused.contains("has outcomes 0 to 1, not 2"), "{refused}");
        let observe_at_ms = made["observe_at_ms"].to_string();
        Self {
            feed,
            market,
            observe_at_ms,
        }
    }

    /// The providers say 1.
    pub fn propose(&self, cluster: &Cluster) {
        let bettor = cluster.key("bettor");
        cluster.wait_for("standard", &self.market, "locked");
        let refused = cluster.refused(&bettor, &["standard", "redeem", &self.market]);
        assert!(refused.contains("is not settled yet"), "{refused}");
        let proof = cluster.prove(PROVIDER, self.feed, &self.observe_at_ms, "1");
        let propose = ["standard", "propose", &self.market, "--proof", &proof];
        cluster.run_when_due(&bettor, &propose);
        cluster.wait_for("standard", &self.market, "proposed");
        let refused = cluster.refused(&bettor, &["standard", "finalize", &self.market]);
        assert!(refused.contains("DisputeWindowOpen"), "{refused}");
        let evidence = "ab".repeat(32);
        let dispute = ["standard", "dispute", &self.market, "--evidence", &evidence];
        cluster.run(&cluster.key("admin"), &dispute);
        cluster.wait_for("standard", &self.market, "disputed");
    }

    /// The arbiters say 0.
    pub fn end(&self, cluster: &Cluster) {
        let bettor = cluster.key("bettor");
        let proof = cluster.prove(ARBITER, self.feed, &self.observe_at_ms, "0");
        let arbitrate = ["standard", "arbitrate", &self.market, "--proof", &proof];
        cluster.run(&bettor, &arbitrate);
        let shown = cluster.wait_for("standard", &self.market, "resolved");
        assert_eq!(shown["winning_outcome"], 0);
        let redeemed = cluster.run(&bettor, &["standard", "redeem", &self.market]);
        let paid = redeemed["paid"].as_array().expect("payments");
        let admin = crate::validator::address_of(cluster, "admin");
        let payout = |of: &dyn Fn(&Value) -> bool| {
            let found = paid.iter().find(|payment| of(payment));
            found.expect("paid")["payout"].clone()
        };
        assert_ne!(payout(&|payment| payment["owner"] == admin.as_str()), "0");
        assert_eq!(
            payout(&|payment| payment["owner"] != admin.as_str()),
            json!("0")
        );
        // Bonds, liquidity and rent go back without anybody asking.
        let kept = cluster.run(&bettor, &["keep", "--once"]);
        assert!(kept["done"].as_u64() > Some(0), "{kept}");
    }
}

/// Nobody disputes the second market's result.
pub fn undisputed_result_is_final(cluster: &Cluster) {
    let market = Disputed::open_on(cluster, UNDISPUTED_FEED);
    let bettor = cluster.key("bettor");
    cluster.wait_for("standard", &market.market, "locked");
    let proof = cluster.prove(PROVIDER, market.feed, &market.observe_at_ms, "1");
    let propose = ["standard", "propose", &market.market, "--proof", &proof];
    cluster.run_when_due(&bettor, &propose);
    cluster.run_when_due(&bettor, &["standard", "finalize", &market.market]);
    let shown = cluster.wait_for("standard", &market.market, "resolved");
    assert_eq!(shown["winning_outcome"], 1);
    cluster.run(&bettor, &["standard", "redeem", &market.market]);
}

/// The providers are suspended before they have proven anything: the arbiters decide.
pub fn suspended_result_is_the_arbiters(cluster: &Cluster) {
    let market = Disputed::open(cluster);
    let (admin, bettor) = (cluster.key("admin"), cluster.key("bettor"));
    let shown = cluster.run(&bettor, &["standard", "show", &market.market]);
    assert_eq!(shown["one_key_for_both"], true);
    let set = shown["provider_set"].as_str().expect("a set");
    let call = ["standard", "dispute-suspension", &market.market];
    let refused = cluster.refused(&bettor, &call);
    assert!(refused.contains("ProvidersNotSuspended"), "{refused}");
    cluster.run(&admin, &["admin", "provider-set", "suspend", set]);
    let refused = cluster.refused(&bettor, &call);
    assert!(refused.contains("TradingNotOver"), "{refused}");
    cluster.wait_for("standard", &market.market, "locked");
    cluster.run(&bettor, &call);
    cluster.wait_for("standard", &market.market, "disputed");
    market.end(cluster);
}
