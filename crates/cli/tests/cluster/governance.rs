//! Every instruction of governance; what waits for the timelock says until when, and can be withdrawn.

use serde_json::Value;

use crate::validator::{address_of, Cluster, TIMELOCK_SECONDS};

pub fn waits_for_the_timelock(cluster: &Cluster) {
    admin_and_guardian_change(cluster);
    sets_and_keys_end(cluster);
    vault_and_venue_change(cluster);
}

/// Runs what waits, and looks that it says so.
#[track_caller]
fn waits(cluster: &Cluster, key: &str, arguments: &[&str]) -> Value {
    let answer = cluster.run(key, arguments);
    let one = answer.as_array().and_then(|all| all.first());
    let said = one.unwrap_or(&answer);
    assert_eq!(said["timelock_seconds"], TIMELOCK_SECONDS, "{answer}");
    assert!(said["in_force_from"].is_number(), "{answer}");
    answer
}

fn admin_and_guardian_change(cluster: &Cluster) {
    let admin = cluster.key("admin");
    let next = cluster.new_key("next");
    let [old_address, next_address] = ["admin", "next"].map(|name| address_of(cluster, name));
    let strobe = |arguments: &[&str]| cluster.run(&admin, arguments);

    waits(cluster, &admin, &["admin", "propose-admin", &next_address]);
    let shown = strobe(&["admin", "show"]);
    assert_eq!(shown["pending_admin"], next_address.as_str());
    let refused = cluster.refused(&next, &["admin", "accept-admin"]);
    assert!(refused.contains("accept admin refused: "), "{refused}");
    strobe(&["admin", "cancel-admin"]);
    waits(cluster, &admin, &["admin", "propose-admin", &next_address]);
    cluster.run_when_due(&next, &["admin", "accept-admin"]);
    let refused = cluster.refused(&admin, &["admin", "propose-admin", &next_address]);
    assert!(refused.contains("NotAdmin"), "{refused}");
    waits(cluster, &next, &["admin", "propose-admin", &old_address]);
    waits(cluster, &next, &["admin", "set-guardian", &next_address]);
    cluster.run(&next, &["admin", "cancel-guardian"]);
    cluster.run_when_due(&admin, &["admin", "accept-admin"]);
    let shown = strobe(&["admin", "show"]);
    assert_eq!(shown["admin"], old_address.as_str());
    assert_eq!(shown["guardian"], old_address.as_str());
}

fn sets_and_keys_end(cluster: &Cluster) {
    let admin = cluster.key("admin");
    let set_file = cluster.path("providers.json");
    let register = |id: &str| {
        let arguments = [
            "register",
            "provider-set",
            "--providers",
            &set_file,
            "--id",
            id,
        ];
        let made = cluster.run(&admin, &arguments);
        assert!(made["usable_from"].is_number());
        let again = cluster.run(&admin, &arguments);
        assert_eq!(again["already_done"], true);
        made["provider_set"].as_str().expect("a set").to_string()
    };
    let [cancelled, retired] = ["7", "8"].map(register);
    let end = |what, address: &str| ["admin", "provider-set", what, address].map(str::to_string);
    let run = |arguments: [String; 4]| {
        let arguments = arguments.each_ref().map(String::as_str);
        cluster.run(&admin, &arguments)
    };
    run(end("cancel", &cancelled));
    run(end("retire", &retired));
    run(end("suspend", &retired));
    let refused = cluster.refused(&admin, &["admin", "provider-set", "retire", &retired]);
    assert!(refused.contains("ProviderSetRetired"), "{refused}");

    let tick = [
        "register",
        "verifying-key",
        "--circuit",
        "quorum-3",
        "--kind",
        "tick",
    ];
    let made = cluster.run(&admin, &tick);
    assert_eq!(made["circuit_id"], 1_003);
    let key = made["verifying_key"].as_str().expect("a key").to_string();
    let end = |what, address: &str| ["admin", "verifying-key", what, address].map(str::to_string);
    run(end("cancel", &key));
    cluster.run(&admin, &tick);
    run(end("retire", &key));
    run(end("suspend", &key));
}

fn vault_and_venue_change(cluster: &Cluster) {
    let admin = cluster.key("admin");
    let vault = cluster.genesis["vault"].as_str().expect("a vault");
    let venue = cluster.genesis["venue"].as_str().expect("a venue");
    let next = address_of(cluster, "next");

    for (term, option, value) in [
        ("operator", "--operator", next.as_str()),
        ("treasury", "--treasury", next.as_str()),
        ("notice-seconds", "--notice-seconds", "7200"),
        ("fee-split", "--fee-split", "2000,1000"),
        ("caps", "--daily-loss", "200000"),
    ] {
        waits(cluster, &admin, &["admin", "vault", vault, option, value]);
        cluster.run(&admin, &["admin", "cancel-vault", vault, term]);
    }
    let refused = cluster.refused(&admin, &["admin", "vault", vault]);
    assert!(refused.contains("nothing changes"), "{refused}");
    cluster.run(
        &admin,
        &["admin", "vault", vault, "--market-funding", "100"],
    );
    let shown = cluster.run(&admin, &["vault", "show", vault]);
    assert_eq!(shown["caps"]["market_funding"], "100");

    waits(cluster, &admin, &["admin", "venue-treasury", venue, &next]);
    waits(
        cluster,
        &admin,
        &["admin", "venue-terms", venue, "--bond-cap", "2000"],
    );
    let lower = ["admin", "venue-terms", venue, "--max-fee-rate", "400"];
    assert!(cluster.run(&admin, &lower)["in_force_from"].is_null());
    for address in [vault, venue] {
        cluster.run(&admin, &["admin", "pause", address]);
        waits(cluster, &admin, &["admin", "unpause", address]);
    }
    let refused = cluster.refused(&admin, &["admin", "pause", &next]);
    assert!(
        refused.contains("is neither a flash vault nor a venue"),
        "{refused}"
    );
}
