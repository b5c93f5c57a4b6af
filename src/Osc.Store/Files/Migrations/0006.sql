-- The Merkle tree over the audit log (RFC 9162, section 2.1): the hashes of its complete subtrees, in the order in which they come to be complete.
create table audit_hash (
    number integer primary key,
    hash   blob    not null check (length(hash) = 32)
) strict;

create trigger audit_hash_no_gap before insert on audit_hash
when new.number is not (select coalesce(max(number), -1) + 1 from audit_hash)
begin
    select raise(abort, 'a hash comes after the last one');
end;

create trigger audit_hash_no_update before update on audit_hash
begin
    select raise(abort, 'a hash of the audit log is never changed');
end;

create trigger audit_hash_no_delete before delete on audit_hash
begin
    select raise(abort, 'a hash of the audit log is never deleted');
end;

-- Checkpoints that were signed.
create table audit_checkpoint (
    number integer primary key,
    time   integer not null,
    size   integer not null,
    note   text    not null
) strict;

create index audit_checkpoint_size on audit_checkpoint (size);

create trigger audit_checkpoint_no_update before update on audit_checkpoint
begin
    select raise(abort, 'a checkpoint is never changed');
end;

create trigger audit_checkpoint_no_delete before delete on audit_checkpoint
begin
    select raise(abort, 'a checkpoint is never deleted');
end;

-- The text index follows the log in transactions of its own: a change does not wait for it.
drop trigger audit_text_insert;
