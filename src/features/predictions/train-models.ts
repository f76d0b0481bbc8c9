/** Fits all models of the shop as of one day and scores everybody with them. */
import type { Context } from '../../platform/context.ts';
import { endOfDay } from '../../platform/time.ts';
import { touchCustomers } from '../customers/index.ts';
import { organisationOf } from '../shops/index.ts';
import { type Fit, type FitInput, fitModels, fitModelsInThread } from './fit.ts';
import { type History, purchaseDaysUntil } from './history.ts';
import {
  countShoppers,
  dayNumber,
  finishRun,
  insertRun,
  newestRun,
  type Run,
  type RunReport,
  readHistories,
  refreshStatistics,
  shopperPage,
  writeScores,
} from './postgres.ts';
import { scoreOf } from './score.ts';
import { spendOf } from './track-record.ts';

/** Lapse is "buys nothing in the next 90 days". */
export const HORIZON_DAYS = 90;

/** The lapse score learns from this many people; more change nothing that a merchant could see. */
const MOST_SAMPLED = 20_000;
/** Below this a fit takes less time than starting a thread for it. */
const FITS_INLINE = 1_500;
/** People read and scored at a time: memory stays the same however many there are. */
const PAGE = 4_000;

export type TrainInput = {
  asOf: string;
  purpose: Run['purpose'];
  historical: boolean;
  /** How many people the lapse score learns from; smaller in tests. */
  mostSampled?: number;
};
export type Report = (done: number, total: number) => Promise<void>;

/**
 * Two walks over the people, in pages: one to learn, one to score. In a shop of up to 20,000 the first walk keeps everybody, and the second
 * reads nothing again. Returns the run's id.
 */
export const trainModels = async (
  context: Context,
  input: TrainInput,
  report: Report = async () => {},
): Promise<{ runId: string; people: number }> => {
  const started = Date.now();
  const startedAt = context.clock.now();
  const { zone } = await organisationOf(context);
  const end = endOfDay(zone, input.asOf);
  const asOfDay = dayNumber(input.asOf);
  await refreshStatistics(context);
  const shoppers = await countShoppers(context);
  const learnt = await learn(context, { end, asOfDay, shoppers, mostSampled: input.mostSampled ?? MOST_SAMPLED }, done =>
    report(done, 2 * shoppers),
  );
  const fit = await fitted({ sample: learnt.sample, asOfDay, horizonDays: HORIZON_DAYS, ...learnt.sums.taken() });
  const runId = await insertRun(context, {
    asOf: input.asOf,
    purpose: input.purpose,
    people: learnt.sums.people,
    sampled: learnt.sample.length,
    models: fit.models,
    report: reportOf(fit),
    startedAt,
  });
  const comparedWith = (await newestRun(context, null))?.as_of ?? input.asOf;
  const pages = learnt.everybody ? inPages(learnt.sample) : walk(context, end);
  let done = 0;
  for await (const histories of pages) {
    const scores = histories.map(history => scoreOf(fit.models, history, asOfDay)).filter(score => score !== null);
    const moved = await writeScores(context, { scores, asOf: input.asOf, runId, comparedWith });
    if (input.purpose === 'default') await touchCustomers(context, moved, ['scores'], { historical: input.historical });
    done += histories.length;
    await report(shoppers + done, 2 * shoppers);
  }
  const gone = await finishRun(context, { id: runId, asOf: input.asOf, purpose: input.purpose, tookMs: Date.now() - started });
  if (input.purpose === 'default') {
    await touchCustomers(context, gone, ['scores'], { historical: true });
    await context.announce('predictions.trained', { run_id: runId, as_of: input.asOf });
    await context.live.publish('scores', { as_of: input.asOf });
  }
  return { runId, people: learnt.sums.people };
};

const fitted = (input: FitInput): Promise<Fit> | Fit =>
  input.sample.length < FITS_INLINE ? fitModels(input) : fitModelsInThread(input);

const reportOf = ({ lapse, rhythm }: Fit): RunReport => ({
  lapse: { verdict: lapse.verdict, people: lapse.people, record: lapse.record },
  rhythm: { verdict: rhythm.verdict, people: rhythm.people, record: rhythm.record },
});

type Learnt = { sums: Sums; sample: History[]; everybody: boolean };

const learn = async (
  context: Context,
  { end, asOfDay, shoppers, mostSampled }: { end: Date; asOfDay: number; shoppers: number; mostSampled: number },
  report: (done: number) => Promise<void>,
): Promise<Learnt> => {
  const sums = new Sums();
  const sample: History[] = [];
  const everybody = shoppers <= mostSampled;
  const share = mostSampled / Math.max(1, shoppers);
  let seen = 0;
  for await (const ids of pagesOfShoppers(context)) {
    const histories = await readHistories(context, ids, end, { products: everybody });
    for (const history of histories) sums.add(history, asOfDay);
    if (everybody) sample.push(...histories);
    else
      sample.push(
        ...(await readHistories(
          context,
          ids.filter(id => spread(id) < share),
          end,
        )),
      );
    seen += ids.length;
    await report(seen);
  }
  return { sums, sample, everybody };
};

async function* pagesOfShoppers(context: Context): AsyncGenerator<number[]> {
  for (let after = 0; ; ) {
    const ids = await shopperPage(context, after, PAGE);
    if (ids.length === 0) return;
    yield ids;
    after = ids.at(-1)!;
  }
}

/** Everybody with a purchase before `end`, a page at a time. */
async function* walk(context: Context, end: Date): AsyncGenerator<History[]> {
  for await (const ids of pagesOfShoppers(context)) yield readHistories(context, ids, end);
}

function* inPages(histories: readonly History[]): Generator<readonly History[]> {
  for (let at = 0; at < histories.length; at += PAGE) yield histories.slice(at, at + PAGE);
}

/** A number in [0, 1) that belongs to an id: the same people are sampled every time (Knuth's multiplicative hash). */
const spread = (id: number): number => (Math.imul(id, 2654435761) >>> 0) / 4294967296;

/** What the purchase and spend models need of everybody: five numbers a person, in arrays that grow by doubling. */
class Sums {
  people = 0;
  private repeats = new Int32Array(1024);
  private lastDays = new Int32Array(1024);
  private ageDays = new Int32Array(1024);
  private mean = new Float64Array(1024);

  add(history: History, asOfDay: number): void {
    const known = purchaseDaysUntil(history, asOfDay);
    if (known === 0) return;
    if (this.people === this.repeats.length) this.grow();
    const first = history.purchases[0]!.day;
    this.repeats[this.people] = known - 1;
    this.lastDays[this.people] = history.purchases[known - 1]!.day - first;
    this.ageDays[this.people] = asOfDay - first;
    this.mean[this.people] = spendOf(history, known, asOfDay);
    this.people++;
  }

  taken(): Pick<FitInput, 'summaries' | 'spend'> {
    const n = this.people;
    const summaries = {
      repeats: this.repeats.slice(0, n),
      lastDays: this.lastDays.slice(0, n),
      ageDays: this.ageDays.slice(0, n),
    };
    return { summaries, spend: { purchases: summaries.repeats.map(repeats => repeats + 1), mean: this.mean.slice(0, n) } };
  }

  private grow(): void {
    const larger = <T extends Int32Array | Float64Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    const size = this.repeats.length * 2;
    this.repeats = larger(this.repeats, new Int32Array(size));
    this.lastDays = larger(this.lastDays, new Int32Array(size));
    this.ageDays = larger(this.ageDays, new Int32Array(size));
    this.mean = larger(this.mean, new Float64Array(size));
  }
}
