/** The contents page of the admin app: every feature's screens, in the order of features.ts. */
import { screens as access } from './features/access/web/index.tsx';
import { screens as bulk } from './features/bulk/web/index.tsx';
import { screens as connections } from './features/connections/web/index.tsx';
import { screens as consent } from './features/consent/web/index.tsx';
import { screens as customers } from './features/customers/web/index.tsx';
import { screens as dataQuality } from './features/data-quality/web/index.tsx';
import { screens as demo } from './features/demo/web/index.tsx';
import { screens as desk } from './features/desk/web/index.tsx';
import { screens as imports } from './features/imports/web/index.tsx';
import { screens as orders } from './features/orders/web/index.tsx';
import { screens as predictions } from './features/predictions/web/index.tsx';
import { screens as privacy } from './features/privacy/web/index.tsx';
import { screens as products } from './features/products/web/index.tsx';
import { screens as segments } from './features/segments/web/index.tsx';
import { screens as shops } from './features/shops/web/index.tsx';
import { screens as tracking } from './features/tracking/web/index.tsx';
import { screens as views } from './features/views/web/index.tsx';
import { screens as welcome } from './features/welcome/web/index.tsx';
import type { Screens } from './ui/screens.ts';

export const screens: readonly Screens[] = [
  access,
  views,
  shops,
  customers,
  consent,
  tracking,
  imports,
  products,
  orders,
  segments,
  dataQuality,
  welcome,
  desk,
  bulk,
  predictions,
  privacy,
  connections,
  demo,
];
