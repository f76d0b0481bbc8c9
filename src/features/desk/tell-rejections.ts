import type { Reaction } from '../../platform/feature.ts';
import { notify } from './notify.ts';

/** Much more is rejected at the door than usual: whoever may mend events is told. */
export const tellRejections: Reaction = {
  on: 'tracking.rejections_jumped',
  run: async (context, payload) => {
    const staff = await context.postgres`
      select staff.id from access.staff join access.role on role.id = staff.role_id
      where staff.disabled_at is null and (role.code in ('owner', 'admin') or 'tracking:manage' = any(role.verbs)) order by staff.id`;
    for (const { id } of staff)
      await notify(context, {
        staffId: id as string,
        title: 'desk.notification.rejections',
        values: { count: payload.rejected as number, percent: payload.percent as number },
        link: '/settings/rejected-events',
      });
  },
};
