/** Small choices of the merchant that code reads by name; bigger ones have tables of their own. */
import type { Context } from './context.ts';

/** `key` is "<feature>.<what>". Undefined: never set. */
export const readSetting = async <T>(context: Context, key: string): Promise<T | undefined> => {
  const [row] = await context.postgres`select value from platform.setting where key = ${key}`;
  return row?.value as T | undefined;
};

export const writeSetting = async (context: Context, key: string, value: unknown): Promise<void> => {
  const sql = context.postgres;
  await sql`
    insert into platform.setting (key, value, changed_at, changed_by) values (${key}, ${sql.json(value as never)}, ${context.clock.now()}, ${context.actor.name})
    on conflict (key) do update set value = excluded.value, changed_at = excluded.changed_at, changed_by = excluded.changed_by`;
};
