-- No statement is led by these, and each costs every booking an entry; that of the e-mail a page of
-- its own. Departures are looked up among those who left only.
DROP INDEX reservation_by_arrival;
DROP INDEX reservation_by_guest;
DROP INDEX reservation_by_departure;
DROP INDEX payment_by_state;
CREATE INDEX reservation_left ON reservation (property, end_day) WHERE stay_state = 'completed';
