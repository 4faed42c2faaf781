//! Businesses and their keys: whose they are, what they open, and that a key is shown once.

use axum::http::Method;
use serde_json::{Value, json};

use super::house::{on_both, on_sqlite, text};

#[test]
fn a_business_is_seen_and_renamed_by_its_owner() {
    on_both(|house| {
        Box::pin(async move {
            let path = "/v1/business";
            let ours = house.get(path).by(&house.accountant).send().await.expect(200);
            assert_eq!(ours["name"], "Ours");
            let name = json!({"name": "Ribeira Hotels"});
            let by_desk = house.ask(Method::PATCH, path).by(&house.desk).send_json(&name).await;
            by_desk.problem(403, "forbidden");
            let renamed = house.ask(Method::PATCH, path).by(&house.owner).send_json(&name).await;
            assert_eq!(renamed.expect(200)["name"], "Ribeira Hotels");
            let other = format!("{path}?businessId={}", text(&ours["businessId"]));
            house.get(&other).by(&house.stranger).send().await.problem(404, "not_found");
            let seen = house.get(&other).by(&house.admin).send().await.expect(200);
            assert_eq!(seen["name"], "Ribeira Hotels");
        })
    });
}

#[test]
fn the_platform_makes_a_business_and_gives_it_its_first_key() {
    on_both(|house| {
        Box::pin(async move {
            let name = json!({"name": "Newcomers"});
            let by_owner = house.post("/v1/businesses").by(&house.owner).send_json(&name).await;
            by_owner.problem(403, "forbidden");
            let made = house.post("/v1/businesses").by(&house.admin).send_json(&name).await;
            let id = text(&made.expect(201)["businessId"]);
            let key = json!({"businessId": id, "name": "first", "role": "owner"});
            let key = house.post("/v1/api-keys").by(&house.admin).send_json(&key).await;
            let key = text(&key.expect(201)["key"]);
            let own = house.get("/v1/business").by(&key).send().await.expect(200);
            assert_eq!(own["businessId"], id);
            let mut names = Vec::new();
            let mut next = "/v1/businesses?limit=2".to_owned();
            loop {
                let page = house.get(&next).by(&house.admin).send().await.expect(200);
                let items = page["items"].as_array().unwrap();
                names.extend(items.iter().map(|one| text(&one["name"])));
                let Some(cursor) = page["nextCursor"].as_str() else { break };
                next = format!("/v1/businesses?limit=2&cursor={cursor}");
            }
            // Businesses of one millisecond stand in any order.
            names.sort();
            assert_eq!(names, ["My business", "Newcomers", "Ours", "Theirs"]);
        })
    });
}

#[test]
fn a_key_is_shown_once_opens_what_it_says_and_can_be_taken_back() {
    on_both(|house| {
        Box::pin(async move {
            let path = "/v1/api-keys";
            let make = async |body: Value| {
                house.post(path).by(&house.owner).send_json(&body).await.expect(201)
            };
            let scopes = json!(["inventory:read", "rates:write"]);
            let made = make(json!({"name": "channel manager", "scopes": scopes})).await;
            let (id, key) = (text(&made["apiKeyId"]), text(&made["key"]));
            assert!(key.starts_with("vk_live_"), "{key}");
            let rooms = format!("/v1/hotels/{}/rooms", house.hotel);
            house.get(&rooms).by(&key).send().await.expect(200);
            house.get(path).by(&key).send().await.problem(403, "forbidden");

            let list = house.get(path).by(&house.owner).send().await;
            assert!(!String::from_utf8_lossy(&list.bytes).contains(&key));
            let list = list.expect(200);
            let found = |list: &Value| {
                let items = list["items"].as_array().unwrap();
                items.iter().find(|one| one["apiKeyId"] == id.as_str()).unwrap().clone()
            };
            let shown = found(&list);
            assert_eq!((&shown["scopes"], &shown["role"]), (&scopes, &Value::Null));
            assert_eq!(shown["revokedAt"], Value::Null);

            let other = make(json!({"name": "night desk", "role": "front_desk"})).await;
            let gone = format!("{path}/{}", text(&other["apiKeyId"]));
            let take = async |by: &str| house.ask(Method::DELETE, &gone).by(by).send().await;
            take(&house.stranger).await.problem(404, "not_found");
            assert_eq!(take(&house.owner).await.status, 204);
            take(&house.owner).await.problem(404, "not_found");
            let late = house.get(&rooms).by(&text(&other["key"])).send().await;
            late.problem(401, "unauthorized");
        })
    });
}

#[test]
fn a_key_opens_one_role_or_some_scopes() {
    on_sqlite(|house| {
        Box::pin(async move {
            for (body, code, pointer) in [
                (json!({"name": "x"}), "missing_field", "/scopes"),
                (json!({"name": "x", "scopes": []}), "missing_field", "/scopes"),
                (json!({"name": "x", "role": "admin"}), "invalid_value", "/role"),
                (json!({"name": "x", "scopes": ["all"]}), "invalid_value", "/scopes/0"),
                (
                    json!({"name": "x", "role": "owner", "scopes": ["rates:write"]}),
                    "ambiguous",
                    "/role",
                ),
                (
                    json!({"name": "x", "role": "owner", "businessId": "7"}),
                    "invalid_id",
                    "/businessId",
                ),
            ] {
                let answer = house.post("/v1/api-keys").by(&house.owner).send_json(&body).await;
                answer.blames(400, code, pointer);
            }
            let blank = json!({"name": " ", "role": "owner"});
            let answer = house.post("/v1/api-keys").by(&house.owner).send_json(&blank).await;
            answer.blames(422, "missing", "/name");
        })
    });
}
