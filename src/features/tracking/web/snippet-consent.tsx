import { Radio, Stack, Switch } from '@mantine/core';
import { useState } from 'react';
import {
  type AnswerOf,
  Form,
  Loaded,
  notifyDone,
  Panel,
  useMay,
  useMutationOf,
  useQueryOf,
  useTexts,
} from '../../../ui/index.ts';

type Snippet = AnswerOf<'GET /api/write-keys/:id/snippet'>;

export const SnippetConsent = ({ keyId }: { keyId: string }) => {
  const t = useTexts();
  const snippet = useQueryOf('GET /api/write-keys/:id/snippet', { params: { id: keyId } });
  return (
    <Panel title={t('tracking.snippet.consent')} description={t('tracking.snippet.consent_hint')}>
      <Loaded query={snippet}>{data => <Choice key={`${keyId}-${data.version}`} keyId={keyId} before={data} />}</Loaded>
    </Panel>
  );
};

const Choice = ({ keyId, before }: { keyId: string; before: Snippet }) => {
  const t = useTexts();
  const mayManage = useMay('tracking:manage');
  const { consent, before_answer, spa, time_on_page } = before;
  const [value, setValue] = useState({ consent, before_answer, spa, time_on_page });
  const save = useMutationOf('PATCH /api/write-keys/:id/snippet', {
    invalidates: ['/api/write-keys'],
    onSuccess: () => notifyDone(t('tracking.snippet.saved')),
  });
  const option = (name: string, key: string) => (
    <Radio
      value={name}
      label={t(`tracking.snippet.${key}`)}
      description={t(`tracking.snippet.${key}_hint`)}
      disabled={!mayManage}
    />
  );
  return (
    <Form
      submit={t('tracking.snippet.save')}
      busy={save.isPending}
      disabled={!mayManage}
      error={save.error}
      shown={[]}
      onSubmit={() => save.mutate({ params: { id: keyId }, body: { version: before.version, ...value } })}
    >
      <Radio.Group
        label={t('tracking.snippet.mode')}
        value={value.consent}
        onChange={next => setValue({ ...value, consent: next as Snippet['consent'] })}
      >
        <Stack gap="sm" mt="xs">
          {option('ask', 'ask')}
          {option('allow', 'allow')}
        </Stack>
      </Radio.Group>
      {value.consent === 'ask' && (
        <Radio.Group
          label={t('tracking.snippet.before')}
          value={value.before_answer}
          onChange={next => setValue({ ...value, before_answer: next as Snippet['before_answer'] })}
        >
          <Stack gap="sm" mt="xs">
            {option('hold', 'hold')}
            {option('drop', 'drop')}
          </Stack>
        </Radio.Group>
      )}
      <Switch
        label={t('tracking.snippet.time')}
        description={t('tracking.snippet.time_hint')}
        checked={value.time_on_page}
        disabled={!mayManage}
        onChange={event => setValue({ ...value, time_on_page: event.currentTarget.checked })}
      />
      <Switch
        label={t('tracking.snippet.spa')}
        description={t('tracking.snippet.spa_hint')}
        checked={value.spa}
        disabled={!mayManage}
        onChange={event => setValue({ ...value, spa: event.currentTarget.checked })}
      />
    </Form>
  );
};
