/** One customer: who, worth, risk, rhythm, last contact, consent and open issues at once; everything else in tabs. */
import { ActionIcon, Button, Group, Menu, Tabs, Tooltip } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCake,
  IconDots,
  IconDownload,
  IconEdit,
  IconFileText,
  IconGitMerge,
  IconHash,
  IconMail,
  IconMapPin,
  IconPhone,
  IconTrash,
  IconUserOff,
} from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import {
  Avatar,
  api,
  ErrorState,
  Link,
  notifyError,
  notifyUndo,
  oneOf,
  PageHeader,
  Panel,
  SkeletonPage,
  SkeletonPanel,
  Split,
  StatusBadge,
  slotValues,
  TimeText,
  text,
  useLive,
  useMay,
  usePathParam,
  useQueryOf,
  useRefresh,
  useSession,
  useShortcuts,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import type { Customer } from './customer.ts';
import classes from './customers.module.css';
import { DetailsPanel } from './details-panel.tsx';
import { DuplicateHint } from './duplicate-hint.tsx';
import { EditCustomer } from './edit-customer.tsx';
import { EraseCustomer } from './erase-customer.tsx';
import { Figures } from './figures.tsx';
import { IdentityPanel } from './identity-panel.tsx';
import { MergeDialog } from './merge-dialog.tsx';
import { NotesAndTags } from './notes-and-tags.tsx';
import { type CustomerPanel, customerPanels } from './panels.ts';
import { saveFile } from './save-file.ts';
import { TimelinePanel } from './timeline-panel.tsx';
import { titleOf } from './title.ts';

const CustomerPage = () => {
  const t = useTexts();
  const id = usePathParam('id');
  const refresh = useRefresh();
  const customer = useQueryOf('GET /api/customers/:id', { params: { id } });
  useLive('customer', payload => {
    if (payload.id === id) void refresh('/api/customers/:id');
  });
  useWhatHappens(id, () => void refresh('/api/customers/:id'));
  if (customer.error && !customer.data) {
    return (
      <>
        <PageHeader back={{ to: '/customers', label: t('customers.list.title') }} title={t('customers.page.title')} />
        <ErrorState error={customer.error} onRetry={() => void customer.refetch()} />
      </>
    );
  }
  if (!customer.data) return <SkeletonPage />;
  return <Page customer={customer.data} />;
};
export default CustomerPage;

/** Events come in bursts: the page looks again at most once a second. */
const pause_ms = 1_000;

/** Calls back when something happened to this person in the shop; the topic says nothing but who. */
const useWhatHappens = (id: string, look: () => void) => {
  const latest = useRef(look);
  latest.current = look;
  const timer = useRef<number | undefined>(undefined);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  useLive('customers', ({ ids }) => {
    if (timer.current !== undefined || (Array.isArray(ids) && !ids.includes(id))) return;
    timer.current = window.setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, pause_ms);
  });
};

const Page = ({ customer }: { customer: Customer }) => {
  const t = useTexts();
  const [url, setUrl] = useUrl({ tab: text('timeline'), dialog: oneOf(['', 'edit', 'merge', 'erase'], ''), other: text() });
  const mayWrite = useMay('customers:write');
  const mayMerge = useMay('customers:merge');
  const close = () => setUrl({ dialog: '', other: '' });
  useShortcuts([
    ...(mayWrite ? [{ keys: 'e', title: t('customers.page.edit'), run: () => setUrl({ dialog: 'edit' }) }] : []),
    ...(mayMerge ? [{ keys: 'm', title: t('customers.merge.button'), run: () => setUrl({ dialog: 'merge' }) }] : []),
  ]);
  return (
    <>
      <PageHeader
        back={{ to: '/customers', label: t('customers.list.title') }}
        title={
          <span className={classes.head}>
            <Avatar name={customer.name ?? customer.email ?? '#'} size_px={44} />
            <bdi>{titleOf(customer)}</bdi>
          </span>
        }
        badge={<Badges customer={customer} />}
        description={<Contact customer={customer} />}
        actions={<Actions customer={customer} open={dialog => setUrl({ dialog })} />}
      />
      <OpenIssues customer={customer} />
      <DuplicateHint customer={customer} />
      <Figures customerId={customer.id} lastSeen={customer.last_seen_at} />
      <Split aside={<Side customer={customer} />}>
        <Panel>
          <PanelTabs customer={customer} tab={url.tab} onTab={tab => setUrl({ tab }, { push: true })} />
        </Panel>
      </Split>
      {url.dialog === 'edit' && <EditCustomer customer={customer} onClose={close} />}
      {url.dialog === 'merge' && (
        <MergeDialog customer={customer} other={url.other} onOther={other => setUrl({ other })} onClose={close} />
      )}
      <EraseCustomer customer={customer} opened={url.dialog === 'erase'} onClose={close} />
    </>
  );
};

const Badges = ({ customer }: { customer: Customer }) => {
  const t = useTexts();
  return (
    <Group gap={6}>
      {!customer.known && <StatusBadge>{t('customers.page.anonymous')}</StatusBadge>}
      {customer.not_shopper && <StatusBadge tone="warn">{t(`customers.not_shopper.${customer.not_shopper}`)}</StatusBadge>}
      {customer.parts > 0 && <StatusBadge tone="info">{t('customers.page.parts', { count: customer.parts })}</StatusBadge>}
    </Group>
  );
};

const Contact = ({ customer }: { customer: Customer }) => {
  const t = useTexts();
  const place = [customer.city, customer.country].filter(Boolean).join(', ');
  const lines = [
    {
      key: 'email',
      icon: IconMail,
      shown: customer.email && customer.name ? <a href={`mailto:${customer.email}`}>{customer.email}</a> : null,
    },
    { key: 'phone', icon: IconPhone, shown: customer.phone ? <a href={`tel:${customer.phone}`}>{customer.phone}</a> : null },
    { key: 'place', icon: IconMapPin, shown: place || null },
    {
      key: 'number',
      icon: IconHash,
      shown: customer.outside_id ? t('customers.page.number', { id: customer.outside_id }) : null,
    },
    { key: 'birthday', icon: IconCake, shown: customer.birthday ? <TimeText value={customer.birthday} /> : null },
  ];
  return (
    <ul className={classes.contact}>
      {lines
        .filter(line => line.shown)
        .map(({ key, icon: Icon, shown }) => (
          <li key={key}>
            <Icon size={15} aria-hidden />
            <bdi>{shown}</bdi>
          </li>
        ))}
      {customer.known_since && (
        <li>
          {t('customers.page.since')} <TimeText value={customer.known_since} />
        </li>
      )}
    </ul>
  );
};

const OpenIssues = ({ customer }: { customer: Customer }) => {
  const t = useTexts();
  if (customer.open_issues.length === 0) return null;
  return (
    <ul className={classes.issues} aria-label={t('customers.page.open_issues')}>
      {customer.open_issues.map(issue => (
        <li key={`${issue.kind}${issue.since}${issue.title}`}>
          <IconAlertTriangle size={16} aria-hidden />
          {issue.link ? <Link to={issue.link}>{t(issue.title, issue.values)}</Link> : <span>{t(issue.title, issue.values)}</span>}
          <TimeText value={issue.since} />
        </li>
      ))}
    </ul>
  );
};

const Actions = ({ customer, open }: { customer: Customer; open: (dialog: 'edit' | 'merge' | 'erase') => void }) => {
  const t = useTexts();
  const refresh = useRefresh();
  const [mayWrite, mayMerge, mayExport, mayErase] = [
    useMay('customers:write'),
    useMay('customers:merge'),
    useMay('customers:export'),
    useMay('customers:erase'),
  ];
  const [busy, setBusy] = useState(false);
  const download = async (readable: boolean) => {
    setBusy(true);
    try {
      const params = { id: customer.id };
      const file = readable
        ? await api('POST /api/customers/:id/export-readable', { params })
        : await api('POST /api/customers/:id/export', { params });
      saveFile(file, `customer-${customer.id}.${readable ? 'html' : 'json'}`);
    } catch (error) {
      notifyError(error);
    } finally {
      setBusy(false);
    }
  };
  const mark = async (not_shopper: 'wholesale' | 'staff' | 'test' | null) => {
    try {
      const before = customer.not_shopper;
      const after = await api('PATCH /api/customers/:id', {
        params: { id: customer.id },
        body: { version: customer.version, not_shopper },
      });
      await refresh('/api/customers');
      notifyUndo(t(not_shopper ? 'customers.page.marked' : 'customers.page.unmarked'), async () => {
        await api('PATCH /api/customers/:id', {
          params: { id: customer.id },
          body: { version: after.version, not_shopper: before },
        });
        await refresh('/api/customers');
      });
    } catch (error) {
      notifyError(error);
    }
  };
  return (
    <>
      {mayWrite && (
        <Button variant="default" leftSection={<IconEdit size={16} />} onClick={() => open('edit')}>
          {t('customers.page.edit')}
        </Button>
      )}
      {mayMerge && (
        <Button variant="default" leftSection={<IconGitMerge size={16} />} onClick={() => open('merge')}>
          {t('customers.merge.button')}
        </Button>
      )}
      {(mayWrite || mayExport || mayErase) && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Tooltip label={t('customers.page.more')}>
              <ActionIcon variant="default" size={36} aria-label={t('customers.page.more')} loading={busy}>
                <IconDots size={18} />
              </ActionIcon>
            </Tooltip>
          </Menu.Target>
          <Menu.Dropdown>
            {mayExport && (
              <>
                <Menu.Label>{t('customers.page.all_data')}</Menu.Label>
                <Menu.Item leftSection={<IconFileText size={16} />} onClick={() => void download(true)}>
                  {t('customers.page.export_readable')}
                </Menu.Item>
                <Menu.Item leftSection={<IconDownload size={16} />} onClick={() => void download(false)}>
                  {t('customers.page.export')}
                </Menu.Item>
              </>
            )}
            {mayWrite && (
              <>
                <Menu.Label>{t('customers.fact.not_shopper')}</Menu.Label>
                {(['wholesale', 'staff', 'test'] as const).map(kind => (
                  <Menu.Item
                    key={kind}
                    leftSection={<IconUserOff size={16} />}
                    onClick={() => void mark(customer.not_shopper === kind ? null : kind)}
                  >
                    {t(customer.not_shopper === kind ? 'customers.page.unmark' : 'customers.page.mark', {
                      kind: t(`customers.not_shopper.${kind}`),
                    })}
                  </Menu.Item>
                ))}
              </>
            )}
            {mayErase && (
              <>
                <Menu.Divider />
                <Menu.Item className={classes.danger} leftSection={<IconTrash size={16} />} onClick={() => open('erase')}>
                  {t('customers.erase.button')}
                </Menu.Item>
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
};

const useLazy = (panel: CustomerPanel) => useMemo(() => lazy(panel.load), [panel.load]);
const LazyPanel = ({ panel, customerId }: { panel: CustomerPanel; customerId: string }) => {
  const Content = useLazy(panel);
  return (
    <Suspense fallback={<SkeletonPanel />}>
      <Content customerId={customerId} />
    </Suspense>
  );
};

/** The panels of a place that the reader may open. */
const usePanels = (place: CustomerPanel['place']): CustomerPanel[] => {
  const me = useSession();
  return slotValues(customerPanels).filter(
    panel => panel.place === place && (panel.needs === undefined || me?.verbs.includes('*') || me?.verbs.includes(panel.needs)),
  );
};

const PanelTabs = ({ customer, tab, onTab }: { customer: Customer; tab: string; onTab: (tab: string) => void }) => {
  const t = useTexts();
  const others = usePanels('tab');
  const own = [
    { key: 'timeline', title: 'customers.tab.timeline', order: 10 },
    { key: 'details', title: 'customers.tab.details', order: 80 },
    { key: 'identity', title: 'customers.tab.identity', order: 90 },
  ];
  const tabs = [...own, ...others].sort((a, b) => a.order - b.order);
  const open = tabs.some(one => one.key === tab) ? tab : 'timeline';
  return (
    <Tabs value={open} onChange={value => onTab(value ?? 'timeline')} keepMounted={false}>
      <Tabs.List mb="md" className={classes.tabs}>
        {tabs.map(one => (
          <Tabs.Tab key={one.key} value={one.key}>
            {t(one.title)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="timeline">
        <TimelinePanel customerId={customer.id} />
      </Tabs.Panel>
      <Tabs.Panel value="details">
        <DetailsPanel customer={customer} />
      </Tabs.Panel>
      <Tabs.Panel value="identity">
        <IdentityPanel customer={customer} />
      </Tabs.Panel>
      {others.map(panel => (
        <Tabs.Panel key={panel.key} value={panel.key}>
          <LazyPanel panel={panel} customerId={customer.id} />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
};

const Side = ({ customer }: { customer: Customer }) => (
  <>
    <NotesAndTags customer={customer} />
    {usePanels('side').map(panel => (
      <LazyPanel key={panel.key} panel={panel} customerId={customer.id} />
    ))}
  </>
);
