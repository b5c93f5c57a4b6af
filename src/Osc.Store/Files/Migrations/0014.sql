-- Whose certificate was signed: the key that it is for, by host, which alone has it renewed.
create table enrolled (
    host      text    primary key,
    -- SHA-256 of the key's SubjectPublicKeyInfo.
    key       blob    not null,
    signed_at integer not null
) strict;
