//! Who may do what within a business, by role for people and by scope for programs. Whose business
//! it is, is asked elsewhere; what is not granted here is denied.

/// What somebody wants to do. Each names the least that has to be granted for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// See hotels, prices and what is free; book, pay.
    Find,
    /// Make businesses; look into all of them.
    RunPlatform,
    /// Make and take back credentials.
    ManageAccess,
    /// Make and change hotels, room types and rooms.
    ChangeHotels,
    /// Set capacity, closures and restrictions.
    ChangeInventory,
    /// See capacity and what is gone of it.
    ReadInventory,
    /// Place and move bare holds, without a reservation.
    HoldInventory,
    ChangeRates,
    ReadReservations,
    /// Take, cancel and move reservations for guests.
    ChangeReservations,
    /// Confirm without a payment of ours.
    ConfirmReservations,
    /// Check in, check out, no-show.
    WorkFrontDesk,
    RefundPayments,
    ReadReports,
}

impl Action {
    pub const ALL: [Action; 14] = [
        Action::Find,
        Action::RunPlatform,
        Action::ManageAccess,
        Action::ChangeHotels,
        Action::ChangeInventory,
        Action::ReadInventory,
        Action::HoldInventory,
        Action::ChangeRates,
        Action::ReadReservations,
        Action::ChangeReservations,
        Action::ConfirmReservations,
        Action::WorkFrontDesk,
        Action::RefundPayments,
        Action::ReadReports,
    ];

    /// Anybody may, with no credential at all.
    #[must_use]
    pub fn is_public(self) -> bool {
        self == Action::Find
    }
}

/// What a person is in a business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Owner,
    Manager,
    FrontDesk,
    Accountant,
}

impl Role {
    pub const ALL: [Role; 4] = [Role::Owner, Role::Manager, Role::FrontDesk, Role::Accountant];

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Manager => "manager",
            Role::FrontDesk => "front_desk",
            Role::Accountant => "accountant",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.word() == word)
    }

    #[must_use]
    pub fn allows(self, action: Action) -> bool {
        match action {
            Action::Find => true,
            Action::RunPlatform => false,
            Action::ManageAccess => self == Role::Owner,
            Action::ChangeHotels
            | Action::ChangeInventory
            | Action::HoldInventory
            | Action::ChangeRates
            | Action::RefundPayments => matches!(self, Role::Owner | Role::Manager),
            Action::ChangeReservations | Action::ConfirmReservations | Action::WorkFrontDesk => {
                matches!(self, Role::Owner | Role::Manager | Role::FrontDesk)
            }
            Action::ReadInventory | Action::ReadReservations => true,
            Action::ReadReports => self != Role::FrontDesk,
        }
    }
}

/// What a program's key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    HotelsWrite,
    InventoryRead,
    InventoryWrite,
    RatesWrite,
    ReservationsRead,
    ReservationsWrite,
    PaymentsWrite,
    ReportsRead,
}

impl Scope {
    pub const ALL: [Scope; 8] = [
        Scope::HotelsWrite,
        Scope::InventoryRead,
        Scope::InventoryWrite,
        Scope::RatesWrite,
        Scope::ReservationsRead,
        Scope::ReservationsWrite,
        Scope::PaymentsWrite,
        Scope::ReportsRead,
    ];

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Scope::HotelsWrite => "hotels:write",
            Scope::InventoryRead => "inventory:read",
            Scope::InventoryWrite => "inventory:write",
            Scope::RatesWrite => "rates:write",
            Scope::ReservationsRead => "reservations:read",
            Scope::ReservationsWrite => "reservations:write",
            Scope::PaymentsWrite => "payments:write",
            Scope::ReportsRead => "reports:read",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Scope> {
        Scope::ALL.into_iter().find(|scope| scope.word() == word)
    }

    #[must_use]
    pub fn allows(self, action: Action) -> bool {
        match self {
            Scope::HotelsWrite => action == Action::ChangeHotels,
            Scope::InventoryRead => action == Action::ReadInventory,
            Scope::InventoryWrite => matches!(
                action,
                Action::ReadInventory | Action::ChangeInventory | Action::HoldInventory
            ),
            Scope::RatesWrite => action == Action::ChangeRates,
            Scope::ReservationsRead => action == Action::ReadReservations,
            Scope::ReservationsWrite => matches!(
                action,
                Action::ReadReservations
                    | Action::ChangeReservations
                    | Action::ConfirmReservations
                    | Action::WorkFrontDesk
            ),
            Scope::PaymentsWrite => action == Action::RefundPayments,
            Scope::ReportsRead => action == Action::ReadReports,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_in_a_business_runs_the_platform() {
        assert!(Role::ALL.iter().all(|role| !role.allows(Action::RunPlatform)));
        assert!(Scope::ALL.iter().all(|scope| !scope.allows(Action::RunPlatform)));
        assert!(Scope::ALL.iter().all(|scope| !scope.allows(Action::ManageAccess)));
    }

    #[test]
    fn an_accountant_changes_nothing() {
        let changes = Action::ALL.iter().filter(|action| Role::Accountant.allows(**action));
        assert_eq!(
            changes.copied().collect::<Vec<_>>(),
            [Action::Find, Action::ReadInventory, Action::ReadReservations, Action::ReadReports]
        );
    }

    #[test]
    fn words_come_back_as_what_they_were() {
        assert!(Role::ALL.iter().all(|role| Role::from_word(role.word()) == Some(*role)));
        assert!(Scope::ALL.iter().all(|scope| Scope::from_word(scope.word()) == Some(*scope)));
    }
}
