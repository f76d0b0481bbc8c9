/** Passkeys (WebAuthn): registered by somebody signed in, used as second factor or, with the device's own check of the person, alone. */
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { FastifyRequest } from 'fastify';
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { notFound, Refusal } from '../../platform/errors.ts';

/** Where staff open the product: what a passkey is bound to. ADMIN_URL, else the address that the browser asked. */
export type Site = { origin: string; id: string };
export const siteOf = (context: Context, request: Pick<FastifyRequest, 'protocol' | 'host'>): Site => {
  const origin = new URL(context.config.adminUrl ?? `${request.protocol}://${request.host}`).origin;
  return { origin, id: new URL(origin).hostname };
};

export type PasskeyRow = {
  id: string;
  staff_id: string;
  credential_id: string;
  public_key: Buffer;
  counter: number;
  transports: string[];
  name: string;
  device_type: string;
  created_at: Date;
  last_used_at: Date | null;
};

export const readPasskeys = ({ postgres }: Context, staffId: string): Promise<PasskeyRow[]> =>
  postgres<PasskeyRow[]>`select * from access.passkey where staff_id = ${staffId} order by created_at, id`;

const described = (row: PasskeyRow) => ({ id: row.credential_id, transports: row.transports as never });

export const registrationOptions = async (context: Context, site: Site, staff: { id: string; name: string; email: string }) =>
  generateRegistrationOptions({
    rpName: 'Regulars',
    rpID: site.id,
    userName: staff.email,
    userDisplayName: staff.name,
    userID: new Uint8Array(Buffer.from(staff.id)),
    attestationType: 'none',
    excludeCredentials: (await readPasskeys(context, staff.id)).map(described),
    // Kept on the device with the account, so that it can sign in without an e-mail address.
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
  });

/** `staffId` null: whoever has a passkey for this site (the browser offers them). */
export const assertionOptions = async (context: Context, site: Site, staffId: string | null) =>
  generateAuthenticationOptions({
    rpID: site.id,
    allowCredentials: staffId === null ? [] : (await readPasskeys(context, staffId)).map(described),
    // Alone it has to be both: something one has, and the finger, face or PIN.
    userVerification: staffId === null ? 'required' : 'preferred',
  });

const refused = () =>
  new Refusal('refused', 'access.wrong_passkey', 'This passkey was not accepted. Try again, or use another way to sign in.');

/** The library throws on anything that does not add up: another site, another challenge, a bad signature. */
const orRefuse = async <T>(context: Context, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    context.log.info({ err: error }, 'a passkey was refused');
    throw refused();
  }
};

export const addPasskey = async (
  context: Context,
  site: Site,
  input: { staffId: string; challenge: string; name: string; response: unknown },
): Promise<PasskeyRow> => {
  const { verified, registrationInfo } = await orRefuse(context, () =>
    verifyRegistrationResponse({
      response: input.response as never,
      expectedChallenge: input.challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.id,
      requireUserVerification: false,
    }),
  );
  if (!verified) throw refused();
  const { credential, credentialDeviceType } = registrationInfo;
  const [row] = await context.postgres<PasskeyRow[]>`
    insert into access.passkey (staff_id, credential_id, public_key, counter, transports, name, device_type, created_at)
    values (${input.staffId}, ${credential.id}, ${Buffer.from(credential.publicKey)}, ${credential.counter}, ${credential.transports ?? []}, ${input.name},
      ${credentialDeviceType}, ${context.clock.now()})
    on conflict (credential_id) do nothing returning *`;
  if (!row)
    throw new Refusal(
      'conflict',
      'access.passkey_there',
      'This passkey is registered already. Use another device, or keep the one you have.',
    );
  await audit(context, 'access.passkey_added', { passkey: row.id });
  return row;
};

/** Whose passkey answered the challenge. `staffId` limits it to one person; without it the device must have checked the person. */
export const takePasskey = async (
  context: Context,
  site: Site,
  input: { staffId: string | null; challenge: string; response: unknown },
): Promise<PasskeyRow> => {
  const response = input.response as { id?: unknown };
  const [row] = await context.postgres<PasskeyRow[]>`
    select * from access.passkey where credential_id = ${typeof response?.id === 'string' ? response.id.slice(0, 2000) : ''}`;
  if (!row || (input.staffId !== null && row.staff_id !== input.staffId)) throw refused();
  const { verified, authenticationInfo } = await orRefuse(context, () =>
    verifyAuthenticationResponse({
      response: response as never,
      expectedChallenge: input.challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.id,
      requireUserVerification: input.staffId === null,
      credential: {
        id: row.credential_id,
        publicKey: new Uint8Array(row.public_key),
        counter: row.counter,
        transports: row.transports as never,
      },
    }),
  );
  if (!verified) throw refused();
  // The library refuses a counter that did not rise; this refuses the second of two at the same moment.
  const used = await context.postgres`
    update access.passkey set counter = ${authenticationInfo.newCounter}, last_used_at = ${context.clock.now()}
    where id = ${row.id} and counter = ${row.counter} returning id`;
  if (used.length === 0) throw refused();
  return row;
};

export const renamePasskey = async (context: Context, staffId: string, id: string, name: string): Promise<void> => {
  const rows =
    await context.postgres`update access.passkey set name = ${name} where id = ${id} and staff_id = ${staffId} returning id`;
  if (rows.length === 0) throw notFound('passkey');
};

export const removePasskey = async (context: Context, staffId: string, id: string): Promise<void> => {
  const rows = await context.postgres`delete from access.passkey where id = ${id} and staff_id = ${staffId} returning id`;
  if (rows.length === 0) throw notFound('passkey');
  await audit(context, 'access.passkey_removed', { passkey: id });
};
