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
