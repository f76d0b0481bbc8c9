-- People are also found by addresses and numbers that are not on their profile: older ones, and those of merged parts.
drop index customers.identifier_value;
create index identifier_value on customers.identifier (value text_pattern_ops) where kind in ('user_id', 'shop_customer_id', 'email', 'phone');
