/** What this person allows on each channel, how that came about, and what staff may change about it. */
import { Button, Group, Modal, Textarea, Title } from '@mantine/core';
import { useState } from 'react';
import {
  type AnswerOf,
  CopyField,
  EmptyState,
  Form,
  faultAt,
  hasText,
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
import classes from './consent.module.css';

type Consents = AnswerOf<'GET /api/customers/:id/consents'>;
type Channel = Consents['current'][number]['channel'];
type Step =
  | { do: 'subscribed' | 'unsubscribed' | 'suppress'; channel: Channel; purpose: string; topic: string }
  | { do: 'release'; channel: Channel; suppressionId: string };

/** Channels that are offered even when nothing was ever said. */
const usual: readonly Channel[] = ['email', 'sms'];

const ConsentPanel = ({ customerId }: { customerId: string }) => {
  const t = useTexts();
  const consents = useQueryOf('GET /api/customers/:id/consents', { params: { id: customerId } });
  const mayWrite = useMay('consents:write');
  const [step, setStep] = useState<Step | null>(null);
  return (
    <Loaded query={consents}>
      {answer => (
        <Rows>
          <section>
            <Title order={2} size="h4" mb="xs">
              {t('consent.panel.now')}
            </Title>
            <ul className={classes.channels}>
              {linesOf(answer).map(line => (
                <ChannelLine
                  key={`${line.channel}${line.purpose}${line.topic}${line.current?.brand ?? ''}`}
                  line={line}
                  topics={answer.topics}
                  onStep={setStep}
                />
              ))}
            </ul>
          </section>
          <Pauses answer={answer} />
          {mayWrite && <Links customerId={customerId} answer={answer} />}
          <History answer={answer} />
          {step && <StepDialog customerId={customerId} step={step} onClose={() => setStep(null)} />}
        </Rows>
      )}
    </Loaded>
  );
};
export default ConsentPanel;

const Pauses = ({ answer }: { answer: Consents }) => {
  const t = useTexts();
  if (answer.pauses.length === 0 && answer.left === null) return null;
  return (
    <ul className={classes.plain}>
      {answer.pauses.map(pause => (
        <li key={pause.id}>
          {pause.kind === 'pause' ? t('consent.panel.paused') : t('consent.panel.less_often', { count: pause.gap_days ?? 0 })}{' '}
          {pause.until && <TimeText value={pause.until} />}
        </li>
      ))}
      {answer.left && (
        <li>
          {t('consent.panel.left', { reason: t(`consent.page.reason.${answer.left.reason}`) })}{' '}
          {answer.left.reason_words && <bdi>“{answer.left.reason_words}”</bdi>}
        </li>
      )}
    </ul>
  );
};

type Line = {
  channel: Channel;
  purpose: string;
  topic: string;
  current: Consents['current'][number] | null;
  suppression: Consents['suppressions'][number] | null;
};

const linesOf = (answer: Consents): Line[] => {
  const open = (channel: Channel) => answer.suppressions.find(one => one.channel === channel && one.released_at === null) ?? null;
  const said = answer.current.map(current => ({
    channel: current.channel,
    purpose: current.purpose,
    topic: current.topic,
    current,
    suppression: open(current.channel),
  }));
  const channels = new Set([...usual, ...answer.suppressions.filter(one => one.released_at === null).map(one => one.channel)]);
  const unsaid = [...channels]
    .filter(channel => !said.some(line => line.channel === channel))
    .map(channel => ({ channel, purpose: 'marketing', topic: '', current: null, suppression: open(channel) }));
  return [...said, ...unsaid];
};

type ChannelLineProps = { line: Line; topics: Consents['topics']; onStep: (step: Step) => void };
const ChannelLine = ({ line, topics, onStep }: ChannelLineProps) => {
  const t = useTexts();
  const mayWrite = useMay('consents:write');
  const { channel, purpose, topic, current, suppression } = line;
  const state = suppression ? 'suppressed' : (current?.state ?? 'unknown');
  const tone = state === 'subscribed' ? 'good' : state === 'suppressed' ? 'bad' : state === 'pending' ? 'warn' : 'quiet';
  const lifted = suppression !== null && suppression.class !== 'complaint' && suppression.class !== 'legal';
  return (
    <li className={classes.channel}>
      <span>
        <span className={classes.name}>
          {t(`consent.channel.${channel}`)}
          {topic && (
            <>
              {' '}
              · <bdi>{topics[topic] ?? topic}</bdi>
            </>
          )}
        </span>
        <span className={classes.quiet}>
          <bdi>{t(`consent.purpose.${purpose}`)}</bdi>
          {suppression ? (
            <>
              {' '}
              · {t(`consent.class.${suppression.class}`)} · <TimeText value={suppression.at} />
            </>
          ) : (
            current && (
              <>
                {' '}
                · {t('consent.panel.since')} <TimeText value={current.since} /> · <bdi>{sourceOf(current.source, t)}</bdi>
              </>
            )
          )}
        </span>
      </span>
      <Group gap={8}>
        <StatusBadge tone={tone}>{t(`consent.state.${state}`)}</StatusBadge>
        {mayWrite && suppression === null && (
          <>
            <Button
              size="compact-sm"
              variant="default"
              onClick={() =>
                onStep({ do: current?.state === 'subscribed' ? 'unsubscribed' : 'subscribed', channel, purpose, topic })
              }
            >
              {t(current?.state === 'subscribed' ? 'consent.panel.unsubscribe' : 'consent.panel.subscribe')}
            </Button>
            <Button
              size="compact-sm"
              variant="subtle"
              color="gray"
              onClick={() => onStep({ do: 'suppress', channel, purpose, topic })}
            >
              {t('consent.panel.suppress')}
            </Button>
          </>
        )}
        {mayWrite && suppression && lifted && (
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => onStep({ do: 'release', channel, suppressionId: suppression.id })}
          >
            {t('consent.panel.release')}
          </Button>
        )}
      </Group>
    </li>
  );
};

/** Every change asks why: the answer stands in the history for whoever asks later. */
const StepDialog = ({ customerId, step, onClose }: { customerId: string; step: Step; onClose: () => void }) => {
  const t = useTexts();
  const [reason, setReason] = useState('');
  const settled = {
    invalidates: ['/api/customers'],
    onSuccess: () => {
      notifyDone(t('consent.panel.saved'));
      onClose();
    },
  };
  const change = useMutationOf('POST /api/customers/:id/consents', settled);
  const suppress = useMutationOf('POST /api/customers/:id/suppressions', settled);
  const release = useMutationOf('POST /api/suppressions/:id/release', settled);
  const run = () => {
    const params = { id: customerId };
    if (step.do === 'release') release.mutate({ params: { id: step.suppressionId }, body: { reason } });
    else if (step.do === 'suppress') suppress.mutate({ params, body: { channel: step.channel, reason } });
    else
      change.mutate({
        params,
        body: { channel: step.channel, state: step.do, purpose: step.purpose, topic: step.topic, reason },
      });
  };
  const error = change.error ?? suppress.error ?? release.error;
  const channel = t(`consent.channel.${step.channel}`);
  return (
    <Modal
      opened
      onClose={onClose}
      title={t(`consent.step.${step.do}`, { channel })}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <p className={classes.quiet}>{t(`consent.step.${step.do}_why`)}</p>
      <Form
        submit={t(`consent.step.${step.do}`, { channel })}
        busy={change.isPending || suppress.isPending || release.isPending}
        disabled={reason.trim().length < 3}
        error={error}
        shown={['reason']}
        onCancel={onClose}
        onSubmit={run}
      >
        <Textarea
          label={t('consent.step.reason')}
          value={reason}
          error={faultAt(error, 'reason')}
          onChange={event => setReason(event.currentTarget.value)}
          autosize
          minRows={2}
          maxLength={500}
          data-autofocus
        />
      </Form>
    </Modal>
  );
};

/** "staff:Maya" and "tracking.server" are told by what comes first; what nobody has a word for stands as it is. */
const sourceOf = (source: string, t: (key: string) => string): string => {
  const key = `consent.source.${source.split(/[:.]/)[0] ?? ''}`;
  return hasText(key) ? t(key) : source;
};

const History = ({ answer }: { answer: Consents }) => {
  const t = useTexts();
  return (
    <section>
      <Title order={2} size="h4" mb="xs">
        {t('consent.panel.history')}
      </Title>
      {answer.history.length === 0 ? (
        <EmptyState title={t('consent.panel.empty')} order={3}>
          {t('consent.panel.empty_why')}
        </EmptyState>
      ) : (
        <ul className={classes.plain}>
          {answer.history.map(one => (
            <Statement key={one.id} one={one} topics={answer.topics} />
          ))}
        </ul>
      )}
    </section>
  );
};

/** Who, when, where from, and the words that were shown: what one shows when somebody asks. */
const Statement = ({ one, topics }: { one: Consents['history'][number]; topics: Consents['topics'] }) => {
  const t = useTexts();
  const purpose = t(`consent.purpose.${one.purpose}`);
  const proof = [one.proof.network, one.proof.signal].filter(Boolean).join(' · ');
  return (
    <li className={classes.statement}>
      {t(`consent.timeline.${one.state}`, {
        channel: t(`consent.channel.${one.channel}`),
        purpose: one.topic === '' ? purpose : `${purpose}: ${topics[one.topic] ?? one.topic}`,
      })}
      <span className={classes.quiet}>
        {' '}
        · <TimeText value={one.at} style="time" /> · <bdi>{sourceOf(one.source, t)}</bdi> · <bdi>{one.by_whom}</bdi>
        {proof && (
          <>
            {' '}
            · <bdi>{proof}</bdi>
          </>
        )}
      </span>
      {one.reason && (
        <span className={classes.shown}>
          <bdi>{one.reason}</bdi>
        </span>
      )}
      {(one.shown || one.text_version) && (
        <span className={classes.shown} lang={one.language ?? undefined}>
          {one.shown ? `“${one.shown}”` : t('consent.panel.words_elsewhere')}{' '}
          <span className={classes.quiet}>
            <bdi>{one.text_version}</bdi>
          </span>
        </span>
      )}
    </li>
  );
};

/** The person's own page, and the links that wait to be sent: until messages go out from here, staff send them by hand. */
const Links = ({ customerId, answer }: { customerId: string; answer: Consents }) => {
  const t = useTexts();
  const make = useMutationOf('POST /api/customers/:id/preference-link');
  const revoke = useMutationOf('POST /api/customers/:id/preference-link/revoke', {
    onSuccess: () => {
      make.reset();
      notifyDone(t('consent.links.revoked'));
    },
  });
  const confirm = useMutationOf('POST /api/customers/:id/confirmation-links');
  const params = { id: customerId };
  return (
    <section>
      <Title order={2} size="h4" mb="xs">
        {t('consent.links.title')}
      </Title>
      <p className={classes.quiet}>{t('consent.links.why')}</p>
      <Group gap="xs" mb="sm">
        <Button variant="default" loading={make.isPending} onClick={() => make.mutate({ params, body: {} })}>
          {t('consent.links.make')}
        </Button>
        {answer.waiting.length > 0 && (
          <Button variant="default" loading={confirm.isPending} onClick={() => confirm.mutate({ params, body: {} })}>
            {t('consent.links.confirm', { count: answer.waiting.length })}
          </Button>
        )}
        {make.data && (
          <Button variant="subtle" color="gray" loading={revoke.isPending} onClick={() => revoke.mutate({ params, body: {} })}>
            {t('consent.links.revoke')}
          </Button>
        )}
      </Group>
      {make.data && <CopyField label={t('consent.links.page')} value={make.data.url} />}
      {confirm.data?.data.map(one => (
        <CopyField
          key={one.url}
          label={t('consent.links.confirms', { topic: answer.topics[one.topic] ?? t(`consent.purpose.${one.purpose}`) })}
          value={one.url}
        />
      ))}
    </section>
  );
};
