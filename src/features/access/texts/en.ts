/** Every sentence of this feature. */
export const en = {
  'access.permission.staff_read': 'See the team and its roles',
  'access.permission.staff_write': 'Invite people, change roles, shut people out',
  'access.permission.keys_read': 'See API keys',
  'access.permission.keys_write': 'Make and revoke API keys',
  'access.permission.audit_read': 'Read and verify the audit log',
} as const;
