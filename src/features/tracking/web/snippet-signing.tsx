/** Signed identity: the shop's secrets, how its signatures fared, and the code for its server. */
import { Button, Group, Modal, Tabs, Text } from '@mantine/core';
import { useState } from 'react';
import {
  type AnswerOf,
  ConfirmDanger,
  CopyField,
  formatNumber,
  formatTime,
  Loaded,
  notifyDone,
  oneOf,
  Panel,
  RelativeTime,
  StatusBadge,
  useMay,
  useMutationOf,
  useQueryOf,
  useTexts,
  useUrl,
} from '../../../ui/index.ts';
import { CodeBox } from './code-box.tsx';
import { signingCode } from './snippet-code.ts';
import classes from './tracking.module.css';

type Signing = AnswerOf<'GET /api/shops/:id/signing'>;
type Secret = Signing['secrets'][number];
const languages = ['node', 'php', 'liquid'] as const;
const keepOldDays = 7;

export const SnippetSigning = ({ shopId }: { shopId: string }) => {
  const t = useTexts();
  const mayManage = useMay('tracking:manage');
  const [shown, setShown] = useState<string | null>(null);
  const signing = useQueryOf('GET /api/shops/:id/signing', { params: { id: shopId } }, { refetchEvery_ms: 10_000 });
  const make = useMutationOf('POST /api/shops/:id/signing', {
    invalidates: ['/api/shops'],
    onSuccess: made => setShown(made.secret),
  });
  const present = signing.data?.secrets.some(secret => secret.ends_at === null) ?? false;
  return (
    <Panel
      title={t('tracking.signing.title')}
      description={t('tracking.signing.description')}
      actions={
        mayManage && (
          <Button
            variant={present ? 'default' : 'filled'}
            loading={make.isPending}
            onClick={() => make.mutate({ params: { id: shopId }, body: { keep_old_days: keepOldDays } })}
          >
            {t(present ? 'tracking.signing.rotate' : 'tracking.signing.make')}
          </Button>
        )
      }
    >
      <Loaded query={signing}>
        {data => (
          <>
            <Secrets secrets={data.secrets} mayManage={mayManage} />
            <Outcomes outcomes={data.outcomes} />
          </>
        )}
      </Loaded>
      <Code />
      <SecretShown secret={shown} onClose={() => setShown(null)} rotated={(signing.data?.secrets.length ?? 0) > 1} />
    </Panel>
  );
};

const Secrets = ({ secrets, mayManage }: { secrets: readonly Secret[]; mayManage: boolean }) => {
  const t = useTexts();
  const [ending, setEnding] = useState<Secret | null>(null);
  const end = useMutationOf('DELETE /api/signing-secrets/:id', {
    invalidates: ['/api/shops'],
    onSuccess: () => {
      setEnding(null);
      notifyDone(t('tracking.signing.ended'));
    },
  });
  if (secrets.length === 0) return <p className={classes.dim}>{t('tracking.signing.none')}</p>;
  return (
    <ul className={classes.secrets}>
      {secrets.map(secret => (
        <li key={secret.id} className={classes.secret}>
          <bdi className={classes.key}>rss_…{secret.last4}</bdi>
          <StatusBadge tone={secret.ends_at ? 'quiet' : 'good'}>
            {secret.ends_at
              ? t('tracking.signing.until', { day: formatTime(secret.ends_at, 'time') })
              : t('tracking.signing.present')}
          </StatusBadge>
          <span className={classes.dim}>
            {formatTime(secret.created_at, 'day')} · <bdi>{secret.created_by}</bdi>
          </span>
          {mayManage && (
            <Button variant="subtle" color="red" size="compact-sm" onClick={() => setEnding(secret)}>
              {t('tracking.signing.end')}
            </Button>
          )}
        </li>
      ))}
      <ConfirmDanger
        opened={ending !== null}
        onClose={() => setEnding(null)}
        title={t('tracking.signing.end_title', { last4: ending?.last4 ?? '' })}
        confirm={t('tracking.signing.end')}
        busy={end.isPending}
        error={end.error}
        onConfirm={() => ending && end.mutate({ params: { id: ending.id } })}
      >
        {t('tracking.signing.end_text')}
      </ConfirmDanger>
    </ul>
  );
};

const Outcomes = ({ outcomes }: { outcomes: Signing['outcomes'] }) => {
  const t = useTexts();
  if (outcomes.length === 0) return null;
  return (
    <ul className={classes.outcomes} aria-label={t('tracking.signing.outcomes')}>
      {outcomes.map(one => (
        <li key={one.outcome} className={classes.outcome}>
          <StatusBadge tone={one.outcome === 'good' ? 'good' : 'bad'}>{formatNumber(one.count)}</StatusBadge>
          <span>
            {t(`tracking.signing.outcome.${one.outcome}`)}{' '}
            <span className={classes.dim}>
              <RelativeTime value={one.last_at} />
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
};

const Code = () => {
  const t = useTexts();
  const [url, setUrl] = useUrl({ sign: oneOf(languages, 'node') });
  return (
    <Tabs value={url.sign} onChange={sign => setUrl({ sign: sign as 'node' })} keepMounted={false} mt="md">
      <Tabs.List mb="md">
        {languages.map(language => (
          <Tabs.Tab key={language} value={language}>
            {t(`tracking.signing.code.${language}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {languages.map(language => (
        <Tabs.Panel key={language} value={language}>
          <CodeBox label={t(`tracking.signing.code.${language}`)} code={signingCode[language]} />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
};

/** The only time a signing secret is seen. */
const SecretShown = ({ secret, onClose, rotated }: { secret: string | null; onClose: () => void; rotated: boolean }) => {
  const t = useTexts();
  return (
    <Modal
      opened={secret !== null}
      onClose={onClose}
      title={t('tracking.signing.made_title')}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('ui.close') }}
    >
      <Text size="sm" mb="md">
        {t(rotated ? 'tracking.signing.made_rotated' : 'tracking.signing.made_text', { count: keepOldDays })}
      </Text>
      <CopyField label={t('tracking.signing.secret')} value={secret ?? ''} />
      <Group justify="flex-end" mt="lg">
        <Button onClick={onClose}>{t('tracking.keys.done')}</Button>
      </Group>
    </Modal>
  );
};
