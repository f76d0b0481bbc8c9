/** Topics and purposes: what people can say yes or no to, and why they left. */
import { ActionIcon, Button, Checkbox, Group, Menu, Modal, Select, Stack, Switch, Textarea, TextInput } from '@mantine/core';
import { IconArchive, IconArrowDown, IconArrowUp, IconDots, IconEdit, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  BarList,
  type Column,
  DataTable,
  EmptyState,
  Form,
  faultAt,
  Link,
  Loaded,
  Name,
  NumberText,
  notifyDone,
  notifyUndo,
  PageHeader,
  Panel,
  Rows,
  StatusBadge,
  TimeText,
  useMay,
  useMutationOf,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import classes from './consent.module.css';

type Topic = AnswerOf<'GET /api/consent/topics'>['data'][number];
type Purpose = AnswerOf<'GET /api/consent/purposes'>['data'][number];
type Channel = Topic['channels'][number];
const offered: readonly Channel[] = ['email', 'sms', 'push', 'phone', 'post', 'in_app'];
const reads = ['/api/consent'];

const TopicsPage = () => {
  const t = useTexts();
  return (
    <>
      <PageHeader
        title={t('consent.topics.title')}
        description={t('consent.topics.description')}
        actions={
          <Button component={Link} to="/settings/preference-page" variant="default">
            {t('consent.topics.see_page')}
          </Button>
        }
      />
      <Rows>
        <Topics />
        <Purposes />
        <Leaving />
      </Rows>
    </>
  );
};
export default TopicsPage;

const nameOf = (topic: Topic): string => (topic.texts.en ?? Object.values(topic.texts)[0])?.name ?? topic.code;

const Topics = () => {
  const t = useTexts();
  const mayManage = useMay('consents:manage');
  const [archived, setArchived] = useState(false);
  const [open, setOpen] = useState<Topic | 'new' | null>(null);
  const topics = useQueryOf('GET /api/consent/topics', { query: { archived: archived ? '1' : '0' } }, { keep: true });
  const usual = useMutationOf('POST /api/consent/topics/usual', { invalidates: reads });
  const order = useMutationOf('POST /api/consent/topics/order', { invalidates: reads });
  const change = useMutationOf('PATCH /api/consent/topics/:id', { invalidates: reads });
  const archive = (topic: Topic) =>
    change.mutate(
      { params: { id: topic.id }, body: { version: topic.version, archived: !topic.archived } },
      {
        onSuccess: after => {
          const back = () =>
            change.mutate({ params: { id: topic.id }, body: { version: after.version, archived: topic.archived } });
          notifyUndo(t(after.archived ? 'consent.topics.archived' : 'consent.topics.back'), back);
        },
      },
    );
  return (
    <Loaded query={topics}>
      {({ data }) => {
        const alive = data.filter(topic => !topic.archived);
        const move = (topic: Topic, by: -1 | 1) => {
          const ids = alive.map(one => one.id);
          const at = ids.indexOf(topic.id);
          ids.splice(at, 1);
          ids.splice(at + by, 0, topic.id);
          order.mutate({ body: { ids } });
        };
        const columns: Column<Topic>[] = [
          {
            key: 'name',
            title: t('consent.topics.name'),
            card: 'title',
            render: topic => (
              <>
                <span className={classes.name}>
                  <Name>{nameOf(topic)}</Name> {topic.archived && <StatusBadge>{t('consent.topics.is_archived')}</StatusBadge>}{' '}
                  {topic.double_opt_in && <StatusBadge tone="info">{t('consent.topics.double_opt_in')}</StatusBadge>}
                </span>
                <span className={classes.quiet}>{(topic.texts.en ?? Object.values(topic.texts)[0])?.description}</span>
              </>
            ),
          },
          {
            key: 'people',
            title: t('consent.topics.people'),
            width: '15rem',
            render: topic => (
              <ul className={classes.plain}>
                {topic.channels.map(channel => (
                  <li key={channel}>
                    {t(`consent.channel.${channel}`)}: <NumberText value={topic.allowed[channel] ?? 0} />
                  </li>
                ))}
              </ul>
            ),
          },
          {
            key: 'languages',
            title: t('consent.topics.languages'),
            width: '8rem',
            card: 'hidden',
            render: topic => Object.keys(topic.texts).join(', '),
          },
        ];
        return (
          <Panel
            title={t('consent.topics.panel')}
            description={t('consent.topics.panel_why')}
            flush
            actions={
              mayManage && (
                <Group gap="xs">
                  <Switch
                    label={t('consent.topics.show_archived')}
                    checked={archived}
                    onChange={event => setArchived(event.currentTarget.checked)}
                  />
                  <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpen('new')}>
                    {t('consent.topics.add')}
                  </Button>
                </Group>
              )
            }
          >
            <DataTable
              name="consent-topics"
              label={t('consent.topics.panel')}
              list={{ rows: data }}
              rowKey={topic => topic.id}
              columns={columns}
              plain
              rowActions={
                mayManage
                  ? topic => (
                      <TopicMenu
                        topic={topic}
                        first={alive[0]?.id === topic.id}
                        last={alive.at(-1)?.id === topic.id}
                        onEdit={() => setOpen(topic)}
                        onMove={by => move(topic, by)}
                        onArchive={() => archive(topic)}
                      />
                    )
                  : undefined
              }
              empty={
                <EmptyState
                  title={t('consent.topics.empty')}
                  order={3}
                  action={
                    mayManage && (
                      <Button loading={usual.isPending} onClick={() => usual.mutate({ body: {} })}>
                        {t('consent.topics.usual')}
                      </Button>
                    )
                  }
                >
                  {t('consent.topics.empty_why')}
                </EmptyState>
              }
            />
            {open !== null && <TopicDialog before={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
          </Panel>
        );
      }}
    </Loaded>
  );
};

type TopicMenuProps = {
  topic: Topic;
  first: boolean;
  last: boolean;
  onEdit: () => void;
  onMove: (by: -1 | 1) => void;
  onArchive: () => void;
};
const TopicMenu = ({ topic, first, last, onEdit, onMove, onArchive }: TopicMenuProps) => {
  const t = useTexts();
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t('consent.topics.menu_named', { name: nameOf(topic) })}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {!topic.archived && (
          <>
            <Menu.Item leftSection={<IconEdit size={16} aria-hidden />} onClick={onEdit}>
              {t('consent.topics.edit')}
            </Menu.Item>
            <Menu.Item leftSection={<IconArrowUp size={16} aria-hidden />} disabled={first} onClick={() => onMove(-1)}>
              {t('consent.topics.up')}
            </Menu.Item>
            <Menu.Item leftSection={<IconArrowDown size={16} aria-hidden />} disabled={last} onClick={() => onMove(1)}>
              {t('consent.topics.down')}
            </Menu.Item>
          </>
        )}
        <Menu.Item leftSection={<IconArchive size={16} aria-hidden />} onClick={onArchive}>
          {t(topic.archived ? 'consent.topics.restore' : 'consent.topics.archive')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
};

const languages = ['en', 'de'] as const;
type Words = { name: string; description: string; frequency: string };
const noWords: Words = { name: '', description: '', frequency: '' };

const TopicDialog = ({ before, onClose }: { before: Topic | null; onClose: () => void }) => {
  const t = useTexts();
  const purposes = useQueryOf('GET /api/consent/purposes');
  const [code, setCode] = useState('');
  const [purpose, setPurpose] = useState('marketing');
  const [texts, setTexts] = useState<Record<string, Words>>(before?.texts ?? { en: noWords });
  const [channels, setChannels] = useState<Channel[]>(before?.channels ?? ['email']);
  const [confirms, setConfirms] = useState(before?.double_opt_in ?? false);
  const settled = {
    invalidates: reads,
    onSuccess: () => {
      notifyDone(t('consent.topics.saved'));
      onClose();
    },
  };
  const create = useMutationOf('POST /api/consent/topics', settled);
  const change = useMutationOf('PATCH /api/consent/topics/:id', settled);
  const error = create.error ?? change.error;
  const written = Object.fromEntries(Object.entries(texts).filter(([, words]) => words.name.trim() !== ''));
  const save = () => {
    const body = { texts: written, channels, double_opt_in: confirms };
    if (before) change.mutate({ params: { id: before.id }, body: { version: before.version, ...body } });
    else create.mutate({ body: { code: code || slug(texts.en?.name ?? ''), purpose, ...body } });
  };
  return (
    <Modal
      opened
      size="lg"
      onClose={onClose}
      title={before ? t('consent.topics.edit_named', { name: nameOf(before) }) : t('consent.topics.add')}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <Form
        submit={t('consent.topics.save')}
        busy={create.isPending || change.isPending}
        disabled={Object.keys(written).length === 0 || channels.length === 0}
        error={error}
        shown={['code', 'texts', 'channels', 'purpose']}
        onCancel={onClose}
        onSubmit={save}
      >
        <Stack gap="md">
          {languages.map(language => (
            <fieldset key={language} className={classes.words}>
              <legend>{t(`consent.language.${language}`)}</legend>
              {(['name', 'description', 'frequency'] as const).map(field => (
                <TextInput
                  key={field}
                  label={t(`consent.topics.${field}`)}
                  value={texts[language]?.[field] ?? ''}
                  maxLength={field === 'description' ? 300 : 80}
                  error={field === 'name' ? faultAt(error, `texts.${language}`) : undefined}
                  onChange={event =>
                    setTexts({ ...texts, [language]: { ...noWords, ...texts[language], [field]: event.currentTarget.value } })
                  }
                />
              ))}
            </fieldset>
          ))}
          <Checkbox.Group
            label={t('consent.topics.channels')}
            value={channels}
            onChange={value => setChannels(value as Channel[])}
            error={faultAt(error, 'channels')}
          >
            <Group mt={6}>
              {offered.map(channel => (
                <Checkbox key={channel} value={channel} label={t(`consent.channel.${channel}`)} />
              ))}
            </Group>
          </Checkbox.Group>
          <Switch
            label={t('consent.topics.double_opt_in')}
            description={t('consent.topics.double_opt_in_why')}
            checked={confirms}
            onChange={event => setConfirms(event.currentTarget.checked)}
          />
          {!before && (
            <Group grow align="start">
              <Select
                label={t('consent.topics.purpose')}
                allowDeselect={false}
                value={purpose}
                onChange={value => value && setPurpose(value)}
                data={(purposes.data?.data ?? [])
                  .filter(one => !one.archived && one.basis !== 'contract')
                  .map(one => ({ value: one.code, label: one.name ?? t(`consent.purpose.${one.code}`) }))}
                error={faultAt(error, 'purpose')}
              />
              <TextInput
                label={t('consent.topics.code')}
                description={t('consent.topics.code_why')}
                placeholder={slug(texts.en?.name ?? '')}
                value={code}
                onChange={event => setCode(event.currentTarget.value)}
                error={faultAt(error, 'code')}
              />
            </Group>
          )}
        </Stack>
      </Form>
    </Modal>
  );
};

const slug = (name: string): string =>
  name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);

const Purposes = () => {
  const t = useTexts();
  const mayManage = useMay('consents:manage');
  const purposes = useQueryOf('GET /api/consent/purposes');
  const [open, setOpen] = useState(false);
  const change = useMutationOf('PATCH /api/consent/purposes/:code', { invalidates: reads });
  const columns: Column<Purpose>[] = [
    {
      key: 'name',
      title: t('consent.purposes.name'),
      card: 'title',
      render: purpose => (
        <>
          <span className={classes.name}>
            <Name>{purpose.name ?? t(`consent.purpose.${purpose.code}`)}</Name>{' '}
            {purpose.archived && <StatusBadge>{t('consent.topics.is_archived')}</StatusBadge>}
          </span>
          {purpose.description && <span className={classes.quiet}>{purpose.description}</span>}
        </>
      ),
    },
    { key: 'basis', title: t('consent.purposes.basis'), render: purpose => t(`consent.basis.${purpose.basis}`) },
  ];
  return (
    <Panel
      title={t('consent.purposes.title')}
      description={t('consent.purposes.why')}
      flush
      actions={
        mayManage && (
          <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpen(true)}>
            {t('consent.purposes.add')}
          </Button>
        )
      }
    >
      <Loaded query={purposes}>
        {({ data }) => (
          <DataTable
            name="consent-purposes"
            label={t('consent.purposes.title')}
            list={{ rows: data }}
            rowKey={purpose => purpose.code}
            columns={columns}
            plain
            rowActions={purpose =>
              mayManage && purpose.code !== 'marketing' && purpose.code !== 'service' ? (
                <Button
                  variant="subtle"
                  color="gray"
                  size="compact-sm"
                  onClick={() =>
                    change.mutate({
                      params: { code: purpose.code },
                      body: { version: purpose.version, archived: !purpose.archived },
                    })
                  }
                >
                  {t(purpose.archived ? 'consent.topics.restore' : 'consent.topics.archive')}
                </Button>
              ) : null
            }
            empty={<EmptyState title={t('consent.purposes.title')} order={3} />}
          />
        )}
      </Loaded>
      {open && <PurposeDialog onClose={() => setOpen(false)} />}
    </Panel>
  );
};

const PurposeDialog = ({ onClose }: { onClose: () => void }) => {
  const t = useTexts();
  const [value, setValue] = useState({ name: '', description: '', basis: 'consent' as 'consent' | 'opt_out' });
  const create = useMutationOf('POST /api/consent/purposes', {
    invalidates: reads,
    onSuccess: () => {
      notifyDone(t('consent.topics.saved'));
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={t('consent.purposes.add')} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <Form
        submit={t('consent.topics.save')}
        busy={create.isPending}
        disabled={value.name.trim() === ''}
        error={create.error}
        shown={['name', 'code']}
        onCancel={onClose}
        onSubmit={() => create.mutate({ body: { ...value, code: slug(value.name).replaceAll('-', '_') } })}
      >
        <Stack gap="md">
          <TextInput
            label={t('consent.purposes.name')}
            data-autofocus
            value={value.name}
            maxLength={80}
            error={faultAt(create.error, 'name') ?? faultAt(create.error, 'code')}
            onChange={event => setValue({ ...value, name: event.currentTarget.value })}
          />
          <Textarea
            label={t('consent.topics.description')}
            value={value.description}
            maxLength={300}
            onChange={event => setValue({ ...value, description: event.currentTarget.value })}
          />
          <Select
            label={t('consent.purposes.basis')}
            allowDeselect={false}
            value={value.basis}
            onChange={basis => basis && setValue({ ...value, basis: basis as 'consent' })}
            data={(['consent', 'opt_out'] as const).map(basis => ({ value: basis, label: t(`consent.basis.${basis}`) }))}
          />
        </Stack>
      </Form>
    </Modal>
  );
};

const Leaving = () => {
  const t = useTexts();
  const leaving = useQueryOf('GET /api/consent/leaving');
  return (
    <Panel title={t('consent.leaving.title')} description={t('consent.leaving.why')}>
      <Loaded query={leaving}>
        {({ changes, reasons, words }) =>
          changes === 0 && reasons.length === 0 ? (
            <EmptyState title={t('consent.leaving.empty')} order={3}>
              {t('consent.leaving.empty_why')}
            </EmptyState>
          ) : (
            <Stack gap="md">
              <p className={classes.quiet}>{t('consent.leaving.changes', { count: changes })}</p>
              <BarList
                label={t('consent.leaving.title')}
                rows={reasons.map(one => ({
                  key: one.reason,
                  label: t(`consent.page.reason.${one.reason}`),
                  value: one.people,
                  text: String(one.people),
                }))}
              />
              <ul className={classes.channels}>
                {words.map(one => (
                  <li key={`${one.customer_id}${one.at}`}>
                    <Link to={`/customers/${one.customer_id}?tab=consent`}>“{one.words}”</Link>{' '}
                    <span className={classes.quiet}>
                      {t(`consent.page.reason.${one.reason}`)} · <TimeText value={one.at} />
                    </span>
                  </li>
                ))}
              </ul>
            </Stack>
          )
        }
      </Loaded>
    </Panel>
  );
};
