import type { ComponentType } from 'react';
import { defineWebSlot } from '../screens.ts';

/** Stands in the toolbar of every list that has one, before the column chooser; `table` is the list's name. */
export type TableTool = { order: number; Tool: ComponentType<{ table: string }> };
export const tableTools = defineWebSlot<TableTool>('ui.tableTools', tool => tool.order);
