-- A payment has a number of its own, which invoices tell.
ALTER TABLE payment_attempts ADD COLUMN id bigint NOT NULL DEFAULT 0;
UPDATE payment_attempts SET id = n.number FROM (
    SELECT tenant, noun, subject_id, attempt, row_number() OVER (PARTITION BY tenant ORDER BY asked_at, noun, subject_id, attempt) AS number FROM payment_attempts
) AS n WHERE n.tenant = payment_attempts.tenant AND n.noun = payment_attempts.noun AND n.subject_id = payment_attempts.subject_id AND n.attempt = payment_attempts.attempt;
INSERT INTO sequences (tenant, name, next) SELECT tenant, 'payment', max(id) + 1 FROM payment_attempts GROUP BY tenant;
CREATE UNIQUE INDEX payment_attempts_by_id ON payment_attempts (tenant, id);
-- What a voucher is for, in words.
ALTER TABLE voucherables ADD COLUMN description text NOT NULL DEFAULT '';
-- A payment source that is to be the default is so once its gateway has it.
ALTER TABLE payment_sources ADD COLUMN default_wanted boolean NOT NULL DEFAULT false;
