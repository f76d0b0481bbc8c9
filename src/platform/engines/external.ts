/** A PostgreSQL service of somebody else: looked at before anything is built on it. */
import postgres from 'postgres';
import { StartError } from '../start-error.ts';

/** Throws a StartError when it cannot be reached, refuses us, or is too old (uuidv7() came with 18). */
export const checkDatabase = async (url: string): Promise<void> => {
  const sql = postgres(url, { max: 1, connect_timeout: 10, onnotice: () => undefined });
  try {
    const [row] = await sql`select current_setting('server_version_num')::int as version`;
    const major = Math.floor(Number(row?.version) / 10_000);
    if (major < 18)
      throw new StartError(
        `DATABASE_URL points to PostgreSQL ${major}, and Regulars needs 18 or newer: upgrade that server, or leave DATABASE_URL out to use the embedded one.`,
      );
  } catch (error) {
    throw explain(error);
  } finally {
    await sql.end({ timeout: 1 });
  }
};

const explain = (error: unknown): unknown => {
  const code = (error as { code?: string }).code ?? '';
  const server = 'The PostgreSQL server of DATABASE_URL';
  if (code === '28P01' || code === '28000')
    return new StartError(`${server} refuses the user or the password: correct them in DATABASE_URL.`);
  if (code === '3D000')
    return new StartError(`${server} has no database of that name: create it, or correct the end of DATABASE_URL.`);
  if (/ECONNREFUSED|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH|CONNECT_TIMEOUT|CONNECTION_CLOSED|CONNECTION_ENDED/.test(code))
    return new StartError(`${server} does not answer (${code}): start it, or correct its host and port in DATABASE_URL.`);
  return error;
};
