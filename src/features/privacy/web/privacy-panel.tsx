/** On the customer page: what they asked about their data, and legal holds. */
import { Button, Group, Modal, Textarea, Title } from '@mantine/core';
import { useState } from 'react';
import {
  EmptyState,
  Form,
  Link,
  Loaded,
  notifyDone,
  Rows,
  StatusBadge,
  TimeText,
  useMay,
  useMutationOf,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';
import { NewRequest } from './new-request.tsx';
import classes from './privacy.module.css';
import { State } from './requests-page.tsx';

const PrivacyPanel = ({ customerId }: { customerId: string }) => {
  const t = useTexts();
  const mayWrite = useMay('privacy:write');
  const [dialog, setDialog] = useState<'request' | 'hold' | 'release' | null>(null);
  const holds = useQueryOf('GET /api/customers/:id/holds', { params: { id: customerId } });
  const requests = useQueryOf('GET /api/privacy/requests', { query: { customer: customerId, state: 'all' } });
  const held = holds.data?.data.some(one => one.released_at === null) ?? false;
  return (
    <Rows>
      <section>
        <Title order={2} size="h4" mb="xs">
          {t('privacy.panel.requests')}
        </Title>
        <Loaded query={requests}>
          {({ data }) =>
            data.length === 0 ? (
              <EmptyState title={t('privacy.panel.none')} order={3}>
                {t('privacy.panel.none_why')}
              </EmptyState>
            ) : (
              <ul className={classes.rules}>
                {data.map(one => (
                  <li key={one.id}>
                    <Link to={`/settings/privacy-requests/${one.id}`}>{t(`privacy.kind.${one.kind}`)}</Link> <State row={one} />{' '}
                    <span className={classes.quiet}>
                      {t('privacy.request.received')} <TimeText value={one.received_at} />
                    </span>
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
        {mayWrite && (
          <Button mt="sm" variant="default" onClick={() => setDialog('request')}>
            {t('privacy.requests.add')}
          </Button>
        )}
      </section>
      <section>
        <Title order={2} size="h4" mb="xs">
          {t('privacy.hold.title')}
        </Title>
        <p className={classes.quiet}>{t('privacy.hold.why')}</p>
        <Loaded query={holds}>
          {({ data }) => (
            <ul className={classes.rules}>
              {data.map(one => (
                <li key={one.id}>
                  {one.released_at === null ? (
                    <StatusBadge tone="warn">{t('privacy.hold.held')}</StatusBadge>
                  ) : (
                    <StatusBadge>{t('privacy.hold.released')}</StatusBadge>
                  )}{' '}
                  <bdi>{one.reason}</bdi>{' '}
                  <span className={classes.quiet}>
                    <TimeText value={one.at} /> · <bdi>{one.by_whom}</bdi>
                    {one.released_reason && (
                      <>
                        {' '}
                        · <bdi>{one.released_reason}</bdi>
                      </>
                    )}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Loaded>
        {mayWrite && (
          <Group mt="sm">
            <Button variant="default" onClick={() => setDialog(held ? 'release' : 'hold')}>
              {t(held ? 'privacy.hold.release' : 'privacy.hold.hold')}
            </Button>
          </Group>
        )}
      </section>
      {dialog === 'request' && <NewRequest customerId={customerId} onClose={() => setDialog(null)} />}
      {(dialog === 'hold' || dialog === 'release') && (
        <HoldDialog customerId={customerId} verb={dialog} onClose={() => setDialog(null)} />
      )}
    </Rows>
  );
};
export default PrivacyPanel;

const HoldDialog = ({ customerId, verb, onClose }: { customerId: string; verb: 'hold' | 'release'; onClose: () => void }) => {
  const t = useTexts();
  const [reason, setReason] = useState('');
  const settled = {
    invalidates: ['/api/customers'],
    onSuccess: () => {
      notifyDone(t('privacy.deed.saved'));
      onClose();
    },
  };
  const hold = useMutationOf('POST /api/customers/:id/hold', settled);
  const release = useMutationOf('POST /api/customers/:id/release-hold', settled);
  const used = verb === 'hold' ? hold : release;
  return (
    <Modal opened onClose={onClose} title={t(`privacy.hold.${verb}`)} closeButtonProps={{ 'aria-label': t('ui.close') }}>
      <Form
        submit={t(`privacy.hold.${verb}`)}
        busy={used.isPending}
        disabled={reason.trim().length < 3}
        error={used.error}
        onCancel={onClose}
        onSubmit={() => used.mutate({ params: { id: customerId }, body: { reason } })}
      >
        <Textarea
          label={t('privacy.hold.reason')}
          value={reason}
          autosize
          minRows={2}
          maxLength={500}
          onChange={event => setReason(event.currentTarget.value)}
          data-autofocus
        />
      </Form>
    </Modal>
  );
};
