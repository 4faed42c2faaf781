//! `vacancy doctor`.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use vacancy_store::sql::Engine;

use super::place::Place;

/// The level of each check, by its name.
fn findings(place: &Place, code: i32) -> Vec<(String, String)> {
    let said = place.run(&["doctor", "--json"]);
    assert_eq!(said.code, Some(code), "{said:?}");
    let told: Value = serde_json::from_str(&said.out).unwrap();
    let pair = |finding: &Value| {
        let text = |name: &str| finding[name].as_str().unwrap().to_owned();
        assert_eq!(finding["act"].is_null(), finding["level"] == "ok", "{finding}");
        (text("check"), text("level"))
    };
    told["findings"].as_array().unwrap().iter().map(pair).collect()
}

fn level(findings: &[(String, String)], check: &str) -> String {
    findings.iter().find(|(name, _)| name == check).unwrap().1.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_server_is_found_well_and_what_is_wrong_is_found() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(place) = Place::open(engine).await else { continue };
        let server = place.serve();
        let well = findings(&place, 0);
        for check in [
            "configuration",
            "data folder",
            "engine",
            "durability",
            "schema",
            "clock",
            "holds",
            "jobs",
            "work items",
            "accounts",
            "time zones",
        ] {
            assert_eq!(level(&well, check), "ok", "{engine:?} {check}: {well:?}");
        }
        assert!(place.well(&["doctor"]).contains("ok    schema"));
        if engine == Engine::Sqlite {
            let key = place.data().join("admin-key");
            std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
            std::fs::set_permissions(place.data(), std::fs::Permissions::from_mode(0o755)).unwrap();
            let wrong = findings(&place, 1);
            assert_eq!(level(&wrong, "admin key"), "fail");
            assert_eq!(level(&wrong, "data folder"), "warn");
        }
        drop(server);
        place.remove().await;
    }
}

#[test]
fn a_setting_that_cannot_be_used_and_a_store_that_is_away_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let said = |words: &[&str]| {
        let ended = std::process::Command::new(env!("CARGO_BIN_EXE_vacancy"))
            .args(["doctor", "--json", "--data"])
            .arg(folder.path())
            .args(words)
            .output()
            .unwrap();
        assert_eq!(ended.status.code(), Some(1));
        String::from_utf8(ended.stdout).unwrap()
    };
    assert!(said(&["--set", "http.drain_ms_max=soon"]).contains("http.drain_ms_max"));
    // Nobody listens on the port of "discard" here.
    let away = said(&["--database", "postgres://nobody@127.0.0.1:9/none"]);
    assert!(away.contains(r#""check":"store""#) && away.contains(r#""level":"fail""#), "{away}");
}
