-- When each thousand records were made: a search by time looks only at thousands that can have what it looks for. An index of all times
-- would not tell where in the order of sequence they are.
create table audit_span (
    number   integer primary key,
    earliest integer not null,
    latest   integer not null
) strict;

insert into audit_span (number, earliest, latest)
    select (sequence - 1) / 1000, min(time), max(time) from audit group by 1 having count(*) = 1000;

drop index audit_time;

-- Records whose time is over are in files; their hashes stay.
create table audit_archive (
    first  integer primary key,
    last   integer not null,
    time   integer not null,
    file   text    not null,
    sha256 text    not null,
    bytes  integer not null
) strict;

create trigger audit_archive_no_gap before insert on audit_archive
when new.first is not (select coalesce(max(last), 0) + 1 from audit_archive) or new.last < new.first
begin
    select raise(abort, 'an archive begins where the last one ends');
end;

create trigger audit_archive_no_update before update on audit_archive
begin
    select raise(abort, 'an archive is never changed');
end;

create trigger audit_archive_no_delete before delete on audit_archive
begin
    select raise(abort, 'an archive is never deleted');
end;

drop trigger audit_no_delete;

create trigger audit_no_delete before delete on audit
when old.sequence > (select coalesce(max(last), 0) from audit_archive)
begin
    select raise(abort, 'an audit record is deleted only when it is archived');
end;

create trigger audit_text_delete after delete on audit
begin
    insert into audit_text (audit_text, rowid, actor, address, request_id, action, tenant, kind, name, before, after, reason, outcome)
    values ('delete', old.sequence, old.actor, old.address, old.request_id, old.action, old.tenant, old.kind, old.name,
            old.before, old.after, old.reason, old.outcome);
end;
