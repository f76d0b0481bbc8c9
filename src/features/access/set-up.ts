/** The first owner: made once, by whoever holds the one-time token printed at the first start. */
import type { z } from 'zod';
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { Refusal } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { defineSlot } from '../../platform/slot.ts';
import type { organisationAtSetup } from './contract.ts';
import { countAttempt } from './limit-attempts.ts';
import { type Opened, startSession } from './open-session.ts';
import { hashPassword, refuseWeakPassword } from './password.ts';
import { findStaffByEmail, hasOwner } from './postgres.ts';
import type { Browser } from './session.ts';
import { digestToken, newToken } from './token.ts';

/** What else must be written when an installation is set up, in the same transaction. */
export type SetupStep = {
  name: string;
  run: (context: Context, organisation: z.output<typeof organisationAtSetup>) => Promise<void>;
};
export const setupSteps = defineSlot<SetupStep>('access.setupSteps', step => step.name);

const setupLock = 7_230_010;

type Input = {
  token: string;
  name: string;
  email: string;
  password: string;
  organisation?: z.output<typeof organisationAtSetup>;
  browser: Browser;
};

export const setUp = async (context: Context, input: Input): Promise<Opened> => {
  await countAttempt(context, { what: 'setup', account: null, address: input.browser.address });
  refuseWeakPassword(input.password, [input.name, input.email, input.organisation?.name ?? '']);
  const passwordHash = await hashPassword(input.password);
  return inTransaction(context, async inside => {
    await inside.postgres`select pg_advisory_xact_lock(${setupLock})`;
    if (await hasOwner(inside)) {
      throw new Refusal(
        'conflict',
        'access.set_up_before',
        'This installation has its owner already. Sign in, or ask the owner to invite you.',
      );
    }
    const [known] = await inside.postgres`select from access.setup_token where token_hash = ${digestToken(input.token)}`;
    if (!known) {
      throw new Refusal(
        'refused',
        'access.setup_token',
        'This is not the owner link of this installation. Open the link that the server printed when it started.',
      );
    }
    const now = inside.clock.now();
    await inside.postgres`
      insert into access.staff (email, name, role_id, password_hash, password_changed_at, created_at)
      select ${input.email}, ${input.name}, role.id, ${passwordHash}, ${now}, ${now} from access.role where code = 'owner'`;
    await inside.postgres`delete from access.setup_token`;
    const owner = (await findStaffByEmail(inside, input.email))!;
    if (input.organisation) for (const step of inside.slots.all(setupSteps)) await step.run(inside, input.organisation);
    await audit(inside, 'access.set_up', { subject: { kind: 'staff', id: owner.id } });
    return startSession(inside, owner, input.browser, null);
  });
};

/**
 * While there is no owner: keeps a one-time token (REGULARS_SETUP_TOKEN, else a fresh one) and returns the link that makes the first owner;
 * afterwards null. Each start prints its own link; all of them work until one is used.
 */
export const ownerLink = async (context: Context, address: string): Promise<string | null> => {
  if (await hasOwner(context)) return null;
  const token = context.config.setupToken ?? newToken();
  await context.postgres`
    insert into access.setup_token (token_hash, created_at) values (${digestToken(token)}, ${context.clock.now()}) on conflict do nothing`;
  // Behind the # it reaches neither a server's log nor another site.
  return `${address}/setup#token=${encodeURIComponent(token)}`;
};

/** Prints the owner link at start while it is needed. */
export const offerSetup = async (context: Context, address: string): Promise<void> => {
  const link = await ownerLink(context, address);
  if (link !== null) process.stdout.write(`\nMake your owner account here (this link works once):\n${link}\n`);
};
