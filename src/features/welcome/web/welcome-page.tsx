/** The welcome form: what it asks, where it is, how it looks, what people answered. */
import { Button, SegmentedControl, Select, Stack, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import { IconPower } from '@tabler/icons-react';
import { useState } from 'react';
import {
  type AnswerOf,
  api,
  BarList,
  Cards,
  CopyField,
  EmptyState,
  Form,
  faultAt,
  KeyFigure,
  Loaded,
  NumberText,
  notifyDone,
  notifyError,
  notifyUndo,
  PageHeader,
  Panel,
  Rows,
  Split,
  StatusBadge,
  useLive,
  useMay,
  useMutationOf,
  useQueryOf,
  useRefresh,
  useTexts,
} from '../../../ui/index.ts';
import { CustomersNav } from '../../customers/web/index.tsx';
import classes from './welcome.module.css';

type WelcomeForm = AnswerOf<'GET /api/welcome-form'>;
type Second = NonNullable<WelcomeForm['second_question']>;
const seconds: readonly Second[] = ['birthday', 'category_interest', 'heard_from', 'preferred_channel'];

const WelcomePage = () => {
  const t = useTexts();
  const refresh = useRefresh();
  const form = useQueryOf('GET /api/welcome-form', {}, { keep: true });
  useLive('welcome', () => void refresh('/api/welcome-form'));
  return (
    <>
      <PageHeader
        title={t('welcome.title')}
        description={t('welcome.about')}
        badge={
          form.data && (
            <StatusBadge tone={form.data.active ? 'good' : 'quiet'}>
              {t(form.data.active ? 'welcome.on' : 'welcome.off')}
            </StatusBadge>
          )
        }
        actions={form.data && <OnOff form={form.data} />}
      />
      <CustomersNav />
      <Loaded query={form}>
        {data => (
          <Split
            aside={
              <>
                <Where form={data} />
                <Preview form={data} />
              </>
            }
          >
            <Results />
            <SetUp key={data.version} form={data} />
          </Split>
        )}
      </Loaded>
    </>
  );
};

const OnOff = ({ form }: { form: WelcomeForm }) => {
  const t = useTexts();
  const refresh = useRefresh();
  const mayWrite = useMay('welcome:write');
  const set = async (version: number, active: boolean): Promise<void> => {
    const after = await api('PATCH /api/welcome-form', { body: { version, active } });
    await refresh('/api/welcome-form');
    notifyUndo(t(active ? 'welcome.switched_on' : 'welcome.switched_off'), async () => {
      await api('PATCH /api/welcome-form', { body: { version: after.version, active: !active } });
      await refresh('/api/welcome-form');
    });
  };
  if (!mayWrite) return null;
  return (
    <Button
      variant={form.active ? 'default' : 'filled'}
      leftSection={<IconPower size={16} />}
      onClick={() => void set(form.version, !form.active).catch(error => notifyError(error))}
    >
      {t(form.active ? 'welcome.switch_off' : 'welcome.switch_on')}
    </Button>
  );
};

const SetUp = ({ form }: { form: WelcomeForm }) => {
  const t = useTexts();
  const mayWrite = useMay('welcome:write');
  const [draft, setDraft] = useState(form);
  const save = useMutationOf('PATCH /api/welcome-form', {
    invalidates: ['/api/welcome-form'],
    onSuccess: () => notifyDone(t('welcome.saved')),
  });
  const sentenceIn = (language: string) => (language === 'en' ? t('welcome.page.why', { shop: '…' }) : '');
  return (
    <Panel title={t('welcome.asks')}>
      <Form
        submit={t('welcome.save')}
        busy={save.isPending}
        disabled={!mayWrite}
        error={save.error}
        shown={['sites', 'why']}
        onSubmit={() =>
          save.mutate({
            body: {
              version: form.version,
              second_question: draft.second_question,
              why: draft.why,
              open_to_all: draft.open_to_all,
              sites: draft.sites,
            },
          })
        }
      >
        <TextInput
          label={t('welcome.first')}
          description={t('welcome.first_about')}
          value={t('welcome.question.main_concern')}
          readOnly
        />
        <Select
          label={t('welcome.second')}
          description={t('welcome.second_about')}
          disabled={!mayWrite}
          allowDeselect={false}
          data={[
            { value: '', label: t('welcome.second.none') },
            ...seconds.map(value => ({ value: value as string, label: t(`welcome.second.${value}`) })),
          ]}
          value={draft.second_question ?? ''}
          onChange={value => setDraft({ ...draft, second_question: (value || null) as Second | null })}
        />
        {draft.second_question === 'category_interest' && form.categories.length === 0 && (
          <p className={classes.quiet}>{t('welcome.no_categories')}</p>
        )}
        {form.languages.map(language => (
          <Textarea
            key={language}
            label={t('welcome.why', { language: t(`welcome.language.${language}`) })}
            description={sentenceIn(language) ? t('welcome.why_about', { sentence: sentenceIn(language) }) : undefined}
            lang={language}
            autosize
            minRows={2}
            maxLength={400}
            readOnly={!mayWrite}
            value={draft.why[language] ?? ''}
            onChange={event => setDraft({ ...draft, why: { ...draft.why, [language]: event.currentTarget.value } })}
          />
        ))}
        <Switch
          label={t('welcome.open')}
          description={t('welcome.open_about')}
          disabled={!mayWrite}
          checked={draft.open_to_all}
          onChange={event => setDraft({ ...draft, open_to_all: event.currentTarget.checked })}
        />
        <TagsInput
          label={t('welcome.sites')}
          description={t('welcome.sites_about')}
          readOnly={!mayWrite}
          acceptValueOnBlur
          maxTags={20}
          value={draft.sites}
          error={faultAt(save.error, 'sites')}
          onChange={sites => setDraft({ ...draft, sites })}
        />
      </Form>
    </Panel>
  );
};

const Where = ({ form }: { form: WelcomeForm }) => {
  const t = useTexts();
  return (
    <Panel title={t('welcome.where')}>
      <Stack gap="sm">
        <CopyField label={t('welcome.address')} value={form.url} />
        {form.sites.length > 0 ? (
          <CopyField label={t('welcome.embed')} value={form.embed} />
        ) : (
          <p className={classes.quiet}>{t('welcome.embed_first')}</p>
        )}
        <p className={classes.quiet}>{t('welcome.links_about')}</p>
      </Stack>
    </Panel>
  );
};

const Preview = ({ form }: { form: WelcomeForm }) => {
  const t = useTexts();
  const [language, setLanguage] = useState(form.languages[0] ?? 'en');
  return (
    <Panel
      title={t('welcome.preview')}
      actions={
        <SegmentedControl
          size="xs"
          aria-label={t('welcome.preview')}
          value={language}
          onChange={setLanguage}
          data={form.languages.map(value => ({ value, label: t(`welcome.language.${value}`) }))}
        />
      }
      flush
    >
      <iframe
        key={`${form.version}${language}`}
        className={classes.preview}
        title={t('welcome.preview_in', { language: t(`welcome.language.${language}`) })}
        src={`/w/${form.id}?preview=1&embed=1&lang=${language}`}
      />
    </Panel>
  );
};

const Results = () => {
  const t = useTexts();
  const results = useQueryOf('GET /api/welcome-form/results', {}, { keep: true });
  return (
    <Panel title={t('welcome.results')}>
      <Loaded query={results}>
        {data =>
          data.answers === 0 ? (
            <EmptyState title={t('welcome.results.none')} picture="people" order={3}>
              {t('welcome.results.none_why')}
            </EmptyState>
          ) : (
            <Rows>
              <Cards min_px={150}>
                <KeyFigure
                  label={t('welcome.results.people')}
                  value={<NumberText value={data.people} />}
                  series={data.days.map(day => day.answers)}
                />
                <KeyFigure
                  label={t('welcome.results.links')}
                  value={<NumberText value={data.links_answered} />}
                  note={t('welcome.results.links_note', { made: data.links_made })}
                />
                <KeyFigure label={t('welcome.results.open')} value={<NumberText value={data.open} />} />
              </Cards>
              <section>
                <h3 className={classes.small}>{t('welcome.results.first')}</h3>
                <BarList
                  label={t('welcome.results.first')}
                  rows={data.concerns.map(({ code, people }) => {
                    const label = t(`welcome.main_concern.${code}`);
                    const definition = JSON.stringify({ all: [{ fact: 'attribute.main_concern', is: code }] });
                    const name = t('welcome.segment_name', { name: label });
                    return {
                      key: code,
                      label,
                      value: people,
                      text: <NumberText value={people} />,
                      to: `/segments/new?name=${encodeURIComponent(name)}&definition=${encodeURIComponent(definition)}`,
                    };
                  })}
                />
              </section>
              <Seconds second={data.second} />
            </Rows>
          )
        }
      </Loaded>
    </Panel>
  );
};

const Seconds = ({ second }: { second: AnswerOf<'GET /api/welcome-form/results'>['second'] }) => {
  const t = useTexts();
  return seconds
    .filter(question => second.some(one => one.question === question))
    .map(question => (
      <section key={question}>
        <h3 className={classes.small}>{t(`welcome.second.${question}`)}</h3>
        <BarList
          label={t(`welcome.second.${question}`)}
          rows={second
            .filter(one => one.question === question)
            .map(one => ({
              key: one.answer,
              label:
                question === 'birthday'
                  ? t('welcome.results.given')
                  : question === 'category_interest'
                    ? one.answer
                    : t(`welcome.${question}.${one.answer}`),
              value: one.people,
              text: <NumberText value={one.people} />,
            }))}
        />
      </section>
    ));
};

export default WelcomePage;
