/** The outside systems there are, in the order the gallery shows them. A new one is a folder and a line here. */
import type { Connector } from './connector.ts';
import { shopify } from './shopify/index.ts';
import { woocommerce } from './woocommerce/index.ts';

export const connectors: readonly Connector[] = [shopify, woocommerce];

export const connectorOf = (kind: string): Connector => {
  const found = connectors.find(connector => connector.kind === kind);
  if (!found) throw new Error(`There is no connector "${kind}" in this version.`);
  return found;
};
