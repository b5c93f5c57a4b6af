-- Changes that wait for others to agree to them.
create table proposal (
    id         integer primary key,
    state      text    not null check (state in ('open', 'applied', 'rejected')),
    proposer   text    not null,
    -- Who made the proposer's token, and so on; who may not agree either. A JSON array of names.
    makers     text    not null,
    made_at    integer not null,
    reason     text    not null,
    -- Documents that shall be there, a JSON array, and the keys of those that shall go, likewise.
    put        text    not null,
    removed    text    not null,
    -- What it does, as it was shown to those who agree, and the digest of what that means.
    plan       text    not null,
    digest     text    not null,
    -- Who has agreed: a JSON array of names.
    approvals  text    not null default '[]',
    closed_at  integer,
    closed_by  text    not null default '',
    revision   integer not null default 0
) strict;

create index proposal_open on proposal (id) where state = 'open';
