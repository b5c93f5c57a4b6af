-- Times are microseconds since 1970-01-01T00:00:00Z.

create table revision (
    number  integer primary key,
    time    integer not null,
    actor   text    not null,
    reason  text    not null,
    changes integer not null
) strict;

-- A row is a document from valid_from until before valid_to; without valid_to it is there still.
create table document (
    tenant     text    not null,
    kind       text    not null,
    name       text    not null,
    valid_from integer not null references revision (number),
    valid_to   integer references revision (number),
    json       text    not null,
    hash       text    not null,
    primary key (tenant, kind, name, valid_from)
) strict;

create unique index document_current on document (tenant, kind, name) where valid_to is null;
create index document_past on document (valid_to, valid_from) where valid_to is not null;

create table host (
    name             text    primary key,
    desired_revision integer not null default 0,
    desired_digest   text    not null default '',
    desired_flows    integer not null default 0,
    numbering        text    not null default '',
    acked_revision   integer not null default 0,
    acked_digest     text    not null default '',
    acked_flows      integer not null default 0,
    acked_at         integer,
    agent_version    text    not null default '',
    switch_version   text    not null default '',
    last_seen        integer,
    error            text    not null default ''
) strict;

create table rollout (
    revision     integer not null references revision (number),
    host         text    not null,
    state        text    not null check (state in ('pending', 'sent', 'acked', 'refused')),
    sent_at      integer,
    acked_at     integer,
    milliseconds real,
    error        text    not null default '',
    primary key (revision, host)
) strict, without rowid;

create index rollout_open on rollout (host, revision) where state <> 'acked';

create table audit (
    sequence   integer primary key,
    time       integer not null,
    actor      text    not null,
    address    text    not null,
    request_id text    not null,
    action     text    not null,
    tenant     text    not null,
    kind       text    not null,
    name       text    not null,
    before     text,
    after      text,
    revision   integer not null,
    reason     text    not null,
    outcome    text    not null,
    -- The record's leaf hash of RFC 9162: SHA-256(0x00 || canonical bytes).
    leaf       blob    not null check (length(leaf) = 32)
) strict;

-- Every field that is asked for alone is served in order: an index entry ends with the sequence.
create index audit_time on audit (time);
create index audit_actor on audit (actor);
create index audit_action on audit (action);
create index audit_tenant on audit (tenant);
create index audit_kind on audit (kind);
create index audit_name on audit (name);
create index audit_revision on audit (revision);

-- The log only grows, by one at a time.
create trigger audit_no_gap before insert on audit
when new.sequence is not (select coalesce(max(sequence), 0) + 1 from audit)
begin
    select raise(abort, 'an audit record comes after the last one');
end;

create trigger audit_no_update before update on audit
begin
    select raise(abort, 'an audit record is never changed');
end;

create trigger audit_no_delete before delete on audit
begin
    select raise(abort, 'an audit record is never deleted');
end;

create virtual table audit_text using fts5 (
    actor, address, request_id, action, tenant, kind, name, before, after, reason, outcome,
    content = 'audit', content_rowid = 'sequence'
);

create trigger audit_text_insert after insert on audit
begin
    insert into audit_text (rowid, actor, address, request_id, action, tenant, kind, name, before, after, reason, outcome)
    values (new.sequence, new.actor, new.address, new.request_id, new.action, new.tenant, new.kind, new.name,
            new.before, new.after, new.reason, new.outcome);
end;
