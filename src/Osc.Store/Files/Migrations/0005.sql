-- No rollout of the host from before this revision is pending or sent. It takes the place of an index of what is open, each entry of which
-- is somewhere else: a commit that concerns a hundred hosts had as many pages more to write.
alter table host add column open_from integer not null default 0;
update host set open_from = acked_revision;
drop index rollout_open;
create index rollout_refused on rollout (host, revision) where state = 'refused';
