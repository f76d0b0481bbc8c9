/** The frame around every page: header with search, navigation, what the reader should know before reading a number. */
import { Kbd, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconMenu2, IconSearch } from '@tabler/icons-react';
import { Outlet, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from 'react';
import { Avatar } from '../components/avatar.tsx';
import { useShortcuts } from '../components/shortcuts.tsx';
import { SkeletonPage } from '../components/states.tsx';
import { useLive } from '../live.ts';
import { proof } from '../proof.ts';
import { Link, useAddress, useFrame, useGo, usePath } from '../router.tsx';
import { useRefreshSession, useSession } from '../session.ts';
import { useTexts } from '../texts.ts';
import { SecondFactorBanner, ViewBanner } from './access-banners.tsx';
import { AsOfBanner } from './as-of-banner.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { Mark } from './mark.tsx';
import { Navigation, useNav } from './navigation.tsx';
import { SettingsFrame } from './settings-frame.tsx';
import classes from './shell.module.css';

// What is not needed for the first sight of a page arrives after it.
const CommandPalette = lazy(() => import('./command-palette.tsx'));
const ShortcutsHelp = lazy(() => import('./shortcuts-help.tsx'));
const UserMenu = lazy(() => import('./user-menu.tsx'));
const ProofDialog = lazy(() => import('./proof-dialog.tsx'));
const NavigationDrawer = lazy(() => import('./navigation-drawer.tsx'));
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

export const Shell = () => {
  const frame = useFrame();
  const me = useSession();
  const address = useAddress();
  const navigate = useNavigate();
  const signedOut = frame !== 'bare' && me === null && !address.startsWith('/login');
  useEffect(() => {
    // The place is kept, so that one is back where one was after signing in.
    if (signedOut) void navigate({ to: '/login', search: { next: address } as never, replace: true });
  }, [signedOut, address, navigate]);
  // Until a second factor is set up nothing else answers.
  const held = me?.second_factor?.held === true && frame !== 'bare' && !address.startsWith('/settings/security');
  useEffect(() => {
    if (held) void navigate({ to: '/settings/security', replace: true });
  }, [held, navigate]);
  if (signedOut || held) return null;
  if (frame === 'bare' || me === null) return <Outlet />;
  return <Framed full={frame === 'full'} />;
};

const Framed = ({ full }: { full: boolean }) => {
  const t = useTexts();
  const path = usePath();
  const go = useGo();
  const nav = useNav();
  const [drawer, setDrawer] = useState<'never' | 'open' | 'closed'>('never');
  const me = useSession();
  const refresh = useRefreshSession();
  // An import that ends in the past proposes a day to read as of; a colleague may choose one.
  useLive('organisation', () => void refresh());
  const [help, setHelp] = useState<'never' | 'open' | 'closed'>('never');
  const [palette, setPalette] = useState<'never' | 'open' | 'closed'>('never');
  useEffect(() => setDrawer(before => (before === 'open' ? 'closed' : before)), [path]);
  useShortcuts([
    { keys: 'mod+k', title: t('ui.shortcuts.search'), run: () => setPalette('open') },
    { keys: '?', title: t('ui.shortcuts.help'), run: () => setHelp('open') },
    ...nav.slice(0, 9).map((item, index) => ({
      keys: `alt+${index + 1}`,
      title: t('ui.shortcuts.go', { page: t(item.title) }),
      run: () => go(item.to),
    })),
  ]);
  return (
    <>
      <a href="#main" className={classes.skip}>
        {t('ui.skip')}
      </a>
      <header className={classes.header}>
        <UnstyledButton
          className={classes.burger}
          onClick={() => setDrawer('open')}
          aria-label={t('ui.nav.open')}
          aria-haspopup="dialog"
          aria-expanded={drawer === 'open'}
        >
          <IconMenu2 size={22} stroke={1.7} />
        </UnstyledButton>
        <Link to="/" className={classes.brand} aria-label={t('ui.home')}>
          <Mark />
          <span className={classes.wordmark}>Regulars</span>
        </Link>
        <UnstyledButton
          className={classes.search}
          onClick={() => setPalette('open')}
          aria-haspopup="dialog"
          aria-label={t('ui.search.open')}
        >
          <IconSearch size={16} aria-hidden />
          <span className={classes.searchText}>{t('ui.search.hint')}</span>
          <Kbd size="xs" className={classes.kbd}>
            {isMac ? '⌘ K' : 'Ctrl K'}
          </Kbd>
        </UnstyledButton>
        <Suspense fallback={<Avatar name={me?.name ?? ''} size_px={34} />}>
          <UserMenu onShortcuts={() => setHelp('open')} />
        </Suspense>
      </header>
      <nav className={classes.nav} aria-label={t('ui.nav.main')}>
        <Navigation />
      </nav>
      {drawer !== 'never' && (
        <Suspense fallback={null}>
          <NavigationDrawer opened={drawer === 'open'} onClose={() => setDrawer('closed')} />
        </Suspense>
      )}
      <main id="main" tabIndex={-1} className={classes.main} data-full={full || undefined}>
        <ConnectionBanner />
        <ViewBanner />
        <SecondFactorBanner />
        <AsOfBanner />
        <div className={full ? classes.fullPage : classes.page}>
          <Suspense fallback={<SkeletonPage />}>
            {path.startsWith('/settings') ? (
              <SettingsFrame>
                <Outlet />
              </SettingsFrame>
            ) : (
              <Outlet />
            )}
          </Suspense>
        </div>
      </main>
      <RouteAnnouncer />
      <Proof />
      {help !== 'never' && (
        <Suspense fallback={null}>
          <ShortcutsHelp opened={help === 'open'} onClose={() => setHelp('closed')} />
        </Suspense>
      )}
      {palette !== 'never' && (
        <Suspense fallback={null}>
          <CommandPalette opened={palette === 'open'} onClose={() => setPalette('closed')} />
        </Suspense>
      )}
    </>
  );
};

/** The question "is it you?", while a call waits for it. */
const Proof = () => {
  const asked = useSyncExternalStore(proof.subscribe, proof.asked);
  return (
    asked && (
      <Suspense fallback={null}>
        <ProofDialog sentence={asked.sentence} onDone={asked.done} />
      </Suspense>
    )
  );
};

/** Says the new page's title after a change of address, as a page load would. */
const RouteAnnouncer = () => {
  const path = usePath();
  const [title, setTitle] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setTitle(document.title), 400);
    return () => clearTimeout(timer);
  }, [path]);
  return <VisuallyHidden aria-live="polite">{title}</VisuallyHidden>;
};
