//! Orders that others execute: an iceberg and a purchase of the other outcome that cross, and a stop.

use serde_json::Value;

use crate::validator::Cluster;

/// A minute of slots, between two readings of prices.
const READING_SECONDS: u64 = 61;

pub fn orders_live(cluster: &Cluster) {
    let mint = cluster.genesis["mint"].as_str().expect("a mint");
    let (admin, bettor) = (cluster.key("admin"), cluster.key("bettor"));
    let create = [
        "standard",
        "create",
        mint,
        "--feed",
        "778",
        "--depth",
        "100",
        "--duration-seconds",
        "3600",
        "--dispute-window-seconds",
        "60",
        "--proposal-seconds",
        "7200",
        "--one-key-for-both",
        "--json",
    ];
    let made = cluster.run(&admin, &create);
    let market = made["market"].as_str().expect("an address").to_string();
    let iceberg = ["order", "place", &market, "0", "buy", "1", "--limit", "0.6"];
    let refused = cluster.refused(&bettor, &iceberg);
    assert!(refused.contains("`strobe order open-desk`"), "{refused}");
    cluster.run(&admin, &["order", "open-desk", &market]);
    let refused = cluster.refused(&admin, &["order", "open-desk", &market]);
    assert!(refused.contains("has its desk already"), "{refused}");

    let order = |key: &str, terms: &[&str]| {
        let place = ["order", "place", &market];
        let placed = cluster.run(key, &[&place, terms].concat());
        placed["order"].as_str().expect("an address").to_string()
    };
    let shown = ["--shown", "0.5", "--every", "30"];
    let iceberg = ["0", "buy", "1", "--limit", "0.6"];
    let iceberg = order(&bettor, &[&iceberg[..], &shown].concat());
    let against = order(&admin, &["1", "buy", "0.25", "--limit", "0.6"]);
    let refused = cluster.refused(&admin, &["order", "crank", &iceberg]);
    assert!(refused.contains("nothing is due"), "{refused}");
    cluster.run(&admin, &["order", "observe", &market]);
    cluster.skip(READING_SECONDS);
    cluster.run(&admin, &["order", "observe", &market]);

    // The order of 0.25 is filled whole; what is left of the iceberg's slice, by the curve.
    let state = |order: &str| -> Value { cluster.run(&bettor, &["order", "show", order]) };
    cluster.run(&admin, &["order", "match", &against, &iceberg]);
    assert_eq!(state(&against)["state"], "filled");
    let partly = state(&iceberg);
    assert_eq!(partly["state"], "due");
    assert_eq!(partly["fills"], 0);
    let again = cluster.refused(&admin, &["order", "match", &against, &iceberg]);
    assert!(again.contains("NothingLeft"), "{again}");
    cluster.run(&admin, &["order", "crank", &iceberg]);
    assert_eq!(state(&iceberg)["fills"], 1);
    assert_eq!(state(&iceberg)["state"], "pausing");
    cluster.run(&admin, &["order", "crank", &against]);
    let listed = cluster.run(&bettor, &["order", "list", "--market", &market]);
    assert_eq!(listed.as_array().expect("a list").len(), 1);

    stop_fires(cluster, &market);
    let refused = cluster.refused(&admin, &["order", "cancel", &iceberg]);
    assert!(refused.contains("is an order of"), "{refused}");
    cluster.run(&bettor, &["order", "cancel", &iceberg]);
}

fn stop_fires(cluster: &Cluster, market: &str) {
    let (admin, bettor) = (cluster.key("admin"), cluster.key("bettor"));
    cluster.run(&bettor, &["standard", "buy", market, "0", "5"]);
    let place = [
        "order", "place", market, "0", "sell", "0.5", "--limit", "0.1", "--stop", "0.6",
        "--window", "25",
    ];
    let placed = cluster.run(&bettor, &place);
    let stop = placed["order"].as_str().expect("an address");
    let watched = cluster.run(&admin, &["order", "crank", stop]);
    assert_eq!(watched["does"], "watching an order");
    let shown = cluster.run(&bettor, &["order", "show", stop]);
    assert_eq!(shown["state"], "armed");
    cluster.skip(11);
    cluster.run(&admin, &["order", "crank", stop]);
    cluster.skip(2 * READING_SECONDS);
    cluster.run(&admin, &["order", "crank", stop]);
    let shown = cluster.run(&bettor, &["order", "show", stop]);
    assert_eq!(shown["state"], "filled");
    cluster.run(&admin, &["order", "crank", stop]);
}
