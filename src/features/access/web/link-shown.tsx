import { Button, Group, Modal, Text } from '@mantine/core';
import { type AnswerOf, CopyField, formatTime, useTexts } from '../../../ui/index.ts';

export type WithLink = AnswerOf<'POST /api/staff'>;

/** The one time a one-time link is seen. */
export const LinkShown = ({ made, onClose }: { made: WithLink | null; onClose: () => void }) => {
  const t = useTexts();
  const name = made?.staff.name ?? '';
  const title = made?.staff.state === 'invited' ? 'access.link.title_invitation' : 'access.link.title_password';
  return (
    <Modal
      opened={made !== null}
      onClose={onClose}
      title={t(title, { name })}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('access.link.done') }}
    >
      {made && (
        <>
          <Text size="sm" mb="md">
            {t('access.link.hint', { name, until: formatTime(made.link.expires_at) })}
          </Text>
          <CopyField label={t('access.link.label')} value={made.link.url} />
          <Group justify="flex-end" mt="lg">
            <Button onClick={onClose}>{t('access.link.done')}</Button>
          </Group>
        </>
      )}
    </Modal>
  );
};
