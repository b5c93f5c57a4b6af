-- When the store was restored from a backup, in milliseconds since 1970: from then on agents take its revisions although they hold newer ones.
create table generation (
    begun integer primary key
) strict;

-- Codes by which agents that are new get a certificate, once. Only the hash of a code is kept.
create table enrolment (
    host    text    primary key,
    sha256  blob    not null unique,
    expires integer not null
) strict;
