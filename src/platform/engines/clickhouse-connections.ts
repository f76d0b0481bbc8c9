/**
 * Connections of the embedded ClickHouse. One connection runs its queries one after the other and keeps every setting it was ever
 * given; so there are several, readers and writers apart, and before each query a connection is brought to exactly the settings
 * that this query wants.
 */
import { Session } from 'chdb';
import { quote, SqlFault } from './clickhouse-sql.ts';

export type Role = 'reader' | 'writer' | 'guarded';
export type Settings = Readonly<Record<string, string>>;
export type Answer = { bytes: Uint8Array; rowsRead: number; bytesRead: number; rowsWritten: number; elapsed_s: number };

type Connection = { session: Session; settings: Map<string, string>; database: string };

export class Connections {
  private readonly folder: string;
  private readonly anchor: Session;
  private readonly base: Settings;
  private readonly idle: Record<Role, Connection[]> = { reader: [], writer: [], guarded: [] };
  private readonly open: Record<Role, number> = { reader: 0, writer: 0, guarded: 0 };
  private readonly waiting: Record<Role, ((connection: Connection) => void)[]> = { reader: [], writer: [], guarded: [] };
  private readonly most: Record<Role, number>;

  /** `base` are the settings every query has unless it brings its own. */
  constructor(folder: string, configFile: string, base: Settings, most: Record<Role, number>) {
    this.folder = folder;
    this.base = base;
    this.most = most;
    // The first connection decides the configuration and keeps the engine open; the watch over others uses it.
    this.anchor = new Session(folder, { connectionArgs: [`--config-file=${configFile}`] });
  }

  /** Runs `work` on a connection of that role, in `database`, under exactly `settings` (and the base). */
  async use<T>(role: Role, database: string, settings: Settings, work: (session: Session) => Promise<T>): Promise<T> {
    const connection = await this.take(role);
    let healthy = false;
    try {
      await bring(connection, database, { ...this.base, ...settings });
      const answer = await work(connection.session);
      healthy = true;
      return answer;
    } finally {
      this.giveBack(role, connection, healthy);
    }
  }

  /** A small query beside all others: the watch, the list of table functions. */
  async aside(sql: string): Promise<string> {
    return (await this.anchor.queryAsync(sql, { format: 'JSONEachRow' })).text();
  }

  private take(role: Role): Promise<Connection> {
    const free = this.idle[role].pop();
    if (free !== undefined) return Promise.resolve(free);
    if (this.open[role] < this.most[role]) {
      this.open[role]++;
      return Promise.resolve({ session: new Session(this.folder), settings: new Map(), database: 'default' });
    }
    return new Promise(resolve => this.waiting[role].push(resolve));
  }

  /** After an error a connection may hold unknown settings or the remains of a cancelled query: it is closed and replaced by a fresh one. */
  private giveBack(role: Role, connection: Connection, healthy: boolean): void {
    if (!healthy) connection.session.close();
    const good = healthy ? connection : { session: new Session(this.folder), settings: new Map(), database: 'default' };
    const next = this.waiting[role].shift();
    if (next !== undefined) next(good);
    else this.idle[role].push(good);
  }
}

const bring = async (connection: Connection, database: string, wanted: Settings): Promise<void> => {
  const { session, settings } = connection;
  if (connection.database !== database) {
    await session.queryAsync(`USE ${backquote(database)}`);
    connection.database = database;
  }
  const changes: string[] = [];
  for (const name of settings.keys()) if (!(name in wanted)) changes.push(`${name} = DEFAULT`);
  for (const [name, value] of Object.entries(wanted)) {
    if (!/^[a-z]\w{0,100}$/i.test(name)) throw new SqlFault(115, 'UNKNOWN_SETTING', `Unknown setting ${JSON.stringify(name)}.`);
    if (settings.get(name) !== value) changes.push(`${name} = ${quote(value)}`);
  }
  if (changes.length === 0) return;
  await session.queryAsync(`SET ${changes.join(', ')}`);
  settings.clear();
  for (const [name, value] of Object.entries(wanted)) settings.set(name, value);
};

export const backquote = (name: string): string => `\`${name.replace(/[\\`]/g, '\\$&')}\``;
