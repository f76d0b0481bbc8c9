/** Where other features add what they know to the customer page. */
import type { ComponentType } from 'react';
import { defineWebSlot } from '../../../ui/index.ts';

export type CustomerPanel = {
  /** Names the tab in the address. */
  key: string;
  /** Text key. */
  title: string;
  order: number;
  /** tab: beside the timeline (10). side: the narrow column of the page. */
  place: 'tab' | 'side';
  needs?: string;
  load: () => Promise<{ default: ComponentType<{ customerId: string }> }>;
};
export const customerPanels = defineWebSlot<CustomerPanel>('customers.panels', panel => panel.order);

/** A page that stands beside the list of customers: one link in the row under its heading. */
export type CustomersPage = { to: string; title: string; order: number; needs: string; Badge?: ComponentType };
export const customersPages = defineWebSlot<CustomersPage>('customers.pages', page => page.order);

/** Stands over the list while customers are ticked: what can be done with them, or with everybody the list shows. */
export type SelectionBarProps = {
  selected: ReadonlySet<string>;
  /** What the list shows, as the server is asked for it. */
  list: { query: string; filter: string[]; anonymous: '0' | '1'; not_shoppers: '0' | '1' };
  /** How many that are, when known. */
  total: number | undefined;
  /** Tags there are, to be suggested. */
  tags: readonly string[];
  /** Nobody is ticked any more. */
  onDone: () => void;
};
export type SelectionBar = { load: () => Promise<{ default: ComponentType<SelectionBarProps> }> };
export const selectionBar = defineWebSlot<SelectionBar>('customers.selectionBar');
