/** Keeps the outside system's list of webhooks in place: when a connection is made, and daily. Without a public address it polls only. */
import type { Context } from '../../platform/context.ts';
import type { Job } from '../../platform/feature.ts';
import type { Connection } from './connection.ts';
import { connectorOf } from './connectors.ts';
import { accessOf } from './credentials.ts';
import { noteFailure, troubleOf } from './health.ts';
import { connectionsOf, findConnection } from './postgres.ts';

export const healJob = 'connections.heal-webhooks';

/** Null: nobody outside could knock. */
export const webhookAddress = ({ config }: Pick<Context, 'config'>, connectionId: string): string | null => {
  const { publicUrl } = config;
  if (publicUrl === null) return null;
  const { protocol, host } = new URL(publicUrl);
  return protocol === 'https:' || config.privateHosts.includes(host) ? `${publicUrl}/webhooks/${connectionId}` : null;
};

const healOne = async (context: Context, connection: Connection): Promise<void> => {
  const address = webhookAddress(context, connection.id);
  const heal = connectorOf(connection.kind).webhooks?.heal;
  if (!address || !heal) return;
  try {
    const { inPlace } = await heal(await accessOf(context, connection), address);
    await context.postgres`
      update connections.connection set webhooks_checked_at = ${context.clock.now()}, webhooks_note = ${String(inPlace)} where id = ${connection.id}`;
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    await noteFailure(context, connection.id, trouble);
  }
};

export const healWebhooks: Job = {
  name: healJob,
  schedule: '20 5 * * *',
  run: async (context, payload) => {
    const one = typeof payload.connection_id === 'string' ? await findConnection(context, payload.connection_id) : null;
    const wanted = one ? [one] : (await connectionsOf(context)).filter(connection => connection.state !== 'paused');
    for (const connection of wanted) await healOne(context, connection);
  },
};

/** At the end of a connection; what cannot be taken away there is refused here anyway. */
export const unregister = async (context: Context, connection: Connection): Promise<void> => {
  const address = webhookAddress(context, connection.id);
  const remove = connectorOf(connection.kind).webhooks?.remove;
  if (!address || !remove) return;
  try {
    await remove(await accessOf(context, connection), address);
  } catch (error) {
    context.log.warn({ connection: connection.id, err: error }, 'the webhooks of an ended connection could not be taken away');
  }
};
