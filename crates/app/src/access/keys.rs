//! API keys: made once and shown once, stored as a digest, looked up by it. The first admin key is
//! written to a file that only its owner can read, and never to a log.

use std::collections::{BTreeSet, HashMap};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::time::Instant;
use vacancy_domain::access::{Action, Role, Scope};
use vacancy_domain::crash::crash_point;
use vacancy_domain::hotels::{Checks, NAME_CHARS_MAX};
use vacancy_domain::ids::{ApiKeyId, BusinessId};
use vacancy_store::access::{self, ApiKey};
use vacancy_store::faults::{Fault, Told};
use vacancy_store::sql::Db;

use super::tokens::{GUEST_TOKEN_START, ServerSecret, reservation_of};
use super::{Actor, On};
use crate::businesses;
use crate::encodings::{base64url, hex};
use crate::errors::Error;
use crate::fields::invalid_unless_clean;
use crate::ids::{Ids, secret_bytes};

/// How a key begins.
pub const KEY_START: &str = "vk_live_";
/// The same of a business that only tests.
pub const TEST_KEY_START: &str = "vk_test_";
/// Letters behind it; 24 random bytes.
pub const KEY_LETTERS: usize = 32;
/// The file in the data folder that holds the first admin key.
pub const ADMIN_KEY_FILE: &str = "admin-key";
/// How long a key that was looked up is believed: a revoked one is refused within that time.
pub const KEY_BELIEVED: Duration = Duration::from_millis(900);
/// Most keys that are remembered at once.
pub const KEYS_REMEMBERED_MAX: usize = 1_000;
/// Longest credential that is looked at.
pub const CREDENTIAL_BYTES_MAX: usize = 200;
/// Most keys that one list shows.
pub const KEYS_LISTED_MAX: i64 = 200;

const ADMIN: &str = "admin";
const PROGRAM: &str = "key";

/// What a key opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opens {
    Role(Role),
    Scopes(BTreeSet<Scope>),
}

/// What happened to the first admin key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdminKey {
    /// It is new and stands in this file.
    Written(PathBuf),
    /// There was one already.
    Known,
}

/// A fresh key. The text is for whoever asked and for nobody else.
#[derive(Clone)]
pub struct NewKey {
    pub id: ApiKeyId,
    pub text: String,
}

/// Makes the platform's admin key on the first start and writes it to `data_dir`.
pub async fn ensure_admin_key(db: &Db, ids: &Ids, data_dir: &Path) -> Result<AdminKey, Error> {
    let known = db.read(|tx| Box::pin(async move { access::count_role(tx, ADMIN).await })).await?;
    if 0 < known {
        return Ok(AdminKey::Known);
    }
    let (key, digest) = fresh(ids, KEY_START)?;
    // The file first: a key that nobody can read would lock everybody out.
    let path = write_admin_key(data_dir, &key)?;
    crash_point("admin_key.filed");
    insert(db, admin_row(&key), digest).await?;
    crash_point("admin_key.stored");
    Ok(AdminKey::Written(path))
}

/// Makes another admin key, for whoever has the database itself.
pub async fn make_admin_key(db: &Db, ids: &Ids) -> Result<NewKey, Error> {
    let (key, digest) = fresh(ids, KEY_START)?;
    insert(db, admin_row(&key), digest).await?;
    Ok(key)
}

/// Makes a key of a business.
pub async fn make(
    db: &Db,
    ids: &Ids,
    actor: &Actor,
    business: BusinessId,
    name: &str,
    opens: Opens,
) -> Result<NewKey, Error> {
    actor.may(Action::ManageAccess, On::Business(business))?;
    let mut checks = Checks::default();
    checks.name("name", name, NAME_CHARS_MAX);
    invalid_unless_clean(checks.defects)?;
    let (key, digest) = fresh(ids, start_of(db, Some(business)).await?)?;
    let (role, scopes) = match opens {
        Opens::Role(role) => (role.word().to_owned(), String::new()),
        Opens::Scopes(scopes) => {
            let words: Vec<&str> = scopes.iter().map(|scope| scope.word()).collect();
            (PROGRAM.to_owned(), words.join(" "))
        }
    };
    let name = name.to_owned();
    let row = ApiKey {
        id: key.id,
        business: Some(business),
        role,
        scopes,
        name,
        created_at_ms: 0,
        revoked_at_ms: None,
    };
    insert(db, row, digest).await?;
    Ok(key)
}

/// Takes a key back; it opens nothing within [`KEY_BELIEVED`].
pub async fn revoke(
    db: &Db,
    actor: &Actor,
    business: BusinessId,
    key: ApiKeyId,
) -> Result<(), Error> {
    actor.may(Action::ManageAccess, On::Business(business))?;
    let was_there = db
        .write(move |tx| {
            Box::pin(async move {
                let now_ms = tx.now_ms().await?;
                access::revoke(tx, key, business, now_ms).await
            })
        })
        .await?;
    if was_there { Ok(()) } else { Err(Error::NotFound) }
}

/// A business's keys without their text.
pub async fn list(db: &Db, actor: &Actor, business: BusinessId) -> Result<Vec<ApiKey>, Error> {
    actor.may(Action::ManageAccess, On::Business(business))?;
    let keys = db.read(move |tx| {
        Box::pin(async move { access::by_business(tx, business, KEYS_LISTED_MAX).await })
    });
    Ok(keys.await?)
}

/// Everybody's keys in the order of their ids, behind the given one, without their text: for whoever
/// runs the platform.
pub async fn list_all(db: &Db, actor: &Actor, after: ApiKeyId) -> Result<Vec<ApiKey>, Error> {
    actor.may(Action::RunPlatform, On::Platform)?;
    let keys =
        db.read(move |tx| Box::pin(async move { access::list(tx, after, KEYS_LISTED_MAX).await }));
    Ok(keys.await?)
}

/// Takes any key back; gives what it was. One that was taken back before is not found.
pub async fn revoke_any(db: &Db, actor: &Actor, key: ApiKeyId) -> Result<ApiKey, Error> {
    actor.may(Action::RunPlatform, On::Platform)?;
    let revoked = db.write(move |tx| {
        Box::pin(async move {
            let now_ms = tx.now_ms().await?;
            let was_there = access::revoke_any(tx, key, now_ms).await?;
            Ok(access::by_id(tx, key).await?.filter(|_| was_there))
        })
    });
    revoked.await?.ok_or(Error::NotFound)
}

/// Puts a new key in the place of one, with the same name and rights; the old one opens nothing
/// within [`KEY_BELIEVED`].
pub async fn rotate(
    db: &Db,
    ids: &Ids,
    actor: &Actor,
    old: ApiKeyId,
) -> Result<(ApiKey, NewKey), Error> {
    actor.may(Action::RunPlatform, On::Platform)?;
    let known = db.read(move |tx| Box::pin(async move { access::by_id(tx, old).await })).await?;
    let business = known.and_then(|key| key.business);
    let (key, digest) = fresh(ids, start_of(db, business).await?)?;
    let id = key.id;
    let rotated = db.write(move |tx| {
        let digest = digest.clone();
        Box::pin(async move {
            let now_ms = tx.now_ms().await?;
            if !access::revoke_any(tx, old, now_ms).await? {
                return Ok(None);
            }
            let Some(was) = access::by_id(tx, old).await? else { return Ok(None) };
            let row = ApiKey { id, created_at_ms: now_ms, revoked_at_ms: None, ..was.clone() };
            access::insert(tx, &row, &digest).await?;
            Ok(Some(was))
        })
    });
    let was = rotated.await?.ok_or(Error::NotFound)?;
    Ok((was, key))
}

/// Whether this text is a key that opens something.
pub async fn is_alive(db: &Db, text: &str) -> Result<bool, Error> {
    let digest = digest_of(text);
    let found = db.read(move |tx| Box::pin(async move { access::by_hash(tx, &digest).await }));
    Ok(found.await?.is_some())
}

/// Writes an admin key to the data folder, where the first one stood; nobody but its owner may read
/// it at any moment.
pub fn write_admin_key(data_dir: &Path, key: &NewKey) -> Result<PathBuf, Error> {
    let path = data_dir.join(ADMIN_KEY_FILE);
    write_private(&path, &key.text)
        .map_err(|error| Fault::internal_because("write the admin key", error))?;
    Ok(path)
}

/// Turns credentials into actors.
pub struct Gate {
    pub(super) db: Db,
    secret: ServerSecret,
    believed: Mutex<HashMap<String, (Instant, Actor)>>,
}

impl Gate {
    #[must_use]
    pub fn new(db: &Db, secret: ServerSecret) -> Gate {
        Gate { db: db.clone(), secret, believed: Mutex::new(HashMap::new()) }
    }

    #[must_use]
    pub fn secret(&self) -> &ServerSecret {
        &self.secret
    }

    /// Who has this credential: an API key or a guest token.
    pub async fn authenticate(&self, bearer: &str) -> Result<Actor, Error> {
        if CREDENTIAL_BYTES_MAX < bearer.len() {
            return Err(Error::Unauthorized);
        }
        if bearer.starts_with(GUEST_TOKEN_START) {
            return self.guest(bearer).await;
        }
        if !bearer.starts_with("vk_") {
            return Err(Error::Unauthorized);
        }
        self.holder_of(digest_of(bearer)).await
    }

    /// Who has the key with this digest, unless it was taken back.
    pub(super) async fn holder_of(&self, digest: String) -> Result<Actor, Error> {
        if let Some(actor) = self.recall(&digest) {
            return Ok(actor);
        }
        let wanted = digest.clone();
        let found = self
            .db
            .read(move |tx| Box::pin(async move { access::by_hash(tx, &wanted).await }))
            .await?;
        let actor = found.as_ref().and_then(actor_of).ok_or(Error::Unauthorized)?;
        self.remember(digest, actor.clone());
        Ok(actor)
    }

    async fn guest(&self, token: &str) -> Result<Actor, Error> {
        let reservation = reservation_of(token).ok_or(Error::Unauthorized)?;
        let version = self
            .db
            .read(move |tx| Box::pin(async move { access::token_version(tx, reservation).await }))
            .await?;
        match version {
            Some(version) if self.secret.opens(token, reservation, version) => {
                Ok(Actor::Guest { reservation })
            }
            Some(_) | None => Err(Error::Unauthorized),
        }
    }

    fn recall(&self, digest: &str) -> Option<Actor> {
        let believed = self.believed.lock().expect("no thread panics while it looks");
        let (since, actor) = believed.get(digest)?;
        (since.elapsed() < KEY_BELIEVED).then(|| actor.clone())
    }

    /// Only keys that open something are remembered, so that guessing fills nothing.
    fn remember(&self, digest: String, actor: Actor) {
        let mut believed = self.believed.lock().expect("no thread panics while it looks");
        if KEYS_REMEMBERED_MAX <= believed.len() {
            believed.retain(|_, (since, _)| since.elapsed() < KEY_BELIEVED);
        }
        if KEYS_REMEMBERED_MAX <= believed.len() {
            believed.clear();
        }
        believed.insert(digest, (Instant::now(), actor));
    }
}

/// What a stored key makes of its holder; a word that this binary does not know opens nothing.
fn actor_of(key: &ApiKey) -> Option<Actor> {
    match (key.role.as_str(), key.business) {
        (ADMIN, None) => Some(Actor::Admin),
        (PROGRAM, Some(business)) => {
            let scopes = key.scopes.split(' ').filter_map(Scope::from_word).collect();
            Some(Actor::Key { key: key.id, business, scopes })
        }
        (word, Some(business)) => Role::from_word(word).map(|role| Actor::Staff { business, role }),
        (_, None) => None,
    }
}

pub(crate) fn digest_of(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// How a key of this business begins, so that whoever sees it knows whether it can do harm.
async fn start_of(db: &Db, business: Option<BusinessId>) -> Result<&'static str, Error> {
    match business {
        Some(business) if businesses::is_test(db, business).await? => Ok(TEST_KEY_START),
        Some(_) | None => Ok(KEY_START),
    }
}

fn fresh(ids: &Ids, start: &str) -> Result<(NewKey, String), Error> {
    let bytes: [u8; KEY_LETTERS / 4 * 3] = secret_bytes().map_err(no_randomness)?;
    let text = format!("{start}{}", base64url(&bytes));
    let digest = digest_of(&text);
    Ok((NewKey { id: ApiKeyId(ids.next_id()), text }, digest))
}

fn admin_row(key: &NewKey) -> ApiKey {
    ApiKey {
        id: key.id,
        business: None,
        role: ADMIN.to_owned(),
        scopes: String::new(),
        name: "platform admin".to_owned(),
        created_at_ms: 0,
        revoked_at_ms: None,
    }
}

async fn insert(db: &Db, row: ApiKey, digest: String) -> Result<(), Error> {
    db.write(move |tx| {
        let (mut row, digest) = (row.clone(), digest.clone());
        Box::pin(async move {
            row.created_at_ms = tx.now_ms().await?;
            access::insert(tx, &row, &digest).await
        })
    })
    .await?;
    Ok(())
}

/// Replaces the file; nobody but its owner may read it at any moment.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

pub(crate) fn no_randomness(error: getrandom::Error) -> Error {
    Error::Fault(Fault::internal_because("draw random bytes", Told(error.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vacancy_store::sql::Time;

    #[test]
    fn a_key_is_believed_for_less_than_a_second_and_few_are_remembered() {
        let db = Db::open_sqlite_memory(Time::Engine).expect("a store in memory");
        let gate = Gate::new(&db, ServerSecret::new(vec![1]));
        gate.remember("fresh".to_owned(), Actor::Admin);
        assert_eq!(gate.recall("fresh"), Some(Actor::Admin));
        let since =
            Instant::now().checked_sub(KEY_BELIEVED).expect("the machine runs for a second");
        let old = ("old".to_owned(), (since, Actor::Admin));
        gate.believed.lock().expect("nobody panics").extend([old]);
        assert_eq!(gate.recall("old"), None);
        for number in 0..2 * KEYS_REMEMBERED_MAX {
            gate.remember(number.to_string(), Actor::Admin);
        }
        assert!(gate.believed.lock().expect("nobody panics").len() <= KEYS_REMEMBERED_MAX);
    }

    #[test]
    fn a_stored_word_that_nobody_knows_opens_nothing() {
        let key = |role: &str, business: Option<u128>| {
            actor_of(&ApiKey {
                id: ApiKeyId(1),
                business: business.map(BusinessId),
                role: role.to_owned(),
                scopes: "rates:write nonsense".to_owned(),
                name: String::new(),
                created_at_ms: 0,
                revoked_at_ms: None,
            })
        };
        assert_eq!(key("admin", None), Some(Actor::Admin));
        for (role, business) in [("admin", Some(1)), ("owner", None), ("key", None), ("", Some(1))]
        {
            assert_eq!(key(role, business), None, "{role}");
        }
        let Some(Actor::Key { scopes, .. }) = key("key", Some(1)) else { panic!("a key opens") };
        assert_eq!(scopes.into_iter().collect::<Vec<_>>(), [Scope::RatesWrite]);
    }
}
