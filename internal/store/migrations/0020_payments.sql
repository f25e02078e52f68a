-- What a gateway was asked to take, written before it is asked: who asks again asks for
-- the same, from the same source, under the same key.
CREATE TABLE payment_attempts (
    tenant     bigint NOT NULL,
    noun       text   NOT NULL CHECK (noun IN ('invoice', 'signup')),
    subject_id bigint NOT NULL, -- the invoice, or the customer who buys
    attempt    bigint NOT NULL, -- 1, and one more after each refusal
    source_id  bigint NOT NULL,
    state      text   NOT NULL CHECK (state IN ('ASKED', 'PENDING', 'DONE', 'REFUSED', 'OUTSIDE')),
    asked_at   bigint NOT NULL,
    PRIMARY KEY (tenant, noun, subject_id, attempt),
    FOREIGN KEY (tenant, source_id) REFERENCES payment_sources (tenant, id)
);
CREATE INDEX payment_attempts_by_source ON payment_attempts (tenant, source_id);
