-- Where in Regulars the task is done ("/data-quality?review=..."); null: wherever the customer is.
alter table desk.task add column link text;
create index task_link on desk.task (link) where link is not null and done_at is null;
