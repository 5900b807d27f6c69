//! A batch of sealed orders of two owners, from its opening to its closing.

use serde_json::Value;

use crate::validator::Cluster;

pub fn sealed_orders_cross(cluster: &Cluster) {
    let mint = cluster.genesis["mint"].as_str().expect("a mint");
    let (admin, bettor) = (cluster.key("admin"), cluster.key("bettor"));
    let day = [
        "--one-key-for-both",
        "--duration-seconds",
        "86400",
        "--json",
    ];
    let create = [
        &[
            "standard", "create", mint, "--feed", "778", "--depth", "100",
        ][..],
        &day,
    ];
    let made = cluster.run(&admin, &create.concat());
    let market = made["market"].as_str().expect("an address");
    cluster.run(&admin, &["order", "open-desk", market]);
    for _ in 0..2 {
        cluster.run(&admin, &["order", "observe", market]);
        cluster.skip(90);
    }

    let refused = cluster.refused(&admin, &["batch", "open", market, "7"]);
    assert!(
        refused.contains("a power of ten of base units"),
        "{refused}"
    );
    let opened = cluster.run(&admin, &["batch", "open", market, "10"]);
    let batch = opened["batch"].as_str().expect("an address");
    let refused = cluster.refused(&admin, &["batch", "open", market, "10"]);
    assert!(refused.contains("is open already"), "{refused}");

    let [yes, no, gone] = ["yes.json", "no.json", "gone.json"].map(|name| cluster.path(name));
    let seal = |key: &str, outcome: &str, file: &str| {
        let order = [
            "batch", "seal", batch, outcome, "--limit", "0.6", "--terms", file,
        ];
        cluster.run(key, &order)
    };
    seal(&bettor, "0", &yes);
    seal(&admin, "1", &no);
    let refused = cluster.refused(
        &bettor,
        &[
            "batch", "seal", batch, "0", "--limit", "0.6", "--terms", &yes,
        ],
    );
    assert!(refused.contains("exists"), "{refused}");
    let sealed = seal(&bettor, "0", &gone);
    let order = sealed["order"].as_str().expect("an address");
    let refused = cluster.refused(&admin, &["batch", "cancel", order]);
    assert!(refused.contains("cancel refused"), "{refused}");
    cluster.run(&bettor, &["batch", "cancel", order]);
    let refused = cluster.refused(&bettor, &["batch", "reveal", &yes]);
    assert!(refused.contains("has no price yet"), "{refused}");
    let refused = cluster.refused(&bettor, &["batch", "crank", batch]);
    assert!(refused.contains("nothing is due"), "{refused}");

    while show(cluster, &bettor, batch)["next"] == "takes orders" {
        cluster.skip(20);
    }
    cluster.run(&bettor, &["batch", "crank", batch]);
    cluster.skip(75);
    cluster.run(&bettor, &["batch", "crank", batch]);
    for (key, file) in [(&bettor, &yes), (&admin, &no)] {
        let revealed = cluster.run(key, &["batch", "reveal", file]);
        assert_eq!(revealed["is_within_limit"], true);
    }
    let shown = show(cluster, &bettor, batch);
    assert_eq!(shown["within_limit"], serde_json::json!([1, 1]));
    let does = [
        "crossing a batch",
        "returning a sealed order",
        "returning a sealed order",
    ];
    for expected in does.iter().chain(&["closing a batch"]) {
        let done = cluster.run(&bettor, &["batch", "crank", batch]);
        assert_eq!(done["does"], *expected);
    }
    let refused = cluster.refused(&bettor, &["batch", "show", batch]);
    assert!(refused.contains(batch), "{refused}");
}

fn show(cluster: &Cluster, key: &str, batch: &str) -> Value {
    cluster.run(key, &["batch", "show", batch])
}
