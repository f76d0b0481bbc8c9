/** Starts the admin app: `startApp(document.getElementById('root'), screens)`. */
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import '@fontsource-variable/inter/wght.css';
import 'virtual:mantine-styles';
import { shellTexts } from 'virtual:shell-texts';
import '@mantine/notifications/styles.layer.css';
import './theme.css';
import { SkeletonPage } from './components/states.tsx';
import { Failed, Forbidden, NotFound } from './pages/problems.tsx';
import { createQueryClient } from './queries.ts';
import { createAppRouter } from './router.tsx';
import { gatherScreens, type Screens } from './screens.ts';
import { uiScreens } from './screens-of-ui.ts';
import { fetchSession } from './session.ts';
import { Shell } from './shell/shell.tsx';
import { addTexts, expectTexts, openTexts } from './texts.ts';
import { cssVariables, theme } from './theme.ts';

/** The server writes a fresh nonce into the page; libraries that add <style> elements read it from here. */
const styleNonce = (): string => document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

export const startApp = async (root: HTMLElement, features: readonly Screens[]): Promise<void> => {
  (globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = styleNonce();
  const screens = [uiScreens, ...features];
  gatherScreens(screens);
  const client = createQueryClient(() => client.setQueryData(['GET /api/me'], null));
  // On their way while the session is asked for; every page waits for them.
  const textsOf = new Map(screens.map(one => [one, one.texts.en().then(texts => addTexts(texts))]));
  const early = Promise.all(screens.flatMap(one => (one.lateTexts ? [] : [textsOf.get(one)])));
  expectTexts(Promise.all(textsOf.values()).catch(() => {}));
  await Promise.all([
    fetchSession(client).catch(() => client.setQueryData(['GET /api/me'], null)),
    openTexts([{ en: shellTexts }]),
  ]);
  const routes = screens.flatMap(one =>
    one.routes.map(route => ({ ...route, load: async () => (await Promise.all([route.load(), early, textsOf.get(one)]))[0] })),
  );
  const router = createAppRouter(routes, {
    root: Shell,
    notFound: NotFound,
    forbidden: Forbidden,
    failed: Failed,
    pending: SkeletonPage,
  });
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" getStyleNonce={styleNonce}>
        <QueryClientProvider client={client}>
          <Notifications position="bottom-right" limit={4} />
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
};
