-- What a voucher is about, and who took it back.
ALTER TABLE vouchers ADD COLUMN rental_id bigint NOT NULL DEFAULT 0; -- 0 for none
ALTER TABLE vouchers ADD COLUMN booking_id bigint NOT NULL DEFAULT 0; -- 0 for none
ALTER TABLE vouchers ADD COLUMN revoked_at bigint NOT NULL DEFAULT 0; -- 0: it was not
ALTER TABLE vouchers ADD COLUMN revoked_by bigint NOT NULL DEFAULT 0; -- a person; 0 for none
ALTER TABLE vouchers ADD COLUMN revoke_reason text NOT NULL DEFAULT '';
