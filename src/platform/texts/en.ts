/** Words that belong to no feature. */
export const en = {
  'system.permission.read': 'See the status of the system',
  'system.status.dead': 'Announcements given up',
  'system.status.failed_jobs': 'Failed background work in the last day',
} as const;
