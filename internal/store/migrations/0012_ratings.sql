-- Ratings of the credit of customers and business accounts. reason and reference may
-- tell of a person; the other columns do not.
CREATE TABLE ratings (
    tenant       bigint  NOT NULL,
    id           bigint  NOT NULL,
    account_id   bigint  NOT NULL, -- a customer's or a business account's
    account_type text    NOT NULL CHECK (account_type IN ('CUSTOMER', 'USER_GROUP')),
    type         text    NOT NULL CHECK (type IN ('MANUAL', 'AUTOMATED')),
    status       text    NOT NULL CHECK (status IN ('QUEUED', 'PENDING', 'APPROVED', 'REJECTED', 'EXPIRED', 'FAILED')),
    active       boolean NOT NULL, -- it is the one that counts
    provider     text    NOT NULL,
    score        bigint,
    reason       text    NOT NULL,
    reference    text    NOT NULL, -- the provider's
    valid_from   bigint  NOT NULL, -- 0 for not yet
    valid_until  bigint  NOT NULL, -- 0 for no end
    created_by   bigint  NOT NULL, -- an operator; 0 for others
    created_at   bigint  NOT NULL,
    decided_by   bigint  NOT NULL, -- an operator; 0 for others
    decided_at   bigint  NOT NULL, -- 0 for not yet
    revision     bigint  NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, account_id) REFERENCES subjects (tenant, id),
    CHECK (NOT active OR status IN ('PENDING', 'APPROVED', 'REJECTED'))
);
CREATE INDEX ratings_by_account ON ratings (tenant, account_id, id);
CREATE UNIQUE INDEX ratings_active ON ratings (tenant, account_id) WHERE active;
CREATE UNIQUE INDEX ratings_queued ON ratings (tenant, account_id) WHERE status = 'QUEUED';

-- Until when credit_status counts, 0 for no end: what the active rating says stands
-- beside what else lists show.
ALTER TABLE customers ADD COLUMN credit_until bigint NOT NULL DEFAULT 0;
ALTER TABLE business_accounts ADD COLUMN credit_until bigint NOT NULL DEFAULT 0;
