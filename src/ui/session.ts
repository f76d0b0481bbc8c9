/** Who reads: GET /api/me, asked once and kept. Screens ask `useMay('customers:write')` before they offer something. */
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { FieldGroup } from '../platform/contract.ts';
import { ApiError, call } from './api.ts';

/** The part of GET /api/me that the shell reads. */
export type Me = {
  id: string;
  name: string;
  email: string | null;
  role: { code: string | null; name: string };
  verbs: string[];
  fields: FieldGroup[];
  /** The shops this reader is limited to; null = all. */
  shop_ids: string[] | null;
  second_factor: { set_up: boolean; due_at: string | null; held: boolean } | null;
  viewing: { as: string; until: string } | null;
  settings: { letter_shortcuts?: boolean; colour_scheme?: 'auto' | 'light' | 'dark' };
  organisation: { name: string; home_currency: string; zone: string; as_of: string | null; proposed_as_of: string | null } | null;
};

const key = ['GET /api/me'];

const read = async (): Promise<Me | null> => {
  try {
    return (await call('GET', '/api/me')) as Me;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
};

export const fetchSession = (client: QueryClient): Promise<Me | null> =>
  client.fetchQuery({ queryKey: key, queryFn: read, staleTime: 60_000 });

/** The signed-in person; null on the pages before login. */
export const useSession = (): Me | null => useQuery({ queryKey: key, queryFn: read, staleTime: 60_000 }).data ?? null;

/** Asks the server again who reads: after login, set-up, or a change of the organisation. */
export const useRefreshSession = (): (() => Promise<unknown>) => {
  const client = useQueryClient();
  return useCallback(() => client.fetchQuery({ queryKey: key, queryFn: read, staleTime: 0 }), [client]);
};

export const mayDo = (me: Me | null, verb: string | undefined): boolean =>
  verb === undefined || (me !== null && (me.verbs.includes('*') || me.verbs.includes(verb)));
export const useMay = (verb: string): boolean => mayDo(useSession(), verb);
/** Whether the reader's role sees a field group (money, contact...). */
export const useMaySee = (group: FieldGroup): boolean => {
  const me = useSession();
  return me?.fields.includes(group) ?? false;
};
