create schema if not exists desk;

-- Something a member of staff should do, with or without a customer.
create table desk.task (
  id uuid primary key default uuidv7(),
  origin_id bigint,
  customer_id bigint,
  kind text not null check (kind in ('task', 'call')),
  title text not null,
  note text,
  -- A number given for this call; without one, the customer's own is shown.
  phone text,
  due_on date,
  assignee_id uuid,
  -- Out of sight until this day.
  snoozed_until date,
  done_at timestamptz,
  done_by text,
  created_at timestamptz not null,
  created_by text not null,
  version int not null default 1,
  check ((origin_id is null) = (customer_id is null))
);
create index task_open on desk.task (coalesce(due_on, 'infinity'::date), id) where done_at is null;
create index task_done on desk.task (done_at desc, id) where done_at is not null;
create index task_customer on desk.task (customer_id) where customer_id is not null;
create index task_origin on desk.task (origin_id) where origin_id is not null;
create index task_assignee on desk.task (assignee_id) where done_at is null;

-- What one member of staff should know; `title` is a text key.
create table desk.notification (
  id uuid primary key default uuidv7(),
  staff_id uuid not null,
  title text not null,
  values jsonb not null,
  link text,
  at timestamptz not null,
  read_at timestamptz
);
create index notification_staff on desk.notification (staff_id, at desc, id desc);
create index notification_unread on desk.notification (staff_id) where read_at is null;

-- What was decided about somebody on Today's list. A taken-back choice keeps its row: the list learns from what stands.
create table desk.today_choice (
  id uuid primary key default uuidv7(),
  origin_id bigint not null,
  customer_id bigint not null,
  verb text not null check (verb in ('done', 'skip', 'snooze')),
  -- Hidden from the list up to and without this day.
  until date not null,
  note text,
  -- What the list said when it was decided.
  reasons text[] not null default '{}',
  at_risk_minor bigint,
  at timestamptz not null,
  by_whom text not null,
  undone_at timestamptz,
  undone_by text
);
create index today_choice_customer on desk.today_choice (customer_id, at desc);
create index today_choice_origin on desk.today_choice (origin_id);
create index today_choice_hidden on desk.today_choice (until) where undone_at is null;
