-- A person who is known by telephone alone has a blank address.
DROP INDEX people_by_email;
CREATE UNIQUE INDEX people_by_email ON people (tenant, email_key)
    WHERE recorded_to = 9223372036854775807 AND email_key <> '';
-- Operators are few, and customers many.
CREATE INDEX people_operators ON people (tenant, id)
    WHERE (profiles & 16) = 16 AND recorded_to = 9223372036854775807;

CREATE TABLE business_units (
    tenant         bigint  NOT NULL,
    id             bigint  NOT NULL,
    name           text    NOT NULL,
    code           text    NOT NULL,
    code_key       text    NOT NULL,
    currency       text    NOT NULL,
    currency_scale bigint  NOT NULL CHECK (currency_scale BETWEEN 0 AND 4),
    tax            bigint  NOT NULL CHECK (tax BETWEEN 0 AND 10000), -- hundredths of a percent
    timezone       text    NOT NULL,
    invoice_prefix text    NOT NULL,
    gateway        text    NOT NULL,
    invoices       bigint  NOT NULL, -- how many were numbered
    referenced     boolean NOT NULL, -- something was billed, or is to be, by it
    charged        boolean NOT NULL, -- the ledger counts days in its time zone
    created_at     bigint  NOT NULL,
    updated_at     bigint  NOT NULL,
    revision       bigint  NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant) REFERENCES tenants (tenant)
);
CREATE UNIQUE INDEX business_units_by_code ON business_units (tenant, code_key);

-- Branches are a forest. business_unit_id is null where a branch is billed by its
-- nearest ancestor's.
CREATE TABLE branches (
    tenant           bigint NOT NULL,
    id               bigint NOT NULL,
    parent_id        bigint,
    business_unit_id bigint,
    name             text   NOT NULL,
    code             text   NOT NULL,
    code_key         text   NOT NULL,
    state            text   NOT NULL CHECK (state IN ('IN_PREPARATION', 'OPERATIONAL', 'MAINTENANCE', 'HIBERNATION', 'OUT_OF_BUSINESS')),
    created_at       bigint NOT NULL,
    updated_at       bigint NOT NULL,
    revision         bigint NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, parent_id) REFERENCES branches (tenant, id),
    FOREIGN KEY (tenant, business_unit_id) REFERENCES business_units (tenant, id)
);
CREATE UNIQUE INDEX branches_by_code ON branches (tenant, code_key);
CREATE INDEX branches_by_parent ON branches (tenant, parent_id);
CREATE INDEX branches_by_business_unit ON branches (tenant, business_unit_id);

-- branch_id 0 is the whole tenant, above every branch; value is JSON.
CREATE TABLE branch_settings (
    tenant    bigint NOT NULL,
    name      text   NOT NULL,
    branch_id bigint NOT NULL,
    value     text   NOT NULL,
    revision  bigint NOT NULL,
    PRIMARY KEY (tenant, name, branch_id),
    FOREIGN KEY (tenant) REFERENCES tenants (tenant)
);

-- What mobility knows of a person. The address is the person's. Dates are
-- YYYY-MM-DD, '' for none; license_categories a list separated by commas.
CREATE TABLE customers (
    tenant             bigint  NOT NULL,
    id                 bigint  NOT NULL,
    first_name         text    NOT NULL,
    last_name          text    NOT NULL,
    birthdate          text    NOT NULL,
    email_verified     boolean NOT NULL,
    phone              text    NOT NULL,
    phone_verified     boolean NOT NULL,
    street             text    NOT NULL,
    postcode           text    NOT NULL,
    city               text    NOT NULL,
    country            text    NOT NULL,
    language           text    NOT NULL,
    newsletter         boolean NOT NULL,
    home_branch_id     bigint  NOT NULL,
    block_state        text    NOT NULL CHECK (block_state IN ('NONE', 'BLOCKED', 'DELETED')),
    block_reason       text    NOT NULL,
    payment_state      text    NOT NULL CHECK (payment_state IN ('NONE', 'PUSH_INITIATED', 'PUSH_COMPLETED', 'SOURCE_ADDED', 'INVOICING')),
    license_state      text    NOT NULL,
    license_expires    text    NOT NULL,
    license_number     bytea   NOT NULL, -- sealed; empty for none
    license_categories text    NOT NULL,
    id_state           text    NOT NULL,
    id_expires         text    NOT NULL,
    id_document_type   text    NOT NULL,
    manual_state       text    NOT NULL,
    external_state     text    NOT NULL,
    credit_status      text    NOT NULL,
    signup_settled     boolean NOT NULL,
    signup_failed      boolean NOT NULL,
    balance            bigint  NOT NULL, -- ten-thousandths, in the currency of the home branch
    tags               text    NOT NULL,
    annotations        text    NOT NULL,
    custom_properties  text    NOT NULL,
    made_by_client     text    NOT NULL, -- the API client that may act for them; '' for none
    last_sign_in_at    bigint  NOT NULL,
    created_at         bigint  NOT NULL,
    updated_at         bigint  NOT NULL,
    revision           bigint  NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, id) REFERENCES subjects (tenant, id),
    FOREIGN KEY (tenant, home_branch_id) REFERENCES branches (tenant, id)
);
CREATE UNIQUE INDEX customers_by_phone ON customers (tenant, phone)
    WHERE phone <> '' AND block_state <> 'DELETED';
CREATE INDEX customers_by_home_branch ON customers (tenant, home_branch_id);

-- Roles of operators are data; permissions is a list separated by commas.
CREATE TABLE operator_roles (
    tenant      bigint NOT NULL,
    name        text   NOT NULL,
    permissions text   NOT NULL,
    revision    bigint NOT NULL,
    PRIMARY KEY (tenant, name),
    FOREIGN KEY (tenant) REFERENCES tenants (tenant)
);

-- An operator, or an API client, has a role on a branch and those below it.
CREATE TABLE role_assignments (
    tenant     bigint NOT NULL,
    person_id  bigint NOT NULL, -- 0 where it is a client's
    client_id  text   NOT NULL, -- '' where it is a person's
    role       text   NOT NULL,
    branch_id  bigint NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (tenant, person_id, client_id, role, branch_id),
    FOREIGN KEY (tenant, role) REFERENCES operator_roles (tenant, name),
    FOREIGN KEY (tenant, branch_id) REFERENCES branches (tenant, id)
);
CREATE INDEX role_assignments_by_branch ON role_assignments (tenant, branch_id);
CREATE INDEX role_assignments_by_role ON role_assignments (tenant, role);
