-- How far those have come who follow the audit log.
create table audit_follower (
    name     text    primary key,
    sequence integer not null
) strict;
