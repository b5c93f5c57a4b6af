-- What was in force at a time.
create index revision_time on revision (time);

-- What has changed since.
create index document_from on document (valid_from);
