/** Addresses to pages. Every link, filter and tab is an address; pages are loaded when a link to them is hovered or opened. */
import {
  type AnyRoute,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Link as RouterLink,
  retainSearchParams,
  useNavigate,
  useParams,
  useRouterState,
} from '@tanstack/react-router';
import { type ComponentProps, type ReactNode, useCallback, useEffect } from 'react';
import type { Screen } from './screens.ts';
import { mayDo, useSession } from './session.ts';
import { useTexts } from './texts.ts';
import { parseSearch, writeSearch } from './url.ts';

const split = (address: string) => {
  const [path = '/', query = ''] = address.split('?');
  return { to: path, search: parseSearch(query) as never };
};

type LinkProps = Omit<ComponentProps<'a'>, 'href'> & {
  /** An address of this app: "/customers/12?tab=orders". */
  to: string;
  replace?: boolean;
  /** Marks the link as current only on this very page, not below it. */
  exact?: boolean;
};
/** A link inside the app; use it as `component={Link}` with Mantine's Anchor and Button. */
export const Link = ({ to, exact, ...rest }: LinkProps) => (
  <RouterLink {...(rest as object)} {...split(to)} activeOptions={{ exact: exact ?? false, includeSearch: false }} />
);

/** `const go = useGo(); go('/segments/7')` */
export const useGo = (): ((address: string, how?: { replace?: boolean }) => void) => {
  const navigate = useNavigate();
  return useCallback((address, how = {}) => void navigate({ ...split(address), replace: how.replace }), [navigate]);
};

/** A parameter of the page's path. */
export const usePathParam = (name: string): string => {
  const params = useParams({ strict: false }) as Record<string, string | undefined>;
  return params[name] ?? '';
};
export const usePath = (): string => useRouterState({ select: state => state.location.pathname });
/** What follows the path: "?sort=name", or ''. */
export const useSearchText = (): string => useRouterState({ select: state => state.location.searchStr });
export const useAddress = (): string => useRouterState({ select: state => state.location.href });

type Frames = {
  root: () => ReactNode;
  notFound: () => ReactNode;
  forbidden: (props: { needs: string }) => ReactNode;
  failed: (props: { error: Error }) => ReactNode;
  pending: () => ReactNode;
};

const useTitle = (title: string) => {
  const t = useTexts();
  const organisation = useSession()?.organisation?.name;
  useEffect(() => {
    document.title = [t(title), organisation, 'Regulars'].filter(Boolean).join(' · ');
  }, [t, title, organisation]);
};

const Guard = ({
  screen,
  forbidden: Forbidden,
  children,
}: {
  screen: Screen;
  forbidden: Frames['forbidden'];
  children: ReactNode;
}) => {
  useTitle(screen.title);
  const me = useSession();
  return mayDo(me, screen.needs) ? children : <Forbidden needs={screen.needs ?? ''} />;
};

export const createAppRouter = (screens: readonly Screen[], frames: Frames) => {
  const root = createRootRoute({
    component: frames.root,
    notFoundComponent: frames.notFound,
    search: { middlewares: [retainSearchParams(['as_of'] as never)] },
  });
  const routes = screens.map(screen => {
    const Page = lazyRouteComponent<{ default: (props: object) => ReactNode }, 'default'>(screen.load as never);
    return createRoute({
      getParentRoute: () => root,
      path: screen.path.replace(/:([a-zA-Z_]+)/g, (_, name: string) => `$${name}`),
      staticData: { frame: screen.frame ?? 'page' } as never,
      component: Object.assign(
        () => (
          <Guard screen={screen} forbidden={frames.forbidden}>
            <Page />
          </Guard>
        ),
        { preload: Page.preload },
      ),
    });
  });
  return createRouter({
    routeTree: root.addChildren(routes as never) as unknown as AnyRoute,
    parseSearch: parseSearch as never,
    stringifySearch: writeSearch,
    defaultPreload: 'intent',
    scrollRestoration: true,
    defaultPendingMs: 150,
    defaultPendingComponent: frames.pending,
    defaultErrorComponent: frames.failed as never,
    defaultNotFoundComponent: frames.notFound,
  });
};

/** How the current page wants to be framed. */
export const useFrame = (): 'page' | 'full' | 'bare' =>
  useRouterState({
    select: state => (state.matches.at(-1)?.staticData as { frame?: 'page' | 'full' | 'bare' } | undefined)?.frame ?? 'page',
  });
