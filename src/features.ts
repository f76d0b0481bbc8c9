/**
 * The contents page: every feature's server part, in dependency order. A feature may import only features above it.
 */
import { feature as access } from './features/access/index.ts';
import { feature as bulk } from './features/bulk/index.ts';
import { feature as connections } from './features/connections/index.ts';
import { feature as consent } from './features/consent/index.ts';
import { feature as customers } from './features/customers/index.ts';
import { feature as dataQuality } from './features/data-quality/index.ts';
import { feature as demo } from './features/demo/index.ts';
import { feature as desk } from './features/desk/index.ts';
import { feature as imports } from './features/imports/index.ts';
import { feature as orders } from './features/orders/index.ts';
import { feature as predictions } from './features/predictions/index.ts';
import { feature as privacy } from './features/privacy/index.ts';
import { feature as products } from './features/products/index.ts';
import { feature as segments } from './features/segments/index.ts';
import { feature as shops } from './features/shops/index.ts';
import { feature as tracking } from './features/tracking/index.ts';
import { feature as views } from './features/views/index.ts';
import { feature as welcome } from './features/welcome/index.ts';
import type { Feature } from './platform/feature.ts';
import { feature as platform } from './platform/system/index.ts';

export const features: readonly Feature[] = [
  platform,
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
