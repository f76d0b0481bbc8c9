import type { ComponentType } from 'react';
import { defineWebSlot } from '../../../ui/index.ts';

/** Beside Today's list: what a later feature has to say about it. Load the component lazily. */
export type TodayPanel = { name: string; order: number; needs?: string; load: () => Promise<{ default: ComponentType }> };
export const todayPanels = defineWebSlot<TodayPanel>('desk.todayPanels', panel => panel.order);
