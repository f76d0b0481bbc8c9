create schema if not exists predictions;

-- One fit of all models as of one day, with its proof. Models are plain JSON, so that a stored run can score tomorrow's customers.
create table predictions.model_run (
  id uuid primary key default uuidv7(),
  as_of date not null,
  -- "default": the day the product reads as of. "asked": another day somebody looked at; thrown away when orders change.
  purpose text not null check (purpose in ('default', 'asked')),
  state text not null default 'scoring' check (state in ('scoring', 'done')),
  -- Shoppers with at least one purchase day by then, and how many of them the lapse score learnt from.
  people int not null,
  sampled int not null,
  models jsonb not null,
  -- Verdict and track record per model.
  report jsonb not null,
  -- Customers scored again one by one since; many of them ask for a new fit.
  touched int not null default 0,
  started_at timestamptz not null,
  finished_at timestamptz,
  took_ms int
);
create index model_run_newest on predictions.model_run (finished_at desc) where state = 'done';

-- What is foretold of one customer as of one day.
create table predictions.score (
  as_of date not null,
  origin_id bigint not null,
  customer_id bigint not null,
  run_id uuid not null references predictions.model_run (id),
  -- Null: not enough data.
  lapse float8,
  rhythm_horizon_days int,
  rhythm_now float8,
  rhythm_when_due float8,
  expected_purchase_days float8 not null,
  expected_sales_minor bigint not null,
  value_at_risk_minor bigint,
  slipping boolean not null,
  purchase_days int not null,
  usual_gap_days float8,
  long_gap_days float8,
  days_since int not null,
  first_day date not null,
  last_day date not null,
  sales_minor bigint not null,
  -- What the models saw, in the order of `signalNames`: the reasons are worked out from it when somebody reads them.
  signals float8[] not null,
  scored_at timestamptz not null,
  primary key (as_of, customer_id)
);
create index score_value_at_risk on predictions.score (as_of, (coalesce(value_at_risk_minor, -1)) desc, customer_id desc);
create index score_slipping on predictions.score (as_of, (coalesce(value_at_risk_minor, -1)) desc, customer_id desc) where slipping;
create index score_lapse on predictions.score (as_of, (coalesce(lapse, -1)) desc, customer_id desc);
create index score_customer on predictions.score (customer_id);
create index score_origin on predictions.score (origin_id);
create index score_run on predictions.score (run_id);

-- Fits asked for; null = as of the default day. Taken by the job predictions.train, so that a wish made while it runs is not lost.
create table predictions.wanted (
  id bigint generated always as identity primary key,
  as_of date,
  at timestamptz not null
);
