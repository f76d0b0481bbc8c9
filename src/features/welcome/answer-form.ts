/** From what somebody sent to what we know: attributes, one event, one row for the figures. No consent follows from it. */
import { randomUUID } from 'node:crypto';
import type { Context } from '../../platform/context.ts';
import { inTransaction } from '../../platform/postgres.ts';
import { normaliseEmail, recordAttributes, resolveCustomers } from '../customers/index.ts';
import { appendEvents } from '../tracking/index.ts';
import type { Form } from './form.ts';
import type { OwnLink } from './links.ts';
import type { SecondQuestion } from './questions.ts';

/** What this person need not be asked: said by themselves, by staff or by a trusted system. */
export const knownOf = async (context: Context, customerId: number): Promise<Set<string>> => {
  const rows = await context.postgres`
    select distinct code from customers.attribute
    where customer_id = ${customerId} and code in ('main_concern', 'birthday', 'category_interest', 'heard_from', 'preferred_channel')
      and trust <> 'browser' and value <> 'null'::jsonb`;
  return new Set(rows.map(row => row.code as string));
};

export type Sent = { form: Form; link: OwnLink | null; email: string; answers: Record<string, string>; language: string };

/** `bad_email`: nothing was kept. Otherwise kept, or belonging to nobody (a shared or erased address), which the sender is not told. */
export const answerForm = (context: Context, sent: Sent): Promise<'kept' | 'bad_email'> =>
  inTransaction(context, async inside => {
    const at = inside.clock.now();
    const email = sent.link ? null : normaliseEmail(sent.email);
    if (!sent.link && email === null) return 'bad_email';
    const [originId] = sent.link
      ? [sent.link.originId]
      : await resolveCustomers(
          inside,
          [{ identifiers: [{ kind: 'email', source: '', value: email as string }], trust: 'browser', at }],
          { source: 'welcome-form' },
        );
    if (originId === null || Object.keys(sent.answers).length === 0) return 'kept';
    await recordAttributes(inside, [{ originId, traits: sent.answers, trust: sent.link ? 'person' : 'browser', at }], {
      source: 'customer',
      importId: null,
      historical: false,
    });
    const second = sent.form.secondQuestion as SecondQuestion | null;
    const { main_concern = null } = sent.answers;
    const second_answer = second === null ? null : (sent.answers[second] ?? null);
    await inside.postgres`
      insert into welcome.answer (origin_id, customer_id, at, via, language, main_concern, second_question, second_answer)
      values (${originId}, customers.owner_of(${originId}), ${at}, ${sent.link ? 'link' : 'open'}, ${sent.language}, ${main_concern},
        ${second_answer === null ? null : second}, ${second === 'birthday' && second_answer !== null ? 'given' : second_answer})`;
    if (sent.link) await inside.postgres`update welcome.link set answered_at = ${at} where digest = ${sent.link.digest}`;
    await appendEvents(inside, [
      {
        id: randomUUID(),
        customerId: originId,
        name: 'Welcome Form Answered',
        time: at,
        shopId: null,
        source: 'welcome',
        historical: false,
        properties: {
          ...(main_concern && { main_concern }),
          ...(second_answer && second !== 'birthday' && { [second as string]: second_answer }),
          via: sent.link ? 'link' : 'open',
          language: sent.language,
        },
      },
    ]);
    await inside.live.publish('welcome', {});
    return 'kept';
  });
