import { z } from 'zod';
import { day, defineContract, instant, listOf, page, uuid } from '../../../platform/contract.ts';

const type = z.enum(['text', 'number', 'boolean', 'date', 'list', 'mixed']);
const state = z.enum(['new', 'expected', 'hidden']);

export const dictionaryEntry = z.object({
  name: z.string(),
  description: z.string().nullable(),
  state,
  count: z.number().int(),
  first_at: instant,
  last_at: instant,
  sources: z.array(z.string()),
  shops: z.array(z.object({ id: uuid, name: z.string() })),
  property_count: z.number().int(),
  /** Properties that came as different types. */
  conflicts: z.number().int(),
  /** The most frequent ones in a list, all of them on one event's page. */
  properties: z.array(
    z.object({
      path: z.string(),
      type,
      types: z.array(z.object({ type, count: z.number().int() })),
      conflict: z.boolean(),
      count: z.number().int(),
      /** In how many of the events looked at it was there, 0..100. */
      filled: z.number(),
      first_at: instant.nullable(),
      last_at: instant.nullable(),
      samples: z.array(z.string()),
      description: z.string().nullable(),
    }),
  ),
  /** Per day, the last thirty in a list, the last ninety on one event's page; days without any are left out. */
  days: z.array(z.object({ day, count: z.number().int() })),
});
export type DictionaryEntryAnswer = z.infer<typeof dictionaryEntry>;

export const dictionaryEvent = dictionaryEntry.extend({
  state_by: z.string().nullable(),
  state_at: instant.nullable(),
  version: z.number().int(),
  /** The latest ones; absent for those who may not see behaviour. Values that tell of a person need contact data too. */
  examples: z
    .array(
      z.object({
        id: uuid,
        time: instant,
        source: z.string(),
        shop: z.string().nullable(),
        customer_id: z.string(),
        properties: z.array(z.object({ path: z.string(), value: z.string() })),
      }),
    )
    .optional(),
});

const description = z.string().trim().max(1_000, 'Keep it under 1,000 letters.').nullable();

export const dictionaryContract = defineContract({
  readDictionary: {
    method: 'GET',
    path: '/api/events/dictionary',
    summary: 'Event names seen, with their properties, types and frequent values',
    needs: 'tracking:read',
    query: z.object({
      ...page,
      query: z.string().max(200).optional(),
      /** Left out: all but the hidden ones. */
      state: state.optional(),
      source: z.string().max(100).optional(),
      shop: uuid.optional(),
      conflicts: z.enum(['true', 'false']).optional(),
      sort: z.enum(['-count', 'count', 'name', '-name', '-last', 'last', '-first', 'first']).default('-count'),
    }),
    answer: listOf(dictionaryEntry),
  },
  showDictionaryEvent: {
    method: 'GET',
    path: '/api/events/dictionary/event',
    summary: 'One event name: every property, every day, and the latest examples',
    needs: 'tracking:read',
    query: z.object({ name: z.string().min(1).max(200) }),
    answer: dictionaryEvent,
    errors: ['not_found'],
  },
  describeEvent: {
    method: 'PATCH',
    path: '/api/events/dictionary/event',
    summary: 'Say what an event or one of its properties is for; mark it as expected, or hide it',
    needs: 'tracking:manage',
    body: z.object({
      name: z.string().min(1).max(200),
      version: z.number().int(),
      description: description.optional(),
      state: state.optional(),
      property: z.object({ path: z.string().max(200), description }).optional(),
    }),
    answer: dictionaryEvent,
    errors: ['not_found', 'conflict'],
  },
});
