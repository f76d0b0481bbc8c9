/**
 * What flows back: consents and tags as meta data of the account. WooCommerce has no place of its own for them, so other plugins see them only
 * where they read these keys: `regulars_email_consent`, `regulars_sms_consent` ("subscribed" or "unsubscribed"), the same with `_at` (when,
 * UTC), `regulars_tags` (sorted, parted by commas). Guests have no account: nothing can be written.
 */
import { type Access, ConnectorError, type WriteBack, type WriteBackOutcome } from '../connector.ts';
import { ask, askOne, isRecord } from './client.ts';

type Meta = { key: string; value: string };

export const writeBack = async (access: Access, change: WriteBack): Promise<WriteBackOutcome> => {
  const found = await askOne(access, `customers/${encodeURIComponent(change.customerId)}`);
  if (found === null) return 'gone';
  const held = metaOf(found.body);
  const wanted = change.what === 'consent' ? consentMeta(held, change) : tagMeta(held, change);
  if (wanted === 'kept_theirs') return 'kept_theirs';
  if (wanted.every(one => held.get(one.key) === one.value)) return 'same';
  try {
    await ask(access, `customers/${encodeURIComponent(change.customerId)}`, { method: 'PUT', body: { meta_data: wanted } });
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'not_found') return 'gone';
    throw error;
  }
  return 'written';
};

const metaOf = (customer: Record<string, unknown>): Map<string, string> => {
  const all = Array.isArray(customer.meta_data) ? customer.meta_data : [];
  return new Map(
    all.filter(isRecord).map(one => [String(one.key), typeof one.value === 'string' ? one.value : String(one.value ?? '')]),
  );
};

/** A later statement that is there already (another installation wrote it) stays. */
const consentMeta = (
  held: ReadonlyMap<string, string>,
  { channel, state, at }: Extract<WriteBack, { what: 'consent' }>,
): Meta[] | 'kept_theirs' => {
  const key = `regulars_${channel}_consent`;
  const before = Date.parse(held.get(`${key}_at`) ?? '');
  if (before > at.getTime()) return 'kept_theirs';
  return [
    { key, value: state },
    { key: `${key}_at`, value: at.toISOString() },
  ];
};

const tagMeta = (held: ReadonlyMap<string, string>, { add, remove }: Extract<WriteBack, { what: 'tags' }>): Meta[] => {
  const before = (held.get('regulars_tags') ?? '').split(',').map(tag => tag.trim());
  const tags = [...new Set([...before, ...add.map(tag => tag.replaceAll(',', ' ').trim())])].filter(
    tag => tag !== '' && !remove.includes(tag),
  );
  return [{ key: 'regulars_tags', value: tags.sort().join(',') }];
};
