//! Who asks, and whether they may. Every use case takes an [`Actor`] first and checks it first;
//! what is not granted is denied, and what belongs to somebody else does not exist.

pub mod keys;
pub mod sessions;
pub mod tokens;

use std::collections::BTreeSet;

use vacancy_domain::access::{Action, Role, Scope};
use vacancy_domain::hotels::Hotel;
use vacancy_domain::ids::{ApiKeyId, BusinessId, PropertyId, ReservationId};
use vacancy_store::sql::Db;
use vacancy_store::{access, hotels};

use crate::encodings::base64url;
use crate::errors::Error;
use crate::ids::secret_bytes;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Who runs the platform.
    Admin,
    /// A person of a business.
    Staff { business: BusinessId, role: Role },
    /// A program of a business.
    Key { key: ApiKeyId, business: BusinessId, scopes: BTreeSet<Scope> },
    /// A guest with the token of one reservation.
    Guest { reservation: ReservationId },
    /// Nobody told us who it is.
    Anonymous,
    /// We ourselves: jobs, sweeps, imports from the command line.
    System,
}

/// What an action is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Platform,
    Business(BusinessId),
    /// A reservation of this business: its own guest may too.
    Reservation {
        business: BusinessId,
        reservation: ReservationId,
    },
}

impl Actor {
    /// Whether the actor may, and if not, how much they may know.
    pub fn may(&self, action: Action, on: On) -> Result<(), Error> {
        if action.is_public() {
            return Ok(());
        }
        match self {
            Actor::Admin | Actor::System => Ok(()),
            Actor::Staff { business, role } => {
                within(*business, on)?;
                granted(role.allows(action))
            }
            Actor::Key { business, scopes, .. } => {
                within(*business, on)?;
                granted(scopes.iter().any(|scope| scope.allows(action)))
            }
            Actor::Guest { reservation } => guest_may(*reservation, action, on),
            Actor::Anonymous => Err(Error::Unauthorized),
        }
    }

    /// The business that the actor belongs to, if to one.
    #[must_use]
    pub fn business(&self) -> Option<BusinessId> {
        match self {
            Actor::Staff { business, .. } | Actor::Key { business, .. } => Some(*business),
            Actor::Admin | Actor::Guest { .. } | Actor::Anonymous | Actor::System => None,
        }
    }

    /// The word in history and audit. It names no secret and no person.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Actor::Admin => "admin".to_owned(),
            Actor::Staff { role, .. } => format!("staff:{}", role.word()),
            Actor::Key { key, .. } => format!("key:{key}"),
            Actor::Guest { .. } => "guest".to_owned(),
            Actor::Anonymous => "anonymous".to_owned(),
            Actor::System => "system".to_owned(),
        }
    }
}

/// What belongs to another business does not exist.
fn within(own: BusinessId, on: On) -> Result<(), Error> {
    match on {
        On::Platform => Err(Error::Denied),
        On::Business(business) | On::Reservation { business, .. } if business == own => Ok(()),
        On::Business(_) | On::Reservation { .. } => Err(Error::NotFound),
    }
}

fn granted(is_granted: bool) -> Result<(), Error> {
    if is_granted { Ok(()) } else { Err(Error::Denied) }
}

/// A guest may see and change the one reservation whose token they have.
fn guest_may(own: ReservationId, action: Action, on: On) -> Result<(), Error> {
    match on {
        On::Platform | On::Business(_) => Err(Error::Denied),
        On::Reservation { reservation, .. } if reservation != own => Err(Error::NotFound),
        On::Reservation { .. } => {
            granted(matches!(action, Action::ReadReservations | Action::ChangeReservations))
        }
    }
}

/// The hotel, if the actor may do this to it.
pub async fn hotel(db: &Db, actor: &Actor, action: Action, id: PropertyId) -> Result<Hotel, Error> {
    if !action.is_public() && *actor == Actor::Anonymous {
        return Err(Error::Unauthorized);
    }
    let hotel = db.read(move |tx| Box::pin(async move { hotels::by_id(tx, id).await })).await?;
    let hotel = hotel.ok_or(Error::NotFound)?;
    actor.may(action, On::Business(hotel.business))?;
    Ok(hotel)
}

/// The secret that guest tokens are signed with. Made once; every instance reads the same.
pub async fn server_secret(db: &Db) -> Result<tokens::ServerSecret, Error> {
    let bytes: [u8; 32] = secret_bytes().map_err(keys::no_randomness)?;
    let fresh = base64url(&bytes);
    let text = db
        .write(move |tx| {
            let fresh = fresh.clone();
            Box::pin(async move { access::secret_or(tx, "guest_token", &fresh).await })
        })
        .await?;
    Ok(tokens::ServerSecret::new(text.into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: BusinessId = BusinessId(1);
    const THEIRS: BusinessId = BusinessId(2);

    fn everybody() -> Vec<Actor> {
        let mut all = vec![
            Actor::Guest { reservation: ReservationId(1) },
            Actor::Anonymous,
            Actor::Key {
                key: ApiKeyId(1),
                business: OURS,
                scopes: Scope::ALL.into_iter().collect(),
            },
        ];
        all.extend(Role::ALL.map(|role| Actor::Staff { business: OURS, role }));
        all
    }

    #[test]
    fn another_business_does_not_exist() {
        for actor in everybody() {
            for action in Action::ALL.into_iter().filter(|action| !action.is_public()) {
                let answer = actor.may(action, On::Business(THEIRS));
                let told = match actor {
                    Actor::Anonymous => "unauthorized",
                    Actor::Guest { .. } => "forbidden",
                    Actor::Admin | Actor::Staff { .. } | Actor::Key { .. } | Actor::System => {
                        "not_found"
                    }
                };
                assert_eq!(answer.map_err(|error| error.code()), Err(told), "{actor:?}");
                assert!(actor.may(action, On::Platform).is_err(), "{actor:?} {action:?}");
            }
        }
    }

    #[test]
    fn a_guest_opens_one_reservation_only() {
        let guest = Actor::Guest { reservation: ReservationId(7) };
        let on = |id| On::Reservation { business: OURS, reservation: ReservationId(id) };
        assert!(guest.may(Action::ReadReservations, on(7)).is_ok());
        assert!(guest.may(Action::ChangeReservations, on(7)).is_ok());
        let code = |answer: Result<(), Error>| answer.map_err(|error| error.code());
        assert_eq!(code(guest.may(Action::ReadReservations, on(8))), Err("not_found"));
        assert_eq!(code(guest.may(Action::ConfirmReservations, on(7))), Err("forbidden"));
        assert_eq!(code(guest.may(Action::WorkFrontDesk, on(7))), Err("forbidden"));
    }

    #[test]
    fn a_key_does_what_its_scopes_say_and_nothing_else() {
        let scopes = [Scope::InventoryWrite].into_iter().collect();
        let key = Actor::Key { key: ApiKeyId(1), business: OURS, scopes };
        let allowed: Vec<Action> = Action::ALL
            .into_iter()
            .filter(|action| key.may(*action, On::Business(OURS)).is_ok())
            .collect();
        let expected =
            [Action::Find, Action::ChangeInventory, Action::ReadInventory, Action::HoldInventory];
        assert_eq!(allowed, expected);
    }

    #[test]
    fn anybody_may_look() {
        for actor in everybody() {
            assert!(actor.may(Action::Find, On::Business(THEIRS)).is_ok());
        }
    }
}
