-- What is captured when a rental, a booking or a charge is made never changes, whoever
-- tries; but for reasons and the like, which are emptied when a person is erased.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'what was captured never changes'; END $$;
CREATE TRIGGER rentals_captured BEFORE UPDATE OF tenant, id, person_id, type, group_id, cost_center_id, branch_id, business_unit_id, vehicle_id,
    category_id, booking_id, payment_source_id, currency, tax, unlock, per_minute, per_kilometer, start_time, external_id, created_at
    ON rentals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bookings_captured BEFORE UPDATE OF tenant, id, person_id, type, rental_type, needs_approval, group_id, cost_center_id, branch_id, station_id,
    business_unit_id, category_id, payment_source_id, currency, tax, price, start_time, end_time, grace_until, created_at
    ON bookings FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER charges_captured BEFORE UPDATE OF tenant, id, account_id, kind, source_id, part, member_id, cost_center_id, business_unit_id, branch_id,
    currency, time, day, net, tax, gross, created_at
    ON charges FOR EACH ROW EXECUTE FUNCTION refuse_change();
