-- A demo shop that is taken away takes all its events along: one removal for the copy instead of one per event.
alter table tracking.batch add column shop_gone uuid;
