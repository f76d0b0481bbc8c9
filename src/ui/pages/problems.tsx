/** Pages for what is not a page: nothing at this address, not open to this role, broken. */
import { Button } from '@mantine/core';
import { EmptyState } from '../components/states.tsx';
import { Link } from '../router.tsx';
import { useSession } from '../session.ts';
import { useTexts } from '../texts.ts';

export const NotFound = () => {
  const t = useTexts();
  return (
    <EmptyState
      order={1}
      picture="lost"
      title={t('ui.not_found.title')}
      action={
        <Button component={Link} to="/" variant="light">
          {t('ui.not_found.home')}
        </Button>
      }
    >
      {t('ui.not_found.text')}
    </EmptyState>
  );
};

export const Forbidden = ({ needs }: { needs: string }) => {
  const t = useTexts();
  const me = useSession();
  return (
    <EmptyState order={1} picture="lock" title={t('ui.forbidden.title')}>
      {t('ui.forbidden.text', { role: me?.role.name ?? '', verb: needs })}
    </EmptyState>
  );
};

/** A page's code is gone from the server after an update: loading the app again is the whole remedy. */
const isOutdated = (error: Error) => /dynamically imported module|module script|preload/i.test(error.message);

export const Failed = ({ error }: { error: Error }) => {
  const t = useTexts();
  return (
    <EmptyState
      order={1}
      picture="lost"
      title={t('ui.page_failed.title')}
      action={
        <Button variant="light" onClick={() => location.reload()}>
          {t('ui.page_failed.reload')}
        </Button>
      }
    >
      {isOutdated(error) ? t('ui.page_outdated.text') : t('ui.error.unexpected')}
    </EmptyState>
  );
};
