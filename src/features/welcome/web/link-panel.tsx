/** A link to the welcome form of this customer's own, shown once. */
import { Button } from '@mantine/core';
import { IconLink } from '@tabler/icons-react';
import { CopyField, FormError, formatTime, Panel, useMutationOf, useQueryOf, useTexts } from '../../../ui/index.ts';
import classes from './welcome.module.css';

const LinkPanel = ({ customerId }: { customerId: string }) => {
  const t = useTexts();
  const form = useQueryOf('GET /api/welcome-form', {}, { staleTime_ms: 60_000 }).data;
  const make = useMutationOf('POST /api/customers/:id/welcome-link');
  return (
    <Panel title={t('welcome.link.title')}>
      <p className={classes.quiet}>{t('welcome.link.about')}</p>
      {form && !form.active && <p className={classes.quiet}>{t('welcome.link.off')}</p>}
      {make.data ? (
        <CopyField
          label={t('welcome.link.copy')}
          value={make.data.url}
          description={t('welcome.link.ends', { day: formatTime(make.data.expires_at, 'day') })}
        />
      ) : (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconLink size={14} />}
          loading={make.isPending}
          onClick={() => make.mutate({ params: { id: customerId }, body: {} })}
        >
          {t('welcome.link.make')}
        </Button>
      )}
      <FormError error={make.error} />
    </Panel>
  );
};

export default LinkPanel;
