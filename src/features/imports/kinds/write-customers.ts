/** Writes one portion of rows about people, and counts them beforehand. */
import type { Context } from '../../../platform/context.ts';
import { recordConsents, recordSuppressions, undoImportedConsents } from '../../consent/index.ts';
import { recordAddresses, tagCustomers } from '../../customers/index.ts';
import { bringCustomers, type Person, takeBackCustomers } from '../bring-customers.ts';
import type { Numbered, Previewer, Run, Written } from '../kind.ts';
import { openCustomerPreview } from '../preview-customers.ts';
import type { CustomerRecord } from './read-customers.ts';

const personOf = (record: CustomerRecord, run: Run): Person => ({
  shopCustomerId: record.shopCustomerId,
  email: record.email,
  phone: record.phone,
  traits: record.traits,
  first: record.since ?? run.at,
  last: run.at,
});

export const writeCustomers = async (context: Context, run: Run, rows: readonly Numbered<CustomerRecord>[]): Promise<Written> => {
  const { origins, fresh, created, known } = await bringCustomers(
    context,
    run,
    rows.map(one => personOf(one.record, run)),
  );
  const result: Written = {
    added: created,
    merged: [],
    skipped: [],
    noted: [],
    made: { customers: created, customers_known: known },
  };
  const met = new Set<number>();
  const present: { row: number; record: CustomerRecord; originId: number }[] = [];
  rows.forEach(({ row, record }, index) => {
    const originId = origins[index];
    if (originId === null) {
      result.skipped.push({ row, reason: { code: 'nobody_usable', field: 'email' } });
      return;
    }
    if (!fresh.has(originId) || met.has(originId)) result.merged.push({ row, reason: { code: 'same_person' } });
    met.add(originId);
    present.push({ row, record, originId });
  });
  const by = { source: `import:${run.importId}`, importId: run.importId, historical: true };
  const tags = present.flatMap(({ record, originId }) => record.tags.map(tag => ({ originId, tag })));
  await tagCustomers(context, tags, { importId: run.importId, historical: true });
  result.made.tags = tags.length;
  result.made.addresses = await recordAddresses(
    context,
    present.flatMap(({ record, originId }) => (record.address ? [addressOf(record, originId, run)] : [])),
    by,
  );
  await keepAnswers(context, run, present, result);
  return result;
};

const addressOf = (record: CustomerRecord, originId: number, run: Run) => {
  const { recipient, line1, line2, postalCode, city, region } = record.address!;
  const said = (text: string) => (text === '' ? null : text);
  return {
    originId,
    kind: 'other' as const,
    recipient: said(recipient),
    line1,
    line2: said(line2),
    postalCode: said(postalCode),
    city: said(city),
    region: said(region),
    country: (record.traits.country as string | undefined) ?? null,
    phone: null,
    at: run.at,
  };
};

/** Consents and suppressions; a list never brings back somebody who has unsubscribed, and the report says so. */
const keepAnswers = async (
  context: Context,
  run: Run,
  present: readonly { row: number; record: CustomerRecord; originId: number }[],
  result: Written,
): Promise<void> => {
  const by = { source: `import:${run.importId}`, importId: run.importId, historical: true };
  const consents = present.flatMap(({ row, record, originId }) =>
    record.consents.map(({ channel, state, at, reason }) => ({
      row,
      input: { originId, channel, state, at: at ?? run.at, reason: reason ?? null },
    })),
  );
  const decisions = await recordConsents(
    context,
    consents.map(one => one.input),
    { speaker: 'import', ...by },
  );
  result.made.consents = decisions.filter(decision => decision === 'record').length;
  decisions.forEach((decision, index) => {
    if (decision === 'kept_unsubscribed')
      result.noted.push({
        row: consents[index].row,
        reason: { code: 'kept_unsubscribed', field: `${consents[index].input.channel}_consent` },
      });
  });
  result.made.suppressions = await recordSuppressions(
    context,
    present.flatMap(({ record, originId }) =>
      record.suppressions.map(one => ({
        originId,
        channel: one.channel,
        class: one.class,
        reason: one.reason,
        at: one.at ?? run.at,
      })),
    ),
    by,
  );
};

export const undoCustomers = async (context: Context, importId: string): Promise<Record<string, number>> => ({
  consents: await undoImportedConsents(context, importId),
  customers: await takeBackCustomers(context, importId),
});

export const previewCustomers = async (_context: Context, run: Run): Promise<Previewer<CustomerRecord>> => {
  const people = openCustomerPreview(run.shopId);
  const counts = { consents_yes: 0, consents_no: 0, suppressions: 0, tags: 0, addresses: 0 };
  let rowsSeen = 0;
  return {
    add: async (context, rows) => {
      for (const { record } of rows) {
        rowsSeen++;
        counts.tags += record.tags.length;
        counts.suppressions += record.suppressions.length;
        if (record.address) counts.addresses++;
        for (const { state } of record.consents) counts[state === 'subscribed' ? 'consents_yes' : 'consents_no']++;
      }
      await people.add(
        context,
        rows.map(one => one.record),
      );
      return { counts: {}, merged: [], skipped: [], noted: [] };
    },
    end: async () => {
      const found = people.counts();
      const again = rowsSeen - found.customers - found.customers_known;
      return {
        counts: { ...found, ...counts },
        currencies: {},
        from: null,
        until: null,
        warnings: again > 0 ? [{ code: 'people_again', values: { count: again } }] : [],
      };
    },
  };
};
