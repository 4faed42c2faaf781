//! The hotel's books against each other: everything that is kept twice must say the same.

use std::collections::BTreeMap;

use vacancy_domain::verify::Report;
use vacancy_store::sql::Db;
use vacancy_store::testing::desk;
use vacancy_store::verify;

use super::hotel::PROPERTY;

/// What of the hotel is not as it has to be: the books against the ledger, and the last news of
/// each cell against the cell.
pub(crate) async fn findings(db: &Db) -> Vec<String> {
    let report = report(db).await;
    let mut findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    let mut told: BTreeMap<String, serde_json::Value> = BTreeMap::new();
    for event in desk::events(db).await.unwrap() {
        let body: serde_json::Value = serde_json::from_str(&event.body).unwrap();
        for cell in body["cells"].as_array().unwrap() {
            let name = format!("{} {}", cell["pool"].as_str().unwrap(), cell["day"]);
            let last = told.insert(name.clone(), cell.clone());
            let last = last.map_or(0, |cell| cell["version"].as_i64().unwrap());
            if cell["version"].as_i64().unwrap() != last + 1 {
                findings.push(format!("news of {name} leave out what came after {last}"));
            }
        }
    }
    for (id, cell) in desk::cells(db, PROPERTY).await.unwrap() {
        let name = format!("{} {}", id.pool, id.day.0);
        let is = serde_json::json!({
            "pool": id.pool.to_string(), "day": id.day.0, "free": cell.free_units(),
            "limit": cell.limit_units, "closed": cell.restrictions.closed, "version": cell.version,
        });
        let said = told.remove(&name);
        if 0 < cell.version && said.as_ref() != Some(&is) {
            findings.push(format!("news of {name} say {said:?}, it is {is}"));
        }
    }
    findings
}

/// What `verify` says of the hotel, and how much there is of everything.
pub(crate) async fn report(db: &Db) -> Report {
    let read = db.read(|tx| Box::pin(async move { verify::property(tx, PROPERTY).await }));
    read.await.unwrap()
}
