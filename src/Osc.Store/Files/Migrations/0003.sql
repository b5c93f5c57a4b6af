-- Alarms: an interval each, from when there was cause for one to when there was none any more.
create table alarm (
    id         integer primary key,
    host       text    not null,
    kind       text    not null,
    subject    text    not null,
    severity   text    not null,
    detail     text    not null,
    raised_at  integer not null,
    cleared_at integer
) strict;

-- One stands at most once.
create unique index alarm_standing on alarm (host, kind, subject) where cleared_at is null;
create index alarm_host on alarm (host);
create index alarm_kind on alarm (kind);
