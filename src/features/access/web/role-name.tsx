import { hasText, say } from '../../../ui/index.ts';

/** Built-in roles in the reader's language, others by their own name. */
export const roleName = (role: { code: string | null; name: string }): string => {
  const key = `access.role.${role.code}`;
  return role.code && hasText(key) ? say(key) : role.name;
};
export const roleHint = (role: { code: string | null }): string | undefined => {
  const key = `access.role_hint.${role.code}`;
  return role.code && hasText(key) ? say(key) : undefined;
};
