import { Alert, Button, Group, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import {
  formatTime,
  notifyError,
  useMay,
  useMutationOf,
  useQueryOf,
  useRefreshSession,
  useSession,
  useTexts,
} from '../../../ui/index.ts';

/** Shown where the data end long ago: as of today almost everybody would look lost. */
export const AsOfProposal = () => {
  const t = useTexts();
  const refresh = useRefreshSession();
  const mayWrite = useMay('shops:write');
  const proposed = useSession()?.organisation?.proposed_as_of ?? null;
  const organisation = useQueryOf('GET /api/organisation', undefined, { enabled: proposed !== null && mayWrite });
  const answer = useMutationOf('PATCH /api/organisation', {
    invalidates: ['/api'],
    onSuccess: () => void refresh(),
    onError: error => notifyError(error),
  });
  if (proposed === null || !mayWrite || !organisation.data) return null;
  const { version } = organisation.data;
  const day = formatTime(proposed, 'day');
  return (
    <Alert icon={<IconHistory size={18} />} mb="md" role="status">
      <Text size="sm">{t('shops.as_of.proposal', { day })}</Text>
      <Group gap="xs" mt="sm">
        <Button
          size="compact-md"
          loading={answer.isPending}
          onClick={() => answer.mutate({ body: { version, default_as_of: proposed } })}
        >
          {t('shops.as_of.accept', { day })}
        </Button>
        <Button
          size="compact-md"
          variant="default"
          disabled={answer.isPending}
          onClick={() => answer.mutate({ body: { version, default_as_of: null } })}
        >
          {t('shops.as_of.decline')}
        </Button>
      </Group>
    </Alert>
  );
};
