-- Emergency policies that went in at once, each for a while.
create table emergency (
    id         integer primary key,
    tenant     text    not null,
    name       text    not null,
    opened_by  text    not null,
    opened_at  integer not null,
    expires_at integer not null,
    reason     text    not null,
    revision   integer not null,
    closed_at  integer
) strict;

create unique index emergency_open on emergency (tenant, name) where closed_at is null;
