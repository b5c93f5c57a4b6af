-- A leaf's hash is kept once, in the tree.
alter table audit drop column leaf;
