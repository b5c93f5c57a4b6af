-- Tokens that were made while the controller ran. Of a secret there is its SHA-256 alone.
create table token (
    id           text    primary key,
    name         text    not null,
    grants       text    not null,
    sha256       blob    not null check (length(sha256) = 32),
    made_at      integer not null,
    -- Who made it, who made his token, and so on: a JSON array of names.
    made_by      text    not null,
    expires_at   integer not null,
    revoked_at   integer,
    revoked_by   text    not null default '',
    last_used    integer,
    last_address text    not null default ''
) strict;

create unique index token_secret on token (sha256);
create unique index token_name on token (name) where revoked_at is null;

-- Where identities have been seen.
create table identity_address (
    identity   text    not null,
    address    text    not null,
    first_seen integer not null,
    primary key (identity, address)
) strict, without rowid;

-- What repeatable requests were answered, for a day.
create table answer (
    identity    text    not null,
    key         text    not null,
    fingerprint blob    not null check (length(fingerprint) = 32),
    time        integer not null,
    status      integer not null,
    headers     text    not null,
    body        text    not null,
    primary key (identity, key)
) strict, without rowid;

create index answer_time on answer (time);
