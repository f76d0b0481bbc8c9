import { type ComponentType, lazy } from 'react';
import { defineWebSlot, slotValues } from '../screens.ts';

/** Stands in the toolbar of every list that has one, before the column chooser; `table` is the list's name. */
export type TableTool = { order: number; load: () => Promise<{ default: ComponentType<{ table: string }> }> };
export const tableTools = defineWebSlot<TableTool>('ui.tableTools', tool => tool.order);

let loaded: ReturnType<typeof lazyTools> | undefined;
const lazyTools = () => slotValues(tableTools).map(({ load }) => lazy(load));
/** The same components for every list, so that a tool keeps its state while a list changes. */
export const allTableTools = () => {
  loaded ??= lazyTools();
  return loaded;
};
