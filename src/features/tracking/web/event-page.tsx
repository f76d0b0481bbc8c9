/** One event name: every property it came with, how often, and the latest examples. */
import { Button, Group, Modal, Textarea } from '@mantine/core';
import { IconEyeOff, IconFilter, IconPencil, IconRosetteDiscountCheck } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  Cards,
  type Column,
  DataTable,
  Facts,
  Form,
  faultAt,
  formatNumber,
  formatPercent,
  hasText,
  KeyFigure,
  Link,
  Loaded,
  Name,
  notifyDone,
  PageHeader,
  Panel,
  RelativeTime,
  Rows,
  SkeletonPage,
  StatusBadge,
  say,
  TimeText,
  text,
  useMay,
  useMutationOf,
  useQueryOf,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import { EntryState } from './dictionary-page.tsx';
import { lastDays } from './event-days.ts';
import classes from './tracking.module.css';

type Event = AnswerOf<'GET /api/events/dictionary/event'>;
type Property = Event['properties'][number];
type Example = NonNullable<Event['examples']>[number];

const shownSamples = 8;

const EventPage = () => {
  const [url] = useUrl({ name: text() });
  const query = useQueryOf('GET /api/events/dictionary/event', { query: { name: url.name } });
  return (
    <Loaded query={query} skeleton={<SkeletonPage />}>
      {event => <EventView event={event} />}
    </Loaded>
  );
};
export default EventPage;

const segmentWith = (name: string): string =>
  `/segments/new?${new URLSearchParams({ definition: JSON.stringify({ all: [{ did: name, within: { days: 30 } }] }) })}`;

const EventView = ({ event }: { event: Event }) => {
  const t = useTexts();
  const mayManage = useMay('tracking:manage');
  const mayWriteSegments = useMay('segments:write');
  const [editing, setEditing] = useState<{ path: string | null; text: string } | null>(null);
  const days = lastDays(event.days, 90);
  return (
    <>
      <PageHeader
        title={<Name>{event.name}</Name>}
        back={{ to: '/settings/events', label: t('tracking.dictionary.title') }}
        badge={<EntryState entry={event} />}
        description={event.description ?? t('tracking.event.no_description')}
        actions={
          <Group gap="sm">
            {mayManage && (
              <Button
                variant="default"
                leftSection={<IconPencil size={16} aria-hidden />}
                onClick={() => setEditing({ path: null, text: event.description ?? '' })}
              >
                {t('tracking.event.describe')}
              </Button>
            )}
            {mayManage && <StateButtons event={event} />}
            {mayWriteSegments && (
              <Button component={Link} to={segmentWith(event.name)} leftSection={<IconFilter size={16} aria-hidden />}>
                {t('tracking.event.use')}
              </Button>
            )}
          </Group>
        }
      />
      <Rows>
        <Cards min_px={185}>
          <KeyFigure
            label={t('tracking.dictionary.count')}
            value={formatNumber(event.count)}
            series={days}
            note={t('tracking.event.days_note', { count: days.reduce((sum, one) => sum + one, 0) })}
          />
          <KeyFigure label={t('tracking.event.first')} value={<TimeText value={event.first_at} />} />
          <KeyFigure label={t('tracking.dictionary.last')} value={<RelativeTime value={event.last_at} />} />
          <KeyFigure
            label={t('tracking.event.from')}
            value={event.sources.map(one => (hasText(`tracking.source.${one}`) ? say(`tracking.source.${one}`) : one)).join(', ')}
            note={event.shops.map(shop => shop.name).join(', ')}
          />
        </Cards>
        <Properties event={event} onDescribe={mayManage ? setEditing : null} />
        {event.examples && <Examples examples={event.examples} />}
      </Rows>
      <Describe event={event} editing={editing} onClose={() => setEditing(null)} />
    </>
  );
};

const StateButtons = ({ event }: { event: Event }) => {
  const t = useTexts();
  const save = useMutationOf('PATCH /api/events/dictionary/event', { invalidates: ['/api/events'] });
  const turn = (state: Event['state']) => save.mutate({ body: { name: event.name, version: event.version, state } });
  return (
    <>
      <Button
        variant="default"
        loading={save.isPending}
        leftSection={<IconRosetteDiscountCheck size={16} aria-hidden />}
        onClick={() => turn(event.state === 'expected' ? 'new' : 'expected')}
      >
        {t(event.state === 'expected' ? 'tracking.event.unexpect' : 'tracking.event.expect')}
      </Button>
      <Button
        variant="default"
        loading={save.isPending}
        leftSection={<IconEyeOff size={16} aria-hidden />}
        onClick={() => turn(event.state === 'hidden' ? 'new' : 'hidden')}
      >
        {t(event.state === 'hidden' ? 'tracking.event.unhide' : 'tracking.event.hide')}
      </Button>
    </>
  );
};

type Edit = { path: string | null; text: string };

const Properties = ({ event, onDescribe }: { event: Event; onDescribe: ((edit: Edit) => void) | null }) => {
  const t = useTexts();
  const columns: Column<Property>[] = [
    {
      key: 'path',
      title: t('tracking.event.property'),
      card: 'title',
      render: property => (
        <span className={classes.name}>
          <bdi className={classes.path}>{property.path}</bdi>
          {property.description && <span className={classes.dim}>{property.description}</span>}
        </span>
      ),
    },
    { key: 'type', title: t('tracking.event.type'), card: 'aside', render: property => <Types property={property} /> },
    {
      key: 'filled',
      title: t('tracking.event.filled'),
      align: 'end',
      render: property => <bdi>{formatPercent(property.filled / 100)}</bdi>,
    },
    {
      key: 'samples',
      title: t('tracking.event.samples'),
      width: '38%',
      render: property =>
        property.samples.length > 0 ? (
          <bdi className={classes.samples}>{property.samples.slice(0, shownSamples).join(' · ')}</bdi>
        ) : (
          <span className={classes.dim}>{t('tracking.event.no_samples')}</span>
        ),
    },
    {
      key: 'last',
      title: t('tracking.dictionary.last'),
      optional: 'off',
      render: property => (property.last_at ? <RelativeTime value={property.last_at} /> : null),
    },
  ];
  return (
    <Panel title={t('tracking.dictionary.properties')} description={t('tracking.event.properties_note')} flush>
      <DataTable
        plain
        name="event-properties"
        label={t('tracking.dictionary.properties')}
        columns={columns}
        rowKey={property => property.path}
        list={{ rows: event.properties }}
        rowActions={
          onDescribe
            ? property => (
                <Button
                  variant="subtle"
                  size="compact-sm"
                  aria-label={t('tracking.event.describe_property', { path: property.path })}
                  onClick={() => onDescribe({ path: property.path, text: property.description ?? '' })}
                >
                  {t('tracking.event.describe')}
                </Button>
              )
            : undefined
        }
        empty={<p className={classes.dim}>{t('tracking.dictionary.no_properties')}</p>}
      />
    </Panel>
  );
};

const Types = ({ property }: { property: Property }) => {
  const t = useTexts();
  if (!property.conflict) return <StatusBadge tone="quiet">{t(`tracking.type.${property.type}`)}</StatusBadge>;
  return (
    <span className={classes.badges}>
      {property.types.map(one => (
        <StatusBadge key={one.type} tone="warn">
          {t('tracking.event.type_count', { type: t(`tracking.type.${one.type}`), count: one.count })}
        </StatusBadge>
      ))}
    </span>
  );
};

const Examples = ({ examples }: { examples: readonly Example[] }) => {
  const t = useTexts();
  if (examples.length === 0) return null;
  return (
    <Panel title={t('tracking.event.examples')}>
      <div className={classes.examples}>
        {examples.map(example => (
          <section key={example.id} className={classes.example}>
            <p className={classes.exampleHead}>
              <TimeText value={example.time} style="time" />
              <Link to={`/customers/${example.customer_id}`}>{t('tracking.event.whose', { id: example.customer_id })}</Link>
            </p>
            <Facts
              items={example.properties.map(one => ({
                label: <bdi className={classes.path}>{one.path}</bdi>,
                value: <bdi className={classes.samples}>{one.value}</bdi>,
              }))}
            />
          </section>
        ))}
      </div>
    </Panel>
  );
};

const Describe = ({ event, editing, onClose }: { event: Event; editing: Edit | null; onClose: () => void }) => {
  const t = useTexts();
  return (
    <Modal
      opened={editing !== null}
      onClose={onClose}
      title={editing?.path ?? event.name}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      {editing && <DescribeForm key={editing.path} event={event} editing={editing} onClose={onClose} />}
    </Modal>
  );
};

const DescribeForm = ({ event, editing, onClose }: { event: Event; editing: Edit; onClose: () => void }) => {
  const t = useTexts();
  const [words, setWords] = useState(editing.text);
  const save = useMutationOf('PATCH /api/events/dictionary/event', {
    invalidates: ['/api/events'],
    onSuccess: () => {
      notifyDone(t('tracking.event.described'));
      onClose();
    },
  });
  const description = words.trim() === '' ? null : words;
  const change = editing.path === null ? { description } : { property: { path: editing.path, description } };
  return (
    <Form
      submit={t('tracking.event.save')}
      busy={save.isPending}
      error={save.error}
      shown={['description']}
      onSubmit={() => save.mutate({ body: { name: event.name, version: event.version, ...change } })}
      onCancel={onClose}
    >
      <Textarea
        label={t('tracking.event.what_for')}
        description={t('tracking.event.what_for_hint')}
        autosize
        minRows={3}
        data-autofocus
        value={words}
        onChange={input => setWords(input.currentTarget.value)}
        error={faultAt(save.error, 'description')}
      />
    </Form>
  );
};
