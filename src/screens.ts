/** The contents page of the admin app: every feature's screens, in the order of features.ts. */
import type { Screens } from './ui/screens.ts';

export const screens: readonly Screens[] = [];
