/** Orders in the admin: list, one order. */
import { IconReceipt, IconShoppingCart } from '@tabler/icons-react';
import type { Client } from '../../../platform/contract.ts';
import { defineScreens, fillWeb } from '../../../ui/index.ts';
import { customerPanels } from '../../customers/web/index.tsx';
import type { contract } from '../contract.ts';

declare module '../../../ui/api.ts' {
  interface ApiRoutes extends Client<typeof contract> {}
}

export const screens = defineScreens({
  name: 'orders',
  texts: { en: () => import('../texts/en.ts') },
  nav: [
    { to: '/orders', title: 'orders.nav', icon: IconReceipt, order: 40, needs: 'orders:read' },
    { to: '/carts', title: 'orders.carts.title', icon: IconShoppingCart, order: 41, needs: 'orders:read' },
  ],
  routes: [
    { path: '/orders', title: 'orders.list.title', load: () => import('./orders-page.tsx'), needs: 'orders:read' },
    { path: '/orders/:id', title: 'orders.list.title', load: () => import('./order-page.tsx'), needs: 'orders:read' },
    { path: '/carts', title: 'orders.carts.title', load: () => import('./carts-page.tsx'), needs: 'orders:read' },
    { path: '/carts/people', title: 'orders.carts.title', load: () => import('./conversion-people.tsx'), needs: 'orders:read' },
    { path: '/carts/:id', title: 'orders.carts.title', load: () => import('./cart-page.tsx'), needs: 'orders:read' },
  ],
  fills: fillWeb(
    customerPanels,
    {
      key: 'orders',
      title: 'orders.panel.title',
      order: 20,
      place: 'tab',
      needs: 'orders:read',
      load: () => import('./customer-orders.tsx'),
    },
    {
      key: 'carts',
      title: 'orders.carts.title',
      order: 22,
      place: 'tab',
      needs: 'orders:read',
      load: () => import('./customer-carts.tsx'),
    },
  ),
});
