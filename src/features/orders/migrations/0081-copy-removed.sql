-- That a batch's old rows were taken out of ClickHouse is written down before the new ones are sent: a repeated batch must not
-- remove what its first try has inserted, because the insert's token lets nothing in twice.
alter table orders.to_copy add column removed boolean not null default false;
