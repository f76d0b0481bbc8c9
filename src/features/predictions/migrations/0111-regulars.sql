-- Today counts regulars and those slipping at every look; neither may read a million rows for it.
create index score_regular on predictions.score (as_of) where purchase_days >= 4;
