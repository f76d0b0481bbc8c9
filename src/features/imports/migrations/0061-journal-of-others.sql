-- What is brought in bulk by other means than a file (the demo shop) is journalled under an id of its own.
alter table imports.journal drop constraint journal_import_id_fkey;
