import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import { IconCheck, IconClock, IconDots, IconListCheck, IconMail, IconPhone, IconPlayerSkipForward } from '@tabler/icons-react';
import {
  type AnswerOf,
  formatMoney,
  formatNumber,
  formatTime,
  Link,
  MoneyText,
  Name,
  notifyError,
  notifyUndo,
  TimeText,
  useGo,
  useMay,
  useMutationOf,
  useSession,
  useTexts,
} from '../../../ui/index.ts';
import { laterDays } from './later-days.ts';
import { useReason } from './reason.ts';
import classes from './today.module.css';

type Person = AnswerOf<'GET /api/today'>['people'][number];

export const PersonToKeep = ({ person, place }: { person: Person; place: number }) => {
  const t = useTexts();
  const reason = useReason();
  const { customer } = person;
  const name = customer.name ?? t('desk.today.customer', { id: customer.outside_id ?? customer.id });
  const [rhythm, ...others] = person.reasons;
  return (
    <li className={classes.person}>
      <span className={classes.place} aria-hidden="true">
        {place}
      </span>
      <div className={classes.who}>
        <h3 className={classes.name}>
          <Link to={`/customers/${customer.id}`}>
            <Name>{name}</Name>
          </Link>
          {customer.country && <span className={classes.country}>{customer.country}</span>}
        </h3>
        <p className={classes.small}>
          {person.sales && `${t('desk.today.sales_so_far', { sales: formatMoney(person.sales, 'round') })} · `}
          {t('desk.today.last_bought')} <TimeText value={person.last_day} />
        </p>
        {rhythm && <p className={classes.reason}>{reason(rhythm.code, rhythm.values)}</p>}
        <Silence person={person} />
        {others.length > 0 && (
          <ul className={classes.reasons}>
            {others.map(one => (
              <li key={one.code}>{reason(one.code, one.values)}</li>
            ))}
          </ul>
        )}
      </div>
      <Worth person={person} />
      <Actions person={person} name={name} />
    </li>
  );
};

/** The silence as a bar: the first part is the usual gap, the rest is overdue. */
const Silence = ({ person: { days_since: days, usual_gap_days: gap } }: { person: Person }) => {
  const t = useTexts();
  if (gap === null || days <= 0) return null;
  const usual = Math.min(100, (gap / days) * 100);
  return (
    <div
      className={classes.silence}
      role="img"
      aria-label={t('desk.today.silence_label', { days: formatNumber(days), gap: formatNumber(gap, 1) })}
    >
      <span className={classes.usual} style={{ inlineSize: `${usual}%` }} />
      <span className={classes.overdue} />
    </div>
  );
};

const Worth = ({ person }: { person: Person }) => {
  const t = useTexts();
  return (
    <div className={classes.worth}>
      {person.at_risk && (
        <p className={classes.risk}>
          <MoneyText money={person.at_risk} style="round" /> <span className={classes.riskWord}>{t('desk.today.at_risk')}</span>
        </p>
      )}
      {person.worth && <p className={classes.small}>{t('desk.today.of_worth', { worth: formatMoney(person.worth, 'round') })}</p>}
    </div>
  );
};

/** Done, skip and later take the person off the list at once and can be taken back for ten seconds. */
const useChoice = (person: Person, name: string) => {
  const t = useTexts();
  const id = person.customer.id;
  const gone = {
    route: 'GET /api/today' as const,
    update: (answer: AnswerOf<'GET /api/today'>) => ({ ...answer, people: answer.people.filter(one => one.customer.id !== id) }),
  };
  const invalidates = ['/api/today'];
  const undo = useMutationOf('POST /api/today/:customer/undo', { invalidates });
  const told = (key: string) => (answer: { until: string }) =>
    notifyUndo(t(key, { name, day: formatTime(answer.until, 'day') }), () =>
      undo.mutateAsync({ params: { customer: id }, body: {} }),
    );
  const options = (key: string) => ({
    invalidates,
    optimistic: [gone],
    onSuccess: told(key),
    onError: (error: Error) => notifyError(error),
  });
  const done = useMutationOf('POST /api/today/:customer/done', options('desk.today.done_note'));
  const skip = useMutationOf('POST /api/today/:customer/skip', options('desk.today.skip_note'));
  const snooze = useMutationOf('POST /api/today/:customer/snooze', options('desk.today.later_note'));
  const params = { customer: id };
  return {
    done: () => done.mutate({ params, body: {} }),
    skip: () => skip.mutate({ params, body: {} }),
    snooze: (until: string) => snooze.mutate({ params, body: { until } }),
  };
};

const Actions = ({ person, name }: { person: Person; name: string }) => {
  const t = useTexts();
  const go = useGo();
  const mayChoose = useMay('today:write');
  const mayTask = useMay('tasks:write');
  const zone = useSession()?.organisation?.zone;
  const { phone, email, id } = person.customer;
  const choice = useChoice(person, name);
  return (
    <div className={classes.actions}>
      {phone && (
        <Button
          component="a"
          href={`tel:${phone}`}
          size="compact-md"
          variant="light"
          leftSection={<IconPhone size={15} />}
          aria-label={t('desk.today.call_name', { name, phone })}
        >
          <bdi>{phone}</bdi>
        </Button>
      )}
      {!phone && email && (
        <Button
          component="a"
          href={`mailto:${email}`}
          size="compact-md"
          variant="light"
          leftSection={<IconMail size={15} />}
          className={classes.mail}
          aria-label={t('desk.today.write', { email })}
        >
          <bdi>{email}</bdi>
        </Button>
      )}
      {mayChoose && (
        <>
          <Button
            size="compact-md"
            leftSection={<IconCheck size={15} />}
            onClick={choice.done}
            aria-label={t('desk.today.done_for', { name })}
          >
            {t('desk.today.done')}
          </Button>
          <Menu position="bottom-end">
            <Menu.Target>
              <Button
                size="compact-md"
                variant="default"
                leftSection={<IconClock size={15} />}
                aria-label={t('desk.today.later_for', { name })}
              >
                {t('desk.today.later')}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {laterDays(zone).map(({ label, day }) => (
                <Menu.Item
                  key={day}
                  onClick={() => choice.snooze(day)}
                  rightSection={<span className={classes.small}>{formatTime(day, 'day')}</span>}
                >
                  {t(label)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </>
      )}
      {(mayChoose || mayTask) && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Tooltip label={t('desk.today.more_for', { name })}>
              <ActionIcon variant="default" size={30} aria-label={t('desk.today.more_for', { name })}>
                <IconDots size={16} />
              </ActionIcon>
            </Tooltip>
          </Menu.Target>
          <Menu.Dropdown>
            {mayChoose && (
              <Menu.Item leftSection={<IconPlayerSkipForward size={15} />} onClick={choice.skip}>
                {t('desk.today.skip')}
              </Menu.Item>
            )}
            {mayTask && (
              <Menu.Item leftSection={<IconListCheck size={15} />} onClick={() => go(`/tasks?new=call&customer=${id}`)}>
                {t('desk.today.make_call_task')}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
};
