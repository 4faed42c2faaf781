//! Credentials: who holds them, what they open, and for how long.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use vacancy_app::access::keys::{
    self, ADMIN_KEY_FILE, AdminKey, CREDENTIAL_BYTES_MAX, Gate, KEY_BELIEVED, KEY_LETTERS,
    KEY_START, Opens,
};
use vacancy_app::access::{Actor, server_secret};
use vacancy_app::{businesses, hotels, rates, room_types, rooms};
use vacancy_domain::access::{Role, Scope};
use vacancy_domain::ids::{BusinessId, PropertyId, ReservationId};
use vacancy_store::testing::TestFolder;

use super::town::{Town, code_of, hotel, house, on_both, stay};

#[test]
fn the_first_start_writes_a_key_that_only_its_owner_reads() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let folder = TestFolder::new();
            let path = folder.path().join(ADMIN_KEY_FILE);
            let first = keys::ensure_admin_key(&town.db, &town.ids, folder.path()).await.unwrap();
            assert_eq!(first, AdminKey::Written(path.clone()));
            let text = std::fs::read_to_string(&path).unwrap();
            let key = text.trim();
            assert!(key.starts_with(KEY_START) && key.len() == KEY_START.len() + KEY_LETTERS);
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

            let again = keys::ensure_admin_key(&town.db, &town.ids, folder.path()).await.unwrap();
            assert_eq!(again, AdminKey::Known);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);

            let gate = Gate::new(&town.db, server_secret(&town.db).await.unwrap());
            assert_eq!(gate.authenticate(key).await.unwrap(), Actor::Admin);
            let other = keys::make_admin_key(&town.db, &town.ids).await.unwrap();
            assert_eq!(gate.authenticate(&other.text).await.unwrap(), Actor::Admin);
        })
    });
}

#[test]
fn what_is_no_key_opens_nothing() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let gate = Gate::new(&town.db, server_secret(&town.db).await.unwrap());
            let long = format!("{KEY_START}{}", "a".repeat(CREDENTIAL_BYTES_MAX));
            let unknown = format!("{KEY_START}{}", "a".repeat(KEY_LETTERS));
            for text in ["", "vk_", "secret", "vg_", "vg_AAAA", "vk_live_é", &long, &unknown] {
                assert_eq!(code_of(gate.authenticate(text).await), "unauthorized", "{text}");
            }
            let nobody = gate.secret().guest_token(ReservationId(9), 1);
            assert_eq!(code_of(gate.authenticate(&nobody).await), "unauthorized");
        })
    });
}

#[test]
fn keys_of_a_business_open_what_they_say() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let (owner, business) = (town.owner(), town.business);
            let gate = Gate::new(&town.db, server_secret(&town.db).await.unwrap());
            let scopes = [Scope::InventoryWrite, Scope::RatesWrite].into_iter().collect();
            let opens = Opens::Scopes(scopes);
            let program =
                keys::make(&town.db, &town.ids, &owner, business, "channel", opens).await.unwrap();
            let desk = Opens::Role(Role::FrontDesk);
            let person =
                keys::make(&town.db, &town.ids, &owner, business, "tablet", desk).await.unwrap();

            let found = gate.authenticate(&program.text).await.unwrap();
            assert_eq!(found.business(), Some(business));
            assert_eq!(found.label(), format!("key:{}", program.id));
            let front_desk = gate.authenticate(&person.text).await.unwrap();
            assert_eq!(front_desk, Actor::Staff { business, role: Role::FrontDesk });
            let listed = keys::list(&town.db, &owner, business).await.unwrap();
            let names: Vec<&str> = listed.iter().map(|key| key.name.as_str()).collect();
            assert_eq!(names, ["channel", "tablet"]);

            let refused = keys::make(
                &town.db,
                &town.ids,
                &front_desk,
                business,
                "x",
                Opens::Role(Role::Owner),
            );
            assert_eq!(code_of(refused.await), "forbidden");
            let nameless =
                keys::make(&town.db, &town.ids, &owner, business, " ", Opens::Role(Role::Owner));
            assert_eq!(code_of(nameless.await), "missing");
        })
    });
}

#[test]
fn a_revoked_key_opens_nothing_within_a_second() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let (owner, business) = (town.owner(), town.business);
            let secret = server_secret(&town.db).await.unwrap();
            let gate = Gate::new(&town.db, secret.clone());
            let opens = Opens::Role(Role::Manager);
            let key = keys::make(&town.db, &town.ids, &owner, business, "k", opens).await.unwrap();
            assert_eq!(code_of(gate.authenticate(&key.text).await), "ok");
            keys::revoke(&town.db, &owner, business, key.id).await.unwrap();
            assert!(KEY_BELIEVED < Duration::from_secs(1));
            // A gate that remembers nothing sees it at once.
            let other = Gate::new(&town.db, secret);
            assert_eq!(code_of(other.authenticate(&key.text).await), "unauthorized");
            let again = keys::revoke(&town.db, &owner, business, key.id).await;
            assert_eq!(code_of(again), "not_found");
        })
    });
}

#[test]
fn every_instance_reads_the_same_secret() {
    on_both(|db| {
        Box::pin(async move {
            let one = server_secret(&db).await.unwrap();
            let two = server_secret(&db).await.unwrap();
            let token = one.guest_token(ReservationId(1), 1);
            assert!(two.opens(&token, ReservationId(1), 1));
        })
    });
}

/// Everything that changes a hotel, or tells more of it than guests may know.
async fn knock(town: &Town, actor: &Actor, id: PropertyId) -> Vec<&'static str> {
    let (db, ids) = (&town.db, &town.ids);
    let double = (id, "DOUBLE");
    let new_type = room_types::NewRoomType::coded("X", 1, None);
    let new_rooms = [rooms::NewRoom { room_type: "DOUBLE".into(), number: "1".into() }];
    vec![
        code_of(hotels::create(db, ids, actor, town.business, &hotel("X")).await),
        code_of(hotels::bulk::create_many(db, ids, actor, town.business, &[]).await),
        code_of(hotels::patch(db, actor, id, 1, &hotels::draft::HotelPatch::default()).await),
        code_of(hotels::list_own(db, actor, town.business, None, None).await),
        code_of(room_types::create(db, ids, actor, id, &new_type).await),
        code_of(room_types::patch(db, actor, double, 1, &Default::default()).await),
        code_of(room_types::delete(db, actor, id, "DOUBLE").await),
        code_of(rooms::create(db, ids, actor, id, &new_rooms).await),
        code_of(rooms::list(db, actor, id, "").await),
        code_of(rooms::delete(db, actor, id, "1").await),
        code_of(rates::set_base(db, actor, double, Some(1)).await),
        code_of(rates::set_range(db, actor, double, stay(0, 1), 1).await),
        code_of(vacancy_app::calendar::inventory(db, actor, id, stay(0, 1)).await),
        code_of(keys::list(db, actor, town.business).await),
        code_of(businesses::get(db, actor, town.business).await),
        code_of(businesses::rename(db, actor, town.business, "Mine").await),
    ]
}

#[test]
fn nobody_without_rights_changes_a_hotel() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let id = town.build(&[house("Grand", 1, 100)]).await[0];
            let stranger = Actor::Staff { business: BusinessId(7), role: Role::Owner };
            let guest = Actor::Guest { reservation: ReservationId(1) };
            let reader = Actor::Key {
                key: vacancy_domain::ids::ApiKeyId(1),
                business: town.business,
                scopes: [Scope::PaymentsWrite].into_iter().collect(),
            };
            for (actor, told) in [
                (Actor::Anonymous, "unauthorized"),
                (stranger, "not_found"),
                (guest, "forbidden"),
                (reader, "forbidden"),
            ] {
                for (at, code) in knock(&town, &actor, id).await.into_iter().enumerate() {
                    assert_eq!(code, told, "call {at} of {actor:?}");
                }
            }
            let platform = businesses::create(&town.db, &town.ids, &town.owner(), "Other").await;
            assert_eq!(code_of(platform), "forbidden");
            assert_eq!(
                code_of(businesses::list(&town.db, &town.owner(), None, None).await),
                "forbidden"
            );
        })
    });
}

#[test]
fn the_platform_makes_businesses_and_the_first_one_is_there() {
    on_both(|db| {
        Box::pin(async move {
            let town = Town::open(db).await;
            let admin = Actor::Admin;
            let again = businesses::ensure_default(&town.db).await.unwrap();
            assert_eq!(again.id, town.business);
            let second = businesses::create(&town.db, &town.ids, &admin, " Sea Hotels ").await;
            let second = second.unwrap();
            assert_eq!(second.name, "Sea Hotels");
            let page = businesses::list(&town.db, &admin, None, Some(1)).await.unwrap();
            assert_eq!(page.items.len(), 1);
            let rest =
                businesses::list(&town.db, &admin, page.next_cursor.as_deref(), Some(5)).await;
            assert_eq!(rest.unwrap().items, std::slice::from_ref(&second));
            let owner = Actor::Staff { business: second.id, role: Role::Owner };
            assert_eq!(businesses::own(&town.db, &owner).await.unwrap(), second);
            assert_eq!(businesses::own(&town.db, &admin).await.unwrap().id, town.business);
            let renamed = businesses::rename(&town.db, &owner, second.id, "Sea").await.unwrap();
            assert_eq!(renamed.name, "Sea");
        })
    });
}
