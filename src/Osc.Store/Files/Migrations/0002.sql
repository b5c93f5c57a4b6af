-- What was in force at a time.
create index revision_time on revision (time);
