/** Browsers and networks somebody signs in from. The browser keeps a token, sealed for the person, in a cookie of its own; a new one is told. */
import type { Context } from '../../platform/context.ts';
import { networkOf } from './network.ts';
import { readPolicy } from './policy.ts';
import type { StaffRow } from './postgres.ts';
import { raiseAlert } from './raise-alert.ts';
import { type Browser, browserOf } from './session.ts';
import { digestToken, newToken } from './token.ts';

/** One cookie serves everybody who signs in with this browser; that of another installation does not open. */
const sealedFor = 'access.device';

const tokenIn = (context: Context, cookie: string | null): string | null => {
  if (cookie === null) return null;
  try {
    return context.secrets.open(cookie, sealedFor);
  } catch {
    return null;
  }
};

/** Notes the browser and the network of a login and tells the person and the owners what is new about them. Returns the device's cookie. */
export const noteDevice = async (context: Context, staff: StaffRow, browser: Browser): Promise<string> => {
  const { postgres, clock } = context;
  const now = clock.now();
  const token = tokenIn(context, browser.device) ?? newToken();
  const name = browserOf(browser.userAgent);
  const network = context.secrets.hmac('access.network', networkOf(browser.address));
  const [before] = await postgres`
    select exists (select from access.device where staff_id = ${staff.id}) as any_device,
      exists (select from access.device where staff_id = ${staff.id} and token_hash = ${digestToken(token)}) as device,
      exists (select from access.network where staff_id = ${staff.id} and digest = any(${context.secrets.hmacs('access.network', networkOf(browser.address))}::text[])) as network,
      (select max(last_seen_at) from access.session where staff_id = ${staff.id}) as last_seen_at`;
  await postgres`
    insert into access.device (staff_id, token_hash, browser, first_at, last_at) values (${staff.id}, ${digestToken(token)}, ${name}, ${now}, ${now})
    on conflict (staff_id, token_hash) do update set browser = excluded.browser, last_at = excluded.last_at`;
  await postgres`
    insert into access.network (staff_id, digest, first_at, last_at) values (${staff.id}, ${network}, ${now}, ${now})
    on conflict (staff_id, digest) do update set last_at = excluded.last_at`;
  const subject = { kind: 'staff' as const, id: staff.id, name: staff.name };
  const evidence = { browser: name, address: browser.address };
  // The very first login is new by nature.
  if (before.any_device && !before.device) await raiseAlert(context, { kind: 'new_device', subject, evidence });
  else if (before.any_device && !before.network) await raiseAlert(context, { kind: 'new_network', subject, evidence });
  const { limits } = await readPolicy(context);
  const silent_days = before.last_seen_at === null ? 0 : Math.floor((now.getTime() - before.last_seen_at.getTime()) / 86_400_000);
  if (silent_days >= limits.silent_days)
    await raiseAlert(context, { kind: 'long_silence', subject, evidence: { ...evidence, silent_days } });
  return context.secrets.seal(token, sealedFor);
};
