//! `vacancy user`.

use vacancy_store::sql::Engine;

use super::guests::status;
use super::place::Place;

/// The ids of keys that the list shows.
fn ids(place: &Place, words: &[&str]) -> Vec<String> {
    let told = place.well(&[&["user", "list"], words].concat());
    told.lines().skip(1).map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_are_made_replaced_and_taken_back_from_the_command_line() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some(place) = Place::open(engine).await else { continue };
        drop(place.serve());
        let admin = place.admin_key();
        let owner = place.well(&["user", "add", "--name", "Ana", "--role", "owner"]);
        let program = place.well(&[
            "user",
            "add",
            "--name",
            "channel",
            "--scope",
            "rates:write",
            "--scope",
            "inventory:read",
        ]);
        let listed = place.well(&["user", "list"]);
        assert!(!listed.contains("vk_live_"), "{listed}");
        assert!(
            listed.contains("inventory:read rates:write") && listed.contains("Ana"),
            "{listed}"
        );
        let known = ids(&place, &[]);
        assert_eq!(known.len(), 3);
        let owners = &known[1];
        let rotated = place.well(&["user", "rotate", owners]);
        place.well(&["user", "revoke", &known[2]]);
        place.refused(&["user", "revoke", &known[2]], "");
        assert_eq!(ids(&place, &[]).len(), 2);
        assert_eq!(ids(&place, &["--revoked"]).len(), 4);

        let server = place.serve();
        let keys = format!("{}/v1/api-keys", server.url);
        for (key, expected) in [(&admin, 200), (&owner, 401), (&rotated, 200), (&program, 401)] {
            assert_eq!(status(&keys, key.trim()).await, expected, "{engine:?}");
        }
        if engine == Engine::Sqlite {
            place.refused(&["user", "rotate", owners], "a server writes to this store");
        }
        drop(server);
        place.remove().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_with_the_admin_key_follows_a_rotation() {
    let place = Place::open(Engine::Sqlite).await.unwrap();
    drop(place.serve());
    let first = place.admin_key();
    let printed = place.well(&["user", "rotate", &ids(&place, &[])[0]]);
    assert_eq!(place.admin_key(), printed.trim());
    assert_ne!(place.admin_key(), first);
    let last = place.run(&["user", "revoke", &ids(&place, &[])[0]]);
    assert!(last.err.contains("holds no key any more"), "{last:?}");
}

#[test]
fn what_a_key_may_open_is_said_or_refused() {
    let said = |words: &[&str]| {
        let ended = std::process::Command::new(env!("CARGO_BIN_EXE_vacancy"))
            .args(["user", "add", "--name", "x"])
            .args(words)
            .output()
            .unwrap();
        assert_eq!(ended.status.code(), Some(2));
        String::from_utf8(ended.stderr).unwrap()
    };
    assert!(said(&[]).contains("--role"));
    assert!(said(&["--role", "king"]).contains("front_desk"));
    assert!(said(&["--scope", "all"]).contains("rates:write"));
    assert!(said(&["--role", "owner", "--scope", "rates:write"]).contains("cannot be used with"));
}
