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
