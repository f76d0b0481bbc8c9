/** Consent and tags that changed here, written to Shopify. Looks first: whoever spoke last is right, and in doubt the stricter word. */
import { type Connector, ConnectorError, type WriteBack, type WriteBackOutcome } from '../connector.ts';
import { apiVersion, call } from './api.ts';
import { customerShape } from './payload.ts';
import { consentOf, tagsOf } from './translate.ts';

export const writeBack: NonNullable<Connector['writeBack']> = async (access, change) => {
  const path = `api/${apiVersion}/customers/${change.customerId}.json`;
  try {
    const { json } = await call(access, 'GET', path);
    const theirs = customerShape.parse(json.customer);
    const edit = change.what === 'tags' ? tagEdit(change, theirs) : consentEdit(change, theirs);
    if (typeof edit === 'string') return edit;
    await call(access, 'PUT', path, { body: { customer: { id: change.customerId, ...edit } } });
    return 'written';
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'not_found') return 'gone';
    throw error;
  }
};

type Theirs = ReturnType<typeof customerShape.parse>;
type Edit = Record<string, unknown> | WriteBackOutcome;

const tagEdit = (change: Extract<WriteBack, { what: 'tags' }>, theirs: Theirs): Edit => {
  const before = tagsOf(theirs.tags ?? '');
  const after = [...new Set([...before, ...change.add])].filter(tag => !change.remove.includes(tag));
  if (after.length === before.length && after.every(tag => before.includes(tag))) return 'same';
  return { tags: after.join(', ') };
};

const consentEdit = (change: Extract<WriteBack, { what: 'consent' }>, theirs: Theirs): Edit => {
  const code = change.channel === 'email' ? 'email_marketing_consent' : 'sms_marketing_consent';
  // Without an address there is nothing to consent to, and Shopify refuses it.
  if ((change.channel === 'email' ? theirs.email : theirs.phone) === '') return 'not_possible';
  const [held] = consentOf(change.channel, theirs[code], new Date(0));
  if (held?.state === change.state) return 'same';
  if (held && held.at > change.at) return 'kept_theirs';
  if (held && held.at.getTime() === change.at.getTime() && held.state === 'unsubscribed') return 'kept_theirs';
  return { [code]: { state: change.state, opt_in_level: 'single_opt_in', consent_updated_at: change.at.toISOString() } };
};
