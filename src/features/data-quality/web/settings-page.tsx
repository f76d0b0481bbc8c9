/** Settings about customers as a whole: own domains, how long visitors are kept, who does the monthly review. */
import { NumberInput, Select, Stack, TagsInput } from '@mantine/core';
import { useState } from 'react';
import {
  type AnswerOf,
  api,
  Form,
  faultAt,
  Loaded,
  notifyDone,
  PageHeader,
  Panel,
  useMay,
  useMutationOf,
  useQueryOf,
  useRefresh,
  useTexts,
} from '../../../ui/index.ts';

type Settings = AnswerOf<'GET /api/customer-settings'>;

const SettingsPage = () => {
  const t = useTexts();
  const customers = useQueryOf('GET /api/customer-settings');
  const mayReview = useMay('data-quality:write');
  return (
    <>
      <PageHeader title={t('data-quality.settings.title')} description={t('data-quality.settings.about')} />
      <Stack gap="lg">
        <Panel>
          <Loaded query={customers}>{data => <Customers settings={data} />}</Loaded>
        </Panel>
        {mayReview && <Reviewer />}
      </Stack>
    </>
  );
};

const Customers = ({ settings }: { settings: Settings }) => {
  const t = useTexts();
  const [form, setForm] = useState(settings);
  const save = useMutationOf('PATCH /api/customer-settings', {
    invalidates: ['/api/customer-settings', '/api/data-quality'],
    onSuccess: after => {
      setForm(after);
      notifyDone(t('data-quality.settings.saved'));
    },
  });
  return (
    <Form
      submit={t('data-quality.settings.save')}
      busy={save.isPending}
      error={save.error}
      shown={['own_domains', 'visitor_days']}
      onSubmit={() => save.mutate({ body: form })}
    >
      <TagsInput
        label={t('data-quality.settings.domains')}
        description={t('data-quality.settings.domains_about')}
        placeholder={form.own_domains.length === 0 ? t('data-quality.settings.domains_placeholder') : undefined}
        value={form.own_domains}
        acceptValueOnBlur
        maxTags={100}
        error={faultAt(save.error, 'own_domains')}
        onChange={own_domains => setForm({ ...form, own_domains })}
      />
      <NumberInput
        label={t('data-quality.settings.visitors')}
        description={t('data-quality.settings.visitors_about')}
        value={form.visitor_days}
        min={0}
        max={3650}
        allowDecimal={false}
        error={faultAt(save.error, 'visitor_days')}
        onChange={value => setForm({ ...form, visitor_days: Number(value) || 0 })}
      />
    </Form>
  );
};

const Reviewer = () => {
  const t = useTexts();
  const refresh = useRefresh();
  const settings = useQueryOf('GET /api/data-quality/settings');
  const staff = useQueryOf('GET /api/staff');
  const save = async (reviewer_id: string | null) => {
    await api('PATCH /api/data-quality/settings', { body: { reviewer_id } });
    await refresh('/api/data-quality');
    notifyDone(t('data-quality.settings.saved'));
  };
  return (
    <Panel>
      <Loaded query={settings}>
        {({ reviewer_id }) => (
          <Select
            label={t('data-quality.settings.reviewer')}
            description={t('data-quality.settings.reviewer_about')}
            placeholder={t('data-quality.settings.nobody')}
            clearable
            clearButtonProps={{ 'aria-label': t('data-quality.settings.nobody') }}
            data={(staff.data?.data ?? []).filter(one => one.state === 'active').map(one => ({ value: one.id, label: one.name }))}
            value={reviewer_id}
            onChange={value => void save(value)}
          />
        )}
      </Loaded>
    </Panel>
  );
};

export default SettingsPage;
