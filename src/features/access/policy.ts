/** What the owner decided about everybody's safety: who needs a second factor, and from when on something is unusual. One row. */
import { audit } from '../../platform/audit.ts';
import type { Context } from '../../platform/context.ts';
import { Refusal, stale } from '../../platform/errors.ts';
import { inTransaction } from '../../platform/postgres.ts';

/** Limits an installation may change; what is not changed is this. */
export const usualLimits = {
  /** Refused requests of one account, key or network within ten minutes. */
  refusals: 30,
  /** Different customers opened by one account or key within ten minutes. */
  customer_pages: 300,
  /** Pages of lists read by one account or key within ten minutes. */
  list_pages: 120,
  /** Rows a day that may leave as files before one proves again who one is. */
  export_rows_per_day: 20_000,
  /** An account that signs in again after so many days. */
  silent_days: 60,
  /** Files that leave outside these hours (the organisation's clock) are unusual. */
  day_begins_hour: 6,
  day_ends_hour: 22,
};
export type Limits = typeof usualLimits;
export const limitNames = Object.keys(usualLimits) as (keyof Limits)[];

export type Policy = {
  secondFactor: 'nobody' | 'roles' | 'all';
  roleIds: string[];
  graceDays: number;
  decidedAt: Date | null;
  decidedBy: string | null;
  limits: Limits;
  version: number;
};

export const readPolicy = async ({ postgres }: Context): Promise<Policy> => {
  const [row] = await postgres`select * from access.policy`;
  return {
    secondFactor: row.second_factor,
    roleIds: row.second_factor_roles,
    graceDays: row.grace_days,
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
    limits: { ...usualLimits, ...(row.limits as Partial<Limits>) },
    version: row.version,
  };
};

const day_ms = 86_400_000;

/** Until when somebody may work without a second factor; null = nobody asks them for one. Newcomers get the whole grace period. */
export const dueAt = (policy: Policy, staff: { roleId: string; createdAt: Date }): Date | null => {
  const asked = policy.secondFactor === 'all' || (policy.secondFactor === 'roles' && policy.roleIds.includes(staff.roleId));
  if (!asked || policy.decidedAt === null) return null;
  return new Date(Math.max(policy.decidedAt.getTime(), staff.createdAt.getTime()) + policy.graceDays * day_ms);
};

export type PolicyChange = {
  version: number;
  second_factor?: Policy['secondFactor'];
  role_ids?: string[];
  grace_days?: number;
  limits?: Partial<Limits>;
};

/** A new decision about second factors starts the grace period anew; whoever is without one when it ends may only set one up. */
export const changePolicy = (context: Context, change: PolicyChange): Promise<Policy> =>
  inTransaction(context, async inside => {
    await inside.postgres`select from access.policy for update`;
    const before = await readPolicy(inside);
    if (before.version !== change.version) throw stale('policy');
    const next = {
      secondFactor: change.second_factor ?? before.secondFactor,
      roleIds: [...new Set(change.role_ids ?? before.roleIds)].sort(),
      graceDays: change.grace_days ?? before.graceDays,
      limits: { ...before.limits, ...change.limits },
    };
    if (next.secondFactor === 'roles' && next.roleIds.length === 0)
      throw new Refusal('refused', 'access.no_roles', 'Choose at least one role that needs a second factor.', {
        faults: [{ path: 'role_ids', reason: 'Choose at least one role.' }],
      });
    if (next.limits.day_begins_hour >= next.limits.day_ends_hour)
      throw new Refusal('refused', 'access.hours', 'The working day must begin before it ends.', {
        faults: [{ path: 'limits.day_ends_hour', reason: 'Later than the beginning.' }],
      });
    const decided =
      next.secondFactor !== before.secondFactor ||
      next.graceDays !== before.graceDays ||
      next.roleIds.join() !== [...before.roleIds].sort().join();
    const limits = Object.fromEntries(
      limitNames.filter(name => next.limits[name] !== usualLimits[name]).map(name => [name, next.limits[name]]),
    );
    await inside.postgres`
      update access.policy set second_factor = ${next.secondFactor}, second_factor_roles = ${next.roleIds}::uuid[], grace_days = ${next.graceDays},
        limits = ${inside.postgres.json(limits)}, version = version + 1,
        decided_at = ${decided ? inside.clock.now() : before.decidedAt}, decided_by = ${decided ? inside.actor.name : before.decidedBy}`;
    if (decided)
      await audit(inside, 'access.second_factor_asked', {
        of: next.secondFactor,
        roles: next.roleIds,
        grace_days: next.graceDays,
      });
    if (change.limits) await audit(inside, 'access.limits_changed', change.limits);
    return readPolicy(inside);
  });
