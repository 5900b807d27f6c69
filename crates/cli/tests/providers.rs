//! Provider sets from the keys of their members.

mod common;

use common::{refusal, strobe};
use serde_json::Value;

#[test]
fn set_is_assembled_from_what_keygen_writes() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| {
        let path = directory.path().join(name);
        path.to_str().expect("UTF-8").to_owned()
    };
    let members = ["anna.json", "bert.json"].map(path);
    let keys = members.each_ref().map(|member| {
        let made = strobe(&["attest", "keygen", "--unencrypted", "--out", member]).json();
        made["public_key"].clone()
    });
    let [anna, bert] = &members;
    let set = strobe(&["providers", "assemble", "--threshold", "2", anna, bert]).json();
    assert_eq!(set["threshold"], 2);
    for (place, name) in ["anna", "bert"].into_iter().enumerate() {
        assert_eq!(set["providers"][place]["name"], name);
        assert_eq!(set["providers"][place]["public_key"], keys[place]);
    }
    // No secret of a member is in it, and the other commands take it.
    assert!(!set.to_string().contains("secret"));
    let file = path("set.json");
    std::fs::write(&file, set.to_string()).expect("written");
    let root: Value = strobe(&["providers", "root", &file]).json();
    assert_eq!(root["size"], 2);

    let error = refusal(&["providers", "assemble", "--threshold", "3", anna, bert]);
    assert!(error.contains("threshold"), "{error}");
}
