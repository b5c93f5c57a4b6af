-- The numbers that a host's flows carry: whole, as they were at a revision.
create table numbering (
    host     text    primary key,
    revision integer not null,
    numbers  text    not null
) strict;

insert into numbering (host, revision, numbers)
    select name, (select coalesce(max(number), 0) from revision), numbering from host where numbering <> '';

alter table host drop column numbering;

-- What became of them at later revisions. By revision first: the rows of a commit are written side by side, and the oldest go first.
create table numbering_change (
    revision integer not null,
    host     text    not null,
    change   text    not null,
    primary key (revision, host)
) strict, without rowid;
