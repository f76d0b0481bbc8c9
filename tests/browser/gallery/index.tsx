import { IconUsers } from '@tabler/icons-react';
import { startApp } from '../../../src/ui/app.tsx';
import { defineScreens } from '../../../src/ui/index.ts';
import { installDouble } from './double.ts';

installDouble();
const page = (path: string, title: string, name: 'Parts' | 'People' | 'Empty' | 'Failing' | 'Loading' | 'Forms') => ({
  path,
  title,
  load: () => import('./pages.tsx').then(pages => ({ default: pages[name] })),
});
const gallery = defineScreens({
  name: 'gallery',
  texts: { en: () => Promise.resolve({ en: {} }) },
  nav: [
    { to: '/', title: 'Today', icon: IconUsers, order: 10 },
    { to: '/people', title: 'Customers', icon: IconUsers, order: 20 },
    { to: '/forms', title: 'Forms', icon: IconUsers, order: 30 },
  ],
  routes: [
    page('/', 'Today', 'Parts'),
    page('/people', 'Customers', 'People'),
    page('/people/empty', 'Customers', 'Empty'),
    page('/people/failing', 'Customers', 'Failing'),
    page('/people/loading', 'Customers', 'Loading'),
    page('/forms', 'Forms', 'Forms'),
  ],
  searches: [
    {
      key: 'people',
      title: 'Customers',
      find: async query => [{ key: '1', title: `Ana ${query}`, detail: 'ana@example.invalid', to: '/people', icon: IconUsers }],
    },
  ],
});
const root = document.getElementById('root');
if (root) void startApp(root, [gallery]);
