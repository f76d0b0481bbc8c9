-- In which shops something of a customer happened: what a role limited to shops may know of. Never taken away by itself.
create table customers.shop_tie (
  origin_id bigint not null,
  customer_id bigint not null,
  shop_id uuid not null,
  primary key (origin_id, shop_id)
);
create index shop_tie_customer on customers.shop_tie (customer_id, shop_id);
create index shop_tie_shop on customers.shop_tie (shop_id, customer_id);
