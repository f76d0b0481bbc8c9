/** A fact's value as people read it. */
import { Badge, Group } from '@mantine/core';
import { MoneyText, Name, NumberText, PercentText, StatusBadge, TimeText, useSession, useTexts } from '../../../ui/index.ts';

export type FactType = 'number' | 'money' | 'percent' | 'days' | 'text' | 'choice' | 'boolean' | 'date' | 'set';
export type FactValue = number | string | boolean | string[];
type Described = { type: FactType; choice_labels?: string | null; unit?: string | null };

export const FactText = ({ fact, value }: { fact: Described; value: FactValue | null | undefined }) => {
  const t = useTexts();
  const currency = useSession()?.organisation?.home_currency ?? 'EUR';
  if (value === null || value === undefined) return <span className="dim">–</span>;
  if (fact.type === 'money') return <MoneyText money={{ amount_minor: Number(value), currency }} />;
  if (fact.type === 'percent') return <PercentText share={Number(value) / 100} digits={0} />;
  if (fact.type === 'days')
    return <bdi className="figure">{t('customers.days', { count: Math.round(Number(value) * 10) / 10 })}</bdi>;
  if (fact.type === 'date') return <TimeText value={String(value)} />;
  if (fact.type === 'boolean') return t(value === true ? 'customers.choice.yes' : 'customers.choice.no');
  if (fact.type === 'number') return <NumberText value={Number(value)} digits={1} />;
  if (fact.type === 'choice' && fact.choice_labels === 'consent.state.') return <ConsentState state={String(value)} />;
  if (fact.type === 'choice') return fact.choice_labels ? t(fact.choice_labels + String(value)) : String(value);
  if (Array.isArray(value)) return <Tags tags={value.map(one => (fact.choice_labels ? t(fact.choice_labels + one) : one))} />;
  return <Name>{String(value)}</Name>;
};

const tones = { subscribed: 'good', unsubscribed: 'quiet', suppressed: 'bad' } as const;
const ConsentState = ({ state }: { state: string }) => {
  const t = useTexts();
  return <StatusBadge tone={tones[state as keyof typeof tones] ?? 'quiet'}>{t(`consent.state.${state}`)}</StatusBadge>;
};

export const Tags = ({ tags }: { tags: readonly string[] }) => (
  <Group gap={4}>
    {tags.map(tag => (
      <Badge key={tag} variant="default" size="sm" tt="none" fw={500}>
        <bdi>{tag}</bdi>
      </Badge>
    ))}
  </Group>
);
