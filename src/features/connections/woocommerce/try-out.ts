/** Tells a person what is wrong with the address or the key before anything is read. */
import { sendOut } from '../../../platform/outgoing.ts';
import { type About, type Access, ConnectorError } from '../connector.ts';
import { ask, hostOf, isRecord } from './client.ts';
import { plainText } from './entities.ts';

/** Reading by time of change came with it. */
const oldestVersion = [5, 8];

export const tryOut = async (access: Access): Promise<About> => {
  const index = await siteIndex(access);
  const namespaces = Array.isArray(index.namespaces) ? index.namespaces : [];
  if (!namespaces.includes('wc/v3'))
    throw new ConnectorError(
      'not_found',
      `${hostOf(access)} is a WordPress site without WooCommerce. Give the address of the shop.`,
    );
  const { body } = await ask(access, 'system_status', { query: { _fields: 'environment,settings' } });
  const { environment, settings } = (isRecord(body) ? body : {}) as Record<string, Record<string, unknown> | undefined>;
  const version = String(environment?.version ?? '');
  if (isOlder(version))
    throw new ConnectorError(
      'bad_answer',
      `The shop runs WooCommerce ${version}. Update it to ${oldestVersion.join('.')} or newer first.`,
    );
  return {
    name: plainText(String(index.name ?? '')) || hostOf(access),
    address: access.settings.address,
    currency: typeof settings?.currency === 'string' ? settings.currency : null,
    zone: zoneOf(index),
    missing: (await mayWrite(access)) ? [] : ['write'],
  };
};

const siteIndex = async (access: Access): Promise<Record<string, unknown>> => {
  try {
    // Without "wc/v3" below it: what the site says of itself to everybody.
    const { body } = await ask(access, '', { root: '', query: { _fields: 'name,namespaces,timezone_string,gmt_offset' } });
    if (isRecord(body)) return body;
  } catch (error) {
    if (!(error instanceof ConnectorError) || !['not_found', 'bad_answer'].includes(error.code)) throw error;
    if (await answersWithoutPermalinks(access))
      throw new ConnectorError(
        'not_found',
        `${hostOf(access)} has permalinks switched off. In WordPress, Settings > Permalinks, choose anything but "Plain" and save.`,
      );
  }
  throw new ConnectorError(
    'not_found',
    `${hostOf(access)} is no WordPress site, or its REST API is switched off. Check the address.`,
  );
};

const answersWithoutPermalinks = async (access: Access): Promise<boolean> => {
  try {
    const { status, body } = await sendOut(access.out, { url: `${access.settings.address}/?rest_route=/` });
    return status === 200 && body.subarray(0, 1).toString() === '{';
  } catch {
    return false;
  }
};

const isOlder = (version: string): boolean => {
  const [major, minor] = version.split('.').map(Number);
  return major < oldestVersion[0] || (major === oldestVersion[0] && minor < oldestVersion[1]);
};

/** "Europe/Berlin"; "Etc/GMT-2" (west is plus, in that name) where the site only has an offset of whole hours; else not known. */
const zoneOf = (index: Record<string, unknown>): string | null => {
  if (typeof index.timezone_string === 'string' && index.timezone_string !== '') return index.timezone_string;
  const hours = index.gmt_offset === undefined || index.gmt_offset === '' ? Number.NaN : Number(index.gmt_offset);
  if (!Number.isInteger(hours) || Math.abs(hours) > 12) return null;
  return hours === 0 ? 'UTC' : `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`;
};

/** A webhook without topic and address is refused as incomplete by a key that may write, and as forbidden by one that may not: nothing is made. */
export const mayWrite = async (access: Access): Promise<boolean> => {
  try {
    await ask(access, 'webhooks', { method: 'POST', body: {} });
    return true;
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'bad_answer') return true;
    if (error instanceof ConnectorError && error.code === 'forbidden') return false;
    throw error;
  }
};
