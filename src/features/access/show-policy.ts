/** The owner's decision about second factors with who is still without one. */
import type { Context } from '../../platform/context.ts';
import { dueAt, readPolicy } from './policy.ts';
import { readApiKeys, readStaff } from './postgres.ts';

export const showPolicy = async (context: Context) => {
  const [policy, staff, keys] = await Promise.all([readPolicy(context), readStaff(context), readApiKeys(context)]);
  const now = context.clock.now();
  return {
    second_factor: policy.secondFactor,
    role_ids: policy.roleIds,
    grace_days: policy.graceDays,
    decided_at: policy.decidedAt?.toISOString() ?? null,
    decided_by: policy.decidedBy,
    limits: policy.limits,
    version: policy.version,
    unprotected: staff.flatMap(one => {
      const due =
        one.disabled_at === null && !one.has_factor ? dueAt(policy, { roleId: one.role_id, createdAt: one.created_at }) : null;
      return due ? [{ id: one.id, name: one.name, due_at: due.toISOString() }] : [];
    }),
    keys: keys
      .filter(key => key.revoked_at === null && (key.expires_at === null || key.expires_at > now))
      .map(({ id, name, last_used_at }) => ({ id, name, last_used_at: last_used_at?.toISOString() ?? null })),
  };
};
